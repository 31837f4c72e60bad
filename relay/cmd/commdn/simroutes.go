package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist/tkvlog"
	"commdn/relay/sim"
)

// listDNC answers with the simulated Do Not Call list: a JSON array of
// {"phone","customer_id","time"}.
func listDNC(w http.ResponseWriter, s *sim.Sim) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(s.DNC())
}

// traced is one UserEvent as the demo page shows it.
type traced struct {
	Time    time.Time `json:"time"`
	DN      string    `json:"dn"`
	From    string    `json:"from"`    // "ocs", or "relay" for everybody else
	Message string    `json:"message"` // GSW_CM_MessageType by name
	Text    string    `json:"text"`    // the user data in Genesys log text
}

// traceBuffer is how many events a browser may be behind before it misses some.
const traceBuffer = 256

// traceEvents streams the UserEvents on the CommDN as server-sent events.
func traceEvents(w http.ResponseWriter, r *http.Request, s *sim.Sim) {
	events, stop := s.Subscribe(traceBuffer)
	defer stop()
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	if out.Flush() != nil {
		return
	}
	for {
		select {
		case e, ok := <-events:
			if !ok || !writeEvent(w, e) || out.Flush() != nil {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}

func writeEvent(w http.ResponseWriter, e sim.Event) bool {
	text, err := tkvlog.Append(nil, "AttributeUserData", e.UserData)
	if err != nil {
		text = []byte(err.Error())
	}
	t := traced{Time: e.Time, DN: e.DN, From: "relay", Message: "UserEvent", Text: string(text)}
	if n, ok := e.UserData.Int(commdn.KeyMessageType); ok {
		t.Message = commdn.MessageType(n).String()
	}
	if n, _ := e.UserData.Int(commdn.KeyOriginAppID); commdn.DBID(n) == sim.DefaultOCS {
		t.From = "ocs"
	}
	line, err := json.Marshal(t)
	if err != nil {
		return false
	}
	_, err = fmt.Fprintf(w, "data: %s\n\n", line)
	return err == nil
}
