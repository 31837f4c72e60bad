package main

import "commdn/relay/directory"

type directoryCmd struct {
	Check directoryCheckCmd `cmd:"" help:"Say what a directory holds, which OCS serve which applications on which CommDNs, and what is wrong."`
}

type directoryCheckCmd struct {
	File        string  `arg:"" help:"Directory in YAML, or an export of Configuration Server, see relay/directory/README.md." complete:"file"`
	Application string  `help:"Name or DBID of the relay's application; without it, the only one that an OCS serves." placeholder:"NAME"`
	CommDN      string  `name:"comm-dn" help:"Number of the CommDN; without it, the only one that fits." placeholder:"NUMBER"`
	OCS         []int32 `name:"ocs" help:"DBIDs of all OCS that are to answer; without it, all that serve the application." placeholder:"DBID"`
}

func (c *directoryCheckCmd) Run(e *env) error {
	d, err := directory.Load(c.File)
	if err != nil {
		return err
	}
	if !d.Explain(e.stdout, directory.Use{Application: c.Application, CommDN: c.CommDN, OCS: dbids(c.OCS)}) {
		return &exitError{exitInvalid, nil}
	}
	return nil
}
