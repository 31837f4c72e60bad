package ocs

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// Defaults of Options.
const (
	DefaultDialRate     = 20                     // records a second
	DefaultContactShare = 25                     // percent
	DefaultUnloadTime   = 500 * time.Millisecond // in each of the two states of unloading
)

// maxDialRate bounds Options.DialRate.
const maxDialRate = 10_000

// Options say what an OCS is. The zero values of the inferred ones are what we
// believe a real OCS does.
type Options struct {
	Servers []string // addresses of the T-Server, primary first
	CommDN  string
	DBID    commdn.DBID // of this OCS's application; 1 or more
	// Connected are the applications whose requests are served: those that
	// Configuration Server has a connection for. Nobody else gets an answer.
	// Each of them is told of every change of a campaign group.
	Connected []commdn.DBID

	// Configuration has the campaigns; the zero value is none.
	Configuration Configuration
	// DialRate is how many records a second a running campaign group dials, at
	// most 10,000. 0 means DefaultDialRate.
	DialRate int
	// ContactShare is how many of 100 dials reach a customer. 0 means
	// DefaultContactShare.
	ContactShare int
	// UnloadTime is how long a campaign group stays in CM_GCS_WaitingUnload, and
	// again in CM_GCS_UnloadInProgress. 0 means DefaultUnloadTime.
	UnloadTime time.Duration
	// Clock is the time that OCS lives in; nil means the machine's.
	Clock Clock

	// Refuse makes requests for a phone fail, do not call and cancel: phone to
	// the error that OCS answers with.
	Refuse map[string]commdn.ErrorCode
	// Delay is how long every request waits before it is served, on Clock.
	Delay time.Duration

	// EchoOnError puts phone and customer id of the request, or campaign and
	// group, into CM_EvError too. Inferred; the vendor does not say.
	EchoOnError bool
	// ResponseKey is the key inside GSW_CM_AttrProperties under which the
	// response to a do-not-call or cancel request echoes it. Inferred; the
	// vendor says "replaced accordingly". Empty means the key of the request.
	ResponseKey string
	// RequirePhone refuses a do-not-call request with a customer id alone, as
	// the vendor's table of the user event has it. Without it the vendor's note
	// holds: at least one of the two.
	RequirePhone bool
	// CancelByCustomer accepts a cancel request with a customer id alone.
	// Inferred; the vendor has the phone as mandatory.
	CancelByCustomer bool
	// UnloadedAtEnd keeps CM_EvCampaignUnloaded back until the campaign group is
	// CM_GCS_NotLoaded. Inferred; without it the request is acknowledged at
	// once, with CM_GCS_WaitingUnload.
	UnloadedAtEnd bool

	Driver tserver.Driver // nil means tlink.Driver{}
	Log    *slog.Logger   // nil: no log
}

func (o *Options) complete() error {
	if o.DBID < 1 {
		return errors.New("sim/ocs: option DBID is " + strconv.Itoa(int(o.DBID)) + "; give the DBID of OCS's application, 1 or more")
	}
	if slices.Contains(o.Connected, o.DBID) {
		return fmt.Errorf("sim/ocs: option Connected names OCS %d itself", o.DBID)
	}
	if o.Delay < 0 {
		return errors.New("sim/ocs: option Delay is negative")
	}
	if o.UnloadTime < 0 {
		return errors.New("sim/ocs: option UnloadTime is negative")
	}
	if o.DialRate < 0 || o.DialRate > maxDialRate {
		return fmt.Errorf("sim/ocs: option DialRate is %d; give 1 to %d records a second", o.DialRate, maxDialRate)
	}
	if o.ContactShare < 0 || o.ContactShare > 100 {
		return fmt.Errorf("sim/ocs: option ContactShare is %d; give 1 to 100 percent", o.ContactShare)
	}
	if err := o.Configuration.check(); err != nil {
		return err
	}
	o.fillIn()
	return nil
}

// fillIn sets what was left out, and makes the options independent of the
// caller's slices and maps.
func (o *Options) fillIn() {
	o.Connected = slices.Clone(o.Connected)
	slices.Sort(o.Connected)
	o.Connected = slices.Compact(o.Connected)
	o.Refuse = maps.Clone(o.Refuse)
	if o.DialRate == 0 {
		o.DialRate = DefaultDialRate
	}
	if o.ContactShare == 0 {
		o.ContactShare = DefaultContactShare
	}
	if o.UnloadTime == 0 {
		o.UnloadTime = DefaultUnloadTime
	}
	if o.Clock == nil {
		o.Clock = realClock{}
	}
	if o.Driver == nil {
		o.Driver = tlink.Driver{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Log = o.Log.With("ocs", int(o.DBID))
}
