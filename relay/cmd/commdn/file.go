package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/cmd/commdn/bulk"
)

type fileFlags struct {
	File     string `help:"CSV file of numbers; - is standard input." placeholder:"FILE" complete:"file"`
	Results  string `help:"CSV file to add a line to for every row; a job that is run again passes over what it says is done." placeholder:"FILE" complete:"file"`
	Encoding string `help:"Encoding of the file: auto, utf-8, utf-16le, utf-16be, cp1252 or latin1." default:"auto" placeholder:"NAME"`
	Parallel int    `help:"How many requests are under way at once." default:"8" placeholder:"N"`
}

const fileHelp = `A file of numbers begins with a header row that names its columns, in any order: phone, customer_id, chain (AllChain, RecordOnly or empty), campaign. ` +
	`A row that is wrong is reported and passed over. After an interruption, run the same command again: rows that the results file calls done are passed over, all others are worked on, and have a further line there only if they end in another way. A results file is of one command, one --ocs and one --relay. ` +
	`Exit code 1 says that some rows were wrong or refused, 4 that what became of some is not known, 3 that some were not sent or not reached.`

// maxParallel is what a relay is asked for at once by one job, at most.
const maxParallel = 256

// graceful is how long rows under way may take after SIGINT.
const graceful = 5 * time.Second

// runFile runs a job over the rows of a file.
func (f *peopleFlags) runFile(e *env, campaign string, a action) error {
	o := bulk.Options{Parallel: f.Parallel, Encoding: f.Encoding, Grace: min(graceful, f.Timeout)}
	input, err := f.openInput(e, &o)
	if err != nil {
		return err
	}
	defer func() { _ = input.close() }()
	s, err := f.open(e.ctx) // before the results file, which is of a relay that is there
	if err != nil {
		return exitOf(err)
	}
	defer s.Close()
	if f.Results != "" {
		if o.Results, err = bulk.OpenResults(f.Results, f.job(a)); err != nil {
			return err
		}
		defer o.Results.Close()
		if o.Results.Len() > 0 {
			if err := input.keep(); err != nil {
				return err
			}
		}
	}
	unused := false
	o.Prepare = func(r bulk.Row) (bulk.Row, *bulk.RowError) {
		if r.Campaign != "" && !a.campaigns && !unused {
			unused = true
			fmt.Fprintf(e.stderr, "commdn: %s knows no campaigns; the column campaign is not used\n", a.name)
		}
		return f.prepare(r, campaign, a, s.Status().Vanity)
	}
	speed := newPace()
	var nameless atomic.Bool // OCS has refused without saying whom
	var kept sync.Map        // []ocsAnswer of rows that are not told, by line
	o.Send = func(ctx context.Context, r bulk.Row) bulk.Outcome {
		key := func(int) string { return "" } // a new one each time
		if o.Results != nil {
			key = func(try int) string { return o.Results.Key(r, try) }
		}
		answers, outcome := insist(ctx, s.within, speed, func(key string) ([]commdn.Message, error) { return s.askAs(ctx, key, a.request(r)) }, key)
		if slices.ContainsFunc(answers, isNameless) {
			nameless.Store(true)
		}
		if f.Output == formatJSONL {
			kept.Store(r.Line, answersOf(answers))
		}
		return outcome
	}
	var printed error
	o.Each = func(r bulk.Result) {
		if err := f.each(e, r, &kept, o.Progress != nil); err != nil && printed == nil {
			printed = err
		}
	}
	summary, err := bulk.Run(e.ctx, o)
	ended := f.exit(summary, err, nameless.Load())
	if err := errors.Join(printed, f.summarize(e, summary, err, ended)); err != nil {
		return err
	}
	if f.Output == formatJSON && summary.States != nil {
		return told(ended)
	}
	return ended
}

// job says whose the results are: what is asked for, and whom.
func (f *peopleFlags) job(a action) bulk.Job {
	relay := f.Relay
	if u, err := url.Parse(f.Relay); err == nil {
		relay = (&url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host), Path: u.Path}).String() // without what may be secret
	}
	return bulk.Job{Command: a.name, Flags: fmt.Sprintf("--ocs %d --relay %s", f.OCS, relay)}
}

// prepare completes a row with what the flags say and checks it.
func (f *peopleFlags) prepare(r bulk.Row, campaign string, a action, vanity bool) (bulk.Row, *bulk.RowError) {
	if r.Chain == "" {
		r.Chain = f.Chain
	}
	if r.Campaign == "" {
		r.Campaign = campaign
	}
	r, err := understood(r, vanity)
	if err == nil {
		err = a.request(r).Validate()
	}
	if err == nil {
		return r, nil
	}
	field, ok := errors.AsType[*commdn.FieldError](err)
	if !ok {
		return r, &bulk.RowError{Line: r.Line, Column: "the row", What: err.Error()}
	}
	return r, &bulk.RowError{Line: r.Line, Column: columnOf(field.Key), What: field.What}
}

