package main

import (
	"errors"
	"fmt"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/number"
	"commdn/relay/cmd/commdn/bulk"
)

// peopleFlags are what dnc and cancel have in common.
type peopleFlags struct {
	Phones     []string      `arg:"" optional:"" name:"phone" help:"Phone numbers, as people write them: the relay knows the forms of the calling lists."`
	CustomerID string        `help:"Customer id, as in the calling lists."`
	Chain      string        `enum:",AllChain,RecordOnly" default:"" help:"Scope: AllChain, which is the default, or RecordOnly." placeholder:"SCOPE"`
	RecordOnly bool          `xor:"scope" help:"The same as --chain RecordOnly."`
	Undo       time.Duration `help:"Hold each request for so long before it goes out: Ctrl-C takes it back till then. The relay has a limit." placeholder:"TIME"`
	OCS        int32         `name:"ocs" help:"DBID of the OCS to ask; 0 is all of them." default:"0" placeholder:"DBID"`
	relayFlags
	outputFlag
	fileFlags
}

// action is what is asked for a person: dnc or cancel.
type action struct {
	name      string
	done      string // what is true once OCS has acknowledged
	campaigns bool   // whether a campaign can be named
	// request builds what asks for one row; its fields are checked by Validate.
	request func(bulk.Row) commdn.Request
}

// run asks for the phones of the command line, or for the rows of a file.
func (f *peopleFlags) run(e *env, campaign string, a action) error {
	switch {
	case f.RecordOnly && f.Chain != "":
		return &exitError{exitUsage, errors.New("commdn: --chain and --record-only can't be used together")}
	case f.RecordOnly:
		f.Chain = string(commdn.RecordOnly)
	case f.Chain == "":
		f.Chain = string(commdn.AllChain)
	}
	if f.Parallel < 1 || f.Parallel > maxParallel {
		return &exitError{exitUsage, fmt.Errorf("commdn: --parallel %d is not from 1 to %d", f.Parallel, maxParallel)}
	}
	if f.Undo < 0 || f.Undo > 0 && f.File != "" {
		return &exitError{exitUsage, fmt.Errorf("commdn: --undo %s: give a time above 0, such as 5s; it goes without --file", f.Undo)}
	}
	if f.File != "" {
		if len(f.Phones) > 0 || f.CustomerID != "" {
			return &exitError{exitUsage, errors.New("commdn: --file goes without phones and --customer-id; put them into the file")}
		}
		return f.runFile(e, campaign, a)
	}
	if f.Results != "" {
		return &exitError{exitUsage, errors.New("commdn: --results goes with --file")}
	}
	phones := f.Phones
	if len(phones) == 0 {
		phones = []string{""} // the customer alone
	}
	results := make([]personResult, len(phones))
	for i, phone := range phones {
		row := bulk.Row{Phone: phone, CustomerID: f.CustomerID, Chain: f.Chain, Campaign: campaign}
		row, err := understood(row, true) // the relay will say whether letters are digits
		if err == nil {
			err = a.request(row).Validate()
		}
		if err != nil {
			return err // before anything is sent
		}
		if n, err := number.Read(phone); err == nil && n.Extension != "" {
			fmt.Fprintf(e.stderr, "commdn: %q is read as %s, extension %s\n", phone, n, n.Extension)
		} else if row.Phone != phone {
			fmt.Fprintf(e.stderr, "commdn: %q is read as %s\n", phone, row.Phone)
		}
		results[i] = newPersonResult(row)
	}
	unsent, printed := f.ask(e, results, a)
	if unsent != nil {
		return unsent
	}
	if f.Output == formatJSON {
		if len(results) == 1 {
			printed = writeJSON(e.stdout, results[0])
		} else {
			printed = writeJSON(e.stdout, results)
		}
	}
	if printed != nil {
		return printed
	}
	return worst(results)
}

