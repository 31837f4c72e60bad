package simtest

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim"
	"commdn/relay/sim/ocs"
)

// Midnight is what the clock of a Rig shows at first.
var Midnight = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)

// The campaign groups of a Rig.
var (
	A7 = commdn.CampaignGroup{Campaign: 11, Group: 7} // "A", 100 records
	B7 = commdn.CampaignGroup{Campaign: 12, Group: 7} // "B", 50 records
	C7 = commdn.CampaignGroup{Campaign: 13, Group: 7} // "C", 20 records
	A8 = commdn.CampaignGroup{Campaign: 11, Group: 8} // licensed for preview only, no records
	S7 = commdn.CampaignGroup{Group: 7}               // the sequence of group 7
	S8 = commdn.CampaignGroup{Group: 8}
)

// How a Rig's campaigns are dialed.
var (
	Predictive = commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}
	Preview    = commdn.Dialing{Mode: commdn.DialPreview, OptimizeBy: commdn.OptimizeWaitTime, Goal: 600}
	GVP        = commdn.Dialing{Mode: commdn.DialPowerGVP, OptimizeBy: commdn.OptimizeOverdialRate, Goal: 3}
)

// To is the address of the default application's requests to the default OCS.
var To = commdn.Address{Origin: sim.DefaultApplication, Target: sim.DefaultOCS}

// Configuration is that of a Rig.
func Configuration() ocs.Configuration {
	return ocs.Configuration{
		Campaigns: []ocs.Campaign{{DBID: 11, Name: "A"}, {DBID: 12, Name: "B"}, {DBID: 13, Name: "C"}},
		Groups:    []ocs.Group{{DBID: 7, Name: "Sales"}, {DBID: 8, Name: "Service"}},
		CampaignGroups: []ocs.CampaignGroup{
			{Campaign: 11, Group: 7, Records: 100}, {Campaign: 12, Group: 7, Records: 50}, {Campaign: 13, Group: 7, Records: 20},
			{Campaign: 11, Group: 8, Licensed: []commdn.DialMode{commdn.DialPreview}},
		},
	}
}

// Rig is an application, and the one OCS that it talks to, whose clock moves
// only when the test moves it. OCS dials 10 records a second, of which every
// fourth is a contact; unloading takes twice a second.
type Rig struct {
	*App
	OCS    *ocs.OCS
	Clock  *ocs.VirtualClock
	fences int
}

// NewRig starts a Rig whose options may be changed.
func NewRig(t testing.TB, change func(*ocs.Options)) *Rig {
	t.Helper()
	clock := ocs.NewVirtualClock(Midnight)
	s := Start(t, OneOCS(func(o *ocs.Options) {
		o.Configuration, o.Clock = Configuration(), clock
		o.DialRate, o.ContactShare, o.UnloadTime = 10, 25, time.Second
		if change != nil {
			change(o)
		}
	}))
	return &Rig{App: Join(t, s), OCS: s.OCS()[0], Clock: clock}
}

// Do sends requests and gives all that OCS says until it has served them, and
// of what came to pass before, a line each: the event, the campaign group, its
// state; for a sequence the states of the items; for an error the code.
func (r *Rig) Do(requests ...commdn.Message) []string {
	r.t.Helper()
	for _, request := range requests {
		r.Send(request.UserData())
	}
	r.fences++
	fence := "fence" + strconv.Itoa(r.fences)
	r.Send(DoNotCall("", fence).UserData())
	var heard []string
	for {
		m := r.Heard()
		if done, ok := m.(*commdn.DoNotCallProcessed); ok && done.CustomerID == fence {
			return heard
		}
		heard = append(heard, Line(m))
	}
}

// Want is Do that fails the test unless it gives the lines.
func (r *Rig) Want(lines []string, requests ...commdn.Message) {
	r.t.Helper()
	if got := r.Do(requests...); !reflect.DeepEqual(got, lines) && len(got)+len(lines) > 0 {
		r.t.Errorf("OCS says\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(lines, "\n\t"))
	}
}

// Run moves the clock on and is Want of what OCS tells of it.
func (r *Rig) Run(d time.Duration, lines ...string) {
	r.t.Helper()
	r.Clock.Advance(d)
	r.Want(lines)
}

// State gives the state of a campaign group of the configuration.
func (r *Rig) State(id commdn.CampaignGroup) ocs.CampaignGroupState {
	r.t.Helper()
	state, ok := r.OCS.CampaignGroup(id)
	if !ok {
		r.t.Fatalf("no campaign group %s", id)
	}
	return state
}

// Line is a message as Do has it.
func Line(m commdn.Message) string {
	if fault, ok := m.(*commdn.Fault); ok {
		return fmt.Sprint("Error ", int(fault.Code))
	}
	e, ok := m.(*commdn.CampaignEvent)
	if !ok {
		return commdn.Trace(m, true)
	}
	line := strings.TrimPrefix(e.Event.String(), "CM_Ev") + " " + e.CampaignGroup.String()
	if e.HasStatus {
		line += " " + strings.TrimPrefix(e.Status.String(), "CM_GCS_")
	}
	if e.Sequence != nil {
		states := make([]int, len(e.Sequence.Items))
		for i, item := range e.Sequence.Items {
			states[i] = int(item.Status)
		}
		line += fmt.Sprint(" ", states)
	}
	return line
}

// Load loads a campaign group.
func Load(id commdn.CampaignGroup) *commdn.LoadCampaign {
	return &commdn.LoadCampaign{Address: To, CampaignGroup: id, Dialing: Predictive}
}

// Unload unloads a campaign group.
func Unload(id commdn.CampaignGroup) *commdn.UnloadCampaign {
	return &commdn.UnloadCampaign{Address: To, CampaignGroup: id}
}

// ForceUnload unloads a campaign group at once.
func ForceUnload(id commdn.CampaignGroup) *commdn.ForceUnloadCampaign {
	return &commdn.ForceUnloadCampaign{Address: To, CampaignGroup: id}
}

// Dial starts dialing.
func Dial(id commdn.CampaignGroup) *commdn.StartDialing {
	return &commdn.StartDialing{Address: To, CampaignGroup: id, Dialing: Predictive}
}

// Stop stops dialing.
func Stop(id commdn.CampaignGroup) *commdn.StopDialing {
	return &commdn.StopDialing{Address: To, CampaignGroup: id}
}

// Set changes the dialing.
func Set(id commdn.CampaignGroup, d commdn.Dialing) *commdn.SetDialingMode {
	return &commdn.SetDialingMode{Address: To, CampaignGroup: id, Dialing: d}
}

// Status asks for the state.
func Status(id commdn.CampaignGroup) *commdn.GetCampaignStatus {
	return &commdn.GetCampaignStatus{Address: To, CampaignGroup: id}
}
