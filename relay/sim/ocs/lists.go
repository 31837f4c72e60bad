package ocs

import (
	"container/heap"
	"iter"
	"sort"
	"strconv"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/scenario"
)

// callingList is a calling list at run time. Records are known by their index.
type callingList struct {
	dbid    commdn.DBID
	name    string
	tenant  commdn.DBID
	records []record

	cursor int             // records before it were taken at least once, or will not be
	turns  turns           // of records to be taken before those behind the cursor
	passed map[int32]int64 // on a desktop when it was their turn, with the time of it
	users  int             // campaign groups that have it loaded
	chains bool            // some records are in one chain with others

	byPhone []int32 // the records in the order of phones; made when it is needed
}

// record is one record. There may be a million.
type record struct {
	phone, customer string
	dialed          int64 // last time, nanoseconds since 1970; 0 is never
	chain           int32 // as the scenario has it, or made up; 0 is none
	head, follower  int32 // indexes of the first and, +1, of the next record of the chain
	status          RecordStatus
	result          CallResult
	attempts        uint8
	onDesktop       bool // an agent has checked it out
	withAgent       bool // an agent looks at it before it is dialed, or talks
}

// firstPhone is where made-up phones begin, a block of MaxRecords for each list
// of the scenario.
const firstPhone = 5_520_000_000

// newCallingList makes the nth list of the scenario.
func newCallingList(conf scenario.CallingList, tenant commdn.DBID, n int) *callingList {
	phones := max(conf.Generate.Phones, 1)
	l := &callingList{dbid: conf.DBID, name: conf.Name, tenant: tenant, passed: make(map[int32]int64)}
	l.records = make([]record, 0, len(conf.Records)+conf.Generate.Customers*phones)
	last := make(map[int32]int32) // chain to its last record so far
	chains := int32(0)
	for _, r := range conf.Records {
		chain := int32(r.Chain)
		chains = max(chains, chain)
		l.add(record{phone: r.Phone, customer: r.CustomerID, chain: chain, onDesktop: r.OnDesktop}, last)
	}
	for customer := range conf.Generate.Customers {
		chain := int32(0)
		if phones > 1 {
			chains++
			chain = chains
			clear(last)
		}
		// One piece of memory has the customer id and the phone in it.
		first := firstPhone + n*scenario.MaxRecords + customer*phones
		id := "C" + strconv.Itoa(first)
		for i := range phones {
			phone := id[1:]
			if i > 0 {
				phone = strconv.Itoa(first + i)
			}
			l.add(record{phone: phone, customer: id, chain: chain}, last)
		}
	}
	return l
}

// add appends a record to the list and to its chain.
func (l *callingList) add(r record, last map[int32]int32) {
	i := int32(len(l.records))
	r.head, r.result = i, ResultUnknown
	if r.chain != 0 {
		if before, ok := last[r.chain]; ok {
			r.head = l.records[before].head
			l.records[before].follower = i + 1
			l.chains = true
		}
		last[r.chain] = i
	}
	l.records = append(l.records, r)
}

// chain gives the records of the chain that a record is in, in their order.
func (l *callingList) chain(i int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for next := l.records[i].head + 1; next != 0; next = l.records[next-1].follower {
			if !yield(next - 1) {
				return
			}
		}
	}
}

// dialable says whether a record may be dialed as far as the list knows.
func (r *record) dialable() bool { return r.status == RecordReady && !r.onDesktop }

// look moves the cursor to the next record to be taken there and says whether
// there is one, and puts one that may be taken first among the turns. The records
// of a chain behind its first have their turns.
func (l *callingList) look() (atCursor bool) {
	for l.cursor < len(l.records) && !atCursor {
		switch r := &l.records[l.cursor]; {
		case int(r.head) != l.cursor:
			l.cursor++
		case r.dialable():
			atCursor = true
		default:
			l.pass(turn{record: int32(l.cursor)})
			l.cursor++
		}
	}
	for len(l.turns) > 0 && !l.records[l.turns[0].record].dialable() {
		l.pass(heap.Pop(&l.turns).(turn))
	}
	return atCursor
}

// take gives the next record that may be dialed at now, and makes it
// RecordRetrieved; false means that there is none at present.
func (l *callingList) take(now time.Time) (i int32, ok bool) {
	atCursor := l.look()
	switch {
	case len(l.turns) > 0 && l.turns[0].due <= now.UnixNano():
		i = heap.Pop(&l.turns).(turn).record
	case atCursor:
		i = int32(l.cursor)
		l.cursor++
	default:
		return 0, false
	}
	l.records[i].status = RecordRetrieved
	return i, true
}

