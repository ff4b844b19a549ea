// Package control is how a running tree is asked, and told, from outside: HTTP and JSON
// on a unix socket, for bole's own verbs and for curl; and a port for orchestrators, where
// health and metrics can be read, and nothing else.
//
//	bole status ──→ Client ──→ socket ──→ Server ──→ Backend: the supervisor
//	curl --unix-socket ──────────┘            │
//	kubelet, Prometheus ──→ port ─────────────┘
//
// The package knows nothing of engines and processes. What it serves is a Backend, what
// goes over the wire are the types in wire.go and wireaction.go, which server, client and docs share.
//
// A server must never cost the tree more than it is worth: the number of connections, the
// size and the time of a request are bounded, and whoever does nothing with a connection
// loses it first.
package control
