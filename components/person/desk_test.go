package person

import (
	"strings"
	"testing"

	"github.com/vugu/vugu"

	"commdn/components/ui"
	"commdn/components/uitest"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// desk is a uitest.Desk with a Person.
type desk struct {
	*uitest.Desk
	c *Person
}

func newDesk(t *testing.T, make func(ui.Env) *Person, attributes ...string) *desk {
	t.Helper()
	d := uitest.New(t, make, uitest.Connected, attributes...)
	return &desk{d, d.C.(*Person)}
}

// event is a mouse or key event in an element with this tag, name and value.
type event struct {
	vugu.DOMEvent
	clicks             float64
	stamp, height      float64
	key                string
	repeat             bool
	tag, name, value   string
	stopped, prevented bool
}

func (e *event) PropFloat64(keys ...string) float64 {
	return map[string]float64{"detail": e.clicks, "timeStamp": e.stamp, "currentTarget.offsetParent.offsetHeight": e.height}[strings.Join(keys, ".")]
}

func (e *event) PropBool(keys ...string) bool { return keys[0] == "repeat" && e.repeat }

func (e *event) PropString(keys ...string) string {
	return map[string]string{"key": e.key, "target.tagName": e.tag, "target.name": e.name, "target.value": e.value}[strings.Join(keys, ".")]
}

func (e *event) StopPropagation() { e.stopped = true }
func (e *event) PreventDefault()  { e.prevented = true }

func once() *event { return &event{clicks: 1} }

// enterIn is the key Enter in a field.
func enterIn(field string) *event { return &event{key: "Enter", tag: "INPUT", name: field} }

func (d *desk) typeIn(field int, value string) { d.c.handleInput(field, &event{value: value}) }

// settle answers the request in flight and waits for the component to notice.
func (d *desk) settle(err error, answers ...commdn.Message) commdn.Request {
	asked := d.Asked()
	asked.Answer(err, answers...)
	d.Await("settled", func() bool {
		for _, a := range d.c.lines {
			if a.entry.Req == asked.Req {
				return a.settled()
			}
		}
		return false
	})
	return asked.Req
}

// late asks, and answers after the relay has given the request up.
func (d *desk) late(err error, answers ...commdn.Message) *desk {
	d.ask()
	asked := d.Asked()
	asked.Answer(noAnswer)
	d.Await("settled", func() bool { return d.c.lines[0].settled() })
	d.Client().Late(asked, err, answers...)
	return d
}

// byCustomer is the status with a relay that cancels by a customer id alone.
var byCustomer = func() client.Status {
	s := uitest.Connected
	s.CancelByCustomer = true
	return s
}()

var (
	noAnswer   = &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "OCS 201 did not answer"}
	processed  = &commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 101}, Phone: "5551234567"}
	canceled   = &commdn.RecordCanceled{Address: commdn.Address{Origin: 201, Target: 101}, Phone: "5551234567"}
	incomplete = &commdn.RecordCanceled{Address: commdn.Address{Origin: 203, Target: 101}, Message: commdn.IncompleteMessage}
	fault      = &commdn.Fault{Address: commdn.Address{Origin: 202, Target: 101}, Code: commdn.ErrorInvalidParameter, Message: "bad <phone>"}
	down       = client.Status{State: client.Disconnected, OCS: []commdn.DBID{201}}
)

// ask opens the confirmation and sends what it shows.
func (d *desk) ask() {
	d.c.handleClick(once())
	if d.c.isAsking() {
		d.c.handleYes(once())
	}
}

// shown are the lines about whom the element shows; earlier are the others.
func (d *desk) shown() []*line   { return d.group(false).lines }
func (d *desk) earlier() []*line { return d.group(true).lines }

func (d *desk) earlierText() string { return d.c.earlierText(d.group(true)) }

func (d *desk) group(earlier bool) *group {
	for _, g := range d.c.groups() {
		if g.earlier == earlier {
			return g
		}
	}
	return &group{}
}
