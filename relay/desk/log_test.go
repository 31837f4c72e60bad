package desk_test

import (
	"context"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/desk"
	"commdn/relay/internal/maskhash"
	"commdn/relay/link"
)

// faulty is an OCS that refuses everything.
func faulty(_ context.Context, req commdn.Request, _ func(), answer func(link.Answer, bool)) *frame.Refusal {
	answer(link.Answer{Message: &commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: commdn.ErrorInvalidParameter}}, true)
	return nil
}

// Each request has one line at its end that says who asked for what, from where,
// and what came of it: the number is masked, and its hash finds it.
func TestLog(t *testing.T) {
	key := maskhash.NewKey()
	who := `subject=ann person=Ann door=test address=\S+ `
	number := regexp.QuoteMeta("phone=*******001 phone_hash=" + key.Of("5550100001"))
	customer := regexp.QuoteMeta(" customer=**23 customer_hash=" + key.Of("K-23"))
	none := &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "OCS 201 did not answer"}
	for _, x := range []struct {
		name   string
		answer func(context.Context, commdn.Request, func(), func(link.Answer, bool)) *frame.Refusal
		data   tkvlist.List
		want   string
	}{
		{"done", acknowledge, (&commdn.DoNotCall{Phone: "5550100001", CustomerID: "K-23"}).UserData(),
			`level=INFO msg=answered session=1 key=k request=CM_ReqDoNotCall ` + number + customer + ` ` + who + `outcome=done ms=[\d.]+ message=`},
		{"refused by OCS", faulty, (&commdn.DoNotCall{Address: commdn.Address{Target: 201}, Phone: "5550100001"}).UserData(),
			`level=WARN msg="refused by OCS" session=1 key=k request=CM_ReqDoNotCall ` + number + ` ocs=201 ` + who + `outcome=fault ms=[\d.]+ message="CM_EvError`},
		{"no answer", func(context.Context, commdn.Request, func(), func(link.Answer, bool)) *frame.Refusal { return none },
			dnc("5550100001"), `level=WARN msg=refused session=1 key=k request=CM_ReqDoNotCall ` + number + ` ` + who + `outcome=refused code=no-answer ms=[\d.]+ reason="OCS 201 did not answer"`},
		{"not readable", acknowledge, tkvlist.List{}, `level=WARN msg=refused session=1 key=k ` + who + `outcome=refused code=invalid ms=0 reason=`},
		{"a campaign", faulty, (&commdn.StartDialing{CampaignGroup: commdn.CampaignGroup{Campaign: 1001, Group: 502}, Dialing: commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}}).UserData(),
			`level=WARN msg="refused by OCS" session=1 key=k request=CM_ReqStartDialing asked="CM_ReqStartDialing .*1001/502.*" ocs=201 ` + who + `outcome=fault`},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := newRig(t, desk.NewMemory(), func(o *desk.Options) { o.Hash = key }, &ocs{answer: x.answer})
			ticket, _, refusal := r.Submit(t.Context(), desk.Submission{Key: "k", Actor: ann(), Source: source(), Data: x.data})
			if refusal == nil {
				last(t, ticket)
			}
			r.Close()
			lines := strings.Split(strings.TrimSpace(r.log.String()), "\n")
			if len(lines) != 1 || !regexp.MustCompile(x.want).MatchString(lines[0]) {
				t.Errorf("got  %s\nwant %s", r.log, x.want)
			}
			if strings.Contains(r.log.String(), "5550100001") || strings.Contains(r.log.String(), "K-23") {
				t.Error("the log has the number or the customer")
			}
		})
	}
}

// A status that the relay knew is told to who reads everything.
func TestLogKnown(t *testing.T) {
	for _, x := range []struct {
		level slog.Level
		lines int
	}{{slog.LevelInfo, 0}, {slog.LevelDebug, 1}} {
		log := &strings.Builder{}
		r := newRig(t, desk.NewMemory(), func(o *desk.Options) {
			o.Log = slog.New(slog.NewTextHandler(&lockedWriter{w: log}, &slog.HandlerOptions{Level: x.level}))
		}, &ocs{answer: acknowledge})
		about := commdn.CampaignGroup{Campaign: 1001, Group: 502}
		if _, err := r.cache.Note("a", &commdn.CampaignEvent{
			Address: commdn.Address{Origin: 201}, Event: commdn.EvCampaignStatus, HasStatus: true, Status: commdn.StatusRunning, CampaignGroup: about,
			Dialing: commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
		}); err != nil {
			t.Fatal(err)
		}
		data := (&commdn.GetCampaignStatus{Address: commdn.Address{Target: 201}, CampaignGroup: about}).UserData()
		ticket, _, refusal := r.Submit(t.Context(), desk.Submission{Key: "k", Actor: ann(), Source: source(), Data: data})
		if refusal != nil {
			t.Fatal(refusal)
		}
		last(t, ticket)
		if n := strings.Count(log.String(), "outcome=known"); n != x.lines {
			t.Errorf("at %s: %d lines, want %d: %s", x.level, n, x.lines, log)
		}
	}
}
