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
// The list takes each kind of record by itself, so that one can come before
// another.
type callingList struct {
	dbid    commdn.DBID
	name    string
	tenant  commdn.DBID
	records []record

	born   [kinds]int      // records of each kind, as the scenario has them
	cursor [kinds]int      // the records before it had their turn
	turns  [kinds]turns    // of records that come before those behind the cursor
	passed map[int32]int64 // that were on a desktop when their turn came, with its time
	counts [RecordStatuses]int
	users  int  // campaign groups that have it loaded
	chains bool // some records are in one chain with others

	byPhone []int32 // the records sorted by phone; made when first needed
}

// record is one record. There may be a million.
type record struct {
	phone, customer string
	dialed          int64 // last time, nanoseconds since 1970; 0 is never
	chain           int32 // as the scenario has it, or made up; 0 is none
	head, follower  int32 // indexes of the first and, +1, of the next record of the chain
	born, kind      kind  // as the scenario has it, and now
	status          RecordStatus
	result          CallResult
	attempts        uint8
	onDesktop       bool // an agent has checked it out
	withAgent       bool // an agent looks at it before it is dialed, or talks
}

// firstPhone is the first made-up phone. Each list of the scenario has a block of
// MaxRecords.
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
		l.add(record{phone: r.Phone, customer: r.CustomerID, chain: chain, born: kindOf(r.Type), onDesktop: r.OnDesktop}, last)
	}
	for customer := range conf.Generate.Customers {
		chain := int32(0)
		if phones > 1 {
			chains++
			chain = chains
			clear(last)
		}
		// The customer id and the phone share their memory.
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
	l.rewind()
	return l
}

// rewind puts the cursor of each kind at its beginning.
func (l *callingList) rewind() {
	for k := range kinds {
		l.cursor[k] = 0
		if l.born[k] == 0 {
			l.cursor[k] = len(l.records)
		}
	}
}

// add appends a record to the list and to its chain.
func (l *callingList) add(r record, last map[int32]int32) {
	i := int32(len(l.records))
	r.head, r.result, r.kind = i, ResultUnknown, r.born
	l.born[r.born]++
	l.counts[r.status]++
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

// become changes the status of a record.
func (l *callingList) become(i int32, status RecordStatus) {
	r := &l.records[i]
	l.counts[r.status]--
	l.counts[status]++
	r.status = status
}

// chain gives all records of the chain of a record, in their order.
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

// look moves the cursor of a kind to the next record that may be taken there, and
// says whether there is one. It also drops turns until the first one may be taken.
// Only the first record of a chain is taken at the cursor: the others get turns.
func (l *callingList) look(k kind) (atCursor bool) {
	for l.cursor[k] < len(l.records) && !atCursor {
		switch r := &l.records[l.cursor[k]]; {
		case int(r.head) != l.cursor[k] || r.born != k:
			l.cursor[k]++
		case r.dialable():
			atCursor = true
		default:
			l.pass(turn{record: int32(l.cursor[k])})
			l.cursor[k]++
		}
	}
	for len(l.turns[k]) > 0 && !l.records[l.turns[k][0].record].dialable() {
		l.pass(heap.Pop(&l.turns[k]).(turn))
	}
	return atCursor
}

// next gives the record of a kind that comes next and may be dialed at now. first
// says that it has a turn, which comes before all records at cursors.
func (l *callingList) next(k kind, now time.Time) (t turn, first, ok bool) {
	atCursor := l.look(k)
	if turns := l.turns[k]; len(turns) > 0 && turns[0].due <= now.UnixNano() {
		return turns[0], true, true
	}
	return turn{record: int32(l.cursor[k])}, false, atCursor
}

// has says whether a record of a kind may be dialed at now.
func (l *callingList) has(k kind, now time.Time) bool {
	_, _, ok := l.next(k, now)
	return ok
}

// nextKind gives the kind of the next record where no kind has priority; false
// means that no record may be dialed at now.
func (l *callingList) nextKind(now time.Time) (best kind, ok bool) {
	var most turn
	var most1st bool
	for k := range kinds {
		t, first, there := l.next(k, now)
		if there && (!ok || first && !most1st || first == most1st && t.before(most)) {
			best, most, most1st, ok = k, t, first, true
		}
	}
	return best, ok
}

// take takes the next record of a kind, which must have one, and makes it
// RecordRetrieved.
func (l *callingList) take(k kind, now time.Time) int32 {
	t, first, _ := l.next(k, now)
	if first {
		heap.Pop(&l.turns[k])
	} else {
		l.cursor[k]++
	}
	l.become(t.record, RecordRetrieved)
	return t.record
}

// depleted says whether no record is left to be dialed, now or later.
func (l *callingList) depleted() bool { return l.due().IsZero() }

// due gives the time from which a record can be taken; zero means never.
func (l *callingList) due() (due time.Time) {
	for k := range kinds {
		if l.look(k) {
			return time.Unix(0, 0)
		}
		if turns := l.turns[k]; len(turns) > 0 {
			due = earlier(due, time.Unix(0, turns[0].due))
		}
	}
	return due
}

// finish ends a record at t. The next record of its chain has its turn then; where
// the customer was reached, the rest of the chain is done.
func (l *callingList) finish(i int32, result CallResult, t time.Time) {
	r := &l.records[i]
	if r.status != RecordCanceled || reached(result) {
		l.become(i, RecordUpdated)
		r.result = result
	}
	if !reached(result) {
		l.follow(turn{t.UnixNano(), i})
		return
	}
	for f := r.follower; f != 0; f = l.records[f-1].follower {
		if l.records[f-1].status == RecordReady {
			l.become(f-1, RecordChainUpdated)
		}
	}
}

// reached says whether a customer was on the line.
func reached(result CallResult) bool {
	return result == ResultAnswer || result == ResultAbandoned || result == ResultDropped
}

// renew makes a list that was dialed ready again; canceled records stay so.
func (l *callingList) renew() {
	l.rewind()
	l.turns = [kinds]turns{}
	clear(l.passed)
	for i := range l.records {
		r := &l.records[i]
		r.attempts, r.kind = 0, r.born
		if r.status != RecordCanceled {
			l.become(int32(i), RecordReady)
			r.result = ResultUnknown
		}
	}
}

// checkOut puts a record on an agent's desktop, or takes it back to be dialed.
func (l *callingList) checkOut(i int32, onDesktop bool, now time.Time) {
	l.records[i].onDesktop = onDesktop
	if due, passed := l.passed[i]; passed && !onDesktop {
		delete(l.passed, i)
		l.push(turn{max(due, now.UnixNano()), i})
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
