package control

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// A doorman bounds the number of a server's connections. When one more comes than there
// may be, the one is closed that has done nothing for the longest time; if all are being
// served, the new one. So whoever merely sits there keeps nobody out.
type doorman struct {
	most int

	mu   sync.Mutex
	idle map[net.Conn]time.Time // since when
	busy map[net.Conn]bool
}

func newDoorman(most int) *doorman {
	return &doorman{most: most, idle: map[net.Conn]time.Time{}, busy: map[net.Conn]bool{}}
}

// state is told by package http what becomes of a connection.
func (d *doorman) state(c net.Conn, s http.ConnState) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch s {
	case http.StateNew:
		d.enter(c)
	case http.StateIdle:
		delete(d.busy, c)
		d.idle[c] = time.Now()
	case http.StateActive:
		delete(d.idle, c)
		d.busy[c] = true
	default:
		delete(d.idle, c)
		delete(d.busy, c)
	}
}

// enter closes are seen as StateClosed once the connection's own goroutine looks.
func (d *doorman) enter(c net.Conn) {
	if len(d.idle)+len(d.busy) >= d.most {
		oldest := d.oldest()
		if oldest == nil {
			c.Close()
			return
		}
		delete(d.idle, oldest)
		oldest.Close()
	}
	d.idle[c] = time.Now()
}

// closeIdle closes all that do nothing.
func (d *doorman) closeIdle() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for c := range d.idle {
		c.Close()
	}
}

func (d *doorman) oldest() (oldest net.Conn) {
	var since time.Time
	for c, at := range d.idle {
		if oldest == nil || at.Before(since) {
			oldest, since = c, at
		}
	}
	return oldest
}
