package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"commdn/protocol/number"
	"commdn/relay/cmd/commdn/bulk"
	rules "commdn/relay/numbers"
)

type numbersCheckCmd struct {
	File     string `arg:"" help:"CSV file of a calling list, or of a sample of it; - is standard input." complete:"file"`
	Column   string `help:"Name of the column with the numbers; without it, the only one, or phone, contact_info and the like." placeholder:"NAME"`
	Region   string `help:"Country of numbers without a country code, as ES." placeholder:"REGION"`
	Encoding string `help:"Encoding of the file: auto, utf-8, utf-16le, utf-16be, cp1252 or latin1." default:"auto" placeholder:"NAME"`
	outputFlag
}

// Help is what commdn numbers check --help says further.
func (numbersCheckCmd) Help() string {
	return "It prints no number of the list. Exit code: 0 the proposed forms cover the whole list, 1 some rows are no number or in no form, 2 usage."
}

// listChecked is what -o json prints.
type listChecked struct {
	failure
	File   string         `json:"file"`
	Column string         `json:"column"`
	Rows   int            `json:"rows"`
	Region string         `json:"region,omitempty"`
	Send   []formProposed `json:"send"`
	Wrong  []wrongNumbers `json:"wrong"`
}

type formProposed struct {
	Form  string `json:"form"`
	Count int    `json:"count"` // of numbers that the forms before it do not cover
	Row   int    `json:"first_row"`
}

type wrongNumbers struct {
	Count   int    `json:"count"`
	Row     int    `json:"first_row"`
	What    string `json:"what"`
	Damaged bool   `json:"damaged,omitempty"` // by a spreadsheet
}

// Run looks at the whole file, whatever its length.
func (c *numbersCheckCmd) Run(e *env) error {
	survey, err := rules.NewSurvey(c.Region)
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("commdn: --%w", err)}
	}
	in := e.stdin
	if c.File != "-" {
		file, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	text, err := bulk.Decode(in, c.Encoding)
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("commdn: --encoding: %w", err)}
	}
	column, err := bulk.NewColumn(text, c.Column)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	r := listChecked{failure: done, File: c.File, Column: column.Name, Region: c.Region, Send: []formProposed{}, Wrong: []wrongNumbers{}}
	if err := r.read(e, column, survey); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if len(r.Wrong) > 0 {
		r.failure = failureOf(&exitError{exitInvalid, errors.New("some rows are no number, or in no form that can be sent")})
	}
	if c.Output == formatJSON || c.Output == formatJSONL {
		err = writeJSON(e.stdout, r)
	} else {
		err = r.print(e.stdout)
	}
	if err == nil && len(r.Wrong) > 0 {
		err = &exitError{exitInvalid, nil}
	}
	return err
}

// read surveys the rows.
func (r *listChecked) read(e *env, column *bulk.Column, survey *rules.Survey) error {
	unreadable := wrongNumbers{}
	for {
		value, line, err := column.Next()
		if err == io.EOF {
			break
		}
		bad, isBad := errors.AsType[*bulk.RowError](err)
		switch {
		case isBad:
			if unreadable.Count++; unreadable.Count == 1 {
				unreadable.Row, unreadable.What = line, bad.Column+": "+bad.What
			}
		case err != nil:
			return err
		case e.ctx.Err() != nil:
			return e.ctx.Err()
		default:
			survey.Add(line, value)
		}
	}
	r.Rows = survey.Rows + unreadable.Count
	send, uncovered := survey.Proposal()
	for _, p := range send {
		r.Send = append(r.Send, formProposed{p.Rule, p.Count, p.Row})
	}
	if uncovered.Count > 0 {
		r.Wrong = append(r.Wrong, wrongNumbers{uncovered.Count, uncovered.Row, "is in no form that can be sent: it has blanks or armour around it, invisible characters, or digits of another script; clean the list", false})
	}
	for _, kind := range slices.Sorted(maps.Keys(survey.First)) {
		w := survey.First[kind]
		r.Wrong = append(r.Wrong, wrongNumbers{w.Count, w.Row, w.Err.Error(), kind == number.Damaged})
	}
	if unreadable.Count > 0 {
		r.Wrong = append(r.Wrong, unreadable)
	}
	slices.SortStableFunc(r.Wrong, func(a, b wrongNumbers) int { return cmp.Compare(b.Count, a.Count) })
	return nil
}

// print prints counts, and what to put into the configuration.
func (r *listChecked) print(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "%d rows, column %s\n", r.Rows, r.Column)
	if len(r.Send) > 0 {
		fmt.Fprint(table, "\nFORM\tROWS\tSHARE\tFIRST ROW\n")
	}
	var forms []string
	for _, p := range r.Send {
		fmt.Fprintf(table, "%s\t%d\t%.1f%%\t%d\n", p.Form, p.Count, 100*float64(p.Count)/float64(r.Rows), p.Row)
		form := p.Form
		if strings.ContainsAny(form, "{}") {
			form = strconv.Quote(form)
		}
		forms = append(forms, form)
	}
	if len(r.Wrong) > 0 {
		fmt.Fprint(table, "\nWRONG ROWS\tFIRST ROW\tWHAT\n")
	}
	for _, w := range r.Wrong {
		fmt.Fprintf(table, "%d\t%d\t%s\n", w.Count, w.Row, w.What)
	}
	if err := table.Flush(); err != nil || len(r.Send) == 0 {
		return err
	}
	region := ""
	if r.Region != "" {
		region = "region: " + r.Region + ", "
	} else if r.Send[len(r.Send)-1].Form == rules.Digits {
		fmt.Fprint(out, "\nSome numbers have no country code. With --region, forms that do not hang on how the desktop writes them can be found.\n")
	}
	_, err := fmt.Fprintf(out, "\nFor the link in the relay's configuration:\n\n    numbers: {%ssend: [%s]}\n", region, strings.Join(forms, ", "))
	return err
}
