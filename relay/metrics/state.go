package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// State is how a relay is at a moment.
type State struct {
	Ready          bool // of use to clients
	Exhausted      bool // no file descriptor is free
	Authentication bool // tokens can be checked, or nobody is asked for one
	OCS            []OCS
	Leases         []Lease           // of links that several relays have
	Twins          map[string]uint64 // by link: UserEvents of another sender with the relay's own DBID
	Complaints     map[string]uint64 // by link: errors of T-Server that answer no request
}

// Lease is who sends on one link.
type Lease struct {
	Link  string
	Held  bool   // this relay sends
	Known bool   // this relay knows of one that sends
	Term  uint64 // grows with each one that does
}

// OCS is how one OCS answers over one link.
type OCS struct {
	Link, OCS         string // OCS: its DBID; "any" where it is not known which there are
	Silent            bool
	LastAnswer        time.Time // zero: none
	Asked, Unanswered int       // of the last requests
	Median            float64   // seconds that an answer to these took
	Pair, Backup      bool      // a backup stands by; it is the backup that answers
	Takeovers         uint64    // how often the other one of the pair began to answer
}

// state reads the present state whenever somebody asks.
type state struct {
	now                                     func() State
	ready, auth, exhausted, twinsSeen       *prometheus.Desc
	silent, last, asked, unanswered, median *prometheus.Desc
	backup, takeovers, complaints           *prometheus.Desc
	held, holder, term                      *prometheus.Desc
}

// NewState registers the metrics of how a relay is.
func NewState(r prometheus.Registerer, now func() State) error {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("commdn_"+name, help, labels, nil)
	}
	return r.Register(&state{
		now:        now,
		ready:      desc("ready", "1 while the relay is of use to clients, as /readyz says."),
		auth:       desc("authentication_ready", "1 while tokens can be checked, or nobody is asked for one."),
		exhausted:  desc("descriptors_exhausted", "1 while no file descriptor is free; process_open_fds cannot be told then."),
		silent:     desc("ocs_silent", "1 while OCS answers nothing.", "link", "ocs"),
		last:       desc("ocs_last_answer_timestamp_seconds", "When OCS last answered.", "link", "ocs"),
		asked:      desc("ocs_recent_requests", "The last requests to OCS, 20 at most.", "link", "ocs"),
		unanswered: desc("ocs_recent_unanswered", "Of these, those that it left unanswered.", "link", "ocs"),
		median:     desc("ocs_recent_answer_seconds", "Median of the time that it took to answer these.", "link", "ocs"),
		backup:     desc("ocs_backup_active", "1 while the backup of the pair answers.", "link", "ocs"),
		takeovers:  desc("ocs_takeovers_total", "How often the other OCS of the pair began to answer.", "link", "ocs"),
		held:       desc("lease_held", "1 while this relay sends on the link, of several that have it.", "link"),
		holder:     desc("lease_holder_known", "1 while this relay knows of one that sends on the link: itself or another one.", "link"),
		term:       desc("lease_term", "Grows by one whenever another relay begins to send on the link.", "link"),
		twinsSeen:  desc("twin_user_events_total", "UserEvents of another sender that uses the DBID of this relay's application.", "link"),
		complaints: desc("tserver_complaints_total", "Errors that T-Server or the bridge reported and that answer no request, such as an event that had to be dropped.", "link"),
	})
}

// Describe is for Prometheus.
func (s *state) Describe(to chan<- *prometheus.Desc) {
	for _, one := range []*prometheus.Desc{s.ready, s.auth, s.exhausted, s.silent, s.last, s.asked, s.unanswered, s.median, s.backup, s.takeovers, s.held, s.holder, s.term, s.twinsSeen, s.complaints} {
		to <- one
	}
}

// Collect is for Prometheus.
func (s *state) Collect(to chan<- prometheus.Metric) {
	now := s.now()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(s.ready, flag(now.Ready))
	gauge(s.auth, flag(now.Authentication))
	gauge(s.exhausted, flag(now.Exhausted))
	for _, o := range now.OCS {
		gauge(s.silent, flag(o.Silent), o.Link, o.OCS)
		gauge(s.asked, float64(o.Asked), o.Link, o.OCS)
		gauge(s.unanswered, float64(o.Unanswered), o.Link, o.OCS)
		if !o.LastAnswer.IsZero() {
			gauge(s.last, Seconds(o.LastAnswer), o.Link, o.OCS)
		}
		if o.Pair {
			gauge(s.backup, flag(o.Backup), o.Link, o.OCS)
			to <- prometheus.MustNewConstMetric(s.takeovers, prometheus.CounterValue, float64(o.Takeovers), o.Link, o.OCS)
		}
		if o.Asked > o.Unanswered {
			gauge(s.median, o.Median, o.Link, o.OCS)
		}
	}
	for _, l := range now.Leases {
		gauge(s.held, flag(l.Held), l.Link)
		gauge(s.holder, flag(l.Known), l.Link)
		gauge(s.term, float64(l.Term), l.Link)
	}
	for link, n := range now.Twins {
		to <- prometheus.MustNewConstMetric(s.twinsSeen, prometheus.CounterValue, float64(n), link)
	}
	for link, n := range now.Complaints {
		to <- prometheus.MustNewConstMetric(s.complaints, prometheus.CounterValue, float64(n), link)
	}
}

// Seconds gives a time as Prometheus has it.
func Seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func flag(on bool) float64 {
	if on {
		return 1
	}
	return 0
}
