package frame

import "commdn/protocol/tkvlist"

// Keys of hello, refresh and identity.
const (
	keyToken   = "token"
	keyRole    = "role"
	keyExpires = "expires"
	keySubject = "subject"
)

// MaxToken is how many bytes a token may have; with it a hello or a refresh
// is still a frame.
const MaxToken = 15000

// The roles that a session may have.
const (
	RoleAgent      = "agent"      // do-not-call and cancel
	RoleSupervisor = "supervisor" // campaigns and campaign sequences
	RoleAuditor    = "auditor"    // reading the audit
)

// Refresh renews the identity of a session before its token expires. The relay
// answers with Identity, or closes with CloseTokenRefused.
type Refresh struct {
	Token string // the new token; a secret, not to be logged
}

// Body gives the list of the frame.
func (r Refresh) Body() tkvlist.List {
	return tkvlist.List{{Key: keyToken, Value: tkvlist.String(r.Token)}}
}

// ReadRefresh reads the list of a refresh.
func ReadRefresh(l tkvlist.List) Refresh {
	r := Refresh{}
	r.Token, _ = l.Text(keyToken)
	return r
}

// Identity is whom the relay takes the session for.
type Identity struct {
	Subject string   // unique, and the same for the same person on every connection; empty where the relay asks for no token
	Name    string   // for people and for the audit; empty where the relay asks for no token
	Roles   []string // RoleAgent …; one that is not known gives no right
	Expires int64    // Unix seconds by which the relay wants a refresh; 0: never
}

// Body gives the list of the frame. Expires goes as an unsigned 32-bit number,
// good until 2106.
func (i Identity) Body() tkvlist.List {
	l := tkvlist.List{{Key: keyName, Value: tkvlist.String(i.Name)}}
	for _, role := range i.Roles {
		l.Add(keyRole, tkvlist.String(role))
	}
	l.Add(keyExpires, tkvlist.Int(int32(uint32(i.Expires))))
	if i.Subject != "" {
		l.Add(keySubject, tkvlist.String(i.Subject))
	}
	return l
}

// ReadIdentity reads the list of an identity. Unknown keys are passed over.
func ReadIdentity(l tkvlist.List) Identity {
	i := Identity{}
	i.Subject, _ = l.Text(keySubject)
	i.Name, _ = l.Text(keyName)
	for _, p := range l {
		if role, ok := p.Value.Text(); ok && p.Key == keyRole {
			i.Roles = append(i.Roles, role)
		}
	}
	expires, _ := l.Int(keyExpires)
	i.Expires = int64(uint32(expires))
	return i
}
