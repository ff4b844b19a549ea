package supervise

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bole/tree"
	"bole/tree/control"
	"bole/tree/procattr"
)

// do has something done, and returns what becomes of it.
func (b *bench) do(verb string, services ...string) string {
	b.t.Helper()
	a := control.Action{Verb: verb, Services: services}
	if verb == "signal" {
		a.Signal = "HUP"
	}
	op, err := b.Do(a, control.Peer{PID: 7, UID: 1000})
	if err != nil {
		return err.Error()
	}
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	if op, err = b.Await(ctx, op.ID); err != nil {
		b.t.Fatal(err)
	}
	return fmt.Sprint(op.State, " ", op.Touches, " ", strings.Join(op.Reasons, "; "))
}

func (b *bench) states() string {
	b.t.Helper()
	s, err := b.Status()
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, x := range s.Services {
		out = append(out, x.Name+" "+x.State)
	}
	return strings.Join(out, ", ")
}

// What is asked for is done before the answer, with all that it touches; who has asked is
// said.
func TestActions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil, longrun("db"), longrun("app", requires(0)), longrun("web", requires(1)))
		want(t, "stop", b.do("stop", "db"), "done [db app web] ")
		want(t, "then", b.states(), "db down, app down, web down")
		want(t, "stop again", b.do("stop", "db"), "done [db] ")
		want(t, "start", b.do("start", "app"), "done [db app] ")
		want(t, "then", b.states(), "db ready, app ready, web down")
		want(t, "restart", b.do("restart", "db"), "done [db] ")
		want(t, "started", b.started(), []string{"db", "app", "web", "db", "app", "db"})
		want(t, "signal", b.do("signal", "app"), "done [app] ")
		want(t, "signal to nobody", b.do("signal", "web"), "web is down: it has no process")
		want(t, "reload", b.do("reload", "db"), `db has no reload: write reload = "SIGHUP", or a command, into its definition`)
		want(t, "misspelt", b.do("start", "wep"), `there is no service "wep"; did you mean web?`)
		want(t, "nonsense", b.do("love", "web"), `there is no action "love"; there are start, stop, restart, reload, signal`)
		want(t, "nobody", b.do("start"), "no service is named")
		if !strings.Contains(b.lines(), "\nstop db, asked for by uid 1000, pid 7\n") {
			t.Errorf("nobody says who has asked:\n%s", b.lines())
		}
		b.term()
		want(t, "at the end", b.do("start", "db"), "bole ends")
	})
}

// A stop is not overtaken by what it lets start; what nobody has named is said.
func TestActionsTouch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := longrun("slow")
		slow.Ready = &tree.Probe{Kind: tree.ProbeDelay, Delay: time.Hour}
		slow.StartTimeout = 0
		b := start(t, nil, slow, longrun("user", requires(0)), longrun("friend", tree.Dep{On: 0, Kind: tree.Wants, Until: tree.UntilReady}))
		op, err := b.Do(control.Action{Verb: "stop", Services: []string{"slow"}}, control.Peer{})
		if err != nil {
			t.Fatal(err)
		}
		want(t, "touches", op.Touches, []string{"slow", "user"})
		want(t, "also", op.Also, []string{"user"})
		b.settle(0)
		op, _ = b.Await(t.Context(), op.ID)
		want(t, "state", op.State, control.OperationDone)
		want(t, "then", b.states(), "slow down, user down, friend ready")
		b.term()
	})
}

// What bole itself has is said where the definition says nothing, and without its user a
// service has conditions too, but nobody can be in them.
func TestConditions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nobody := longrun("nobody")
		nobody.User, nobody.Env, nobody.Restart.Policy = "there-is-none", []string{"TZ=UTC"}, tree.Never
		rooted := longrun("rooted")
		rooted.Attr.Chroot = "/srv"
		b := start(t, nil, longrun("app"), nobody, rooted)
		here, _ := os.Getwd()
		own := procattr.OwnCredential()
		c, err := b.Conditions("app")
		if err != nil {
			t.Fatal(err)
		}
		want(t, "app", []any{c.Directory, c.Credential, c.User}, []any{here, &own, ""})
		c, _ = b.Conditions("rooted")
		want(t, "rooted", c.Directory, "/")
		_, err = b.Conditions("nobody")
		want(t, "nobody", fmt.Sprint(err), `nobody: there is no user "there-is-none" on this machine`)
		p, err := b.Postmortem("nobody", false)
		if err != nil {
			t.Fatal(err)
		}
		want(t, "its postmortem", fmt.Sprintln(p.Conditions.Directory == here, p.Conditions.Command, p.Conditions.User, p.Conditions.Credential, p.Conditions.Env), "true [nobody] there-is-none <nil> [TZ=UTC]\n")
		b.term()
	})
}

