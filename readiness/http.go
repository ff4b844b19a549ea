package readiness

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// answerMost is how much of an answer is read: the status must be in it. Nothing that
// follows is asked for.
const answerMost = 64 << 10

// An address is where to connect, and what to ask for.
type address struct{ network, at, host, target string }

// HTTP asks whether a GET of an address is answered with a status. The address is a URL
// such as "http://127.0.0.1:8080/health", or "unix:/run/app.sock:/health" for a server on
// a socket. A redirection is an answer like any other. The error says what is wrong with
// the address.
//
// The few lines of RFC 9112 that this takes are written here: package net/http would make
// every start of the program a tenth of a millisecond or two slower, and starts
// goroutines.
func HTTP(url string, status int) (Check, error) {
	a, err := parse(url)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		got, err := a.get(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %s", url, said(ctx, err))
		case got != status:
			return fmt.Errorf("%s: HTTP %d", url, got)
		}
		return nil
	}, nil
}

func parse(text string) (a address, err error) {
	if rest, ok := strings.CutPrefix(text, "unix:"); ok {
		socket, path, _ := strings.Cut(rest, ":")
		if socket == "" {
			return a, errors.New("it has no socket, as unix:/run/app.sock:/health has")
		}
		u, err := url.Parse("http://localhost/" + strings.TrimPrefix(path, "/"))
		if err != nil {
			return a, errors.Unwrap(err)
		}
		return address{"unix", socket, u.Host, u.RequestURI()}, nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return a, errors.Unwrap(err)
	case u.Scheme != "http" || u.Host == "" || u.User != nil:
		return a, errors.New("it should be http://HOST:PORT/PATH, or unix:SOCKET:/PATH")
	}
	a = address{"tcp", u.Host, u.Host, u.RequestURI()}
	if u.Port() == "" {
		a.at += ":80"
	}
	return a, nil
}

// get makes one request on a connection of its own, and reads the status.
func (a address) get(ctx context.Context) (status int, err error) {
	conn, err := dial(ctx, a.network, a.at)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bole\r\nAccept: */*\r\nConnection: close\r\n\r\n", a.target, a.host); err != nil {
		return 0, err
	}
	r := textproto.NewReader(bufio.NewReader(io.LimitReader(conn, answerMost)))
	for {
		line, err := r.ReadLine()
		if err != nil {
			return 0, err
		}
		if status, err = statusOf(line); err != nil || status >= 200 {
			return status, err
		}
		if _, err := r.ReadMIMEHeader(); err != nil { // of an answer before the answer
			return 0, err
		}
	}
}

// statusOf reads a status line, as "HTTP/1.1 200 OK" (RFC 9112, section 4).
func statusOf(line string) (int, error) {
	version, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(rest, " ")
	status, err := strconv.Atoi(code)
	if !strings.HasPrefix(version, "HTTP/") || err != nil || len(code) != 3 {
		return 0, errNotHTTP
	}
	return status, nil
}

var errNotHTTP = errors.New("the answer is not HTTP")

// said is why there was no answer.
func said(ctx context.Context, err error) string {
	switch {
	case ctx.Err() == nil && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
		return "the connection was closed without an answer"
	case errors.As(err, new(textproto.ProtocolError)):
		return errNotHTTP.Error()
	}
	return reason(ctx, err)
}
