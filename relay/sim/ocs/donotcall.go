package ocs

import (
	"iter"
	"slices"
	"sync"
	"time"

	"commdn/protocol/commdn"
)

// Entry is one entry of the Do Not Call list. Phone or CustomerID may be
// empty, not both.
type Entry struct {
	Phone      string      `json:"phone"`
	CustomerID string      `json:"customer_id"`
	Tenant     commdn.DBID `json:"tenant"`
	Time       time.Time   `json:"time"` // UTC; when the entry was first made
}

// list is the Do Not Call list. The CommDN has no request that removes an entry; an
// operator can.
type list struct {
	mu      sync.Mutex
	all     []Entry
	tenants map[commdn.DBID]*forbidden
}

// forbidden is what a tenant must not dial: each phone and each customer id by
// itself.
type forbidden struct {
	known             map[subject]struct{}
	phones, customers map[string]struct{}
}

type subject struct{ phone, customer string }

// add makes an entry, unless the same phone and customer already have one.
func (l *list) add(tenant commdn.DBID, phone, customer string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tenants[tenant]
	if t == nil {
		t = &forbidden{make(map[subject]struct{}), make(map[string]struct{}), make(map[string]struct{})}
		if l.tenants == nil {
			l.tenants = make(map[commdn.DBID]*forbidden)
		}
		l.tenants[tenant] = t
	}
	key := subject{phone, customer}
	if _, ok := t.known[key]; ok {
		return
	}
	t.known[key] = struct{}{}
	if phone != "" {
		t.phones[phone] = struct{}{}
	}
	if customer != "" {
		t.customers[customer] = struct{}{}
	}
	l.all = append(l.all, Entry{Phone: phone, CustomerID: customer, Tenant: tenant, Time: at.UTC().Round(0)})
}

// remove takes an entry off, and says whether it was there. A phone or a customer of
// another entry stays forbidden.
func (l *list) remove(tenant commdn.DBID, phone, customer string) bool {
	l.mu.Lock()
	all := l.all
	i := slices.IndexFunc(all, func(e Entry) bool { return e.Tenant == tenant && e.Phone == phone && e.CustomerID == customer })
	if i >= 0 {
		l.all, l.tenants = nil, nil
	}
	l.mu.Unlock()
	if i < 0 {
		return false
	}
	for j, e := range all {
		if j != i {
			l.add(e.Tenant, e.Phone, e.CustomerID, e.Time)
		}
	}
	return true
}

// forbids says whether the list has the phone or the customer of a record.
func (l *list) forbids(tenant commdn.DBID, phone, customer string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tenants[tenant]
	if t == nil {
		return false
	}
	if _, ok := t.phones[phone]; ok {
		return true
	}
	_, ok := t.customers[customer]
	return ok
}

// forbid puts what a request names on the Do Not Call list. Unless the request is
// for the record only, it adds the other phones of the chain, wherever a calling
// list has the phone. A customer id needs no chain: it forbids all records of the
// customer.
func (e *engine) forbid(tenant commdn.DBID, m *commdn.DoNotCall) {
	now := e.o.Clock.Now()
	e.dnc.add(tenant, m.Phone, m.CustomerID, now)
	if m.Chain == commdn.RecordOnly {
		return
	}
	for phone := range e.otherPhones(tenant, m.Phone) {
		e.dnc.add(tenant, phone, "", now)
	}
}

// otherPhones gives the phones that are in one chain with a phone in the calling
// lists of a tenant, in the order of the scenario.
func (e *engine) otherPhones(tenant commdn.DBID, phone string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, id := range e.listOrder {
			l := e.lists[id]
			if l.tenant != tenant || !l.chains || phone == "" {
				continue
			}
			for _, i := range l.withPhone(phone) {
				for next := range l.chain(i) {
					if other := l.records[next].phone; other != phone && !yield(other) {
						return
					}
				}
			}
		}
	}
}

func (l *list) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all, l.tenants = nil, nil
}

// entries is never nil, so that it is [] in JSON when empty.
func (l *list) entries() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Entry{}, l.all...)
}

// Merge makes one list of several, sorted by time. Of the entries for the same
// tenant, phone and customer it keeps the oldest.
func Merge(lists ...[]Entry) []Entry {
	all := slices.Concat(lists...)
	slices.SortStableFunc(all, func(a, b Entry) int { return a.Time.Compare(b.Time) })
	var merged list
	for _, e := range all {
		merged.add(e.Tenant, e.Phone, e.CustomerID, e.Time)
	}
	return merged.entries()
}
