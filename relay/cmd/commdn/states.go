package main

import (
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"commdn/protocol/commdn"
)

// groupState is what an event tells of a campaign group or a sequence. Every
// field is always there, so that a script finds it.
type groupState struct {
	Event          string      `json:"event"`           // the vendor's name of the answer or event
	Campaign       string      `json:"campaign"`        // its name; empty where it is not known
	CampaignDBID   int32       `json:"campaign_dbid"`   // 0: a sequence
	Group          string      `json:"group"`           // its name; empty where it is not known
	GroupDBID      int32       `json:"group_dbid"`      //
	OCS            int32       `json:"ocs"`             // DBID of the OCS that said it
	Status         string      `json:"status"`          // the vendor's name; empty where OCS did not tell it
	DialMode       string      `json:"dial_mode"`       // the vendor's name
	OptimizeBy     string      `json:"optimize_by"`     // the vendor's name
	Goal           *int32      `json:"goal"`            // percent, or seconds with wait-time; null where OCS did not tell it
	AutoCompletion *bool       `json:"auto_completion"` // null where OCS did not tell it
	Since          *time.Time  `json:"since"`           // since when the status is what it is; null where the relay does not know
	AsOf           *time.Time  `json:"as_of"`           // when the relay told the status; null without one
	Phase          string      `json:"phase"`           // of a sequence: not-loaded, loaded, running, stopped, finished or unloading
	Description    string      `json:"description"`     // of a sequence
	Start          *time.Time  `json:"start"`           // of a sequence
	Items          []itemState `json:"items"`           // of a sequence
}

// itemState is one item of a sequence.
type itemState struct {
	Campaign       string     `json:"campaign"`         // its name; empty where it is not known
	CampaignDBID   int32      `json:"campaign_dbid"`    //
	Status         string     `json:"status"`           // the vendor's name; empty where OCS did not tell it
	DialMode       string     `json:"dial_mode"`        // the vendor's name
	OptimizeBy     string     `json:"optimize_by"`      // the vendor's name
	Goal           int32      `json:"goal"`             // percent, or seconds with wait-time
	StopAtTime     *time.Time `json:"stop_at_time"`     // null: none
	StopAtContacts int32      `json:"stop_at_contacts"` // 0: none
	StopAtDials    int32      `json:"stop_at_dials"`    // 0: none
	WaitMinutes    int32      `json:"wait_minutes"`     // before this item
}

// same says whether s tells nothing that o has not told, whatever the event.
func (s groupState) same(o groupState) bool {
	s.Event, s.AsOf, s.Since, o.Event, o.AsOf, o.Since = "", nil, nil, "", nil, nil
	return reflect.DeepEqual(s, o)
}

// result is what a command about a campaign prints.
type result struct {
	Command string `json:"command"`
	failure
	groupState
	Changed *bool `json:"changed,omitempty"` // of ensure: whether anything was to be done
}

// statusOf gives the state that an event tells; nil tells none.
func statusOf(e *commdn.CampaignEvent) (s commdn.GroupStatus, known bool) {
	if e == nil {
		return 0, false
	}
	return e.State()
}

// Phases of a sequence. OCS has no state of its own for one that has ended: its
// campaigns are unloaded one after the other, and the sequence stays loaded.
const (
	phaseNotLoaded = "not-loaded"
	phaseUnloading = "unloading"
	phaseLoaded    = "loaded"
	phaseRunning   = "running"
	phaseStopped   = "stopped"
	phaseFinished  = "finished"
)

// phaseOf says how far a sequence is; "" for a campaign, and where OCS does not
// tell. One that was stopped in its first item looks like one that has not begun.
func phaseOf(e *commdn.CampaignEvent) string {
	status, known := statusOf(e)
	if !known || e.Campaign != 0 {
		return ""
	}
	switch status {
	case commdn.StatusNotLoaded:
		return phaseNotLoaded
	case commdn.StatusWaitingUnload, commdn.StatusUnloadInProgress:
		return phaseUnloading
	case commdn.StatusRunning:
		return phaseRunning
	}
	if e.Sequence == nil || len(e.Sequence.Items) == 0 {
		return phaseLoaded
	}
	over := 0 // items whose campaign is unloaded, or is being
	for _, it := range e.Sequence.Items {
		if it.HasStatus && it.Status < commdn.StatusInActive {
			over++
		}
	}
	switch over {
	case 0:
		return phaseLoaded
	case len(e.Sequence.Items):
		return phaseFinished
	}
	return phaseStopped
}

