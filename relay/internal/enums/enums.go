// Package enums reads dialing modes, optimization methods, states of a campaign
// group, error codes and requests as people write them: the vendor's name with
// or without its prefix (CFGDMPredictAndSeize, PredictAndSeize), in kebab-case
// (predict-and-seize), in any case, or the vendor's number.
package enums

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"commdn/protocol/commdn"
	"commdn/relay/internal/near"
)

// kind is one enumeration.
type kind[T ~int32] struct {
	what   string // for errors
	prefix string // of the vendor's names
	values []T
	name   func(T) string
}

var (
	dialModes   = kind[commdn.DialMode]{"dialing mode", "CFGDM", commdn.DialModes(), commdn.DialMode.String}
	optimizeBys = kind[commdn.OptimizeBy]{"optimization method", "CFGOM", commdn.OptimizeBys(), commdn.OptimizeBy.String}
	statuses    = kind[commdn.GroupStatus]{"state", "CM_GCS_", commdn.GroupStatuses(), commdn.GroupStatus.String}
	errorCodes  = kind[commdn.ErrorCode]{"error", "CM_ERROR_", commdn.ErrorCodes(), commdn.ErrorCode.String}
	requests    = kind[commdn.MessageType]{"request", "CM_Req", commdn.Requests(), commdn.MessageType.String}
)

// DialMode reads a dialing mode, "predict" for one.
func DialMode(s string) (commdn.DialMode, error) { return dialModes.parse(s) }

// OptimizeBy reads an optimization method, "busy-factor" for one.
func OptimizeBy(s string) (commdn.OptimizeBy, error) { return optimizeBys.parse(s) }

// Status reads a state of a campaign group, "not-loaded" for one.
func Status(s string) (commdn.GroupStatus, error) { return statuses.parse(s) }

// ErrorCode reads an error that OCS may answer with, "invalid-parameter" for one.
func ErrorCode(s string) (commdn.ErrorCode, error) { return errorCodes.parse(s) }

// Request reads the type of a request of the API, "do-not-call" for one.
func Request(s string) (commdn.MessageType, error) { return requests.parse(s) }

// IsErrorCode says whether the vendor lists c as an error; CM_ERROR_NO is none.
func IsErrorCode(c commdn.ErrorCode) bool { return slices.Contains(errorCodes.values, c) }

// DialModes gives the names of all dialing modes in kebab-case.
func DialModes() []string { return dialModes.names() }

// OptimizeBys gives the names of all optimization methods in kebab-case.
func OptimizeBys() []string { return optimizeBys.names() }

// Statuses gives the names of all states in kebab-case.
func Statuses() []string { return statuses.names() }

// ErrorCodes gives the names of all errors in kebab-case.
func ErrorCodes() []string { return errorCodes.names() }

// Requests gives the names of all requests in kebab-case.
func Requests() []string { return requests.names() }

func (k kind[T]) names() []string {
	names := make([]string, len(k.values))
	for i, v := range k.values {
		names[i] = kebab(strings.TrimPrefix(k.name(v), k.prefix))
	}
	return names
}

// parse gives the value that s names; the error names the values there are.
func (k kind[T]) parse(s string) (T, error) {
	plain := squeeze(s)
	for _, v := range k.values {
		name := k.name(v)
		if plain == squeeze(name) || plain == squeeze(strings.TrimPrefix(name, k.prefix)) || s == strconv.Itoa(int(v)) {
			return v, nil
		}
	}
	names := k.names()
	hint := ""
	if like := near.Names(s, names, 1); like != nil {
		hint = "; did you mean " + like[0] + "?"
	}
	return 0, fmt.Errorf("%q is no %s; there are %s%s", s, k.what, strings.Join(names, ", "), hint)
}

// squeeze leaves the letters and digits of s, in lower case.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// kebab writes PredictAndSeize as predict-and-seize, PowerGVP as power-gvp and
// LICENSE_VIOLATION as license-violation.
func kebab(s string) string {
	var b strings.Builder
	lower := false // the letter before
	for _, r := range strings.ReplaceAll(s, "_", "-") {
		if unicode.IsUpper(r) && lower {
			b.WriteByte('-')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
