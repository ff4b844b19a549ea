package control

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"time"
)

// waitMost is the longest that a request may wait for something, and writeMost how long a
// client may take to read a piece of a stream. A stream lasts as long as its client.
const (
	waitMost  = time.Hour
	writeMost = 10 * time.Second
	forEver   = math.MaxInt64
)

// briefly is a wait that takes nobody's place: who has begun something looks again and
// again how far it is.
const briefly = time.Second

// A stream is an answer that takes its time.
type stream struct {
	ctx  context.Context // ends with the client, and with the time that it may take
	w    http.ResponseWriter
	http *http.ResponseController
}

// patient lets a request wait, as far as there is a place for one more.
func (a *api) patient(w http.ResponseWriter, r *http.Request, wait time.Duration, f func(*stream)) {
	if wait > briefly {
		select {
		case a.streams <- struct{}{}:
			defer func() { <-a.streams }()
		default:
			refuse(w, &Problem{Status: http.StatusServiceUnavailable, Detail: "too many wait already; ask again later"})
			return
		}
	}
	s := &stream{w: w, http: http.NewResponseController(w)}
	var cancel context.CancelFunc
	s.ctx, cancel = context.WithTimeout(r.Context(), max(wait, 0))
	defer cancel()
	s.http.SetReadDeadline(time.Time{})
	s.http.SetWriteDeadline(time.Time{})
	f(s)
}

// send writes one line of JSON for each value. ok is false when nobody reads any more: a
// client that is slow is cut off, and nobody else waits for it.
func send[T any](s *stream, values []T) (ok bool) {
	s.http.SetWriteDeadline(time.Now().Add(writeMost))
	enc := json.NewEncoder(s.w)
	for i := range values {
		if enc.Encode(&values[i]) != nil {
			return false
		}
	}
	return s.http.Flush() == nil
}

// following is how long a stream may last.
func following(r *http.Request) time.Duration {
	if r.URL.Query().Has("follow") {
		return forEver
	}
	return 0
}

func (s *stream) begin() { s.w.Header().Set("Content-Type", "application/x-ndjson") }

// ended is a context in which nobody waits for anything.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// events are those after a number, and with ?follow all that come.
func (a *api) events(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	after, err := strconv.ParseUint(cmp.Or(q.Get("after"), "0"), 10, 63)
	if err != nil {
		refuse(w, &Problem{Status: http.StatusBadRequest, Detail: "after is the number of an event"})
		return
	}
	events, err := a.Events(ended, after, q["service"])
	if err != nil {
		refuse(w, err)
		return
	}
	a.patient(w, r, following(r), func(s *stream) {
		s.begin()
		for over := !q.Has("follow"); err == nil && send(s, events) && !over; {
			if n := len(events); n > 0 {
				after = events[n-1].Number
			}
			over = s.ctx.Err() != nil // after this look, which gives the last ones
			events, err = a.Events(s.ctx, after, q["service"])
		}
	})
}

// linesUsual is how many lines are given when nobody says how many.
const linesUsual = "100"

// logs are the last lines of services, and with ?follow all that come.
func (a *api) logs(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	most, err := strconv.ParseUint(cmp.Or(q.Get("lines"), linesUsual), 10, 31)
	if err != nil {
		refuse(w, &Problem{Status: http.StatusBadRequest, Detail: "lines is how many"})
		return
	}
	a.patient(w, r, following(r), func(s *stream) {
		at, ok := a.lastLines(s, r, int(most))
		for ok && s.ctx.Err() == nil && q.Has("follow") {
			var lines []Line
			if lines, at, err = a.MoreLines(s.ctx, q["service"], at); err != nil {
				return
			}
			ok = send(s, lines)
		}
	})
}

// lastLines sends what there is; few at a time do, for that can be much.
func (a *api) lastLines(s *stream, r *http.Request, most int) (at Position, ok bool) {
	select {
	case a.reads <- struct{}{}:
		defer func() { <-a.reads }()
	case <-r.Context().Done():
		return nil, false
	}
	lines, at, err := a.Lines(r.URL.Query()["service"], most)
	if err != nil {
		refuse(s.w, err)
		return nil, false
	}
	s.begin()
	return at, send(s, lines)
}
