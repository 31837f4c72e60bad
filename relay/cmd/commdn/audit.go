package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"commdn/relay/audit"
)

const formatCSV = "csv"

type auditCmd struct {
	List       auditListCmd       `cmd:"" default:"withargs" help:"List who asked for what, and what became of it. The default."`
	Verify     auditVerifyCmd     `cmd:"" help:"Prove that nobody has changed the audit."`
	Checkpoint auditCheckpointCmd `cmd:"" help:"Sign the audit as it is. Keep what this prints elsewhere: it proves the audit later."`
	Erase      auditEraseCmd      `cmd:"" help:"Erase a person from the audit for ever. The audit stays provable."`
}

type auditListCmd struct {
	Socket     string `help:"The relay's admin socket, admin_socket in its configuration." env:"COMMDN_ADMIN_SOCKET" placeholder:"PATH" complete:"file"`
	Output     string `short:"o" enum:"table,csv,json" default:"table" help:"Format of the result: ${enum}. Phones are in plain text in each."`
	Since      string `help:"From then on: 2026-11-29, 2026-11-29T08:00, 2026-11-29T08:00:00Z, or 24h and 7d for so long ago." placeholder:"TIME"`
	Until      string `help:"Before then, likewise." placeholder:"TIME"`
	Phone      string `help:"About this number, as it was asked or sent; only digits count." placeholder:"NUMBER"`
	CustomerID string `help:"About this customer." placeholder:"ID"`
	User       string `help:"By this person: name or subject." placeholder:"WHO"`
	Campaign   string `help:"About this campaign: name or DBID." placeholder:"CAMPAIGN"`
	Key        string `help:"This request, by its key, or its ID in the journal." placeholder:"KEY"`
}

