package ui_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"commdn/components/lang"
	"commdn/components/lang/langtest"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/components/uitest"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

var english = lang.New("en", langtest.Plain{In: time.UTC})

var (
	to     = commdn.Address{Target: 201}
	spring = commdn.CampaignGroup{Campaign: 12, Group: 9}
	other  = commdn.CampaignGroup{Campaign: 77, Group: 78}
	nord   = commdn.CampaignGroup{Group: 9}
)

// named is a session that knows the names of spring.
func named(t *testing.T) *session.Session {
	t.Helper()
	c := uitest.NewClient(uitest.Connected)
	c.SetDirectory(frame.Directory{Campaigns: []frame.Named{{DBID: 12, Name: "Spring"}}, Groups: []frame.Named{{DBID: 9, Name: "Nord"}}})
	s := session.New(c, func() time.Time { return uitest.Noon })
	t.Cleanup(s.Close)
	known := make(chan struct{}, 1)
	t.Cleanup(s.Watch(func(session.Change) {
		select {
		case known <- struct{}{}:
		default:
		}
	}))
	t.Cleanup(s.WatchCampaigns())
	for s.CampaignName(12) == "" {
		<-known
	}
	return s
}

func TestRequest(t *testing.T) {
	s := named(t)
	for _, c := range []struct {
		req  commdn.Request
		want string
	}{
		{&commdn.DoNotCall{Phone: "555"}, "Do not call 555"},
		{&commdn.DoNotCall{CustomerID: "C-42", Chain: commdn.AllChain}, "Do not call customer C-42"},
		{&commdn.DoNotCall{Phone: "555", CustomerID: "C-42", Chain: commdn.RecordOnly}, "Do not call 555 (customer C-42), this record only"},
		{&commdn.DoNotCall{Phone: "{id}", CustomerID: "{phone}"}, "Do not call {id} (customer {phone})"},
		{&commdn.CancelRecord{Phone: "555"}, "Cancel the records of 555"},
		{&commdn.CancelRecord{Phone: "555", Campaign: "Spring", Chain: commdn.RecordOnly}, "Cancel the records of 555 in Spring, this record only"},
		{&commdn.LoadCampaign{Address: to, CampaignGroup: spring}, "Load Spring · Nord"},
		{&commdn.UnloadCampaign{Address: to, CampaignGroup: spring}, "Unload Spring · Nord"},
		{&commdn.ForceUnloadCampaign{Address: to, CampaignGroup: other}, "Force unload of 77 · 78"},
		{&commdn.StartDialing{Address: to, CampaignGroup: nord}, "Start the sequence of Nord"},
		{&commdn.StopDialing{Address: to, CampaignGroup: commdn.CampaignGroup{Group: 78}}, "Stop the sequence of 78"},
		{&commdn.SetDialingMode{Address: to, CampaignGroup: spring}, "Change mode and goal of Spring · Nord"},
		{&commdn.GetCampaignStatus{Address: to, CampaignGroup: spring}, "Status of Spring · Nord"},
	} {
		if got := ui.Request(s, english, c.req); got != c.want {
			t.Errorf("%T: %q, want %q", c.req, got, c.want)
		}
	}
}

func TestOutcome(t *testing.T) {
	s := named(t)
	dnc, cancel, load := &commdn.DoNotCall{Phone: "555"}, &commdn.CancelRecord{Phone: "555"}, &commdn.LoadCampaign{Address: to, CampaignGroup: spring}
	for _, c := range []struct {
		req     commdn.Request
		outcome session.Outcome
		word    string
		want    string
	}{
		{dnc, session.Sending, "Sending", "Sending: Do not call 555"},
		{dnc, session.Waiting, "Waiting", "Waiting for the connection; then it is sent, if this page stays open: Do not call 555"},
		{dnc, session.Done, "Done", "555 is on the Do Not Call list"},
		{dnc, session.Refused, "Refused", "Refused: Do not call 555"},
		{dnc, session.NoAnswer, "No answer", "No answer: Do not call 555. Whether OCS has done it is not known."},
		{dnc, session.NotSent, "Not sent", "Not sent: Do not call 555"},
		{cancel, session.Done, "Done", "The records of 555 are cancelled"},
		{cancel, session.Incomplete, "Incomplete", "Partly done: Cancel the records of 555. Records on an agent's desktop stay."},
		{load, session.Done, "Done", "Done: Load Spring · Nord"},
	} {
		if got := ui.Outcome(s, english, session.Entry{Req: c.req, Outcome: c.outcome}); got != c.want {
			t.Errorf("%T %s: %q, want %q", c.req, c.outcome, got, c.want)
		}
		if got := ui.Word(english, c.outcome); got != c.word {
			t.Errorf("%s: %q, want %q", c.outcome, got, c.word)
		}
	}
}

