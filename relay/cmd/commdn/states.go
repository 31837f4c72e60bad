package main

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"commdn/protocol/commdn"
)

// groupState is what an event tells of a campaign group or a sequence.
type groupState struct {
	Event          string      `json:"event,omitempty"`
	Campaign       string      `json:"campaign,omitempty"` // the name, where it is known
	CampaignDBID   int32       `json:"campaign_dbid"`      // 0: a sequence
	Group          string      `json:"group,omitempty"`
	GroupDBID      int32       `json:"group_dbid"`
	OCS            int32       `json:"ocs,omitempty"`
	Status         string      `json:"status,omitempty"`
	DialMode       string      `json:"dial_mode,omitempty"`
	OptimizeBy     string      `json:"optimize_by,omitempty"`
	Goal           *int32      `json:"goal,omitempty"`
	AutoCompletion *bool       `json:"auto_completion,omitempty"`
	Description    string      `json:"description,omitempty"` // of a sequence
	Items          []itemState `json:"items,omitempty"`
}

// itemState is one item of a sequence.
type itemState struct {
	Campaign     string `json:"campaign,omitempty"`
	CampaignDBID int32  `json:"campaign_dbid"`
	Status       string `json:"status,omitempty"`
	DialMode     string `json:"dial_mode"`
	OptimizeBy   string `json:"optimize_by"`
	Goal         int32  `json:"goal"`
}

// same says whether s tells nothing that o has not told, whatever the event.
func (s groupState) same(o groupState) bool {
	s.Event, o.Event = "", ""
	return reflect.DeepEqual(s, o)
}

// result is what a command about a campaign prints.
type result struct {
	Command string `json:"command"`
	OK      bool   `json:"ok"`
	groupState
	Error   string `json:"error,omitempty"`
	Code    int32  `json:"code,omitempty"` // OCS's, where it refused
	Name    string `json:"name,omitempty"`
	Message string `json:"message,omitempty"`
}

// fail takes in why there is no success; nil is none.
func (r *result) fail(err error) {
	if err == nil {
		return
	}
	r.Error = err.Error()
	if fault, ok := errors.AsType[*commdn.Fault](err); ok {
		r.OCS, r.Code, r.Name, r.Message = int32(fault.Origin), int32(fault.Code), fault.Code.String(), fault.Message
	}
}

// state gives what an event tells; with none, what the target is.
func (t *target) state(e *commdn.CampaignEvent) groupState {
	if e == nil {
		e = &commdn.CampaignEvent{CampaignGroup: t.group}
	}
	s := groupState{
		Campaign: nameOf(e.Campaign, t.names.Campaigns), CampaignDBID: int32(e.Campaign),
		Group: nameOf(e.Group, t.names.Groups), GroupDBID: int32(e.CampaignGroup.Group), OCS: int32(e.Origin),
	}
	if e.Event != 0 {
		s.Event = e.Event.String()
	}
	if state, ok := e.State(); ok {
		s.Status = state.String()
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
	s.Description = e.Sequence.Description
	for _, it := range e.Sequence.Items {
		i := itemState{
			Campaign: nameOf(it.Campaign, t.names.Campaigns), CampaignDBID: int32(it.Campaign),
			DialMode: it.Mode.String(), OptimizeBy: it.OptimizeBy.String(), Goal: it.Goal,
		}
		if it.HasStatus {
			i.Status = it.Status.String()
		}
		s.Items = append(s.Items, i)
	}
	return s
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
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CAMPAIGN\tGROUP\tSTATUS\tMODE\tOPTIMIZE BY\tGOAL\tOCS")
	for _, row := range r.rows() {
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
	campaign := named(s.Campaign, s.CampaignDBID)
	if s.CampaignDBID == 0 {
		campaign = strings.TrimSpace("sequence " + s.Description)
	}
	group := named(s.Group, s.GroupDBID)
	rows := [][]string{{campaign, group, dash(s.Status), dash(s.DialMode), dash(s.OptimizeBy), dash(goal), strconv.Itoa(int(s.OCS))}}
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

// line is an event as watch prints it.
type line struct {
	Time time.Time `json:"time"`
	groupState
}

// print prints one event: as JSON, or in columns.
func (l line) print(out io.Writer, output string) error {
	if output == formatJSON || output == formatJSONL {
		return writeJSON(out, l)
	}
	var text strings.Builder
	for _, row := range l.rows() {
		fmt.Fprintf(&text, "%s  %s\n", l.Time.Format("15:04:05.000"), strings.TrimRight(l.Event+"  "+strings.Join(row, "  "), " "))
	}
	_, err := io.WriteString(out, text.String())
	return err
}
