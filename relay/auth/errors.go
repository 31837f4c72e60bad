package auth

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode"
)

// Reason is the kind of a refusal. There are few, so that it can be the label of a
// metric.
type Reason uint8

// The reasons. Only after Unavailable may the same token succeed later.
const (
	Missing     Reason = iota + 1 // there was no token
	Malformed                     // no JSON Web Token, over 15,000 bytes, or without a required claim
	Signature                     // not signed by a key of the issuer, or modified since
	Algorithm                     // unsigned, or signed with a forbidden algorithm
	Expired                       // exp has passed
	NotYetValid                   // nbf or iat is in the future
	Issuer                        // from another issuer
	Audience                      // for another audience
	NoRole                        // valid, but gives none of the roles
	Unavailable                   // not checkable now: the issuer's keys are unavailable
)

var reasonNames = [...]string{
	"unknown", "missing", "malformed", "signature", "algorithm", "expired", "not yet valid",
	"issuer", "audience", "no role", "unavailable",
}

// String returns the reason in lower-case words.
func (r Reason) String() string {
	if int(r) < len(reasonNames) {
		return reasonNames[r]
	}
	return reasonNames[0]
}

// TokenError says why a token was refused. Its text is fit for logs and for the client:
// it contains neither the token nor details of the connection to the provider.
type TokenError struct {
	Reason Reason
	What   string // a clause about the token: "it expired 5m0s ago"
}

// Error returns one line: token refused (REASON): WHAT.
func (e *TokenError) Error() string { return "token refused (" + e.Reason.String() + "): " + e.What }

func refuse(reason Reason, format string, args ...any) error {
	return &TokenError{reason, fmt.Sprintf(format, args...)}
}

// shown quotes foreign text for an error, cut to a length fit for logs.
func shown(s string) string {
	const most = 80
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return fmt.Sprintf("%q", s)
}

// brief makes one short line of an error, which may quote a whole response.
func brief(err error) string {
	const most = 300
	s := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, err.Error())
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}

// cause removes the path from a file system error, for texts that already name the file.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