// depleted says whether no record is left to be dialed, now or later.
func (l *callingList) depleted() bool {
	return !l.look() && len(l.turns) == 0
}

// due gives when a record can be taken: any time before now for at once, and
// zero for never.
func (l *callingList) due() time.Time {
	switch atCursor := l.look(); {
	case atCursor:
		return time.Unix(0, 0)
	case len(l.turns) > 0:
		return time.Unix(0, l.turns[0].due)
	}
	return time.Time{}
}

// pass is for a record whose turn it is and that may not be dialed: it waits
// for the agent, or leaves its turn to the next of its chain.
func (l *callingList) pass(t turn) {
	switch l.records[t.record].status {
	case RecordReady:
		l.passed[t.record] = t.due
	case RecordCanceled:
		l.follow(t)
	}
}

// follow gives a turn to the next record of the chain that is ready.
func (l *callingList) follow(t turn) {
	for f := l.records[t.record].follower; f != 0; f = l.records[f-1].follower {
		if l.records[f-1].status == RecordReady {
			heap.Push(&l.turns, turn{t.due, f - 1})
			return
		}
	}
}

// again makes a record ready, to be taken at t.
func (l *callingList) again(i int32, t time.Time) {
	l.records[i].status = RecordReady
	heap.Push(&l.turns, turn{t.UnixNano(), i})
}

// finish ends a record at t. What follows in its chain is next, or, when the
// customer was reached, done.
func (l *callingList) finish(i int32, result CallResult, t time.Time) {
	r := &l.records[i]
	if r.status != RecordCanceled || reached(result) {
		r.status, r.result = RecordUpdated, result
	}
	if !reached(result) {
		l.follow(turn{t.UnixNano(), i})
		return
	}
	for f := r.follower; f != 0; f = l.records[f-1].follower {
		if l.records[f-1].status == RecordReady {
			l.records[f-1].status = RecordChainUpdated
		}
	}
}

// reached says whether a customer was on the line.
func reached(result CallResult) bool {
	return result == ResultAnswer || result == ResultAbandoned || result == ResultDropped
}

// renew makes a list that was dialed ready from the start; canceled records
// stay so.
func (l *callingList) renew() {
	l.cursor, l.turns = 0, nil
	clear(l.passed)
	for i := range l.records {
		r := &l.records[i]
		r.attempts = 0
		if r.status != RecordCanceled {
			r.status, r.result = RecordReady, ResultUnknown
		}
	}
}

// checkOut gives a record to an agent's desktop, or back to be dialed.
func (l *callingList) checkOut(i int32, onDesktop bool, now time.Time) {
	l.records[i].onDesktop = onDesktop
	if due, passed := l.passed[i]; passed && !onDesktop {
		delete(l.passed, i)
		heap.Push(&l.turns, turn{max(due, now.UnixNano()), i})
	}
}

// withPhone gives the records that have a phone.
func (l *callingList) withPhone(phone string) []int32 {
	if l.byPhone == nil {
		l.byPhone = make([]int32, len(l.records))
		for i := range l.byPhone {
			l.byPhone[i] = int32(i)
		}
		sort.SliceStable(l.byPhone, func(a, b int) bool {
			return l.records[l.byPhone[a]].phone < l.records[l.byPhone[b]].phone
		})
	}
	first := sort.Search(len(l.byPhone), func(i int) bool { return l.records[l.byPhone[i]].phone >= phone })
	end := first
	for end < len(l.byPhone) && l.records[l.byPhone[end]].phone == phone {
		end++
	}
	return l.byPhone[first:end]
}

// turn is when a record is to be dialed.
type turn struct {
	due    int64 // nanoseconds since 1970, or 0 for as soon as can be
	record int32
}

// turns is a heap, the earliest first.
type turns []turn

func (h turns) Len() int { return len(h) }
func (h turns) Less(i, j int) bool {
	return h[i].due < h[j].due || h[i].due == h[j].due && h[i].record < h[j].record
}
func (h turns) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is for package heap.
func (h *turns) Push(x any) { *h = append(*h, x.(turn)) }

// Pop is for package heap.
func (h *turns) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
