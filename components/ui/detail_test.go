package ui_test

import (
	"reflect"
	"testing"
	"time"

	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// TestDetail compares the details for host pages word for word.
func TestDetail(t *testing.T) {
	asked := time.Date(2026, 3, 4, 13, 0, 0, 0, time.FixedZone("", 3600))
	at := asked.Add(1500 * time.Millisecond)
	const askedISO, atISO = "2026-03-04T12:00:00.000Z", "2026-03-04T12:00:01.500Z"
	processed := &commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201}}
	fault := &commdn.Fault{Address: commdn.Address{Origin: 202}, Code: commdn.ErrorInvalidParameter, Message: "bad phone"}
	const faultText = "OCS says that one of the values is wrong. Check the number, the customer and the campaign. [CM_ERROR_INVALID_PARAMETER (10): bad phone]"
	dnc := &commdn.DoNotCall{Phone: "555", CustomerID: "C-42", Chain: commdn.RecordOnly}
	cancel := &commdn.CancelRecord{Phone: "555", Campaign: "Spring"}
	for _, c := range []struct {
		entry session.Entry
		want  map[string]any
	}{
		{session.Entry{ID: 1, Req: dnc, Outcome: session.Waiting}, map[string]any{
			"id": 1, "request": "CM_ReqDoNotCall", "state": "waiting", "phone": "555", "customerId": "C-42", "chain": "RecordOnly",
		}},
		{session.Entry{ID: 2, Req: dnc, Outcome: session.Refused, Err: fault, Answers: []commdn.Message{processed, fault}}, map[string]any{
			"id": 2, "request": "CM_ReqDoNotCall", "state": "refused", "phone": "555", "customerId": "C-42", "chain": "RecordOnly",
			"ok": false, "message": faultText, "code": 10, "name": "CM_ERROR_INVALID_PARAMETER", "ocs": []any{
				map[string]any{"dbid": 201, "ok": true},
				map[string]any{"dbid": 202, "ok": false, "code": 10, "name": "CM_ERROR_INVALID_PARAMETER", "message": "bad phone"},
			},
		}},
		{session.Entry{ID: 3, Req: cancel, Outcome: session.Incomplete, Answers: []commdn.Message{
			&commdn.RecordCanceled{Address: commdn.Address{Origin: 201}}, &commdn.RecordCanceled{Address: commdn.Address{Origin: 202}, Message: commdn.IncompleteMessage},
		}}, map[string]any{
			"id": 3, "request": "CM_ReqCancelRecord", "state": "incomplete", "phone": "555", "customerId": "", "chain": "", "campaignName": "Spring",
			"ok": true, "ocs": []any{map[string]any{"dbid": 201, "ok": true, "incomplete": false}, map[string]any{"dbid": 202, "ok": true, "incomplete": true}},
		}},
		{session.Entry{ID: 4, Req: &commdn.StartDialing{Address: to, CampaignGroup: spring}, Outcome: session.NotSent,
			Err: &frame.Refusal{Code: frame.RefusedLinkDown, Message: "no link"}}, map[string]any{
			"id": 4, "request": "CM_ReqStartDialing", "state": "not-sent", "target": 201, "campaign": 12, "group": 9,
			"ok": false, "message": "The relay has no link to T-Server at the moment. [no link]", "refusal": "link-down", "ocs": []any{},
		}},
		{session.Entry{ID: 5, Req: dnc, Outcome: session.Queued, Kept: true, Earlier: true, Queued: frame.Queued{Reason: frame.QueuedLinkDown, Since: 1772625600}}, map[string]any{
			"id": 5, "request": "CM_ReqDoNotCall", "state": "queued", "phone": "555", "customerId": "C-42", "chain": "RecordOnly",
			"kept": true, "earlier": true, "queued": "link-down", "since": askedISO,
		}},
		{session.Entry{ID: 6, Req: dnc, Outcome: session.Expired, Err: &client.NoAnswerError{Err: client.ErrExpired}}, map[string]any{
			"id": 6, "request": "CM_ReqDoNotCall", "state": "expired", "phone": "555", "customerId": "C-42", "chain": "RecordOnly",
			"ok": false, "message": "There was no connection for as long as requests are kept.", "ocs": []any{},
		}},
	} {
		c.entry.Asked, c.entry.At = asked, at
		c.want["asked"], c.want["time"] = askedISO, atISO
		if got := ui.Detail(english, c.entry); !reflect.DeepEqual(got, c.want) {
			t.Errorf("request %d:\n%v, want\n%v", c.entry.ID, got, c.want)
		}
	}
}