// ask fills in the results and prints each, one after the other: OCS may refuse without
// saying whom, and the relay can tell only while nothing else is under way. unsent is the
// error of a number whose letters are no digits there; nothing was sent then. printed is
// that of standard output.
func (f *peopleFlags) ask(e *env, results []personResult, a action) (unsent, printed error) {
	s, err := f.open(e.ctx)
	if err == nil {
		defer s.Close()
		for i := range results {
			if _, err := understood(results[i].row, s.Status().Vanity); err != nil {
				return err, nil
			}
		}
	}
	for i := range results {
		r, p := &results[i], &answerPrinter{f, e, a, len(results) > 1, nil}
		if err != nil {
			r.settle(nil, err)
		} else {
			printed = errors.Join(printed, p.settle(r, func(told func(client.Event)) ([]commdn.Message, error) {
				return s.hold(e.ctx, a.request(r.row), f.Undo, f.stderr, told)
			}))
		}
		printed = errors.Join(printed, p.result(r))
	}
	return nil, printed
}

// personResult is what became of one number or customer, and what -o json and
// jsonl print of it, of the command line and of a file alike: an object for one
// phone, an array for several. Every field is always there.
type personResult struct {
	Row        int    `json:"row"` // line of the file; 0 without a file
	Phone      string `json:"phone"`
	CustomerID string `json:"customer_id"`
	Chain      string `json:"chain"`    // AllChain or RecordOnly
	Campaign   string `json:"campaign"` // of a cancel; empty is all campaigns
	failure
	Answers []ocsAnswer `json:"answers"` // of each OCS that answered
	Time    time.Time   `json:"time"`    // when it was settled

	row bulk.Row
	err error
}

// newPersonResult gives a result that is not settled.
func newPersonResult(r bulk.Row) personResult {
	return personResult{Row: r.Line, Phone: r.Phone, CustomerID: r.CustomerID, Chain: r.Chain, Campaign: r.Campaign, Answers: []ocsAnswer{}, row: r}
}

// settle takes in the answers to a request.
func (r *personResult) settle(answers []commdn.Message, err error) {
	r.failure, r.err, r.Answers, r.Time = failureOf(exitOf(err)), err, answersOf(answers), time.Now().UTC()
	if err == nil {
		r.State = string(stateOf(answers, nil))
	}
}

// answersOf says what each OCS answered.
func answersOf(answers []commdn.Message) []ocsAnswer {
	all := make([]ocsAnswer, 0, len(answers))
	for _, m := range answers {
		a := ocsAnswer{OCS: int32(m.Addr().Origin), OK: true}
		switch m := m.(type) {
		case *commdn.DoNotCallProcessed:
			a.Phone = m.Phone
		case *commdn.Fault:
			a.Phone = m.Phone
			a.OK, a.Code, a.Name, a.Message = false, int32(m.Code), m.Code.String(), m.Message
		case *commdn.RecordCanceled:
			a.Phone, a.Incomplete, a.Message = m.Phone, m.Incomplete(), m.Message
		}
		all = append(all, a)
	}
	return all
}

// stateOf says how a request ended.
func stateOf(answers []commdn.Message, err error) bulk.State {
	switch client.OutcomeOf(answers, err) {
	case client.Done:
		return bulk.Done
	case client.Incomplete:
		return bulk.Incomplete
	case client.Refused, client.Invalid:
		return bulk.Refused
	case client.Unknown:
		return bulk.Unknown
	}
	return bulk.NotSent
}

// worst gives the exit code of them all: 1 if anything was refused, else 4 if what became
// of anything is not known, else 3.
func worst(results []personResult) error {
	if len(results) == 1 {
		return told(results[0].err)
	}
	code := 0
	for _, r := range results {
		if r.err == nil {
			continue
		}
		code = worse(code, exitCode(r.err))
	}
	if code == 0 {
		return nil
	}
	return &exitError{code: code}
}

// worse gives the exit code that says more of two requests.
func worse(a, b int) int {
	for _, code := range []int{exitInvalid, exitUnknown, exitNoAnswer} {
		if a == code || b == code {
			return code
		}
	}
	return max(a, b)
}
