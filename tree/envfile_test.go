package tree

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseEnvFile(t *testing.T) {
	outer := map[string]string{"A": "a", "EMPTY": ""}
	for name, c := range map[string]struct{ in, want string }{
		"nothing":             {"", ""},
		"plain":               {"B=1\nC=2", "B=\"1\"\nC=\"2\"\n"},
		"empty values":        {"B=\nC=''\nD=\"\"", "B=\"\"\nC=\"\"\nD=\"\"\n"},
		"blanks":              {"  B = 1 2 \n\tC\t=\t3\t\n\n \t\n", "B=\"1 2\"\nC=\"3\"\n"},
		"equals signs":        {"B=c=d==", "B=\"c=d==\"\n"},
		"comments":            {"# x\n  # B=1\nB=1 # y\nC=1#2\nD= # z\nE=#\nF=\"#\" # '\nG='a' #", "B=\"1\"\nC=\"1#2\"\nD=\"\"\nE=\"\"\nF=\"#\"\nG=\"a\"\n"},
		"export":              {"export B=1\n export  C='2'\nexport\tD=3\nexport A\n", "B=\"1\"\nC=\"2\"\nD=\"3\"\nA=\"a\"\n"},
		"tab is no blank":     {"B=1\t# x\n", "B=\"1\\t# x\"\n"},
		"called export":       {"export=1\nexports=2\n", "export=\"1\"\nexports=\"2\"\n"},
		"crlf":                {"B=1\r\nC='2'\r\nD=\"3\" # x\r\n\r\nA\r\n", "B=\"1\"\nC=\"2\"\nD=\"3\"\nA=\"a\"\n"},
		"byte order mark":     {"\ufeffB=1\n", "B=\"1\"\n"},
		"single quotes":       {`B='a "b" \n ${A} $$ #c'`, `B="a \"b\" \\n ${A} $$ #c"` + "\n"},
		"double quotes":       {`B="a 'b' \n\t\r\"\\ ${A} #c"`, `B="a 'b' \n\t\r\"\\ a #c"` + "\n"},
		"other escapes":       {`B="\a\'\x41"`, `B="\\a\\'\\x41"` + "\n"},
		"escaped dollar":      {`B="\${A} $${A}"`, `B="${A} ${A}"` + "\n"},
		"over lines":          {"B='a\nC=1\n'\nD=\"a\r\nb\" # x\nE=1", "B=\"a\\nC=1\\n\"\nD=\"a\\r\\nb\"\nE=\"1\"\n"},
		"quotes inside":       {`B=a'b'"c"`, `B="a'b'\"c\""` + "\n"},
		"no escapes unquoted": {`B=a\nb\\`, `B="a\\nb\\\\"` + "\n"},
		"variables":           {"B=${A}${X:-d}${EMPTY:-e}$A $$\n", "B=\"ade$A $\"\n"},
		"earlier lines":       {"B=1\nC=${B}\nB=2\nD=\"${B}\"\n", "B=\"1\"\nC=\"1\"\nB=\"2\"\nD=\"2\"\n"},
		"before the outer":    {"A=b\nB=${A}\n", "A=\"b\"\nB=\"b\"\n"},
		"from the outside":    {"A\nEMPTY\nX\n", "A=\"a\"\nEMPTY=\"\"\n"},

		"all faults": {
			"1A=1\nB=${X}\n=2\nC='x' y\nD=\"${\"\nE E\nF=1\n", `C="x"
F="1"
fault at "1A": the line does not begin with a variable's name (a line is NAME=value, or a comment after #; a value of several lines stands in quotes)
fault at "${X}": X is not set (${NAME:-default} gives a default, $$ is a plain dollar)
fault at "=": the line does not begin with a variable's name (a line is NAME=value, or a comment after #; a value of several lines stands in quotes)
fault at " y": something follows the quoted value (put all of the value in the quotes)
fault at "\"${\"": what follows the dollar is no variable (${NAME:-default} gives a default, $$ is a plain dollar)
fault at "E E": the line does not begin with a variable's name (a line is NAME=value, or a comment after #; a value of several lines stands in quotes)
`},
		"open quote":        {"B=1\nC='2\n3", "B=\"1\"\nfault at \"'\": the quote ' is never closed\n"},
		"open double quote": {"B=\"\\\"", "fault at \"\\\"\": the quote \" is never closed\n"},
		"zero byte":         {"B=a\x00b\nC=1\n", "C=\"1\"\nfault at \"\\x00\": a value cannot hold a zero byte\n"},
	} {
		t.Run(name, func(t *testing.T) {
			vars, faults := parseEnvFile([]byte(c.in), func(name string) (string, bool) { v, ok := outer[name]; return v, ok })
			if diff := cmp.Diff(c.want, envReport(c.in, vars, faults)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func envReport(text string, vars []envVar, faults []textFault) string {
	var b strings.Builder
	for _, v := range vars {
		fmt.Fprintf(&b, "%s=%q\n", v.Name, v.Value)
	}
	for _, f := range faults {
		fmt.Fprintf(&b, "fault at %q: %s", text[f.At.from:f.At.to], f.Message)
		if f.Hint != "" {
			fmt.Fprintf(&b, " (%s)", f.Hint)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Each line asks for a variable that no line has.
func TestParseEnvFileIsFast(t *testing.T) {
	text := fill(func(i int) string { return fmt.Sprintf("K%d=${X:-}\n", i) })
	began := time.Now()
	vars, faults := parseEnvFile([]byte(text), func(string) (string, bool) { return "", false })
	if took := time.Since(began); len(vars) < 1000 || len(faults) > 0 || took > 3*time.Second {
		t.Errorf("%d variables, %d faults, took %v", len(vars), len(faults), took)
	}
}

func FuzzEnvFile(f *testing.F) {
	for _, s := range []string{"export B='a\nb' # c\r\nA\n", "\ufeffC=\"\\n\\\"${D:-e}\" x", "=\n1=\n", "E=${", "F='"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		began := time.Now()
		vars, faults := parseEnvFile(text, func(name string) (string, bool) { return name, len(name)%2 == 0 })
		for _, v := range vars {
			if !validVariable(v.Name) {
				t.Errorf("%q became a name", v.Name)
			}
		}
		for _, f := range faults {
			if f.At.from < 0 || f.At.to < f.At.from || f.At.to > len(text) {
				t.Errorf("%q at %v is outside of %d bytes", f.Message, f.At, len(text))
			}
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%d bytes took %v", len(text), took)
		}
	})
}

func TestReadEnvDir(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"PLAIN": "a b", "LINES": "one\ntwo\n", "BLANKS": " x \t\r\n", "ZEROS": "a\x00b\n",
		"BLANK": "\n", "GONE": "", ".hidden": "x", "with=sign": "x",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "FOLDER"), 0o700); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"LINK": "PLAIN", "TO_FOLDER": "FOLDER"} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	vars, unset, err := readEnvDir(dir)
	const want = `BLANK=""
BLANKS=" x"
LINES="one"
LINK="a b"
PLAIN="a b"
ZEROS="a\nb"
unset ["GONE"], error <nil>
`
	if diff := cmp.Diff(want, fmt.Sprintf("%sunset %q, error %v\n", envReport("", vars, nil), unset, err)); diff != "" {
		t.Error(diff)
	}
}

func TestReadEnvDirWithoutOne(t *testing.T) {
	if _, _, err := readEnvDir(filepath.Join(t.TempDir(), "none")); !os.IsNotExist(err) {
		t.Errorf("the error is %v", err)
	}
}

func TestReadEnvDirUnreadable(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("nowhere", filepath.Join(dir, "LOST")); err != nil {
		t.Fatal(err)
	}
	if vars, unset, err := readEnvDir(dir); err == nil {
		t.Errorf("a variable whose file is lost was passed over: %v, unset %v", vars, unset)
	}
}
