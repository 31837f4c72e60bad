package deploy_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"commdn/protocol/frame"
	"commdn/relay"
	"commdn/relay/metrics"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// known are the labels of each series that a relay has.
type known map[string][]string

// Register notes what a collector describes.
func (k known) Register(c prometheus.Collector) error {
	descs := make(chan *prometheus.Desc)
	go func() {
		c.Describe(descs)
		close(descs)
	}()
	for d := range descs {
		m := description.FindStringSubmatch(d.String())
		if m == nil {
			return fmt.Errorf("cannot read %s", d)
		}
		var labels []string
		for _, constant := range constants.FindAllStringSubmatch(m[2], -1) {
			labels = append(labels, constant[1])
		}
		if m[3] != "" {
			labels = append(labels, strings.Split(m[3], ",")...)
		}
		switch c.(type) {
		case *prometheus.HistogramVec, prometheus.Histogram:
			k[m[1]+"_bucket"] = append(labels, "le")
			k[m[1]+"_sum"], k[m[1]+"_count"] = labels, labels
		default:
			k[m[1]] = labels
		}
	}
	return nil
}

func (k known) MustRegister(all ...prometheus.Collector) {
	for _, c := range all {
		if err := k.Register(c); err != nil {
			panic(err)
		}
	}
}

func (k known) Unregister(prometheus.Collector) bool { return false }

var (
	description = regexp.MustCompile(`^Desc{fqName: "(\w+)", .*, constLabels: {(.*)}, variableLabels: {(.*)}}$`)
	constants   = regexp.MustCompile(`(\w+)="`)
)