// Who asks for lines gets those that are still in pipes, but does not wait for a console
// that nobody reads.
func TestLastWordsAreHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil, longrun("app"))
		b.said.word, b.said.behind = "bye", hearMost/2
		lines, _, err := b.Lines([]string{"app"}, 10)
		if err != nil || len(lines) != 1 || lines[0].Text != "bye" {
			t.Errorf("%v %v", lines, err)
		}
		b.said.behind = time.Hour
		begin := time.Now()
		if _, _, err := b.Lines(nil, 10); err != nil || time.Since(begin) != hearMost {
			t.Errorf("%v after %s", err, time.Since(begin))
		}
		b.term()
		b.settle(time.Hour)
	})
}

// A start that fails says why; so does one that waits for what has failed.
func TestActionsThatFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never, bad := longrun("never"), longrun("bad")
		never.Ready = &tree.Probe{Kind: tree.ProbeDelay, Delay: time.Hour}
		never.StartTimeout = 0
		bad.Restart.Policy, bad.Ready = tree.Never, never.Ready
		b := start(t, nil, bad, longrun("app", requires(0)), never)
		b.world.end("bad", 4, 0)
		b.settle(0)
		var wg sync.WaitGroup
		wg.Go(func() {
			want(t, "start", b.do("start", "bad"), "failed [bad app] bad is failed: exited with code 4 after 1s, before it was ready; app is blocked: bad failed (exit code 4)")
		})
		b.settle(time.Second)
		b.world.end("bad", 4, 0)
		wg.Wait()
		wg.Go(func() {
			want(t, "overtaken", b.do("start", "never"), "superseded [never] never: superseded by stop never, asked for by uid 1000, pid 7")
		})
		b.settle(time.Second)
		want(t, "stop", b.do("stop", "never"), "done [never] ")
		wg.Wait()
		wg.Go(func() {
			want(t, "torn down", b.do("restart", "never"), "superseded [never] the tree is being torn down")
		})
		b.settle(time.Second)
		b.term()
		wg.Wait()
	})
}

// Two who want opposite things: the last word wins, nothing hangs, and every operation
// comes to an end.
func TestTheLastWordWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil, longrun("db"), longrun("app", requires(0)))
		r := rand.New(rand.NewPCG(1, 2))
		var ops []uint64
		last := ""
		for range 1000 {
			last = []string{"start", "stop", "restart"}[r.IntN(3)]
			op, err := b.Do(control.Action{Verb: last, Services: []string{"app"}}, control.Peer{})
			if err != nil {
				t.Fatal(err)
			}
			ops = append(ops, op.ID)
			if r.IntN(3) == 0 {
				b.settle(time.Duration(r.IntN(3)) * time.Millisecond)
			}
		}
		b.settle(time.Minute)
		wanted := "db ready, app ready"
		if last == "stop" {
			wanted = "db ready, app down"
		}
		want(t, "in the end", b.states(), wanted)
		for _, id := range ops[len(ops)-operationsMost:] {
			if op, err := b.Await(t.Context(), id); err != nil || !op.Over() {
				t.Errorf("operation %d: %v %v", id, op, err)
			}
		}
		if _, err := b.Await(t.Context(), ops[0]); err == nil {
			t.Error("the first is still remembered")
		}
		b.term()
	})
}

// A plan knows what is under way: who waits for one that starts, starts when that is ready.
func TestPlanInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := longrun("slow")
		slow.Ready, slow.StartTimeout = &tree.Probe{Kind: tree.ProbeDelay, Delay: time.Hour}, 0
		b := start(t, nil, slow, longrun("app", requires(0)))
		steps, err := b.Plan(control.Action{Verb: "start", Services: []string{"app"}})
		want(t, "start", fmt.Sprint(steps, err), "[{start app}] <nil>")
		steps, err = b.Plan(control.Action{Verb: "restart", Services: []string{"slow"}})
		want(t, "restart", fmt.Sprint(steps, err), "[{stop slow} {start slow} {start app}] <nil>")
		if _, err := b.Plan(control.Action{Verb: "signal", Services: []string{"app"}, Signal: "HUP"}); err == nil {
			t.Error("a signal is planned")
		}
		b.term()
	})
}

// A plan says what would happen, in order, and nothing happens.
func TestPlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		once := longrun("once")
		once.Kind, once.Down = tree.Oneshot, []string{"undo"}
		b := start(t, nil, longrun("db"), once, longrun("app", requires(0), requires(1)))
		b.world.end("once", 0, 0)
		b.settle(0)
		plan := func(verb string, dependents bool, services ...string) string {
			steps, err := b.Plan(control.Action{Verb: verb, Services: services, Dependents: dependents})
			return fmt.Sprint(steps, err)
		}
		want(t, "stop", plan("stop", false, "db"), "[{stop app} {stop db}] <nil>")
		want(t, "oneshot", plan("stop", false, "once"), "[{stop app} {stop once}] <nil>")
		want(t, "restart", plan("restart", false, "db"), "[{stop db} {start db}] <nil>")
		want(t, "with dependents", plan("restart", true, "db"), "[{stop app} {stop db} {start db} {start app}] <nil>")
		want(t, "start", plan("start", false, "app"), "[] <nil>")
		want(t, "nothing has happened", b.states(), "db ready, once done, app ready")
		b.term()
	})
}
