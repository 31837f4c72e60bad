package auth

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode"
)

// Reason is the kind of a refusal. There are few, so that it can be the label
// of a metric.
type Reason uint8

// The reasons. Only after Unavailable may the same token be good later.
const (
	Missing     Reason = iota + 1 // no token came
	Malformed                     // not a JSON Web Token, over 15,000 bytes, or without a claim that it needs
	Signature                     // not signed by a key of the issuer, or changed since
	Algorithm                     // unsigned, or signed in a way that is not allowed
	Expired                       // exp has passed
	NotYetValid                   // nbf or iat is in the future
	Issuer                        // from another issuer
	Audience                      // for somebody else
	NoRole                        // good, but gives none of the roles
	Unavailable                   // could not be checked now: the keys of the issuer are not to be had
)

var reasonNames = [...]string{
	"unknown", "missing", "malformed", "signature", "algorithm", "expired", "not yet valid",
	"issuer", "audience", "no role", "unavailable",
}

// String gives the reason in lower-case words.
func (r Reason) String() string {
	if int(r) < len(reasonNames) {
		return reasonNames[r]
	}
	return reasonNames[0]
}

// TokenError says why a token was not accepted. Its text is fit for logs and
// for the client: it never holds the token, and nothing about the way to the
// provider.
type TokenError struct {
	Reason Reason
	What   string // a clause about the token: "it expired 5m0s ago"
}

// Error gives one line: token refused (REASON): WHAT.
func (e *TokenError) Error() string { return "token refused (" + e.Reason.String() + "): " + e.What }

func refuse(reason Reason, format string, args ...any) error {
	return &TokenError{reason, fmt.Sprintf(format, args...)}
}

// shown quotes foreign text for an error, cut to a length that no log minds.
func shown(s string) string {
	const most = 80
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return fmt.Sprintf("%q", s)
}

// brief makes one short line of an error, which may quote all that a server
// has sent.
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

// cause takes the path off an error of the file system, for texts that name
// the file already.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
