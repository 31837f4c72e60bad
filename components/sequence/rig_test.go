package sequence

import (
	"embed"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vugu/vugu"

	"commdn/components/ui"
	"commdn/components/uitest"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

var update = flag.Bool("update", false, "write testdata/*.html")

//go:embed testdata
var golden embed.FS

// rig is a desk with the component.
type rig struct {
	*uitest.Desk
	t *testing.T
	c *Sequence
}

var directory = frame.Directory{
	Campaigns: []frame.Named{{DBID: 12, Name: "Autumn"}, {DBID: 13, Name: "Spring"}, {DBID: 14, Name: "<b>Winter</b>"}, {DBID: 15, Name: "Elsewhere"}},
	Groups:    []frame.Named{{DBID: 7, Name: "Sales"}, {DBID: 8, Name: "Service"}},
	CampaignGroups: []frame.CampaignGroup{
		{Campaign: 12, Group: 7, OCS: 201}, {Campaign: 13, Group: 7, OCS: 201}, {Campaign: 14, Group: 7, OCS: 201}, {Campaign: 15, Group: 8, OCS: 202},
	},
}

// started makes a rig whose relay has sent the directory.
func started(t *testing.T, attributes ...string) *rig {
	c := uitest.NewClient(uitest.Connected)
	c.SetDirectory(directory)
	return rigWith(t, c, attributes...)
}

func rigWith(t *testing.T, c *uitest.Client, attributes ...string) *rig {
	d := uitest.NewWith(t, New, c, attributes...)
	want, _ := c.Directory(t.Context())
	d.Await("directory", func() bool { return len(d.Session.Directory().Groups) == len(want.Groups) })
	return &rig{d, t, d.C.(*Sequence)}
}

// two is a value of two campaigns of the group 7, ready to be loaded.
const two = `{"description":"Day","start":"2026-03-04T13:00:00Z","items":[
	{"campaign":12,"dialing":{"mode":1,"optimizeBy":1,"goal":80},"stopAtTime":"2026-03-04T15:00:00Z","stopAtContacts":100},
	{"campaign":13,"dialing":{"mode":2,"optimizeBy":3,"goal":20},"stopAtDials":1,"sleepMinutes":30}]}`

func ready(t *testing.T) *rig { return started(t, "group", "7", "value", two) }

// plan is what two means for OCS.
func plan(t *testing.T) *commdn.Sequence {
	q, _, what, at := readValue(two)
	if what != "" {
		t.Fatal(what, at)
	}
	return &q
}

// tell makes OCS report the status of group 7's sequence and of its items.
func (r *rig) tell(q *commdn.Sequence, status commdn.GroupStatus, items ...commdn.GroupStatus) {
	told := *q
	told.Items = append([]commdn.SequenceItem{}, q.Items...)
	for i, s := range items {
		told.Items[i].Status, told.Items[i].HasStatus = s, true
	}
	r.Client().Tell(&commdn.CampaignEvent{
		Event: commdn.EvCampaignStatus, Address: commdn.Address{Origin: 201, Target: 101}, CampaignGroup: commdn.CampaignGroup{Group: 7},
		Status: status, HasStatus: true, Sequence: &told,
	})
	r.do(r.c.follow)
}

// do runs a handler as the browser does, then paints.
func (r *rig) do(f func()) {
	r.t.Helper()
	r.Update(f)
	r.HTML()
}

// act clicks on the button of an action.
func (r *rig) act(a action) { r.t.Helper(); r.do(func() { r.c.handleButton(a, once) }) }

// typed types into a field of item i, or of the head with -1.
func (r *rig) typed(i int, f field, text string) {
	r.t.Helper()
	r.do(func() {
		fields := r.c.head()
		if i >= 0 {
			r.c.open = r.c.draft.items[i].id
			r.c.Compute()
			fields = r.c.items[i].Fields
		}
		for _, made := range fields {
			if made.field == f {
				r.c.handleField(i, made, ev(props{"target.value": text}))
				return
			}
		}
		r.t.Fatalf("no field %d of item %d", f, i)
	})
}

// button finds a shown button.
func (r *rig) button(a action) *Button {
	for _, b := range r.c.buttons() {
		if b.act == a {
			return b
		}
	}
	r.t.Fatalf("no button %d", a)
	return nil
}

// names returns the campaigns of the draft.
func (r *rig) names() string {
	var names []string
	for _, it := range r.c.draft.items {
		names = append(names, idText(it.Campaign))
	}
	return strings.Join(names, " ")
}

// props are properties of a DOM event, by path.
type props map[string]any

// event has these properties and nothing else.
type event struct {
	vugu.DOMEvent
	p props
}

func ev(p props) event { return event{p: p} }

func (e event) prop(keys []string) any           { return e.p[strings.Join(keys, ".")] }
func (e event) PropString(keys ...string) string { s, _ := e.prop(keys).(string); return s }
func (e event) PropBool(keys ...string) bool     { b, _ := e.prop(keys).(bool); return b }
func (e event) PreventDefault()                  { e.p["prevented"] = true }
func (e event) StopPropagation()                 { e.p["stopped"] = true }
func (e event) PropFloat64(keys ...string) float64 {
	n, _ := e.prop(keys).(int)
	return float64(n)
}

var once = ev(props{"detail": 1})

// holds compares the markup with a golden file.
func (r *rig) holds(name string) {
	r.t.Helper()
	got, file := r.HTML(), "testdata/"+name+".html"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			r.t.Fatal(err)
		}
		return
	}
	want, err := golden.ReadFile(file)
	if err != nil {
		r.t.Fatal(err)
	}
	if got != string(want) {
		r.t.Errorf("%s differs (-update writes it):\n%s", file, got)
	}
}

func at(hour, minute int) time.Time { return time.Date(2026, 3, 4, hour, minute, 0, 0, time.UTC) }

var _ ui.Component = (*Sequence)(nil)
