//go:build race

package tree

// megabyte is less for the race detector, which is slow.
const megabyte = 1 << 17
