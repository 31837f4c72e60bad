// Package metrics is what Prometheus reads of the relay: every name and every
// label in one place.
package metrics

import (
	"errors"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
)

// Metrics counts. The values of every label are of a fixed set: kinds, codes and
// reasons of this program, and the names of links from the configuration.
type Metrics struct {
	sessions    prometheus.Gauge
	opened      prometheus.Counter
	ended       *prometheus.CounterVec   // code
	rejected    *prometheus.CounterVec   // reason: what never became a session
	tokens      *prometheus.CounterVec   // reason
	requests    *prometheus.CounterVec   // request, outcome
	faults      prometheus.Counter       // of requests, those that OCS refused
	took        *prometheus.HistogramVec // request
	refusals    *prometheus.CounterVec   // code
	undone      *prometheus.CounterVec   // request
	notices     prometheus.Counter
	fanOut      prometheus.Counter
	dropped     prometheus.Counter
	linkUp      *prometheus.GaugeVec   // link
	linkChanges *prometheus.CounterVec // link
	events      *prometheus.CounterVec // link
	passedOver  *prometheus.CounterVec // link, reason
	waits       *prometheus.CounterVec // link
	knownGroups prometheus.GaugeFunc
}

// New registers the metrics with r. known says of how many campaign groups the
// status is known.
func New(r prometheus.Registerer, version string, known func() int) (*Metrics, error) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "commdn", Name: name, Help: help}, labels)
	}
	m := &Metrics{
		sessions:    prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "commdn", Name: "sessions", Help: "Sessions that are open."}),
		opened:      prometheus.NewCounter(prometheus.CounterOpts{Namespace: "commdn", Name: "sessions_opened_total", Help: "Sessions that began."}),
		ended:       counter("connections_closed_total", "Connections that ended, by close code.", "code"),
		rejected:    counter("connections_rejected_total", "Connections that were not let in: host, origin, address, rate, full, closing, handshake, http.", "reason"),
		tokens:      counter("tokens_refused_total", "Tokens that were refused, by reason.", "reason"),
		requests:    counter("requests_total", "Requests that were settled by OCS, by type and outcome: done, incomplete, fault, known.", "request", "outcome"),
		faults:      prometheus.NewCounter(prometheus.CounterOpts{Namespace: "commdn", Name: "faults_total", Help: "Requests that OCS refused."}),
		refusals:    counter("requests_refused_total", "Requests that the relay refused, by code.", "code"),
		undone:      counter("requests_undone_total", "Requests that who asked took back before they went out, by type.", "request"),
		notices:     prometheus.NewCounter(prometheus.CounterOpts{Namespace: "commdn", Name: "notifications_total", Help: "Events about campaigns."}),
		fanOut:      prometheus.NewCounter(prometheus.CounterOpts{Namespace: "commdn", Name: "notifications_queued_total", Help: "The same, times the sessions that they were queued for."}),
		dropped:     prometheus.NewCounter(prometheus.CounterOpts{Namespace: "commdn", Name: "notifications_dropped_total", Help: "Events about campaigns that nobody was told, as too many waited."}),
		linkUp:      prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "commdn", Name: "link_up", Help: "1 while the link to T-Server is up."}, []string{"link"}),
		linkChanges: counter("link_changes_total", "How often the link to T-Server went up or down.", "link"),
		events:      counter("user_events_total", "UserEvents on the CommDN, of everybody.", "link"),
		passedOver:  counter("user_events_passed_over_total", "UserEvents that were understood by nobody or belonged to nothing, by reason.", "link", "reason"),
		waits:       counter("requests_apart_total", "Requests that waited for another one, as OCS does not say whom its answers are about.", "link"),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "commdn", Name: "request_seconds", Help: "From a request to the last answer of OCS.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"request"}),
		knownGroups: prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: "commdn", Name: "campaign_groups_known", Help: "Campaign groups whose status is known.",
		}, func() float64 { return float64(known()) }),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: "commdn", Name: "build_info", Help: "1, with the version.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	for _, c := range []prometheus.Collector{
		m.sessions, m.opened, m.ended, m.rejected, m.tokens, m.requests, m.faults, m.took, m.refusals, m.undone,
		m.notices, m.fanOut, m.dropped, m.linkUp, m.linkChanges, m.events, m.passedOver, m.waits, m.knownGroups, build,
	} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	for code := frame.RefusedInvalid; code <= frame.RefusedUnknownKey; code++ {
		m.refusals.WithLabelValues(code.String()) // from 0 on, so that the first one is an increase
	}
	for reason := auth.Missing; reason <= auth.Unavailable; reason++ {
		m.tokens.WithLabelValues(reason.String())
	}
	for _, reason := range []string{"address", "full", "rate"} { // what keeps people out; the others keep strangers out
		m.rejected.WithLabelValues(reason)
	}
	return m, nil
}

