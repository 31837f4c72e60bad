package link_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/link"
	"commdn/relay/tserver"
)

// refusing is a T-Server that refuses each UserEvent.
type refusing struct {
	*wire
	err error
}

func (r *refusing) Open(context.Context, tserver.ConnOptions) (tserver.Conn, error) { return r, nil }

func (r *refusing) SendUserEvent(context.Context, tkvlist.List) error { return r.err }

// Ask says whether another attempt can end otherwise than the refusal that it returns.
func TestFinal(t *testing.T) {
	for _, c := range []struct {
		name    string
		err     error
		charset string
		code    frame.RefusalCode
		final   bool
	}{
		{"invalid attribute", &tserver.Error{Code: 53}, "", frame.RefusedTServer, true},
		{"unsupported", &tserver.Error{Code: 51}, "", frame.RefusedTServer, true},
		{"no switch", &tserver.Error{Code: 54}, "", frame.RefusedTServer, false},
		{"nobody knows the code", &tserver.Error{Code: 4711}, "", frame.RefusedTServer, false},
		{"no error of T-Server", errors.New("something else"), "", frame.RefusedTServer, false},
		{"fenced", tserver.ErrFenced, "", frame.RefusedLinkDown, false},
		{"not in the charset", nil, "windows-1251", frame.RefusedInvalid, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			states := make(chan frame.Link, 64)
			driver := &refusing{newWire(), c.err}
			l, err := link.New(link.Options{
				Name: "a", AppDBID: 101, OCS: []commdn.DBID{201}, AnswerTimeout: patience, Charset: c.charset, Log: slog.New(slog.DiscardHandler),
				TServer: tserver.Options{Driver: driver, Servers: []string{"x"}, CommDN: "CommDN_1", Application: "commdn"},
				OnEvent: func(*commdn.CampaignEvent) uint64 { return 0 }, OnUserEvent: func() {}, OnState: func(k frame.Link) { states <- k },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			l.Start()
			<-states
			final := false
			refusal := l.Ask(t.Context(), link.Call{Request: &commdn.DoNotCall{CustomerID: "Zo\u00eb"}, Final: func() { final = true }})
			if refusal == nil || refusal.Code != c.code || final != c.final {
				t.Errorf("refusal %v, final %v", refusal, final)
			}
		})
	}
}
