package campaigns

import (
	"strconv"
	"time"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/commdn"
)

// spoken is how many earlier states the text of a strip names.
const spoken = 4

// leastPiece is the least width of the present in a strip, in thousandths.
const leastPiece = 8

// layer returns the custom property of the style sheet that draws a state: its height and
// colour. Hatching shows wherever no layer does: the state is unknown.
func layer(s commdn.GroupStatus) int {
	switch s {
	case session.Unknown:
		return -1
	case commdn.StatusRunning:
		return 0
	case commdn.StatusActive:
		return 1
	case commdn.StatusNotLoaded:
		return 3
	}
	return 2 // deactivating, inactive, or an unknown number
}

// colours are those of the layers, and of all known time, which covers the hatching.
var colours = [...]string{"var(--_good)", "var(--_accent)", "var(--_warn)", "var(--_edge)", "var(--_surface)"}

// strip draws the states of the last hours as the style of one element: the gradient
// stops of each layer.
func (c *Campaigns) strip(past []session.Span) string {
	var runs [len(colours)][]int // begin and end in turn, in thousandths
	add := func(n, begin, end int) {
		if r := runs[n]; len(r) > 0 && r[len(r)-1] == begin {
			r[len(r)-1] = end
		} else {
			runs[n] = append(r, begin, end)
		}
	}
	from := c.now.Add(-time.Duration(c.hours) * time.Hour)
	at := func(t time.Time) int { return int(min(max(t.Sub(from)*1000/c.now.Sub(from), 0), 1000)) }
	for i, span := range past {
		begin, end := at(span.From), 1000
		if i+1 < len(past) {
			end = at(past[i+1].From)
		} else {
			begin = min(begin, 1000-leastPiece)
		}
		if l := layer(span.Status); l >= 0 && end > begin {
			add(l, begin, end)
			add(len(colours)-1, begin, end)
		}
	}
	style := ""
	for n, r := range runs {
		if len(r) == 0 {
			continue
		}
		style += "--" + string(rune('a'+n)) + ":"
		for i := 0; i < len(r); i += 2 {
			style += "#0000 0 " + perMille(r[i]) + "," + colours[n] + " 0 " + perMille(r[i+1]) + ","
		}
		style += "#0000 0;"
	}
	return style
}

// perMille formats n / 1000 as a percentage.
func perMille(n int) string {
	s := strconv.Itoa(n / 10)
	if n%10 != 0 {
		s += "." + strconv.Itoa(n%10)
	}
	return s + "%"
}

// past puts a strip into words, starting with the present.
func (c *Campaigns) past(spans []session.Span) string {
	n := len(spans)
	if n == 0 {
		return c.lang.Text(lang.CommonUnknown)
	}
	from := c.now.Add(-time.Duration(c.hours) * time.Hour)
	text := c.lang.Text(lang.CampaignsSince, "state", ui.State(c.lang, spans[n-1].Status), "time", c.moment(spans[n-1].From))
	for i := n - 2; i >= 0 && i >= n-1-spoken && spans[i+1].From.After(from); i-- {
		text += "; " + c.lang.Text(lang.CampaignsSpan, "state", ui.State(c.lang, spans[i].Status),
			"from", c.moment(spans[i].From), "to", c.moment(spans[i+1].From))
	}
	return text
}

// signs are the states whose pieces the legend explains, in the order of the layers.
var signs = [...]commdn.GroupStatus{commdn.StatusRunning, commdn.StatusActive, commdn.StatusInActive, commdn.StatusNotLoaded, session.Unknown}

// signText explains a piece of the strips.
func (c *Campaigns) signText(s commdn.GroupStatus) string {
	text := ui.State(c.lang, s)
	if s == commdn.StatusInActive {
		text += ", " + ui.State(c.lang, commdn.StatusUnloadInProgress)
	}
	return text
}

// stripText heads the strips.
func (c *Campaigns) stripText() string {
	return c.lang.Text(lang.CampaignsStrip, "n", c.lang.Number(c.hours))
}