func TestWhy(t *testing.T) {
	noAnswer := func(err error) error { return &client.NoAnswerError{Sent: true, Err: err} }
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{&commdn.Fault{Code: commdn.ErrorCampaignNotLoaded, Message: "not loaded"}, "The campaign is not loaded. Load it first. [CM_ERROR_CAMPAIGN_NOT_LOADED (4): not loaded]"},
		{&commdn.Fault{Code: commdn.ErrorLicenseViolation}, "There is no licence left for this dialing mode. [CM_ERROR_LICENSE_VIOLATION (15)]"},
		{&commdn.Fault{Code: 99, Message: "<b>"}, "OCS does not explain this error further. [99 (99): <b>]"},
		{fmt.Errorf("within: %w", &commdn.Fault{Code: -1}), "OCS does not explain this error further. [-1 (-1)]"},
		{&frame.Refusal{Code: frame.RefusedForbidden, Message: "needs the role supervisor"}, "You do not have the right to do this. [needs the role supervisor]"},
		{&frame.Refusal{Code: 99}, "The relay refused the request."},
		{noAnswer(client.ErrTimeout), "No answer came in time."},
		{noAnswer(context.DeadlineExceeded), "No answer came in time."},
		{noAnswer(client.ErrLost), "The connection was lost before an answer came."},
		{noAnswer(client.ErrClosed), "The page has closed the connection."},
		{noAnswer(client.ErrNotConnected), "There is no connection to the relay."},
		{noAnswer(context.Canceled), "The page has given up waiting."},
		{noAnswer(&client.AnswerError{What: "GSW_PHONE: is missing"}), "The answer could not be understood. GSW_PHONE: is missing"},
		{noAnswer(&frame.CloseError{Code: frame.CloseTokenRefused}), "connection closed: token refused (4507)"},
		{client.ErrBusy, "Too many requests are under way. Wait a moment."},
		{errors.New("anything else"), "anything else"},
	} {
		if got := ui.Why(english, c.err).String(); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}

// TestEveryCodeHasItsText compares the texts, which the code counts through, with the
// vendor's numbers.
func TestEveryCodeHasItsText(t *testing.T) {
	all := map[string]bool{}
	for code := commdn.ErrorServerConnected; code <= commdn.ErrorLicenseViolation; code++ {
		all[ui.Why(english, &commdn.Fault{Code: code}).Meaning] = true
	}
	for code := frame.RefusedInvalid; code <= frame.RefusedRateLimited; code++ {
		all[ui.Why(english, &frame.Refusal{Code: code}).Meaning] = true
	}
	if len(all) != 15+8 {
		t.Errorf("%d texts", len(all))
	}
	for code, piece := range map[commdn.ErrorCode]string{
		commdn.ErrorServerConnected: "a server", commdn.ErrorRegisterClient: "register", commdn.ErrorCampaignNotFound: "does not know this campaign",
		commdn.ErrorCampaignAlreadyLoaded: "loaded already", commdn.ErrorCampaignNotStarted: "is not running", commdn.ErrorCampaignAlreadyStarted: "running already",
		commdn.ErrorGroupNotFound: "does not know this group", commdn.ErrorGroupCampNotFound: "not set up", commdn.ErrorInvalidParameter: "one of the values",
		commdn.ErrorInvalidCampaignMode: "mode or goal", commdn.ErrorInvalidCampaignSchedule: "the sequence", commdn.ErrorCampaignScheduleNotFound: "does not know this sequence",
		commdn.ErrorInvalidCampaignScheduleMode: "mode in the sequence", commdn.ErrorLicenseViolation: "licence",
	} {
		if got := ui.Why(english, &commdn.Fault{Code: code}).Meaning; !strings.Contains(got, piece) {
			t.Errorf("%s is explained as %q", code, got)
		}
	}
	for code, piece := range map[frame.RefusalCode]string{
		frame.RefusedInvalid: "wrong", frame.RefusedUnsupported: "of this kind", frame.RefusedLinkDown: "no link", frame.RefusedNoAnswer: "did not answer",
		frame.RefusedBusy: "are under way", frame.RefusedTServer: "T-Server refused", frame.RefusedForbidden: "right", frame.RefusedRateLimited: "too short a time",
	} {
		if got := ui.Why(english, &frame.Refusal{Code: code}).Meaning; !strings.Contains(got, piece) {
			t.Errorf("%s is explained as %q", code, got)
		}
	}
}

