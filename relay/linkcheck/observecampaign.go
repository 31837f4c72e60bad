package linkcheck

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/habits"
)

func campaign(h *habits.Habits, l tkvlist.List, e *commdn.CampaignEvent) {
	_, hasMode := l.Get(commdn.KeyDialMode)
	state, _ := e.State()
	tableHasNone := e.Event == commdn.EvCampaignUnloaded || e.Event == commdn.EvDialingStopped || state == commdn.StatusNotLoaded
	switch {
	case hasMode && !e.Mode.Known() && e.Mode > 0:
		h.DialMode = int32(e.Mode)
	case !hasMode && tableHasNone:
		h.DialingByTable = true
	case !hasMode:
		h.OmitDialing = true
	}
	if !e.HasStatus && e.Event != commdn.EvCampaignStatus {
		h.OmitStatus = true
	}
	if n, ok := number(l, commdn.KeyAutoCompletion); ok && n > 1 {
		h.AutoCompletion2 = true
	}
	props, _ := l.List(commdn.KeyProperties)
	if _, inside := props.Get(commdn.KeyAutoCompletion); inside {
		h.AutoCompletionInside = true
	}
	if e.NoCampaign || e.Campaign == 0 && !hasKey(l, commdn.KeyCampaignID) {
		h.OmitCampaign = true
	}
	if schedule, ok := props.List(commdn.KeyCampaignSchedule); ok {
		sequence(h, schedule, e)
	}
}

func sequence(h *habits.Habits, l tkvlist.List, e *commdn.CampaignEvent) {
	var numbers []string
	for _, p := range l {
		digits, ok := strings.CutPrefix(p.Key, commdn.KeyScheduleItem)
		if !ok {
			continue
		}
		numbers = append(numbers, digits)
		if item, ok := p.Value.List(); ok && !hasKey(item, commdn.KeyItemDialMode) {
			h.BareItems = true
		}
	}
	switch {
	case slices.Contains(numbers, "0"):
		h.ItemNumbers = "from_0"
	case slices.ContainsFunc(numbers, func(s string) bool { return strings.HasPrefix(s, "0") }):
		h.ItemNumbers = "padded"
	case len(numbers) > 0 && !slices.Contains(numbers, "1"):
		h.ItemNumbers = "sparse"
	}
	switch n, ok := number(l, commdn.KeyItems); {
	case !ok:
		h.NItems = "absent"
	case int(n) != len(numbers):
		h.NItems = "wrong"
	}
	if _, known := e.State(); known && !e.HasStatus {
		h.StatusInItems = true
	}
}

func hasKey(l tkvlist.List, key string) bool {
	_, ok := l.Get(key)
	return ok
}

// shape gives keys and kinds of a list, and the values of none but those that are
// numbers of the vendor's tables.
func shape(l tkvlist.List) string {
	var b strings.Builder
	for i, p := range l {
		if i > 0 {
			b.WriteByte(' ')
		}
		key := p.Key
		if !plain(strings.ReplaceAll(key, "-", "_")) || len(significant(key)) >= 5 { // such may be a phone
			key = "(another key)"
		}
		b.WriteString(key)
		n, _ := number(l, p.Key)
		switch inner, isList := p.Value.List(); {
		case isList:
			b.WriteString("={" + shape(inner) + "}")
		case tabled(p.Key) && n < 10_000: // no table has more, and a phone has
			fmt.Fprintf(&b, "=%s %d", p.Value.Kind(), n)
		default:
			b.WriteString("=" + p.Value.Kind().String())
			if s, ok := p.Value.Text(); ok && !utf8.ValidString(s) {
				b.WriteString(" that is no UTF-8")
			}
		}
	}
	if s := b.String(); len(s) > 4000 {
		return s[:4000] + "…"
	}
	return b.String()
}

// tabled says of a key that its numbers are of the vendor's tables.
func tabled(key string) bool {
	switch key {
	case commdn.KeyMessageType, commdn.KeyError, commdn.KeyDialMode, commdn.KeyOptimizeBy, commdn.KeyGroupCampStatus,
		commdn.KeyAutoCompletion, commdn.KeyItems, commdn.KeyItemStatus, commdn.KeyItemDialMode, commdn.KeyItemOptMethod:
		return true
	}
	return false
}
