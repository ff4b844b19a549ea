// Command server is a service that says how it is doing, by package notify.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"bole/readiness/notify"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := serve(ctx); err != nil {
		log.Fatal(err)
	}
}

func serve(ctx context.Context) error {
	notify.Status("warming up")
	time.Sleep(200 * time.Millisecond) // caches, connections, migrations
	listener, err := net.Listen("tcp", os.Getenv("LISTEN"))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.HandlerFunc(hello)}
	go notify.Watchdog(ctx, nil)
	go func() {
		<-ctx.Done()
		notify.Stopping()
		server.Shutdown(context.Background())
	}()
	fmt.Println("serving")
	notify.Ready() // the listener is there: who connects now is served
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

func hello(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") }
