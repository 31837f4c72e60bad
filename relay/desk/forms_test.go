package desk_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/desk"
	"commdn/relay/link"
	"commdn/relay/numbers"
)

// spain sends a number in three forms over link a, and in one over any other.
func spain(t *testing.T) func(*desk.Options) {
	site, err := numbers.New(numbers.Rules{Region: "ES", Send: []string{numbers.National, numbers.E164, "00{country}{national}"}})
	if err != nil {
		t.Fatal(err)
	}
	home, err := numbers.New(numbers.Rules{Region: "PT", Send: []string{numbers.National}})
	if err != nil {
		t.Fatal(err)
	}
	return func(o *desk.Options) {
		o.Forms = func(link, phone string) ([]numbers.Form, error) {
			if link == "a" {
				return numbers.Sites{site}.Forms(phone)
			}
			return numbers.Sites{home}.Forms(phone)
		}
	}
}

// saying is an OCS that answers by the number that it is asked about, without
// repeating it; what it does not know it never answers.
func saying(answers map[string]commdn.Message) *ocs {
	o := &ocs{}
	o.answer = func(ctx context.Context, req commdn.Request, _ func(), answer func(link.Answer, bool)) *frame.Refusal {
		person, _ := commdn.PersonOf(req)
		m := answers[person.Phone]
		if m == nil {
			return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "OCS 201 did not answer"}
		}
		answer(link.Answer{Message: m}, true)
		return nil
	}
	return o
}

// A do-not-call is done where every form is acknowledged, a cancel where one was
// taken. What decides comes last, and each answer says which form it is about.
func TestAnswersOfForms(t *testing.T) {
	t.Parallel()
	at := commdn.Address{Origin: 201, Target: 101}
	ok, fault := &commdn.DoNotCallProcessed{Address: at}, &commdn.Fault{Address: at, Code: commdn.ErrorInvalidParameter}
	gone, partly := &commdn.RecordCanceled{Address: at}, &commdn.RecordCanceled{Address: at, Message: commdn.IncompleteMessage}
	const one, two, three = "600111222", "+34600111222", "0034600111222"
	dnc, cancel := &commdn.DoNotCall{Phone: two}, &commdn.CancelRecord{Phone: two}
	for name, c := range map[string]struct {
		req     commdn.Request
		answers map[string]commdn.Message
		last    commdn.MessageType // 0: refused
		phone   string             // that the outcome is about
		words   string             // of the refusal
	}{
		"all on the list":     {dnc, map[string]commdn.Message{one: ok, two: ok, three: ok}, commdn.EvDoNotCallProcessed, "", ""},
		"one form is refused": {dnc, map[string]commdn.Message{one: ok, two: fault, three: ok}, commdn.EvError, two, ""},
		"one form is taken":   {cancel, map[string]commdn.Message{one: fault, two: gone, three: fault}, commdn.EvRecordCanceled, two, ""},
		"taken in part":       {cancel, map[string]commdn.Message{one: gone, two: fault, three: partly}, commdn.EvRecordCanceled, three, ""},
		"none is taken":       {cancel, map[string]commdn.Message{one: fault, two: fault, three: fault}, commdn.EvError, "", ""},
		"one has no answer":   {dnc, map[string]commdn.Message{one: ok, three: ok}, 0, "", "the number as e164: OCS 201 did not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, desk.NewMemory(), spain(t), saying(c.answers))
			ticket, _, refusal := r.Submit(t.Context(), desk.Submission{Key: "k", Actor: ann(), Source: source(), Data: c.req.UserData()})
			if refusal != nil {
				t.Fatal(refusal)
			}
			all := events(t, ticket)
			seen := map[string]bool{}
			for _, e := range all {
				if e.Answer == nil {
					continue
				}
				for _, s := range e.Answer.Subjects() {
					seen[s.ID] = true
				}
			}
			if len(seen) != len(c.answers) {
				t.Errorf("answers name %v", seen)
			}
			o := all[len(all)-1]
			if c.last == 0 {
				if o.Refusal == nil || o.Refusal.Message != c.words {
					t.Errorf("outcome %+v", o)
				}
				return
			}
			if o.Refusal != nil || o.Answer.Type() != c.last || c.phone != "" && o.Answer.Subjects()[0].ID != c.phone || len(all) != 3 {
				t.Fatalf("%d events, the last %+v", len(all), o)
			}
			again := last(t, r.Find(t.Context(), "ann", "k"))
			if again.Answer.Type() != c.last {
				t.Errorf("who comes back hears of %v", again.Answer.Type())
			}
		})
	}
}

