// Package activity is <commdn-activity>: this user's requests and their results, newest
// first, with an export as CSV.
package activity

//go:generate go run ../gen

import (
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/commdn"
)

// Default and maximum of the attribute limit.
const (
	defaultLimit = 50
	maxLimit     = 500
)

// filter chooses the requests to show.
type filter int

const (
	all filter = iota
	failed
	underWay
)

// labels are the texts of the filters.
var labels = [...]lang.Key{all: lang.ActivityAll, failed: lang.ActivityFailed, underWay: lang.ActivityUnderWay}

func (f filter) has(e *session.Entry) bool {
	switch f {
	case failed:
		return !e.UnderWay() && e.Outcome != session.Done && e.Outcome != session.Undone
	case underWay:
		return e.UnderWay()
	}
	return true
}

// Activity is the component.
type Activity struct {
	env   ui.Env
	stop  func()      // ends the watch
	dirty atomic.Bool // a frame that reads the entries again is requested

	limit  int
	wrong  string // the attribute if it is nonsense
	export string // save, event or off

	left    []left           // of the page before a reload
	entries []session.Entry  // newest first
	counts  [len(labels)]int // for each filter
	filter  filter
	said    string // result of the export, until there is other news

	rows  map[int]drawn // as last shown, by request ID
	lang  *lang.Language
	today string
}

// drawn is a row in words, kept between paints: the browser formats times, and some
// hundred of them for each change would take longer than everything else.
type drawn struct {
	of      commdn.Request // another one once its person is known
	outcome session.Outcome
	answers int
	kept    bool
	unkept  bool // nothing is kept
	row     Row
}

// New makes the component; Close ends it.
func New(env ui.Env) *Activity {
	c := &Activity{env: env, limit: defaultLimit, export: "save"}
	c.read()
	c.stop = env.Session.Watch(func(change session.Change) {
		// A file of numbers settles more requests than there are frames.
		if (change.Kind == session.EntryChanged || change.Kind == session.EntryGone || change.Kind == session.CampaignsChanged) && !c.dirty.Swap(true) {
			env.Frame(func() {
				c.dirty.Store(false)
				c.said = ""
				c.read()
			})
		}
		if change.Kind == session.CampaignsChanged { // names may have changed
			env.Frame(func() { c.rows = nil })
		}
	})
	return c
}

// Close ends the watch of the session.
func (c *Activity) Close() { c.stop() }

// SetAttribute sets limit or export.
func (c *Activity) SetAttribute(name, value string, present bool) {
	value = strings.TrimSpace(value)
	switch name {
	case "limit":
		n, err := strconv.Atoi(value)
		c.limit, c.wrong = n, ""
		if err != nil || n < 1 || n > maxLimit {
			c.limit, c.wrong = defaultLimit, value
		}
	case "export":
		c.export = value
	case "left":
		c.setLeft(value)
		c.read()
	}
}

func (c *Activity) read() {
	c.entries = c.env.Session.Entries()
	c.dropTold()
	c.counts = [len(labels)]int{all: len(c.left), failed: len(c.left)}
	for i := range c.entries {
		for f := range c.counts {
			if filter(f).has(&c.entries[i]) {
				c.counts[f]++
			}
		}
	}
}

// Choice is a button of the filter.
type Choice struct{ Key, Label, Pressed string }

// choices returns the buttons.
func (c *Activity) choices() []Choice {
	l := c.env.Lang()
	choices := make([]Choice, len(c.counts))
	for f, n := range c.counts {
		pressed := filter(f) == c.filter
		choices[f] = Choice{strconv.Itoa(f), l.Text(labels[f], "n", l.Number(n)), strconv.FormatBool(pressed)}
	}
	return choices
}

// handleChoice changes the filter.
func (c *Activity) handleChoice(choice Choice) {
	f, _ := strconv.Atoi(choice.Key)
	c.filter, c.said = filter(f), ""
}

// showLabel labels the group of these buttons.
func (c *Activity) showLabel() string { return c.env.Lang().Text(lang.ActivityShow) }

// exportLabel is the text of the export button.
func (c *Activity) exportLabel() string { return c.env.Lang().Text(lang.ActivityExport) }

// canExport reports whether there is an export button.
func (c *Activity) canExport() bool { return c.export != "off" }

// nothing reports whether there is nothing to export.
func (c *Activity) nothing() bool { return len(c.entries) == 0 }

