package sim

import (
	"commdn/protocol/commdn"
	"commdn/relay/sim/ocs"
)

// DefaultConfiguration gives the campaigns that an installation has when the
// options name none, the demo's: four campaigns, three groups, and calling
// lists of some hundred records that begin with the callers of the demo page.
// "Survey" is licensed for preview modes only, and 5550198822 is on an agent's
// desktop.
func DefaultConfiguration() ocs.Configuration {
	const (
		offers, renewals, reminders, survey = commdn.DBID(1001), commdn.DBID(1002), commdn.DBID(1003), commdn.DBID(1004)
		service, sales, voice               = commdn.DBID(501), commdn.DBID(502), commdn.DBID(503)
	)
	predictive := commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}
	progressive := commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeWaitTime, Goal: 10}
	preview := commdn.Dialing{Mode: commdn.DialPreview, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 75}
	gvp := commdn.Dialing{Mode: commdn.DialPowerGVP, OptimizeBy: commdn.OptimizeOverdialRate, Goal: 3}
	return ocs.Configuration{
		Campaigns: []ocs.Campaign{
			{DBID: offers, Name: "Autumn offers"}, {DBID: renewals, Name: "Renewals"},
			{DBID: reminders, Name: "Reminders"}, {DBID: survey, Name: "Survey"},
		},
		Groups: []ocs.Group{
			{DBID: service, Name: "Service"}, {DBID: sales, Name: "Sales"}, {DBID: voice, Name: "Voice platform"},
		},
		CampaignGroups: []ocs.CampaignGroup{
			{Campaign: offers, Group: sales, Dialing: predictive, Records: 400, List: []ocs.Record{
				{Phone: "5551234567", CustomerID: "C-1042", Chain: 1},
				{Phone: "5551234568", CustomerID: "C-1042", Chain: 1},
				{Phone: "5550198822", CustomerID: "C-2291", OnDesktop: true},
				{Phone: "5550133019"},
			}},
			{Campaign: offers, Group: service, Dialing: progressive, Records: 200},
			{Campaign: renewals, Group: sales, Dialing: predictive, Records: 300, List: []ocs.Record{
				{Phone: "5551234567", CustomerID: "C-1042"},
			}},
			{Campaign: renewals, Group: service, Dialing: progressive, Records: 200},
			{Campaign: reminders, Group: service, Dialing: progressive, Records: 250},
			{Campaign: reminders, Group: voice, Dialing: gvp, Records: 600},
			{Campaign: survey, Group: service, Dialing: preview, Records: 150,
				Licensed: []commdn.DialMode{commdn.DialPreview, commdn.DialPushPreview}},
		},
	}
}