// columnOf gives the column of a file that a key of a request comes from.
func columnOf(key string) string {
	switch key {
	case commdn.KeyPhone:
		return "phone"
	case commdn.KeyCustomerID:
		return "customer_id"
	case commdn.KeyChain:
		return "chain"
	case commdn.KeyCampaignName:
		return "campaign"
	}
	return key
}

// Waits between two tries of a row.
const (
	firstRetry = 250 * time.Millisecond
	lastRetry  = 4 * time.Second
)

// insist asks until there is an answer, or until the relay has had no place or
// no link for as long as one answer may take. key gives the key of a try.
func insist(ctx context.Context, within time.Duration, speed *pace, ask func(key string) ([]commdn.Message, error), key func(try int) string) ([]commdn.Message, bulk.Outcome) {
	deadline := time.Now().Add(within)
	try := 0
	for pause := firstRetry; ; pause = min(2*pause, lastRetry) {
		if err := speed.wait(ctx); err != nil {
			return nil, outcome(nil, &client.NoAnswerError{Err: err})
		}
		answers, err := ask(key(try))
		refusal, refused := errors.AsType[*frame.Refusal](err)
		later := refused && client.OutcomeOf(answers, err) == client.NotSent
		if later && refusal.Code == frame.RefusedRateLimited {
			speed.refused()
			if ctx.Err() == nil {
				deadline = time.Now().Add(within) // it waits in turn
				continue
			}
		}
		speed.answered()
		if later && (refusal.Code == frame.RefusedLinkDown || refusal.Code == frame.RefusedTServer) {
			try++ // the relay has taken the request in, and knows its outcome
		}
		if !later || time.Now().Add(pause).After(deadline) {
			return answers, outcome(answers, err)
		}
		wait := time.NewTimer(pause)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return answers, outcome(answers, err)
		}
	}
}

// outcome says what a row's line in the results file will, and the lines of the forms
// of its number.
func outcome(answers []commdn.Message, err error) bulk.Outcome {
	o := outcomeOf(answers, err)
	for _, a := range answersOf(answers) {
		o.Forms = append(o.Forms, bulk.Form{Phone: a.Phone, Outcome: a.outcome()})
	}
	alike := func(f bulk.Form) bool { return f.Phone == "" || f.State == o.State && f.Code == o.Code }
	if !slices.ContainsFunc(o.Forms, func(f bulk.Form) bool { return !alike(f) }) {
		o.Forms = nil
	}
	return o
}

// outcome gives an answer as a line of the results file has it.
func (a *ocsAnswer) outcome() bulk.Outcome {
	o := bulk.Outcome{State: bulk.Done, Code: a.Code, Name: a.Name, Message: fmt.Sprintf("OCS %d", a.OCS)}
	switch {
	case !a.OK:
		o.State = bulk.Refused
	case a.Incomplete:
		o.State = bulk.Incomplete
	}
	if a.Message != "" {
		o.Message += ": " + a.Message
	}
	return o
}

func outcomeOf(answers []commdn.Message, err error) bulk.Outcome {
	o := bulk.Outcome{State: stateOf(answers, err)}
	if fault, ok := errors.AsType[*commdn.Fault](err); ok {
		o.Code, o.Name, o.Message = int32(fault.Code), fault.Code.String(), fault.Message
		return o
	}
	if refusal, ok := errors.AsType[*frame.Refusal](err); ok {
		o.Name, o.Message = refusal.Code.String(), refusal.Message
		return o
	}
	if err != nil {
		o.Message = err.Error()
		return o
	}
	for _, m := range answers {
		if c, ok := m.(*commdn.RecordCanceled); ok && c.Message != "" {
			o.Message = c.Message
		}
	}
	return o
}

// each reports one row: bad and failed ones on standard error, all of them on
// standard output as jsonl.
func (f *peopleFlags) each(e *env, r bulk.Result, kept *sync.Map, bar bool) error {
	if r.State != bulk.Done && r.State != bulk.Incomplete {
		clear := ""
		if bar {
			clear = "\r\x1b[K" // the bar is drawn anew below
		}
		words := []string{r.Message}
		if r.Code != 0 {
			words = []string{fmt.Sprintf("%s (%d)", r.Name, r.Code), r.Message}
		}
		fmt.Fprintf(e.stderr, "%srow %d: %s: %s\n", clear, r.Line, r.State, strings.Join(words, ": "))
		for _, form := range r.Forms {
			fmt.Fprintf(e.stderr, "row %d: %s: %s: %s\n", r.Line, form.Phone, form.State, form.Message)
		}
	}
	if f.Output != formatJSONL {
		return nil
	}
	p := newPersonResult(r.Row)
	p.failure, p.Time = rowFailure(r.Outcome), r.Time.UTC()
	if answers, ok := kept.LoadAndDelete(r.Line); ok {
		p.Answers = answers.([]ocsAnswer)
	}
	return writeJSON(e.stdout, p)
}

