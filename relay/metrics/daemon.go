package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Daemon is what is told of a relay that runs by a configuration.
type Daemon struct {
	Certificates  []Certificate
	LogLinesLost  uint64
	Reloaded      bool // the last time that the configuration was read it was taken
	ReloadRefused uint64
}

// Certificate is one that the relay shows to somebody.
type Certificate struct {
	Use     string // to whom: browsers, directory, or "link NAME"
	Expires time.Time
}

// daemon reads the present state whenever somebody asks.
type daemon struct {
	now                              func() Daemon
	expires, lost, reloaded, refused *prometheus.Desc
}

// NewDaemon registers the metrics of a relay that runs by a configuration.
func NewDaemon(r prometheus.Registerer, now func() Daemon) error {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("commdn_"+name, help, labels, nil)
	}
	return r.Register(&daemon{
		now:      now,
		expires:  desc("certificate_expiry_timestamp_seconds", "When a certificate of the relay expires.", "use"),
		lost:     desc("log_lines_lost_total", "Log lines that could not be written."),
		reloaded: desc("reload_ok", "1 while the configuration in use is the one that was read last."),
		refused:  desc("reloads_refused_total", "Reloads that were refused."),
	})
}

// Describe is for Prometheus.
func (d *daemon) Describe(to chan<- *prometheus.Desc) {
	for _, one := range []*prometheus.Desc{d.expires, d.lost, d.reloaded, d.refused} {
		to <- one
	}
}

// Collect is for Prometheus.
func (d *daemon) Collect(to chan<- prometheus.Metric) {
	now := d.now()
	for _, c := range now.Certificates {
		to <- prometheus.MustNewConstMetric(d.expires, prometheus.GaugeValue, Seconds(c.Expires), c.Use)
	}
	to <- prometheus.MustNewConstMetric(d.lost, prometheus.CounterValue, float64(now.LogLinesLost))
	to <- prometheus.MustNewConstMetric(d.reloaded, prometheus.GaugeValue, flag(now.Reloaded))
	to <- prometheus.MustNewConstMetric(d.refused, prometheus.CounterValue, float64(now.ReloadRefused))
}
