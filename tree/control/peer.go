package control

import (
	"context"
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// A Peer is the process at the other end of a connection, as the kernel knows it
// (SO_PEERCRED of unix(7)).
type Peer struct {
	PID int `json:"pid"` // 0: of another PID namespace
	UID int `json:"uid"`
}

// String is for messages, such as "uid 0, pid 4711".
func (p Peer) String() string {
	if p.PID == 0 {
		return fmt.Sprintf("uid %d, from another PID namespace", p.UID)
	}
	return fmt.Sprintf("uid %d, pid %d", p.UID, p.PID)
}

type peerKey struct{}

// withPeer is asked by package http for the context of a new connection.
func withPeer(ctx context.Context, c net.Conn) context.Context {
	p, ok := peerOf(c)
	if !ok {
		return ctx
	}
	return context.WithValue(ctx, peerKey{}, p)
}

func peer(ctx context.Context) (p Peer, ok bool) {
	p, ok = ctx.Value(peerKey{}).(Peer)
	return p, ok
}

func peerOf(c net.Conn) (p Peer, ok bool) {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return p, false
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return p, false
	}
	var cred *unix.Ucred
	raw.Control(func(fd uintptr) { cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	if err != nil || cred == nil {
		return p, false
	}
	return Peer{int(cred.Pid), int(cred.Uid)}, true
}
