package commdn

import "strconv"

// DialMode is the value of GSW_CM_AttrDialMode and of dialMode ("Enumeration
// Values for GSW_CM_AttrDialMode").
type DialMode int32

// The dialing modes.
const (
	DialPredict          DialMode = 1  // CFGDMPredict: predictive
	DialProgress         DialMode = 2  // CFGDMProgress: progressive
	DialPreview          DialMode = 3  // CFGDMPreview: preview
	DialProgressAndSeize DialMode = 4  // CFGDMProgressAndSeize: progressive with engage
	DialPredictAndSeize  DialMode = 5  // CFGDMPredictAndSeize: predictive with engage
	DialPushPreview      DialMode = 8  // CFGDMPushPreview: push preview
	DialProgressGVP      DialMode = 9  // CFGDMProgressGVP: progressive GVP
	DialPowerGVP         DialMode = 11 // CFGDMPowerGVP: power GVP
)

// dialModes is indexed by the number; the vendor leaves some out.
var dialModes = [...]string{
	1: "CFGDMPredict", 2: "CFGDMProgress", 3: "CFGDMPreview", 4: "CFGDMProgressAndSeize",
	5: "CFGDMPredictAndSeize", 8: "CFGDMPushPreview", 9: "CFGDMProgressGVP", 11: "CFGDMPowerGVP",
}

// Known says whether the vendor lists the mode. A request with any other is
// not valid; in an event it is kept.
func (m DialMode) Known() bool { return name(dialModes[:], int32(m)) != "" }

// String gives the vendor's name, or the number where there is none.
func (m DialMode) String() string { return nameOrNumber(dialModes[:], int32(m)) }

// DialModes gives the modes that the vendor lists, by number.
func DialModes() []DialMode { return listed[DialMode](dialModes[:]) }

// OptimizeBy is the value of GSW_CM_AttrOptimizeBy and of optMethod
// ("Enumeration Values for GSW_CM_AttrOptimizeBy").
type OptimizeBy int32

// The optimization methods.
const (
	OptimizeBusyFactor   OptimizeBy = 1 // CFGOMBusyFactor: busy factor
	OptimizeOverdialRate OptimizeBy = 2 // CFGOMOverdialRate: overdial rate
	OptimizeWaitTime     OptimizeBy = 3 // CFGOMWaitTime: wait time
)

var optimizeBys = [...]string{1: "CFGOMBusyFactor", 2: "CFGOMOverdialRate", 3: "CFGOMWaitTime"}

// Known says whether the vendor lists the method. A request with any other is
// not valid; in an event it is kept.
func (o OptimizeBy) Known() bool { return name(optimizeBys[:], int32(o)) != "" }

// String gives the vendor's name, or the number where there is none.
func (o OptimizeBy) String() string { return nameOrNumber(optimizeBys[:], int32(o)) }

// OptimizeBys gives the methods that the vendor lists, by number.
func OptimizeBys() []OptimizeBy { return listed[OptimizeBy](optimizeBys[:]) }

// GroupStatus is the value of GSW_CM_AttrGroupCampStatus and of status
// ("Enumeration Values for GSW_CM_AttrGroupCampStatus").
type GroupStatus int32

// The states of a campaign group.
const (
	StatusNotLoaded        GroupStatus = 0 // CM_GCS_NotLoaded
	StatusWaitingUnload    GroupStatus = 1 // CM_GCS_WaitingUnload
	StatusUnloadInProgress GroupStatus = 2 // CM_GCS_UnloadInProgress
	StatusInActive         GroupStatus = 3 // CM_GCS_InActive
	StatusActive           GroupStatus = 4 // CM_GCS_Active: loaded, does not dial
	StatusRunning          GroupStatus = 5 // CM_GCS_Running: dials
)

var groupStatuses = [...]string{
	"CM_GCS_NotLoaded", "CM_GCS_WaitingUnload", "CM_GCS_UnloadInProgress",
	"CM_GCS_InActive", "CM_GCS_Active", "CM_GCS_Running",
}

// Known says whether the vendor lists the state.
func (s GroupStatus) Known() bool { return name(groupStatuses[:], int32(s)) != "" }

// String gives the vendor's name, or the number where there is none.
func (s GroupStatus) String() string { return nameOrNumber(groupStatuses[:], int32(s)) }

// GroupStatuses gives the states that the vendor lists, by number.
func GroupStatuses() []GroupStatus { return listed[GroupStatus](groupStatuses[:]) }

// listed gives the numbers that have a name.
func listed[T ~int32](names []string) []T {
	all := make([]T, 0, len(names))
	for n, name := range names {
		if name != "" {
			all = append(all, T(n))
		}
	}
	return all
}

// name gives the name of n, or "".
func name(names []string, n int32) string {
	if n >= 0 && int(n) < len(names) {
		return names[n]
	}
	return ""
}

func nameOrNumber(names []string, n int32) string {
	if s := name(names, n); s != "" {
		return s
	}
	return strconv.Itoa(int(n))
}