// Closed counts the end of a connection. Codes that a client has made up are one.
func (m *Metrics) Closed(code frame.CloseCode) {
	name := code.String()
	if strings.HasPrefix(name, "close code ") {
		name = "other"
	}
	m.ended.WithLabelValues(name).Inc()
}

// Known counts a question for a status that the relay answered from its cache.
// OCS was not asked, so its time does not count.
func (m *Metrics) Known(req commdn.Request) {
	m.requests.WithLabelValues(req.Type().String(), "known").Inc()
}

// Refused counts a refusal.
func (m *Metrics) Refused(code frame.RefusalCode) { m.refusals.WithLabelValues(code.String()).Inc() }

// Undone counts a request that was taken back.
func (m *Metrics) Undone(req commdn.Request) { m.undone.WithLabelValues(req.Type().String()).Inc() }

// TokenRefused counts a token that was not accepted.
func (m *Metrics) TokenRefused(err error) {
	reason := "unavailable"
	var token *auth.TokenError
	if errors.As(err, &token) {
		reason = token.Reason.String()
	}
	m.tokens.WithLabelValues(reason).Inc()
}

// Fault is the outcome of a request that OCS refused. What the relay refuses is
// counted elsewhere.
const Fault = "fault"

// Answered counts a request by what settled it, and gives its outcome: done,
// incomplete or Fault.
func (m *Metrics) Answered(req commdn.Request, by commdn.Message, took time.Duration) (outcome string) {
	outcome = client.OutcomeOf([]commdn.Message{by}, nil).String()
	if outcome == client.Refused.String() {
		outcome = Fault
		m.faults.Inc()
	}
	m.requests.WithLabelValues(req.Type().String(), outcome).Inc()
	m.took.WithLabelValues(req.Type().String()).Observe(took.Seconds())
	return outcome
}

// Opened counts a session that began.
func (m *Metrics) Opened() {
	m.opened.Inc()
	m.sessions.Inc()
}

// Left counts a session that ended.
func (m *Metrics) Left() { m.sessions.Dec() }

// Rejected counts what never became a session.
func (m *Metrics) Rejected(reason string) { m.rejected.WithLabelValues(reason).Inc() }

// Notice counts an event about a campaign.
func (m *Metrics) Notice() { m.notices.Inc() }

// FannedOut counts one that was queued for a session.
func (m *Metrics) FannedOut() { m.fanOut.Inc() }

// Dropped counts one that nobody heard, as too much waited.
func (m *Metrics) Dropped() { m.dropped.Inc() }

// UserEvents gives the counter of a link, which begins with 0.
func (m *Metrics) UserEvents(link string) prometheus.Counter { return m.events.WithLabelValues(link) }

// Waits gives the counter of requests that waited as OCS does not say whom its
// answers are about.
func (m *Metrics) Waits(link string) prometheus.Counter { return m.waits.WithLabelValues(link) }

// PassedOver counts what was passed over on a CommDN.
func (m *Metrics) PassedOver(link, reason string) { m.passedOver.WithLabelValues(link, reason).Inc() }

// LinkState says whether a link is up; changed: it was not so before.
func (m *Metrics) LinkState(link string, up, changed bool) {
	value := 0.0
	if up {
		value = 1
	}
	m.linkUp.WithLabelValues(link).Set(value)
	if changed {
		m.linkChanges.WithLabelValues(link).Inc()
	}
}
