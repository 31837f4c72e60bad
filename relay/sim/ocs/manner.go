package ocs

import (
	"slices"
	"strconv"
	"strings"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/habits"
	"commdn/relay/internal/charsets"
)

// manner is how an OCS words what it says. Everything else in this package makes
// events with all that OCS knows; say is the one place that words them.
type manner struct {
	habits.Habits
	own     commdn.DBID // of the OCS
	charset charsets.Charset
}

// newManner fails for a charset that is unknown; the rest was checked with the
// scenario.
func newManner(own commdn.DBID, h habits.Habits) (*manner, error) {
	charset, err := charsets.New(h.Charset)
	return &manner{h, own, charset}, err
}

// asked is the request that an event answers; the zero value is that of news.
type asked struct {
	kind commdn.MessageType
	commdn.Address
	other string // another phone of the chain of the one that it names
}

// say gives an event as it goes out. l stays as it is.
func (m *manner) say(l tkvlist.List, a asked) tkvlist.List {
	n, isMessage := l.Int(commdn.KeyMessageType)
	kind := commdn.MessageType(n)
	if m.Habits == (habits.Habits{}) && kind != commdn.EvError {
		return l // of the others, plain changes nothing
	}
	l = clone(l)
	if isMessage {
		if m.BigAnswers && a.kind != 0 && !stretch(l) {
			l.Add(unknownKey, tkvlist.String(filler))
		}
		if kind == commdn.EvError {
			m.refusal(&l, a)
		} else if m.Error0 && a.kind != 0 {
			l = slices.Insert(l, 1, tkvlist.Pair{Key: commdn.KeyError, Value: tkvlist.Int(0)})
		}
		if a.kind.AboutPerson() {
			m.person(&l, kind, a)
		} else {
			m.campaign(&l, kind)
		}
		m.addresses(&l, a)
	}
	return m.kinds(l)
}

// clone copies a list with all that are in it.
func clone(l tkvlist.List) tkvlist.List {
	l = slices.Clone(l)
	for i, p := range l {
		if sub, ok := p.Value.List(); ok {
			l[i].Value = tkvlist.Nested(clone(sub))
		}
	}
	return l
}

// within changes the list under a key, and takes it away when it is empty then.
// Where there is none it is made.
func within(l *tkvlist.List, key string, change func(*tkvlist.List)) {
	sub, _ := l.List(key)
	change(&sub)
	if len(sub) == 0 {
		l.Delete(key)
		return
	}
	l.Set(key, tkvlist.Nested(sub))
}

func drop(l *tkvlist.List, keys ...string) {
	for _, key := range keys {
		l.Delete(key)
	}
}

// move puts the value of a key, if it is there, into another list.
func move(key string, from, to *tkvlist.List) {
	if v, ok := from.Get(key); ok {
		from.Delete(key)
		to.Set(key, v)
	}
}

func (m *manner) addresses(l *tkvlist.List, a asked) {
	if origin, _ := l.Int(commdn.KeyOriginAppID); m.BackupDBID != 0 && origin == int32(m.own) {
		l.Set(commdn.KeyOriginAppID, tkvlist.Int(int32(m.BackupDBID)))
	}
	if m.AddressesAsRequest && a.kind != 0 {
		l.Set(commdn.KeyOriginAppID, tkvlist.Int(int32(a.Origin)))
		l.Set(commdn.KeyTargetAppID, tkvlist.Int(int32(a.Target)))
	}
	if m.Target0 {
		l.Set(commdn.KeyTargetAppID, tkvlist.Int(0))
	}
	if m.OmitAddresses {
		drop(l, commdn.KeyOriginAppID, commdn.KeyTargetAppID)
	}
}

// unknownKey is one that no client knows, and filler a text that alone is more
// than T-Server takes by default.
const unknownKey = "GSW_CM_AttrRemark"

var filler = strings.Repeat("The quick brown fox jumps over the lazy dog. ", 400)

// stretch makes the text that OCS writes in an answer long, and says whether
// there is one.
func stretch(l tkvlist.List) bool {
	for i, p := range l {
		if sub, ok := p.Value.List(); ok && stretch(sub) {
			return true
		}
		switch p.Key {
		case commdn.KeyErrorMessage, commdn.KeyMessage, commdn.KeyDescription:
			text, _ := p.Value.Text()
			l[i].Value = tkvlist.String(strings.TrimSpace(text + " " + filler))
			return true
		}
	}
	return false
}

// kinds words every value, and the order of the keys.
func (m *manner) kinds(l tkvlist.List) tkvlist.List {
	for i, p := range l {
		v := p.Value
		if sub, ok := v.List(); ok {
			v = tkvlist.Nested(m.kinds(sub))
		} else if n, ok := v.Int(); ok && (m.IntsAsStrings || m.ErrorsAsStrings && p.Key == commdn.KeyError) {
			v = tkvlist.String(strconv.Itoa(int(n)))
		} else if text, ok := v.Text(); ok {
			v = m.text(p.Key, text)
		}
		l[i].Value = v
	}
	if m.Reversed {
		slices.Reverse(l)
	}
	return l
}

func (m *manner) text(key, text string) tkvlist.Value {
	if n, err := strconv.ParseInt(text, 10, 32); m.PhoneAsInt && key == commdn.KeyPhone && err == nil && strconv.FormatInt(n, 10) == text {
		return tkvlist.Int(int32(n))
	}
	if m.StringsAsUnicode {
		return tkvlist.Unicode(strings.ToValidUTF8(text, "\ufffd"))
	}
	text = m.charset.Spell(text)
	if m.StringsAsBinary {
		return tkvlist.Binary([]byte(text))
	}
	return tkvlist.String(text)
}
