package engine

import (
	"math/bits"

	"bole/tree"
)

// A worklist holds the services that are to be settled, each once, and gives
// the least first: what a service depends on comes before the service itself.
type worklist struct {
	words []uint64
	first int // no bit is set in the words before it
}

func newWorklist(n int) worklist { return worklist{words: make([]uint64, (n+63)/64)} }

func (w *worklist) push(id tree.ID) {
	i := int(id) / 64
	w.words[i] |= 1 << (id % 64)
	w.first = min(w.first, i)
}

func (w *worklist) pop() (tree.ID, bool) {
	for ; w.first < len(w.words); w.first++ {
		if word := w.words[w.first]; word != 0 {
			w.words[w.first] = word & (word - 1)
			return tree.ID(w.first*64 + bits.TrailingZeros64(word)), true
		}
	}
	return 0, false
}
