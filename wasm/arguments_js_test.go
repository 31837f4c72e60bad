//go:build js && wasm

package wasm

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hack-pad/safejs"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// parse makes a JavaScript value from JSON.
func parse(t *testing.T, text string) safejs.Value {
	t.Helper()
	v, err := get(t, safejs.Global(), "JSON").Call("parse", text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

const dialing = `"dialing":{"mode":1,"optimizeBy":3,"goal":20}`

var dialed = commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeWaitTime, Goal: 20}

// TestReadRequest: a host page's arguments become requests, compared as they go to OCS.
func TestReadRequest(t *testing.T) {
	at, of := commdn.Address{Target: 201}, commdn.CampaignGroup{Campaign: 1001, Group: 502}
	inGroup := commdn.CampaignGroup{Group: 502}
	start := time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC)
	seq := &commdn.Sequence{Description: "Friday", Start: start.Unix(), Items: []commdn.SequenceItem{
		{Campaign: 1001, Dialing: dialed, StopAtTime: start.Unix() + 3600, SleepBeforeNextStart: 5},
		{Campaign: 1002, Dialing: dialed, StopAtContacts: 50, StopAtDials: 100},
	}}
	const sequence = `"sequence":{"description":"Friday","start":"2026-03-14T16:00:00.000+01:00","items":[
		{"campaign":1001,` + dialing + `,"stopAtTime":1773504000,"sleepMinutes":5},
		{"campaign":1002,` + dialing + `,"stopAtTime":"","stopAtContacts":50,"stopAtDials":100,"status":4,"statusName":"CM_GCS_Active"}]}`
	subject := `"target":201,"campaign":1001,"group":502`
	for _, c := range []struct {
		method, args string
		want         commdn.Request
	}{
		{"doNotCall", `{"phone":"+1 555"}`, &commdn.DoNotCall{Phone: "+1 555"}},
		{
			"doNotCall", `{"phone":"1","customerId":"C-1","chain":"RecordOnly","target":201}`,
			&commdn.DoNotCall{Address: at, Phone: "1", CustomerID: "C-1", Chain: commdn.RecordOnly},
		},
		{"doNotCall", `{"phone":"1","undo":5}`, &commdn.DoNotCall{Phone: "1"}},
		{"doNotCall", `{"phone":null,"customerId":"C-1"}`, &commdn.DoNotCall{CustomerID: "C-1"}},
		{"cancelRecord", `{"customerId":"C-1"}`, &commdn.CancelRecord{CustomerID: "C-1"}}, // whether the relay takes it is another matter
		{
			"cancelRecord", `{"phone":"1","campaignName":"Renewals","chain":"AllChain"}`,
			&commdn.CancelRecord{Phone: "1", Campaign: "Renewals", Chain: commdn.AllChain},
		},
		{
			"loadCampaign", `{` + subject + `,` + dialing + `,"autoCompletion":false,"priority":{"general":{"priority":2,"records":3}}}`,
			&commdn.LoadCampaign{
				Address: at, CampaignGroup: of, Dialing: dialed, AutoCompletion: commdn.AutoCompletionOff,
				Priority: &commdn.DialingPriority{General: &commdn.Priority{Priority: 2, Records: 3}},
			},
		},
		{
			"startDialing", `{` + subject + `,` + dialing + `,"autoCompletion":true}`,
			&commdn.StartDialing{Address: at, CampaignGroup: of, Dialing: dialed, AutoCompletion: commdn.AutoCompletionOn},
		},
		{"setDialingMode", `{` + subject + `,` + dialing + `}`, &commdn.SetDialingMode{Address: at, CampaignGroup: of, Dialing: dialed}},
		{"stopDialing", `{` + subject + `}`, &commdn.StopDialing{Address: at, CampaignGroup: of}},
		{"unloadCampaign", `{` + subject + `}`, &commdn.UnloadCampaign{Address: at, CampaignGroup: of}},
		{"forceUnloadCampaign", `{` + subject + `}`, &commdn.ForceUnloadCampaign{Address: at, CampaignGroup: of}},
		{"getCampaignStatus", `{` + subject + `}`, &commdn.GetCampaignStatus{Address: at, CampaignGroup: of}},
		{
			"loadCampaign", `{"group":502,"target":201,` + dialing + `,` + sequence + `}`,
			&commdn.LoadCampaign{Address: at, CampaignGroup: inGroup, Dialing: dialed, Sequence: seq},
		},
		{
			"stopDialing", `{"group":502,"target":201,` + sequence + `}`,
			&commdn.StopDialing{Address: at, CampaignGroup: inGroup, Sequence: seq},
		},
	} {
		got, window, err := readRequest(c.method, parse(t, c.args), Campaigns())
		if err == nil {
			err = got.Validate()
		}
		if want := strings.Contains(c.args, "undo"); want != (window == 5*time.Second) || !want && window != 0 {
			t.Errorf("%s %s: a window of %s", c.method, c.args, window)
		}
		if err != nil {
			t.Errorf("%s %s: %v", c.method, c.args, err)
			continue
		}
		if !tkvlist.Equal(got.UserData(), c.want.UserData()) {
			t.Errorf("%s %s is\n%+v\nwant\n%+v", c.method, c.args, got.UserData(), c.want.UserData())
		}
	}
}

