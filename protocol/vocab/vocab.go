// Package vocab has the names that dialing, campaigns and sequences go by
// outside of the CommDN: in the JSON of the browser's API (components and wasm)
// as they stand here, in YAML files and the simulator's API in snake_case. On
// the CommDN the vendor's keys are in use, which package commdn has.
package vocab

import "commdn/protocol/commdn"

// Names of a campaign group, of a request about one, and of a sequence.
const (
	Target         = "target"   // DBID of the OCS
	Campaign       = "campaign" // DBID
	Group          = "group"    // DBID
	Dialing        = "dialing"  // an object with DialingFields
	AutoCompletion = "autoCompletion"
	Status         = "status"     // number of a commdn.GroupStatus
	StatusName     = "statusName" // its name
	Sequence       = "sequence"   // an object with the next three
	Description    = "description"
	Start          = "start" // ISO 8601
	Items          = "items" // objects with ItemFields, Dialing and StopAtTime
	StopAtTime     = "stopAtTime"
	Mode           = "mode"       // of Dialing
	OptimizeBy     = "optimizeBy" // of Dialing
	Goal           = "goal"       // of Dialing
)

// Field is a whole number of a T: its name, and where it is.
type Field[T any] struct {
	Name string
	Of   func(*T) *int32
}

// DialingFields are all that Dialing has.
var DialingFields = [...]Field[commdn.Dialing]{
	{Mode, func(d *commdn.Dialing) *int32 { return (*int32)(&d.Mode) }},
	{OptimizeBy, func(d *commdn.Dialing) *int32 { return (*int32)(&d.OptimizeBy) }},
	{Goal, func(d *commdn.Dialing) *int32 { return &d.Goal }},
}

// ItemFields are the whole numbers of an item of a sequence.
var ItemFields = [...]Field[commdn.SequenceItem]{
	{Campaign, func(it *commdn.SequenceItem) *int32 { return (*int32)(&it.Campaign) }},
	{"stopAtContacts", func(it *commdn.SequenceItem) *int32 { return &it.StopAtContacts }},
	{"stopAtDials", func(it *commdn.SequenceItem) *int32 { return &it.StopAtDials }},
	{"sleepMinutes", func(it *commdn.SequenceItem) *int32 { return &it.SleepBeforeNextStart }},
}
