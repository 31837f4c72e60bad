package commdn

import (
	"strconv"

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
	list tkvlist.List
}

// int reads an integer that must be there.
func (d *decoder) int(l tkvlist.List, key string) int32 {
	n, ok := d.mayInt(l, key)
	if !ok {
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
	n, isInt := v.Int()
	if !isInt {
		d.fail(key, "is a "+v.Kind().String()+" instead of an integer")
	}
	return n, true
}

// time reads UTC seconds, which have no sign: in 2038 they pass 2^31. Absent
// is 0.
func (d *decoder) time(l tkvlist.List, key string) int64 {
	n, _ := d.mayInt(l, key)
	return int64(uint32(n))
}

// text reads a string that may be absent. Values are "string or integer" on
// the CommDN, so a text made of digits only may arrive as an integer. Such a
// number has no sign: a phone of ten digits may be over 2^31.
func (d *decoder) text(l tkvlist.List, key string) string {
	v, ok := l.Get(key)
	if !ok {
		return ""
	}
	if n, ok := v.Int(); ok {
		return strconv.FormatUint(uint64(uint32(n)), 10)
	}
	s, ok := v.Text()
	if !ok {
		d.fail(key, "is a "+v.Kind().String()+" instead of a string")
	}
	return s
}

// inner reads a list that may be absent.
func (d *decoder) inner(l tkvlist.List, key string) (sub tkvlist.List, ok bool) {
	v, ok := l.Get(key)
	if !ok {
		return nil, false
	}
	sub, isList := v.List()
	if !isList {
		d.fail(key, "is a "+v.Kind().String()+" instead of a list")
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

func (d *decoder) address() Address {
	return Address{Origin: DBID(d.int(d.list, KeyOriginAppID)), Target: DBID(d.int(d.list, KeyTargetAppID))}
}

// echo gives the list inside an event's properties that has one of the given
// keys. Under which key a response carries it is not documented, so any nested
// list will do, the expected key first. It is nil where there is none.
func (d *decoder) echo(expected string, keys ...string) tkvlist.List {
	props, _ := d.list.List(KeyProperties)
	if l, ok := props.List(expected); ok {
		return l
	}
	for i := range props {
		l, ok := props[i].Value.List()
		if !ok {
			continue
		}
		for _, key := range keys {
			if _, ok := l.Get(key); ok {
				return l
			}
		}
	}
	return nil
}
