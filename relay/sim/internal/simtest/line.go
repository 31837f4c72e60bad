package simtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// number gives an integer of an event, which may be a string of digits.
func number(l tkvlist.List, key string) (n int, ok bool) {
	if n, ok := l.Int(key); ok {
		return int(n), true
	}
	text, _ := l.Text(key)
	n, err := strconv.Atoi(text)
	return n, err == nil
}

// fromOCS says whether an event is a response or notification of an OCS; in
// these tests the DBIDs of OCS begin with the default one.
func fromOCS(l tkvlist.List) bool {
	kind, _ := number(l, commdn.KeyMessageType)
	t := commdn.MessageType(kind)
	event := t >= commdn.EvCampaignLoaded && t <= commdn.EvError || t == commdn.EvRecordCanceled || t == commdn.EvDoNotCallProcessed
	origin, named := number(l, commdn.KeyOriginAppID)
	return event && (!named || origin >= int(OCS))
}

// Line is an event as Do has it. It reads what OCS says whatever its habits are.
func Line(l tkvlist.List) string {
	kind, _ := number(l, commdn.KeyMessageType)
	t := commdn.MessageType(kind)
	if t == commdn.EvError {
		code, _ := number(l, commdn.KeyError)
		return fmt.Sprint("Error ", code)
	}
	if t == commdn.EvRecordCanceled || t == commdn.EvDoNotCallProcessed {
		if m, err := commdn.Decode(l); err == nil {
			return commdn.Trace(m, true)
		}
		return t.String()
	}
	line := strings.TrimPrefix(t.String(), "CM_Ev")
	campaign, _ := number(l, commdn.KeyCampaignID)
	group, _ := number(l, commdn.KeyGroupID)
	line += fmt.Sprintf(" %d/%d", campaign, group)
	if status, ok := number(l, commdn.KeyGroupCampStatus); ok {
		line += " " + strings.TrimPrefix(commdn.GroupStatus(status).String(), "CM_GCS_")
	}
	properties, _ := l.List(commdn.KeyProperties)
	if schedule, ok := properties.List(commdn.KeyCampaignSchedule); ok {
		line += fmt.Sprint(" ", itemStates(schedule))
	}
	return line
}

// itemStates gives the states of the items of a schedule, by their numbers.
func itemStates(schedule tkvlist.List) []int {
	states := map[int]int{}
	var numbers []int
	for _, p := range schedule {
		if digits, ok := strings.CutPrefix(p.Key, commdn.KeyScheduleItem); ok {
			n, _ := strconv.Atoi(digits)
			item, _ := p.Value.List()
			states[n], _ = number(item, commdn.KeyItemStatus)
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	all := make([]int, len(numbers))
	for i, n := range numbers {
		all[i] = states[n]
	}
	return all
}

// sameLines says whether OCS says what is wanted. One with habits may leave the
// state out.
func sameLines(got, want []string, strange bool) bool {
	return slices.EqualFunc(got, want, func(got, want string) bool {
		if got == want || !strange {
			return got == want
		}
		fields := strings.SplitN(want, " ", 4)
		if len(fields) < 3 || strings.HasPrefix(fields[2], "[") {
			return false
		}
		return got == strings.Join(slices.Delete(fields, 2, 3), " ")
	})
}
