package commdn

import (
	"strconv"

	"commdn/protocol/tkvlist"
)

// decoder reads keys of one list; its first error stays and names the key.
type decoder struct {
	msg  MessageType
	list tkvlist.List
	err  error
}

func (d *decoder) fail(key, what string) {
	if d.err == nil {
		d.err = &FieldError{d.msg, key, what}
	}
}

// int reads an integer that must be there.
func (d *decoder) int(key string) int32 {
	v, ok := d.list.Get(key)
	if !ok {
		d.fail(key, "is missing")
		return 0
	}
	n, ok := v.Int()
	if !ok {
		d.fail(key, "is a "+v.Kind().String()+" instead of an integer")
	}
	return n
}

// text reads a string that may be absent. Values are "string or integer" on
// the CommDN, so a text made of digits only may arrive as an integer. Such a
// number has no sign: a phone of ten digits may be over 2^31.
func (d *decoder) text(key string) string {
	v, ok := d.list.Get(key)
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

func (d *decoder) address() Address {
	return Address{Origin: DBID(d.int(KeyOriginAppID)), Target: DBID(d.int(KeyTargetAppID))}
}

// echo looks inside the properties for the list that names a phone or a
// customer. Under which key a response carries it is not documented, so any
// nested list will do, the expected key first. It is nil where there is none.
func (d *decoder) echo(expected string) *decoder {
	props, _ := d.list.List(KeyProperties)
	if l, ok := props.List(expected); ok {
		return &decoder{msg: d.msg, list: l}
	}
	for _, p := range props {
		l, ok := p.Value.List()
		if !ok {
			continue
		}
		_, phone := l.Get(KeyPhone)
		_, customer := l.Get(KeyCustomerID)
		if phone || customer {
			return &decoder{msg: d.msg, list: l}
		}
	}
	return nil
}
