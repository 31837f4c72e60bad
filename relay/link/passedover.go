package link

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/internal/loglimit"
)

// Reasons why something on the CommDN is passed over, for Options.OnPassedOver.
const (
	PassedUnreadable = "unreadable"       // it names nobody, or its type is none of the CommDN
	PassedUnbelieved = "unknown-ocs"      // it is from an application that is no OCS of the link
	PassedUnasked    = "without-request"  // an answer that belongs to no request
	PassedLate       = "late"             // the answer to a request that was given up
	PassedDouble     = "same-application" // another client sends in our application's name
)

// unread tells of a UserEvent that cannot be read, if it matters here. It gives the
// request of another client as far as it can be guessed, as that client may be a
// rival; nil: it is none.
func (l *Link) unread(userData tkvlist.List, err error) commdn.Message {
	from := claimed(userData, commdn.KeyOriginAppID)
	if _, names := errors.AsType[*commdn.FieldError](err); names {
		if req, err := commdn.GuessRequest(userData); err == nil {
			return req
		}
		l.passOver(PassedUnreadable, from, "UserEvent not understood", "error", err, "user_data", masked(userData))
	}
	if _, names := errors.AsType[*commdn.UnknownTypeError](err); !names {
		return nil
	}
	_, told := userData.Get(commdn.KeyOriginAppID)
	if !told && len(l.o.OCS) == 1 {
		from = l.o.OCS[0]
	}
	to, from := claimed(userData, commdn.KeyTargetAppID), l.pairs.name(from)
	if known := slices.Contains(l.o.OCS, from) || len(l.o.OCS) == 0 && from > 0; known && (to == 0 || to == l.o.AppDBID) {
		l.health.notUnderstood(from)
		l.passOver(PassedUnreadable, from, "UserEvent not understood", "error", err, "user_data", masked(userData))
	}
	return nil
}

// claimed gives the DBID that user data has under a key; 0: none.
func claimed(userData tkvlist.List, key string) commdn.DBID {
	v, _ := userData.Get(key)
	n, _ := commdn.ReadInt(v)
	return commdn.DBID(n)
}

// mostTold bounds of how many applications it is logged that nobody believes
// them.
const mostTold = 100

// passOver counts what is passed over, and logs it; of an application that is not
// believed once.
func (l *Link) passOver(reason string, from commdn.DBID, what string, args ...any) {
	l.o.OnPassedOver(reason)
	if reason == PassedUnbelieved {
		l.mu.Lock()
		known := l.told[from]
		if !known && len(l.told) < mostTold {
			l.told[from] = true
		}
		full := len(l.told) >= mostTold
		l.mu.Unlock()
		if known || full {
			return
		}
	}
	l.log.Warn(what, args...)
}

// masked gives user data for a log, with texts masked, and no more than fits a
// line.
func masked(l tkvlist.List) string {
	var b strings.Builder
	mask(&b, l)
	return loglimit.Line(b.String())
}

func mask(b *strings.Builder, l tkvlist.List) {
	for i, p := range l {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strings.Trim(strconv.Quote(p.Key), `"`))
		b.WriteString(`=`)
		if inner, ok := p.Value.List(); ok {
			b.WriteByte('{')
			mask(b, inner)
			b.WriteByte('}')
		} else if n, ok := p.Value.Int(); ok && (strings.HasPrefix(p.Key, "GSW_CM_") || -10_000 < n && n < 10_000) {
			b.WriteString(strconv.Itoa(int(n)))
		} else {
			s, _ := p.Value.Text()
			if n, ok := p.Value.Int(); ok {
				s = strconv.Itoa(int(n))
			}
			b.WriteString(p.Value.Kind().String() + ":" + strconv.Quote(commdn.Mask(s)))
		}
	}
}
