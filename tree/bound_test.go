package tree

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// fill repeats what one makes of a number until it is a megabyte.
func fill(one func(i int) string) string {
	var b strings.Builder
	for i := 0; b.Len() < megabyte; i++ {
		b.WriteString(one(i))
	}
	return b.String()
}

// ring is how many services are a megabyte when each says as much as below.
const ring = megabyte / 75

// half is half as much.
func half(one func(i int) string) string {
	text := fill(one)
	return text[:strings.LastIndexByte(text[:megabyte/2], '\n')+1]
}

// hostile are megabytes that would take long, or much memory, if something in the
// loader were quadratic.
var hostile = map[string]func() string{
	"unknown keys":   func() string { return "[service.a]\n" + fill(func(i int) string { return fmt.Sprintf("k%d=1\n", i) }) },
	"unknown tables": func() string { return fill(func(i int) string { return fmt.Sprintf("[k%d]\n", i) }) },
	"dotted keys":    func() string { return fill(func(i int) string { return fmt.Sprintf("service.a.k%d.b=1\n", i) }) },
	"one long line": func() string {
		return "service.a={" + fill(func(i int) string { return fmt.Sprintf("k%d=1,", i) }) + "z=1}\n"
	},
	"wrong elements": func() string { return "[service.a]\ncommand=[" + strings.Repeat("1,", megabyte/2) + "]\n" },
	"environment": func() string {
		return "[service.a]\ncommand=['x']\n[service.a.env]\n" + fill(func(i int) string { return fmt.Sprintf("k%d=''\n", i) })
	},
	"wrong variables": func() string {
		return "[service.a]\n[service.a.env]\n" + fill(func(i int) string { return fmt.Sprintf("k%d=1\n", i) })
	},
	"unknown names": func() string {
		return "[service.a]\ncommand=['x']\nrequires=[" + fill(func(i int) string { return fmt.Sprintf("'s%d',", i) }) + "]\n"
	},
	"many services": func() string { return fill(func(i int) string { return fmt.Sprintf("service.s%d.command='x'\n", i) }) },
	"unknown each": func() string {
		return fill(func(i int) string { return fmt.Sprintf("service.s%d={command='x',requires=['t%d']}\n", i, i) })
	},
	"ring": func() string {
		return "[service]\n" + fill(func(i int) string {
			return fmt.Sprintf("s%05d={command='x',after=['s%05d'],directory='/%s'}\n", i, (i+1)%ring, strings.Repeat("x", megabyte/ring-48))
		})
	},
	"pairs": func() string {
		return fill(func(i int) string { return fmt.Sprintf("service.s%d={command='x',after=['s%d']}\n", i, i^1) })
	},
	"no commands": func() string { return fill(func(i int) string { return fmt.Sprintf("[service.s%d]\n", i) }) },
	"bundle chain": func() string {
		return "bundle.b0={}\n" + fill(func(i int) string {
			return fmt.Sprintf("service.s%d={command='x'}\nbundle.b%d={contains=['s%d','b%d']}\n", i, i+1, i, i)
		})
	},
	"bundle product": func() string {
		return fill(func(i int) string {
			return fmt.Sprintf("service.s%d={command='x'}\nservice.t%d={command='x',after=['b']}\n", i, i)
		}) + "bundle.b.contains=[" + fill(func(i int) string { return fmt.Sprintf("'s%d',", i%9000) }) + "]\n"
	},
	"defaults product": func() string {
		return "[defaults.env]\n" + half(func(i int) string { return fmt.Sprintf("k%d=''\n", i) }) + "[service]\n" + half(func(i int) string { return fmt.Sprintf("s%d={command='x',env={a='b'}}\n", i) })
	},
	"tree product": func() string {
		return "[tree.env]\n" + half(func(i int) string { return fmt.Sprintf("k%d=''\n", i) }) + "[service]\n" + half(func(i int) string { return fmt.Sprintf("s%d={command='x'}\n", i) })
	},
	"expansion": func() string {
		return "tree.env.A='" + strings.Repeat("x", megabyte/2) + "'\n[service.a]\ncommand=[" + strings.Repeat("'${A}',", megabyte/14) + "]\n"
	},
	"braces": func() string { return "[service.a]\ncommand='" + strings.Repeat("${", megabyte/2) + "'\n" },
	"nested defaults": func() string {
		return "[service.a]\ncommand='" + strings.Repeat("${A:-", megabyte/6) + strings.Repeat("}", megabyte/6) + "'\n"
	},
	"brackets":         func() string { return "a=" + strings.Repeat("[", megabyte) },
	"closed brackets":  func() string { return "a=[" + strings.Repeat("[],", megabyte/3) + "]" },
	"tables in arrays": func() string { return "[service.a]\nrequires=[" + strings.Repeat("{},", megabyte/3) + "]" },
	"array tables":     func() string { return "[service.a]\n" + strings.Repeat("[[service.a.requires]]\n", megabyte/23) },
	"quotes":           func() string { return strings.Repeat("'", megabyte) },
	"triple quotes":    func() string { return "a=" + strings.Repeat(`"""`, megabyte/3) },
	"backslashes":      func() string { return `a="` + strings.Repeat(`\\`, megabyte/2) + `"` },
	"words":            func() string { return "[service.a]\ncommand='" + strings.Repeat("a ", megabyte/2) + "'\n" },
	"newlines":         func() string { return strings.Repeat("\n", megabyte) },
	"long name":        func() string { return "[service." + strings.Repeat("a", megabyte) + "]\n" },
	"long key":         func() string { return "[service.a]\n" + strings.Repeat("a", megabyte) + "=1\n" },
	"long value":       func() string { return "[service.a]\nrestart='" + strings.Repeat("a", megabyte) + "'\n" },
	"long start": func() string {
		return "tree.start=[" + fill(func(i int) string { return fmt.Sprintf("'s%d',", i) }) + "]\n"
	},
}

// TestHostile: a megabyte takes less than a second on an idle machine. What is
// counted is the processor's time, and the bound leaves room for the race detector;
// what is quadratic takes minutes.
func TestHostile(t *testing.T) {
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "hostile.toml")
			if err := os.WriteFile(path, []byte(text()), 0o644); err != nil {
				t.Fatal(err)
			}
			began := processorTime(t)
			_, report := Load([]string{path}, Options{Environ: environ, Portable: true})
			size := len(report.String())
			took := processorTime(t) - began
			t.Logf("%v, %d faults and %d more in %d bytes", took, len(report.Faults), report.More, size)
			if took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			if size > 4*megabyte {
				t.Errorf("%d bytes of report", size)
			}
		})
	}
}

func processorTime(t *testing.T) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
