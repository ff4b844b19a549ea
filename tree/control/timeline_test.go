package control

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// spans reads lines such as "app 0.5-1.2 db migrate"; "-" is a time that has not come.
func spans(text string) (out []Span) {
	at := func(s string) *float64 {
		var x float64
		if n, _ := fmt.Sscan(s, &x); n == 0 {
			return nil
		}
		return &x
	}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		began, settled, _ := strings.Cut(f[1], "-")
		out = append(out, Span{Service: f[0], Began: at(began), Settled: at(settled), Needs: f[2:]})
	}
	return out
}

func TestCriticalPath(t *testing.T) {
	for _, test := range []struct{ name, spans, want string }{
		{"nothing", "", "[] 0"},
		{"one", "db 0.1-0.4", "[db] 0.3"},
		{"nothing has settled", "db 0.1-", "[] 0"},
		{"a chain", "db 0-0.3\nmigrate 0.3-0.5 db\napp 0.5-1.1 db migrate", "[db migrate app] 1.1"},
		{"the slower of two", "db 0-0.3\ncache 0-0.9\napp 0.9-1 db cache", "[cache app] 1"},
		{"the last is no dependent", "db 0-5\napp 0-1\nweb 1-2 app", "[db] 5"},
		{"of two at once, the dependent", "db 0-1\napp 1-1 db", "[db app] 1"},
		{"until started", "db 0-9\nlog 0-2\napp 2-10 db log", "[log app] 10"},
		{"not wanted", "app 0.5-1 cron", "[app] 0.5"},
		{"blocked", "db 0-1\napp -1.5 db", "[db] 1"},
		{"a need that comes later", "db 3-4\napp 1-5 db", "[app] 4"},
	} {
		p := CriticalPath(spans(test.spans))
		want(t, test.name, fmt.Sprintf("%v %.3g", p.Services, p.Seconds), test.want)
	}
}

func TestPathInOneLine(t *testing.T) {
	p := Path{[]string{"db", "migrate", "app"}, 1.104}
	want(t, "short", p.String(), "db → migrate → app 1.1s")
	p.Services = strings.Fields("a b c d e f g h i")
	want(t, "nine", p.String(), "a → b → c → d → e → f → g → h → i 1.1s")
	p.Services = append(p.Services, "j")
	want(t, "ten", p.String(), "a → b → c → d → … → g → h → i → j 1.1s")
}

func TestShort(t *testing.T) {
	for d, text := range map[time.Duration]string{
		0: "0s", 456789: "460µs", 304 * time.Millisecond: "304ms", 1249 * time.Millisecond: "1.2s", 59900 * time.Millisecond: "59s",
		61 * time.Second: "1m01s", 2*time.Hour + 13*time.Minute: "2h13m", 49 * time.Hour: "2d01h", -time.Second: "-1s",
	} {
		want(t, "duration", Short(d), text)
	}
}
