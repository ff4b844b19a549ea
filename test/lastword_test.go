package test

import (
	"fmt"
	"strings"
	"testing"
)

// sends is a Perl program that sends what its arguments say to NOTIFY_SOCKET, a datagram
// each, and waits for nothing. A process that it has left stands as CHILD in them.
const sends = `use Socket; socket(S, AF_UNIX, SOCK_DGRAM, 0); ($to = $ENV{NOTIFY_SOCKET}) =~ s/^@/\0/;
if (grep /CHILD/, @ARGV) { defined($child = fork) or die; $child or exec "sleep", "1000" }
for (@ARGV) { s/CHILD/$child/; s/\\n/\n/g; send(S, $_, 0, pack("Sa*", AF_UNIX, $to)) or die $! }`

// perl is a command that sends so.
func perl(messages ...string) string {
	return fmt.Sprintf("['perl', '-e', '''%s''', '%s']", strings.ReplaceAll(sends, "$", "$$"), strings.Join(messages, "', '"))
}

// What a process has said before its end counts before it, however soon it has ended; and
// so does what one below it has said that is gone when it is looked at.
func TestLastWord(t *testing.T) {
	need(t, "perl")
	text := "[defaults]\nrestart = \"never\"\n"
	for i := range 20 {
		text += fmt.Sprintf(`
[service.fd%[1]d]
command = ["sh", "-c", "echo >&3; exit 0"]
ready = { fd = 3 }
[service.log%[1]d]
command = ["sh", "-c", "echo READY; exit 0"]
ready = { log = "^READY$" }
[service.notify%[1]d]
command = %[2]s
ready = { notify = true }
[service.child%[1]d]
command = ["sh", "-c", "\"$@\" & exec sleep 1000", "sh", %[4]s]
ready = { notify = true }
[service.away%[1]d]
command = ["sh", "-c", "(setsid \"$@\" &); exec sleep 1000", "sh", %[4]s]
ready = { notify = true }
[service.heir%[1]d]
command = %[3]s
ready = { notify = true }
`, i, perl("STATUS=loading", "STATUS=loaded", "READY=1"), perl(`MAINPID=CHILD\nREADY=1`), strings.Trim(perl("READY=1"), "[]"))
	}
	b := up(t, plain, define(t, text))
	b.says("| ready after")
	wait(t, "all but the heirs to be done", func() bool { return strings.Count(b.output(), ": done: exited with code 0") == 60 })
	b.never("before it was ready")
	b.never("is not taken")
	b.term(0)
}
