package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
)

// relayFlags are those of every command that talks to a relay. A token is no
// flag: who lists the processes of a machine sees their command lines.
type relayFlags struct {
	Relay     string        `help:"WebSocket of the relay, ws:// or wss:// (${default})." default:"${relay}" env:"${relayvariable}" placeholder:"URL"`
	TokenFile string        `help:"File with the token that says who you are; read again for each connection, and before the token expires. Without it, the token is taken from the environment variable COMMDN_TOKEN." placeholder:"FILE" complete:"file"`
	CAFile    string        `name:"ca-file" help:"PEM file of the authorities that may sign the certificate of a wss:// relay, instead of the system's." placeholder:"FILE" complete:"file"`
	Timeout   time.Duration `help:"How long to wait for the answer." default:"20s"`
	plainFlag

	stderr io.Writer // for warnings
}

// Where the relay is, if nobody says it.
const (
	defaultRelay  = "ws://127.0.0.1:8080/ws"
	relayVariable = "COMMDN_RELAY"
)

// AfterApply is called by kong when the flags have their values.
func (f *relayFlags) AfterApply(k *kong.Kong) error {
	f.stderr = k.Stderr
	return nil
}

// session is a connection to a relay that has been welcomed once. The client
// keeps it up from then on.
type session struct {
	*client.Client
	relay  string
	within time.Duration
}

// open connects. A relay that cannot be reached at once is not waited for.
func (f relayFlags) open(ctx context.Context) (*session, error) {
	if err := f.plainFlag.check(f); err != nil {
		return nil, err
	}
	dial, err := dialer(f.Relay, f.CAFile)
	if err != nil {
		return nil, &exitError{exitUsage, fmt.Errorf("commdn: --ca-file: %w", err)}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, f.Timeout, fmt.Errorf("no answer within %v", f.Timeout))
	defer cancel()
	// The client's own limit is the wider one, so that our context says why.
	s := &session{relay: f.Relay, within: f.Timeout, Client: client.New(client.Options{
		Dial: dial, Token: f.token(), Agent: "commdn/" + version, AnswerTimeout: 2 * f.Timeout,
	})}
	news := make(chan client.Status, 1)
	tell := func(st client.Status) {
		switch st.State {
		case client.Connected, client.Disconnected, client.Failed:
			select {
			case news <- st:
			default:
			}
		}
	}
	defer s.Watch(tell)()
	tell(s.Status()) // what there was before the watch
	var why error
	select {
	case st := <-news:
		if st.State == client.Connected {
			return s, nil
		}
		why = st.Err
	case <-ctx.Done():
		why = context.Cause(ctx)
	}
	s.Close()
	return nil, s.unconnected(why)
}

// tokenVariable is the environment variable that may hold a token.
const tokenVariable = "COMMDN_TOKEN"

// token gives the client's source of tokens, nil where none is given.
func (f relayFlags) token() func(context.Context) (string, error) {
	fixed := bareToken(os.Getenv(tokenVariable))
	if f.TokenFile == "" && fixed == "" {
		return nil
	}
	if f.TokenFile == "" {
		return func(context.Context) (string, error) { return fixed, nil }
	}
	warned := false // the client asks for one token at a time
	return func(context.Context) (string, error) {
		info, err := os.Stat(f.TokenFile)
		if err != nil {
			return "", err
		}
		if mode := info.Mode().Perm(); mode&0o077 != 0 && !warned {
			warned = true
			fmt.Fprintf(f.stderr, "commdn: the token in %s can be read or changed by others (mode %#o); chmod 600 it\n", f.TokenFile, mode)
		}
		content, err := os.ReadFile(f.TokenFile)
		if err != nil {
			return "", err
		}
		if bytes.HasPrefix(content, []byte("\xff\xfe")) || bytes.HasPrefix(content, []byte("\xfe\xff")) {
			return "", fmt.Errorf("%s is UTF-16 text; write it again as plain text, in PowerShell with Set-Content -Encoding ascii", f.TokenFile)
		}
		token := bareToken(string(content))
		if token == "" {
			return "", fmt.Errorf("%s is empty; put the token into it", f.TokenFile)
		}
		return token, nil
	}
}

// bareToken gives a token without what editors put around it: a byte order mark
// and line ends.
func bareToken(s string) string { return strings.TrimRight(strings.TrimPrefix(s, "\ufeff"), "\r\n") }

// ask sends one request and gives its answers.
func (s *session) ask(ctx context.Context, req commdn.Request) ([]commdn.Message, error) {
	return s.follow(ctx, req, nil)
}

// follow is ask that tells what happens meanwhile; told is that of client.Follow.
func (s *session) follow(ctx context.Context, req commdn.Request, told func(client.Event)) ([]commdn.Message, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.within, fmt.Errorf("no answer within %v", s.within))
	defer cancel()
	answers, err := s.Follow(ctx, req, told)
	return answers, s.explain(ctx, req, err)
}

// askAs is ask under a key of the caller's; empty: a new one.
func (s *session) askAs(ctx context.Context, key string, req commdn.Request) ([]commdn.Message, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.within, fmt.Errorf("no answer within %v", s.within))
	defer cancel()
	answers, err := s.DoAs(ctx, key, req)
	return answers, s.explain(ctx, req, err)
}

// explain says of a request that was given up how far it had got; ctx is that of the
// request. Any other error comes back as it is.
func (s *session) explain(ctx context.Context, req commdn.Request, err error) error {
	none, ok := errors.AsType[*client.NoAnswerError](err)
	if !ok {
		return err
	}
	why := none.Err
	if ctx.Err() != nil {
		why = context.Cause(ctx)
	}
	if none.Sent {
		return &unknownError{s.relay, plain(why), req.Repeatable()}
	}
	return s.unconnected(why)
}

func (s *session) unconnected(why error) error {
	return &unconnectedError{s.relay, plain(why)}
}

// unknownError says that a request was sent and that its outcome is not known.
type unknownError struct {
	relay      string
	err        error
	repeatable bool // the same request again does no harm
}

func (e *unknownError) Error() string {
	return fmt.Sprintf("sent to the relay at %s, but not known to be done: %v", e.relay, e.err)
}

// Unwrap gives what the client has said, with the reason in words for people.
func (e *unknownError) Unwrap() error { return &client.NoAnswerError{Sent: true, Err: e.err} }

// unconnectedError says that nothing was sent.
type unconnectedError struct {
	relay string
	err   error
}

func (e *unconnectedError) Error() string {
	return fmt.Sprintf("not connected to the relay at %s: %v", e.relay, e.err)
}

func (e *unconnectedError) Unwrap() error { return e.err }

// plain says in words for people why a context ended.
func plain(why error) error {
	switch {
	case errors.Is(why, context.Canceled):
		return errors.New("interrupted")
	case errors.Is(why, context.DeadlineExceeded):
		return errors.New("it does not answer")
	}
	return why
}
