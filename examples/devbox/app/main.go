// Command app is the web app of the devbox example: it answers on the loopback
// interface, and says on its notification fd when it does.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	listener, err := net.Listen("tcp", "127.0.0.1:"+or(os.Getenv("APP_PORT"), "8081"))
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(hello), ReadHeaderTimeout: 5 * time.Second}
	go server.Serve(listener)
	log.Print("answering on ", listener.Addr())
	ready()
	<-stop.Done()
	patience, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	server.Shutdown(patience)
	log.Print("bye")
}

func hello(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "hello from %s\n", or(os.Getenv("BOLE_SERVICE"), "nobody's service"))
}

// ready writes a newline to the notification fd, if somebody wants to know.
func ready() {
	fd, err := strconv.Atoi(os.Getenv("NOTIFY_FD"))
	if err != nil {
		return
	}
	f := os.NewFile(uintptr(fd), "notification")
	fmt.Fprintln(f)
	f.Close()
}

func or(value, standard string) string {
	if value != "" {
		return value
	}
	return standard
}
