package config

import (
	"errors"

	"commdn/relay/numbers"
)

// Numbers say how the calling lists behind a link hold phone numbers; see
// package numbers.
type Numbers struct {
	Region    string   `yaml:"region,omitempty"`    // country of numbers without a country code, as ES; empty: none
	Send      []string `yaml:"send,omitempty"`      // forms
	Vanity    bool     `yaml:"vanity,omitempty"`    // whether letters stand for the digits of their keys
	Extension string   `yaml:"extension,omitempty"` // drop or refuse
}

// Rules gives what numbers.New takes.
func (n Numbers) Rules() numbers.Rules {
	return numbers.Rules{Region: n.Region, Send: n.Send, Vanity: n.Vanity, Extension: n.Extension}
}

// defaultNumbers gives what a link has when the file does not say it.
func defaultNumbers() Numbers {
	return Numbers{Send: []string{numbers.Digits}, Extension: numbers.Drop}
}

// numbers looks at the rules of a link.
func (c *checker) numbers(path string, n Numbers) {
	_, err := numbers.New(n.Rules())
	if err == nil {
		return
	}
	all := []error{err}
	if joined, is := err.(interface{ Unwrap() []error }); is {
		all = joined.Unwrap()
	}
	for _, err := range all {
		if wrong, is := errors.AsType[*numbers.RuleError](err); is {
			c.Fail(path+"."+wrong.Key, "%s", wrong.What)
		}
	}
}
