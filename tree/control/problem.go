package control

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// A Problem is why a request was not done (RFC 9457).
type Problem struct {
	Type       string `json:"type,omitempty"` // UnknownPath, Ending, NoService, or "": the status says all
	Title      string `json:"title"`
	Status     int    `json:"status"` // the HTTP status
	Detail     string `json:"detail"` // what is wrong, and what to do, for people
	DidYouMean string `json:"did_you_mean,omitempty"`
}

// UnknownPath is the type of a problem with a path that this bole does not know, though
// another version may. Ending is that of one with nothing but bole's end, NoService that of
// one with a name.
const (
	UnknownPath = "unknown-path"
	Ending      = "ending"
	NoService   = "no-service"
)

// Is reports that a bole that ends does not run.
func (p *Problem) Is(err error) bool { return p.Type == Ending && err == ErrNotRunning }

// Error is the detail.
func (p *Problem) Error() string {
	if p.DidYouMean != "" {
		return p.Detail + "; did you mean " + p.DidYouMean + "?"
	}
	return p.Detail
}

func problem(w http.ResponseWriter, p Problem) {
	p.Title = http.StatusText(p.Status)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p)
}

// answer goes out in one piece, which is quicker than in many.
func answer(w http.ResponseWriter, code int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // what is served has no field that cannot be told
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)+1))
	w.WriteHeader(code)
	w.Write(append(text, '\n'))
}
