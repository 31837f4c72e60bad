package person

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"commdn/components/ui"
	"commdn/components/uitest"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// TestDamaged: what can match nothing is refused before anything is sent, with what is
// wrong, and the field keeps its text.
func TestDamaged(t *testing.T) {
	for given, hint := range map[string]string{
		"undefined": "Give one phone number of 3 to 25 digits", "null": "Give one phone number of 3 to 25 digits", "NaN": "Give one phone number of 3 to 25 digits", `{"phone":"600111222"}`: "Give one phone number of 3 to 25 digits",
		"5.55E+09": "Damaged by a spreadsheet", "#N/A": "Damaged by a spreadsheet",
		"6OO111222": "“O” at position 2 does not belong there", "600+111222": "“+” at position 4 does not belong there", "++34600111222": "“+” at position 2 does not belong there",
		"6\u041e0111222": "“U+41e” at position 2 does not belong there",
		"12":             "Give one phone number of 3 to 25 digits", strings.Repeat("5", 26): "Give one phone number of 3 to 25 digits", "600" + strings.Repeat("\u0301", 10_000): "Give one phone number of 3 to 25 digits",
		"600111222 600111333": "Two numbers; give one", "\u200e-": "No number",
	} {
		for _, make := range []func(ui.Env) *Person{NewDnc, NewCancel} {
			d := newDesk(t, make, "confirm", "off")
			d.typeIn(phone, given)
			d.ask()
			d.c.handleEnter(enterIn("phone"))
			if got := d.c.hint(); got != "Number: "+hint || !d.c.buttonOff() || d.c.invalid(phone) != "true" || d.c.typedText(phone) != given {
				t.Errorf("%.40q typed: hint %q, field %.40q", given, got, d.c.typedText(phone))
			}
			d.Quiet()
			d = newDesk(t, make, "phone", given, "confirm", "off")
			d.ask()
			if got := d.c.hint(); got != "Number: "+hint || !d.c.buttonOff() {
				t.Errorf("%.40q given: hint %q", given, got)
			}
			d.Quiet()
		}
	}
}

// TestUnderstood: what is not part of a number is taken off, and the agent sees that. The
// relay gets the text: some lists hold punctuation.
func TestUnderstood(t *testing.T) {
	for given, want := range map[string]string{
		`="600111222"`: "600111222", "\u202a600111222\u202c": "600111222", "٦٠٠١١١٢٢٢": "600111222", "６００ー１１１": "600111",
		"'+34\u00a0600 111": "+34600111", "tel:600111222": "600111222", "600 111 x12": "600111 x12",
		"600" + strings.Repeat("\u200e", 80) + "11122": "60011122", "600\t111\r\n222": "600111222",
	} {
		want = ui.Isolate(want)
		read := ui.Isolate(given) + " → " + want
		d := newDesk(t, NewDnc, "phone", given)
		if d.c.hint() != "" || d.c.buttonText() != "Do not call "+want {
			t.Errorf("%q: hint %q, button %q", given, d.c.hint(), d.c.buttonText())
		}
		d.c.handleClick(once())
		if !strings.HasSuffix(d.c.details(), " · "+read) || d.c.question() != "Put "+want+" on the Do Not Call list?" {
			t.Errorf("%q: %q, details %q", given, d.c.question(), d.c.details())
		}
		d.Set("confirm", "off")
		d.c.handleYes(once())
		if req := d.settle(fault, fault).(*commdn.DoNotCall); req.Phone != given {
			t.Errorf("%q: sent %q", given, req.Phone)
		}
		if d.c.hint() != read {
			t.Errorf("%q without confirmation: hint %q", given, d.c.hint())
		}
	}
	d := newDesk(t, NewDnc, "phone", "5551234567", "confirm", "off")
	if d.c.hint() != "" {
		t.Errorf("hint %q", d.c.hint())
	}
}

