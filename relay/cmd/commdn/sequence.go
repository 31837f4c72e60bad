package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/cmd/commdn/seqfile"
)

type sequenceCmd struct {
	Load   seqLoadCmd   `cmd:"" help:"Load a campaign sequence."`
	Start  seqStartCmd  `cmd:"" help:"Start a loaded sequence."`
	Stop   seqStopCmd   `cmd:"" help:"Stop a running sequence."`
	Unload seqUnloadCmd `cmd:"" help:"Unload a sequence."`
	Status seqStatusCmd `cmd:"" help:"Tell the state of a sequence and of its items."`
}

// sequenceFlags are those of every command about a sequence.
type sequenceFlags struct {
	File  string `arg:"" help:"YAML file of the sequence; - is standard input."`
	Group string `help:"Group, by name or DBID; goes before that of the file." placeholder:"GROUP"`
	OCS   int32  `name:"ocs" help:"DBID of the OCS to ask; needed where the relay knows several." default:"0" placeholder:"DBID"`
	relayFlags
	outputFlag
}

type seqLoadCmd struct{ sequenceFlags }

func (c *seqLoadCmd) Run(e *env) error { return c.run(e, "load", commdn.ReqLoadCampaign) }

type seqStartCmd struct{ sequenceFlags }

func (c *seqStartCmd) Run(e *env) error { return c.run(e, "start", commdn.ReqStartDialing) }

type seqStopCmd struct{ sequenceFlags }

func (c *seqStopCmd) Run(e *env) error { return c.run(e, "stop", commdn.ReqStopDialing) }

type seqUnloadCmd struct{ sequenceFlags }

func (c *seqUnloadCmd) Run(e *env) error { return c.run(e, "unload", commdn.ReqUnloadCampaign) }

type seqStatusCmd struct{ sequenceFlags }

func (c *seqStatusCmd) Run(e *env) error { return c.run(e, "status", commdn.ReqGetCampaignStatus) }

// run reads the file before it connects, and makes the request.
func (f *sequenceFlags) run(e *env, command string, typ commdn.MessageType) error {
	file, err := f.read(e.stdin)
	if err != nil {
		return err
	}
	s, err := f.open(e.ctx)
	if err != nil {
		return exitOf(err)
	}
	defer s.Close()
	t := &target{session: s, address: commdn.Address{Target: commdn.DBID(f.OCS)}}
	sequence, err := f.resolve(e.ctx, t, file)
	if err != nil {
		return err
	}
	return t.run(e, "sequence "+command, f.Output, waitFlags{}, func(t *target) (commdn.Request, error) {
		c := commdn.Control{Address: t.address, CampaignGroup: t.group, Sequence: sequence}
		c.Dialing = sequence.Items[0].Dialing // mandatory beside those of the items
		return c.Request(typ), nil
	})
}

func (f *sequenceFlags) read(stdin io.Reader) (*seqfile.File, error) {
	name, in := f.File, stdin
	if f.File == "-" {
		name = "standard input"
	} else {
		file, err := os.Open(f.File)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	data, err := io.ReadAll(io.LimitReader(in, seqfile.MaxSize+1))
	if err != nil {
		return nil, err
	}
	file, err := seqfile.Parse(name, data)
	if err != nil {
		return nil, err
	}
	if f.Group != "" {
		file.Group = f.Group
	}
	if file.Group == "" {
		return nil, &exitError{exitUsage, fmt.Errorf("commdn: %s names no group; give --group", name)}
	}
	return file, nil
}

// resolve finds the DBIDs of a file's names, and sets the target's group.
func (f *sequenceFlags) resolve(ctx context.Context, t *target, file *seqfile.File) (*commdn.Sequence, error) {
	var err error
	if t.names, err = t.directory(ctx); err != nil {
		return nil, err
	}
	if t.group.Group, err = t.names.group(file.Group); err != nil {
		return nil, err
	}
	start := file.Start
	if start.IsZero() {
		start = time.Now()
	}
	q := &commdn.Sequence{Description: file.Description, Start: start.Unix()}
	for _, i := range file.Items {
		id, err := t.names.campaign(i.Campaign)
		if err != nil {
			return nil, &seqfile.Error{File: f.File, Line: i.Line, Key: "campaign", What: err.Error()}
		}
		item := commdn.SequenceItem{
			Campaign: id, Dialing: i.Dialing, SleepBeforeNextStart: i.WaitMinutes,
			StopAtContacts: i.StopAtContacts, StopAtDials: i.StopAtDials,
		}
		if !i.StopAtTime.IsZero() {
			item.StopAtTime = i.StopAtTime.Unix()
		}
		q.Items = append(q.Items, item)
	}
	check := commdn.GetCampaignStatus{CampaignGroup: t.group, Sequence: q}
	if err := check.Validate(); err != nil {
		if field, ok := errors.AsType[*commdn.FieldError](err); ok {
			return nil, &seqfile.Error{File: f.File, Key: field.Key, What: field.What}
		}
		return nil, err
	}
	return q, nil
}
