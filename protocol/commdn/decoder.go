package commdn

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"commdn/protocol/tkvlist"
)

// problem keeps the first thing that is wrong with a message; Decode and
// Validate both note it here. A key inside one of several like lists is told
// with that list: scheduleItem-2/dialMode, General/priority.
type problem struct {
	msg  MessageType
	item int    // number of the schedule item that is being looked at, or 0
	in   string // key of the list of a dialing priority, or ""
	err  error
}

func (p *problem) fail(key, what string) {
	if p.err != nil {
		return
	}
	switch {
	case p.item != 0:
		key = KeyScheduleItem + strconv.Itoa(p.item) + "/" + key
	case p.in != "":
		key = p.in + "/" + key
	}
	p.err = &FieldError{p.msg, key, what}
}

// atLeast fails for a number under the least that is possible.
func (p *problem) atLeast(least int64, key string, n int64) {
	if n < least {
		p.fail(key, "is "+strconv.FormatInt(n, 10)+"; give "+strconv.FormatInt(least, 10)+" or more")
	}
}

// decoder reads keys of a message's list and of the lists inside it. Where a
// key repeats, the first one counts.
type decoder struct {
	problem
	list    tkvlist.List
	props   tkvlist.List // nil where the properties are no list
	lenient bool         // the message is an event: nothing in it fails but what names nobody
}

// wrong notes a value of another kind than a request may have.
func (d *decoder) wrong(key string, v tkvlist.Value, want string) {
	if !d.lenient {
		d.fail(key, "is a "+v.Kind().String()+" instead of "+want)
	}
}

// int reads an integer that must be there in a request.
func (d *decoder) int(l tkvlist.List, key string) int32 {
	n, ok := d.mayInt(l, key)
	if !ok && !d.lenient {
		d.fail(key, "is missing")
	}
	return n
}

// mayInt reads an integer that may be absent.
func (d *decoder) mayInt(l tkvlist.List, key string) (n int32, ok bool) {
	v, ok := l.Get(key)
	if !ok {
		return 0, false
	}
	if n, ok = v.Int(); ok {
		return n, true
	}
	if d.lenient {
		return ReadInt(v)
	}
	d.wrong(key, v, "an integer")
	return 0, true
}

// ReadInt gives the number that a value says, as an integer or in digits. A number of
// 2^31 or more keeps its 32 bits, as times have no sign.
func ReadInt(v tkvlist.Value) (n int32, ok bool) {
	if n, ok = v.Int(); ok {
		return n, true
	}
	s := strings.TrimSpace(asText(v))
	if s == "" { // nearly always, where a key is absent
		return 0, false
	}
	wide, err := strconv.ParseInt(s, 10, 64)
	if err != nil || wide < math.MinInt32 || wide > math.MaxUint32 {
		return 0, false
	}
	return int32(uint32(wide)), true
}

// asText gives the text of a value, of whatever kind; empty: it is none.
func asText(v tkvlist.Value) string {
	if n, ok := v.Int(); ok {
		// A phone of ten digits may be over 2^31: such a number has no sign.
		return strconv.FormatUint(uint64(uint32(n)), 10)
	}
	s, ok := v.Text()
	if b, binary := v.Bytes(); !ok && binary && utf8.Valid(b) {
		s = strings.TrimRight(string(b), "\x00")
		if strings.ContainsFunc(s, unprintable) {
			return ""
		}
	}
	return s
}

// blank says whether a value says nothing: an empty text or list, a 0 where a text
// belongs. A text that cannot be read says something.
func blank(v tkvlist.Value) bool {
	if l, ok := v.List(); ok {
		return len(l) == 0
	}
	if n, ok := v.Int(); ok {
		return n == 0
	}
	s, _ := v.Text()
	if b, ok := v.Bytes(); ok {
		s = string(b)
	}
	return strings.Trim(s, " \t\r\n\x00") == ""
}

// unprintable says of a character that it is in no text.
func unprintable(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f }

// time reads UTC seconds, which have no sign: in 2038 they pass 2^31. Absent
// is 0.
func (d *decoder) time(l tkvlist.List, key string) int64 {
	n, _ := d.mayInt(l, key)
	return int64(uint32(n))
}

// text reads a string that may be absent. Values are "string or integer" on
// the CommDN, so a text made of digits only may arrive as an integer.
func (d *decoder) text(l tkvlist.List, key string) string {
	v, ok := l.Get(key)
	if !ok {
		return ""
	}
	switch v.Kind() {
	case tkvlist.KindList, tkvlist.KindBinary:
		d.wrong(key, v, "a string")
	}
	return asText(v)
}

// inner reads a list that may be absent.
func (d *decoder) inner(l tkvlist.List, key string) (sub tkvlist.List, ok bool) {
	v, ok := l.Get(key)
	if !ok {
		return nil, false
	}
	sub, isList := v.List()
	if !isList {
		d.wrong(key, v, "a list")
	}
	return sub, isList
}

// mustInner reads a list that must be there.
func (d *decoder) mustInner(l tkvlist.List, key string) tkvlist.List {
	sub, ok := d.inner(l, key)
	if !ok {
		d.fail(key, "is missing")
	}
	return sub
}

// address is that of the message. An event may leave out both: 0.
func (d *decoder) address() Address {
	return Address{Origin: DBID(d.int(d.list, KeyOriginAppID)), Target: DBID(d.int(d.list, KeyTargetAppID))}
}

// anywhere gives the value of a key among the user data, else in the
// properties, else in a list inside these.
func (d *decoder) anywhere(key string) (v tkvlist.Value, ok bool) {
	if v, ok = d.list.Get(key); ok || len(d.props) == 0 {
		return v, ok
	}
	if v, ok = d.props.Get(key); ok {
		return v, true
	}
	for i := range d.props {
		inner, _ := d.props[i].Value.List()
		if v, ok = inner.Get(key); ok {
			return v, true
		}
	}
	return v, false
}

// echo gives the list in the properties of an event that has one of the given
// keys. Under which key a response carries it is not documented, so any list
// will do, the expected key first. It is nil where there is none.
func (d *decoder) echo(expected string, is func(key string) bool) tkvlist.List {
	if l, ok := d.props.List(expected); ok && len(l) > 0 {
		return l
	}
	for i := range d.props {
		if l, ok := d.props[i].Value.List(); ok && has(l, is) {
			return l
		}
	}
	return nil
}

// personEcho is echo for whom an event is about. That may also stand in the
// properties themselves, or among the user data.
func (d *decoder) personEcho(expected string) tkvlist.List {
	if l := d.echo(expected, isPerson); l != nil {
		return l
	}
	if has(d.props, isPerson) {
		return d.props
	}
	return d.list
}

func has(l tkvlist.List, is func(key string) bool) bool {
	for i := range l {
		if is(l[i].Key) {
			return true
		}
	}
	return false
}

// isPerson says of a key that it names a person.
func isPerson(key string) bool { return key == KeyPhone || key == KeyCustomerID }

// isSchedule says of a key that it is one of a sequence.
func isSchedule(key string) bool { return key == KeyItems || itemNumber(key, true) >= 0 }
