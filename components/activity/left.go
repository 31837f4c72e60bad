package activity

import (
	"strconv"
	"strings"
	"time"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/commdn"
)

// left is a request of the page before a reload, which was not settled when that page
// ended and which the browser did not keep. The loader notes it in the tab, with whom it
// is about masked (web/left.js).
type left struct {
	_       ui.NoCompare
	outcome session.Outcome
	at      int64 // Unix seconds
	typ     string
	who     string
	key     session.GroupKey
}

// setLeft takes what the loader kept: a line for each request, its fields with tabs
// between them. It passes over a line that it cannot read.
func (c *Activity) setLeft(value string) {
	c.left, c.rows = nil, nil
	for line := range strings.SplitSeq(value, "\n") {
		f := strings.Split(line, "\t")
		if len(f) != 7 {
			continue
		}
		n := func(i int) int64 { n, _ := strconv.ParseInt(f[i], 10, 64); return n }
		one := left{outcome: session.NoAnswer, at: n(1), typ: f[2], who: f[3], key: session.GroupKey{Campaign: commdn.DBID(n(4)), Group: commdn.DBID(n(5)), OCS: commdn.DBID(n(6))}}
		if f[0] == string(session.Waiting) {
			one.outcome = session.NotSent
		}
		c.left = append(c.left, one)
	}
}

// leftRows are the rows of these requests, newest first, as far as there is room for them.
func (c *Activity) leftRows(l *lang.Language, room int) []Row {
	var rows []Row
	if c.filter == underWay {
		return nil
	}
	for i := len(c.left) - 1; i >= 0 && len(rows) < room; i-- {
		one := &c.left[i]
		at, sentence := time.Unix(one.at, 0), lang.OutcomeNotSent
		if one.outcome == session.NoAnswer {
			sentence = lang.OutcomeNoAnswer
		}
		what := one.who
		if what == "" {
			what = ui.What(c.env.Session, l, one.key)
		}
		what = ui.Asked(l, one.typ, what)
		rows = append(rows, Row{
			Key: "left-" + strconv.Itoa(i), Class: "result " + string(one.outcome), ISO: ui.ISO(at), Time: moment(l, c.today, at),
			Word: ui.Word(l, one.outcome), Asked: what, Lines: []Line{{"0", l.Text(sentence, "what", what)}},
		})
	}
	return rows
}

// dropTold leaves out what the storage of the page tells of, too: it has what was made before
// anybody knew who was there, though nobody sends that.
func (c *Activity) dropTold() {
	rest := c.left[:0]
	for _, one := range c.left {
		told := false
		for i := range c.entries {
			e := &c.entries[i]
			told = told || e.Earlier && e.Asked.Unix() == one.at && e.Req.Type().String() == one.typ
		}
		if !told {
			rest = append(rest, one)
		}
	}
	c.left = rest
}
