//go:build race

package engine

// slow says that the race detector is on: everything takes ten times as long,
// and the engine, which has no goroutine, has no race to show.
const slow = true
