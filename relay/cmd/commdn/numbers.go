package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"commdn/protocol/commdn"
	"commdn/protocol/number"
	"commdn/relay/cmd/commdn/bulk"
	"commdn/relay/config"
	"commdn/relay/internal/near"
	rules "commdn/relay/numbers"
)

type numbersCmd struct {
	Explain numbersExplainCmd `cmd:"" help:"Say what is read of a phone number, and in which forms it is sent."`
	Check   numbersCheckCmd   `cmd:"" help:"Look at a calling list, and propose the forms that it needs."`
}

type numbersExplainCmd struct {
	Numbers   []string `arg:"" name:"number" help:"Phone numbers, as somebody wrote them."`
	Region    string   `help:"Country of numbers without a country code, as ES." placeholder:"REGION" xor:"region"`
	Send      []string `help:"Forms: digits, as-given, national, e164, or a template like 00{country}{national}." placeholder:"FORM" xor:"send"`
	Vanity    bool     `help:"Take letters for the digits of their keys."`
	Extension string   `help:"drop or refuse extensions; without it, drop." placeholder:"WHAT"`
	Config    string   `help:"Take the rules of the links in this configuration of a relay." placeholder:"FILE" complete:"file" xor:"region,send"`
	Link      string   `help:"Name of a link in the configuration; without it, all." placeholder:"NAME"`
	outputFlag
}

// Help is what commdn numbers explain --help says further.
func (numbersExplainCmd) Help() string {
	return "Exit code: 0 each number can be sent, 1 one cannot, 2 usage."
}

// ruled are the rules of one link, or those of the flags.
type ruled struct {
	link    string
	tenants []string // of the link, that the rules are for; none: all
	site    *rules.Site
}

// String names them.
func (r ruled) String() string {
	switch len(r.tenants) {
	case 0:
		return "link " + r.link
	case 1:
		return "tenant " + r.tenants[0] + " of link " + r.link
	}
	return "tenants " + strings.Join(r.tenants, ", ") + " of link " + r.link
}

// numberExplained is what -o json prints for each number and link.
type numberExplained struct {
	Number  string   `json:"number"`
	Link    string   `json:"link,omitempty"`
	Tenants []string `json:"tenants,omitempty"` // of the link, that the rules are for; none: all
	failure
	Damaged   bool         `json:"damaged,omitempty"` // by a spreadsheet
	Read      string       `json:"read,omitempty"`
	Changed   bool         `json:"changed"`
	Extension string       `json:"extension,omitempty"`
	Region    string       `json:"region,omitempty"`
	Country   int          `json:"country,omitempty"`
	Valid     bool         `json:"valid"`
	Line      string       `json:"line,omitempty"`
	Forms     []formOfRule `json:"forms"`
}

type formOfRule struct {
	Rule   string `json:"rule"`
	Text   string `json:"text,omitempty"`
	SameAs string `json:"same_as,omitempty"`
	Why    string `json:"why,omitempty"` // there is no text
}

// Run explains each number by each link's rules.
func (c *numbersExplainCmd) Run(e *env) error {
	all, err := c.links()
	if err != nil {
		return err
	}
	var results []numberExplained
	failed := false
	for _, given := range c.Numbers {
		for _, r := range all {
			x := r.site.Explain(given)
			failed = failed || x.Err != nil
			if c.Output == formatJSON || c.Output == formatJSONL {
				results = append(results, explained(given, r, x))
				continue
			}
			if err := printExplanation(e.stdout, given, r, x); err != nil {
				return err
			}
		}
	}
	switch c.Output {
	case formatJSON:
		err = writeJSON(e.stdout, results)
	case formatJSONL:
		for _, r := range results {
			err = errors.Join(err, writeJSON(e.stdout, r))
		}
	}
	if err == nil && failed {
		err = &exitError{exitInvalid, nil}
	}
	return err
}

