package campaigns

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vugu/vugu"

	"commdn/components/session"
	"commdn/components/ui"
	"commdn/components/uitest"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// desk holds one table; ocs is the OCS that reports its rows.
type desk struct {
	*uitest.Desk
	t testing.TB
	c *Campaigns
}

const ocs = 201

var predictive = commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}

// newDesk makes a table of n campaign groups from the directory: campaigns from 1001 on,
// with two groups each.
func newDesk(t testing.TB, n int, status client.Status, attributes ...string) *desk {
	t.Helper()
	cl := uitest.NewClient(status)
	d := frame.Directory{Groups: []frame.Named{{DBID: 501, Name: "Sales"}, {DBID: 502, Name: "Service"}}}
	for i := range n {
		campaign := commdn.DBID(1001 + i/2)
		if i%2 == 0 {
			d.Campaigns = append(d.Campaigns, frame.Named{DBID: campaign, Name: "Campaign " + strconv.Itoa(1+i/2)})
		}
		d.CampaignGroups = append(d.CampaignGroups, frame.CampaignGroup{Campaign: campaign, Group: commdn.DBID(501 + i%2)})
	}
	return newDeskOf(t, cl, d, status, attributes...)
}

func newDeskOf(t testing.TB, cl *uitest.Client, dir frame.Directory, status client.Status, attributes ...string) *desk {
	t.Helper()
	cl.SetDirectory(dir)
	d := &desk{t: t}
	d.Desk = uitest.NewWith(t, func(env ui.Env) *Campaigns {
		d.c = New(env)
		return d.c
	}, cl, attributes...)
	d.rows(len(dir.CampaignGroups))
	d.Await("the directory", d.Session.Listed)
	d.draw()
	return d
}

// rows paints until the table has n rows from the directory.
func (d *desk) rows(n int) {
	d.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if d.draw(); len(d.c.order) == n {
			return
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("%d rows, never %d", len(d.c.order), n)
		}
	}
}

// tell makes OCS report the state of row i of the directory.
func (d *desk) tell(i int, status commdn.GroupStatus) {
	d.Client().Tell(event(ocs, i, status))
}

func event(from commdn.DBID, i int, status commdn.GroupStatus) *commdn.CampaignEvent {
	return &commdn.CampaignEvent{
		Address: commdn.Address{Origin: from, Target: 101}, Event: commdn.EvCampaignStatus,
		CampaignGroup: commdn.CampaignGroup{Campaign: commdn.DBID(1001 + i/2), Group: commdn.DBID(501 + i%2)},
		Dialing:       predictive, Status: status, HasStatus: true,
	}
}

// draw runs the next frame and paints.
func (d *desk) draw() string {
	d.t.Helper()
	d.Frame()
	return d.HTML()
}

// states has one row in each state, 0 to 5, and one that OCS never reported.
func states(t testing.TB, attributes ...string) *desk {
	t.Helper()
	d := newDesk(t, 7, uitest.Connected, attributes...)
	for i := range 6 {
		d.tell(i, commdn.GroupStatus(i))
	}
	d.draw()
	return d
}

// row finds row i of the directory.
func (d *desk) row(i int) *row {
	d.t.Helper()
	for _, r := range d.c.order {
		if r.g.Key.Campaign == commdn.DBID(1001+i/2) && r.g.Key.Group == commdn.DBID(501+i%2) {
			return r
		}
	}
	d.t.Fatalf("no row %d", i)
	return nil
}

// pick selects rows.
func (d *desk) pick(rows ...int) {
	for _, i := range rows {
		d.c.handleRow(d.row(i), &input{on: "0"})
	}
	d.HTML()
}

// openRow opens the panel of a row, as a click on its button does.
func (d *desk) openRow(i int) {
	d.c.handleRow(d.row(i), &input{on: "9", clicks: 1})
	d.HTML()
}

// click chooses an action in the open panel.
func (d *desk) click(typ commdn.MessageType) {
	d.t.Helper()
	i := slices.IndexFunc(actions[:], func(a *action) bool { return a.typ == typ })
	d.c.handleAction(actions[i], &input{clicks: 1})
	d.HTML()
}

// order chooses an action and confirms it.
func (d *desk) order(typ commdn.MessageType) {
	d.t.Helper()
	d.click(typ)
	d.c.handleYes(&input{clicks: 1})
	d.HTML()
}

