package link

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

const (
	recent   = 20 // requests of each OCS that Health counts
	patience = 2  // requests in a row without an answer that make an OCS silent
)

// Health is how one OCS answers the requests of this relay.
type Health struct {
	OCS         commdn.DBID `json:"ocs"`                   // 0: it is not known which OCS are on the CommDN
	LastAnswer  time.Time   `json:"last_answer,omitzero"`  // zero: none since the relay was started
	Asked       int         `json:"asked"`                 // of the last requests, 20 at most
	Unanswered  int         `json:"unanswered"`            // of Asked
	Median      float64     `json:"median_seconds"`        // that an answer to these took; 0: there was none
	SilentSince time.Time   `json:"silent_since,omitzero"` // zero: it is not silent
	// Doubtful says that the last request got no answer: one more decides.
	Doubtful bool `json:"doubtful"`
	// Active is the DBID of the one that answers of a pair, TookOver when it began
	// to, after the other one; 0 and zero: there is no pair, or there was no takeover.
	Active    commdn.DBID `json:"active,omitempty"`
	TookOver  time.Time   `json:"took_over,omitzero"`
	Takeovers uint64      `json:"takeovers,omitempty"` // since the relay was started
	// Unbelieved is an application that has answered while this OCS did not, and is
	// no OCS of the link: its backup, perhaps. 0: there is none.
	Unbelieved commdn.DBID `json:"unbelieved,omitempty"`
	Paired     bool        `json:"paired,omitempty"` // a backup stands by for it
}

// State says in a few words how the OCS is.
func (h Health) State() string {
	switch {
	case !h.SilentSince.IsZero():
		words := "silent since " + h.SilentSince.UTC().Format(time.RFC3339)
		if instead := h.Instead(); instead != "" {
			words += "; " + instead
		}
		return words
	case h.Asked == 0 && h.LastAnswer.IsZero():
		return "not asked yet"
	case h.Doubtful:
		return "left the last request unanswered"
	case !h.TookOver.IsZero():
		return "answers, as " + strconv.Itoa(int(h.Active)) + " since " + h.TookOver.UTC().Format(time.RFC3339)
	}
	return "answers"
}

// health watches how each OCS of a link answers.
type health struct {
	log *slog.Logger

	mu         sync.Mutex
	ocs        []*watched
	unbelieved commdn.DBID // the application that spoke last to this one and is no OCS of the link
	spoke      time.Time   // when it did
}

// watched is one OCS.
type watched struct {
	id      commdn.DBID
	heard   time.Time
	garbled time.Time       // when it last said what was not understood
	took    []time.Duration // of the last requests, oldest first; below 0: unanswered
	inARow  int             // unanswered ones, the newest ones
	since   time.Time       // when the first of inARow was asked
	shouted bool            // the log says that it is silent
}

func newHealth(ocs []commdn.DBID, log *slog.Logger) *health {
	h := &health{log: log}
	if len(ocs) == 0 {
		ocs = []commdn.DBID{0}
	}
	for _, id := range ocs {
		h.ocs = append(h.ocs, &watched{id: id})
	}
	return h
}

// Health tells how each OCS answers, in the order of Options.OCS.
func (l *Link) Health() []Health {
	h := l.health
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]Health, len(h.ocs))
	for i, w := range h.ocs {
		all[i] = w.health()
		all[i].Active, all[i].TookOver, all[i].Takeovers = l.pairs.taken(w.id)
		all[i].Paired = l.Paired(w.id)
		if w.inARow > 0 && h.spoke.After(w.since) {
			all[i].Unbelieved = h.unbelieved
		}
	}
	return all
}

func (w *watched) health() Health {
	h := Health{OCS: w.id, LastAnswer: w.heard, Asked: len(w.took), Doubtful: w.inARow > 0}
	var answers []time.Duration
	for _, d := range w.took {
		if d < 0 {
			h.Unanswered++
		} else {
			answers = append(answers, d)
		}
	}
	if slices.Sort(answers); answers != nil {
		h.Median = answers[len(answers)/2].Seconds()
	}
	if w.inARow >= patience {
		h.SilentSince = w.since
	}
	return h
}

