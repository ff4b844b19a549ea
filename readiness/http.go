package readiness

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// answerMost is how much of an answer is read: the status must be in it. Nothing that
// follows is asked for.
const answerMost = 64 << 10

// An address is where to connect, and what to ask for.
type address struct {
	network, at string
	url         *url.URL
	name        string // for people
}

// HTTP asks whether a GET of an address is answered with a status. The address is a URL
// such as "http://127.0.0.1:8080/health", or "unix:/run/app.sock:/health" for a server on
// a socket. A redirection is an answer like any other. The error says what is wrong with
// the address.
//
// What is asked for beside the path is not told to anybody: it may hold a secret.
func HTTP(text string, status int) (Check, error) {
	a, err := parse(text)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		got, err := a.get(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %s", a.name, said(ctx, err))
		case got != status:
			return fmt.Errorf("%s: HTTP %d", a.name, got)
		}
		return nil
	}, nil
}

func parse(text string) (a address, err error) {
	a.name, _, _ = strings.Cut(text, "?")
	if rest, ok := strings.CutPrefix(text, "unix:"); ok {
		socket, path := cutSocket(rest)
		if socket == "" {
			return a, errors.New("it has no socket, as unix:/run/app.sock:/health has")
		}
		a.network, a.at = "unix", socket
		text = "http://localhost" + path
	}
	a.url, err = url.Parse(text)
	switch {
	case err != nil && !strings.Contains(text, "@"): // it may quote what stands before that
		return a, errors.Unwrap(err)
	case err != nil || a.url.Scheme != "http" || a.url.Hostname() == "" || a.url.User != nil:
		return a, errors.New("it should be http://HOST:PORT/PATH, or unix:SOCKET:/PATH")
	case a.network == "unix":
		return a, SocketPath(a.at)
	}
	port := cmp.Or(a.url.Port(), "80")
	a.network, a.at = "tcp", net.JoinHostPort(a.url.Hostname(), port)
	return a, Port(port)
}

// cutSocket cuts SOCKET:/PATH at the last place that can be meant.
func cutSocket(text string) (socket, path string) {
	before, _, _ := strings.Cut(text, "?")
	if i := strings.LastIndex(before, ":/"); i >= 0 {
		return text[:i], text[i+1:]
	}
	return text, "/"
}

// get makes one request on a connection of its own, and reads the status. http.Client would
// start goroutines, of which nobody would catch a panic.
func (a address) get(ctx context.Context) (status int, err error) {
	conn, err := dial(ctx, a.network, a.at)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	r := &http.Request{Method: http.MethodGet, URL: a.url, Header: http.Header{"User-Agent": {"bole"}, "Accept": {"*/*"}}, Close: true}
	if err := r.Write(conn); err != nil {
		return 0, err
	}
	answer := bufio.NewReader(io.LimitReader(conn, answerMost))
	for status < 200 { // there may be answers before the answer
		res, err := http.ReadResponse(answer, r)
		if err != nil {
			return 0, err
		}
		status = res.StatusCode
	}
	return status, nil
}

// said is why there was no answer.
func said(ctx context.Context, err error) string {
	switch network := net.Error(nil); {
	case ctx.Err() != nil, errors.As(err, &network):
		return reason(ctx, err)
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed without an answer"
	}
	return "the answer is not HTTP"
}
