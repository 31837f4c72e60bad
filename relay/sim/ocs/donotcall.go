package ocs

import (
	"slices"
	"sync"
	"time"
)

// Entry is one entry of the Do Not Call list. Phone or CustomerID may be
// empty, not both.
type Entry struct {
	Phone      string    `json:"phone"`
	CustomerID string    `json:"customer_id"`
	Time       time.Time `json:"time"` // UTC; when the entry was first made
}

// list is the Do Not Call list. Nothing takes an entry out of it: the CommDN
// has no request for that.
type list struct {
	mu    sync.Mutex
	all   []Entry
	known map[subject]struct{}
	// What dialing is held against: each phone and each customer id by itself.
	phones, customers map[string]struct{}
}

type subject struct{ phone, customer string }

// add makes an entry unless there is one for the same phone and customer.
func (l *list) add(phone, customer string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := subject{phone, customer}
	if _, ok := l.known[key]; ok {
		return
	}
	if l.known == nil {
		l.known = make(map[subject]struct{})
		l.phones, l.customers = make(map[string]struct{}), make(map[string]struct{})
	}
	l.known[key] = struct{}{}
	if phone != "" {
		l.phones[phone] = struct{}{}
	}
	if customer != "" {
		l.customers[customer] = struct{}{}
	}
	l.all = append(l.all, Entry{Phone: phone, CustomerID: customer, Time: at.UTC().Round(0)})
}

// forbids says whether a record may not be dialed, for its phone or for its
// customer.
func (l *list) forbids(phone, customer string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.phones[phone]; ok {
		return true
	}
	_, ok := l.customers[customer]
	return ok
}

// entries is never nil, so that it is [] in JSON when empty.
func (l *list) entries() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Entry{}, l.all...)
}

// Merge gives the entries of several lists as one: sorted by time, and of
// entries for the same phone and customer only the oldest.
func Merge(lists ...[]Entry) []Entry {
	all := slices.Concat(lists...)
	slices.SortStableFunc(all, func(a, b Entry) int { return a.Time.Compare(b.Time) })
	var merged list
	for _, e := range all {
		merged.add(e.Phone, e.CustomerID, e.Time)
	}
	return merged.entries()
}
