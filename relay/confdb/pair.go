package confdb

import (
	"fmt"

	"commdn/protocol/commdn"
)

// Pairs are the OCS with a backup that stands in for them, by DBID in both directions.
type Pairs struct {
	Backup  map[commdn.DBID]commdn.DBID // of a primary
	Primary map[commdn.DBID]commdn.DBID // of a backup
	// Wrong says of each backup that does not count why: one line for an operator.
	Wrong []string
}

// Pairs gives the pairs of OCS. The primary is an OCS that is enabled. The backup is
// another one, or an application that is not there: the database then knows no more than
// its DBID. An OCS is in one pair at most; the first in the order of the file counts.
func (d *DB) Pairs() Pairs {
	p := Pairs{Backup: make(map[commdn.DBID]commdn.DBID), Primary: make(map[commdn.DBID]commdn.DBID)}
	known := make(map[commdn.DBID]Application)
	for _, a := range d.Applications {
		known[a.DBID] = a
	}
	for _, a := range d.Applications {
		if a.Backup == 0 || !a.Serving() {
			continue
		}
		b, there := known[a.Backup]
		paired, also := p.Primary[a.Backup]
		why := ""
		switch {
		case a.Backup == a.DBID:
			why = "it is the OCS itself"
		case there && b.Type != OutboundContactServer:
			why = "it is no OCS but of the type " + string(b.Type)
		case there && b.Disabled:
			why = "it is disabled"
		case also:
			why = "it is that of " + known[paired].String()
		case p.Backup[a.Backup] != 0:
			why = "it has a backup of its own"
		case p.Primary[a.DBID] != 0:
			why = "the OCS is a backup itself"
		default:
			p.Backup[a.DBID], p.Primary[a.Backup] = a.Backup, a.DBID
			continue
		}
		p.Wrong = append(p.Wrong, fmt.Sprintf("%s does not count as the backup of %s: %s", d.ApplicationText(a.Backup), a, why))
	}
	return p
}

// ApplicationText gives name and DBID of an application, or the DBID alone where the
// database does not have it.
func (d *DB) ApplicationText(id commdn.DBID) string {
	for _, a := range d.Applications {
		if a.DBID == id {
			return a.String()
		}
	}
	return fmt.Sprintf("application %d", id)
}