// links gives the rules of the flags, or of the configuration's links.
func (c *numbersExplainCmd) links() ([]ruled, error) {
	if c.Config == "" {
		if c.Link != "" {
			return nil, &exitError{exitUsage, errors.New("commdn: --link goes with --config")}
		}
		site, err := rules.New(rules.Rules{Region: c.Region, Send: c.Send, Vanity: c.Vanity, Extension: c.Extension})
		if err != nil {
			return nil, &exitError{exitUsage, fmt.Errorf("commdn: %w", err)}
		}
		return []ruled{{site: site}}, nil
	}
	conf, err := config.Load(c.Config, os.Environ())
	if err != nil {
		return nil, err
	}
	var all []ruled
	var names []string
	for _, l := range conf.Links {
		names = append(names, l.Name)
		if c.Link != "" && l.Name != c.Link {
			continue
		}
		sites, err := l.TenantSites()
		if err != nil {
			return nil, err
		}
		for _, s := range sites {
			all = append(all, ruled{l.Name, s.Tenants, s.Site})
		}
	}
	if all == nil {
		what := fmt.Sprintf("commdn: no link %q in %s; there are %s", c.Link, c.Config, strings.Join(names, ", "))
		if like := near.Names(c.Link, names, 1); like != nil {
			what += "; did you mean " + like[0] + "?"
		}
		return nil, &exitError{exitUsage, errors.New(what)}
	}
	return all, nil
}

func explained(given string, by ruled, x rules.Explanation) numberExplained {
	r := numberExplained{Number: given, Link: by.link, Tenants: by.tenants, failure: done, Forms: []formOfRule{}}
	if x.Err != nil {
		r.failure = failureOf(&exitError{exitInvalid, x.Err})
		if e, is := errors.AsType[*number.Error](x.Err); is {
			r.Damaged = e.Kind == number.Damaged
			return r
		}
	}
	r.Read, r.Changed, r.Extension = x.Number.String(), x.Number.Changed(), x.Number.Extension
	r.Region, r.Country, r.Valid, r.Line = x.Region, x.Country, x.Valid, x.Line
	for _, o := range x.Outcomes {
		r.Forms = append(r.Forms, formOfRule{o.Rule, o.Text, o.Same, o.Why})
	}
	return r
}

// printExplanation prints a block of lines.
func printExplanation(out io.Writer, given string, by ruled, x rules.Explanation) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "number\t%q", given)
	if by.link != "" {
		fmt.Fprintf(table, " by the rules of %s", by)
	}
	fmt.Fprintln(table)
	if _, unread := errors.AsType[*number.Error](x.Err); unread {
		fmt.Fprintf(table, "refused\t%v\n\n", x.Err)
		return table.Flush()
	}
	fmt.Fprintf(table, "read\t%s", x.Number)
	if x.Number.Extension != "" {
		fmt.Fprintf(table, ", extension %s", x.Number.Extension)
	}
	if x.Number.Changed() {
		fmt.Fprint(table, ", which is another text")
	}
	fmt.Fprint(table, "\ncountry\t")
	switch {
	case x.Country == 0:
		fmt.Fprintf(table, "not known: %s\n", x.Why)
	case !x.Valid:
		fmt.Fprintf(table, "+%d, no numbers like this one are known\n", x.Country)
	default:
		fmt.Fprintf(table, "+%d %s, %s\n", x.Country, x.Region, x.Line)
	}
	for _, o := range x.Outcomes {
		text := o.Text
		switch {
		case o.Text == "":
			text = "no: " + o.Why
		case o.Same != "":
			text += ", the same as " + o.Same
		}
		fmt.Fprintf(table, "%s\t%s\n", o.Rule, text)
	}
	if x.Err != nil {
		fmt.Fprintf(table, "refused\t%v\n", x.Err)
	}
	fmt.Fprintln(table)
	return table.Flush()
}

// understood looks at the phone of a row before it is sent: what no list can
// hold is refused, and armour and invisible characters are taken off. In which
// forms the number goes to OCS is for the relay, and with vanity what its letters
// mean.
func understood(r bulk.Row, vanity bool) (bulk.Row, error) {
	if r.Phone == "" {
		return r, nil // the customer alone
	}
	n, err := number.Read(r.Phone)
	if e, is := errors.AsType[*number.Error](err); is && e.Kind == number.Letter && vanity {
		r.Phone = strings.TrimSpace(r.Phone)
		return r, nil
	}
	if err != nil {
		return r, &commdn.FieldError{Key: commdn.KeyPhone, What: err.Error()}
	}
	r.Phone = n.Text()
	return r, nil
}
