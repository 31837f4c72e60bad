package daemon

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay"
	"commdn/relay/auth"
	"commdn/relay/config"
	"commdn/relay/directory"
	"commdn/relay/tserver"
	"commdn/relay/web"
)

// setup is a configuration with the directory that it names.
type setup struct {
	conf      *config.Config
	directory *directory.Directory // nil: none is named
	findings  []directory.Finding
}

// readSetup reads and checks a configuration and what it names. A link that the
// directory finds fault with is no error here if it can be opened: the findings
// say that OCS would be silent. pushed gives what a bridge has sent already; nil: the
// bridge is asked.
func readSetup(file string, pushed func(config.Bridge) *directory.Directory, log *slog.Logger) (*setup, error) {
	conf, err := config.Load(file, os.Environ())
	if err != nil {
		return nil, err
	}
	s := &setup{conf: conf}
	switch {
	case conf.Directory.File != "":
		s.directory, err = directory.LoadIn(string(conf.Directory.File), conf.Directory.Encoding)
	case conf.Directory.Bridge.On():
		if pushed != nil {
			s.directory = pushed(conf.Directory.Bridge)
		}
		if s.directory == nil {
			s.directory, err = firstDirectory(conf, log)
		}
	default:
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	s.findings = conf.Complete(s.directory)
	return s, nil
}

// openable says which links lack something that the directory did not tell
// either, and why.
func (s *setup) openable() error {
	var all []error
	for _, l := range s.conf.Links {
		if lacks := l.Incomplete(); lacks != "" {
			all = append(all, fmt.Errorf("link %s cannot be opened: the directory does not tell %s", l.Name, lacks))
		}
	}
	if all == nil {
		return nil
	}
	for _, f := range s.findings {
		if f.Severity == directory.Error {
			all = append(all, errors.New(f.String()))
		}
	}
	return errors.Join(all...)
}

// settings are what a running relay takes over.
func (s *setup) settings() (relay.Settings, error) {
	c := s.conf
	if _, err := web.ParseOrigins(c.Origins); err != nil {
		return relay.Settings{}, err
	}
	if _, err := web.ParseParents(c.Parents); err != nil {
		return relay.Settings{}, err
	}
	policy, err := newPolicy(c.Auth.Rules)
	if err != nil {
		return relay.Settings{}, err
	}
	return relay.Settings{
		Hosts: c.Hosts, Origins: c.Origins, Parents: c.Parents, Policy: policy, Grace: c.Auth.Grace, Directory: s.directory,
		Limits: relay.Limits{
			Sessions: c.Limits.Sessions, PerAddress: c.Limits.SessionsPerAddress,
			Rate: c.Limits.RequestsPerSecond, Burst: c.Limits.Burst,
			AddressRate: c.Limits.AddressRequestsPerSecond, AddressBurst: c.Limits.AddressBurst,
			PerPerson: c.Limits.SessionsPerPerson, PersonRate: c.Limits.PersonRequestsPerSecond, PersonBurst: c.Limits.PersonBurst,
			Requests: c.Limits.RequestsPerSession, Queue: c.Limits.Queue, Undo: orNever(c.Limits.Undo),
		},
	}, nil
}

// links are the links to T-Server.
func (s *setup) links() ([]relay.Link, error) {
	var all []relay.Link
	for _, l := range s.conf.Links {
		driver, err := Driver(l)
		if err != nil {
			return nil, err
		}
		o := tserver.Options{
			Driver: driver, Servers: l.Servers, CommDN: l.CommDN, Application: l.Application,
			MinBackoff: l.Backoff.Min, MaxBackoff: l.Backoff.Max,
			KeepAlive: tserver.KeepAlive{Idle: l.KeepAlive.Idle, Timeout: l.KeepAlive.Timeout},
		}
		sites, err := l.Sites()
		if err != nil {
			return nil, err
		}
		one := relay.Link{Numbers: sites, Name: l.Name, TServer: o, AppDBID: l.AppDBID, OCS: config.Servers(l.OCS), Backups: config.Backups(l.OCS),
			Charset: l.Charset, CancelByCustomer: l.CancelByCustomer}
		for _, t := range l.Tenants {
			one.Tenants = append(one.Tenants, s.tenant(t))
		}
		all = append(all, one)
	}
	return all, nil
}

// tenant gives the tenant that a DBID or a name stands for.
func (s *setup) tenant(text string) auth.Named {
	if s.directory != nil {
		if t, err := s.directory.FindTenant(text); err == nil {
			return auth.Named{DBID: t.DBID, Name: t.Name}
		}
	}
	if id, err := strconv.ParseInt(text, 10, 32); err == nil && id > 0 {
		return auth.Named{DBID: commdn.DBID(id)}
	}
	return auth.Named{Name: text}
}

func newPolicy(rules []config.Rule) (*auth.Policy, error) {
	all := make([]auth.Rule, len(rules))
	for i, r := range rules {
		role, err := auth.ParseRole(r.Role)
		if err != nil {
			return nil, err
		}
		all[i] = auth.Rule{Role: role, Values: r.Values, Campaigns: r.Campaigns, Groups: r.Groups, Tenants: r.Tenants}
	}
	return auth.NewPolicy(all)
}

// ErrSilent says that a configuration can be read, and that OCS would not answer
// a relay that uses it.
var ErrSilent = errors.New("OCS would not answer; see the errors above")

// usable says whether everything that a relay makes of a configuration can be
// made.
func (s *setup) usable() error {
	if _, err := s.settings(); err != nil {
		return err
	}
	if _, err := s.links(); err != nil {
		return err
	}
	if _, err := s.auditKey(); err != nil {
		return err
	}
	if s.conf.Auth.JWKS.On() { // of a provider Check has looked at the files
		if _, err := newAuthenticator(s.conf.Auth, nil); err != nil {
			return err
		}
	}
	return nil
}

// silent gives what makes a configuration one that OCS would not answer, if it is
// one: each finding that is an error. The unit does not start a relay with it.
func (s *setup) silent() error {
	var all []error
	s.tell(func(severity directory.Severity, text string) {
		if severity == directory.Error {
			all = append(all, errors.New(text))
		}
	})
	return errors.Join(all...)
}

// Check writes what a relay would use, with what is worth knowing of it as
// comments. The error is ErrSilent, or says what is wrong with the file.
func Check(file string, out io.Writer) error {
	s, err := readSetup(file, nil, nil)
	if err == nil {
		err = s.usable()
	}
	if err != nil {
		return err
	}
	if _, err := out.Write(s.conf.Masked()); err != nil {
		return err
	}
	s.tell(func(severity directory.Severity, text string) {
		_, _ = io.WriteString(out, "# "+severity.String()+": "+text+"\n")
	})
	if s.openable() != nil || s.silent() != nil {
		return ErrSilent
	}
	return nil
}

// tell says what an operator should know of a configuration that can be used.
func (s *setup) tell(say func(severity directory.Severity, text string)) {
	for _, w := range s.conf.Warnings() {
		say(directory.Warning, w)
	}
	for _, f := range s.findings {
		say(f.Severity, f.Text)
	}
}

// orNever gives a window for undo as package relay has it, where 0 is the default.
func orNever(window time.Duration) time.Duration {
	if window == 0 {
		return -1
	}
	return window
}
