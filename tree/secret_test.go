package tree

import "testing"

func TestSecret(t *testing.T) {
	s := &Service{Secrets: []string{"FROM_FILE"}}
	for name, test := range map[string]struct {
		value string
		want  bool
	}{
		"PATH":                  {"/bin:/usr/bin", false},
		"TZ":                    {"UTC", false},
		"DB_PASSWORD":           {"x", true},
		"MYSQL_PWD":             {"x", true},
		"REDIS_PASS":            {"x", true},
		"PWD":                   {"/srv", false},
		"DB_PW":                 {"x", true},
		"GITHUB_PAT":            {"x", true},
		"SPINNER":               {"x", false},
		"CONN":                  {"Server=x;Password=y;", true},
		"JAVA_OPTS":             {"-Xmx1g -Dspring.datasource.password=y", true},
		"apiToken":              {"x", true},
		"AWS_SECRET_ACCESS_KEY": {"x", true},
		"FROM_FILE":             {"x", true},
		"FROM_FIL":              {"x", false},
		"DATABASE_URL":          {"postgres://app:hunter2@db/shop", true},
		"HOME_PAGE":             {"http://example.com:80/a@b", false},
		"OTHER_URL":             {"postgres://app@db/shop", false},
	} {
		if got := s.Secret(name, test.value); got != test.want {
			t.Errorf("%s=%s: %v", name, test.value, got)
		}
	}
}