// of gives what is watched of an OCS; nil: it is none of this CommDN.
func (h *health) of(id commdn.DBID) *watched {
	if len(h.ocs) == 1 && h.ocs[0].id == 0 {
		return h.ocs[0]
	}
	for _, w := range h.ocs {
		if w.id == id {
			return w
		}
	}
	return nil
}

func (w *watched) add(took time.Duration) {
	if len(w.took) == recent {
		w.took = append(w.took[:0], w.took[1:]...)
	}
	w.took = append(w.took, took)
}

// heard notes that an OCS said something to this application, asked or not.
func (h *health) heard(id commdn.DBID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.of(id)
	if w == nil {
		return
	}
	if w.shouted {
		h.log.Info("OCS answers again", "ocs", int(w.id), "silent_for", time.Since(w.since).Round(time.Second))
	}
	w.heard, w.inARow, w.shouted = time.Now(), 0, false
}

// answered notes how long an answer took.
func (h *health) answered(id commdn.DBID, took time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if w := h.of(id); w != nil {
		w.add(took)
	}
}

// unanswered notes a request that these OCS left without an answer.
func (h *health) unanswered(ocs []commdn.DBID, asked time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(ocs) == 0 {
		ocs = []commdn.DBID{0}
	}
	for _, id := range ocs {
		w := h.of(id)
		if w == nil {
			continue
		}
		w.add(-1)
		if w.heard.After(asked) {
			continue // it lives, and answered others
		}
		if w.inARow++; w.inARow == 1 {
			w.since = asked
		}
		if w.inARow == patience && !w.shouted {
			w.shouted = true
			h.log.Warn("OCS is silent", "ocs", int(w.id), "since", w.since.UTC().Format(time.RFC3339))
		}
	}
}

// everHeard says whether one of these OCS has answered since the relay was
// started.
func (h *health) everHeard(ocs []commdn.DBID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.ocs, func(w *watched) bool {
		return !w.heard.IsZero() && (len(ocs) == 0 || w.id == 0 || slices.Contains(ocs, w.id))
	})
}

// errNotTaken marks the error of a UserEvent that T-Server did not acknowledge.
var errNotTaken = errors.New("T-Server did not acknowledge the request")

// timedOut says why a request got no answer in time: err is what it waited for
// last.
func (l *Link) timedOut(ctx context.Context, x *exchange, err error) *frame.Refusal {
	if errors.Is(err, errNotTaken) {
		return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: fmt.Sprintf(
			"T-Server did not acknowledge the request within %v, so the request may have been carried out; %s; is T-Server %s overloaded or frozen?",
			l.o.AnswerTimeout, afterwards(x.req), l.Server())}
	}
	l.exchanges.mu.Lock()
	waiting, reached := slices.Clone(x.waiting), x.reached != nil
	l.exchanges.mu.Unlock()
	deadline, _ := ctx.Deadline() // which ask has set
	asked := deadline.Add(-l.o.AnswerTimeout)
	l.health.unanswered(waiting, asked)
	l.pairs.silent(x.req.Addr().Target)
	if reached {
		return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: fmt.Sprintf(
			"OCS%s did not answer within %v; the campaign group is in the state that was asked for, and dials in another way: that seems to be the doing of somebody else",
			dbids(waiting), l.o.AnswerTimeout)}
	}
	words := fmt.Sprintf("OCS%s did not answer within %v", dbids(waiting), l.o.AnswerTimeout)
	unbelieved, garbled := l.health.meanwhile(waiting, asked)
	switch {
	case unbelieved != 0:
		alone := slices.IndexFunc(waiting, func(id commdn.DBID) bool { return !l.Paired(id) })
		if alone < 0 {
			words += "; " + instead(unbelieved, 0)
		} else {
			words += "; " + instead(unbelieved, waiting[alone])
		}
	case garbled:
		words += "; it said something that this relay does not understand: look for \"UserEvent not understood\" in the log"
	case !l.health.everHeard(waiting):
		words += "; if this is always so, check that application " + strconv.Itoa(int(l.o.AppDBID)) +
			" is in the Connections of OCS, and that OCS uses this CommDN"
	default:
		words += ", and has answered before: see whether it runs, is primary and is not overloaded"
	}
	return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: words}
}
