package control

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"time"
)

// exchange sends a request and reads the head of the answer, on a connection for this one
// alone. A verb asks once, and is to be quick: http.Transport would start goroutines, and
// the threads that they need, for connections that are kept.
func (c *Client) exchange(r *http.Request, head time.Duration) (*http.Response, error) {
	conn, err := c.connection(r.Context())
	if err != nil {
		return nil, err
	}
	c.Whose, _ = peerOf(conn)
	a := &answerBody{conn: conn, forget: context.AfterFunc(r.Context(), func() { conn.Close() })}
	if head > 0 {
		conn.SetDeadline(time.Now().Add(head))
		defer conn.SetDeadline(time.Time{})
	}
	r.Close = true
	if err := r.Write(conn); err != nil {
		a.Close()
		return nil, err
	}
	res, err := http.ReadResponse(bufio.NewReaderSize(conn, 32<<10), r)
	if err != nil {
		a.Close()
		return nil, err
	}
	a.ReadCloser, res.Body = res.Body, a
	return res, nil
}

// connection is the one that Find has made, or a new one.
func (c *Client) connection(ctx context.Context) (net.Conn, error) {
	select {
	case conn := <-c.open:
		return conn, nil
	default:
		var d net.Dialer
		return d.DialContext(ctx, "unix", c.Path)
	}
}

// An answerBody is the rest of an answer. The connection ends with it, or with the context.
type answerBody struct {
	io.ReadCloser
	conn   net.Conn
	forget func() bool
}

func (a *answerBody) Close() error {
	a.forget()
	return a.conn.Close()
}
