package simtest

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/sim/control"
	"commdn/relay/sim/scenario"
)

// Midnight is what the clock of a Rig shows at first.
var Midnight = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)

// The campaign groups of a Rig.
var (
	A7 = commdn.CampaignGroup{Campaign: 11, Group: 7} // "A", 100 records
	B7 = commdn.CampaignGroup{Campaign: 12, Group: 7} // "B", 50 records
	C7 = commdn.CampaignGroup{Campaign: 13, Group: 7} // "C", 20 records
	A8 = commdn.CampaignGroup{Campaign: 11, Group: 8} // the same records as A7
	S7 = commdn.CampaignGroup{Group: 7}               // the sequence of group 7
	S8 = commdn.CampaignGroup{Group: 8}
)

// The calling lists of a Rig.
const (
	ListA commdn.DBID = 21
	ListB commdn.DBID = 22
	ListC commdn.DBID = 23
)

// How a Rig's campaigns are dialed.
var (
	Predictive = commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}
	Preview    = commdn.Dialing{Mode: commdn.DialPreview, OptimizeBy: commdn.OptimizeWaitTime, Goal: 600}
	GVP        = commdn.Dialing{Mode: commdn.DialPowerGVP, OptimizeBy: commdn.OptimizeOverdialRate, Goal: 3}
)

// To is the address of the application's requests to the OCS.
var To = commdn.Address{Origin: Application, Target: OCS}

// Scenario is that of a Rig: OCS dials 10 records a second, each is answered
// and over before the next one, and unloading takes a second. The clock stands
// still.
func Scenario() *scenario.Scenario {
	still := 0.0
	return &scenario.Scenario{
		Name: "rig", Seed: 1, Clock: scenario.Clock{Start: Midnight, Speed: &still},
		CommDNs: []scenario.CommDN{{Number: "CommDN_1"}},
		Applications: []scenario.Application{
			{DBID: OCS, Name: "OCS_201", Type: scenario.OutboundContactServer, Connections: []commdn.DBID{Application}, OCS: scenario.OCS{
				DialRate: 10, Preview: 20 * time.Millisecond, Ring: 20 * time.Millisecond, Talk: 20 * time.Millisecond,
				Results: scenario.Results{Answer: 1}, UnloadTime: time.Second,
			}},
			{DBID: Application, Name: "relay", Type: scenario.ThirdPartyServer},
		},
		Groups: []scenario.Group{{DBID: 7, Name: "Sales"}, {DBID: 8, Name: "Service"}},
		CallingLists: []scenario.CallingList{
			{DBID: ListA, Name: "A", Generate: scenario.Generate{Customers: 100}},
			{DBID: ListB, Name: "B", Generate: scenario.Generate{Customers: 50}},
			{DBID: ListC, Name: "C", Generate: scenario.Generate{Customers: 20}},
		},
		Campaigns: []scenario.Campaign{
			{DBID: 11, Name: "A", CallingLists: []commdn.DBID{ListA}},
			{DBID: 12, Name: "B", CallingLists: []commdn.DBID{ListB}},
			{DBID: 13, Name: "C", CallingLists: []commdn.DBID{ListC}},
		},
		CampaignGroups: []scenario.CampaignGroup{
			{Campaign: 11, Group: 7}, {Campaign: 12, Group: 7}, {Campaign: 13, Group: 7}, {Campaign: 11, Group: 8},
		},
	}
}

// Rig is an application, and the simulation that it talks to, whose clock moves
// only when the test moves it.
type Rig struct {
	*App
	*Sim
	fences int
}

// NewRig starts a Rig whose scenario may be changed. behaviour is that of its
// OCS.
func NewRig(t testing.TB, change func(s *scenario.Scenario, behaviour *scenario.OCS)) *Rig {
	t.Helper()
	sc := Scenario()
	if change != nil {
		change(sc, &sc.Applications[0].OCS)
	}
	s := Start(t, sc)
	return &Rig{App: Join(t, s), Sim: s}
}

// On is the same application on another CommDN.
func (r *Rig) On(commDN string) *Rig {
	r.t.Helper()
	return &Rig{App: Connect(r.t, commDN, r.Addr), Sim: r.Sim}
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
		l := r.HeardRaw()
		if isFence(l, fence) {
			return heard
		}
		heard = append(heard, Line(l))
	}
}

// isFence says whether OCS has put a customer on the list.
func isFence(l tkvlist.List, customer string) bool {
	properties, _ := l.List(commdn.KeyProperties)
	for _, p := range properties {
		echo, _ := p.Value.List()
		if text, _ := echo.Text(commdn.KeyCustomerID); strings.EqualFold(text, customer) {
			kind, _ := number(l, commdn.KeyMessageType)
			return kind == int(commdn.EvDoNotCallProcessed)
		}
	}
	return false
}

// Want is Do that fails the test unless it gives the lines.
func (r *Rig) Want(lines []string, requests ...commdn.Message) {
	r.t.Helper()
	if got := r.Do(requests...); !sameLines(got, lines, r.Strange) {
		r.t.Errorf("OCS says\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(lines, "\n\t"))
	}
}

// Advance moves the clock on.
func (r *Rig) Advance(d time.Duration) {
	r.t.Helper()
	if _, err := r.Control.Advance(Context(r.t), d); err != nil {
		r.t.Fatal(err)
	}
}

// Run moves the clock on and is Want of what OCS tells of it.
func (r *Rig) Run(d time.Duration, lines ...string) {
	r.t.Helper()
	r.Advance(d)
	r.Want(lines)
}

// State gives the state of a campaign group of the scenario.
func (r *Rig) State(id commdn.CampaignGroup) control.CampaignGroup {
	r.t.Helper()
	state, ok, err := r.Control.CampaignGroup(Context(r.t), id)
	if err != nil || !ok {
		r.t.Fatalf("no campaign group %s: %v", id, err)
	}
	return state
}

// Records gives all records of a calling list, in its order.
func (r *Rig) Records(list commdn.DBID) []control.Record {
	r.t.Helper()
	var all []control.Record
	for {
		page, err := r.Control.Records(Context(r.t), control.Query{List: list, Offset: len(all), Limit: control.MaxLimit})
		if err != nil {
			r.t.Fatal(err)
		}
		all = append(all, page.Records...)
		if len(all) == page.Total {
			return all
		}
	}
}

// Dialed gives the phones of a calling list that were dialed, in its order.
func (r *Rig) Dialed(list commdn.DBID) []string {
	r.t.Helper()
	var phones []string
	for _, record := range r.Records(list) {
		if record.Attempts > 0 {
			phones = append(phones, record.Phone)
		}
	}
	return phones
}

// List gives the Do Not Call list, oldest entry first.
func (r *Rig) List() []control.Entry {
	r.t.Helper()
	list, err := r.Control.DNC(Context(r.t))
	if err != nil {
		r.t.Fatal(err)
	}
	return list
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
