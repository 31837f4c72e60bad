package main

import (
	"fmt"
	"os"
)

// plainFlag lets a token go where others can read it on the way.
type plainFlag struct {
	SendTokenUnencrypted bool `help:"Send the token to a ws:// relay on another machine, too. Whoever is on the way can read it, and act as you."`
}

// check refuses a token that would go unencrypted to another machine, before
// anything is sent.
func (p plainFlag) check(f relayFlags) error {
	if f.TokenFile == "" && os.Getenv(tokenVariable) == "" || !unencrypted(f.Relay) || p.SendTokenUnencrypted {
		return nil
	}
	return &exitError{exitUsage, fmt.Errorf("commdn: the token would go unencrypted to %s, where others can read it; use wss://, or --send-token-unencrypted if you know the way", f.Relay)}
}
