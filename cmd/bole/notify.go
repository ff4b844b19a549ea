package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bole/readiness/notify"
)

// barrierMost is how long notify waits until it has been heard, as systemd-notify does.
const barrierMost = 5 * time.Second

// A message is what notify's flags say.
type message struct {
	ready, reloading, stopping bool
	status, watchdog, pid      string
	says                       bool // there is a status, though perhaps an empty one
}

func notifyCommand() *cobra.Command {
	var m message
	cmd := &cobra.Command{
		Use:   "notify [flags] [NAME=VALUE...]",
		Short: "Tell the supervisor how this service is doing, from a script",
		Long: `notify says for a script what a program says by sd_notify(3): to NOTIFY_SOCKET, as
bole and systemd give it, and waits until that has been heard. Readiness goes to
NOTIFY_FD too, the notification fd of s6.

Exit code: 0 if it was heard; 1 if nobody listens, it was not heard in time, or bole
does not take it: it takes nothing from processes that are not the service's own.`,
		Example: `  bole notify --ready
  bole notify --status "loading 7 of 9"
  bole notify --ready --pid=4711 --status serving
  bole notify EXTEND_TIMEOUT_USEC=30000000`,
		RunE: func(cmd *cobra.Command, args []string) error {
			m.says = cmd.Flags().Changed("status")
			lines, err := m.lines(args)
			if err != nil {
				return err
			}
			if err := m.send(lines); err != nil {
				fmt.Fprintf(os.Stderr, "bole notify: %s\n", strings.TrimPrefix(err.Error(), "notify: "))
				return exitCode(exitFailed)
			}
			return nil
		},
	}
	m.flags(cmd)
	completeFlags(cmd, map[string]cobra.CompletionFunc{"watchdog": cobra.FixedCompletions([]cobra.Completion{"trigger"}, cobra.ShellCompDirectiveNoFileComp)})
	return cmd
}

func (m *message) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&m.ready, "ready", false, "the service can serve; or its reload is over")
	f.StringVar(&m.status, "status", "", "what it is doing, for people; an empty one takes that back")
	f.BoolVar(&m.reloading, "reloading", false, "it reads its configuration again; --ready is to follow")
	f.BoolVar(&m.stopping, "stopping", false, "it has begun to end")
	f.StringVar(&m.watchdog, "watchdog", "", "a sign of life; \"trigger\" asks for the end that silence leads to")
	f.Lookup("watchdog").NoOptDefVal = "1"
	f.StringVar(&m.pid, "pid", "", "its main process; without a number, the one that runs this")
	f.Lookup("pid").NoOptDefVal = fmt.Sprint(os.Getppid())
}

// lines are the message as it is sent.
func (m *message) lines(args []string) (out []string, err error) {
	say := func(ok bool, line string) {
		if ok {
			out = append(out, line)
		}
	}
	if m.watchdog != "" && m.watchdog != "1" && m.watchdog != "trigger" {
		return nil, fmt.Errorf("--watchdog takes nothing, or =trigger, not %q", m.watchdog)
	}
	if n, err := strconv.ParseUint(m.pid, 10, 31); m.pid != "" && (err != nil || n < 2) {
		return nil, fmt.Errorf("--pid takes nothing, or the number of a process, not %q", m.pid)
	}
	for _, line := range args {
		if name, _, ok := strings.Cut(line, "="); !ok || name == "" || strings.Contains(line, "\n") {
			return nil, fmt.Errorf("%q is not NAME=VALUE", line)
		}
	}
	say(m.pid != "", "MAINPID="+m.pid)
	say(m.says, "STATUS="+strings.ReplaceAll(m.status, "\n", " "))
	say(m.stopping, "STOPPING=1")
	say(m.watchdog != "", "WATCHDOG="+m.watchdog)
	if out = append(out, args...); len(out) == 0 && !m.ready && !m.reloading {
		return nil, errors.New("say something: --ready, --status TEXT, or another flag")
	}
	return out, nil
}

// send has it heard, as far as anybody listens. Readiness comes last.
func (m *message) send(lines []string) error {
	ready, more := notify.Listening()
	switch {
	case !ready:
		return errors.New("nobody listens: neither NOTIFY_SOCKET nor NOTIFY_FD is that of a supervisor")
	case !more && (len(lines) > 0 || m.reloading):
		return errors.New("only --ready can be told: NOTIFY_SOCKET is not set")
	}
	var errs []error
	if len(lines) > 0 {
		errs = append(errs, notify.Send(lines...))
	}
	if m.reloading {
		errs = append(errs, notify.Reloading())
	}
	if m.ready {
		errs = append(errs, notify.Ready())
	}
	if err := errors.Join(errs...); err != nil || !more {
		return err
	}
	return heard()
}

func heard() error {
	ctx, cancel := context.WithTimeout(context.Background(), barrierMost)
	defer cancel()
	err := notify.Barrier(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("it was not heard within %s", barrierMost)
	}
	return err
}
