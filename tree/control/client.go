package control

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A Client asks the bole at one socket.
type Client struct {
	Path  string
	Whose Peer                 // who answers, once he has been asked
	Met   func(version string) // is told once of which version it is that answers, if not nil
	open  chan net.Conn        // a connection that is there already, if any
}

// NewClient returns the client of a socket.
func NewClient(path string) *Client {
	return &Client{Path: path, open: make(chan net.Conn, 1)}
}

// ErrNotRunning says that no tree was found.
var ErrNotRunning = errors.New("no bole is running here")

// Find returns the client of the one tree that there is to ask: that of the path, if one
// is given; otherwise that of BOLE_SOCKET, or of a usual place. The error is
// ErrNotRunning, or says for people what is in the way: none answers, or several do.
func Find(path string) (*Client, error) {
	if path != "" || os.Getenv(SocketVariable) != "" {
		c := NewClient(cmp.Or(path, os.Getenv(SocketVariable)))
		return c, c.knock() // whoever that is: it was said
	}
	own := places(os.Geteuid())
	c, err := among(own)
	if others := others(); errors.Is(err, ErrNotRunning) && os.Geteuid() == 0 && len(others) > 0 {
		return among(others)
	}
	return c, err
}

// among finds the one tree that there is at some places.
func among(places []string) (*Client, error) {
	var alive []*Client
	var closed error
	for _, path := range places {
		c := NewClient(path)
		switch err := c.knock(); {
		case err == nil:
			alive = append(alive, c)
		case !errors.Is(err, ErrNotRunning):
			closed = err
		}
	}
	switch {
	case len(alive) == 1:
		return alive[0], nil
	case len(alive) > 1:
		return nil, fmt.Errorf("several trees run here: say --socket with one of %s", paths(alive))
	case closed != nil:
		return nil, closed
	}
	return nil, fmt.Errorf("%w: nobody listens at %s; --socket or %s names another place", ErrNotRunning, strings.Join(places, ", "), SocketVariable)
}

// others are where root looks when there is no tree of its own: at those of other users, in
// a directory in /tmp that is that user's alone.
func others() (out []string) {
	dirs, _ := filepath.Glob(ownDirectoryOf("*"))
	for _, dir := range dirs {
		uid, err := strconv.Atoi(strings.TrimPrefix(dir, ownDirectoryOf("")))
		if err == nil && uid != os.Geteuid() && owned(dir, uid) {
			out = append(out, filepath.Join(dir, socketName))
		}
	}
	return out
}

func paths(clients []*Client) string {
	var out []string
	for _, c := range clients {
		out = append(out, c.Path)
	}
	return strings.Join(out, ", ")
}

// knock connects for the first request, which is to come at once. In a directory in /tmp
// that is not its user's own, anybody may listen: nobody is asked there.
func (c *Client) knock() error {
	if dir := filepath.Dir(c.Path); dir == ownDirectory(os.Geteuid()) && !owned(dir, os.Geteuid()) {
		return fmt.Errorf("%w: there is no socket %s of this user's", ErrNotRunning, c.Path)
	}
	conn, err := net.DialTimeout("unix", c.Path, headMost)
	if err != nil {
		return c.unreachable(err)
	}
	c.open <- conn
	return nil
}

// unreachable says for people why nobody answers.
func (c *Client) unreachable(err error) error {
	switch {
	case errors.Is(err, unix.EACCES):
		return fmt.Errorf("%s: this user may not ask the tree there; its own user and root may, and [tree] control can let others in", c.Path)
	case errors.Is(err, unix.ENOENT):
		return fmt.Errorf("%w: there is no socket %s", ErrNotRunning, c.Path)
	case closedOnUs(err):
		return fmt.Errorf("%w: the one at %s has just ended", ErrNotRunning, c.Path)
	case errors.Is(err, unix.ECONNREFUSED):
		return fmt.Errorf("%w: nobody listens at %s any more", ErrNotRunning, c.Path)
	}
	return fmt.Errorf("%s: %w", c.Path, bottom(err))
}

// answerMost is longer than any answer.
const answerMost = 256 << 20

// ask makes one request, and takes in the answer.
func (c *Client) ask(ctx context.Context, method, path string, body, into any, accept ...int) error {
	res, err := c.request(ctx, method, path, body, 0)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 && !slices.Contains(accept, res.StatusCode) || problematic(res) {
		return refusal(res)
	}
	if res.ContentLength < 0 || res.ContentLength > answerMost {
		return fmt.Errorf("%s: what listens there is no bole: it does not say how long its answer is", c.Path)
	}
	text := make([]byte, res.ContentLength)
	if _, err := io.ReadFull(res.Body, text); err != nil {
		return c.failed(ctx, err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: what listens there is no bole: %w", c.Path, err)
	}
	return nil
}

// A question is asked again when its connection was closed before there was an answer: a
// flood of others may have taken its place.
const (
	retriesMost = 10
	retryAfter  = 100 * time.Millisecond
)

func closedOnUs(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, unix.ECONNRESET) || errors.Is(err, unix.EPIPE)
}

// headMost is how long a stream may take to begin.
const headMost = 10 * time.Second

// request sends a request, and has the beginning of the answer, which has to come within the
// time given; 0 is as long as the context lasts.
func (c *Client) request(ctx context.Context, method, path string, body any, head time.Duration) (*http.Response, error) {
	var text io.Reader = http.NoBody
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		text = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://bole"+path, text)
	if err != nil {
		return nil, err
	}
	res, err := c.exchange(r, head)
	for tries := 0; err != nil && body == nil && tries < retriesMost && closedOnUs(err); tries++ {
		time.Sleep(retryAfter) // bole is busy, if it is still there
		res, err = c.exchange(r, head)
	}
	if err != nil {
		return nil, c.failed(ctx, err)
	}
	if c.Met != nil {
		c.Met(res.Header.Get(versionHeader))
		c.Met = nil
	}
	return res, nil
}

func (c *Client) get(ctx context.Context, path string, into any, accept ...int) error {
	return c.ask(ctx, http.MethodGet, path, nil, into, accept...)
}

func problematic(res *http.Response) bool {
	return res.Header.Get("Content-Type") == "application/problem+json"
}

func (c *Client) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: no answer in time", c.Path)
	}
	return c.unreachable(err)
}

// refusal is what the server says of a request that it does not do.
func refusal(res *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(res.Body, bodyMost))
	p := &Problem{}
	switch {
	case json.Unmarshal(text, p) != nil || p.Detail == "":
		return fmt.Errorf("what listens there is no bole: it answers %s", res.Status)
	case p.Type == UnknownPath:
		p.Detail = fmt.Sprintf("the running bole is of another version, %s, which knows no %s: ask it by a program of its own version", cmp.Or(res.Header.Get(versionHeader), "an old one"), res.Request.URL.Path)
	}
	p.Status = res.StatusCode
	return p
}
