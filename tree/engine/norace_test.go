//go:build !race

package engine

// slow says that the race detector is on.
const slow = false
