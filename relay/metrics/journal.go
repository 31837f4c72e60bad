package metrics

import "github.com/prometheus/client_golang/prometheus"

// Journal is how the journal is at a moment.
type Journal struct {
	Known    bool    // else the journal does not answer, and all but the counters is missing
	Waiting  uint64  // requests without an outcome
	Oldest   float64 // seconds since the first of these was accepted; 0: there is none
	Dead     uint64  // requests that were put aside
	Accepted uint64
	Again    uint64 // handed out more than once
}

// journal reads the present state whenever somebody asks.
type journal struct {
	now                                             func() Journal
	answers, waiting, oldest, dead, accepted, again *prometheus.Desc
}

// NewJournal registers the metrics of the journal.
func NewJournal(r prometheus.Registerer, now func() Journal) error {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("commdn_journal_"+name, help, nil, nil)
	}
	return r.Register(&journal{
		now:      now,
		answers:  desc("up", "1 while the journal answers."),
		waiting:  desc("waiting", "Requests in the journal that have no outcome yet."),
		oldest:   desc("oldest_seconds", "Since when the first of these waits."),
		dead:     desc("put_aside", "Requests that were put aside after too many attempts; commdn journal list has them."),
		accepted: desc("accepted_total", "Requests that were accepted."),
		again:    desc("again_total", "Requests that were handed out again, after a crash or a restart."),
	})
}

// Describe is for Prometheus.
func (j *journal) Describe(to chan<- *prometheus.Desc) {
	for _, one := range []*prometheus.Desc{j.answers, j.waiting, j.oldest, j.dead, j.accepted, j.again} {
		to <- one
	}
}

// Collect is for Prometheus.
func (j *journal) Collect(to chan<- prometheus.Metric) {
	now := j.now()
	tell := func(d *prometheus.Desc, kind prometheus.ValueType, v float64) {
		to <- prometheus.MustNewConstMetric(d, kind, v)
	}
	tell(j.answers, prometheus.GaugeValue, flag(now.Known))
	tell(j.accepted, prometheus.CounterValue, float64(now.Accepted))
	tell(j.again, prometheus.CounterValue, float64(now.Again))
	if now.Known {
		tell(j.waiting, prometheus.GaugeValue, float64(now.Waiting))
		tell(j.oldest, prometheus.GaugeValue, now.Oldest)
		tell(j.dead, prometheus.GaugeValue, float64(now.Dead))
	}
}
