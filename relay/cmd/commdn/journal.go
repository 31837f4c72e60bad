package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"commdn/relay/daemon"
)

// journalTime is how long the relay has to look through its journal.
const journalTime = time.Minute

type journalCmd struct {
	List  journalListCmd  `cmd:"" help:"List the requests that a running relay has put aside, and those that wait for their outcome; 1000 of each at most."`
	Show  journalShowCmd  `cmd:"" help:"Show one of them."`
	Retry journalRetryCmd `cmd:"" help:"Have a request sent again that was put aside."`
	Drop  journalDropCmd  `cmd:"" help:"Take a request out of the journal: it is not sent any more."`
}

type numbersFlag struct {
	Plain bool `help:"Show phones and customer ids in plain text."`
}

type journalListCmd struct {
	adminFlags
	numbersFlag
}

// Run lists the journal.
func (c *journalListCmd) Run(e *env) error {
	var all []daemon.JournalItem
	path := "/journal"
	if c.Plain {
		path += "?plain=1"
	}
	if err := c.ask(e.ctx, http.MethodGet, path, journalTime, &all); err != nil {
		return err
	}
	if c.Output == formatJSON {
		return writeJSON(e.stdout, all)
	}
	t := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tSTATE\tSINCE\tREQUEST\tPHONE\tCUSTOMER\tPERSON\tLINKS\tTRIES\tREASON")
	for _, i := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", i.ID[:12], i.State, moment(i.At), i.Request, cell(i.Phone), cell(i.Customer), cell(i.Person), strings.Join(i.Links, ","), i.Tries, cell(i.Reason))
	}
	return t.Flush()
}

// oneFlags are those of a command about one request.
type oneFlags struct {
	adminFlags
	numbersFlag
	ID string `arg:"" help:"The request, by its ID or the beginning of that."`
}

// one has the relay do something with a request, and shows the request.
func (c *oneFlags) one(e *env, what string) error {
	body, err := json.Marshal(daemon.JournalOne{ID: c.ID, Plain: c.Plain})
	if err != nil {
		return err
	}
	var i daemon.JournalItem
	read := func(body io.Reader) error { return json.NewDecoder(body).Decode(&i) }
	if err := c.send(e.ctx, http.MethodPost, "/journal/"+what, bytes.NewReader(body), journalTime, read); err != nil {
		return err
	}
	if c.Output == formatJSON {
		return writeJSON(e.stdout, i)
	}
	t := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	for _, row := range [][2]string{
		{"id", i.ID}, {"state", i.State}, {"since", moment(i.At)}, {"request", i.Request}, {"phone", cell(i.Phone)}, {"customer", cell(i.Customer)},
		{"person", cell(i.Person)}, {"subject", cell(i.Subject)}, {"links", strings.Join(i.Links, ", ")},
	} {
		fmt.Fprintf(t, "%s\t%s\n", row[0], row[1])
	}
	if !i.Ended.IsZero() {
		fmt.Fprintf(t, "put aside\t%s, after %d attempts: %s\n", moment(i.Ended), i.Tries, i.Reason)
	}
	return t.Flush()
}

type journalShowCmd struct{ oneFlags }

// Run shows a request.
func (c *journalShowCmd) Run(e *env) error { return c.one(e, "show") }

type journalRetryCmd struct{ oneFlags }

// Run has a request sent again.
func (c *journalRetryCmd) Run(e *env) error { return c.one(e, "retry") }

type journalDropCmd struct{ oneFlags }

// Run drops a request.
func (c *journalDropCmd) Run(e *env) error { return c.one(e, "drop") }
