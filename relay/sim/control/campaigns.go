package control

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/internal/enums"
	"commdn/relay/sim/ocs"
	"commdn/relay/sim/scenario"
)

func (h *handler) getCampaigns(w http.ResponseWriter, r *http.Request) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	all := []CampaignGroup{}
	for _, o := range h.Sim.OCS() {
		lists := listsOf(o)
		for _, g := range o.CampaignGroups() {
			all = append(all, campaignGroup(o, g, lists))
		}
		for _, event := range o.Sequences() {
			all = append(all, h.sequence(o, event))
		}
	}
	return write(w, all)
}

func campaignGroup(o *ocs.OCS, g ocs.CampaignGroupState, lists map[commdn.DBID]List) CampaignGroup {
	one := CampaignGroup{
		Campaign: g.Campaign, CampaignName: g.CampaignName, Group: g.Group, GroupName: g.GroupName,
		OCS: o.DBID(), Tenant: g.Tenant, Status: g.Status.String(), Changed: g.Changed, Dialing: dialing(g.Dialing),
		AutoCompletion: autoCompletion(g.AutoCompletion), Priority: priorities(g.Priority), InSequence: g.InSequence, Agents: g.Agents,
		Previewing: g.Previewing, Ringing: g.Ringing, Talking: g.Talking, Rate: g.Rate,
		Dials: g.Dials, Contacts: g.Contacts, Abandoned: g.Abandoned, Lists: []List{},
	}
	for _, id := range g.CallingLists {
		one.Lists = append(one.Lists, lists[id])
	}
	return one
}

func priorities(p *commdn.DialingPriority) *Priorities {
	if p == nil {
		return nil
	}
	one := func(p *commdn.Priority) *Priority { return (*Priority)(p) }
	return &Priorities{one(p.General), one(p.CampaignRescheduled), one(p.CampaignCallBack)}
}

// sequence gives a sequence as the API has it.
func (h *handler) sequence(o *ocs.OCS, e commdn.CampaignEvent) CampaignGroup {
	one := CampaignGroup{Group: e.Group, OCS: o.DBID(), AutoCompletion: autoCompletion(e.AutoCompletion), Lists: []List{}, Sequence: &Sequence{Items: []SequenceItem{}}}
	c := h.Sim.Scenario()
	if i := slices.IndexFunc(c.Groups, func(g scenario.Group) bool { return g.DBID == e.Group }); i >= 0 {
		one.GroupName = c.Groups[i].Name
	}
	if e.HasStatus {
		one.Status = e.Status.String()
	}
	if e.Dialing != (commdn.Dialing{}) {
		one.Dialing = dialing(e.Dialing)
	}
	if e.Sequence == nil {
		return one
	}
	one.Sequence.Description = e.Sequence.Description
	one.Sequence.Start = time.Unix(e.Sequence.Start, 0).UTC()
	for _, it := range e.Sequence.Items {
		item := SequenceItem{
			Campaign: it.Campaign, Dialing: *dialing(it.Dialing),
			StopAtContacts: it.StopAtContacts, StopAtDials: it.StopAtDials, SleepMinutes: it.SleepBeforeNextStart,
		}
		if i := slices.IndexFunc(c.Campaigns, func(c scenario.Campaign) bool { return c.DBID == it.Campaign }); i >= 0 {
			item.CampaignName = c.Campaigns[i].Name
		}
		if it.HasStatus {
			item.Status = it.Status.String()
		}
		if it.StopAtTime != 0 {
			item.StopAtTime = time.Unix(it.StopAtTime, 0).UTC()
		}
		one.Sequence.Items = append(one.Sequence.Items, item)
	}
	return one
}

func dialing(d commdn.Dialing) *Dialing {
	return &Dialing{Mode: d.Mode.String(), OptimizeBy: d.OptimizeBy.String(), Goal: d.Goal}
}

func autoCompletion(a commdn.AutoCompletion) *bool {
	if a == commdn.AutoCompletionUnset {
		return nil
	}
	on := a == commdn.AutoCompletionOn
	return &on
}