// Run lists entries of the audit.
func (c *auditListCmd) Run(e *env) error {
	ask := audit.Ask{Phone: c.Phone, Customer: c.CustomerID, User: c.User, Campaign: c.Campaign, Key: c.Key}
	for _, one := range []struct {
		flag, text string
		to         *time.Time
	}{{"since", c.Since, &ask.Since}, {"until", c.Until, &ask.Until}} {
		var err error
		if *one.to, err = readTime(one.text, time.Now()); err != nil {
			return &exitError{exitUsage, fmt.Errorf("commdn: --%s: %w", one.flag, err)}
		}
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	show := map[string]func(io.Writer) entryWriter{formatCSV: newCSVEntries, formatJSON: newJSONEntries}[c.Output]
	if show == nil {
		show = newTableEntries
	}
	out := show(e.stdout)
	admin := adminFlags{Socket: c.Socket}
	return admin.send(e.ctx, http.MethodPost, "/audit", bytes.NewReader(body), audit.ReadTime, func(body io.Reader) error {
		lines := json.NewDecoder(body)
		for {
			var one audit.Entry
			switch err := lines.Decode(&one); {
			case errors.Is(err, io.EOF):
				return out.end()
			case err != nil:
				return errors.Join(fmt.Errorf("the audit ended too early; the log of the relay says why: %w", err), out.end())
			}
			if err := out.entry(&one); err != nil {
				return err
			}
		}
	})
}

var daysAgo = regexp.MustCompile(`^([0-9]{1,5})d$`)

// readTime reads a moment: a date, with a time, or so long before now. Empty is the
// zero time.
func readTime(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d := daysAgo.FindStringSubmatch(text); d != nil {
		n, err := strconv.Atoi(d[1])
		return now.AddDate(0, 0, -n), err
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime, "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time; give 2026-11-29, 2026-11-29T08:00, 2026-11-29T08:00:00Z, 24h or 7d", text)
}

// entryWriter prints entries as they come.
type entryWriter interface {
	entry(*audit.Entry) error
	end() error
}

type tableEntries struct{ *tabwriter.Writer }

func newTableEntries(out io.Writer) entryWriter {
	t := tableEntries{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	fmt.Fprintln(t, "ENTRY\tTIME\tKIND\tWHO\tREQUEST\tPHONE\tCUSTOMER\tCAMPAIGN\tOUTCOME\tOCS\tRELAY")
	return t
}

func (t tableEntries) entry(e *audit.Entry) error {
	r := rowOf(e)
	outcome := r.outcome
	if r.code != "" {
		outcome += ": " + r.code
	}
	_, err := fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Sequence, moment(e.At), e.Kind, cell(e.Name), cell(r.request),
		cell(r.phone), cell(r.customer), cell(r.campaigns), cell(outcome), cell(r.ocs), cell(e.Relay))
	return err
}

func (t tableEntries) end() error { return t.Flush() }

type jsonEntries struct {
	out  io.Writer
	some bool
}

func newJSONEntries(out io.Writer) entryWriter { return &jsonEntries{out: out} }

func (j *jsonEntries) entry(e *audit.Entry) error {
	before := "["
	if j.some {
		before = ","
	}
	j.some = true
	if _, err := io.WriteString(j.out, before); err != nil {
		return err
	}
	return writeJSON(j.out, e)
}

func (j *jsonEntries) end() error {
	text := "]\n"
	if !j.some {
		text = "[]\n"
	}
	_, err := io.WriteString(j.out, text)
	return err
}

type csvEntries struct{ *csv.Writer }

func newCSVEntries(out io.Writer) entryWriter {
	w := csvEntries{csv.NewWriter(out)}
	_ = w.Write([]string{"sequence", "at", "kind", "relay", "subject", "name", "door", "address", "request", "asked", "phone", "forms", "customer_id", "campaigns", "groups", "links",
		"submitted", "accepted", "sent", "answered", "outcome", "code", "ocs", "words", "key", "id", "erased"}) // an error stays, and Flush tells it
	return w
}

func (w csvEntries) entry(e *audit.Entry) error {
	r := rowOf(e)
	row := []string{
		strconv.FormatUint(e.Sequence, 10), stamp(e.At), string(e.Kind), e.Relay, e.Subject, e.Name, e.Door, e.Address, e.Request, e.Asked,
		r.phone, r.forms, r.customer, r.campaigns, r.groups, strings.Join(e.Links, " "),
		stamp(e.Submitted), stamp(e.Accepted), r.sent, r.answered, r.outcome, r.code, r.ocs, r.words, e.Key, e.ID, strconv.FormatBool(e.Gone),
	}
	for i := range row {
		row[i] = unarmed(row[i])
	}
	return w.Write(row)
}

func (w csvEntries) end() error {
	w.Flush()
	return w.Error()
}

// unarmed keeps a spreadsheet from taking a text for a formula. A number with a plus is
// none.
func unarmed(s string) string {
	if s == "" || !strings.ContainsRune("=+-@\t\r", rune(s[0])) || s[0] == '+' && len(strings.Trim(s, "+0123456789 ")) == 0 {
		return s
	}
	return "'" + s
}

// row is an entry as text.
type row struct {
	request, phone, forms, customer, campaigns, groups, sent, answered, outcome, code, ocs, words string
}

func rowOf(e *audit.Entry) row {
	r := row{request: strings.TrimPrefix(e.Request, "CM_Req"), outcome: e.Outcome, code: e.Code, words: e.Text}
	if r.request == "" {
		r.request = e.Text
	}
	if p := e.Person; p != nil {
		r.phone, r.customer, r.forms, r.words = p.Phone, p.Customer, strings.Join(p.Forms, " "), strings.Join(p.Words, "; ")
	}
	if e.Gone {
		r.phone = "erased"
	}
	var campaigns, groups, ocs []string
	for _, o := range e.Objects {
		campaigns, groups = append(campaigns, objectName(o.Campaign)...), append(groups, objectName(o.Group)...)
	}
	for _, a := range e.Answers {
		one := strconv.Itoa(int(a.OCS)) + ":" + a.Outcome
		if a.Code != 0 {
			one += "(" + strconv.Itoa(a.Code) + ")"
		}
		ocs = append(ocs, one)
		r.answered = stamp(a.At)
	}
	if len(e.Sent) > 0 {
		r.sent = stamp(e.Sent[0].First)
	}
	r.campaigns, r.groups, r.ocs = strings.Join(campaigns, " "), strings.Join(groups, " "), strings.Join(ocs, " ")
	return r
}

func objectName(n *audit.Named) []string {
	switch {
	case n == nil:
		return nil
	case n.Name != "":
		return []string{n.Name}
	}
	return []string{strconv.Itoa(int(n.DBID))}
}

// stamp is a time for programs.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
