package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"commdn/relay/sim/control"
	"commdn/relay/sim/scenario"
)

type ctlFaultsCmd struct {
	List  ctlFaultListCmd  `cmd:"" default:"withargs" help:"List the faults that are set. The default."`
	Add   ctlFaultAddCmd   `cmd:"" help:"Set a fault, or have one of T-Server happen at once."`
	Rm    ctlFaultRmCmd    `cmd:"" help:"Take a fault away."`
	Clear ctlFaultClearCmd `cmd:"" help:"Take all faults away."`
}

type ctlFaultListCmd struct{}

// Run lists the faults.
func (ctlFaultListCmd) Run(e *env, c *simCtlCmd) error {
	return ctlAll(e, c, func(ctx context.Context, s *control.Client) ([]control.Fault, error) { return s.Faults(ctx) }, printFaults)
}

func printFaults(w io.Writer, all []control.Fault) {
	fmt.Fprintln(w, "ID\tHAPPENED\tFAULT")
	for _, f := range all {
		keys, _ := json.Marshal(f.Fault) // it has come as JSON
		fmt.Fprintf(w, "%d\t%d\t%s\n", f.ID, f.Happened, strings.Trim(strings.NewReplacer(`"`, "", ":", " ", ",", ", ").Replace(string(keys)), "{}"))
	}
}

// ctlFaultAddCmd has the keys of a fault in a scenario.
type ctlFaultAddCmd struct {
	Do          string `arg:"" help:"OCS: delay, drop, duplicate, reorder, refuse, silence. T-Server: close, stall, garbage, link_down, link_up, switchover, unregister."`
	Latency     string `help:"delay: how much later a request is served." placeholder:"DURATION"`
	Jitter      string `help:"delay: up to how much more." placeholder:"DURATION"`
	Error       string `help:"refuse: the error, by the vendor's name or number." placeholder:"ERROR"`
	OCS         string `name:"ocs" help:"The OCS that fails; all without it." placeholder:"DBID"`
	Request     string `help:"The requests that it fails at: do-not-call or another, the vendor's name or number; all without it." placeholder:"REQUEST"`
	Phone       string `help:"Requests about this phone." placeholder:"PHONE"`
	Campaign    string `help:"Requests about this campaign." placeholder:"DBID"`
	Percent     string `help:"Of these requests." placeholder:"N"`
	Application string `help:"T-Server: the client whose connection is meant; all without it." placeholder:"NAME"`
	After       string `help:"T-Server: after so many UserEvents; at once without it." placeholder:"N"`
	For         string `help:"stall, link_down: how long." placeholder:"DURATION"`
	Times       string `help:"How often; without it always for an OCS, once for a T-Server." placeholder:"N"`
}

// fault gives the fault that the flags say.
func (f *ctlFaultAddCmd) fault() (scenario.Fault, error) {
	keys := map[string]any{"do": f.Do}
	for key, value := range map[string]string{
		"latency": f.Latency, "jitter": f.Jitter, "error": f.Error, "request": f.Request, "phone": f.Phone, "application": f.Application, "for": f.For,
	} {
		if value != "" {
			keys[key] = value
		}
	}
	for key, value := range map[string]string{"ocs": f.OCS, "campaign": f.Campaign, "percent": f.Percent, "after": f.After, "times": f.Times} {
		if value == "" {
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			return scenario.Fault{}, fmt.Errorf("commdn: --%s: %q is no whole number", key, value)
		}
		keys[key] = n
	}
	text, err := json.Marshal(keys)
	if err != nil {
		return scenario.Fault{}, err
	}
	return scenario.ParseFault(text)
}

// Run sets the fault.
func (f *ctlFaultAddCmd) Run(e *env, c *simCtlCmd) error {
	fault, err := f.fault()
	if err != nil {
		return &exitError{exitUsage, err}
	}
	return ctl(e, c, func(ctx context.Context, s *control.Client) (control.Fault, error) { return s.AddFault(ctx, fault) },
		func(w io.Writer, set control.Fault) { printFaults(w, []control.Fault{set}) })
}

type ctlFaultRmCmd struct {
	ID int `arg:"" help:"Its number."`
}

// Run takes the fault away.
func (f *ctlFaultRmCmd) Run(e *env, c *simCtlCmd) error {
	return ctlQuiet(e, c, func(ctx context.Context, s *control.Client) error { return s.RemoveFault(ctx, f.ID) })
}

type ctlFaultClearCmd struct{}

// Run takes all faults away.
func (ctlFaultClearCmd) Run(e *env, c *simCtlCmd) error {
	return ctlQuiet(e, c, func(ctx context.Context, s *control.Client) error { return s.ClearFaults(ctx) })
}