func (h *handler) postCampaigns(w http.ResponseWriter, r *http.Request) error {
	var c Control
	if err := readJSON(w, r, &c); err != nil {
		return err
	}
	if c.Campaign < 0 || c.Group < 1 {
		return fmt.Errorf("campaign %d and group %d are not both DBIDs; campaign 0 is the sequence of the group", c.Campaign, c.Group)
	}
	id := commdn.CampaignGroup{Campaign: c.Campaign, Group: c.Group}
	o, sequence := h.serverOf(id)
	if o == nil {
		return errorf(http.StatusNotFound, "there is nothing to %s for %s: no OCS has it", c.Do, id)
	}
	request, err := c.request(o, sequence)
	if err != nil {
		return err
	}
	if err := o.Control(request); err != nil {
		if fault, ok := errors.AsType[*commdn.Fault](err); ok {
			fault.Origin = o.DBID()
		}
		return err
	}
	if c.Campaign == 0 {
		event, loaded := o.Sequence(c.Group)
		if !loaded {
			event = commdn.CampaignEvent{CampaignGroup: id, Status: commdn.StatusNotLoaded, HasStatus: true, Sequence: sequence}
		}
		return write(w, h.sequence(o, event))
	}
	state, _ := o.CampaignGroup(id)
	return write(w, campaignGroup(o, state, listsOf(o)))
}

// serverOf gives the OCS that has a campaign group, or the sequence of the group.
// Where no OCS has it the first one gets the request: its refusal says why.
func (h *handler) serverOf(id commdn.CampaignGroup) (*ocs.OCS, *commdn.Sequence) {
	all := h.Sim.OCS()
	for _, o := range all {
		if event, loaded := o.Sequence(id.Group); id.Campaign == 0 && loaded {
			return o, event.Sequence
		}
		if _, has := o.CampaignGroup(id); id.Campaign != 0 && has {
			return o, nil
		}
	}
	if id.Campaign == 0 || len(all) == 0 {
		return nil, nil
	}
	return all[0], nil
}

// request gives the request that the vendor's console would make.
func (c Control) request(o *ocs.OCS, sequence *commdn.Sequence) (commdn.Request, error) {
	t, ok := controls[c.Do]
	if !ok {
		all := []string{Load, Start, Stop, Set, Unload, ForceUnload}
		return nil, fmt.Errorf("do: %q is unknown; there are %s", c.Do, strings.Join(all, ", "))
	}
	control := commdn.Control{
		Address:       commdn.Address{Target: o.DBID()},
		CampaignGroup: commdn.CampaignGroup{Campaign: c.Campaign, Group: c.Group},
		Sequence:      sequence,
	}
	switch c.Do {
	case Load, Start, Set:
		var err error
		if control.Dialing, err = c.dialing(o, control.CampaignGroup); err != nil {
			return nil, err
		}
		if c.AutoCompletion != nil {
			control.AutoCompletion = commdn.AutoCompletionOff
			if *c.AutoCompletion {
				control.AutoCompletion = commdn.AutoCompletionOn
			}
		}
	default:
		if c.Dialing != nil || c.AutoCompletion != nil {
			return nil, fmt.Errorf("dialing and auto_completion go with %s, %s and %s, not with %s", Load, Start, Set, c.Do)
		}
	}
	return control.Request(t), nil
}

// controls are the requests that Control.Do asks for.
var controls = map[string]commdn.MessageType{
	Load: commdn.ReqLoadCampaign, Start: commdn.ReqStartDialing, Set: commdn.ReqSetDialingMode,
	Stop: commdn.ReqStopDialing, Unload: commdn.ReqUnloadCampaign, ForceUnload: commdn.ReqForceUnloadCampaign,
}

// dialing gives the dialing of the request, or else that of the campaign group.
func (c Control) dialing(o *ocs.OCS, id commdn.CampaignGroup) (d commdn.Dialing, err error) {
	if c.Dialing == nil {
		if state, ok := o.CampaignGroup(id); ok {
			return state.Dialing, nil
		}
		if event, ok := o.Sequence(id.Group); ok && event.Dialing != d {
			return event.Dialing, nil
		}
		return scenario.Dialing{}.CommDN(), nil
	}
	if d.Mode, err = enums.DialMode(c.Dialing.Mode); err != nil {
		return d, fmt.Errorf("dialing.mode: %w", err)
	}
	if d.OptimizeBy, err = enums.OptimizeBy(c.Dialing.OptimizeBy); err != nil {
		return d, fmt.Errorf("dialing.optimize_by: %w", err)
	}
	d.Goal = c.Dialing.Goal
	return d, nil
}
