package procattr

import (
	"fmt"
	"testing"
)

func TestLookupUser(t *testing.T) {
	groups := OwnCredential()
	for _, test := range []struct {
		name, group string
		groups      []string
		want        string
	}{
		{"root", "", nil, "0:0 [0] root /root"},
		{"0", "", nil, "0:0 [0] root /root"},
		{"root", "12345", nil, "0:12345 [12345] root /root"},
		{"root", "", []string{"7", "8"}, "0:0 [7 8] root /root"},
		{"root", "", []string{}, "0:0 [] root /root"},
		{"12345", "", nil, "12345:12345 []  "},
		{"12345", "root", nil, "12345:0 []  "},
		{"", "12345", nil, fmt.Sprintf("%d:12345 %v  ", groups.UID, groups.Groups)},
		{"nobody-of-this-name", "", nil, `there is no user "nobody-of-this-name" on this machine`},
		{"-1", "", nil, `there is no user "-1" on this machine`},
		{"4294967295", "", nil, `there is no user "4294967295" on this machine`},
		{"root", "no-such-group", nil, `there is no group "no-such-group" on this machine`},
		{"root", "", []string{"0", "no-such-group"}, `there is no group "no-such-group" on this machine`},
	} {
		a, err := LookupUser("", test.name, test.group, test.groups)
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprintf("%d:%d %v %s %s", a.UID, a.GID, a.Groups, a.Login.Name, a.Login.Home)
		}
		if got != test.want {
			t.Errorf("user %q, group %q, groups %v: %s, want %s", test.name, test.group, test.groups, got, test.want)
		}
	}
}
