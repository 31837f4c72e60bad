package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"commdn/protocol/commdn"
	"commdn/relay/habits"
	"commdn/relay/sim/control"
)

type ctlHabitsCmd struct {
	List  ctlHabitsListCmd  `cmd:"" default:"withargs" help:"Tell how each OCS words what it says. The default."`
	Names ctlHabitsNamesCmd `cmd:"" help:"Explain each habit."`
	Set   ctlHabitsSetCmd   `cmd:"" help:"Change some habits."`
	As    ctlHabitsAsCmd    `cmd:"" help:"Replace all habits by those of a preset, or of an OCS that was seen."`
}

// ofOCS is the flag that chooses an OCS.
type ofOCS struct {
	OCS int32 `name:"ocs" help:"The OCS; all without it." placeholder:"DBID"`
}

type ctlHabitsListCmd struct{}

// Run lists the habits of each OCS.
func (ctlHabitsListCmd) Run(e *env, c *simCtlCmd) error {
	return ctlAll(e, c, func(ctx context.Context, s *control.Client) ([]control.Habits, error) { return s.Habits(ctx) }, printHabits)
}

func printHabits(w io.Writer, all []control.Habits) {
	fmt.Fprintln(w, "OCS\tBACKUP\tACTIVE\tHABITS")
	for _, o := range all {
		var words []string
		for _, s := range o.Habits.Settings() {
			words = append(words, s.Name+"="+s.Value)
		}
		backup := ""
		if o.Backup != 0 {
			backup = fmt.Sprint(o.Backup)
		}
		fmt.Fprintf(w, "%d\t%s\t%d\t%s\n", o.OCS, dash(backup), o.Active, dash(strings.Join(words, " ")))
	}
}

type ctlHabitsNamesCmd struct{}

// Run explains the habits; no simulator is asked.
func (ctlHabitsNamesCmd) Run(e *env) error {
	return tabular(e.stdout, func(w io.Writer) {
		for _, name := range habits.Names() {
			fmt.Fprintf(w, "%s\t%s\n", name, habits.Says(name))
		}
	})
}

type ctlHabitsSetCmd struct {
	Habits []string `arg:"" name:"name=value" help:"Habits with their values: no_echo=true, item_numbers=sparse; an empty value is that of plain."`
	ofOCS
}

// Run changes habits and prints the OCS that were changed.
func (f *ctlHabitsSetCmd) Run(e *env, c *simCtlCmd) error {
	set := make(map[string]json.RawMessage)
	for _, setting := range f.Habits {
		name, value, ok := strings.Cut(setting, "=")
		if !ok {
			return &exitError{exitUsage, fmt.Errorf("commdn: %q: give NAME=VALUE, no_echo=true for one", setting)}
		}
		if _, twice := set[name]; twice {
			return &exitError{exitUsage, fmt.Errorf("commdn: %s is there twice", name)}
		}
		var err error
		if set[name], err = habits.JSON(name, value); err != nil {
			return &exitError{exitUsage, fmt.Errorf("commdn: %w", err)}
		}
	}
	return f.change(e, c, "", set)
}

type ctlHabitsAsCmd struct {
	As string `arg:"" name:"plain|strange|file" help:"A preset, or a file that commdn link check has written." complete:"file"`
	ofOCS
}

// Run replaces the habits and prints the OCS that were changed.
func (f *ctlHabitsAsCmd) Run(e *env, c *simCtlCmd) error {
	as, err := habits.Load(f.As)
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("commdn: %w", err)}
	}
	return f.change(e, c, habits.Plain, as)
}

// change asks for a change; set is what makes the JSON of habits.
func (f *ofOCS) change(e *env, c *simCtlCmd, as string, set any) error {
	text, err := json.Marshal(set)
	if err != nil {
		return err
	}
	return ctlAll(e, c, func(ctx context.Context, s *control.Client) ([]control.Habits, error) {
		return s.SetHabits(ctx, control.SetHabits{OCS: commdn.DBID(f.OCS), As: as, Set: text})
	}, printHabits)
}

type ctlTakeOverCmd struct{ ofOCS }

// Run lets the other OCS of a pair go on.
func (f *ctlTakeOverCmd) Run(e *env, c *simCtlCmd) error {
	return ctlAll(e, c, func(ctx context.Context, s *control.Client) ([]control.Habits, error) {
		return s.TakeOver(ctx, commdn.DBID(f.OCS))
	}, printHabits)
}
