package control

import (
	"fmt"
	"net/http"
)

// An api serves the socket.
type api struct{ Backend }

// NewAPI returns the server of the socket. open: whoever can connect may ask.
func NewAPI(b Backend, open bool) *Server {
	a, mux := &api{b}, http.NewServeMux()
	mux.HandleFunc("GET /v1/status", a.status)
	mux.HandleFunc("GET /v1/health", a.health)
	mux.HandleFunc("/", unknown(mux))
	return newServer(b, admit(open, mux))
}

// unknown tells a wrong path from a wrong method.
func unknown(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			other := r.Clone(r.Context())
			other.Method = method
			if _, pattern := mux.Handler(other); pattern != "/" {
				problem(w, Problem{Status: http.StatusMethodNotAllowed, Detail: fmt.Sprintf("%s is to be asked by %s, not %s", r.URL.Path, method, r.Method)})
				return
			}
		}
		problem(w, Problem{Status: http.StatusNotFound, Detail: fmt.Sprintf("there is no %s; /v1/status is the tree", r.URL.Path)})
	}
}

func (a *api) status(w http.ResponseWriter, r *http.Request) {
	if s, ok := now(a, w); ok {
		answer(w, s)
	}
}

// health answers 200 or, when no traffic may be sent, 503.
func (a *api) health(w http.ResponseWriter, r *http.Request) {
	s, ok := now(a, w)
	if !ok {
		return
	}
	h := s.Health()
	w.Header().Set("Content-Type", "application/json")
	if !h.Healthy {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	answer(w, h)
}

// now is the status, unless bole cannot give it.
func now(b Backend, w http.ResponseWriter) (*Status, bool) {
	s, err := b.Status()
	if err != nil {
		problem(w, Problem{Status: http.StatusServiceUnavailable, Detail: err.Error()})
		return nil, false
	}
	return s, true
}
