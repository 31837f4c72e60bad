package sequence

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"commdn/components/lang"
	"commdn/protocol/commdn"
)

// field names what can be edited. Those from campaign to wait belong to an item. The labels
// are lang.SequenceField0 and the keys after it, but for finish.
type field int

const (
	group field = iota
	ocs
	description
	start
	campaign
	mode
	method
	goal
	stopTime
	contacts
	dials
	wait
	list   // the items as a whole
	finish // of the whole sequence

	itemFields = list - campaign
)

// item is one campaign of a draft. An unreadable value is 0 in the SequenceItem and stays
// in texts.
type item struct {
	id int // identifies the item, whatever its place
	commdn.SequenceItem
	texts [itemFields]string // the fields from campaign on, as typed
	bad   [itemFields]bool   // unreadable
}

// draft is a sequence under edit.
type draft struct {
	description string
	start       int64  // UTC seconds; 0 is at once
	startText   string // as typed
	badStart    bool
	finish      commdn.AutoCompletion
	items       []*item
}

// latest is the last second of 32 bits, less a year: a field shows local time.
const latest = math.MaxUint32 - 366*24*3600

// moment reads the text of a datetime-local field; empty is 0.
func moment(l *lang.Language, s string) (seconds int64, ok bool) {
	if s == "" {
		return 0, true
	}
	t, ok := l.ParseField(s)
	if n := t.Unix(); ok && n > 0 && n <= latest {
		return n, true
	}
	return 0, false
}

// momentText is the text of a datetime-local field for a time; 0 is empty.
func momentText(l *lang.Language, seconds int64) string {
	if seconds == 0 {
		return ""
	}
	return l.Field(time.Unix(seconds, 0))
}

// number reads a whole number that fits an int32; empty is 0.
func number(s string) (int32, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 0 {
		return 0, false
	}
	return int32(n), true
}

// set takes the typed text of a field.
func (it *item) set(l *lang.Language, f field, text string) {
	it.texts[f-campaign] = text
	if f == stopTime {
		at, ok := moment(l, text)
		it.StopAtTime, it.bad[f-campaign] = at, !ok
		return
	}
	n, ok := number(text)
	it.bad[f-campaign] = !ok || f == goal && strings.TrimSpace(text) == ""
	switch f {
	case campaign:
		it.Campaign = commdn.DBID(n)
	case mode:
		it.Mode = commdn.DialMode(n)
	case method:
		it.OptimizeBy = commdn.OptimizeBy(n)
	case goal:
		it.Goal = n
	case contacts:
		it.StopAtContacts = n
	case dials:
		it.StopAtDials = n
	case wait:
		it.SleepBeforeNextStart = n
	}
}

// show writes the texts of an item that nobody typed.
func (it *item) show(l *lang.Language) {
	for i, n := range [itemFields]int32{
		int32(it.Campaign), int32(it.Mode), int32(it.OptimizeBy), it.Goal, 0,
		it.StopAtContacts, it.StopAtDials, it.SleepBeforeNextStart,
	} {
		it.bad[i], it.texts[i] = n < 0, ""
		if n != 0 || field(i)+campaign == goal {
			it.texts[i] = strconv.Itoa(int(n))
		}
	}
	it.texts[stopTime-campaign] = momentText(l, it.StopAtTime)
}

// sequence is the draft for OCS; start replaces a start at once.
func (d *draft) sequence(start int64) *commdn.Sequence {
	q := &commdn.Sequence{Description: d.description, Start: d.start}
	if q.Start == 0 {
		q.Start = start
	}
	for _, it := range d.items {
		q.Items = append(q.Items, it.SequenceItem)
	}
	return q
}

// plain is an item without the fields that only OCS reports.
func plain(it commdn.SequenceItem) commdn.SequenceItem {
	it.Status, it.HasStatus = 0, false
	return it
}

// equal reports whether two sequences are the same, whatever the states of their items.
func equal(a, b *commdn.Sequence) bool {
	if a.Description != b.Description || a.Start != b.Start || len(a.Items) != len(b.Items) {
		return false
	}
	for i := range a.Items {
		if plain(a.Items[i]) != plain(b.Items[i]) {
			return false
		}
	}
	return true
}

