package confdb

import (
	"fmt"
	"testing"

	"commdn/protocol/commdn"
	"commdn/relay/internal/strictyaml"
)

// pair gives an OCS with a backup.
func pair(id, backup commdn.DBID) Application {
	return Application{DBID: id, Name: fmt.Sprintf("O%d", id), Type: OutboundContactServer, Backup: backup}
}

func off(a Application) Application {
	a.Disabled = true
	return a
}

func TestPairs(t *testing.T) {
	server := Application{DBID: 9, Name: "S", Type: ThirdPartyServer, Backup: 1}
	for _, c := range []struct {
		name string
		all  []Application
		want string // backups, then what does not count
	}{
		{"none", []Application{pair(1, 0), pair(2, 0)}, "map[]"},
		{"a pair", []Application{pair(1, 2), pair(2, 0), pair(3, 0)}, "map[1:2]"},
		{"the backup first", []Application{pair(2, 0), pair(1, 2)}, "map[1:2]"},
		{"a backup that is not there", []Application{pair(1, 2)}, "map[1:2]"},
		{"of another type", []Application{server}, "map[]"},
		{"a disabled primary", []Application{off(pair(1, 2)), pair(2, 0)}, "map[]"},
		{"itself", []Application{pair(1, 1)}, "map[] O1 (1) does not count as the backup of O1 (1): it is the OCS itself"},
		{"no OCS", []Application{pair(1, 9), server}, "map[] S (9) does not count as the backup of O1 (1): it is no OCS but of the type third-party-server"},
		{"a disabled backup", []Application{pair(1, 2), off(pair(2, 0))}, "map[] O2 (2) does not count as the backup of O1 (1): it is disabled"},
		{"of two", []Application{pair(1, 3), pair(2, 3), pair(3, 0)}, "map[1:3] O3 (3) does not count as the backup of O2 (2): it is that of O1 (1)"},
		{"of two, not there", []Application{pair(1, 3), pair(2, 3)}, "map[1:3] application 3 does not count as the backup of O2 (2): it is that of O1 (1)"},
		{"of each other", []Application{pair(1, 2), pair(2, 1)}, "map[1:2] O1 (1) does not count as the backup of O2 (2): it has a backup of its own"},
		{"a chain", []Application{pair(1, 2), pair(2, 3), pair(3, 0)}, "map[1:2] O3 (3) does not count as the backup of O2 (2): the OCS is a backup itself"},
		{"a chain from its end", []Application{pair(2, 3), pair(3, 0), pair(1, 2)}, "map[2:3] O2 (2) does not count as the backup of O1 (1): it has a backup of its own"},
	} {
		d := &DB{Applications: c.all}
		p := d.Pairs()
		got := fmt.Sprint(p.Backup)
		for _, w := range p.Wrong {
			got += " " + w
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		for primary, backup := range p.Backup {
			if p.Primary[backup] != primary || len(p.Primary) != len(p.Backup) {
				t.Errorf("%s: %v and back %v", c.name, p.Backup, p.Primary)
			}
		}
	}
}

func TestCheckBackup(t *testing.T) {
	app := Application{DBID: 9, Name: "S", Type: ThirdPartyServer}
	twice, negative := app, pair(1, -2)
	twice.Backup = 1
	for _, c := range []struct {
		name string
		all  []Application
		want string
	}{
		{"a pair", []Application{pair(1, 2), pair(2, 0)}, ""},
		{"without an entry", []Application{pair(1, 2)}, ""},
		{"of an application", []Application{pair(1, 0), twice}, "applications[1].backup: is for applications of the type ocs only"},
		{"no DBID", []Application{negative}, "applications[0].backup: is -2; give 1 or more"},
		{"itself", []Application{pair(1, 1)}, "applications[0].backup: 1 is the application itself"},
		{"no OCS", []Application{pair(1, 9), app}, "applications[0].backup: application 9 is no OCS but a third-party-server; there is 1"},
		{"a chain", []Application{pair(1, 2), pair(2, 3)}, "applications[0].backup: OCS 2 has a backup of its own"},
		{"of two", []Application{pair(1, 3), pair(2, 3)}, "applications[1].backup: 3 is the backup of applications[0]"},
	} {
		p := strictyaml.New("f")
		Check(p, DB{Applications: c.all}, false)
		if err := p.Err(); (err == nil) != (c.want == "") || err != nil && err.Error() != "f: "+c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
