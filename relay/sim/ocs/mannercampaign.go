package ocs

import (
	"slices"
	"strconv"
	"strings"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// campaign words an event about a campaign group or a sequence.
func (m *manner) campaign(l *tkvlist.List, kind commdn.MessageType) {
	if n, _ := l.Int(commdn.KeyAutoCompletion); m.AutoCompletion2 && n == 1 {
		l.Set(commdn.KeyAutoCompletion, tkvlist.Int(2))
	}
	if m.AutoCompletionInside {
		within(l, commdn.KeyProperties, func(properties *tkvlist.List) { move(commdn.KeyAutoCompletion, l, properties) })
	}
	if m.OmitCampaign {
		if id, _ := l.Int(commdn.KeyCampaignID); id == 0 {
			drop(l, commdn.KeyCampaignID)
		}
	}
	if kind == commdn.EvError {
		return
	}
	if m.Acknowledgement == "status" {
		kind = commdn.EvCampaignStatus
		l.Set(commdn.KeyMessageType, tkvlist.Int(int32(kind)))
	}
	status, _ := l.Int(commdn.KeyGroupCampStatus)
	tableHasNone := kind == commdn.EvCampaignUnloaded || kind == commdn.EvDialingStopped || status == int32(commdn.StatusNotLoaded)
	if m.DialMode != 0 && kind == commdn.EvCampaignStatus {
		l.Set(commdn.KeyDialMode, tkvlist.Int(m.DialMode))
	}
	if m.OmitDialing || m.DialingByTable && tableHasNone {
		drop(l, commdn.KeyDialMode, commdn.KeyOptimizeBy, commdn.KeyOptimizeGoal)
	}
	if m.OmitStatus && kind != commdn.EvCampaignStatus {
		drop(l, commdn.KeyGroupCampStatus)
	}
	properties, _ := l.List(commdn.KeyProperties)
	schedule, ok := properties.List(commdn.KeyCampaignSchedule)
	if !ok {
		return
	}
	if running := runningItem(schedule); m.SequenceAsItem && running != 0 {
		l.Set(commdn.KeyCampaignID, tkvlist.Int(running))
		within(l, commdn.KeyProperties, func(properties *tkvlist.List) { drop(properties, commdn.KeyCampaignSchedule) })
		return
	}
	if m.StatusInItems {
		drop(l, commdn.KeyGroupCampStatus)
	}
	within(l, commdn.KeyProperties, func(properties *tkvlist.List) {
		within(properties, commdn.KeyCampaignSchedule, m.schedule)
	})
}

// runningItem gives the campaign of the item that is dialed; 0 is none.
func runningItem(schedule tkvlist.List) int32 {
	for _, p := range schedule {
		item, _ := p.Value.List()
		if status, _ := item.Int(commdn.KeyItemStatus); status == int32(commdn.StatusRunning) {
			campaign, _ := item.Int(commdn.KeyItemCampaign)
			return campaign
		}
	}
	return 0
}

// schedule words campaign_schedule.
func (m *manner) schedule(l *tkvlist.List) {
	n := 0
	for i, p := range *l {
		item, ok := p.Value.List()
		if !ok {
			continue
		}
		n++
		switch m.ItemNumbers {
		case "from_0":
			(*l)[i].Key = commdn.KeyScheduleItem + strconv.Itoa(n-1)
		case "sparse":
			(*l)[i].Key = commdn.KeyScheduleItem + strconv.Itoa(n*10)
		case "padded":
			number := strconv.Itoa(n)
			(*l)[i].Key = commdn.KeyScheduleItem + strings.Repeat("0", max(0, 3-len(number))) + number
		}
		if m.BareItems {
			item = slices.DeleteFunc(item, func(p tkvlist.Pair) bool {
				return p.Key != commdn.KeyItemCampaign && p.Key != commdn.KeyItemStatus
			})
			(*l)[i].Value = tkvlist.Nested(item)
		}
	}
	switch m.NItems {
	case "absent":
		drop(l, commdn.KeyItems)
	case "wrong":
		l.Set(commdn.KeyItems, tkvlist.Int(int32(n)+1))
	}
}
