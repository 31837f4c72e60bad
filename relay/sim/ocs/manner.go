package ocs

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/encoding"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/habits"
)

// manner is how an OCS words what it says. Everything else in this package makes
// events with all that OCS knows; say is the one place that words them.
type manner struct {
	habits.Habits
	own     commdn.DBID       // of the OCS
	charset encoding.Encoding // nil is UTF-8
}

// newManner fails for a charset that is unknown; the rest was checked with the
// scenario.
func newManner(own commdn.DBID, h habits.Habits) (*manner, error) {
	charset, err := habits.Encoding(h.Charset)
	return &manner{h, own, charset}, err
}

// asked is the request that an event answers; the zero value is that of news.
type asked struct {
	kind commdn.MessageType
	commdn.Address
	other string // another phone of the chain of the one that it names
}

// hear gives a request with its texts in UTF-8.
func (m *manner) hear(l tkvlist.List) tkvlist.List {
	if m.charset == nil {
		return l
	}
	heard := slices.Clone(l)
	for i, p := range heard {
		if sub, ok := p.Value.List(); ok {
			heard[i].Value = tkvlist.Nested(m.hear(sub))
		} else if text, ok := p.Value.Text(); ok && p.Value.Kind() == tkvlist.KindString {
			utf8, _ := m.charset.NewDecoder().String(text) // what is no text of the charset becomes U+FFFD
			heard[i].Value = tkvlist.String(utf8)
		}
	}
	return heard
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

// refusal words a CM_EvError, which comes with the whole echo.
func (m *manner) refusal(l *tkvlist.List, a asked) {
	switch {
	case m.ErrorEcho == "group":
		drop(l, commdn.KeyCampaignID, commdn.KeyProperties)
	case m.ErrorEcho == "" && !m.EchoOnError:
		drop(l, commdn.KeyCampaignID, commdn.KeyGroupID, commdn.KeyProperties)
	}
	if m.ErrorCode != 0 {
		l.Set(commdn.KeyError, tkvlist.Int(m.ErrorCode))
	}
	if m.ErrorTextAlone {
		drop(l, commdn.KeyError)
	}
	if m.ErrorNumberAlone {
		drop(l, commdn.KeyErrorMessage)
	}
	if m.ErrorsInAnswers {
		l.Set(commdn.KeyMessageType, tkvlist.Int(int32(acknowledgement(a.kind))))
	}
}

// person words the echo of an answer about a phone or a customer.
func (m *manner) person(l *tkvlist.List, kind commdn.MessageType, a asked) {
	own, other := commdn.KeyDoNotCall, commdn.KeyCancelRecord
	if a.kind == commdn.ReqCancelRecord {
		own, other = other, own
	}
	to := own
	if kind == commdn.EvError && m.ErrorEcho == "other_list" {
		to = other
	}
	if m.ResponseKey != "" {
		to = m.ResponseKey
	}
	if _, ok := l.List(commdn.KeyProperties); !ok {
		return
	}
	within(l, commdn.KeyProperties, func(properties *tkvlist.List) {
		(*properties)[0].Key = to
		within(properties, to, func(echo *tkvlist.List) {
			m.echo(echo, a)
			if m.MessageAtTop {
				move(commdn.KeyMessage, echo, l)
			}
			if m.MessageBeside {
				move(commdn.KeyMessage, echo, properties)
			}
		})
	})
}

func (m *manner) echo(echo *tkvlist.List, a asked) {
	if m.NoEcho {
		drop(echo, commdn.KeyPhone, commdn.KeyCustomerID, commdn.KeyChain, commdn.KeyCampaignName)
	}
	phone, hasPhone := echo.Text(commdn.KeyPhone)
	customer, hasCustomer := echo.Text(commdn.KeyCustomerID)
	if m.EchoNormalised {
		phone, customer = normalised(phone), strings.ToUpper(customer)
	}
	if m.EchoBlanks {
		phone = blanks(phone)
	}
	if hasCustomer {
		echo.Set(commdn.KeyCustomerID, tkvlist.String(customer))
	}
	if !hasPhone {
		return
	}
	echo.Set(commdn.KeyPhone, tkvlist.String(phone))
	if m.EchoChain && a.other != "" {
		*echo = slices.Insert(*echo, 0, tkvlist.Pair{Key: commdn.KeyPhone, Value: tkvlist.String(a.other)})
	}
}

// normalised gives the digits of a phone without leading zeros, or the phone
// itself where nothing would be left.
func normalised(phone string) string {
	digits := strings.TrimLeft(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone), "0")
	if digits == "" {
		return phone
	}
	return digits
}

