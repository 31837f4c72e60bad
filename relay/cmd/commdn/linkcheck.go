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
	"commdn/protocol/frame"
	"commdn/relay/cmd/commdn/bulk"
	"commdn/relay/daemon"
	"commdn/relay/linkcheck"
)

type linkCmd struct {
	Check linkCheckCmd `cmd:"" help:"Try the links of a configuration, or of a relay that runs, and say step by step what T-Server and OCS answer."`
}

type linkCheckCmd struct {
	Config   string   `help:"The relay's configuration, see relay/config.example.yaml: the check connects by itself." placeholder:"FILE" complete:"file"`
	Socket   string   `help:"The admin socket of a relay that runs, admin_socket in its configuration: its own connections are checked." env:"COMMDN_ADMIN_SOCKET" placeholder:"PATH" complete:"file"`
	Link     []string `help:"Name of a link to be checked; without it, all." placeholder:"NAME"`
	Campaign string   `help:"Campaign and group whose status OCS is asked for, by name or DBID." placeholder:"CAMPAIGN/GROUP"`
	Phone    string   `help:"A number of your own: every OCS is asked to put it on the Do Not Call list, in the forms in which the link sends it." placeholder:"NUMBER"`
	Protocol string   `help:"Write how OCS answers into this file, without anything about customers: keys, kinds, echo, addresses, times. It can be sent to whoever builds commdn, and replayed: commdn sim --as FILE." placeholder:"FILE" complete:"file"`
	outputFlag
}

// Help is what commdn link check --help says further.
func (linkCheckCmd) Help() string {
	return "Exit code: 0 all is well, 1 something failed, 2 usage, 3 no T-Server answered, so that nothing could be asked."
}

// Run checks the links.
func (c *linkCheckCmd) Run(e *env) error {
	if c.Protocol != "" && c.Campaign == "" && c.Phone == "" {
		return &exitError{exitUsage, errors.New("commdn: --protocol: OCS is asked nothing; give --campaign or --phone")}
	}
	if _, err := understood(bulk.Row{Phone: c.Phone}, true); err != nil { // a link's rules say what letters are
		return &exitError{exitUsage, fmt.Errorf("commdn: --phone: %w", err)}
	}
	all := linkChecks{Command: "link check", failure: done}
	answered := false
	var printed error
	done := func(l *linkcheck.Link) {
		all.Links, all.OK = append(all.Links, l), all.OK && l.OK()
		answered = answered || l.Answered
		printed = errors.Join(printed, c.print(e.stdout, l))
	}
	var err error
	switch {
	case c.Config != "":
		err = c.byConfig(e, done)
	case c.Socket != "":
		err = c.byRelay(e, done)
	default:
		err = &exitError{exitUsage, errors.New("commdn: give --config FILE, or --socket PATH of a relay that runs")}
	}
	if err != nil {
		return err
	}
	switch {
	case !answered:
		all.failure = failureOf(&exitError{exitNoAnswer, errors.New("no T-Server answered")})
	case !all.OK:
		all.failure = failureOf(&exitError{exitInvalid, errors.New("a step failed; its hints say what to do")})
	}
	if c.Output == formatJSON {
		printed = writeJSON(e.stdout, all)
	}
	switch err := errors.Join(printed, c.write(all.Links)); {
	case err != nil:
		return err
	case !answered:
		return &exitError{exitNoAnswer, nil}
	case !all.OK:
		return &exitError{exitInvalid, nil}
	}
	return nil
}

// byConfig connects as the relay of a configuration would.
func (c *linkCheckCmd) byConfig(e *env, done func(*linkcheck.Link)) error {
	setup, err := linkcheck.Read(e.ctx, c.Config)
	if err != nil {
		return err
	}
	o := linkcheck.Options{Driver: daemon.Driver, Phone: c.Phone}
	if o.Links, err = setup.Chosen(c.Link); err != nil {
		return &exitError{exitUsage, fmt.Errorf("commdn: --link: %w", err)}
	}
	if o.Campaign, o.CampaignName, err = c.campaign(setup.Names()); err != nil {
		return err
	}
	setup.Run(e.ctx, o, done)
	return nil
}

// campaign finds the campaign group whose status is asked for; nil: none is.
func (c *linkCheckCmd) campaign(of frame.Directory) (*commdn.CampaignGroup, string, error) {
	if c.Campaign == "" {
		return nil, "", nil
	}
	n := names{of}
	group, err := n.campaignGroup(c.Campaign)
	if err != nil {
		return nil, "", err
	}
	return &group, n.text(group), nil
}

// write writes the protocol of a link, those of several under names of their own.
func (c *linkCheckCmd) write(all []*linkcheck.Link) error {
	for _, l := range all {
		if c.Protocol == "" || l.Protocol == nil {
			continue
		}
		file := c.Protocol
		if len(all) > 1 {
			ext := filepath.Ext(file)
			file = strings.TrimSuffix(file, ext) + "-" + l.Link + ext
		}
		var text bytes.Buffer
		err := l.Protocol.Write(&text)
		if err == nil {
			err = os.WriteFile(file, text.Bytes(), 0o600)
		}
		if err != nil {
			return fmt.Errorf("commdn: --protocol: %w", err)
		}
	}
	return nil
}

// linkChecks is the result for JSON.
type linkChecks struct {
	Command string `json:"command"`
	failure
	Links []*linkcheck.Link `json:"links"`
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
