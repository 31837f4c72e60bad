package commdn

import (
	"strconv"
	"strings"

	"commdn/protocol/tkvlist"
)

// MaxSequenceItems is how many items Validate lets through. With all their
// keys they fit into the 16,000 bytes of user data that T-Server takes.
const MaxSequenceItems = 64

// mostItems is how many items Decode reads.
const mostItems = 1024

// Sequence is a campaign sequence: campaigns that OCS runs one after the other
// (campaign_schedule in GSW_CM_AttrProperties).
type Sequence struct {
	Description string         // Description
	Start       int64          // startTime, in UTC seconds, up to 2106
	Items       []SequenceItem // nItems of them, as scheduleItem-1, scheduleItem-2 …
}

// SequenceItem is one campaign of a sequence. Stop conditions that are 0 are
// not written. The vendor does not say in which unit stopAtTime is; it is taken
// for UTC seconds.
type SequenceItem struct {
	StopAtTime           int64       // stopAtTime
	StopAtContacts       int32       // stopAtContacts: transferred calls
	StopAtDials          int32       // stopAtDials: dial attempts
	SleepBeforeNextStart int32       // sleepBeforeNextStart: the wait before this item, in minutes
	Campaign             DBID        // campaignDBID
	Dialing                          // dialMode, optMethod, optMethodValue
	Status               GroupStatus // status, if HasStatus; in what OCS sends
	HasStatus            bool
}

// list gives campaign_schedule.
func (s *Sequence) list() tkvlist.List {
	l := make(tkvlist.List, 0, 3+len(s.Items))
	l.Add(KeyDescription, tkvlist.String(s.Description))
	addInt(&l, KeyStartTime, int32(uint32(s.Start)))
	addInt(&l, KeyItems, int32(len(s.Items)))
	keys := itemKeys(len(s.Items))
	for i := range s.Items {
		key, rest, _ := strings.Cut(keys, "\n")
		l.Add(key, tkvlist.Nested(s.Items[i].list()))
		keys = rest
	}
	return l
}

// itemKeys gives the keys of n items, each with a line feed behind it, in one
// piece of memory.
func itemKeys(n int) string {
	var b strings.Builder
	b.Grow(n * len(KeyScheduleItem+"0000\n"))
	for i := 1; i <= n; i++ {
		b.WriteString(KeyScheduleItem)
		b.WriteString(strconv.Itoa(i))
		b.WriteByte('\n')
	}
	return b.String()
}

func (it *SequenceItem) list() tkvlist.List {
	l := make(tkvlist.List, 0, 9)
	if it.StopAtTime != 0 {
		addInt(&l, KeyStopAtTime, int32(uint32(it.StopAtTime)))
	}
	if it.StopAtContacts != 0 {
		addInt(&l, KeyStopAtContacts, it.StopAtContacts)
	}
	if it.StopAtDials != 0 {
		addInt(&l, KeyStopAtDials, it.StopAtDials)
	}
	addInt(&l, KeySleep, it.SleepBeforeNextStart)
	addInt(&l, KeyItemCampaign, int32(it.Campaign))
	addInt(&l, KeyItemDialMode, int32(it.Mode))
	addInt(&l, KeyItemOptMethod, int32(it.OptimizeBy))
	addInt(&l, KeyItemOptValue, it.Goal)
	if it.HasStatus {
		addInt(&l, KeyItemStatus, int32(it.Status))
	}
	return l
}

// sequence reads campaign_schedule into s.
func (d *decoder) sequence(s *Sequence, l tkvlist.List) {
	s.Description = d.text(l, KeyDescription)
	s.Start = d.time(l, KeyStartTime)
	s.Items = d.items(l)
}

// exactSequence is sequence for a request: nItems and the items have to agree,
// so that scheduleItem-1 to scheduleItem-<nItems> are there, and none beyond.
func (d *decoder) exactSequence(s *Sequence, l tkvlist.List) {
	if d.lenient {
		d.sequence(s, l)
		return
	}
	n := int(d.int(l, KeyItems))
	if n < 0 || n > mostItems {
		d.fail(KeyItems, "is "+strconv.Itoa(n)+" instead of 0 to "+strconv.Itoa(mostItems))
	}
	var have [mostItems + 1]bool
	for i := range l {
		k := itemNumber(l[i].Key, false)
		if k > n {
			d.fail(KeyItems, "is "+strconv.Itoa(n)+", but there is "+quote(l[i].Key))
		}
		if d.err != nil {
			return
		}
		have[max(k, 0)] = true
	}
	for k := 1; k <= n; k++ {
		if !have[k] {
			d.fail(KeyScheduleItem+strconv.Itoa(k), "is missing, though "+KeyItems+" is "+strconv.Itoa(n))
		}
	}
	if d.err == nil {
		d.sequence(s, l)
	}
}