// answer settles the next request and waits for the table to notice.
func (d *desk) answer(err error) commdn.Request {
	d.t.Helper()
	a := d.Asked()
	d.settle(a, err)
	return a.Req
}

// answerAll settles one request per error, in turn.
func (d *desk) answerAll(errs ...error) {
	d.t.Helper()
	for _, err := range errs {
		d.settle(d.Asked(), err)
	}
}

// settle settles one request and waits for the table to notice.
func (d *desk) settle(a *uitest.Asked, err error) {
	d.t.Helper()
	d.c.mu.Lock()
	i := slices.IndexFunc(d.c.own, func(t *target) bool { return t.req == a.Req })
	target := d.c.own[i]
	d.c.mu.Unlock()
	a.Answer(err)
	d.Await("an answer", func() bool { return target.entry.ID != 0 && !target.entry.UnderWay() })
}

// names returns the shown rows, in order.
func (d *desk) names() string {
	var names []string
	for _, r := range d.c.shown {
		names = append(names, strings.TrimPrefix(r.campaign, "Campaign ")+r.group[:2])
	}
	return strings.Join(names, " ")
}

// input is a browser event.
type input struct {
	vugu.DOMEvent
	clicks              float64
	stamp, x            float64
	key, value          string
	kind                string // type of the target
	on                  string // data-key of the cell
	shift, ctrl, repeat bool
	composing           bool
	top, height         float64
	all                 float64
	stopped, mine       bool
	firstAt, lastAt     float64 // positions of the header's columns
}

func (e *input) PropFloat64(keys ...string) float64 {
	switch strings.Join(keys, "/") {
	case "currentTarget/firstElementChild/firstElementChild/offsetLeft":
		return e.firstAt
	case "currentTarget/firstElementChild/lastElementChild/offsetLeft":
		return e.lastAt
	}
	return map[string]float64{"detail": e.clicks, "scrollTop": e.top, "clientHeight": e.height, "offsetHeight": e.all, "timeStamp": e.stamp, "clientX": e.x}[keys[len(keys)-1]]
}

func (e *input) PropString(keys ...string) string {
	return map[string]string{"key": e.key, "target/value": e.value, "target/dataset/key": e.on, "target/tagName": "BUTTON", "target/type": e.kind}[strings.Join(keys, "/")]
}

func (e *input) PropBool(keys ...string) bool {
	return map[string]bool{"shiftKey": e.shift, "ctrlKey": e.ctrl, "repeat": e.repeat, "isComposing": e.composing}[keys[0]]
}

func (e *input) StopPropagation() { e.stopped = true }
func (e *input) PreventDefault()  { e.mine = true }

// press presses keys in turn: ^ adds Ctrl, < is in a right-to-left table.
func (d *desk) press(keys ...string) {
	for _, k := range keys {
		e := &input{key: strings.TrimLeft(k, "^<"), ctrl: strings.HasPrefix(k, "^"), lastAt: 800}
		if strings.HasPrefix(k, "<") {
			e.firstAt, e.lastAt = 800, 0
		}
		d.c.handleKey(e)
		d.HTML()
	}
}

// spot returns the row and column of the keyboard.
func (d *desk) spot() string {
	if d.c.at.row == nil {
		return "header " + strconv.Itoa(int(d.c.at.col))
	}
	return strconv.Itoa(d.c.at.row.index) + " " + strconv.Itoa(int(d.c.at.col))
}

// measure makes the browser report rows of 36 pixels and a table of the given height.
func (d *desk) measure(height, top float64) {
	d.c.handleSight(&input{height: height, top: top, all: float64(36 * len(d.c.shown))})
	d.HTML()
}

var (
	refused = &commdn.Fault{
		Address: commdn.Address{Origin: ocs, Target: 101}, Code: commdn.ErrorLicenseViolation, Message: "no licence for <b>this</b>",
	}
	linkDown  = client.Status{State: client.Connected, Link: frame.Link{Reason: "connection refused"}, OCS: []commdn.DBID{ocs}}
	agentOnly = client.Status{
		State: client.Connected, Link: frame.Link{Up: true}, OCS: []commdn.DBID{ocs},
		Identity: frame.Identity{Name: "ann", Roles: []string{frame.RoleAgent}},
	}
)

func later(d *desk, by time.Duration) { d.SetNow(d.Now().Add(by)) }

func about(req commdn.Request) session.GroupKey {
	key, _ := session.About(req)
	return key
}
