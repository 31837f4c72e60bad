package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/control"
)

type ctlRecordsCmd struct {
	List     ctlRecordListCmd `cmd:"" default:"withargs" help:"List records. The default."`
	CheckOut ctlCheckOutCmd   `cmd:"" help:"An agent takes a record on the desktop: it is neither dialed nor canceled."`
	CheckIn  ctlCheckInCmd    `cmd:"" help:"An agent gives a record back."`
}

type ctlRecordListCmd struct {
	List       int32  `name:"list" help:"DBID of the calling list; all without it." placeholder:"DBID"`
	Phone      string `help:"Records with this phone." placeholder:"PHONE"`
	CustomerID string `help:"Records of this customer." placeholder:"ID"`
	Status     string `help:"Records with this status: ready, retrieved, updated, canceled or chain-updated." placeholder:"STATUS"`
	Offset     int    `help:"How many to pass over." default:"0" placeholder:"N"`
	Limit      int    `help:"How many to list, at most 1000." default:"100" placeholder:"N"`
}

// Run lists records.
func (f *ctlRecordListCmd) Run(e *env, c *simCtlCmd) error {
	ask := func(ctx context.Context, s *control.Client) (control.Records, error) {
		return s.Records(ctx, control.Query{
			List: commdn.DBID(f.List), Phone: f.Phone, CustomerID: f.CustomerID, Status: f.Status, Offset: f.Offset, Limit: f.Limit,
		})
	}
	if c.Output == formatJSONL {
		return ctlAll(e, c, func(ctx context.Context, s *control.Client) ([]control.Record, error) {
			page, err := ask(ctx, s)
			return page.Records, err
		}, printRecords)
	}
	return ctl(e, c, ask, func(w io.Writer, page control.Records) {
		printRecords(w, page.Records)
		if more := page.Total - page.Offset - len(page.Records); more > 0 {
			fmt.Fprintf(w, "%d more of %d\n", more, page.Total)
		}
	})
}

func printRecords(w io.Writer, all []control.Record) {
	fmt.Fprintln(w, "RECORD\tPHONE\tCUSTOMER\tCHAIN\tSTATUS\tRESULT\tATTEMPTS\tDIALED\tDESKTOP")
	for _, r := range all {
		dialed, desktop := "-", "-"
		if !r.Dialed.IsZero() {
			dialed = r.Dialed.UTC().Format(time.RFC3339)
		}
		if r.OnDesktop {
			desktop = "yes"
		}
		fmt.Fprintf(w, "%d/%d\t%s\t%s\t%d\t%s\t%s\t%d\t%s\t%s\n", r.List, r.ID, r.Phone, dash(r.CustomerID), r.Chain, r.Status, r.Result, r.Attempts, dialed, desktop)
	}
}

type ctlCheckOutCmd struct {
	Record string `arg:"" name:"list/record" help:"DBID of the list and number of the record."`
}

// Run checks a record out.
func (f *ctlCheckOutCmd) Run(e *env, c *simCtlCmd) error { return checkOut(e, c, f.Record, true) }

type ctlCheckInCmd struct {
	Record string `arg:"" name:"list/record" help:"DBID of the list and number of the record."`
}

// Run gives a record back.
func (f *ctlCheckInCmd) Run(e *env, c *simCtlCmd) error { return checkOut(e, c, f.Record, false) }

func checkOut(e *env, c *simCtlCmd, name string, onDesktop bool) error {
	before, after, _ := strings.Cut(name, "/")
	list, err := strconv.ParseInt(before, 10, 32)
	id, idErr := strconv.Atoi(after)
	if err != nil || idErr != nil {
		return &exitError{exitUsage, fmt.Errorf("commdn: record %q: give LIST/RECORD, 601/17 for one", name)}
	}
	return ctl(e, c, func(ctx context.Context, s *control.Client) (control.Record, error) {
		return s.CheckOut(ctx, commdn.DBID(list), id, onDesktop)
	}, func(w io.Writer, r control.Record) { printRecords(w, []control.Record{r}) })
}

type ctlDncCmd struct {
	List ctlDncListCmd `cmd:"" default:"withargs" help:"Print the list. The default."`
	Add  ctlDncAddCmd  `cmd:"" help:"Put a number, a customer, or both on it, as an operator would."`
}

type ctlDncListCmd struct{}

// Run prints the Do Not Call list.
func (ctlDncListCmd) Run(e *env, c *simCtlCmd) error {
	return ctlAll(e, c, func(ctx context.Context, s *control.Client) ([]control.Entry, error) { return s.DNC(ctx) }, printEntries)
}

func printEntries(w io.Writer, all []control.Entry) {
	fmt.Fprintln(w, "PHONE\tCUSTOMER\tTENANT\tSINCE")
	for _, entry := range all {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", dash(entry.Phone), dash(entry.CustomerID), entry.Tenant, entry.Time.UTC().Format(time.RFC3339))
	}
}

type ctlDncAddCmd struct {
	Phone      string `arg:"" optional:"" help:"The number."`
	CustomerID string `help:"The customer." placeholder:"ID"`
	Tenant     int32  `help:"DBID of the tenant; the first one without it." placeholder:"DBID"`
}

// Run adds an entry.
func (f *ctlDncAddCmd) Run(e *env, c *simCtlCmd) error {
	return ctl(e, c, func(ctx context.Context, s *control.Client) (control.Entry, error) {
		return s.Forbid(ctx, control.Forbidden{Phone: f.Phone, CustomerID: f.CustomerID, Tenant: commdn.DBID(f.Tenant)})
	}, func(w io.Writer, entry control.Entry) { printEntries(w, []control.Entry{entry}) })
}
