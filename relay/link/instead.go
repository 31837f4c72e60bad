package link

import (
	"fmt"
	"slices"
	"time"

	"commdn/protocol/commdn"
)

// Instead says that an application has answered which is no OCS of the link, and what
// to do if it is the backup; empty: none has.
func (h Health) Instead() string {
	of := h.OCS
	if h.Paired {
		of = 0
	}
	return instead(h.Unbelieved, of)
}

// instead is Health.Instead; of is the OCS that may have a backup, or 0.
func instead(unbelieved, of commdn.DBID) string {
	if unbelieved == 0 {
		return ""
	}
	words := fmt.Sprintf("application %d answered, which is no OCS of this link", unbelieved)
	if of != 0 {
		words += fmt.Sprintf("; if it is the backup of %d, write `ocs: [{dbid: %d, backup: %d}]`", of, of, unbelieved)
	}
	return words
}

// notBelieved notes that an application which is no OCS of the link said something to
// this one.
func (h *health) notBelieved(id commdn.DBID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unbelieved, h.spoke = id, time.Now()
}

// notUnderstood notes that an OCS said something to this application that cannot be
// read.
func (h *health) notUnderstood(id commdn.DBID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if w := h.of(id); w != nil {
		w.garbled = time.Now()
	}
}

// meanwhile says what came in place of the answers of these OCS since they were asked:
// from an application that is not believed, or not to be understood.
func (h *health) meanwhile(ocs []commdn.DBID, asked time.Time) (unbelieved commdn.DBID, garbled bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.spoke.After(asked) {
		unbelieved = h.unbelieved
	}
	return unbelieved, slices.ContainsFunc(h.ocs, func(w *watched) bool {
		return w.garbled.After(asked) && (w.id == 0 || slices.Contains(ocs, w.id))
	})
}
