package linkcheck

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/habits"
	"commdn/relay/internal/loglimit"
)

// observer watches how an OCS words what it says to the requests of a check, and
// makes a protocol of it that has nothing about customers in it.
type observer struct {
	app     commdn.DBID
	charset string // of the configuration

	mu   sync.Mutex
	req  commdn.Request // the last one that was sent; nil: none yet
	sent time.Time
	seen habits.Protocol
	any  bool // an answer was seen

	unread []string // what came and is not understood, each once
}

func newObserver(app commdn.DBID, charset string) *observer {
	return &observer{app: app, charset: charset}
}

// asks notes a request that goes out.
func (o *observer) asks(req commdn.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.req, o.sent = req, time.Now()
}

// misunderstood says how many different events have come that are not understood.
func (o *observer) misunderstood() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.unread)
}

// protocol gives what was seen; false: nothing.
func (o *observer) protocol() (habits.Protocol, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seen, o.any
}

// userEvent takes in whatever comes on the CommDN, as it comes.
func (o *observer) userEvent(l tkvlist.List) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.req == nil {
		return
	}
	m, err := commdn.DecodeEvent(l)
	if err != nil {
		o.notUnderstood(l, err)
		return
	}
	to := m.Addr()
	if to.Target != o.app && to.Target != 0 && to.Origin != o.app {
		return
	}
	if _, ok := m.(*commdn.CampaignEvent); ok != !o.req.Type().AboutPerson() && m.Type() != commdn.EvError {
		return // it answers something else
	}
	after := time.Since(o.sent).Round(time.Millisecond)
	o.remark(fmt.Sprintf("%s: %s after %s: %s", o.req.Type(), m.Type(), after, shape(l)))
	h := &o.seen.Habits
	if ms := int32(after / time.Millisecond); ms >= 50 { // less is the way, not the OCS
		h.AnswerAfter = max(h.AnswerAfter, min(ms, 60_000))
	}
	h.Charset = o.charset
	kinds(h, l, true)
	h.Reversed = h.Reversed || len(l) > 1 && l[len(l)-1].Key == commdn.KeyMessageType
	o.addresses(h, l)
	if fault, ok := m.(*commdn.Fault); ok {
		o.refusal(h, l, fault)
	} else if _, told := l.Get(commdn.KeyError); told {
		h.Error0 = true
	}
	switch m := m.(type) {
	case *commdn.DoNotCallProcessed:
		o.person(h, l, m.Phone, m.CustomerID)
	case *commdn.RecordCanceled:
		o.person(h, l, m.Phone, m.CustomerID)
	case *commdn.CampaignEvent:
		campaign(h, l, m)
	}
}

// Bounds of the remarks. What OCS reports to Stat Server is not understood either, and
// must not keep out the answers.
const (
	mostRemarks = 50
	mostUnread  = 20
)

func (o *observer) remark(s string) {
	o.any = true
	if len(o.seen.Remarks) < mostRemarks {
		o.seen.Remarks = append(o.seen.Remarks, s)
	}
}

// notUnderstood notes what may be an answer and cannot be read: a request is none, nor
// what is for another application.
func (o *observer) notUnderstood(l tkvlist.List, err error) {
	if unknown, ok := errors.AsType[*commdn.UnknownTypeError](err); ok && unknown.Type.IsRequest() {
		return
	}
	origin, _ := number(l, commdn.KeyOriginAppID)
	if target, told := number(l, commdn.KeyTargetAppID); told && target != 0 && target != o.app && origin != o.app {
		return
	}
	what := fmt.Sprintf("not understood: %s: %s", loglimit.Foreign(err.Error()), shape(l))
	if slices.Contains(o.unread, what) || len(o.unread) >= mostUnread {
		return
	}
	o.unread = append(o.unread, what)
	o.remark(fmt.Sprintf("%s: after %s: %s", o.req.Type(), time.Since(o.sent).Round(time.Millisecond), what))
}

