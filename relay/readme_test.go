package relay

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"commdn/relay/metrics"
)

// The table of metrics in README.md has every one that is registered, with its
// labels, and no other.
func TestMetricsTable(t *testing.T) {
	registry := prometheus.NewRegistry()
	if _, err := metrics.New(registry, "1.2.3", func() int { return 0 }); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(
		metrics.NewState(registry, func() metrics.State { return metrics.State{} }),
		metrics.NewDaemon(registry, func() metrics.Daemon { return metrics.Daemon{} }),
		metrics.NewDirectory(registry, func() metrics.Directory { return metrics.Directory{} }),
	); err != nil {
		t.Fatal(err)
	}
	described := make(chan *prometheus.Desc, 100)
	registry.Describe(described)
	close(described)
	shape := regexp.MustCompile(`fqName: "(\w+)".*constLabels: \{(.*?)\}.*variableLabels: \{(.*?)\}`)
	var registered []string
	for d := range described {
		m := shape.FindStringSubmatch(d.String())
		if m == nil {
			t.Fatalf("unreadable: %s", d)
		}
		constant := regexp.MustCompile(`="[^"]*"`).ReplaceAllString(m[2], "")
		registered = append(registered, m[1]+" "+constant+m[3])
	}
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(commdn_\\w+)` \\|(.*?)\\|.*\\w.*\\|$").FindAllStringSubmatch(string(text), -1) {
		labels := strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(row[2]), "`", ""), " ", "")
		documented = append(documented, row[1]+" "+labels)
	}
	slices.Sort(registered)
	slices.Sort(documented)
	if !slices.Equal(registered, documented) {
		t.Errorf("registered:\n%s\nin README.md:\n%s", strings.Join(registered, "\n"), strings.Join(documented, "\n"))
	}
}