func blanks(phone string) string {
	var b strings.Builder
	for i, r := range []rune(phone) {
		if i > 0 && i%3 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// campaign words an event about a campaign group or a sequence.
func (m *manner) campaign(l *tkvlist.List, kind commdn.MessageType) {
	if n, _ := l.Int(commdn.KeyAutoCompletion); m.AutoCompletion2 && n == 1 {
		l.Set(commdn.KeyAutoCompletion, tkvlist.Int(2))
	}
	if m.AutoCompletionInside {
		within(l, commdn.KeyProperties, func(properties *tkvlist.List) { move(commdn.KeyAutoCompletion, l, properties) })
	}
	if m.OmitCampaign {
		if id, _ := l.Int(commdn.KeyCampaignID); id == 0 {
			drop(l, commdn.KeyCampaignID)
		}
	}
	if kind == commdn.EvError {
		return
	}
	if m.Acknowledgement == "status" {
		kind = commdn.EvCampaignStatus
		l.Set(commdn.KeyMessageType, tkvlist.Int(int32(kind)))
	}
	status, _ := l.Int(commdn.KeyGroupCampStatus)
	tableHasNone := kind == commdn.EvCampaignUnloaded || kind == commdn.EvDialingStopped || status == int32(commdn.StatusNotLoaded)
	if m.DialMode != 0 && kind == commdn.EvCampaignStatus {
		l.Set(commdn.KeyDialMode, tkvlist.Int(m.DialMode))
	}
	if m.OmitDialing || m.DialingByTable && tableHasNone {
		drop(l, commdn.KeyDialMode, commdn.KeyOptimizeBy, commdn.KeyOptimizeGoal)
	}
	if m.OmitStatus && kind != commdn.EvCampaignStatus {
		drop(l, commdn.KeyGroupCampStatus)
	}
	properties, _ := l.List(commdn.KeyProperties)
	schedule, ok := properties.List(commdn.KeyCampaignSchedule)
	if !ok {
		return
	}
	if running := runningItem(schedule); m.SequenceAsItem && running != 0 {
		l.Set(commdn.KeyCampaignID, tkvlist.Int(running))
		within(l, commdn.KeyProperties, func(properties *tkvlist.List) { drop(properties, commdn.KeyCampaignSchedule) })
		return
	}
	if m.StatusInItems {
		drop(l, commdn.KeyGroupCampStatus)
	}
	within(l, commdn.KeyProperties, func(properties *tkvlist.List) {
		within(properties, commdn.KeyCampaignSchedule, m.schedule)
	})
}

// runningItem gives the campaign of the item that is dialed; 0 is none.
func runningItem(schedule tkvlist.List) int32 {
	for _, p := range schedule {
		item, _ := p.Value.List()
		if status, _ := item.Int(commdn.KeyItemStatus); status == int32(commdn.StatusRunning) {
			campaign, _ := item.Int(commdn.KeyItemCampaign)
			return campaign
		}
	}
	return 0
}

// schedule words campaign_schedule.
func (m *manner) schedule(l *tkvlist.List) {
	n := 0
	for i, p := range *l {
		item, ok := p.Value.List()
		if !ok {
			continue
		}
		n++
		switch m.ItemNumbers {
		case "from_0":
			(*l)[i].Key = commdn.KeyScheduleItem + strconv.Itoa(n-1)
		case "sparse":
			(*l)[i].Key = commdn.KeyScheduleItem + strconv.Itoa(n*10)
		case "padded":
			number := strconv.Itoa(n)
			(*l)[i].Key = commdn.KeyScheduleItem + strings.Repeat("0", max(0, 3-len(number))) + number
		}
		if m.BareItems {
			item = slices.DeleteFunc(item, func(p tkvlist.Pair) bool {
				return p.Key != commdn.KeyItemCampaign && p.Key != commdn.KeyItemStatus
			})
			(*l)[i].Value = tkvlist.Nested(item)
		}
	}
	switch m.NItems {
	case "absent":
		drop(l, commdn.KeyItems)
	case "wrong":
		l.Set(commdn.KeyItems, tkvlist.Int(int32(n)+1))
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
	if m.charset != nil {
		text, _ = encoding.ReplaceUnsupported(m.charset.NewEncoder()).String(strings.ToValidUTF8(text, "\ufffd"))
	}
	if m.StringsAsBinary {
		return tkvlist.Binary([]byte(text))
	}
	return tkvlist.String(text)
}
