package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay"
	"commdn/relay/config"
	"commdn/relay/daemon"
)

// adminFlags are those of commands that ask a running relay.
type adminFlags struct {
	Socket string `help:"The relay's admin socket, admin_socket in its configuration." env:"COMMDN_ADMIN_SOCKET" placeholder:"PATH" complete:"file"`
	Output string `short:"o" enum:"table,json" default:"table" help:"Format of the result: ${enum}."`
}

// ask sends a request to the relay and reads its answer into v.
func (f *adminFlags) ask(ctx context.Context, method, path string, within time.Duration, v any) error {
	return f.send(ctx, method, path, nil, within, func(body io.Reader) error { return json.NewDecoder(body).Decode(v) })
}

// send sends a request with a body to the relay and has read read its answer.
func (f *adminFlags) send(ctx context.Context, method, path string, body io.Reader, within time.Duration, read func(io.Reader) error) error {
	if f.Socket == "" {
		return &exitError{exitUsage, errors.New("commdn: relay: give --socket PATH, which the configuration of the relay has as admin_socket")}
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	transport := &http.Transport{
		DisableKeepAlives: true, DisableCompression: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", f.Socket)
		},
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://relay"+path, body)
	if err != nil {
		return err
	}
	answer, err := transport.RoundTrip(req)
	if err == nil {
		defer answer.Body.Close()
		switch answer.StatusCode {
		case http.StatusOK:
			err = read(answer.Body)
		case http.StatusBadRequest:
			why, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
			return &exitError{exitInvalid, errors.New("commdn: relay: " + strings.TrimSpace(string(why)))}
		case http.StatusNotFound:
			err = errors.New("it does not know this command; it is of another version than this commdn")
		default:
			err = fmt.Errorf("it answers %s", answer.Status)
		}
	}
	if err != nil {
		return &exitError{exitNoAnswer, fmt.Errorf("commdn: no relay answers on %s: %w", f.Socket, err)}
	}
	return nil
}

type relayStatusCmd struct {
	adminFlags
}

func (c *relayStatusCmd) Run(e *env) error {
	var st daemon.Status
	if err := c.ask(e.ctx, http.MethodGet, "/status", 10*time.Second, &st); err != nil {
		return err
	}
	if c.Output == formatJSON {
		return writeJSON(e.stdout, st)
	}
	return writeStatus(e.stdout, &st)
}

// writeStatus writes a status for people.
func writeStatus(out io.Writer, st *daemon.Status) error {
	state := "ready"
	if !st.Ready {
		state = "not ready: " + strings.Join(st.NotReady, "; ")
	}
	if st.Draining {
		state = "draining; " + state
	}
	sessions := strconv.Itoa(st.Sessions)
	for i, role := range slices.Sorted(maps.Keys(st.Roles)) {
		sessions += []string{": ", ", "}[min(i, 1)] + role + " " + strconv.Itoa(st.Roles[role])
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range [][2]string{
		{"relay", st.Version + ", up since " + moment(st.Since)},
		{"state", state},
		{"config", st.Config + ", read " + moment(st.Reload.Time) + ": " + reloadOutcome(st.Reload)},
		{"authentication", st.Authentication},
		{"sessions", sessions},
		{"requests", strconv.Itoa(st.Requests) + " in flight"},
		{"campaign groups", strconv.Itoa(st.CampaignGroups) + " whose status is known"},
	} {
		fmt.Fprintf(t, "%s\t%s\n", row[0], row[1])
	}
	if b := st.Bridge; b != nil {
		fmt.Fprintf(t, "directory\t%s\n", bridgeLine(b))
	}
	if j := st.Journal; j != nil {
		fmt.Fprintf(t, "journal\t%s\n", journalLine(j))
	}
	fmt.Fprintf(t, "audit\t%s\n", auditLine(&st.Audit))
	for _, c := range st.Certificates {
		fmt.Fprintf(t, "certificate\t%s\n", certificateLine(c, time.Now()))
	}
	if st.LogLinesLost > 0 {
		fmt.Fprintf(t, "log\t%d lines lost: %s\n", st.LogLinesLost, st.LogLost)
	}
	for _, l := range st.Links {
		if !l.Twin.IsZero() {
			fmt.Fprintf(t, "warning\tanother sender uses the application DBID of link %s, last at %s; give every relay an application of its own\n", l.Name, moment(l.Twin))
		}
		if c := l.Complaints; c != nil {
			fmt.Fprintf(t, "warning\tT-Server, or the bridge, reported errors that answer no request on link %s, %d so far, the last at %s: error %d: %s\n", l.Name, c.Count, moment(c.Last), c.Code, c.Message)
		}
	}
	for _, l := range st.Links {
		if l.Lease != nil {
			fmt.Fprintf(t, "link %s\t%s\n", l.Name, leaseLine(l))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	fmt.Fprintln(t, "LINK\tSTATE\tSINCE\tSERVER\tOCS\tREASON")
	for _, l := range st.Links {
		fmt.Fprintln(t, strings.Join(linkRow(l), "\t"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	fmt.Fprintln(t, "LINK\tOCS\tSTATE\tLAST ANSWER\tUNANSWERED\tMEDIAN")
	for _, l := range st.Links {
		for _, h := range l.Answers {
			fmt.Fprintln(t, strings.Join(ocsRow(l.Name, h), "\t"))
		}
	}
	return t.Flush()
}

// journalLine says how the journal is.
func journalLine(j *daemon.JournalStatus) string {
	if j.Error != "" {
		return j.Where + ": does not answer: " + j.Error
	}
	line := fmt.Sprintf("%s: %d wait", j.Where, j.Waiting)
	if j.Oldest > 0 {
		line += ", the oldest for " + time.Duration(j.Oldest*float64(time.Second)).Round(time.Second).String()
	}
	if j.PutAside > 0 {
		line += fmt.Sprintf("; %d put aside, see commdn journal list", j.PutAside)
	}
	return line
}

// auditLine says how the audit is.
func auditLine(a *daemon.AuditStatus) string {
	if a.Chain == "" {
		return "none: " + a.None
	}
	line := fmt.Sprintf("%d entries, the last at %s", a.Entries, moment(a.Last))
	if !a.Signs {
		line += "; no key for checkpoints"
	}
	if a.Failures > 0 {
		line += fmt.Sprintf("; %d entries could not be written, see the log", a.Failures)
	}
	return line
}

// certificateLine says whose certificate it is, and how long it lasts.
func certificateLine(c config.Certificate, now time.Time) string {
	line := fmt.Sprintf("for %s: until %s, %s", c.Use, moment(c.Expires), c.File)
	if problem := c.Problem(now); problem != "" {
		line += "; " + strings.TrimPrefix(problem, c.Option+": ")
	}
	return line
}

// ocsRow says how one OCS answers.
func ocsRow(link string, h relay.OCSHealth) []string {
	row := []string{link, "any", h.State(), "none", fmt.Sprintf("%d of %d", h.Unanswered, h.Asked), "-"}
	if h.OCS != 0 {
		row[1] = strconv.Itoa(int(h.OCS))
	}
	switch {
	case !h.SilentSince.IsZero():
		row[2] = "silent since " + moment(h.SilentSince)
		if instead := h.Instead(); instead != "" {
			row[2] += "; " + instead
		}
	case !h.TookOver.IsZero() && !h.Doubtful:
		row[2] = fmt.Sprintf("answers, as %d since %s", h.Active, moment(h.TookOver))
	}
	if !h.LastAnswer.IsZero() {
		row[3] = moment(h.LastAnswer)
	}
	if h.Asked > h.Unanswered {
		row[5] = time.Duration(h.Median * float64(time.Second)).Round(100 * time.Microsecond).String()
	}
	return row
}

// bridgeLine says how the bridge of the directory is.
func bridgeLine(b *daemon.Bridge) string {
	state := "not connected"
	if b.Connected {
		state = "connected"
	}
	line := "bridge " + b.Address + " " + state + " since " + moment(b.Since)
	for _, more := range []string{b.Reason, b.Refused} {
		if more != "" {
			line += "; " + more
		}
	}
	for _, c := range b.Objects {
		line += fmt.Sprintf("; %s %d", c.Kind, c.N)
	}
	return line
}

// leaseLine says which of several relays sends on a link.
func leaseLine(l relay.LinkStatus) string {
	line := "no relay sends"
	switch {
	case l.Lease.Self:
		line = "this relay sends, in term " + strconv.FormatUint(l.Lease.Term, 10)
	case l.Lease.Holder != "":
		line = l.Lease.Holder + " sends, in term " + strconv.FormatUint(l.Lease.Term, 10) + "; this relay stands by"
	}
	if !l.Connected {
		line += ", and has no link to T-Server"
	}
	return line
}

func linkRow(l relay.LinkStatus) []string {
	row := []string{l.Name, "down", moment(l.Since), l.Server, strings.Join(numbers(l.OCS), ","), l.Reason}
	switch {
	case l.Standby:
		row[1] = "standby"
	case l.Up:
		row[1] = "up"
	}
	for i, cell := range row[:5] {
		if cell == "" {
			row[i] = "-"
		}
	}
	return row
}

func numbers(ids []commdn.DBID) []string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.Itoa(int(id))
	}
	return texts
}

func moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 -0700") }

// reloadOutcome says in a few words what came of reading the configuration.
func reloadOutcome(r *daemon.Reloaded) string {
	switch {
	case !r.OK:
		return "refused, the old one is in use: " + strings.Join(r.Errors, "; ")
	case r.NeedsRestart != nil:
		return "ok, a new start is needed for " + strings.Join(r.NeedsRestart, ", ")
	}
	return "ok"
}

type relayReloadCmd struct {
	adminFlags
}

func (c *relayReloadCmd) Run(e *env) error {
	var r daemon.Reloaded
	if err := c.ask(e.ctx, http.MethodPost, "/reload", time.Minute, &r); err != nil {
		return err
	}
	var failed error
	if !r.OK {
		failed = &exitError{exitInvalid, errors.New("commdn: configuration refused, the old one stays in use")}
	}
	if c.Output == formatJSON {
		return errors.Join(writeJSON(e.stdout, r), told(failed))
	}
	for _, part := range []struct {
		word  string
		texts []string
	}{{"error", r.Errors}, {"taken over", r.TakenOver}, {"needs a new start", r.NeedsRestart}, {"", r.Findings}} {
		for _, text := range part.texts {
			if part.word != "" {
				text = part.word + ": " + text
			}
			fmt.Fprintln(e.stdout, text)
		}
	}
	if c := r.Certificate; c != nil {
		fmt.Fprintln(e.stdout, takenLine(c))
	}
	if r.OK {
		fmt.Fprintln(e.stdout, "reloaded")
	}
	return failed
}

// takenLine says which certificate a reload has read, and whether it is a new one.
func takenLine(c *daemon.TakenCertificate) string {
	what := "the same as before"
	if c.New {
		what = "a new one"
	}
	line := fmt.Sprintf("certificate: %s, serial %s, until %s, from %s", what, c.Serial, moment(c.Expires), c.File)
	if !c.New && strings.HasPrefix(c.File, "/run/credentials/") {
		line += "; systemd made that copy when the relay was started: a renewed certificate needs a restart of the unit"
	}
	return line
}
