package control

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// What is written is what Prometheus reads, and says what is so.
func TestMetrics(t *testing.T) {
	f := &fake{status: shop(), usage: map[string]Usage{"db": {Processes: 3, Resident: 4096, CPUSeconds: 1.25}}}
	code, text := ask(t, serve(t, NewProbes(f)), "GET", "/metrics", nil)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil || code != 200 {
		t.Fatalf("%d: %v\n%s", code, err, text)
	}
	value := func(name string, labels ...string) (float64, bool) {
	metrics:
		for _, m := range families[name].GetMetric() {
			if len(m.Label) != len(labels)/2 {
				continue
			}
			for i, l := range m.Label {
				if l.GetName() != labels[2*i] || l.GetValue() != labels[2*i+1] {
					continue metrics
				}
			}
			return m.GetGauge().GetValue() + m.GetCounter().GetValue(), true
		}
		return 0, false
	}
	for _, test := range []struct {
		name   string
		labels []string
		want   float64
	}{
		{"bole_tree_state", []string{"state", "degraded"}, 1},
		{"bole_tree_state", []string{"state", "ready"}, 0},
		{"bole_memory_resident_bytes", nil, 7 << 20},
		{"bole_cpu_seconds_total", nil, 0.5},
		{"bole_service_state", []string{"service", "app", "state", "failed"}, 1},
		{"bole_service_state", []string{"service", "app", "state", "ready"}, 0},
		{"bole_service_wanted", []string{"service", "cron"}, 0},
		{"bole_service_ready", []string{"service", "migrate"}, 1},
		{"bole_service_healthy", []string{"service", "db"}, 1},
		{"bole_service_restarts_total", []string{"service", "app"}, 3},
		{"bole_service_start_duration_seconds", []string{"service", "migrate"}, 1.5},
		{"bole_service_last_exit_code", []string{"service", "app"}, 139},
		{"bole_service_processes", []string{"service", "db"}, 3},
		{"bole_service_memory_resident_bytes", []string{"service", "db"}, 4096},
		{"bole_service_cpu_seconds_total", []string{"service", "db"}, 1.25},
		{"bole_service_log_bytes_total", []string{"service", "db"}, 1234},
	} {
		if got, ok := value(test.name, test.labels...); !ok || got != test.want {
			t.Errorf("%s %v: %v %v, want %v", test.name, test.labels, got, ok, test.want)
		}
	}
	if _, ok := value("bole_service_healthy", "service", "app"); ok {
		t.Error("app has no health, and yet it is told")
	}
	if got, _ := value("bole_service_ready_seconds", "service", "db"); time.Duration(got)*time.Second < time.Hour {
		t.Errorf("db is ready for %v s", got)
	}
}