// TestReadRequestRefuses: the error names the wrong argument, and nothing is guessed.
func TestReadRequestRefuses(t *testing.T) {
	for _, c := range []struct{ method, args, argument string }{
		{"doNotCall", `{}`, "phone"},
		{"doNotCall", `5`, "arguments"},
		{"doNotCall", `"5551234567"`, "arguments"},
		{"doNotCall", `null`, "arguments"},
		{"doNotCall", `["1"]`, "0"},
		{"doNotCall", `{"phone":5551234567}`, "phone"},
		{"doNotCall", `{"phone":["1"]}`, "phone"},
		{"doNotCall", `{"phone":"1","customerID":"C-1"}`, "customerID"},
		{"doNotCall", `{"phone":"1","chain":"Everything"}`, "chain"},
		{"doNotCall", `{"phone":"1","target":"201"}`, "target"},
		{"doNotCall", `{"phone":"1","target":1.5}`, "target"},
		{"doNotCall", `{"phone":"1","target":99999999999}`, "target"},
		{"doNotCall", `{"phone":"1","campaignName":"A"}`, "campaignName"},
		{"cancelRecord", `{"campaignName":"Renewals"}`, "phone"},
		{"loadCampaign", `{"target":201,` + dialing + `}`, "group"},
		{"loadCampaign", `{"target":201,"group":1,` + dialing + `}`, "campaign"},
		{"loadCampaign", `{"target":201,"campaign":1,"group":1}`, "dialing.mode"},
		{"loadCampaign", `{"target":201,"campaign":1,"group":1,"dialing":7}`, "dialing"},
		{"loadCampaign", `{"target":201,"campaign":1,"group":1,"dialing":{"mode":"1"}}`, "dialing.mode"},
		{"loadCampaign", `{"target":201,"campaign":1,"group":1,"dialing":{"mode":1,"optimizeBy":1,"goal":101}}`, "dialing.goal"},
		{"loadCampaign", `{"target":201,"campaign":1,"group":1,"dialing":{"mode":1,"optimizeBy":1,"gaol":1}}`, "dialing.gaol"},
		{"loadCampaign", `{"target":201,"campaign":1,"group":1,` + dialing + `,"autoCompletion":1}`, "autoCompletion"},
		{"loadCampaign", `{"target":201,"campaign":1,"group":1,` + dialing + `,"priority":{}}`, "priority"},
		{"loadCampaign", `{"target":201,"campaign":1,"group":1,` + dialing + `,"priority":{"general":{"rank":1}}}`, "priority.general.rank"},
		{"stopDialing", `{"target":201,"campaign":1,"group":1,` + dialing + `}`, "dialing"},
		{"doNotCall", `{"phone":"1","undo":-1}`, "undo"},
		{"doNotCall", `{"phone":"1","undo":61}`, "undo"},
		{"doNotCall", `{"phone":"1","undo":2.5}`, "undo"},
		{"stopDialing", `{"target":201,"campaign":1,"group":1,"undo":5}`, "undo"}, // nobody takes it back
		{"stopDialing", `{"group":1,"sequence":5}`, "sequence"},
		{"stopDialing", `{"group":1,"sequence":{"start":5}}`, "sequence.items"},
		{"stopDialing", `{"group":1,"sequence":{"start":5,"items":{}}}`, "nItems"},
		{"stopDialing", `{"group":1,"sequence":{"start":5,"items":{"length":5}}}`, "sequence.items[0]"},
		{"stopDialing", `{"group":1,"sequence":{"start":5,"items":[1]}}`, "sequence.items[0]"},
		{"stopDialing", `{"group":1,"sequence":{"start":5,"items":[{"campaing":1}]}}`, "sequence.items[0].campaing"},
		{"stopDialing", `{"group":1,"sequence":{"start":"tomorrow","items":[]}}`, "sequence.start"},
		{"stopDialing", `{"group":1,"sequence":{"start":"2026-03-14T15:00","items":[]}}`, "sequence.start"}, // no zone
		{"stopDialing", `{"group":1,"sequence":{"start":"2026-03-14","items":[]}}`, "sequence.start"},
		{"stopDialing", `{"group":1,"sequence":{"start":1.5,"items":[]}}`, "sequence.start"},
		{"stopDialing", `{"group":1,"sequence":{"start":1,"items":[` + strings.Repeat(`{},`, 64) + `{}]}}`, "sequence.items"},
		{"hangUp", `{}`, "hangUp"},
	} {
		req, _, err := readRequest(c.method, parse(t, c.args), Campaigns())
		if err == nil {
			err = req.Validate()
		}
		if err == nil {
			t.Errorf("%s %s was taken", c.method, c.args)
			continue
		}
		var got struct{ Class, Message, Argument string }
		if err := json.Unmarshal(argumentFailure(err), &got); err != nil {
			t.Fatal(err)
		}
		if got.Class != "ArgumentError" || got.Argument != c.argument || !strings.HasPrefix(got.Message, c.argument) {
			t.Errorf("%s %s fails with %+v, want argument %s", c.method, c.args, got, c.argument)
		}
	}
}

