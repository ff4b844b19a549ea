package graph

import (
	"testing"

	"pgregory.net/rapid"
)

// Two nodes share a room if and only if each leads to the other, and a node on no
// cycle is gone. That only bounds the work of Cycle, so its result cannot show it.
func TestComponentsProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "nodes")
		var l links
		for range n {
			l.grow()
		}
		node := rapid.Int32Range(0, int32(n-1))
		for e := range rapid.IntRange(0, 2*n).Draw(t, "edges") {
			l.connect(node.Draw(t, "from"), node.Draw(t, "to"), int32(e))
		}
		w := newWalk(&l)
		rooms := newTarjan(&l, w.room)
		rooms.components()
		checkRooms(t, &l, w.room, nil)
		taken := rapid.SliceOfN(node, 1, 3).Draw(t, "taken out")
		for _, i := range taken {
			w.room[i] = gone
		}
		rooms.components()
		checkRooms(t, &l, w.room, taken)
	})
}

func checkRooms(t *rapid.T, l *links, room, without []int32) {
	t.Helper()
	leads := leads(l, without)
	for i := range room {
		if (room[i] == gone) == leads[i][i] {
			t.Errorf("node %d: room %d, on a cycle: %v", i, room[i], leads[i][i])
		}
		for j := range room {
			if both := leads[i][j] && leads[j][i]; i != j && both != (room[i] == room[j] && room[i] != gone) {
				t.Errorf("nodes %d and %d: rooms %d and %d, but on one cycle: %v", i, j, room[i], room[j], both)
			}
		}
	}
}

// leads tells who leads where by one edge or more, by the simplest means.
func leads(l *links, without []int32) [][]bool {
	out := make([][]bool, l.len())
	removed := make([]bool, l.len())
	for _, i := range without {
		removed[i] = true
	}
	for i, edges := range l.from {
		out[i] = make([]bool, l.len())
		for _, e := range edges {
			out[i][e.node] = !removed[i] && !removed[e.node]
		}
	}
	for k := range out {
		for i := range out {
			for j := range out {
				out[i][j] = out[i][j] || out[i][k] && out[k][j]
			}
		}
	}
	return out
}

// A search must not leave its room, or it could take as long as the graph is large.
func TestWalkStaysInRoom(t *testing.T) {
	var l links
	for range 3 {
		l.grow()
	}
	l.connect(0, 1, 0)
	l.connect(1, 2, 1)
	w := newWalk(&l)
	if got := w.path(0, 2, 3); len(got) != 2 {
		t.Errorf("in one room: path %v, want edges 0 and 1", got)
	}
	w.room[1] = gone
	if got := w.path(0, 2, 3); got != nil {
		t.Errorf("by way of another room: path %v, want none", got)
	}
}
