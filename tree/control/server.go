package control

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"time"
)

// Bounds of every server.
const (
	connectionsMost = 64
	headerMost      = 16 << 10
	bodyMost        = 64 << 10
	headerTime      = 5 * time.Second
	requestTime     = 10 * time.Second
	idleTime        = time.Minute
)

// A Server serves one listener.
type Server struct {
	http http.Server
	door *doorman
	end  context.CancelFunc // of all that waits
}

func newServer(b Backend, h http.Handler) *Server {
	door := newDoorman(connectionsMost)
	ctx, end := context.WithCancel(context.Background())
	return &Server{door: door, end: end, http: http.Server{
		BaseContext:                  func(net.Listener) context.Context { return ctx },
		Handler:                      http.MaxBytesHandler(survive(b, h), bodyMost),
		ReadHeaderTimeout:            headerTime,
		ReadTimeout:                  requestTime,
		WriteTimeout:                 requestTime,
		IdleTimeout:                  idleTime,
		MaxHeaderBytes:               headerMost,
		ConnContext:                  withPeer,
		ConnState:                    door.state,
		ErrorLog:                     log.New(io.Discard, "", 0), // of what clients do wrong there is no end
		DisableGeneralOptionsHandler: true,
	}}
}

// Serve answers until Close.
func (s *Server) Serve(l net.Listener) { s.http.Serve(l) }

// lastMost is how long those may take whose answers are under way, at the end.
const lastMost = 50 * time.Millisecond

// Close removes the socket, and ends every connection. Streams still get what there is to
// say, such as that the last service is down.
func (s *Server) Close() {
	s.end()
	s.door.closeIdle()
	ctx, cancel := context.WithTimeout(context.Background(), lastMost)
	defer cancel()
	s.http.Shutdown(ctx)
	s.http.Close()
}

// survive: a panic costs one request.
func survive(b Backend, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				b.Fault(fmt.Sprintf("%s %s: %v\n%s", r.Method, r.URL.Path, p, debug.Stack()))
				problem(w, Problem{Status: http.StatusInternalServerError, Detail: "a fault of bole's own; its log says more"})
			}
		}()
		h.ServeHTTP(w, r)
	})
}

// admit lets in root and bole's own user; others only where the definitions have opened
// the socket to them.
func admit(open bool, h http.Handler) http.Handler {
	own := os.Geteuid()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, ok := peer(r.Context())
		if !open && (!ok || p.UID != 0 && p.UID != own) {
			problem(w, Problem{Status: http.StatusForbidden, Detail: fmt.Sprintf("this tree is user %d's: it answers that user and root, not user %d; [tree] control can let others in", own, p.UID)})
			return
		}
		h.ServeHTTP(w, r)
	})
}
