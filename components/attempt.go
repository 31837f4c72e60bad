package components

import (
	"errors"
	"strconv"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Outcome says what has become of an attempt. The words are part of the
// element's events.
type Outcome string

// The outcomes. The first two are still under way.
const (
	Sending  Outcome = "sending"
	Waiting  Outcome = "waiting"   // for a connection; goes out with the next one
	Done     Outcome = "done"      // OCS acknowledged
	Refused  Outcome = "refused"   // OCS answered with an error
	NoAnswer Outcome = "no-answer" // sent, and what OCS did is not known
	NotSent  Outcome = "not-sent"  // the relay or the client refused; OCS knows nothing of it
)

// Attempt is one request of an element, from the click on.
type Attempt struct {
	Key     string // unique within the element
	Req     commdn.DoNotCall
	Outcome Outcome
	At      time.Time // when Outcome began
	Err     error     // why it was refused or not answered
	Answers []commdn.Message
}

// UnderWay says whether the attempt has no result yet.
func (a *Attempt) UnderWay() bool { return a.Outcome == Sending || a.Outcome == Waiting }

// CanRetry says whether sending the same again makes sense.
func (a *Attempt) CanRetry() bool { return !a.UnderWay() && a.Outcome != Done }

// settle takes in what the client returned.
func (a *Attempt) settle(answers []commdn.Message, err error, now time.Time) {
	a.Answers, a.Err, a.At = answers, err, now
	a.Outcome = outcome(err)
}

func outcome(err error) Outcome {
	if err == nil {
		return Done
	}
	if _, ok := errors.AsType[*commdn.Fault](err); ok {
		return Refused
	}
	if r, ok := errors.AsType[*frame.Refusal](err); ok && r.Code == frame.RefusedNoAnswer {
		return NoAnswer
	}
	if n, ok := errors.AsType[*client.NoAnswerError](err); ok && n.Sent {
		return NoAnswer
	}
	return NotSent
}

// who names whom a request is about, exactly as it is sent.
func who(r commdn.DoNotCall) string {
	switch {
	case r.CustomerID == "":
		return r.Phone
	case r.Phone == "":
		return "customer " + r.CustomerID
	}
	return r.Phone + " (customer " + r.CustomerID + ")"
}

// Text is the line that the agent reads.
func (a *Attempt) Text() string {
	switch a.Outcome {
	case Sending:
		return "Sending " + who(a.Req) + " …"
	case Waiting:
		return "Waiting for the connection; " + who(a.Req) + " will be sent then"
	case Done:
		return who(a.Req) + " is on the Do Not Call list · " + a.At.Format("15:04:05")
	case Refused:
		return who(a.Req) + " was refused. " + a.Err.Error()
	case NoAnswer:
		return "No answer about " + who(a.Req) + "; it may be on the list or not. " + a.Err.Error()
	}
	return who(a.Req) + " was not sent. " + a.Err.Error()
}

// Class is the CSS class and part name of the line.
func (a *Attempt) Class() string { return "line " + string(a.Outcome) }

// detail is what events tell the host page about the attempt.
func (a *Attempt) detail() map[string]any {
	d := map[string]any{
		"state": string(a.Outcome), "phone": a.Req.Phone, "customerId": a.Req.CustomerID,
		"chain": string(a.Req.Chain), "time": a.At.UTC().Format(time.RFC3339Nano),
	}
	if a.UnderWay() {
		return d
	}
	d["ok"] = a.Outcome == Done
	if a.Err != nil {
		d["message"] = a.Err.Error()
	}
	if fault, ok := errors.AsType[*commdn.Fault](a.Err); ok {
		d["code"], d["name"] = int(fault.Code), fault.Code.String()
	}
	ocs := []any{}
	for _, m := range a.Answers {
		one := map[string]any{"dbid": int(m.Addr().Origin), "ok": true}
		if f, ok := m.(*commdn.Fault); ok {
			one["ok"], one["code"], one["name"], one["message"] = false, int(f.Code), f.Code.String(), f.Message
		}
		ocs = append(ocs, one)
	}
	d["ocs"] = ocs
	return d
}

func attemptKey(n int) string { return "attempt-" + strconv.Itoa(n) }