// state gives what an event tells; with none, what the target is.
func (t *target) state(e *commdn.CampaignEvent) groupState {
	if e == nil {
		e = &commdn.CampaignEvent{CampaignGroup: t.group}
	}
	s := t.names.state(e)
	s.Since = t.history.of(e)
	return s
}

// state gives what an event tells, with names.
func (n names) state(e *commdn.CampaignEvent) groupState {
	s := groupState{
		Campaign: nameOf(e.Campaign, n.Campaigns), CampaignDBID: int32(e.Campaign),
		Group: nameOf(e.Group, n.Groups), GroupDBID: int32(e.CampaignGroup.Group), OCS: int32(e.Origin),
		Phase: phaseOf(e), Items: []itemState{},
	}
	if e.Event != 0 {
		s.Event = e.Event.String()
	}
	if status, known := statusOf(e); known {
		now := time.Now().UTC()
		s.Status, s.AsOf = status.String(), &now
	}
	if e.Dialing != (commdn.Dialing{}) {
		goal := e.Goal
		s.DialMode, s.OptimizeBy, s.Goal = e.Mode.String(), e.OptimizeBy.String(), &goal
	}
	if e.AutoCompletion != commdn.AutoCompletionUnset {
		on := e.AutoCompletion == commdn.AutoCompletionOn
		s.AutoCompletion = &on
	}
	if e.Sequence == nil {
		return s
	}
	s.Description, s.Start = e.Sequence.Description, instant(e.Sequence.Start)
	for _, it := range e.Sequence.Items {
		i := itemState{
			Campaign: nameOf(it.Campaign, n.Campaigns), CampaignDBID: int32(it.Campaign),
			DialMode: it.Mode.String(), OptimizeBy: it.OptimizeBy.String(), Goal: it.Goal,
			StopAtTime: instant(it.StopAtTime), StopAtContacts: it.StopAtContacts, StopAtDials: it.StopAtDials, WaitMinutes: it.SleepBeforeNextStart,
		}
		if it.HasStatus {
			i.Status = it.Status.String()
		}
		s.Items = append(s.Items, i)
	}
	return s
}

// instant gives UTC seconds as a time, 0 as none.
func instant(seconds int64) *time.Time {
	if seconds == 0 {
		return nil
	}
	t := time.Unix(seconds, 0).UTC()
	return &t
}

// printStates prints a result. A table has a line for the campaign group, or
// for a sequence and each of its items, and nothing for a failure.
func printStates(out io.Writer, output string, r result) error {
	if output == formatJSON || output == formatJSONL {
		return writeJSON(out, r)
	}
	if !r.OK {
		return nil
	}
	return printTable(out, r.rows())
}

const tableHead = "CAMPAIGN\tGROUP\tSTATUS\tMODE\tOPTIMIZE BY\tGOAL\tOCS"

func printTable(out io.Writer, rows [][]string) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, tableHead)
	for _, row := range rows {
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	return table.Flush()
}

// rows gives the columns of a table.
func (s groupState) rows() [][]string {
	goal := ""
	if s.Goal != nil {
		goal = strconv.Itoa(int(*s.Goal))
	}
	campaign, status := named(s.Campaign, s.CampaignDBID), s.Status
	if s.CampaignDBID == 0 {
		campaign = strings.TrimSpace("sequence " + s.Description)
		if s.Phase == phaseFinished || s.Phase == phaseStopped {
			status += " (" + s.Phase + ")"
		}
	}
	group := named(s.Group, s.GroupDBID)
	rows := [][]string{{campaign, group, dash(status), dash(s.DialMode), dash(s.OptimizeBy), dash(goal), strconv.Itoa(int(s.OCS))}}
	for n, i := range s.Items {
		rows = append(rows, []string{
			strconv.Itoa(n+1) + " " + named(i.Campaign, i.CampaignDBID), group, dash(i.Status), i.DialMode, i.OptimizeBy, strconv.Itoa(int(i.Goal)), "",
		})
	}
	return rows
}

// named gives a name with its DBID.
func named(name string, id int32) string {
	if name == "" {
		return strconv.Itoa(int(id))
	}
	return name + " (" + strconv.Itoa(int(id)) + ")"
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
