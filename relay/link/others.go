package link

import (
	"cmp"
	"slices"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// mostStrangers bounds how many requests of others are kept in mind.
const mostStrangers = 1000

// saw takes in a request that T-Server distributes on the CommDN: our own, which
// says in which order the requests got there, or that of another client, whose
// answer is not to be taken for ours. double says that another client speaks in
// the name of our application.
func (r *exchanges) saw(req commdn.Request, data tkvlist.List) (double bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.order++
	ours := req.Addr().Origin == r.app
	if ours {
		if x := r.own(req, data); x != nil {
			x.out--
			x.sent = r.order
			if x.out == 0 {
				delete(r.gone, x)
			}
			return false
		}
	}
	if r.strangers < mostStrangers {
		r.enter(&exchange{req: req, foreign: true, sameOrigin: ours, sent: r.order, owed: true})
	}
	return ours
}

// own gives the request of ours that comes back for the first time.
func (r *exchanges) own(req commdn.Request, data tkvlist.List) *exchange {
	if len(r.gone) == 0 { // only the holder of the subject can be out
		for _, s := range req.Subjects() {
			if x := r.bySubject[s]; x != nil && x.out > 0 && same(x, data) {
				return x
			}
		}
	}
	var oldest *exchange
	for _, all := range []map[*exchange]struct{}{r.open, r.gone} {
		for x := range all {
			if x.out > 0 && (oldest == nil || x.sent < oldest.sent) && same(x, data) {
				oldest = x
			}
		}
	}
	return oldest
}

// same says whether user data is that of a request, to whichever OCS of a pair it
// went.
func same(x *exchange, data tkvlist.List) bool {
	mine := x.data
	return len(mine) == len(data) && !slices.ContainsFunc(mine, func(p tkvlist.Pair) bool {
		v, ok := data.Get(p.Key)
		return !ok || p.Key != commdn.KeyTargetAppID && !v.Equal(p.Value)
	})
}

// unseen keeps a request in mind that T-Server has not given back, as it may yet.
func (r *exchanges) unseen(x *exchange) {
	if len(r.gone) >= mostStrangers {
		return
	}
	r.gone[x] = struct{}{}
	time.AfterFunc(r.timeout, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.gone, x)
	})
}

// enter keeps a request of another client in mind for as long as an answer may
// take.
func (r *exchanges) enter(x *exchange) {
	if target := x.req.Addr().Target; target != 0 {
		x.waiting = []commdn.DBID{target}
	} else {
		x.waiting = slices.Clone(r.ocs)
	}
	x.known = len(x.waiting) > 0
	r.open[x] = struct{}{}
	r.lately.add(x.req, x.req.Subjects(), time.Now())
	r.strangers++
	if x.sameOrigin {
		r.doubles++
	}
	time.AfterFunc(r.timeout, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.leave(x)
	})
}

// leave forgets a request of another client.
func (r *exchanges) leave(x *exchange) {
	if _, open := r.open[x]; !open {
		return
	}
	delete(r.open, x)
	r.strangers--
	if x.sameOrigin {
		r.doubles--
	}
}

// elsewhere takes in an answer for another client: its request is over.
func (r *exchanges) elsewhere(m commdn.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.strangers == 0 {
		return
	}
	var refused, granted []*exchange
	for x := range r.open {
		if !x.foreign || x.sameOrigin || x.req.Addr().Origin != m.Addr().Target || x.known && !slices.Contains(x.waiting, m.Addr().Origin) {
			continue
		}
		// A campaign group stays in dispute until its answers can no longer come, but
		// what OCS refuses changes nothing.
		is, _ := relate(x.req, m)
		_, fault := m.(*commdn.Fault)
		switch {
		case is == exact && bool(familyOf(x.req)):
			r.leave(x)
		case fault && is > other:
			refused = append(refused, x)
		case is == exact && x.known && m.Type() == acknowledges(x.req.Type()):
			granted = append(granted, x)
		}
	}
	if len(refused) == 1 {
		r.leave(refused[0])
	}
	if len(granted) > 0 {
		slices.SortFunc(granted, func(x, y *exchange) int { return cmp.Compare(x.sent, y.sent) })
		x := r.closest(granted, Answer{Message: m})[0]
		x.waiting = slices.DeleteFunc(x.waiting, func(id commdn.DBID) bool { return id == m.Addr().Origin })
	}
}
