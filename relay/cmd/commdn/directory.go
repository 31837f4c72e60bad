package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"commdn/relay/config"
	"commdn/relay/directory"
	"commdn/relay/directory/live"
	"commdn/relay/internal/dial"
)

type directoryCmd struct {
	Check directoryCheckCmd `cmd:"" help:"Say what a directory holds, which OCS serve which applications on which CommDNs, and what is wrong."`
}

type directoryCheckCmd struct {
	File        string        `arg:"" help:"Directory in YAML, an export of Configuration Server, or what a relay keeps of a bridge's, see relay/directory/README.md; or a bridge that runs: HOST:PORT, or unix:/path." complete:"file"`
	Encoding    string        `help:"Encoding of the file, such as windows-1252 or shift_jis; without it, UTF-8." placeholder:"NAME"`
	Application string        `help:"Name or DBID of the relay's application; without it, the only one that an OCS serves." placeholder:"NAME"`
	CommDN      string        `name:"comm-dn" help:"Number of the CommDN; without it, the only one that fits." placeholder:"NUMBER"`
	OCS         []int32       `name:"ocs" help:"DBIDs of all OCS that are to answer; without it, all that serve the application." placeholder:"DBID"`
	Config      string        `help:"Configuration of the relay: each of its links is checked, with its own application, CommDN and OCS." placeholder:"FILE" complete:"file"`
	CAFile      string        `name:"ca-file" help:"For a bridge with TLS: who has signed its certificate, PEM." placeholder:"FILE" complete:"file"`
	CertFile    string        `name:"cert-file" help:"For a bridge with TLS: certificate to show it, PEM." placeholder:"FILE" complete:"file"`
	KeyFile     string        `name:"key-file" help:"For a bridge with TLS: key of that certificate, PEM." placeholder:"FILE" complete:"file"`
	ServerName  string        `name:"server-name" help:"Name in the bridge's certificate; without it, HOST." placeholder:"NAME"`
	Timeout     time.Duration `default:"30s" help:"How long a bridge may take."`
}

func (c *directoryCheckCmd) Run(e *env) error {
	if err := directory.CheckEncoding(c.Encoding); err != nil {
		return &exitError{exitUsage, fmt.Errorf("commdn: --encoding: %w", err)}
	}
	uses, err := c.uses()
	if err != nil {
		return err
	}
	d, err := c.read(e.ctx)
	if err != nil {
		return err
	}
	ok := true
	for i, use := range uses {
		if len(uses) > 1 {
			fmt.Fprintf(e.stdout, "%slink %s\n", strings.Repeat("\n", min(i, 1)), use.name)
		}
		ok = d.Explain(e.stdout, use.Use) && ok
	}
	if !ok {
		return &exitError{exitInvalid, nil}
	}
	return nil
}

// namedUse is the use of a link.
type namedUse struct {
	name string
	directory.Use
}

// uses gives what is to be checked: that of the flags, or of each link of a
// configuration.
func (c *directoryCheckCmd) uses() ([]namedUse, error) {
	if c.Config == "" {
		return []namedUse{{"", directory.Use{Application: c.Application, CommDN: c.CommDN, OCS: dbids(c.OCS)}}}, nil
	}
	if c.Application != "" || c.CommDN != "" || c.OCS != nil {
		return nil, &exitError{exitUsage, errors.New("commdn: directory check: --config says application, CommDN and OCS of each link; leave the other flags away")}
	}
	conf, err := config.Load(c.Config, os.Environ())
	if err != nil {
		return nil, err
	}
	var all []namedUse
	for _, l := range conf.Links {
		use := namedUse{l.Name, directory.Use{Application: l.Application, CommDN: l.CommDN, OCS: config.Servers(l.OCS), Backups: config.Backups(l.OCS)}}
		if use.Application == "" && l.AppDBID != 0 {
			use.Application = strconv.Itoa(int(l.AppDBID))
		}
		all = append(all, use)
	}
	return all, nil
}

func (c *directoryCheckCmd) read(ctx context.Context) (*directory.Directory, error) {
	if !isBridge(c.File) {
		return directory.LoadIn(c.File, c.Encoding)
	}
	o := live.Options{Address: c.File}
	if c.CAFile != "" || c.CertFile != "" || c.KeyFile != "" {
		var err error
		if o.TLS, err = (dial.Files{CA: c.CAFile, Cert: c.CertFile, Key: c.KeyFile, ServerName: c.ServerName}).Config(); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.Timeout, fmt.Errorf("nothing within %s", c.Timeout))
	defer cancel()
	d, err := live.Fetch(ctx, o)
	if err != nil {
		return nil, &exitError{exitNoAnswer, err}
	}
	return d, nil
}

// isBridge says whether what is to be checked is the address of a bridge. A file
// of that name counts more.
func isBridge(s string) bool {
	if strings.HasPrefix(s, "unix:") {
		return true
	}
	_, port, err := net.SplitHostPort(s)
	if _, noPort := strconv.ParseUint(port, 10, 16); err != nil || noPort != nil {
		return false
	}
	_, err = os.Stat(s)
	return err != nil
}
