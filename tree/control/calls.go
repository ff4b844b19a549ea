package control

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// What a client can ask. Each error is a *Problem, with what the server says, or is of the
// connection; both are for people.

// Status is where everything stands.
func (c *Client) Status(ctx context.Context) (*Status, error) {
	s := &Status{}
	return s, c.get(ctx, "/v1/status", s)
}

// Health is whether traffic may be sent.
func (c *Client) Health(ctx context.Context) (*Health, error) {
	h := &Health{}
	return h, c.get(ctx, "/v1/health", h, http.StatusServiceUnavailable)
}

// at is where a service is; an empty name is one that there is not.
func at(name string) string { return "/v1/services/" + url.PathEscape(cmp.Or(name, " ")) }

// Detail is all that there is to say of one service.
func (c *Client) Detail(ctx context.Context, name string) (*Detail, error) {
	d := &Detail{}
	return d, c.get(ctx, at(name), d)
}

// Postmortem is the scene of a service's last accident.
func (c *Client) Postmortem(ctx context.Context, name string, secrets bool) (*Postmortem, error) {
	p, path := &Postmortem{}, at(name)+"/postmortem"
	if secrets {
		path += "?secrets"
	}
	return p, c.get(ctx, path, p)
}

// Conditions are those in which a service's process runs.
func (c *Client) Conditions(ctx context.Context, name string) (*Conditions, error) {
	x := &Conditions{}
	return x, c.get(ctx, at(name)+"/conditions", x)
}

// Timeline is the boot.
func (c *Client) Timeline(ctx context.Context) (*Timeline, error) {
	t := &Timeline{}
	return t, c.get(ctx, "/v1/timeline", t)
}

// Plan is what an action would do.
func (c *Client) Plan(ctx context.Context, a Action) (steps []Step, err error) {
	q := url.Values{"action": {a.Verb}, "service": a.Services}
	if a.Dependents {
		q.Set("dependents", "")
	}
	return steps, c.get(ctx, "/v1/plan?"+q.Encode(), &steps)
}

// Do begins an action.
func (c *Client) Do(ctx context.Context, a Action) (*Operation, error) {
	op := &Operation{}
	return op, c.ask(ctx, http.MethodPost, "/v1/actions", a, op)
}

// Await waits until an operation is over, or for the time given at most.
func (c *Client) Await(ctx context.Context, id uint64, most time.Duration) (*Operation, error) {
	op := &Operation{}
	return op, c.get(ctx, fmt.Sprintf("/v1/operations/%d?wait=%s", id, most), op)
}

// Events yields the events after a number, and if it is to follow all that come, until
// the context ends. The error comes last.
func (c *Client) Events(ctx context.Context, after uint64, follow bool, services ...string) iter.Seq2[Event, error] {
	q := url.Values{"after": {fmt.Sprint(after)}, "service": services}
	return follows[Event](c, ctx, "/v1/events?", q, follow)
}

// Lines yields the last lines of services (all, if none is named), and if it is to follow
// all that come, until the context ends. The error comes last.
func (c *Client) Lines(ctx context.Context, most int, follow bool, services ...string) iter.Seq2[Line, error] {
	q := url.Values{"lines": {fmt.Sprint(most)}, "service": services}
	return follows[Line](c, ctx, "/v1/logs?", q, follow)
}

// follows reads a stream of JSON values.
func follows[T any](c *Client, ctx context.Context, path string, q url.Values, follow bool) iter.Seq2[T, error] {
	if follow {
		q.Set("follow", "")
	}
	return func(yield func(T, error) bool) {
		var v T
		res, err := c.request(ctx, http.MethodGet, path+q.Encode(), nil, headMost)
		if err != nil {
			yield(v, err)
			return
		}
		defer res.Body.Close()
		if problematic(res) {
			yield(v, refusal(res))
			return
		}
		for dec := json.NewDecoder(res.Body); ; {
			var v T
			err := dec.Decode(&v)
			switch {
			case err == io.EOF || ctx.Err() != nil: // bole has ended, or nobody wants more
				return
			case err != nil:
				yield(v, fmt.Errorf("%s: the stream was cut: this end has not read it for %s, or bole was killed", c.Path, writeMost))
				return
			case !yield(v, nil):
				return
			}
		}
	}
}
