package campaigns

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"commdn/components/uitest"
	"commdn/protocol/commdn"
)

// priorityFields are the fields of the form that take priorities.
func priorityFields(d *desk) []field {
	var all []field
	for _, f := range d.c.fields() {
		if _, err := strconv.Atoi(f.name); err == nil {
			all = append(all, f)
		}
	}
	return all
}

// TestPriorities: a type of records is sent with both its numbers or not at all.
func TestPriorities(t *testing.T) {
	p := func(priority, records int32) *commdn.Priority {
		return &commdn.Priority{Priority: priority, Records: records}
	}
	for name, c := range map[string]struct {
		typed [6]string
		want  *commdn.DialingPriority
		bad   string
	}{
		"none":       {[6]string{}, nil, ""},
		"blanks":     {[6]string{" ", "\t"}, nil, ""},
		"all":        {[6]string{"1", "100", "3", " 20 ", "2", "0"}, &commdn.DialingPriority{General: p(1, 100), CampaignRescheduled: p(3, 20), CampaignCallBack: p(2, 0)}, ""},
		"callbacks":  {[6]string{4: "0", 5: "2147483647"}, &commdn.DialingPriority{CampaignCallBack: p(0, 2147483647)}, ""},
		"half":       {[6]string{"1", "100", "3"}, nil, "Rescheduled: give both whole numbers from 0, or none"},
		"negative":   {[6]string{"-1", "100"}, nil, "General: give both whole numbers from 0, or none"},
		"no number":  {[6]string{5: "many"}, nil, "Callbacks: give both whole numbers from 0, or none"},
		"fraction":   {[6]string{"1.5", "1"}, nil, "General: give both whole numbers from 0, or none"},
		"too much":   {[6]string{"2147483648", "1"}, nil, "General: give both whole numbers from 0, or none"},
		"many bytes": {[6]string{strings.Repeat("9", 100_000), "1"}, nil, "General: give both whole numbers from 0, or none"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, typ := range []commdn.MessageType{commdn.ReqLoadCampaign, commdn.ReqStartDialing, commdn.ReqSetDialingMode} {
				d := states(t)
				d.openRow(map[commdn.MessageType]int{commdn.ReqLoadCampaign: 0, commdn.ReqStartDialing: 4, commdn.ReqSetDialingMode: 5}[typ])
				d.click(typ)
				if n := len(priorityFields(d)); n != 0 {
					t.Fatalf("%d fields before they are wanted", n)
				}
				d.c.handleField("priority", &input{value: "own"})
				for i, f := range priorityFields(d) {
					d.c.handleField(f.name, &input{value: c.typed[i]})
				}
				for i, f := range priorityFields(d) {
					if wrong := c.bad != "" && strings.HasPrefix(f.label, c.bad[:strings.Index(c.bad, ":")]); f.value != c.typed[i] || (f.invalid != nil) != wrong {
						t.Errorf("field %s holds %.20q, invalid %v", f.label, f.value, f.invalid)
					}
				}
				if got := d.c.formProblem(); got != c.bad || (d.c.yesOff() == "true") != (c.bad != "") {
					t.Errorf("problem %q, off %s", got, d.c.yesOff())
				}
				d.c.handleYes(&input{clicks: 1})
				if c.bad != "" {
					d.Quiet()
					if d.c.handleField("priority", &input{value: ""}); d.c.formProblem() != "" || d.c.yesOff() == "true" {
						t.Errorf("as configured: %q", d.c.formProblem())
					}
					continue
				}
				req := d.answer(nil)
				if control, _ := commdn.ControlOf(req); !reflect.DeepEqual(control.Priority, c.want) || req.Validate() != nil {
					t.Errorf("asked %+v, %v", control.Priority, req.Validate())
				}
			}
		})
	}
}

// TestPrioritiesOfMany: one choice is for all selected rows, which keep their own dialing.
func TestPrioritiesOfMany(t *testing.T) {
	d := newDesk(t, 3, uitest.Connected)
	for i := range 3 {
		d.tell(i, commdn.StatusNotLoaded)
	}
	d.draw()
	d.c.handleHead(bySelect, &input{clicks: 1})
	d.c.handleBulk(&input{})
	d.click(commdn.ReqLoadCampaign)
	d.c.handleField("priority", &input{value: "own"})
	for i, f := range priorityFields(d)[:2] {
		d.c.handleField(f.name, &input{value: strconv.Itoa(5 + i)})
	}
	d.c.handleYes(&input{})
	for range 3 {
		control, _ := commdn.ControlOf(d.answer(nil))
		if want := (&commdn.DialingPriority{General: &commdn.Priority{Priority: 5, Records: 6}}); !reflect.DeepEqual(control.Priority, want) || control.Dialing != predictive {
			t.Errorf("asked %+v", control)
		}
	}
	d.c.handleField("0", &input{value: "9"}) // the panel asks no more
	if d.c.panel.form.priority.typed[0] != "5" {
		t.Error("a late key changed what was sent")
	}
}
