package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/cmd/commdn/completion"
	"commdn/relay/internal/enums"
	"commdn/relay/internal/objname"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"Shell: ${enum}."`
}

// Help is what commdn completion --help says further.
func (completionCmd) Help() string {
	return `bash: source <(commdn completion bash)

zsh: source <(commdn completion zsh), after compinit

fish: commdn completion fish | source

Names of campaigns and groups come from the relay that the line names, or else COMMDN_RELAY.`
}

func (c completionCmd) Run(e *env, parsed *kong.Context) error {
	_, err := io.WriteString(e.stdout, completion.Script(c.Shell, parsed.Model.Node, completion.Options{
		Lists: map[string][]string{"dialmode": enums.DialModes(), "optimizeby": enums.OptimizeBys(), "state": enums.Statuses()},
		Ask:   "complete-names", Kinds: []string{kindCampaignGroup, kindCampaign, kindGroup},
	}))
	return err
}

// Kinds of names that a script of completion asks for.
const (
	kindCampaignGroup = "campaign-group"
	kindCampaign      = "campaign"
	kindGroup         = "group"
)

// namesCmd prints the names of a kind, one a line. Words are those of the line
// that is being completed, for its relay.
type namesCmd struct {
	Kind  string   `arg:"" enum:"campaign-group,campaign,group"`
	Words []string `arg:"" optional:"" passthrough:""`
}

// namesWithin is how long somebody who has pressed tab waits.
const namesWithin = 3 * time.Second

func (c *namesCmd) Run(e *env) error {
	f := c.relay(e)
	s, err := f.open(e.ctx)
	if err != nil {
		return exitOf(err)
	}
	defer s.Close()
	known, err := s.directory(e.ctx)
	if err != nil {
		return err
	}
	_, err = io.WriteString(e.stdout, strings.Join(known.words(c.Kind), ""))
	return err
}

// relay gives the relay of the line: its flags as far as they are there.
func (c *namesCmd) relay(e *env) relayFlags {
	f := relayFlags{Relay: cmp.Or(value(c.Words, "--relay"), os.Getenv(relayVariable), defaultRelay), Timeout: namesWithin, stderr: e.stderr}
	f.TokenFile, f.CAFile = value(c.Words, "--token-file"), value(c.Words, "--ca-file")
	return f
}

// value gives that of a flag among words, "" where there is none. A shell may put
// a = in a word of its own.
func value(words []string, flag string) string {
	for i, word := range words {
		rest, found := strings.CutPrefix(word, flag)
		switch {
		case !found || rest != "" && rest[0] != '=':
		case rest != "" && rest != "=":
			return rest[1:]
		case i+2 < len(words) && words[i+1] == "=":
			return words[i+2]
		case i+1 < len(words):
			return words[i+1]
		}
	}
	return ""
}

// words gives the names of a kind, each with a line end, as commands understand
// them: where a name alone would not do, with its DBID.
func (n names) words(kind string) []string {
	var all []string
	add := func(name string, of frame.Named, find func(string) (commdn.DBID, error)) string {
		for _, s := range []string{name, objname.NamePrefix + name} {
			if id, err := find(s); err == nil && id == of.DBID && !strings.ContainsAny(s, "\r\n") {
				return s
			}
		}
		return objname.DBIDPrefix + strconv.Itoa(int(of.DBID))
	}
	campaign := func(o frame.Named) string { return add(o.Name, o, n.campaign) }
	group := func(o frame.Named) string { return add(o.Name, o, n.group) }
	switch kind {
	case kindCampaign:
		for _, o := range n.Campaigns {
			all = append(all, campaign(o)+"\n")
		}
	case kindGroup:
		for _, o := range n.Groups {
			all = append(all, group(o)+"\n")
		}
	default:
		for _, g := range n.CampaignGroups {
			want := commdn.CampaignGroup{Campaign: g.Campaign, Group: g.Group}
			s := campaign(frame.Named{DBID: g.Campaign, Name: nameOf(g.Campaign, n.Campaigns)}) + "/" + group(frame.Named{DBID: g.Group, Name: nameOf(g.Group, n.Groups)})
			if got, err := n.campaignGroup(s); err != nil || got != want {
				s = fmt.Sprintf("%[1]s%[2]d/%[1]s%[3]d", objname.DBIDPrefix, g.Campaign, g.Group)
			}
			all = append(all, s+"\n")
		}
	}
	slices.Sort(all)
	return all
}
