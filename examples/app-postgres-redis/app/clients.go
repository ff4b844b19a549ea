package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// The least of two protocols, so that the example needs no libraries.

func dial(ctx context.Context, socket string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socket)
	if err == nil {
		conn.SetDeadline(time.Now().Add(time.Second))
	}
	return conn, err
}

// command sends one command to Redis (RESP2), and returns a simple answer.
func command(ctx context.Context, words ...string) (string, error) {
	conn, err := dial(ctx, os.Getenv("REDIS"))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	fmt.Fprintf(conn, "%s\r\n", strings.Join(words, " "))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && !strings.HasPrefix(line, "+") && !strings.HasPrefix(line, ":") {
		err = errors.New("redis: " + strings.TrimSpace(line))
	}
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(line[1:]), nil
}

// query sends a simple query to PostgreSQL (protocol 3.0), and returns the first column of
// the last row, if there is one.
func query(ctx context.Context, sql string) (value string, err error) {
	conn, err := dial(ctx, os.Getenv("PGHOST")+"/.s.PGSQL.5432")
	if err != nil {
		return "", err
	}
	defer conn.Close()
	startup := fmt.Appendf([]byte{0, 3, 0, 0}, "user\x00%s\x00database\x00%s\x00\x00", os.Getenv("PGUSER"), os.Getenv("PGDATABASE"))
	send(conn, "", startup)
	r := bufio.NewReader(conn)
	for asked := false; ; {
		kind, body, err := receive(r)
		switch {
		case err != nil:
			return "", err
		case kind == 'E':
			return "", errors.New("postgres: " + strings.ReplaceAll(string(body), "\x00", " "))
		case kind == 'D' && len(body) > 6:
			n := binary.BigEndian.Uint32(body[2:])
			value = string(body[6:min(len(body), 6+int(n))])
		case kind == 'Z' && asked:
			return value, nil
		case kind == 'Z':
			asked = true
			send(conn, "Q", append([]byte(sql), 0))
		}
	}
}

func send(w io.Writer, kind string, body []byte) {
	message := binary.BigEndian.AppendUint32([]byte(kind), uint32(len(body)+4))
	w.Write(append(message, body...))
}

func receive(r io.Reader) (kind byte, body []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n < 4 || n > 1<<20 {
		return 0, nil, errors.New("postgres: not its protocol")
	}
	body = make([]byte, n-4)
	_, err = io.ReadFull(r, body)
	return head[0], body, err
}
