package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

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
	d, err := c.read(e.ctx)
	if err != nil {
		return err
	}
	if !d.Explain(e.stdout, directory.Use{Application: c.Application, CommDN: c.CommDN, OCS: dbids(c.OCS)}) {
		return &exitError{exitInvalid, nil}
	}
	return nil
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
