package tree

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// many is n definitions, in a chain or each by itself.
func many(n int, chain bool) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "[service.\"s%05d\"]\ncommand = [\"/x/svc\", \"/dev/null\", \"s%05d\"]\nrestart-delay = \"0s\"\n", i, i)
		if chain && i > 0 {
			fmt.Fprintf(&b, "requires = [\"s%05d\"]\n", i-1)
		}
		b.WriteString("ready = { fd = 3 }\n\n")
	}
	return b.String()
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		for _, chain := range []bool{false, true} {
			text := many(n, chain)
			path := filepath.Join(b.TempDir(), "many.toml")
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("%d/chain=%t", n, chain), func(b *testing.B) {
				for b.Loop() {
					if t, report := Load([]string{path}, Options{Environ: os.Environ(), Portable: true}); t == nil {
						b.Fatal(report)
					}
				}
			})
			b.Run(fmt.Sprintf("%d/chain=%t/decode-alone", n, chain), func(b *testing.B) {
				for b.Loop() {
					var v map[string]any
					if _, err := toml.Decode(text, &v); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
