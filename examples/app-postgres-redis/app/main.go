// Command app counts its visitors in PostgreSQL and in Redis, and says at /health whether
// it can reach both.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	http.HandleFunc("/", visit)
	http.HandleFunc("/health", health)
	server := &http.Server{Addr: os.Getenv("LISTEN"), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
	log.Print("bye")
}

func visit(w http.ResponseWriter, r *http.Request) {
	rows, err := query(r.Context(), "INSERT INTO visits DEFAULT VALUES; SELECT count(*) FROM visits")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	hits, err := command(r.Context(), "INCR", "hits")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	fmt.Fprintf(w, "PostgreSQL has %s, Redis %s\n", rows, hits)
}

func health(w http.ResponseWriter, r *http.Request) {
	_, dbErr := query(r.Context(), "SELECT 1 FROM visits LIMIT 1")
	_, cacheErr := command(r.Context(), "PING")
	if err := errors.Join(dbErr, cacheErr); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "fine")
}