// rowFailure gives the outcome of a row as that of a single request has it.
func rowFailure(o bulk.Outcome) failure {
	f := failure{OK: o.State == bulk.Done || o.State == bulk.Incomplete, State: string(o.State), Code: o.Code, Name: o.Name, Message: o.Message}
	if f.OK {
		return f
	}
	f.Error, f.Retryable = o.Message, o.State == bulk.Unknown || o.State == bulk.NotSent
	if o.Code != 0 {
		f.Error = fmt.Sprintf("OCS refused: %s (%d): %s", o.Name, o.Code, o.Message)
	}
	return f
}

// states is the order in which a summary counts.
var states = []bulk.State{bulk.Done, bulk.Incomplete, bulk.Refused, bulk.Invalid, bulk.Unknown, bulk.NotSent}

// summarize prints what became of the rows.
func (f *peopleFlags) summarize(e *env, s bulk.Summary, stopped, ended error) error {
	if f.Output == formatJSONL || s.States == nil {
		return nil
	}
	if f.Output == formatJSON {
		r := failureOf(ended)
		if n := s.Failed(); n > 0 && r.Error == "" {
			r.Error = fmt.Sprintf("%d of %d rows did not end well", n, s.Rows())
		}
		v := map[string]any{
			"rows": s.Rows(), "skipped": s.Skipped, "duplicates": s.Duplicates, "done_in_all": s.Skipped + s.States[bulk.Done], "complete": stopped == nil, "seconds": s.Took.Seconds(),
			"ok": r.OK, "state": r.State, "error": r.Error, "code": r.Code, "retryable": r.Retryable,
		}
		for _, state := range states {
			v[string(state)] = s.States[state]
		}
		return writeJSON(e.stdout, v)
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "%d rows", s.Rows())
	if s.Skipped > 0 {
		fmt.Fprintf(&text, ", %d done before", s.Skipped)
	}
	for _, state := range states {
		if n := s.States[state]; n > 0 {
			fmt.Fprintf(&text, ", %d %s", n, state)
		}
	}
	fmt.Fprintf(&text, " in %s", s.Took.Round(time.Millisecond))
	if s.Skipped > 0 {
		fmt.Fprintf(&text, "; %d done in all", s.Skipped+s.States[bulk.Done])
	}
	if s.Duplicates > 0 {
		fmt.Fprintf(&text, "; %d rows ask for the same as an earlier one", s.Duplicates)
	}
	text.WriteByte('\n')
	_, err := text.WriteTo(e.stdout)
	return err
}

// isNameless says of an answer that it is a refusal which names nobody: it may have been
// meant for another request.
func isNameless(m commdn.Message) bool {
	fault, ok := m.(*commdn.Fault)
	return ok && fault.Phone == "" && fault.CustomerID == ""
}

// exit gives the exit code of a job. nameless says that OCS has refused without saying
// whom.
func (f *peopleFlags) exit(s bulk.Summary, err error, nameless bool) error {
	stopped, isStopped := errors.AsType[*bulk.StoppedError](err)
	switch {
	case errors.Is(err, bulk.ErrInterrupted):
		return &exitError{exitNoAnswer, errors.New("interrupted: " + f.goOn())}
	case isStopped:
		return &exitError{exitNoAnswer, fmt.Errorf("%w; %s", stopped, f.goOn())}
	case err != nil:
		return fmt.Errorf("%s: %w", f.File, err)
	}
	code := 0
	for state, c := range map[bulk.State]int{bulk.Refused: exitInvalid, bulk.Invalid: exitInvalid, bulk.Unknown: exitUnknown, bulk.NotSent: exitNoAnswer} {
		if s.States[state] > 0 {
			code = worse(code, c)
		}
	}
	if s.States[bulk.Unknown] > 0 && f.Parallel > 1 && nameless {
		return &exitError{code, errors.New("OCS has refused a number without saying which; run again with --parallel 1 to see whether a row without an answer was meant")}
	}
	if code != 0 {
		return &exitError{code: code}
	}
	return nil
}

func (f *peopleFlags) goOn() string {
	if f.Results == "" {
		return "some rows were not reached; with --results, a second run goes on where the first one ended"
	}
	return "some rows were not reached; run the same command again to go on"
}

// isTerminal says whether somebody looks at what is written to w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
