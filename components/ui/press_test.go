package ui_test

import (
	"testing"
	"time"

	"github.com/vugu/vugu"

	"commdn/components/ui"
)

// click is a click as the browser tells it.
type click struct {
	vugu.DOMEvent
	detail, timeStamp, clientX, clientY float64
}

func (c click) PropFloat64(keys ...string) float64 {
	return map[string]float64{"detail": c.detail, "timeStamp": c.timeStamp, "clientX": c.clientX, "clientY": c.clientY}[keys[0]]
}

// TestAgain: after a click at 1000 ms, at 100, 100, the second click of a double click
// does not count, whether the browser counts it or begins again at another element.
func TestAgain(t *testing.T) {
	for _, tt := range []struct {
		name  string
		click click
		again bool
	}{
		{"counted by the browser", click{nil, 2, 1100, 100, 100}, true},
		{"a slow double click", click{nil, 2, 1700, 100, 100}, true},
		{"the third", click{nil, 3, 1300, 100, 100}, true},
		{"not counted", click{nil, 1, 1060, 100, 100}, true},
		{"not counted, by a shaking hand", click{nil, 1, 1399, 123, 77}, true},
		{"later", click{nil, 1, 1400, 100, 100}, false},
		{"to the right", click{nil, 1, 1100, 124, 100}, false},
		{"to the left", click{nil, 1, 1100, 76, 100}, false},
		{"above", click{nil, 1, 1100, 100, 76}, false},
		{"below", click{nil, 1, 1100, 100, 124}, false},
		{"by key", click{nil, 0, 1060, 100, 100}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var p, q ui.Press
			if first := (click{nil, 1, 1000, 100, 100}); p.Again(first) || !q.Counts(first) {
				t.Fatal("the first click does not count")
			}
			if again, counts := p.Again(tt.click), q.Counts(tt.click); again != tt.again || counts == tt.again {
				t.Errorf("again %v, counts %v", again, counts)
			}
		})
	}
	// A click elsewhere that opens a confirmation is the last one: what was clicked before
	// may be clicked again. The second click of that one does not count.
	var o ui.Press
	o.Again(click{nil, 1, 1000, 100, 100})
	o.Open(click{nil, 1, 1100, 300, 100}, time.Now())
	if o.Again(click{nil, 1, 1160, 310, 100}) != true || o.Again(click{nil, 1, 1200, 100, 100}) {
		t.Error("the click that opened a confirmation is not the last one")
	}
	var p ui.Press
	if p.Again(click{nil, 1, 100, 0, 0}) {
		t.Error("the first click of a page does not count")
	}
	for _, c := range []click{{nil, 1, 1000, 100, 100}, {nil, 1, 1200, 100, 100}, {nil, 0, 1300, 0, 0}} {
		p.Again(c)
	}
	if p.Again(click{nil, 1, 1450, 100, 100}) {
		t.Error("a second click or a key makes a click that is meant a second one")
	}
}
