package ui

import (
	"context"
	"errors"
	"strconv"
	"time"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Who names the person of a request: what is read of the number, and the customer exactly
// as it is sent. Each keeps its direction in a sentence.
func Who(l *lang.Language, phone, customerID string) string {
	if read, problem := ReadNumber(l, phone, false); problem == "" {
		phone = read
	}
	phone, customerID = Isolate(phone), Isolate(customerID)
	switch {
	case customerID == "":
		return phone
	case phone == "":
		return l.Text(lang.WhoCustomer, "id", customerID)
	}
	return l.Text(lang.WhoBoth, "phone", phone, "id", customerID)
}

// What names a campaign group; either name may be empty.
func What(s *session.Session, l *lang.Language, key session.GroupKey) string {
	group := orNumber(s.GroupName(key.Group), key.Group)
	if key.Campaign == 0 {
		return l.Text(lang.RequestSequence, "group", group)
	}
	return orNumber(s.CampaignName(key.Campaign), key.Campaign) + " · " + group
}

func orNumber(name string, id commdn.DBID) string {
	if name == "" {
		return strconv.Itoa(int(id))
	}
	return name
}

// Request says what a request asks for.
func Request(s *session.Session, l *lang.Language, req commdn.Request) string {
	p, ok := commdn.PersonOf(req)
	if !ok {
		key, _ := session.About(req)
		return Asked(l, req.Type().String(), What(s, l, key))
	}
	who := Who(l, p.Phone, p.CustomerID)
	text := Asked(l, req.Type().String(), who)
	if p.Campaign != "" {
		text = l.Text(lang.RequestCancelIn, "who", who, "campaign", p.Campaign)
	}
	if p.Chain == commdn.RecordOnly {
		return l.Text(lang.RequestRecordOnly, "request", text)
	}
	return text
}

// Asked says what a request of the type with this name of the vendor's asks for; what is
// the person or the campaign group that it is about.
func Asked(l *lang.Language, typ, what string) string {
	key := lang.RequestStatus
	switch typ {
	case "CM_ReqDoNotCall":
		key = lang.RequestDoNotCall
	case "CM_ReqCancelRecord":
		key = lang.RequestCancel
	case "CM_ReqLoadCampaign":
		key = lang.RequestLoad
	case "CM_ReqUnloadCampaign":
		key = lang.RequestUnload
	case "CM_ReqForceUnloadCampaign":
		key = lang.RequestForceUnload
	case "CM_ReqStartDialing":
		key = lang.RequestStart
	case "CM_ReqStopDialing":
		key = lang.RequestStop
	case "CM_ReqSetDialingMode":
		key = lang.RequestSet
	}
	return l.Text(key, "who", what, "what", what)
}

// Outcome says in a sentence what became of a request, and whether that was late.
func Outcome(s *session.Session, l *lang.Language, e session.Entry) string {
	key := lang.OutcomeNotSent
	switch e.Outcome {
	case session.Sending:
		key = lang.OutcomeSending
	case session.Waiting:
		key = lang.OutcomeWaiting
		if e.Kept {
			key = lang.OutcomeWaitingKept
		}
	case session.Accepted:
		key = lang.OutcomeAccepted
	case session.Queued:
		key = lang.OutcomeQueued
		if e.Queued.Reason == frame.QueuedLinkDown {
			key = lang.OutcomeQueuedLink
		}
	case session.Held:
		key = lang.OutcomeHeld
	case session.Undone:
		key = lang.OutcomeUndone
	case session.Done:
		key = lang.OutcomeDone
	case session.Incomplete:
		key = lang.OutcomeIncomplete
	case session.Refused:
		key = lang.OutcomeRefused
	case session.NoAnswer:
		key = lang.OutcomeNoAnswer
	}
	name, value := "what", ""
	if p, ok := commdn.PersonOf(e.Req); ok && e.Outcome == session.Done {
		key, name, value = lang.OutcomeDoneCancel, "who", Who(l, p.Phone, p.CustomerID)
		if e.Req.Type() == commdn.ReqDoNotCall {
			key = lang.OutcomeDoneDnc
		}
	} else {
		value = Request(s, l, e.Req)
	}
	since := ""
	if e.Outcome == session.Queued {
		since = l.Clock(time.Unix(e.Queued.Since, 0))
	}
	text := l.Text(key, name, value, "since", since)
	switch {
	case e.Late:
		text = l.Text(lang.OutcomeLate, "outcome", text)
	case e.Outcome == session.Waiting && s.Status().Unkept != nil && e.Req.Type().AboutPerson():
		text += " · " + l.Text(lang.OutcomeUnkept)
	}
	return text
}

// EntryWord is Word of a request; it also says whether the answer was late.
func EntryWord(l *lang.Language, e *session.Entry) string {
	word := Word(l, e.Outcome)
	if e.Late {
		return l.Text(lang.OutcomeWordLate, "word", word)
	}
	return word
}

// Word is the outcome in one or two words.
func Word(l *lang.Language, o session.Outcome) string {
	switch o {
	case session.Sending:
		return l.Text(lang.OutcomeWordSending)
	case session.Waiting, session.Held:
		return l.Text(lang.OutcomeWordWaiting)
	case session.Accepted:
		return l.Text(lang.OutcomeWordAccepted)
	case session.Queued:
		return l.Text(lang.OutcomeWordQueued)
	case session.Expired:
		return l.Text(lang.OutcomeWordExpired)
	case session.Undone:
		return l.Text(lang.OutcomeWordUndone)
	case session.Done:
		return l.Text(lang.OutcomeWordDone)
	case session.Incomplete:
		return l.Text(lang.OutcomeWordIncomplete)
	case session.Refused:
		return l.Text(lang.OutcomeWordRefused)
	case session.NoAnswer:
		return l.Text(lang.OutcomeWordNoAnswer)
	}
	return l.Text(lang.OutcomeWordNotSent)
}

// Reason is why a request failed, in up to three pieces: the code if there is one
// ("CM_ERROR_INVALID_PARAMETER (10)"), OCS's or the relay's own words, and their meaning
// in the reader's language. All are empty after a success.
type Reason struct{ Code, Words, Meaning string }

// String is a sentence for the reader, and in brackets after it what an administrator
// asks for.
func (r Reason) String() string {
	s := r.Code
	if r.Words != "" && s != "" {
		s += ": "
	}
	s += r.Words
	switch {
	case r.Meaning == "":
		return s
	case s == "":
		return r.Meaning
	}
	return r.Meaning + " [" + s + "]"
}

// Why explains the error of a request.
func Why(l *lang.Language, err error) Reason {
	if err == nil {
		return Reason{}
	}
	if fault, ok := errors.AsType[*commdn.Fault](err); ok {
		return FaultReason(l, fault)
	}
	if refusal, ok := errors.AsType[*frame.Refusal](err); ok {
		key := lang.RefusalOther
		if c := refusal.Code; c >= frame.RefusedInvalid && c <= frame.RefusedRateLimited {
			key = lang.Refusal1 + lang.Key(c-frame.RefusedInvalid)
		}
		return Reason{Words: refusal.Message, Meaning: l.Text(key)}
	}
	if none, ok := errors.AsType[*client.NoAnswerError](err); ok {
		return Reason{Meaning: noAnswer(l, none)}
	}
	if errors.Is(err, client.ErrBusy) {
		return Reason{Meaning: l.Text(lang.Refusal1 + lang.Key(frame.RefusedBusy-frame.RefusedInvalid))}
	}
	return Reason{Words: err.Error()}
}

// FaultReason explains OCS's refusal.
func FaultReason(l *lang.Language, f *commdn.Fault) Reason {
	key := lang.FaultOther
	if f.Code >= commdn.ErrorServerConnected && f.Code <= commdn.ErrorLicenseViolation {
		key = lang.Fault1 + lang.Key(f.Code-commdn.ErrorServerConnected)
	}
	code := l.Text(lang.OutcomeCode, "name", f.Code.String(), "code", strconv.Itoa(int(f.Code)))
	return Reason{Code: code, Words: f.Message, Meaning: l.Text(key)}
}

func noAnswer(l *lang.Language, err *client.NoAnswerError) string {
	switch {
	case errors.Is(err, client.ErrClosed):
		return l.Text(lang.NoAnswerClosed)
	case errors.Is(err, client.ErrNotConnected):
		return l.Text(lang.NoAnswerNotConnected)
	case errors.Is(err, client.ErrLost):
		return l.Text(lang.NoAnswerLost)
	case errors.Is(err, client.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		return l.Text(lang.NoAnswerTimeout)
	case errors.Is(err, context.Canceled):
		return l.Text(lang.NoAnswerAborted)
	case errors.Is(err, client.ErrExpired):
		return l.Text(lang.NoAnswerExpired)
	case errors.Is(err, client.ErrOtherPerson):
		return l.Text(lang.NoAnswerOther)
	case errors.Is(err, client.ErrUnbound):
		return l.Text(lang.NoAnswerUnbound)
	}
	if answer, ok := errors.AsType[*client.AnswerError](err); ok {
		return l.Text(lang.NoAnswerUnreadable) + " " + answer.What
	}
	return err.Err.Error()
}

// State names the state of a campaign group.
func State(l *lang.Language, s commdn.GroupStatus) string {
	if s == session.Unknown {
		return l.Text(lang.CommonUnknown)
	}
	if s.Known() {
		return l.Text(lang.State0 + lang.Key(s))
	}
	return l.Text(lang.StateOther, "n", strconv.Itoa(int(s)))
}

// Modes are the dialing modes in the order of the offer.
var Modes = commdn.DialModes()

// Mode names a dialing mode; 0 is one that OCS did not tell.
func Mode(l *lang.Language, m commdn.DialMode) string {
	if m == 0 {
		return l.Text(lang.CommonUnknown)
	}
	for i, known := range Modes {
		if known == m {
			return l.Text(lang.Mode1 + lang.Key(i))
		}
	}
	return l.Text(lang.ModeOther, "n", strconv.Itoa(int(m)))
}

// Methods are the optimization methods in the order of the offer.
var Methods = commdn.OptimizeBys()

// Method names an optimization method with its unit; 0 is one that OCS did not tell.
func Method(l *lang.Language, o commdn.OptimizeBy) string {
	if o == 0 {
		return l.Text(lang.CommonUnknown)
	}
	if !o.Known() {
		return strconv.Itoa(int(o))
	}
	return l.Text(lang.Method1 + lang.Key(o-commdn.OptimizeBusyFactor))
}

// Goal says what a campaign is optimized for, for example "80 % busy". The number comes
// first, since a narrow column cuts off the rest. It is unknown without a method, which is
// its unit.
func Goal(l *lang.Language, d commdn.Dialing) string {
	if d.OptimizeBy == 0 {
		return l.Text(lang.CommonUnknown)
	}
	key := lang.GoalOther
	if d.OptimizeBy.Known() {
		key = lang.Goal1 + lang.Key(d.OptimizeBy-commdn.OptimizeBusyFactor)
	}
	return l.Text(key, "n", l.Number(int(d.Goal)))
}

// shortRunes is the shown length of a nonsense value.
const shortRunes = 32

// Short returns a value for a hint: only the start of a long one.
func Short(value string) string {
	n := 0
	for i := range value {
		if n == shortRunes {
			return value[:i] + "…"
		}
		n++
	}
	return value
}
