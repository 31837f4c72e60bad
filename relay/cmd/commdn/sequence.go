package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/cmd/commdn/seqfile"
)

type sequenceCmd struct {
	New         seqNewCmd         `cmd:"" help:"Print a sequence file that explains every key."`
	Load        seqLoadCmd        `cmd:"" help:"Load a campaign sequence."`
	Start       seqStartCmd       `cmd:"" help:"Start a loaded sequence."`
	Mode        seqModeCmd        `cmd:"" help:"Change how the items of a running sequence are dialed, as the file has it."`
	Stop        seqStopCmd        `cmd:"" help:"Stop a running sequence."`
	Unload      seqUnloadCmd      `cmd:"" help:"Unload a sequence when the calls in progress have ended."`
	ForceUnload seqForceUnloadCmd `cmd:"" help:"Unload a sequence without waiting for calls in progress."`
	Status      seqStatusCmd      `cmd:"" help:"Tell the state of a sequence and of its items."`
	Watch       seqWatchCmd       `cmd:"" help:"Print the state of a sequence, and each event about it."`
}

type seqNewCmd struct{}

// Run prints the file.
func (seqNewCmd) Run(e *env) error {
	_, err := io.WriteString(e.stdout, seqfile.Template)
	return err
}

// sequenceFlags are those of every command about a sequence.
type sequenceFlags struct {
	File  string `arg:"" help:"YAML file of the sequence, see commdn sequence new; - is standard input." complete:"file"`
	Group string `help:"Group, by name or DBID; goes before that of the file." placeholder:"GROUP" complete:"group"`
	OCS   int32  `name:"ocs" help:"DBID of the OCS to ask; needed where the relay knows several." default:"0" placeholder:"DBID"`
	relayFlags
	outputFlag
}

type seqLoadCmd struct {
	sequenceFlags
	extraFlags
	waitFlags
}

func (c *seqLoadCmd) Run(e *env) error {
	return c.run(e, "load", commdn.ReqLoadCampaign, c.extraFlags, c.waitFlags)
}

type seqStartCmd struct {
	sequenceFlags
	extraFlags
	waitFlags
}

func (c *seqStartCmd) Run(e *env) error {
	return c.run(e, "start", commdn.ReqStartDialing, c.extraFlags, c.waitFlags)
}

type seqModeCmd struct {
	sequenceFlags
	extraFlags
	waitFlags
}

func (c *seqModeCmd) Run(e *env) error {
	return c.run(e, "mode", commdn.ReqSetDialingMode, c.extraFlags, c.waitFlags)
}

type seqStopCmd struct {
	sequenceFlags
	waitFlags
}

func (c *seqStopCmd) Run(e *env) error {
	return c.run(e, "stop", commdn.ReqStopDialing, extraFlags{}, c.waitFlags)
}

type seqUnloadCmd struct {
	sequenceFlags
	waitFlags
}

func (c *seqUnloadCmd) Run(e *env) error {
	return c.run(e, "unload", commdn.ReqUnloadCampaign, extraFlags{}, c.waitFlags)
}

type seqForceUnloadCmd struct {
	sequenceFlags
	waitFlags
}

func (c *seqForceUnloadCmd) Run(e *env) error {
	return c.run(e, "force-unload", commdn.ReqForceUnloadCampaign, extraFlags{}, c.waitFlags)
}

type seqStatusCmd struct {
	sequenceFlags
	waitFlags
}

func (c *seqStatusCmd) Run(e *env) error {
	return c.run(e, "status", commdn.ReqGetCampaignStatus, extraFlags{}, c.waitFlags)
}

type seqWatchCmd struct {
	sequenceFlags
	forFlag
}

func (c *seqWatchCmd) Run(e *env) error {
	within, err := c.within()
	if err != nil {
		return err
	}
	t, _, err := c.target(e, commdn.ReqGetCampaignStatus)
	if err != nil {
		return err
	}
	defer t.Close()
	w := &watcher{session: t.session, names: t.names, output: c.Output, within: within, groups: []commdn.CampaignGroup{t.group}, questions: []commdn.Request{t.status}}
	return w.run(e)
}

// run makes a request of type typ about the sequence of the file.
func (f *sequenceFlags) run(e *env, command string, typ commdn.MessageType, extra extraFlags, w waitFlags) error {
	g, err := w.goal(true)
	if err != nil {
		return err
	}
	priority, err := extra.priority()
	if err != nil {
		return err
	}
	t, sequence, err := f.target(e, typ)
	if err != nil {
		return err
	}
	defer t.Close()
	return t.run(e, "sequence "+command, f.Output, g, func(t *target) (commdn.Request, error) {
		c := commdn.Control{Address: t.address, CampaignGroup: t.group, Sequence: sequence, AutoCompletion: extra.auto(), Priority: priority}
		c.Dialing = sequence.Items[0].Dialing // mandatory beside those of the items
		return c.Request(typ), nil
	})
}

// target reads the file before it connects, and resolves its names for a request
// of type typ.
func (f *sequenceFlags) target(e *env, typ commdn.MessageType) (*target, *commdn.Sequence, error) {
	file, err := f.read(e.stdin)
	if err != nil {
		return nil, nil, err
	}
	s, err := f.open(e.ctx)
	if err != nil {
		return nil, nil, exitOf(err)
	}
	t := &target{session: s, address: commdn.Address{Target: commdn.DBID(f.OCS)}}
	sequence, err := f.resolve(e.ctx, t, file, typ)
	if err != nil {
		s.Close()
		return nil, nil, err
	}
	t.status = &commdn.GetCampaignStatus{Address: t.address, CampaignGroup: t.group, Sequence: sequence}
	return t, sequence, nil
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
func (f *sequenceFlags) resolve(ctx context.Context, t *target, file *seqfile.File, typ commdn.MessageType) (*commdn.Sequence, error) {
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
	check := commdn.Control{CampaignGroup: t.group, Sequence: q, Dialing: q.Items[0].Dialing}
	err = check.Request(commdn.ReqGetCampaignStatus).Validate() // the items alone
	if err == nil {
		err = check.Request(typ).Validate()
	}
	if err != nil {
		if field, ok := errors.AsType[*commdn.FieldError](err); ok {
			return nil, fieldError(f.File, file, field)
		}
		return nil, err
	}
	return q, nil
}

// fieldError gives a field that is wrong in the words of the file.
func fieldError(name string, file *seqfile.File, field *commdn.FieldError) *seqfile.Error {
	e := &seqfile.Error{File: name, Key: field.Key, What: field.What}
	item, key, _ := strings.Cut(field.Key, "/")
	n, err := strconv.Atoi(strings.TrimPrefix(item, commdn.KeyScheduleItem))
	if err == nil && n >= 1 && n <= len(file.Items) {
		e.Line, e.Key = file.Items[n-1].Line, key
	}
	words := map[string]string{
		commdn.KeyStopAtTime: "stop_at_time", commdn.KeyItemOptValue: "goal", commdn.KeyStartTime: "start", commdn.KeyDescription: "description",
	}
	if word, known := words[e.Key]; known {
		e.Key = word
	}
	e.What = strings.ReplaceAll(e.What, commdn.KeyStartTime, "start")
	return e
}