// outcome is the number of shown requests, or the result of the export. It is short,
// since the element that asked reports the result of a request.
func (c *Activity) outcome() string {
	if c.said != "" {
		return c.said
	}
	l, n := c.env.Lang(), c.counts[c.filter]
	switch {
	case c.counts[all] == 0:
		return l.Text(lang.ActivityNone)
	case n == 0:
		return l.Text(lang.ActivityNoneOfThese)
	case n > c.limit:
		return l.Text(lang.ActivityNewest, "shown", l.Number(c.limit), "n", l.Number(n))
	}
	return l.Count(lang.ActivityCount, n)
}

// hint says what is wrong with the attribute. Empty means nothing.
func (c *Activity) hint() string {
	if c.wrong == "" {
		return ""
	}
	return c.env.Lang().Text(lang.ActivityLimit, "value", ui.Short(c.wrong))
}

// Row is one shown request.
type Row struct {
	Key   string
	Class string
	ISO   string // time of the request
	Time  string
	Word  string
	Asked string // what the request asks for
	Lines []Line
}

// Line is a line of the details.
type Line struct{ Key, Text string }

// shownRows returns the shown requests.
func (c *Activity) shownRows() []Row {
	l := c.env.Lang()
	if today := day(l, c.env.Now()); l != c.lang || today != c.today {
		c.lang, c.today, c.rows = l, today, nil
	}
	old, unkept := c.rows, c.env.Session.Status().Unkept != nil
	c.rows = make(map[int]drawn, c.limit)
	rows := make([]Row, 0, min(c.limit, c.counts[c.filter]))
	for i := range c.entries {
		e := &c.entries[i]
		if !c.filter.has(e) {
			continue
		}
		if len(rows) == c.limit {
			break
		}
		d, known := old[e.ID]
		if !known || d.of != e.Req || d.outcome != e.Outcome || d.answers != len(e.Answers) || d.kept != e.Kept || d.unkept != unkept {
			d = drawn{e.Req, e.Outcome, len(e.Answers), e.Kept, unkept, Row{
				Key: strconv.Itoa(e.ID), Class: "result " + string(e.Outcome), ISO: ui.ISO(e.Asked), Time: moment(l, c.today, e.Asked),
				Word: ui.EntryWord(l, e), Asked: ui.Request(c.env.Session, l, e.Req), Lines: c.lines(l, e),
			}}
		}
		c.rows[e.ID] = d
		rows = append(rows, d.row)
	}
	return append(rows, c.leftRows(l, c.limit-len(rows))...)
}

// lines gives the result of a request: a sentence, the times, and a line for each OCS
// that answered, or else why there is no answer.
func (c *Activity) lines(l *lang.Language, e *session.Entry) []Line {
	var lines []Line
	add := func(text string) { lines = append(lines, Line{strconv.Itoa(len(lines)), text}) }
	add(ui.Outcome(c.env.Session, l, *e))
	asked := moment(l, c.today, e.Asked)
	if e.UnderWay() {
		add(l.Text(lang.ActivityAsked, "asked", asked))
		return lines
	}
	add(l.Text(lang.ActivitySettled, "asked", asked, "settled", moment(l, c.today, e.At)))
	if forms := ui.Forms(e.Answers); len(forms) > 0 {
		add(ui.SentAs(l, forms))
	}
	for _, text := range ui.Answers(l, e.Answers) {
		add(text)
	}
	if e.Err != nil && e.Fault() == nil && e.Outcome != session.Undone {
		add(ui.Why(l, e.Err).String())
	}
	return lines
}

// handleExport saves all requests of the session, or hands them to the host page.
func (c *Activity) handleExport(event vugu.DOMEvent) {
	l := c.env.Lang()
	entries := c.env.Session.Entries()
	if len(entries) == 0 || event.PropFloat64("detail") > 1 {
		return
	}
	name := "commdn-activity-" + strings.ReplaceAll(strings.ReplaceAll(l.Field(c.env.Now()), "T", "-"), ":", "") + ".csv"
	text := csv(entries)
	c.env.Emit(map[string]any{"name": name, "rows": len(entries), "csv": text}, "commdn-export")
	if c.export == "event" {
		c.said = l.Text(lang.ActivityHandedOver, "file", name)
		return
	}
	c.env.Save(name, "text/csv;charset=utf-8", byteOrderMark+text)
	c.said = l.Text(lang.ActivitySaved, "file", name)
}

// moment formats the time of day, with the date if that is not today.
func moment(l *lang.Language, today string, t time.Time) string {
	if day(l, t) == today {
		return l.Clock(t)
	}
	return l.Moment(t)
}

// day formats the date in the reader's time zone.
func day(l *lang.Language, t time.Time) string {
	date, _, _ := strings.Cut(l.Field(t), "T")
	return date
}
