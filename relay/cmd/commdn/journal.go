package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"commdn/relay/daemon"
)

// How long the relay has to look through its journal, and to have all of it sent again.
const (
	journalTime = time.Minute
	retryTime   = 6 * time.Hour
)

type journalCmd struct {
	List  journalListCmd  `cmd:"" help:"List the requests that a running relay has put aside, and those that wait for their outcome. It prints the oldest 1000 of each, and says how many more there are."`
	Show  journalShowCmd  `cmd:"" help:"Show one of them."`
	Retry journalRetryCmd `cmd:"" help:"Have a request sent again that was put aside, or all of them."`
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
	var all daemon.JournalList
	path := "/journal"
	if c.Plain {
		path += "?plain=1"
	}
	if err := c.ask(e.ctx, http.MethodGet, path, journalTime, &all); err != nil {
		return err
	}
	if c.Output == formatJSON {
		if more := moreOf(&all); more != "" {
			fmt.Fprintln(e.stderr, more)
		}
		return writeJSON(e.stdout, all.Items)
	}
	t := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tSTATE\tSINCE\tREQUEST\tPHONE\tCUSTOMER\tPERSON\tLINKS\tTRIES\tREASON")
	for _, i := range all.Items {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", i.ID[:12], i.State, moment(i.At), i.Request, cell(i.Phone), cell(i.Customer), cell(i.Person), strings.Join(i.Links, ","), i.Tries, cell(i.Reason))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if more := moreOf(&all); more != "" {
		fmt.Fprintln(e.stdout, more)
	}
	return nil
}

// moreOf says how much a list leaves out; empty: nothing.
func moreOf(l *daemon.JournalList) string {
	if l.MoreAside == 0 && l.MoreWaiting == 0 {
		return ""
	}
	return fmt.Sprintf("… and %d more that were put aside, %d more that wait", l.MoreAside, l.MoreWaiting)
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

type journalRetryCmd struct {
	adminFlags
	numbersFlag
	ID     string `arg:"" optional:"" help:"The request, by its ID or the beginning of that."`
	All    bool   `help:"All requests that are put aside, in place of ID."`
	Reason string `help:"With --all: only those whose reason has this text, as commdn journal list shows it." placeholder:"TEXT"`
}

// Run has a request sent again, or all.
func (c *journalRetryCmd) Run(e *env) error {
	switch {
	case c.All == (c.ID != ""):
		return &exitError{exitUsage, errors.New("commdn: journal retry: give the ID of a request, or --all")}
	case c.Reason != "" && !c.All:
		return &exitError{exitUsage, errors.New("commdn: journal retry: --reason is for --all")}
	case !c.All:
		one := oneFlags{c.adminFlags, c.numbersFlag, c.ID}
		return one.one(e, "retry")
	}
	body, err := json.Marshal(daemon.JournalAll{Reason: c.Reason, Plain: c.Plain})
	if err != nil {
		return err
	}
	n, failed := 0, ""
	all := []daemon.JournalItem{}
	err = c.send(e.ctx, http.MethodPost, "/journal/retry-all", bytes.NewReader(body), retryTime, func(answer io.Reader) error {
		for in := json.NewDecoder(answer); ; {
			var line daemon.JournalRetried
			switch err := in.Decode(&line); {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return fmt.Errorf("%d requests are sent again; whether more are is not known: %w", n, err)
			case line.JournalItem == nil:
				failed = line.Error
				continue
			}
			n++
			if c.Output == formatJSON {
				all = append(all, *line.JournalItem)
				continue
			}
			fmt.Fprintf(e.stdout, "%s\t%s\t%s\t%s\n", line.ID[:12], line.JournalItem.Request, cell(line.Phone), cell(line.JournalItem.Reason))
		}
	})
	switch {
	case err != nil:
		return err
	case c.Output == formatJSON:
		err = writeJSON(e.stdout, all)
	default:
		fmt.Fprintf(e.stdout, "%d requests are sent again\n", n)
	}
	if failed != "" {
		return &exitError{exitInvalid, fmt.Errorf("commdn: relay: %d requests are sent again, and the others are not: %s", n, failed)}
	}
	return err
}

type journalDropCmd struct{ oneFlags }

// Run drops a request.
func (c *journalDropCmd) Run(e *env) error { return c.one(e, "drop") }
