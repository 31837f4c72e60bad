package control

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/protocol/tkvlist/tkvlog"
	"commdn/relay/sim"
)

// traceBuffer is how many events a reader may be behind before it misses some.
const traceBuffer = 256

// getTrace streams the UserEvents on the CommDNs as server-sent events. A
// comment comes first, when the stream misses nothing from then on.
func (h *handler) getTrace(w http.ResponseWriter, r *http.Request) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	events, stop := h.Sim.Subscribe(traceBuffer)
	defer stop()
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	if _, err := io.WriteString(w, ": listening\n\n"); err != nil || out.Flush() != nil {
		return nil
	}
	for {
		select {
		case e, ok := <-events:
			if !ok || h.writeEvent(w, e) != nil || out.Flush() != nil {
				return nil
			}
		case <-r.Context().Done():
			return nil
		}
	}
}

// messageType reads GSW_CM_MessageType, which an OCS may send as a string.
func messageType(l tkvlist.List) (commdn.MessageType, bool) {
	if n, ok := l.Int(commdn.KeyMessageType); ok {
		return commdn.MessageType(n), true
	}
	text, _ := l.Text(commdn.KeyMessageType)
	n, err := strconv.ParseInt(text, 10, 32)
	return commdn.MessageType(n), err == nil
}

func (h *handler) writeEvent(w io.Writer, e sim.Event) error {
	text, err := tkvlog.Append(nil, "AttributeUserData", e.UserData)
	if err != nil {
		text = []byte(err.Error())
	}
	event := Event{
		Time: e.Time, DN: e.DN, From: "relay", Application: e.Application,
		Message: "UserEvent", Text: string(text), Missed: e.Missed,
	}
	if t, ok := messageType(e.UserData); ok {
		event.Message = t.String()
	}
	origin, _ := e.UserData.Int(commdn.KeyOriginAppID)
	for _, o := range h.Sim.OCS() {
		if commdn.DBID(origin) == o.DBID() || e.Application == o.Name() {
			event.From = "ocs"
		}
	}
	line, err := json.Marshal(event)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "data: %s\n\n", line)
	return err
}