// equal reports whether a draft is the sequence q. A draft that starts at once matches
// any start.
func (d *draft) equal(q *commdn.Sequence) bool { return equal(d.sequence(q.Start), q) }

// sameOrder reports whether two sequences have the same campaigns in the same order. OCS
// tells sequences apart by that.
func sameOrder(a, b *commdn.Sequence) bool {
	for i := range a.Items {
		if i >= len(b.Items) || a.Items[i].Campaign != b.Items[i].Campaign {
			return false
		}
	}
	return len(a.Items) == len(b.Items)
}

// campaigns reports whether a draft has the campaigns of q in the same order.
func (d *draft) campaigns(q *commdn.Sequence) bool { return sameOrder(d.sequence(0), q) }

// dialing reports whether a draft differs from q only in modes and goals. Both have the
// same campaigns.
func (d *draft) dialing(q *commdn.Sequence) bool {
	same := d.sequence(q.Start)
	for i := range same.Items {
		same.Items[i].Dialing = q.Items[i].Dialing
	}
	return equal(same, q)
}

// problem keeps a draft from being sent.
type problem struct {
	item  int // index; -1: none
	field field
	text  string
}

// problems returns all problems, in the order of the page. The first item can begin at
// earliest (UTC seconds), or at the draft's start if that is later; configured reports
// whether a campaign is configured for the group.
func (d *draft) problems(l *lang.Language, earliest int64, configured func(commdn.DBID) bool) []problem {
	var found []problem
	add := func(i int, f field, text string) { found = append(found, problem{i, f, text}) }
	switch {
	case len(d.description) > commdn.MaxDescription:
		add(-1, description, l.Text(lang.FieldTooLong, "n", l.Number(commdn.MaxDescription), "have", l.Number(len(d.description))))
	case !utf8.ValidString(d.description) || strings.ContainsFunc(d.description, func(r rune) bool { return r < ' ' || r == 0x7f }):
		add(-1, description, l.Text(lang.FieldNotText))
	}
	if d.badStart {
		add(-1, start, l.Text(lang.SequenceBadTime))
	}
	switch n := len(d.items); {
	case n == 0:
		add(-1, list, l.Text(lang.SequenceNeedItems))
	case n > commdn.MaxSequenceItems:
		add(-1, list, l.Text(lang.SequenceManyItems, "n", l.Number(commdn.MaxSequenceItems)))
	}
	from := max(earliest, d.start)
	for i, it := range d.items {
		for f := campaign; f < list; f++ {
			if text := it.wrong(l, f, configured); text != "" {
				add(i, f, text)
			}
		}
		from += 60 * int64(it.SleepBeforeNextStart)
		if it.StopAtTime != 0 && it.StopAtTime <= from {
			add(i, stopTime, l.Text(lang.SequenceStopLater, "time", l.Moment(time.Unix(from, 0))))
		}
		from = max(from, it.StopAtTime)
	}
	return found
}

// wrong says what is wrong with one field of the item. Empty means nothing.
func (it *item) wrong(l *lang.Language, f field, configured func(commdn.DBID) bool) string {
	bad := it.bad[f-campaign]
	most := math.MaxInt32
	switch f {
	case campaign:
		if bad || it.Campaign <= 0 {
			return l.Text(lang.SequenceNeedChoice)
		}
		if !configured(it.Campaign) {
			return l.Text(lang.SequenceNotConfigured)
		}
		return ""
	case mode:
		bad = bad || !it.Mode.Known()
	case method:
		bad = bad || !it.OptimizeBy.Known()
	case goal:
		if it.OptimizeBy != commdn.OptimizeWaitTime {
			most = 100
		}
		bad = bad || it.Goal < 0 || int(it.Goal) > most
	case stopTime:
		if bad {
			return l.Text(lang.SequenceBadTime)
		}
	}
	switch {
	case !bad:
		return ""
	case f == mode || f == method:
		return l.Text(lang.SequenceNeedChoice)
	}
	return l.Text(lang.SequenceBadNumber, "n", l.Number(most))
}
