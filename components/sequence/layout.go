package sequence

import (
	"strconv"
	"time"

	"commdn/components/lang"
	"commdn/protocol/commdn"
)

// span is when OCS dials an item, in UTC seconds. It is open if its end is unknown; to is
// a guess then.
type span struct {
	from, to int64
	open     bool
}

// shortest is the least drawn length of a span, in seconds.
const shortest = 60

// layout estimates when OCS dials each item. seen holds the observed spans (0: not yet)
// and may be shorter than items; running is the item that OCS dials now, -1 none. layout
// takes a time to stop for the end. Items with other conditions share the time up to the
// next known one, or get an hour.
func layout(items []commdn.SequenceItem, start, now int64, seen []span, running int) []span {
	spans := make([]span, len(items))
	begun := func(i int) int64 {
		if i < len(seen) {
			return seen[i].from
		}
		return 0
	}
	// All items before the running one are over. The last of them ended before now,
	// whatever its time to stop was.
	end := func(i int) int64 {
		switch {
		case i < len(seen) && seen[i].to != 0:
			return seen[i].to
		case i+1 < len(items) && begun(i+1) != 0:
			return begun(i+1) - waiting(items[i+1])
		}
		stop := items[i].StopAtTime
		if i < running {
			over := now - shortest - waiting(items[i+1])
			switch {
			case i == running-1 && (stop == 0 || stop > over):
				return over
			case stop > over:
				return 0
			}
		} else if i == running && stop <= now {
			return 0
		}
		return stop
	}
	last := start
	for i := range items {
		last = max(last, end(i))
	}
	guess := max(3600, (last-start)/6)

	for i, t := 0, start; i < len(items); {
		if from := begun(i); from != 0 {
			t = from - waiting(items[i])
		}
		j, waits := i, waiting(items[i])
		for ; j < len(items)-1 && end(j) == 0; j++ {
			waits += waiting(items[j+1])
		}
		bound, share := end(j), guess
		if bound != 0 {
			share = (bound - t - waits) / int64(j-i+1)
		}
		for ; i <= j; i++ {
			s := span{from: t + waiting(items[i]), open: end(i) == 0 && (running < 0 || i >= running)}
			s.to = s.from + max(share, shortest)
			if i == j && bound != 0 {
				s.to = max(bound, s.from+shortest)
			}
			if i == running {
				s.to = max(s.to, now)
			}
			spans[i], t = s, s.to
		}
	}
	return spans
}

// waiting is how long OCS waits before an item, in seconds, at most a year: enough for a
// picture.
func waiting(it commdn.SequenceItem) int64 {
	return 60 * min(int64(it.SleepBeforeNextStart), 365*24*60)
}

// axis is the shown range of time.
type axis struct{ from, to int64 }

// around fits an axis around spans. It includes now shortly before them and while they go
// on.
func around(spans []span, start, now int64, going bool) axis {
	a := axis{start, start + 3600}
	if len(spans) > 0 {
		a.to = start
	}
	for _, s := range spans { // OCS may run them before the start that is known here
		a.from, a.to = min(a.from, s.from), max(a.to, s.to)
	}
	if now > a.to && going {
		a.to = now
	}
	length := a.to - a.from
	if now < a.from && a.from-now <= length/4 {
		a.from = now
	}
	a.to += length / 25
	return a
}

// at is a place on the axis in CSS, or a length if from is 0.
func (a axis) at(t, from int64) string {
	n := (t - from) * 10000 / (a.to - a.from)
	rest := strconv.Itoa(int(n%100) + 100)
	return strconv.Itoa(int(n/100)) + "." + rest[1:] + "%"
}

// steps are the possible distances of ticks, in seconds.
var steps = [...]int64{300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, day, 2 * day, 7 * day, 28 * day}

const day = 24 * 3600

// Tick is a mark on the axis.
type Tick struct{ Style, Text string }

// ticks returns at most seven marks at round local times: hours and minutes, or month and
// day at midnight.
func (a axis) ticks(l *lang.Language) []*Tick {
	step := (a.to - a.from) / 6
	for _, s := range steps {
		if s >= step {
			step = s
			break
		}
	}
	var ticks []*Tick
	for t := a.from + untilRound(l, a.from, step); t < a.to; t += step {
		local := momentText(l, t)
		if len(local) < len("2006-01-02T15:04") {
			return nil
		}
		text := l.Minute(time.Unix(t, 0))
		if local[11:16] == "00:00" || step >= day {
			text = local[5:10]
		}
		ticks = append(ticks, &Tick{"inset-inline-start:" + a.at(t, a.from), text})
	}
	return ticks
}

// untilRound returns the seconds from t to the next local time that is a multiple of
// step, which is at most a day.
func untilRound(l *lang.Language, t, step int64) int64 {
	local := momentText(l, t)
	if len(local) < 16 {
		return 0
	}
	hours, _ := strconv.Atoi(local[11:13])
	minutes, _ := strconv.Atoi(local[14:16])
	step = min(step, day)
	over := (int64(hours)*3600 + int64(minutes)*60 + t%60) % step
	return (step - over) % step
}

// short formats a time of today as hours and minutes, any other in full.
func short(l *lang.Language, t, now int64) string {
	local := momentText(l, t)
	if today := momentText(l, now); len(local) >= 16 && len(today) >= 10 && local[:10] == today[:10] {
		return l.Minute(time.Unix(t, 0))
	}
	return l.Moment(time.Unix(t, 0))
}
