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

	"golang.org/x/sys/unix"
)

// A Client asks the bole at one socket.
type Client struct {
	Path string
	http http.Client
}

// NewClient returns the client of a socket.
func NewClient(path string) *Client {
	var d net.Dialer
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", path) }
	return &Client{path, http.Client{Transport: &http.Transport{DialContext: dial, DisableCompression: true}}}
}

// ErrNotRunning says that no tree was found.
var ErrNotRunning = errors.New("no bole is running here")

// Find returns the client of the one tree that there is to ask: that of the path, if one
// is given; otherwise that of BOLE_SOCKET, or of a usual place. The error is
// ErrNotRunning, or says for people what is in the way: none answers, or several do.
func Find(path string) (*Client, error) {
	if path != "" || os.Getenv(SocketVariable) != "" {
		c := NewClient(cmp.Or(path, os.Getenv(SocketVariable)))
		return c, c.knock()
	}
	var alive []*Client
	var closed error
	for _, path := range usual() {
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
	return nil, fmt.Errorf("%w: nobody listens at %s; --socket or %s names another place", ErrNotRunning, strings.Join(usual(), ", "), SocketVariable)
}

func paths(clients []*Client) string {
	var out []string
	for _, c := range clients {
		out = append(out, c.Path)
	}
	return strings.Join(out, ", ")
}

// usual are where the socket may be; root also looks where those of other users are.
// A directory in /tmp counts only if it is its user's own.
func usual() []string {
	out := places(os.Geteuid())
	if os.Geteuid() != 0 {
		return out
	}
	others, _ := filepath.Glob(ownDirectoryOf("*"))
	for _, dir := range others {
		uid, err := strconv.Atoi(strings.TrimPrefix(dir, ownDirectoryOf("")))
		path := filepath.Join(dir, socketName)
		if err == nil && owned(dir, uid) && !slices.Contains(out, path) {
			out = append(out, path)
		}
	}
	return out
}

// knock connects once.
func (c *Client) knock() error {
	conn, err := net.Dial("unix", c.Path)
	switch {
	case err == nil:
		return conn.Close()
	case errors.Is(err, unix.EACCES):
		return fmt.Errorf("%s: this user may not ask the tree there; its own user and root may, and [tree] control can let others in", c.Path)
	case errors.Is(err, unix.ENOENT):
		return fmt.Errorf("%w: there is no socket %s", ErrNotRunning, c.Path)
	case errors.Is(err, unix.ECONNREFUSED):
		return fmt.Errorf("%w: nobody listens at %s any more", ErrNotRunning, c.Path)
	}
	return fmt.Errorf("%s: %w", c.Path, bottom(err))
}

// ask makes one request, and takes in the answer.
func (c *Client) ask(ctx context.Context, method, path string, body, into any, accept ...int) error {
	res, err := c.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 && !slices.Contains(accept, res.StatusCode) || problematic(res) {
		return refusal(res)
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		return c.failed(ctx, err)
	}
	return nil
}

func (c *Client) request(ctx context.Context, method, path string, body any) (*http.Response, error) {
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
	res, err := c.http.Do(r)
	if err != nil {
		return nil, c.failed(ctx, err)
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
	return fmt.Errorf("%s: %w", c.Path, bottom(err))
}

// refusal is what the server says of a request that it does not do.
func refusal(res *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(res.Body, bodyMost))
	p := &Problem{}
	if json.Unmarshal(text, p) != nil || p.Detail == "" {
		p.Detail = fmt.Sprintf("what listens there is no bole: it answers %s", res.Status)
	}
	p.Status = res.StatusCode
	return p
}
