package control

import (
	"fmt"
	"net/http"
	"strings"
)

// A probes serves orchestrators: they can look, and do nothing.
type probes struct {
	Backend
	scrape scrape
}

// NewProbes returns the server of [tree] http. /livez says that bole answers, /readyz
// whether traffic may be sent, with ?verbose a line for each service, /metrics the rest.
func NewProbes(b Backend) *Server {
	p, mux := &probes{Backend: b}, http.NewServeMux()
	for path, answers := range map[string]http.HandlerFunc{"/livez": p.live, "/readyz": p.ready, "/metrics": p.metrics} {
		mux.HandleFunc("GET "+path, answers)
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", "GET, HEAD")
			text(w, http.StatusMethodNotAllowed, "nothing can be changed here")
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		text(w, http.StatusNotFound, "there are /livez, /readyz, /readyz?verbose and /metrics")
	})
	return newServer(b, mux)
}

func (p *probes) live(w http.ResponseWriter, r *http.Request) {
	if _, err := p.Status(); err != nil {
		text(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	text(w, http.StatusOK, "ok")
}

func (p *probes) ready(w http.ResponseWriter, r *http.Request) {
	s, err := p.Status()
	if err != nil {
		text(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	h, code := s.Health(), http.StatusOK
	if !h.Healthy {
		code = http.StatusServiceUnavailable
	}
	verbose, said := r.URL.Query()["verbose"]
	if !said || verbose[0] == "0" || verbose[0] == "false" {
		text(w, code, h.String())
		return
	}
	text(w, code, s.verbose()+h.String())
}

// verbose is a line for each service, as those of Kubernetes' own /readyz.
func (s *Status) verbose() string {
	var b strings.Builder
	for i := range s.Services {
		x, mark := &s.Services[i], "[-]"
		switch {
		case !x.Wanted:
			mark = "[ ]"
		case x.Good():
			mark = "[+]"
		}
		fmt.Fprintf(&b, "%s%s\n", mark, x.Said())
	}
	return b.String()
}

func text(w http.ResponseWriter, code int, line string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	fmt.Fprintln(w, line)
}