// items reads the items in the order of their numbers, from whichever on and
// with gaps. Where a number repeats, the first one counts.
func (d *decoder) items(l tkvlist.List) []SequenceItem {
	type place struct{ number, index int }
	var few [MaxSequenceItems]place // on the stack
	places := few[:0]
	for i := range l {
		k := itemNumber(l[i].Key, d.lenient)
		if k < 0 || len(places) == mostItems {
			continue
		}
		at := len(places) // nearly always they come in order
		for at > 0 && places[at-1].number > k {
			at--
		}
		if at > 0 && places[at-1].number == k {
			continue
		}
		if _, ok := l[i].Value.List(); !ok {
			d.wrong(l[i].Key, l[i].Value, "a list")
			continue
		}
		places = append(places, place{})
		copy(places[at+1:], places[at:])
		places[at] = place{k, i}
	}
	if len(places) == 0 {
		return nil
	}
	items := make([]SequenceItem, 0, len(places))
	for _, p := range places {
		inner, _ := l[p.index].Value.List()
		d.item = p.number
		if it, named := d.sequenceItem(inner); named || !d.lenient {
			items = append(items, it)
		}
	}
	d.item = 0
	return items
}

// itemNumber gives the number in the key of an item, or -1 for any other key. A
// number that begins with 0 is one to a lenient reader alone.
func itemNumber(key string, lenient bool) int {
	digits, ok := strings.CutPrefix(key, KeyScheduleItem)
	if !ok || !lenient && strings.HasPrefix(digits, "0") {
		return -1
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil {
		return -1
	}
	return int(n)
}

// sequenceItem reads one item; named says that it names its campaign.
func (d *decoder) sequenceItem(l tkvlist.List) (it SequenceItem, named bool) {
	it.StopAtTime = d.time(l, KeyStopAtTime)
	it.StopAtContacts, _ = d.mayInt(l, KeyStopAtContacts)
	it.StopAtDials, _ = d.mayInt(l, KeyStopAtDials)
	it.SleepBeforeNextStart, _ = d.mayInt(l, KeySleep)
	_, named = d.mayInt(l, KeyItemCampaign)
	it.Campaign = DBID(d.int(l, KeyItemCampaign))
	it.Dialing = Dialing{
		DialMode(d.int(l, KeyItemDialMode)), OptimizeBy(d.int(l, KeyItemOptMethod)), d.int(l, KeyItemOptValue),
	}
	status, ok := d.mayInt(l, KeyItemStatus)
	it.Status, it.HasStatus = GroupStatus(status), ok
	return it, named
}

// sequence fails for a sequence that OCS would not run; nil is none.
func (p *problem) sequence(s *Sequence) {
	if s == nil {
		return
	}
	p.text(KeyDescription, s.Description, MaxDescription)
	p.seconds(KeyStartTime, s.Start)
	if n := len(s.Items); n == 0 || n > MaxSequenceItems {
		p.fail(KeyItems, "is "+strconv.Itoa(n)+"; give 1 to "+strconv.Itoa(MaxSequenceItems))
	}
	for i := range s.Items {
		it := &s.Items[i]
		p.item = i + 1
		p.seconds(KeyStopAtTime, it.StopAtTime)
		p.atLeast(0, KeyStopAtContacts, int64(it.StopAtContacts))
		p.atLeast(0, KeyStopAtDials, int64(it.StopAtDials))
		p.atLeast(0, KeySleep, int64(it.SleepBeforeNextStart))
		p.atLeast(1, KeyItemCampaign, int64(it.Campaign))
		p.dialing(it.Dialing, KeyItemDialMode, KeyItemOptMethod, KeyItemOptValue)
	}
	p.item = 0
}

// seconds fails for a time that 32 bits cannot hold.
func (p *problem) seconds(key string, n int64) {
	if n < 0 || n > 1<<32-1 {
		p.fail(key, "is "+strconv.FormatInt(n, 10)+"; give UTC seconds, 0 to 4294967295")
	}
}
