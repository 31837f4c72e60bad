package status

import (
	"strconv"
	"strings"
	"time"

	"commdn/components/ui"
	"commdn/protocol/client"
)

// event is the detail of commdn-status: level (good, warn, stop), state (one of the
// client's, or link-down, no-ocs or checking), message in the reader's language, the time since
// when, and what is known of relay, link, OCS and identity. Times are ISO 8601; an
// unknown time is left out.
func (c *Status) event() map[string]any {
	s := &c.now
	level, state := c.meaning()
	link := map[string]any{"up": s.State == client.Connected && s.Link.Up, "reason": s.Link.Reason}
	putTime(link, unix(s.Link.Since))
	ocs := make([]any, len(s.OCS))
	for i, id := range s.OCS {
		ocs[i] = int(id)
	}
	roles := make([]any, len(s.Identity.Roles))
	for i, r := range s.Identity.Roles {
		roles[i] = r
	}
	d := map[string]any{
		"level": level, "state": state, "message": c.text(), "relay": s.Relay, "session": s.Session, "link": link,
		"ocs": ocs, "identity": map[string]any{"name": s.Identity.Name, "roles": roles},
	}
	putTime(d, c.since)
	if s.Err != nil {
		d["error"] = s.Err.Error()
	}
	return d
}

func putTime(d map[string]any, t time.Time) {
	if s := ui.ISO(t); s != "" {
		d["since"] = s
	}
}

// fingerprint changes only with news for the host page. It covers neither the language
// nor the number of attempts.
func (c *Status) fingerprint() string {
	s := &c.now
	_, state := c.meaning()
	parts := []string{
		state, s.Relay, s.Session, s.Link.Reason, strconv.FormatInt(s.Link.Since, 10), strconv.FormatBool(s.Link.Up),
		message(s.Err), s.Identity.Name,
	}
	parts = append(parts, s.Identity.Roles...)
	for _, id := range s.OCS {
		parts = append(parts, strconv.Itoa(int(id)))
	}
	return strings.Join(parts, "\n")
}
