package audit

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"commdn/relay/auth"
	"commdn/relay/internal/loglimit"
	"commdn/relay/journal"
)

// Ask is a Query in JSON: the body of POST /audit. Phones stand in no URL.
type Ask struct {
	Since    time.Time `json:"since,omitzero"`
	Until    time.Time `json:"until,omitzero"`
	Phone    string    `json:"phone,omitempty"`
	Customer string    `json:"customer_id,omitempty"`
	User     string    `json:"user,omitempty"`
	Campaign string    `json:"campaign,omitempty"`
	Key      string    `json:"key,omitempty"`
}

// query gives the Query of what was asked. The error says what is wrong with it.
func (a *Ask) query(allowed func(*Entry) bool) (Query, error) {
	switch {
	case a.Phone != "" && digits(a.Phone) == "":
		return Query{}, fmt.Errorf("the phone has no digit")
	case !a.Since.IsZero() && !a.Until.IsZero() && !a.Since.Before(a.Until):
		return Query{}, fmt.Errorf("since is not before until")
	}
	return Query{Since: a.Since, Until: a.Until, Phone: a.Phone, Customer: a.Customer, User: a.User, Campaign: a.Campaign, Key: a.Key, Allowed: allowed}, nil
}

// what says for the audit what somebody has read, without phones and customer ids.
func (a *Ask) what() string {
	var all []string
	for _, one := range []struct{ name, value string }{
		{"since", moment(a.Since)}, {"until", moment(a.Until)}, {"user", a.User}, {"campaign", a.Campaign}, {"key", a.Key},
	} {
		if one.value != "" {
			all = append(all, one.name+" "+one.value)
		}
	}
	if a.Phone != "" {
		all = append(all, "one phone")
	}
	if a.Customer != "" {
		all = append(all, "one customer id")
	}
	if all == nil {
		return "everything"
	}
	return cut(strings.Join(all, ", "))
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// maxAsk is how many bytes an Ask may have.
const maxAsk = 4 << 10

// ReadTime is how long one reading may take: meanwhile nobody can be erased.
const ReadTime = 5 * time.Minute

// Reader is who reads the audit.
type Reader struct {
	Subject, Name, Door, Address string
	Allowed                      func(*Entry) bool // nil: everything
}

// Serve answers a request whose body is an Ask: one entry in JSON on each line. That it
// was read is an entry itself, before any is given.
func (l *Log) Serve(w http.ResponseWriter, r *http.Request, by Reader) {
	var a Ask
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAsk)).Decode(&a); err != nil {
		http.Error(w, "this is not the JSON that is expected: "+err.Error(), http.StatusBadRequest)
		return
	}
	q, err := a.query(by.Allowed)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), ReadTime)
	defer cancel()
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(ReadTime))
	if err := l.keep(ctx, &Entry{Kind: Read, Subject: by.Subject, Name: by.Name, Door: by.Door, Address: by.Address, Text: a.what()}); err != nil {
		http.Error(w, "that you read it could not be written into the audit: "+err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store")
	out := bufio.NewWriterSize(w, 64<<10)
	lines := json.NewEncoder(out)
	if err := l.Find(ctx, q, func(e *Entry) error { return lines.Encode(e) }); err != nil {
		l.log.Warn("the audit was not read to its end", "subject", by.Subject, "error", err)
		panic(http.ErrAbortHandler) // so that a part is not taken for all of it
	}
	_ = out.Flush()
}

// Door is how auditors reach the audit over HTTP: with a token, and by their rights.
type Door struct {
	Log   *Log
	Auth  auth.Authenticator
	Grant func(auth.Identity) *auth.Grant
	Slog  *slog.Logger
}

// atOnce is how many read the audit at the same time over the door.
const atOnce = 2

// Handler answers POST with an Ask and an Authorization header.
func (d Door) Handler() http.Handler {
	busy := make(chan struct{}, atOnce)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case busy <- struct{}{}:
			defer func() { <-busy }()
		default:
			w.Header().Set("Retry-After", "5")
			http.Error(w, "others are reading the audit; try again", http.StatusServiceUnavailable)
			return
		}
		d.serve(w, r)
	})
}

func (d Door) serve(w http.ResponseWriter, r *http.Request) {
	from, _, _ := net.SplitHostPort(r.RemoteAddr)
	refuse := func(code int, text string) {
		d.Slog.Warn("the audit is not shown", "from", from, "reason", loglimit.Foreign(text))
		http.Error(w, text, code)
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		w.Header().Set("WWW-Authenticate", "Bearer")
		refuse(http.StatusUnauthorized, "give the header Authorization: Bearer TOKEN")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	defer cancel()
	person, err := d.Auth.Authenticate(ctx, token)
	if err != nil {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		refuse(http.StatusUnauthorized, err.Error())
		return
	}
	grant := d.Grant(person)
	if person.Anonymous() || !grant.Allows(auth.RightAudit) {
		text := "nobody is asked who they are here; use commdn audit on the machine of the relay"
		if denied := grant.Check(auth.RightAudit, auth.Object{}); denied != nil {
			text = denied.Error()
		}
		refuse(http.StatusForbidden, text)
		return
	}
	d.Log.Serve(w, r, Reader{person.Subject, person.Name, "http", from, func(e *Entry) bool { return seen(grant, e) }})
}

// seen says whether somebody may see an entry: all that it names.
func seen(g *auth.Grant, e *Entry) bool {
	for _, o := range e.Objects {
		if !g.May(auth.RightAudit, auth.Object{Campaign: o.Campaign.auth(), Group: o.Group.auth(), Tenant: o.Tenant.auth()}) {
			return false
		}
	}
	return len(e.Objects) > 0 || g.May(auth.RightAudit, auth.Object{})
}

func (n *Named) auth() auth.Named {
	if n == nil {
		return auth.Named{}
	}
	return auth.Named{DBID: n.DBID, Name: n.Name}
}

// Administered writes down what an administrator is about to do with a request in the
// journal: Retried or Dropped.
func (l *Log) Administered(ctx context.Context, kind Kind, item journal.Item) error {
	e := waitingEntry(&journal.Waiting{ID: item.ID, Entry: item.Entry})
	e.Kind, e.Text = kind, "by an administrator"
	return l.keep(ctx, e)
}
