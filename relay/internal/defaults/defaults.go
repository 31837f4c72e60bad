// Package defaults is what the options of a relay are where nobody says
// otherwise. The configuration file and programs that import package relay have
// the same ones.
package defaults

import "time"

// Limits of what clients can take.
const (
	Sessions           = 20_000
	SessionsPerAddress = 2_000
	SessionsPerPerson  = 100
	RequestsPerSecond  = 20 // of a session
	Burst              = 40
	AddressPerSecond   = 1_000 // requests of an address
	AddressBurst       = 2_000
	PersonPerSecond    = 100 // requests of a person
	PersonBurst        = 200
	RequestsPerSession = 32 // in flight
	Queue              = 256
)

// Times.
const (
	HelloTimeout  = 5 * time.Second
	PingInterval  = 15 * time.Second
	AnswerTimeout = 10 * time.Second
	WriteTimeout  = 10 * time.Second
	DrainTimeout  = 20 * time.Second
	StatusAge     = 30 * time.Second
	Undo          = 30 * time.Second // the longest window in which a request can be undone
)
