package control

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"commdn/protocol/commdn"
	"commdn/relay/sim/ocs"
	"commdn/relay/sim/scenario"
)

func (h *handler) getRecords(w http.ResponseWriter, r *http.Request) error {
	q, err := h.recordsQuery(r)
	if err != nil {
		return err
	}
	answer := Records{Records: []Record{}, Offset: q.Offset}
	for _, o := range h.Sim.OCS() {
		one := q
		one.Offset = max(q.Offset-answer.Total, 0)
		one.Limit = q.Limit - len(answer.Records)
		if one.Limit == 0 {
			one.Offset, one.Limit = 0, 1 // for the total
		}
		page, total := o.Records(one)
		for _, found := range page {
			if len(answer.Records) < q.Limit {
				answer.Records = append(answer.Records, record(found))
			}
		}
		answer.Total += total
	}
	return write(w, answer)
}

func (h *handler) recordsQuery(r *http.Request) (q ocs.Query, err error) {
	values, err := readQuery(r, "list", "phone", "customer_id", "status", "offset", "limit")
	if err != nil {
		return q, err
	}
	q = ocs.Query{Phone: values.Get("phone"), CustomerID: values.Get("customer_id"), AnyStatus: true, Limit: DefaultLimit}
	list, err := number(values, "list", 1, 1<<31-1)
	if err != nil {
		return q, err
	}
	if q.List = commdn.DBID(list); list != 0 {
		if err := h.checkList(q.List); err != nil {
			return q, err
		}
	}
	if values.Has("status") {
		if q.Status, err = recordStatus(values.Get("status")); err != nil {
			return q, err
		}
		q.AnyStatus = false
	}
	if q.Offset, err = number(values, "offset", 0, 1<<31-1); err != nil {
		return q, err
	}
	if values.Has("limit") {
		q.Limit, err = number(values, "limit", 1, MaxLimit)
	}
	return q, err
}

// number reads a parameter; one that is not there is 0.
func number(values url.Values, name string, least, most int) (int, error) {
	if !values.Has(name) {
		return 0, nil
	}
	n, err := strconv.Atoi(values.Get(name))
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("parameter %s is %q; a number from %d to %d is expected", name, values.Get(name), least, most)
	}
	return n, nil
}

func recordStatus(name string) (ocs.RecordStatus, error) {
	var all []string
	for s := range ocs.RecordStatus(ocs.RecordStatuses) {
		if s.String() == name {
			return s, nil
		}
		all = append(all, s.String())
	}
	return 0, fmt.Errorf("parameter status is %q; there are %s", name, strings.Join(all, ", "))
}

// checkList says whether the scenario has a calling list.
func (h *handler) checkList(id commdn.DBID) error {
	lists := h.Sim.Scenario().CallingLists
	if slices.ContainsFunc(lists, func(l scenario.CallingList) bool { return l.DBID == id }) {
		return nil
	}
	if len(lists) == 0 {
		return errorf(http.StatusNotFound, "there is no calling list %d; the scenario has none", id)
	}
	return errorf(http.StatusNotFound, "there is no calling list %d; there are %d, from %d to %d", id, len(lists), lists[0].DBID, lists[len(lists)-1].DBID)
}

func record(r ocs.Record) Record {
	return Record{
		List: r.List, ID: r.ID, Phone: r.Phone, CustomerID: r.CustomerID, Chain: r.Chain,
		Status: r.Status.String(), Result: r.Result.String(), Attempts: r.Attempts, Dialed: r.Dialed, OnDesktop: r.OnDesktop,
	}
}

