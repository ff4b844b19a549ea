package graph

// links is the shape of a graph: nodes and edges are small numbers, given in the
// order in which they were added. All searches work on it, so that they exist once
// and not for each type of node.
type links struct {
	from [][]link // by node: the edges that begin there, and where they lead
	to   [][]link // by node: the edges that end there, and where they come from
}

// A link is an edge seen from one of its ends.
type link struct {
	edge int32
	node int32 // the other end
}

func (l *links) grow() {
	l.from, l.to = append(l.from, nil), append(l.to, nil)
}

func (l *links) connect(from, to, edge int32) {
	l.from[from] = append(l.from[from], link{edge, to})
	l.to[to] = append(l.to[to], link{edge, from})
}

func (l *links) len() int { return len(l.from) }
