package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"
)

// An api serves the socket.
type api struct {
	Operator
	streams chan struct{} // a place for each that may be open
	reads   chan struct{} // a place for each that may read lines from memory
}

// streamsMost is how many streams and waits there are at once: fewer than connections, so
// that others are still answered.
const streamsMost = connectionsMost / 2

// versionHeader of each answer is the version of the bole that gives it.
const versionHeader = "Bole-Version"

// bodyTime is how long the few bytes of an action may take: who lets others wait for them
// has a connection that those need.
const bodyTime = time.Second

// readsMost is how many read all lines at once.
const readsMost = 2

// NewAPI returns the server of the socket. open: whoever can connect may ask.
func NewAPI(b Operator, version string, open bool) *Server {
	a, mux := &api{b, make(chan struct{}, streamsMost), make(chan struct{}, readsMost)}, http.NewServeMux()
	for pattern, resource := range map[string]func(*http.Request) (any, error){
		"GET /v1/status":                     func(*http.Request) (any, error) { return a.Status() },
		"GET /v1/timeline":                   func(*http.Request) (any, error) { return a.Timeline() },
		"GET /v1/services/{name}":            func(r *http.Request) (any, error) { return a.Detail(r.PathValue("name")) },
		"GET /v1/services/{name}/postmortem": a.postmortem,
		"GET /v1/services/{name}/conditions": a.conditions,
		"GET /v1/plan":                       a.plan,
	} {
		mux.HandleFunc(pattern, give(resource))
	}
	mux.HandleFunc("GET /v1/health", a.health)
	mux.HandleFunc("POST /v1/actions", a.act)
	mux.HandleFunc("GET /v1/operations/{id}", a.operation)
	mux.HandleFunc("GET /v1/events", a.events)
	mux.HandleFunc("GET /v1/logs", a.logs)
	mux.HandleFunc("/", unknown(mux))
	return newServer(b, signed(version, admit(open, mux)))
}

// signed says in each answer which version gives it.
func signed(version string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(versionHeader, version)
		h.ServeHTTP(w, r)
	})
}

// give answers with what a resource is.
func give(resource func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if v, err := resource(r); err != nil {
			refuse(w, err)
		} else {
			answer(w, http.StatusOK, v)
		}
	}
}

// unknown tells a wrong path from a wrong method.
func unknown(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			other := r.Clone(r.Context())
			other.Method = method
			if _, pattern := mux.Handler(other); pattern != "/" {
				w.Header().Set("Allow", method)
				problem(w, Problem{Status: http.StatusMethodNotAllowed, Detail: fmt.Sprintf("%s is to be asked by %s, not %s", r.URL.Path, method, r.Method)})
				return
			}
		}
		problem(w, Problem{Type: UnknownPath, Status: http.StatusNotFound, Detail: fmt.Sprintf("there is no %s; /v1/status is the tree", r.URL.Path)})
	}
}

// health answers 200 or, when no traffic may be sent, 503.
func (a *api) health(w http.ResponseWriter, r *http.Request) {
	s, err := a.Status()
	if err != nil {
		refuse(w, err)
		return
	}
	h, code := s.Health(), http.StatusOK
	if !h.Healthy {
		code = http.StatusServiceUnavailable
	}
	answer(w, code, h)
}

func (a *api) postmortem(r *http.Request) (any, error) {
	secrets := r.URL.Query().Has("secrets")
	if secrets && !own(r) {
		return nil, errSecrets
	}
	return a.Postmortem(r.PathValue("name"), secrets)
}

func (a *api) conditions(r *http.Request) (any, error) {
	if !own(r) {
		return nil, errConditions
	}
	return a.Conditions(r.PathValue("name"))
}

var (
	errSecrets    = &Problem{Status: http.StatusForbidden, Detail: "the environment's secrets are for root and the tree's own user"}
	errConditions = &Problem{Status: http.StatusForbidden, Detail: "the conditions of a service, with its secrets, are for root and the tree's own user"}
)

// own reports whether somebody asks who may do anything to the tree without being asked.
func own(r *http.Request) bool {
	p, ok := peer(r.Context())
	return ok && (p.UID == 0 || p.UID == os.Geteuid())
}

func (a *api) plan(r *http.Request) (any, error) {
	q := r.URL.Query()
	return a.Plan(Action{Verb: q.Get("action"), Services: q["service"], Dependents: q.Has("dependents")})
}

// act begins an action, and answers at once with the operation that it has become.
func (a *api) act(w http.ResponseWriter, r *http.Request) {
	var action Action
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime))
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&action)
	if err == nil && decoder.More() {
		err = errors.New("something follows it")
	}
	if err != nil {
		refuse(w, &Problem{Status: http.StatusBadRequest, Detail: fmt.Sprintf(`the body should be like {"action": "start", "services": ["app"]}: %s`, err)})
		return
	}
	by, _ := peer(r.Context())
	op, err := a.Do(action, by)
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Location", fmt.Sprint("/v1/operations/", op.ID))
	answer(w, http.StatusAccepted, op)
}

// operation answers at once, or with ?wait=30s as soon as it is over.
func (a *api) operation(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
	if err != nil {
		refuse(w, &Problem{Status: http.StatusNotFound, Detail: "an operation has a number"})
		return
	}
	wait, err := time.ParseDuration(orZero(r.URL.Query().Get("wait")))
	if err != nil {
		refuse(w, &Problem{Status: http.StatusBadRequest, Detail: "wait should be a time such as 30s"})
		return
	}
	a.patient(w, r, min(wait, waitMost), func(s *stream) {
		if op, err := a.Await(s.ctx, id); err != nil {
			refuse(w, err)
		} else {
			answer(w, http.StatusOK, op)
		}
	})
}

func orZero(s string) string {
	if s == "" {
		return "0s"
	}
	return s
}

// refuse answers with what is in the way.
func refuse(w http.ResponseWriter, err error) {
	p := &Problem{Status: http.StatusServiceUnavailable, Detail: err.Error()}
	errors.As(err, &p)
	problem(w, *p)
}
