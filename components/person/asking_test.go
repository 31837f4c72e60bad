package person

import (
	"strings"
	"testing"
	"time"

	"commdn/components/uitest"
)

// key is a press of a key on a button, this many milliseconds after the page began.
func (d *desk) key(key string, at float64, repeat bool) *event {
	d.SetNow(uitest.Noon.Add(time.Duration(at) * time.Millisecond))
	e := &event{key: key, tag: "BUTTON", stamp: at, repeat: repeat}
	d.c.handleKey(e)
	return e
}

// TestPress: a key answers the confirmation only if it went down after the confirmation
// was in sight for a quarter of a second, and was up before.
func TestPress(t *testing.T) {
	for _, tt := range []struct {
		name           string
		key            string
		up, repeat     bool
		at, late       float64 // when it went down; how much later the page got to it
		prevented, yes bool
	}{
		{"Enter at once", "Enter", true, false, 1030, 0, true, false},
		{"Space at once", " ", true, false, 1030, 0, true, false},
		{"just before", "Enter", true, false, 1249, 0, true, false},
		{"after a look", "Enter", true, false, 1251, 0, false, true},
		{"Space after a look", " ", true, false, 1251, 0, false, true},
		{"never up", "Enter", false, false, 1600, 0, true, false},
		{"held down", "Enter", false, true, 1600, 0, true, false},
		{"delivered late by a slow machine", "Enter", true, false, 1100, 900, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDesk(t, NewDnc, "phone", "5551234567")
			first := d.key(tt.key, 1000, false)
			up := func() { d.c.handleKeyUp(&event{key: tt.key}) }
			if tt.key == " " {
				up() // the browser clicks then
			}
			d.c.handleClick(first)
			if tt.up {
				up()
			}
			second := &event{key: tt.key, tag: "BUTTON", stamp: tt.at, repeat: tt.repeat}
			d.SetNow(uitest.Noon.Add(time.Duration(tt.at+tt.late) * time.Millisecond))
			d.c.handleKey(second)
			d.c.handleYes(&event{}) // Firefox clicks all the same
			if second.prevented != tt.prevented || d.c.isAsking() == tt.yes {
				t.Errorf("prevented %v, sent %v", second.prevented, !d.c.isAsking())
			}
			if tt.yes {
				return
			}
			up()
			d.key("Enter", 3000, false)
			d.c.handleYes(&event{})
			if d.c.isAsking() {
				t.Error("a press that is meant does not count either")
			}
		})
	}
}

// TestNoIsHarmless: what cannot be undone has the focus on the button that does nothing.
func TestNoIsHarmless(t *testing.T) {
	for _, make := range []*desk{newDesk(t, NewDnc, "phone", "111"), newDesk(t, NewCancel, "phone", "111")} {
		make.c.handleClick(once())
		html := make.HTML()
		no := html[strings.Index(html, "cancel-button"):]
		if strings.Contains(html[strings.Index(html, "confirm-button"):strings.Index(html, "cancel-button")], "autofocus") || !strings.Contains(no[:strings.Index(no, ">")], "autofocus") {
			t.Errorf("the focus is elsewhere:\n%s", html)
		}
		if !strings.Contains(no, "No, go back") {
			t.Errorf("the way back has other words:\n%s", html)
		}
	}
}

// TestRoom: what lies below the element does not move when the confirmation or a result
// goes away under the pointer, nor when the answer comes. The next caller takes the room.
func TestRoom(t *testing.T) {
	d := newDesk(t, NewDnc, "phone", "111")
	if d.c.space() != nil {
		t.Errorf("style %v before anything happened", d.c.space())
	}
	tall := &event{clicks: 1, height: 140}
	d.c.handleClick(once())
	d.c.handleYes(tall)
	if d.c.space() != "min-block-size:140px" {
		t.Errorf("after Yes the style is %v", d.c.space())
	}
	d.settle(fault, fault)
	d.c.handleDismiss(d.c.lines[0], &event{clicks: 1, height: 80})
	if d.c.space() != "min-block-size:140px" {
		t.Errorf("after the result was dismissed the style is %v", d.c.space())
	}
	d.Set("chain", "RecordOnly")
	if d.c.space() == nil {
		t.Error("the same caller has lost the room")
	}
	d.Set("phone", "222")
	if d.c.space() != nil {
		t.Errorf("the next caller has the style %v", d.c.space())
	}
	d.c.handleClick(once())
	d.c.handleNo(tall)
	if d.c.space() != "min-block-size:140px" {
		t.Errorf("after No the style is %v", d.c.space())
	}
}

// TestChanged: only another person is a call that has changed.
func TestChanged(t *testing.T) {
	d := newDesk(t, NewCancel, "phone", "111", "campaign", "Spring")
	d.c.handleClick(once())
	for name, value := range map[string]string{"campaign": "Fall", "chain": "RecordOnly", "target": "201"} {
		if d.Set(name, value); d.c.changed() != "" {
			t.Errorf("%s=%s: %q", name, value, d.c.changed())
		}
	}
	d.Set("phone", "222")
	if d.c.changed() == "" {
		t.Error("another call, and nothing says so")
	}
}