// tellForms answers the question for forms, and gives its request.
func (d *desk) tellForms(f frame.Forms) (req commdn.Request) {
	d.Await("asked for the forms", func() bool {
		if reqs := d.Client().TellForms(f); reqs != nil {
			req = reqs[0]
		}
		return req != nil
	})
	d.Await("told", func() bool { return reflect.DeepEqual(d.c.forms.told, f) })
	return req
}

// noForms waits until nothing is asked.
func (d *desk) noForms() {
	d.Await("no question for forms", func() bool { return !d.c.hasForms() && d.Client().TellForms(frame.Forms{}) == nil })
}

// TestForms: the confirmation opens at once and shows the forms when the relay tells them.
func TestForms(t *testing.T) {
	d := newDesk(t, NewCancel, "phone", "+34 600", "campaign", "Spring", "target", "201")
	d.c.handleClick(once())
	if !d.c.isAsking() || !strings.Contains(d.HTML(), `<p class="forms" part="forms"></p>`) {
		t.Fatalf("asks %v:\n%s", d.c.isAsking(), d.HTML())
	}
	want := commdn.CancelRecord{Address: commdn.Address{Target: 201}, Phone: "+34 600", Campaign: "Spring"}
	if req := d.tellForms(frame.Forms{Texts: []string{"600", "+34600", "0034600"}}); *req.(*commdn.CancelRecord) != want {
		t.Errorf("asked for the forms of %+v", req)
	}
	if got := d.c.formsText(); got != "Sent as 600, also as \u2068+34600\u2069, also as 0034600" || d.c.announcement() != got {
		t.Errorf("forms %q, announced %q", got, d.c.announcement())
	}
	d.Set("phone", "777888")
	if got := d.c.formsText(); !strings.HasPrefix(got, "Sent as 600,") {
		t.Errorf("the next call: forms %q", got)
	}
	d.c.handleNo(once())
	if d.c.handleClick(once()); d.c.formsText() != "" {
		t.Errorf("the forms of another number: %q", d.c.formsText())
	}
	d.tellForms(frame.Forms{Refusal: "too short for a number of ES"})
	if got := d.c.formsText(); got != "too short for a number of ES" {
		t.Errorf("a refusal: %q", got)
	}
	d.c.handleNo(once())
	d.c.handleClick(once())
	d.c.handleYes(once())
	d.settle(fault, fault)
	d.noForms()
}

// TestFormsWithoutConnection: the confirmation does not wait for a connection. It shows the
// number as given, says that its forms are not known yet, and shows them when they are.
func TestFormsWithoutConnection(t *testing.T) {
	d := newDesk(t, NewDnc, "phone", "+34 600")
	d.Client().SetStatus(down)
	d.c.handleClick(once())
	if got := d.c.formsText(); !d.c.isAsking() || got != "As given: \u2068+34 600\u2069. Its forms are shown when the connection is back" || d.c.announcement() != got {
		t.Errorf("asks %v, forms %q", d.c.isAsking(), got)
	}
	d.Client().SetStatus(uitest.Connected)
	d.tellForms(frame.Forms{Texts: []string{"+34600"}})
	if got := d.c.formsText(); got != "Sent as \u2068+34600\u2069" {
		t.Errorf("forms %q", got)
	}
}

// TestNoFormsAsked: without a confirmation, or without a number, there is no question.
func TestNoFormsAsked(t *testing.T) {
	for _, attributes := range [][]string{{"phone", "600", "confirm", "off"}, {"customer-id", "C-42"}} {
		d := newDesk(t, NewDnc, attributes...)
		d.c.handleClick(once())
		d.noForms()
	}
	d := newDesk(t, NewDnc, "phone", "600")
	d.c.handleClick(once())
	d.c.Close()
	d.noForms()
}