// metricsOfRelay are those that a real relay registers, and those of the process.
func metricsOfRelay(t *testing.T) known {
	t.Helper()
	k := make(known)
	k.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	srv, err := relay.New(relay.Options{
		Links: []relay.Link{{
			TServer: tserver.Options{Driver: tlink.Driver{}, Servers: []string{"127.0.0.1:1"}, CommDN: "CommDN_1", Application: "commdn"}, AppDBID: 101,
		}},
		Metrics: k, Version: "commdn/test", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	if err := errors.Join(
		metrics.NewDaemon(k, func() metrics.Daemon { return metrics.Daemon{} }),
		metrics.NewDirectory(k, func() metrics.Directory { return metrics.Directory{} }),
		metrics.NewJournal(k, func() metrics.Journal { return metrics.Journal{} }),
		metrics.NewAudit(k, func() metrics.Audit { return metrics.Audit{} }),
	); err != nil {
		t.Fatal(err)
	}
	for name, labels := range map[string][]string{
		"commdn_link_up": {"link"}, "commdn_request_seconds_bucket": {"request", "le"}, "commdn_build_info": {"version"}, "go_goroutines": nil,
	} {
		if got, ok := k[name]; !ok || !slices.Equal(got, labels) {
			t.Fatalf("%s has the labels %q, want %q; is it read rightly?", name, got, labels)
		}
	}
	return k
}

var (
	grouping = regexp.MustCompile(`\b(?:by|without|on|ignoring)\s*\(([^)]*)\)`)
	within   = regexp.MustCompile(`\[[^\]]*\]`)
	selected = regexp.MustCompile(`\b([a-zA-Z_:][\w:]*)\b(\s*\(|\s*\{([^}]*)\})?`)
	matcher  = regexp.MustCompile(`^\s*(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"\s*$`)
	shown    = regexp.MustCompile(`{{\s*(?:\$labels\.)?(\w+)\s*}}`)
)

// check says what an expression has that a relay does not: metrics, labels, and
// codes. It gives the labels that its result may have.
func (k known) check(expr string) (labels []string, problems []string) {
	labels = []string{"instance", "job"}
	say := func(format string, args ...any) {
		problems = append(problems, fmt.Sprintf(format, args...)+" in "+expr)
	}
	metrics := 0
	for _, m := range selected.FindAllStringSubmatch(within.ReplaceAllString(grouping.ReplaceAllString(expr, " "), " "), -1) {
		name := m[1]
		if strings.HasSuffix(m[2], "(") || slices.Contains([]string{"and", "or", "unless", "bool"}, name) {
			continue
		}
		has, ok := k[name]
		if !ok {
			say("there is no metric %s", name)
			continue
		}
		metrics++
		labels = append(labels, has...)
		if m[3] == "" {
			continue
		}
		for _, one := range strings.Split(m[3], ",") {
			l := matcher.FindStringSubmatch(one)
			switch {
			case l == nil:
				say("cannot read the matcher %s", one)
			case !slices.Contains(append([]string{"instance", "job"}, has...), l[1]):
				say("%s has no label %s", name, l[1])
			case name == "commdn_requests_refused_total" && l[1] == "code" && !refusal(l[3]):
				say("no refusal has the code %s", l[3])
			}
		}
	}
	if metrics == 0 {
		say("there is no metric")
	}
	for _, m := range grouping.FindAllStringSubmatch(expr, -1) {
		for _, l := range strings.Split(m[1], ",") {
			if !slices.Contains(labels, strings.TrimSpace(l)) {
				say("there is no label %s", strings.TrimSpace(l))
			}
		}
	}
	return labels, problems
}

func refusal(name string) bool {
	for c := frame.RefusalCode(0); c < 100; c++ {
		if c.String() == name && name != "refusal" {
			return true
		}
	}
	return false
}

// What checks the two files finds what is wrong in them.
func TestCheck(t *testing.T) {
	k := metricsOfRelay(t)
	for expr, want := range map[string]string{
		`commdn_link_up == 0`: "",
		`sum by (link) (rate(commdn_link_changes_total[5m]))`:                                                    "",
		`histogram_quantile(0.5, sum by (le, request) (rate(commdn_request_seconds_bucket{instance=~"a"}[5m])))`: "",
		`rate(commdn_request_seconds[5m])`:                                                                       "there is no metric commdn_request_seconds",
		`commdn_links_up == 0`:                                                                                   "there is no metric commdn_links_up",
		`commdn_link_up{site="a"}`:                                                                               "commdn_link_up has no label site",
		`commdn_link_up{link="a", x!~"b"}`:                                                                       "commdn_link_up has no label x",
		`sum by (code) (commdn_requests_total)`:                                                                  "there is no label code",
		`commdn_requests_refused_total{code="no answer"}`:                                                        "no refusal has the code no answer",
		`vector(0)`: "there is no metric",
		`commdn_sessions and on (instance, reason) go_threads`: "there is no label reason",
	} {
		_, problems := k.check(expr)
		got := ""
		if problems != nil {
			got = strings.TrimSuffix(problems[0], " in "+expr)
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", expr, got, want)
		}
	}
}

func TestAlerts(t *testing.T) {
	k := metricsOfRelay(t)
	var file struct {
		Groups []struct {
			Name  string `yaml:"name"`
			Rules []struct {
				Alert       string            `yaml:"alert"`
				Expr        string            `yaml:"expr"`
				For         string            `yaml:"for"`
				Labels      map[string]string `yaml:"labels"`
				Annotations map[string]string `yaml:"annotations"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	if err := yaml.UnmarshalWithOptions([]byte(read(t, "alerts.yaml")), &file, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	severities := make(map[string]string)
	tried := read(t, "alerts_test.yaml")
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if !strings.Contains(tried, `alertname="`+r.Alert+`"`) {
				t.Errorf("%s: no test of alerts_test.yaml has it fire", r.Alert)
			}
			severities[r.Alert] = r.Labels["severity"]
			labels, problems := k.check(r.Expr)
			for _, p := range problems {
				t.Errorf("%s: %s", r.Alert, p)
			}
			if got := slices.Sorted(maps.Keys(r.Annotations)); !slices.Equal(got, []string{"action", "description", "summary"}) {
				t.Errorf("%s: annotations %v", r.Alert, got)
			}
			for name, text := range r.Annotations {
				for _, m := range shown.FindAllStringSubmatch(text, -1) {
					if !slices.Contains(labels, m[1]) {
						t.Errorf("%s: %s: there is no label %s", r.Alert, name, m[1])
					}
				}
			}
		}
	}
	if want := map[string]string{
		"CommDNLinkDown": "critical", "CommDNRequestsUnanswered": "warning", "CommDNOCSSilent": "critical", "CommDNOCSSlow": "warning", "CommDNOCSTookOver": "info",
		"CommDNRequestsRefusedByOCS": "warning", "CommDNCertificateExpires": "warning", "CommDNCertificateExpired": "critical",
		"CommDNAuthentication": "critical", "CommDNTokensRefused": "warning", "CommDNReloadRefused": "warning", "CommDNLogLost": "warning",
		"CommDNDescriptors": "critical", "CommDNConnectionsRejected": "warning", "CommDNTwin": "warning", "CommDNComplaints": "warning", "CommDNDirectory": "warning",
		"CommDNNewsDropped": "warning", "CommDNAuditFails": "critical", "CommDNPutAside": "critical", "CommDNJournalDown": "critical",
		"CommDNNobodySends": "critical",
	}; !maps.Equal(severities, want) {
		t.Errorf("alerts %v, want %v", severities, want)
	}
}

type dashboard struct {
	Templating struct {
		List []struct{ Name, Type, Definition string }
	}
	Annotations struct {
		List []struct{ Expr, TitleFormat string }
	}
	Panels []struct {
		ID      int
		Type    string
		Title   string
		GridPos struct{ X, Y, W, H int }
		Targets []struct{ Expr, LegendFormat string }
	}
}

func TestDashboard(t *testing.T) {
	k := metricsOfRelay(t)
	var d dashboard
	if err := json.Unmarshal([]byte(read(t, "grafana-dashboard.json")), &d); err != nil {
		t.Fatal(err)
	}
	try := func(what, expr, legend string) {
		t.Helper()
		labels, problems := k.check(expr)
		for _, p := range problems {
			t.Errorf("%s: %s", what, p)
		}
		for _, m := range shown.FindAllStringSubmatch(legend, -1) {
			if !slices.Contains(labels, m[1]) {
				t.Errorf("%s: the legend shows the label %s, which there is not", what, m[1])
			}
		}
	}
	var variables []string
	for _, v := range d.Templating.List {
		variables = append(variables, v.Name)
		if v.Type == "query" {
			args := strings.TrimSuffix(strings.TrimPrefix(v.Definition, "label_values("), ")")
			at := strings.LastIndex(args, ", ")
			try("variable "+v.Name, args[:at], "{{"+args[at+2:]+"}}")
		}
	}
	if want := []string{"datasource", "instance", "link"}; !slices.Equal(variables, want) {
		t.Errorf("variables %v, want %v", variables, want)
	}
	for _, a := range d.Annotations.List {
		try("annotation", a.Expr, a.TitleFormat)
	}
	ids := make(map[int]bool)
	used := ""
	for i, p := range d.Panels {
		if ids[p.ID] || p.ID == 0 {
			t.Errorf("%s: the id %d is 0 or there twice", p.Title, p.ID)
		}
		ids[p.ID] = true
		for _, q := range d.Panels[:i] {
			a, b := p.GridPos, q.GridPos
			if a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				t.Errorf("%s lies over %s", p.Title, q.Title)
			}
		}
		if (p.Type == "row") != (len(p.Targets) == 0) {
			t.Errorf("%s: a %s with %d queries", p.Title, p.Type, len(p.Targets))
		}
		for _, q := range p.Targets {
			try(p.Title, q.Expr, q.LegendFormat)
			used += q.Expr + "\n"
		}
	}
	// Every metric of the relay's own is to be seen somewhere.
	for name := range k {
		if strings.HasPrefix(name, "commdn_") && !strings.HasSuffix(name, "_seconds_sum") && !strings.HasSuffix(name, "_seconds_count") && !regexp.MustCompile(`\b`+name+`\b`).MatchString(used) {
			t.Errorf("no panel shows %s", name)
		}
	}
}