// An answer says how the number was sent where that is not how it was given, also where
// it goes in one form.
func TestAnswerOfOneForm(t *testing.T) {
	t.Parallel()
	at := commdn.Address{Origin: 201, Target: 101}
	digits, err := numbers.New(numbers.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	one := func(o *desk.Options) {
		o.Forms = func(_, phone string) ([]numbers.Form, error) { return numbers.Sites{digits}.Forms(phone) }
	}
	r := newRig(t, desk.NewMemory(), one, saying(map[string]commdn.Message{"600111222": &commdn.DoNotCallProcessed{Address: at}}))
	for given, want := range map[string]string{"600 111 222": "600111222", "600111222": ""} {
		ticket, refusal := r.submit(source(), "k"+strconv.Itoa(len(given)), given)
		if refusal != nil {
			t.Fatal(refusal)
		}
		if got := last(t, ticket).Answer.(*commdn.DoNotCallProcessed).Phone; got != want {
			t.Errorf("%q: the answer is about %q, want %q", given, got, want)
		}
	}
}

// A late answer is told when OCS has answered for every form: until then what became
// of the number is not known.
func TestLateForms(t *testing.T) {
	t.Parallel()
	var lates []func(link.Answer)
	asked := make(chan struct{}, 3)
	o := &ocs{}
	o.answer = func(context.Context, commdn.Request, func(), func(link.Answer, bool)) *frame.Refusal {
		o.mu.Lock()
		lates = append(lates, o.late)
		o.mu.Unlock()
		asked <- struct{}{}
		return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "silent"}
	}
	r := newRig(t, desk.NewMemory(), spain(t), o)
	told := make(chan desk.Event, 20)
	_, _, refusal := r.Submit(t.Context(), desk.Submission{
		Key: "k", Actor: ann(), Source: source(), Data: dnc("600111222"), Tell: func(e desk.Event) { told <- e },
	})
	if refusal != nil {
		t.Fatal(refusal)
	}
	for range 3 {
		<-asked
	}
	if e := <-told; e.Kind != desk.Settled || e.Refusal == nil {
		t.Fatalf("told %+v", e)
	}
	at := commdn.Address{Origin: 201, Target: 101}
	lates[0](link.Answer{Message: &commdn.Fault{Address: at, Code: commdn.ErrorInvalidParameter}})
	lates[1](link.Answer{Message: &commdn.DoNotCallProcessed{Address: at}})
	select {
	case e := <-told:
		t.Fatalf("told %+v while a form has no answer", e)
	case <-time.After(50 * time.Millisecond):
	}
	lates[2](link.Answer{Message: &commdn.DoNotCallProcessed{Address: at}})
	if e := <-told; e.Kind != desk.Late || e.Answer.Type() != commdn.EvError {
		t.Errorf("told %+v; one form is not on the list", e)
	}
}

// A link whose lists cannot hold a number of another country is left out where another
// link can; where none can, nothing is sent.
func TestFormsOfLinks(t *testing.T) {
	t.Parallel()
	a, b := &ocs{answer: acknowledge}, &ocs{answer: acknowledge}
	r := newRig(t, desk.NewMemory(), spain(t), a, b)
	for i, phone := range []string{"+34600111222", "undefined", "12345"} {
		ticket, refusal := r.submit(source(), string(rune('k'+i)), phone)
		if i == 0 {
			if refusal != nil || last(t, ticket).Refusal != nil || a.count() != 3 || b.count() != 0 {
				t.Errorf("%s: %v, %d and %d events", phone, refusal, a.count(), b.count())
			}
			continue
		}
		if refusal == nil || refusal.Code != frame.RefusedInvalid || !strings.HasPrefix(refusal.Message, commdn.KeyPhone+": ") {
			t.Errorf("%s: %v", phone, refusal)
		}
	}
	only := newRig(t, desk.NewMemory(), func(o *desk.Options) {
		spain(t)(o)
		forms := o.Forms
		o.Forms = func(_, phone string) ([]numbers.Form, error) { return forms("b", phone) }
	}, b)
	if _, refusal := only.submit(source(), "k", "+34600111222"); refusal == nil || b.count() != 0 {
		t.Errorf("a number of another country: %v, %d events", refusal, b.count())
	}
}