// TestAnswersOfForms: there is a line for each form only where OCS says different things.
func TestAnswersOfForms(t *testing.T) {
	at := commdn.Address{Origin: 201}
	ok := func(phone string) commdn.Message { return &commdn.DoNotCallProcessed{Address: at, Phone: phone} }
	no := func(phone string) *commdn.Fault {
		return &commdn.Fault{Address: at, Code: commdn.ErrorInvalidParameter, Phone: phone}
	}
	gone := func(phone string) commdn.Message { return &commdn.RecordCanceled{Address: at, Phone: phone} }
	const why = "OCS says that one of the values is wrong. Check the number, the customer and the campaign. [CM_ERROR_INVALID_PARAMETER (10)]"
	for _, c := range []struct {
		make    func(ui.Env) *Person
		err     error
		answers []commdn.Message
		text    string
		want    []string
	}{
		{NewDnc, nil, []commdn.Message{ok("600"), ok("+34600"), ok("0034600")}, "600 is on the Do Not Call list", nil},
		{NewDnc, no("+34600"), []commdn.Message{ok("600"), no("+34600")}, "Refused: Do not call 600",
			[]string{"OCS 201 · 600: done", "OCS 201 · \u2068+34600\u2069: " + why}},
		{NewCancel, nil, []commdn.Message{gone("600"), no("+34600")}, "The records of 600 are cancelled",
			[]string{"OCS 201 · 600: done", "OCS 201 · \u2068+34600\u2069: " + why}},
		{NewDnc, no("600"), []commdn.Message{no("600"), no("+34600")}, "Refused: Do not call 600 · " + why, nil},
	} {
		d := newDesk(t, c.make, "phone", "600", "confirm", "off")
		d.ask()
		d.settle(c.err, c.answers...)
		a := d.c.lines[0]
		if got := d.c.answers(a); strings.Join(got, "|") != strings.Join(c.want, "|") || !strings.HasPrefix(d.c.lineText(a), c.text+" · ") {
			t.Errorf("%q: %q", d.c.lineText(a), got)
		}
		detail := d.Events()
		ocs := detail[len(detail)-1].Detail["ocs"].([]any)
		if one := ocs[1].(map[string]any); len(ocs) != len(c.answers) || one["phone"] != ui.PhoneOf(c.answers[1]) {
			t.Errorf("the host is told %v", ocs)
		}
	}
}

// TestFormsOfBefore: an answer that comes when another confirmation is open is not shown
// there.
func TestFormsOfBefore(t *testing.T) {
	d := newDesk(t, NewDnc, "phone", "600")
	d.c.handleClick(once())
	d.Await("asked for the forms", func() bool {
		if d.Client().TellForms(frame.Forms{Texts: []string{"of before"}}) == nil {
			return false
		}
		time.Sleep(20 * time.Millisecond) // the answer waits for this function
		d.c.handleNo(once())
		d.c.handleClick(once())
		return true
	})
	time.Sleep(20 * time.Millisecond)
	got := ""
	if d.Update(func() { got = d.c.formsText() }); got != "" {
		t.Errorf("forms %q", got)
	}
}

// TestVanity: letters are the relay's to judge where it says that they may be digits.
func TestVanity(t *testing.T) {
	d := newDesk(t, NewDnc, "phone", "1-800-FLOWERS")
	if got := d.c.hint(); !strings.Contains(got, "“F”") || !d.c.buttonOff() {
		t.Errorf("letters are refused elsewhere: hint %q", got)
	}
	status := uitest.Connected
	status.Vanity = true
	d.Client().SetStatus(status)
	if d.c.hint() != "" || d.c.buttonOff() || d.c.buttonText() != "Do not call 1-800-FLOWERS" {
		t.Errorf("hint %q, off %v, button %q", d.c.hint(), d.c.buttonOff(), d.c.buttonText())
	}
	d.c.handleClick(once())
	d.tellForms(frame.Forms{Texts: []string{"18003569377"}})
	if got := d.c.formsText(); got != "Sent as 18003569377" {
		t.Errorf("forms %q", got)
	}
	d.c.handleYes(once())
	if req := d.settle(nil, processed).(*commdn.DoNotCall); req.Phone != "1-800-FLOWERS" {
		t.Errorf("sent %q", req.Phone)
	}
}
