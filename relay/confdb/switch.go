package confdb

import (
	"fmt"
	"slices"

	"commdn/protocol/commdn"
)

// Switch is a switch with the T-Server that is connected to it.
type Switch struct {
	DBID    commdn.DBID
	Name    string
	TServer commdn.DBID // an application; 0: unknown
}

// String gives name and DBID.
func (s Switch) String() string { return Label(s.Name, s.DBID) }

// SwitchOf gives the switch of a CommDN; false where the database does not know it.
func (d *DB) SwitchOf(dn CommDN) (Switch, bool) {
	i := slices.IndexFunc(d.Switches, func(s Switch) bool { return s.DBID == dn.Switch })
	if i < 0 {
		return Switch{}, false
	}
	return d.Switches[i], true
}

// Deaf says why an OCS probably hears nothing on a CommDN although it works with it: the T-Server
// of its switch is not in the Connections of the OCS. "" is nothing to say, also where
// the switch or its T-Server is unknown.
//
// The vendor's pages do not say so; it follows from what a T-Server and a switch are. So
// it is reason for a warning alone.
func (d *DB) Deaf(ocs Application, dn CommDN) string {
	s, ok := d.SwitchOf(dn)
	if !ok || s.TServer == 0 || slices.Contains(ocs.Connections, s.TServer) {
		return ""
	}
	return fmt.Sprintf("%s, the T-Server of its switch %s, is not in the Connections of %s", d.ApplicationText(s.TServer), s, ocs)
}

// CommDNText gives the number of a CommDN, and where others have the same number what
// tells them apart: the switch, or the DBID of the DN.
func (d *DB) CommDNText(dn CommDN) string {
	same := 0
	for _, o := range d.CommDNs {
		if o.Number == dn.Number {
			same++
		}
	}
	s, ok := d.SwitchOf(dn)
	switch {
	case same < 2:
		return dn.String()
	case ok:
		return fmt.Sprintf("%s on %s", dn, s)
	case dn.Switch != 0:
		return fmt.Sprintf("%s on switch %d", dn, dn.Switch)
	}
	return Label(dn.Number, dn.DBID)
}
