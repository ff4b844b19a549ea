package readiness

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// answerMost is how much of an answer is read: the status and the headers must be in it.
// The body is not asked for.
const answerMost = 64 << 10

// HTTP asks whether a GET of an address is answered with a status. The address is a URL
// such as "http://127.0.0.1:8080/health", or "unix:/run/app.sock:/health" for a server on
// a socket. A redirection is an answer like any other. The error says what is wrong with
// the address.
func HTTP(address string, status int) (Check, error) {
	network, at, request, err := parse(address)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		got, err := get(ctx, network, at, request.Clone(ctx))
		if err != nil {
			return err
		}
		if got != status {
			return fmt.Errorf("%s: HTTP %d", address, got)
		}
		return nil
	}, nil
}

// parse finds out where to connect, and what to ask for.
func parse(address string) (network, at string, request *http.Request, err error) {
	if rest, ok := strings.CutPrefix(address, "unix:"); ok {
		socket, path, _ := strings.Cut(rest, ":")
		if socket == "" {
			return "", "", nil, errors.New("it has no socket, as unix:/run/app.sock:/health has")
		}
		request, err = http.NewRequest(http.MethodGet, "http://localhost/"+strings.TrimPrefix(path, "/"), nil)
		return "unix", socket, request, err
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "", "", nil, errors.Unwrap(err)
	case u.Scheme != "http" || u.Host == "":
		return "", "", nil, errors.New("it should be http://HOST:PORT/PATH, or unix:SOCKET:/PATH")
	}
	at = u.Host
	if u.Port() == "" {
		at += ":80"
	}
	request, err = http.NewRequest(http.MethodGet, address, nil)
	return "tcp", at, request, err
}

// get makes one request on a connection of its own. Of package net/http only the forms
// are used: its client would start goroutines, and follow redirections.
func get(ctx context.Context, network, at string, request *http.Request) (status int, err error) {
	conn, err := dial(ctx, network, at)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	request.Close = true
	request.Header.Set("User-Agent", "bole")
	if err = request.Write(conn); err == nil {
		var answer *http.Response
		answer, err = http.ReadResponse(bufio.NewReader(io.LimitReader(conn, answerMost)), request)
		if err == nil {
			return answer.StatusCode, nil
		}
	}
	return 0, fmt.Errorf("%s: %s", request.URL.Redacted(), said(ctx, err))
}

// said is why there was no answer that is HTTP.
func said(ctx context.Context, err error) string {
	switch {
	case ctx.Err() == nil && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
		return "the connection was closed without an answer"
	case ctx.Err() == nil && strings.HasPrefix(err.Error(), "malformed"):
		return "the answer is not HTTP"
	}
	return reason(ctx, err)
}
