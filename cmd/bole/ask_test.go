package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"testing"
)

// stranger is a bole of another version, that knows one path.
func stranger(t *testing.T, version, path, answer string) (socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Bole-Version", version)
		if r.URL.Path != path {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusNotFound)
			io.WriteString(w, `{"type": "unknown-path", "detail": "there is no such path"}`)
			return
		}
		io.WriteString(w, answer)
	})}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return socket
}

// verb runs a verb in this process.
func verb(args ...string) (stdout, stderr string, err error) {
	var out, errs bytes.Buffer
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&errs)
	err = root.Execute()
	return out.String(), errs.String(), err
}

// That the running bole is of another version is said once; what it does not know is no
// missing service.
func TestOtherVersion(t *testing.T) {
	socket := stranger(t, "9.9.9", "/v1/health", `{"healthy": true, "state": "ready"}`)
	note := ": note: the running bole is of version 9.9.9, this program of " + version + "\n"
	out, errs, err := verb("health", "--socket", socket)
	if out != "ready\n" || errs != "bole health"+note || err != nil {
		t.Errorf("%q %q %v", out, errs, err)
	}
	out, errs, err = verb("status", "--socket", socket)
	if out != "" || errs != "bole status"+note+"bole status: the running bole is of another version, 9.9.9, which knows no /v1/status: ask it by a program of its own version\n" || err != exitCode(exitFailed) {
		t.Errorf("%q %q %v", out, errs, err)
	}
	out, errs, err = verb("health", "--socket", stranger(t, version, "/v1/health", `{"healthy": true, "state": "ready"}`))
	if out != "ready\n" || errs != "" || err != nil {
		t.Errorf("%q %q %v", out, errs, err)
	}
}