func TestCampaignWords(t *testing.T) {
	for status, want := range map[commdn.GroupStatus]string{
		commdn.StatusNotLoaded: "Not loaded", commdn.StatusWaitingUnload: "Waiting to unload", commdn.StatusUnloadInProgress: "Unloading",
		commdn.StatusInActive: "Inactive", commdn.StatusActive: "Loaded", commdn.StatusRunning: "Running", 6: "State 6", session.Unknown: "Unknown",
	} {
		if got := ui.State(english, status); got != want {
			t.Errorf("state %d is %q, want %q", status, got, want)
		}
	}
	modes := map[commdn.DialMode]string{
		commdn.DialPredict: "Predictive", commdn.DialProgress: "Progressive", commdn.DialPreview: "Preview",
		commdn.DialProgressAndSeize: "Progressive with engage", commdn.DialPredictAndSeize: "Predictive with engage",
		commdn.DialPushPreview: "Push preview", commdn.DialProgressGVP: "Progressive GVP", commdn.DialPowerGVP: "Power GVP",
	}
	if len(ui.Modes) != len(modes) {
		t.Errorf("%d modes are offered", len(ui.Modes))
	}
	for _, m := range ui.Modes {
		if got := ui.Mode(english, m); got != modes[m] || !m.Known() {
			t.Errorf("mode %d is %q, want %q", m, got, modes[m])
		}
	}
	if got := ui.Mode(english, 6); got != "Mode 6" {
		t.Errorf("mode 6 is %q", got)
	}
	if got := ui.Mode(english, 0); got != "Unknown" {
		t.Errorf("a mode that OCS did not tell is %q", got)
	}
	for _, c := range []struct {
		by           commdn.OptimizeBy
		goal, method string
	}{
		{commdn.OptimizeBusyFactor, "80 % busy", "Busy factor (%)"}, {commdn.OptimizeOverdialRate, "80 % overdial", "Overdial rate (%)"},
		{commdn.OptimizeWaitTime, "80 s wait", "Wait time (s)"}, {4, "Goal 80", "4"}, {0, "Unknown", "Unknown"}, // 0: not told
	} {
		if got := ui.Goal(english, commdn.Dialing{OptimizeBy: c.by, Goal: 80}); got != c.goal {
			t.Errorf("goal %d is %q", c.by, got)
		}
		if got := ui.Method(english, c.by); got != c.method {
			t.Errorf("method %d is %q", c.by, got)
		}
	}
	for _, m := range ui.Methods {
		if !m.Known() {
			t.Errorf("method %d is offered", m)
		}
	}
}

func TestShort(t *testing.T) {
	for value, want := range map[string]string{
		"": "", "abc": "abc", strings.Repeat("a", 32): strings.Repeat("a", 32), strings.Repeat("é", 33): strings.Repeat("é", 32) + "…",
		strings.Repeat("🙂", 10_000): strings.Repeat("🙂", 32) + "…",
	} {
		if got := ui.Short(value); got != want {
			t.Errorf("%.20q is shown as %q", value, got)
		}
	}
}
