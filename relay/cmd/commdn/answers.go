package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
)

// answerPrinter prints what becomes of one phone: to people each answer soon, as another
// OCS may stay silent for long, and what failed on standard error. -o json is one
// document, and not for it.
type answerPrinter struct {
	f       *peopleFlags
	e       *env
	a       action
	several bool     // there are other phones, so that each line names its own
	printed []string // lines that were printed before the end
}

// together is how long an answer waits for others that it may be told with in one line.
const together = 500 * time.Millisecond

// settle fills in a result with what ask gives, and prints the answers that have come
// while others are awaited.
func (p *answerPrinter) settle(r *personResult, ask func(told func(client.Event)) ([]commdn.Message, error)) (printed error) {
	more := make(chan commdn.Message, 64) // a full one is not waited for: all answers are printed at the end
	settled := make(chan struct{})
	soFar := *r
	go func() {
		defer close(settled)
		r.settle(ask(func(e client.Event) {
			if e.Kind != client.Answered {
				return
			}
			select {
			case more <- e.Answer:
			default:
			}
		}))
	}()
	var answers []commdn.Message
	var due <-chan time.Time
	for {
		select {
		case m := <-more:
			if answers = append(answers, m); due == nil {
				due = time.After(together)
			}
		case <-due:
			due, soFar.Answers = nil, answersOf(answers)
			printed = errors.Join(printed, p.people(&soFar))
		case <-settled:
			return printed
		}
	}
}

// result prints a result that is settled.
func (p *answerPrinter) result(r *personResult) (err error) {
	if p.f.Output == formatJSONL {
		err = writeJSON(p.e.stdout, r)
	} else {
		err = p.people(r)
	}
	if p.several && r.err != nil {
		fmt.Fprintf(p.e.stderr, "%s: %v\n", r.Phone, r.err)
	}
	return err
}

// people prints the lines of a result that were not printed before, if people read it.
func (p *answerPrinter) people(r *personResult) error {
	if p.f.Output == formatJSON || p.f.Output == formatJSONL {
		return nil
	}
	var text strings.Builder
	for _, line := range r.lines(p.a) {
		if p.several {
			line = r.Phone + ": " + line
		}
		if !slices.Contains(p.printed, line) {
			p.printed = append(p.printed, line)
			text.WriteString(line + "\n")
		}
	}
	_, err := p.e.stdout.Write([]byte(text.String()))
	return err
}

// lines has one for each OCS, and one for each form of the number where OCS says
// different things of them. What decides that the request failed goes to standard
// error.
func (r *personResult) lines(a action) (lines []string) {
	decides, _ := errors.AsType[*commdn.Fault](r.err)
	for _, o := range r.Answers {
		words := a.done
		switch {
		case !o.OK && decides != nil && o.OCS == int32(decides.Origin) && o.Code == int32(decides.Code):
			continue
		case !o.OK:
			words = fmt.Sprintf("not taken: %s (%d): %s", o.Name, o.Code, o.Message)
		case o.Incomplete:
			words = "incomplete: " + o.Message
		}
		of := func(other ocsAnswer) bool {
			return other.OCS == o.OCS && (other.OK != o.OK || other.Incomplete != o.Incomplete || other.Code != o.Code)
		}
		if forms := formsAt(r.Answers, o.OCS); slices.ContainsFunc(r.Answers, of) && o.Phone != "" {
			words = o.Phone + ": " + words
		} else if len(forms) > 1 || len(forms) == 1 && forms[0] != r.Phone {
			words += ", as " + strings.Join(forms, ", ")
		}
		if line := fmt.Sprintf("OCS %d: %s", o.OCS, words); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// formsAt gives the forms of the number that an OCS answered for, sorted.
func formsAt(answers []ocsAnswer, ocs int32) (forms []string) {
	for _, a := range answers {
		if a.OCS == ocs && a.Phone != "" && !slices.Contains(forms, a.Phone) {
			forms = append(forms, a.Phone)
		}
	}
	slices.Sort(forms)
	return forms
}