// kinds notes of which kinds the values are.
func kinds(h *habits.Habits, l tkvlist.List, top bool) {
	for _, p := range l {
		if inner, ok := p.Value.List(); ok {
			kinds(h, inner, false)
			continue
		}
		number := strings.HasPrefix(p.Key, "GSW_CM_Attr") && p.Key != commdn.KeyErrorMessage || p.Key == commdn.KeyMessageType
		_, isText := p.Value.Text()
		switch kind := p.Value.Kind(); {
		case top && number && isText && p.Key == commdn.KeyError && !h.IntsAsStrings:
			h.ErrorsAsStrings = true
		case top && number && isText:
			h.IntsAsStrings, h.ErrorsAsStrings = true, false
		case number:
		case kind == tkvlist.KindInt && p.Key == commdn.KeyPhone:
			h.PhoneAsInt = true
		case kind == tkvlist.KindUnicode:
			h.StringsAsUnicode = true
		case kind == tkvlist.KindBinary:
			h.StringsAsBinary = true
		}
	}
}

func (o *observer) addresses(h *habits.Habits, l tkvlist.List) {
	origin, hasOrigin := number(l, commdn.KeyOriginAppID)
	target, hasTarget := number(l, commdn.KeyTargetAppID)
	asked := o.req.Addr().Target
	switch {
	case !hasOrigin && !hasTarget:
		h.OmitAddresses = true
	case origin == o.app:
		h.AddressesAsRequest = true
	case asked != 0 && origin != asked && origin > 0:
		h.BackupDBID = origin
	}
	if hasTarget && target == 0 && origin != o.app {
		h.Target0 = true
	}
}

// number reads an integer, which may be digits.
func number(l tkvlist.List, key string) (n commdn.DBID, ok bool) {
	v, ok := l.Get(key)
	if !ok {
		return 0, false
	}
	i, ok := commdn.ReadInt(v)
	return commdn.DBID(i), ok
}

func (o *observer) refusal(h *habits.Habits, l tkvlist.List, f *commdn.Fault) {
	_, hasNumber := l.Get(commdn.KeyError)
	_, hasText := l.Get(commdn.KeyErrorMessage)
	h.ErrorTextAlone = h.ErrorTextAlone || !hasNumber
	h.ErrorNumberAlone = h.ErrorNumberAlone || hasNumber && !hasText
	if t, _ := number(l, commdn.KeyMessageType); commdn.MessageType(t) != commdn.EvError {
		h.ErrorsInAnswers = true
	}
	if f.Code.Text() == "" {
		h.ErrorCode = int32(f.Code)
	}
	person := f.Phone != "" || f.CustomerID != ""
	switch {
	case f.Group != 0 && f.Campaign == 0:
		h.ErrorEcho = "group"
	case person && under(l, o.other()):
		h.ErrorEcho = "other_list"
	case person || f.Group != 0:
		h.EchoOnError = true
	}
}

// other is the key of the list that the request of the other kind has.
func (o *observer) other() string {
	if o.req.Type() == commdn.ReqDoNotCall {
		return commdn.KeyCancelRecord
	}
	return commdn.KeyDoNotCall
}

func under(l tkvlist.List, key string) bool {
	props, _ := l.List(commdn.KeyProperties)
	_, ok := props.List(key)
	return ok
}

// significant gives the digits of a number without leading zeros.
func significant(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
	return strings.TrimLeft(digits, "0")
}

func (o *observer) person(h *habits.Habits, l tkvlist.List, phone, customer string) {
	asked, ok := commdn.PersonOf(o.req)
	if !ok {
		return
	}
	if phone == "" && customer == "" {
		h.NoEcho = true
		return
	}
	switch {
	case phone == "" || phone == asked.Phone:
	case strings.Contains(phone, " "):
		h.EchoBlanks = true
	case significant(phone) == significant(asked.Phone):
		h.EchoNormalised = true
	default:
		h.EchoChain = true // another number
	}
	own := commdn.KeyDoNotCall
	if o.req.Type() == commdn.ReqCancelRecord {
		own = commdn.KeyCancelRecord
	}
	props, _ := l.List(commdn.KeyProperties)
	for _, p := range props {
		if inner, ok := p.Value.List(); ok && p.Key != own {
			if _, ok := inner.Get(commdn.KeyPhone); ok && plain(p.Key) {
				h.ResponseKey = p.Key
			}
		}
	}
}

// plain says of a key that it can be one of a protocol.
func plain(key string) bool {
	return len(key) <= 64 && !strings.ContainsFunc(key, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}
