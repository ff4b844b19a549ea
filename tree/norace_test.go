//go:build !race

package tree

const megabyte = 1 << 20
