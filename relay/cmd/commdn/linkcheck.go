package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"commdn/protocol/commdn"
	"commdn/protocol/number"
	"commdn/relay/config"
	"commdn/relay/daemon"
	"commdn/relay/internal/near"
	"commdn/relay/linkcheck"
)

type linkCmd struct {
	Check linkCheckCmd `cmd:"" help:"Try the links of a configuration, and say step by step what T-Server and OCS answer."`
}

type linkCheckCmd struct {
	Config   string   `required:"" help:"The relay's configuration, see relay/config.example.yaml." placeholder:"FILE" complete:"file"`
	Link     []string `help:"Name of a link to be checked; without it, all." placeholder:"NAME"`
	Campaign string   `help:"Campaign and group whose status OCS is asked for, by name or DBID." placeholder:"CAMPAIGN/GROUP"`
	Phone    string   `help:"A number of your own: every OCS is asked to put it on the Do Not Call list." placeholder:"NUMBER"`
	Protocol string   `help:"Write how OCS answers into this file, without anything about customers: keys, kinds, echo, addresses, times. It can be sent to whoever builds commdn, and replayed: commdn sim --as FILE." placeholder:"FILE" complete:"file"`
	outputFlag
	several bool `kong:"-"` // links are checked
}

// Help is what commdn link check --help says further.
func (linkCheckCmd) Help() string {
	return "Exit code: 0 all is well, 1 something failed, 2 usage, 3 no T-Server answered, so that nothing could be asked."
}

// Run checks the links.
func (c *linkCheckCmd) Run(e *env) error {
	setup, err := linkcheck.Read(e.ctx, c.Config)
	if err != nil {
		return err
	}
	o := linkcheck.Options{Driver: daemon.Driver, Phone: c.Phone}
	if o.Links, err = c.links(setup.Config); err != nil {
		return err
	}
	if c.Protocol != "" && c.Campaign == "" && c.Phone == "" {
		return &exitError{exitUsage, errors.New("commdn: --protocol: OCS is asked nothing; give --campaign or --phone")}
	}
	c.several = len(o.Links) > 1
	if c.Campaign != "" {
		n := names{setup.Names()}
		group, err := n.campaignGroup(c.Campaign)
		if err != nil {
			return err
		}
		o.Campaign, o.CampaignName = &group, n.text(group)
	}
	if c.Phone != "" {
		err := (&commdn.DoNotCall{Phone: c.Phone}).Validate()
		if err == nil {
			_, err = number.Read(c.Phone)
		}
		if err != nil {
			return &exitError{exitUsage, fmt.Errorf("commdn: --phone: %w", err)}
		}
	}
	all := linkChecks{Command: "link check", OK: true}
	answered := false
	var printed error
	setup.Run(e.ctx, o, func(l *linkcheck.Link) {
		all.Links, all.OK = append(all.Links, l), all.OK && l.OK()
		answered = answered || l.Answered
		printed = errors.Join(printed, c.print(e.stdout, l), c.write(l))
	})
	if c.Output == formatJSON {
		printed = writeJSON(e.stdout, all)
	}
	switch {
	case printed != nil:
		return printed
	case !answered:
		return &exitError{exitNoAnswer, nil}
	case !all.OK:
		return &exitError{exitInvalid, nil}
	}
	return nil
}

// links gives those that are chosen, in the order of the configuration.
func (c *linkCheckCmd) links(conf *config.Config) (chosen []config.Link, err error) {
	if len(c.Link) == 0 {
		return conf.Links, nil
	}
	wanted := map[string]bool{}
	for _, name := range c.Link {
		wanted[name] = true
	}
	var have []string
	for _, l := range conf.Links {
		have = append(have, l.Name)
		if wanted[l.Name] {
			chosen = append(chosen, l)
			delete(wanted, l.Name)
		}
	}
	for name := range wanted {
		hint := "there are " + strings.Join(have, ", ")
		if like := near.Names(name, have, 1); like != nil {
			hint = "did you mean " + like[0] + "?"
		}
		return nil, &exitError{exitUsage, fmt.Errorf("commdn: --link: %q is no link of the configuration; %s", name, hint)}
	}
	return chosen, nil
}

// write writes the protocol of a link, that of several under a name of its own.
func (c *linkCheckCmd) write(l *linkcheck.Link) error {
	if c.Protocol == "" || l.Protocol == nil {
		return nil
	}
	file := c.Protocol
	if c.several {
		ext := filepath.Ext(file)
		file = strings.TrimSuffix(file, ext) + "-" + l.Link + ext
	}
	var text bytes.Buffer
	if err := l.Protocol.Write(&text); err != nil {
		return fmt.Errorf("commdn: --protocol: %w", err)
	}
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		return fmt.Errorf("commdn: --protocol: %w", err)
	}
	return nil
}

// linkChecks is the result for JSON.
type linkChecks struct {
	Command string            `json:"command"`
	OK      bool              `json:"ok"`
	Links   []*linkcheck.Link `json:"links"`
}

// print writes what came of one link, but for JSON, which has all in one.
func (c *linkCheckCmd) print(out io.Writer, l *linkcheck.Link) error {
	switch c.Output {
	case formatJSON:
		return nil
	case formatJSONL:
		return writeJSON(out, l)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "link %s\n", l.Link)
	for _, s := range l.Steps {
		fmt.Fprintf(&b, "%-4s %s: %s\n", s.State, s.Step, s.Text)
		for _, h := range s.Hints {
			fmt.Fprintf(&b, "       %s\n", h)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}
