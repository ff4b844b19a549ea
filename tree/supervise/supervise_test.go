package supervise

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"bole/tree"
	"bole/tree/engine"
	"bole/tree/process"
)

// A bench is a supervisor with a fake world below it, inside a bubble of fake time.
type bench struct {
	*supervisor
	t     *testing.T
	world *world
	said  *transcript
	child chan os.Signal
	other chan os.Signal
	code  chan int
}

// longrun is a service as the loader makes it when nothing is said.
func longrun(name string, needs ...tree.Dep) tree.Service {
	return tree.Service{
		Name: name, Command: []string{name}, Needs: needs, Enabled: true,
		Restart:    tree.Restart{Delay: 200 * time.Millisecond, MaxDelay: time.Second, Reset: 10 * time.Second, Limit: -1},
		OnSuccess:  tree.Codes{{}},
		StopSignal: int(unix.SIGTERM), StopTimeout: 5 * time.Second, StartTimeout: time.Minute,
	}
}

func requires(id tree.ID) tree.Dep {
	return tree.Dep{On: id, Kind: tree.Requires, Until: tree.UntilReady}
}

// start runs the services in the bubble that the test is in.
func start(t *testing.T, change func(*world), services ...tree.Service) *bench {
	t.Helper()
	settings := tree.Settings{ShutdownTimeout: 9 * time.Second, OnFailure: tree.Keep}
	for i := range services {
		if services[i].Enabled {
			settings.Start = append(settings.Start, tree.ID(i))
		}
	}
	b := &bench{t: t, said: &transcript{}, child: make(chan os.Signal, 1), other: make(chan os.Signal, 8), code: make(chan int, 1)}
	b.world = &world{t: t, runs: map[engine.Run]*fake{}, strays: map[string]int{}, again: make(chan struct{}, 1)}
	b.world.died = func() {
		select {
		case b.child <- unix.SIGCHLD:
		default:
		}
	}
	if change != nil {
		change(b.world)
	}
	b.supervisor = newSupervisor(Options{Tree: tree.Assemble(services, nil, settings), Signals: Signals{Child: b.child, Other: b.other}}, b.world)
	b.console = b.said
	go func() { b.code <- b.run() }()
	t.Cleanup(func() { b.settle(time.Second) }) // the bubble waits for a look that is under way
	b.settle(0)
	return b
}

// settle lets time pass, and everybody do what there is to do.
func (b *bench) settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// term sends a stop signal and returns the exit code, and the time that it took.
func (b *bench) term() (int, time.Duration) {
	begin := time.Now()
	b.other <- unix.SIGTERM
	return <-b.code, time.Since(begin)
}

func (b *bench) started() []string {
	b.world.mu.Lock()
	defer b.world.mu.Unlock()
	return slices.Clone(b.world.started)
}

func (b *bench) signals() []string {
	b.world.mu.Lock()
	defer b.world.mu.Unlock()
	return slices.Clone(b.world.signals)
}

func (b *bench) lines() string {
	b.said.mu.Lock()
	defer b.said.mu.Unlock()
	return strings.Join(b.said.lines, "\n")
}

func want[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestUpInOrderAndDownInReverse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil, longrun("db"), longrun("app", requires(0)), longrun("web", requires(1)))
		want(t, "started", b.started(), []string{"db", "app", "web"})
		code, took := b.term()
		want(t, "code", code, 0)
		want(t, "took", took, 0)
		want(t, "signals", b.signals(), []string{"web SIGTERM", "app SIGTERM", "db SIGTERM"})
		want(t, "said", b.lines(), `db: ready after 0s
app: ready after 0s
web: ready after 0s
ready after 0s: 3 ready; critical path db → app → web 0s
SIGTERM
stopping 3 services, 9s at most
web: stopping
web: down after 0s
app: stopping
app: down after 0s
db: stopping
db: down after 0s
all down after 0s`)
	})
}

func TestCrashIsRestartedAfterItsDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil, longrun("app"))
		b.world.end("app", 1, 0)
		b.settle(150 * time.Millisecond)
		want(t, "before the delay", b.started(), []string{"app"})
		b.settle(100 * time.Millisecond)
		want(t, "after the delay", b.started(), []string{"app", "app"})
		b.term()
	})
}

func TestFailedExecIsFailedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, func(w *world) {
			w.start = func(*process.Command) error { return &process.StartError{Program: "app", Errno: unix.ENOENT} }
		}, longrun("app"))
		b.settle(time.Hour)
		want(t, "started", len(b.started()), 0)
		code, _ := b.term()
		want(t, "code", code, 1)
		if !strings.Contains(b.lines(), "app: failed: cannot run app") {
			t.Errorf("nothing says why:\n%s", b.lines())
		}
	})
}

func TestMachineInNeedIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var once sync.Once
		b := start(t, func(w *world) {
			w.start = func(*process.Command) (err error) {
				once.Do(func() { err = &process.StartError{Program: "app", Errno: unix.EAGAIN} })
				return err
			}
		}, longrun("app"))
		b.settle(time.Second)
		want(t, "started", b.started(), []string{"app"})
		b.term()
	})
}

func TestDeafServiceIsKilledAfterItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, func(w *world) { w.onKill = func(*fake, int) bool { return false } }, longrun("app"))
		code, took := b.term()
		want(t, "code", code, 0)
		want(t, "took", took, 5*time.Second)
		want(t, "signals", b.signals(), []string{"app SIGTERM", "app SIGKILL"})
		if !strings.Contains(b.lines(), "app: still stopping after 2s: told to stop; SIGKILL in 3s") {
			t.Errorf("nothing says whom it waits for:\n%s", b.lines())
		}
	})
}

func TestSecondSignalKillsNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, func(w *world) { w.onKill = func(*fake, int) bool { return false } }, longrun("db"), longrun("app", requires(0)))
		b.other <- unix.SIGTERM
		b.settle(time.Second)
		_, took := b.term()
		want(t, "took", took, 0)
		want(t, "KillAll", b.world.killed, 1)
		want(t, "signals", b.signals(), []string{"app SIGTERM"})
	})
}

func TestStraysAreEndedBeforeTheRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, func(w *world) { w.strays["app"] = 2 }, longrun("app"))
		b.world.end("app", 1, 0)
		b.settle(time.Second)
		want(t, "signals", b.signals(), []string{"app strays SIGTERM"})
		want(t, "started", b.started(), []string{"app", "app"})
		b.term()
	})
}

func TestManySweepsAreOneLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var services []tree.Service
		strays := map[string]int{}
		for i := range 100 {
			name := fmt.Sprint("s", i)
			services = append(services, longrun(name))
			strays[name] = 1
		}
		b := start(t, func(w *world) { w.strays = strays }, services...)
		b.term()
		if b.world.swept > 10 {
			t.Errorf("%d looks for the strays of 100 services", b.world.swept)
		}
	})
}

// A fork on a file system that does not answer hangs for ever.
func TestEndsWithAForkThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := make(chan struct{})
		b := start(t, func(w *world) {
			w.start = func(c *process.Command) error {
				if c.Mark == "app" {
					w.mu.Unlock()
					<-stuck
					w.mu.Lock()
				}
				return nil
			}
		}, longrun("db"), longrun("app"))
		_, took := b.term()
		want(t, "time", took <= 9*time.Second, true)
		want(t, "signals", b.signals(), []string{"db SIGTERM"})
		close(stuck)
	})
}

func TestReadinessGatesTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := longrun("db")
		db.ReadyFD = 3
		b := start(t, func(w *world) {
			w.start = func(c *process.Command) error {
				if c.As == 3 {
					unix.Write(c.Notify, []byte("\n"))
				}
				return nil
			}
		}, db, longrun("app", requires(0)))
		b.settle(0)
		want(t, "started", b.started(), []string{"db", "app"})
		b.term()
	})
}

func TestClosedWithoutANewlineIsAFailedStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := longrun("db")
		db.ReadyFD, db.Restart.Policy = 3, tree.Never
		b := start(t, nil, db, longrun("app", requires(0)))
		b.settle(time.Second)
		want(t, "started", b.started(), []string{"db"})
		if !strings.Contains(b.lines(), "app: blocked: db failed (") {
			t.Errorf("app is not blocked:\n%s", b.lines())
		}
		b.term()
	})
}

func TestPanicTearsDownInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, func(w *world) {
			w.start = func(c *process.Command) error {
				if c.Mark == "app" {
					panic(errors.New("a bug"))
				}
				return nil
			}
		}, longrun("db"), longrun("app", requires(0)))
		want(t, "code", <-b.code, exitBug)
		if !slices.Contains(b.signals(), "db SIGTERM") || !strings.Contains(b.lines(), "a fault of bole's own, in spawner: a bug") {
			t.Errorf("signals %v\n%s", b.signals(), b.lines())
		}
	})
}

func TestPanicOfTheLoopLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil, longrun("app"))
		b.mail.post(engine.Start{Service: 99})
		want(t, "code", <-b.code, exitBug)
		want(t, "childless", b.world.Childless(), true)
	})
}

func TestIdleTreeSetsNoTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil, longrun("app"))
		b.settle(time.Hour)
		if at, ok := b.engine.Deadline(); ok {
			t.Errorf("a deadline at %s with nothing to wait for", at)
		}
		b.term()
	})
}
