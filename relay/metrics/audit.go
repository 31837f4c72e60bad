package metrics

import "github.com/prometheus/client_golang/prometheus"

// Audit is how the audit is at a moment.
type Audit struct {
	Entries  uint64 // that were ever written
	Failures uint64 // that could not be written
}

// audit reads the present state whenever somebody asks.
type audit struct {
	now             func() Audit
	entries, failed *prometheus.Desc
}

// NewAudit registers the metrics of the audit.
func NewAudit(r prometheus.Registerer, now func() Audit) error {
	return r.Register(&audit{
		now:     now,
		entries: prometheus.NewDesc("commdn_audit_entries", "Sequence of the last entry of the audit.", nil, nil),
		failed:  prometheus.NewDesc("commdn_audit_failed_total", "Entries that could not be written into the audit.", nil, nil),
	})
}

// Describe is for Prometheus.
func (a *audit) Describe(to chan<- *prometheus.Desc) {
	to <- a.entries
	to <- a.failed
}

// Collect is for Prometheus.
func (a *audit) Collect(to chan<- prometheus.Metric) {
	now := a.now()
	to <- prometheus.MustNewConstMetric(a.entries, prometheus.GaugeValue, float64(now.Entries))
	to <- prometheus.MustNewConstMetric(a.failed, prometheus.CounterValue, float64(now.Failures))
}