// TestFailure: each kind of failure has its class.
func TestFailure(t *testing.T) {
	in, err := newIntl("en")
	if err != nil {
		t.Fatal(err)
	}
	conn := &connection{lang: lang.New("en", in)}
	for _, c := range []struct {
		entry session.Entry
		want  map[string]any
	}{
		{
			session.Entry{Outcome: session.Refused, Err: &commdn.Fault{Code: commdn.ErrorInvalidParameter}},
			map[string]any{"class": "OcsError", "code": 10.0, "ocsName": "CM_ERROR_INVALID_PARAMETER"},
		},
		{
			session.Entry{Outcome: session.NotSent, Err: &frame.Refusal{Code: frame.RefusedForbidden, Message: "no"}},
			map[string]any{"class": "RelayError", "refusal": "forbidden", "retry": false},
		},
		{
			session.Entry{Outcome: session.NoAnswer, Err: &frame.Refusal{Code: frame.RefusedNoAnswer}},
			map[string]any{"class": "NoAnswerError", "sent": true, "timeout": true},
		},
		{
			session.Entry{Outcome: session.NoAnswer, Err: &client.NoAnswerError{Sent: true, Err: client.ErrTimeout}},
			map[string]any{"class": "NoAnswerError", "sent": true, "timeout": true},
		},
		{
			session.Entry{Outcome: session.NotSent, Err: &client.NoAnswerError{Err: client.ErrNotConnected}},
			map[string]any{"class": "NoAnswerError", "sent": false, "timeout": false},
		},
		{
			session.Entry{Outcome: session.NotSent, Err: &client.NoAnswerError{Err: client.ErrClosed}},
			map[string]any{"class": "ClosedError"},
		},
		{session.Entry{Outcome: session.NotSent, Err: client.ErrBusy}, map[string]any{"class": "CommdnError"}},
		{session.Entry{Outcome: session.NotSent, Err: errors.New("odd")}, map[string]any{"class": "CommdnError"}},
	} {
		var got map[string]any
		if err := json.Unmarshal(conn.failure(c.entry), &got); err != nil {
			t.Fatal(err)
		}
		if got["message"] == "" {
			t.Errorf("%v: no message", c.entry.Err)
		}
		delete(got, "message")
		if len(got) != len(c.want) {
			t.Errorf("%v became %v, want %v", c.entry.Err, got, c.want)
		}
		for k, v := range c.want {
			if got[k] != v {
				t.Errorf("%v became %v, want %v", c.entry.Err, got, c.want)
			}
		}
	}
}
