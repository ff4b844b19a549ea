package control

import (
	"bytes"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"time"
)

// The text format of Prometheus (version 0.0.4) is written here: its own Go library would
// make the program 2.9 MB larger, and each of its starts some milliseconds slower.

// A family is a metric of services; ok is false for those that have none.
type family struct {
	name, kind, help string
	of               func(x *Service, u *Usage, now time.Time) (value float64, ok bool)
}

var families = []family{
	{"bole_service_wanted", "gauge", "Whether the service should be up.", func(x *Service, _ *Usage, _ time.Time) (float64, bool) { return truth(x.Wanted), true }},
	{"bole_service_ready", "gauge", "Whether the service can be relied on: ready, or done.", func(x *Service, _ *Usage, _ time.Time) (float64, bool) { return truth(x.Ready), true }},
	{"bole_service_healthy", "gauge", "Whether the service passes its health check.", func(x *Service, _ *Usage, _ time.Time) (float64, bool) {
		return truth(x.Healthy != nil && *x.Healthy), x.Healthy != nil
	}},
	{"bole_service_restarts_total", "counter", "Automatic restarts.", func(x *Service, _ *Usage, _ time.Time) (float64, bool) { return float64(x.Restarts), true }},
	{"bole_service_start_duration_seconds", "gauge", "How long the last start took until the service was ready, or done.", func(x *Service, _ *Usage, _ time.Time) (float64, bool) {
		return number(x.StartSeconds)
	}},
	{"bole_service_ready_seconds", "gauge", "Time since the service became ready.", func(x *Service, _ *Usage, now time.Time) (float64, bool) {
		if x.ReadySince == nil {
			return 0, false
		}
		return now.Sub(*x.ReadySince).Seconds(), true
	}},
	{"bole_service_last_exit_code", "gauge", "How the last process ended, as a shell gives it: 128 and the signal's number for a signal.", func(x *Service, _ *Usage, _ time.Time) (float64, bool) {
		if x.Exit == nil {
			return 0, false
		}
		return float64(x.Exit.Status), true
	}},
	{"bole_service_processes", "gauge", "Live processes of the service.", func(_ *Service, u *Usage, _ time.Time) (float64, bool) {
		return float64(u.Processes), u.Processes > 0
	}},
	{"bole_service_memory_resident_bytes", "gauge", "Memory of all its processes; what they share counts for each.", func(_ *Service, u *Usage, _ time.Time) (float64, bool) {
		return float64(u.Resident), u.Processes > 0
	}},
	{"bole_service_cpu_seconds_total", "counter", "Processor time of its processes.", func(_ *Service, u *Usage, _ time.Time) (float64, bool) {
		return u.CPUSeconds, u.Processes > 0
	}},
	{"bole_service_log_bytes_total", "counter", "Bytes that the service has written.", func(x *Service, _ *Usage, _ time.Time) (float64, bool) { return float64(x.LogBytes), true }},
}

// states are those of a service, in the order of its life.
var states = []string{"down", "waiting", "blocked", "starting", "ready", "done", "stopping", "backoff", "failed"}

var treeStates = []string{"down", "starting", "ready", "degraded", "stopping"}

// scrapeFresh is how old an answer may be: who asks more often gets the same one, and so
// do all who ask at the same time, however slowly they read it.
const scrapeFresh = 100 * time.Millisecond

// A scrape is the last answer.
type scrape struct {
	mu   sync.Mutex
	at   time.Time
	text []byte
}

func (p *probes) metrics(w http.ResponseWriter, r *http.Request) {
	all, err := p.expose()
	if err != nil {
		text(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Write(all)
}

func (p *probes) expose() ([]byte, error) {
	p.scrape.mu.Lock()
	defer p.scrape.mu.Unlock()
	s, err := p.Status()
	if err != nil {
		return nil, err
	}
	if now := time.Now(); now.Sub(p.scrape.at) > scrapeFresh {
		e := &exposition{}
		e.tree(s, p.Own())
		e.services(s, p.Usage(), now)
		p.scrape.at, p.scrape.text = now, e.Bytes()
	}
	return p.scrape.text, nil
}

// An exposition is the text that is made.
type exposition struct{ bytes.Buffer }

func (e *exposition) begin(name, kind, help string) {
	fmt.Fprintf(e, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

func (e *exposition) one(name, kind, help string, value float64) {
	e.begin(name, kind, help)
	fmt.Fprintf(e, "%s %v\n", name, value)
}

func (e *exposition) tree(s *Status, own Usage) {
	e.begin("bole_build_info", "gauge", "What bole was built from.")
	fmt.Fprintf(e, "bole_build_info{version=%q,goversion=%q} 1\n", s.Tree.Version, runtime.Version())
	e.begin("bole_tree_state", "gauge", "1 for the state that the tree is in.")
	for _, state := range treeStates {
		fmt.Fprintf(e, "bole_tree_state{state=%q} %v\n", state, truth(s.Tree.State == state))
	}
	e.one("bole_start_time_seconds", "gauge", "When bole was started, in seconds since 1970.", float64(s.Tree.Since.UnixMilli())/1000)
	e.one("bole_memory_resident_bytes", "gauge", "Memory of bole itself.", float64(own.Resident))
	e.one("bole_cpu_seconds_total", "counter", "Processor time of bole itself.", own.CPUSeconds)
	e.one("bole_goroutines", "gauge", "Goroutines of bole itself.", float64(runtime.NumGoroutine()))
}

func (e *exposition) services(s *Status, used map[string]Usage, now time.Time) {
	e.begin("bole_service_state", "gauge", "1 for the state that the service is in.")
	for i := range s.Services {
		for _, state := range states {
			fmt.Fprintf(e, "bole_service_state{service=%q,state=%q} %v\n", s.Services[i].Name, state, truth(s.Services[i].State == state))
		}
	}
	for _, f := range families {
		e.begin(f.name, f.kind, f.help)
		for i := range s.Services {
			x := &s.Services[i]
			u := used[x.Name]
			if value, ok := f.of(x, &u, now); ok {
				fmt.Fprintf(e, "%s{service=%q} %v\n", f.name, x.Name, value)
			}
		}
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func number(x *float64) (float64, bool) {
	if x == nil {
		return 0, false
	}
	return *x, true
}