func (h *handler) postRecords(w http.ResponseWriter, r *http.Request) error {
	var c CheckOut
	if err := readJSON(w, r, &c); err != nil {
		return err
	}
	if err := h.checkList(c.List); err != nil {
		return err
	}
	for _, o := range h.Sim.OCS() {
		one := ocs.Query{List: c.List, AnyStatus: true, Offset: max(c.ID-1, 0), Limit: 1}
		switch page, total := o.Records(one); {
		case total == 0: // the list of another
			continue
		case len(page) == 0 || c.ID < 1:
			return errorf(http.StatusNotFound, "calling list %d has no record %d; it has %d, from 1", c.List, c.ID, total)
		}
		if err := o.CheckOut(c.List, c.ID, c.OnDesktop); err != nil {
			return errorf(http.StatusConflict, "%s", err)
		}
		page, _ := o.Records(one)
		return write(w, record(page[0]))
	}
	return errorf(http.StatusNotFound, "no OCS dials calling list %d", c.List)
}

// Bounds of what goes on the Do Not Call list, in bytes; the protocol's own.
const (
	maxPhone    = 64
	maxCustomer = 255
)

func (h *handler) getDNC(w http.ResponseWriter, r *http.Request) error {
	values, err := readQuery(r, "phone", "customer_id", "limit")
	if err != nil {
		return err
	}
	limit, err := number(values, "limit", 1, 1<<31-1)
	if err != nil {
		return err
	}
	all := h.Sim.DNC()
	for _, p := range []struct {
		name string
		of   func(Entry) string
	}{
		{"phone", func(e Entry) string { return e.Phone }},
		{"customer_id", func(e Entry) string { return e.CustomerID }},
	} {
		if values.Has(p.name) {
			all = slices.DeleteFunc(all, func(e Entry) bool { return p.of(e) != values.Get(p.name) })
		}
	}
	if limit > 0 && len(all) > limit {
		all = all[len(all)-limit:]
	}
	return write(w, orEmpty(all))
}

func (h *handler) postDNC(w http.ResponseWriter, r *http.Request) error {
	var f Forbidden
	if err := readJSON(w, r, &f); err != nil {
		return err
	}
	switch {
	case f.Phone == "" && f.CustomerID == "":
		return errors.New("an entry needs a phone, a customer_id, or both")
	case len(f.Phone) > maxPhone:
		return fmt.Errorf("phone has %d bytes; at most %d", len(f.Phone), maxPhone)
	case len(f.CustomerID) > maxCustomer:
		return fmt.Errorf("customer_id has %d bytes; at most %d", len(f.CustomerID), maxCustomer)
	}
	c := h.Sim.Scenario()
	f.Tenant = c.TenantOf(f.Tenant)
	if known := tenants(c); !slices.ContainsFunc(known, func(t Object) bool { return t.DBID == f.Tenant }) {
		return errorf(http.StatusNotFound, "there is no tenant %d; the first is %d", f.Tenant, known[0].DBID)
	}
	// In a real installation every OCS reads the same table.
	for _, o := range h.Sim.OCS() {
		if err := o.Forbid(scenario.Entry{Phone: f.Phone, CustomerID: f.CustomerID, Tenant: f.Tenant}); err != nil {
			return err
		}
	}
	for _, e := range h.Sim.DNC() {
		if e.Phone == f.Phone && e.CustomerID == f.CustomerID && e.Tenant == f.Tenant {
			return write(w, e)
		}
	}
	return errorf(http.StatusConflict, "the entry is on no list: no OCS works for tenant %d", f.Tenant)
}

// deleteDNC takes an entry off the list, named by phone, customer_id and tenant in the
// query.
func (h *handler) deleteDNC(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	tenant, err := strconv.ParseInt(cmp.Or(q.Get("tenant"), "0"), 10, 32)
	if err != nil {
		return fmt.Errorf("%q is no DBID of a tenant", q.Get("tenant"))
	}
	gone := false
	for _, o := range h.Sim.OCS() {
		gone = o.Allow(scenario.Entry{Phone: q.Get("phone"), CustomerID: q.Get("customer_id"), Tenant: commdn.DBID(tenant)}) || gone
	}
	if !gone {
		return errorf(http.StatusNotFound, "the list has no such entry")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
