package link

import (
	"sync"

	"commdn/protocol/commdn"
)

// pairs are the OCS that stand in for each other: primary and backup, each with a
// DBID of its own. The pair goes by the DBID of the primary everywhere in the
// relay; only what is sent has that of the one which answers.
type pairs struct {
	backup map[commdn.DBID]commdn.DBID // of a primary
	of     map[commdn.DBID]commdn.DBID // primary of a backup
	took   func(primary, active commdn.DBID)

	mu     sync.Mutex
	active map[commdn.DBID]commdn.DBID // which one answered last, by primary
}

func newPairs(backups map[commdn.DBID]commdn.DBID, took func(primary, active commdn.DBID)) *pairs {
	p := &pairs{backup: backups, of: map[commdn.DBID]commdn.DBID{}, took: took, active: map[commdn.DBID]commdn.DBID{}}
	for primary, backup := range backups {
		p.of[backup] = primary
	}
	return p
}

// name gives the DBID by which the relay knows an OCS.
func (p *pairs) name(id commdn.DBID) commdn.DBID {
	if primary, isBackup := p.of[id]; isBackup {
		return primary
	}
	return id
}

// primary gives the DBID by which the relay knows an OCS that has said
// something.
func (p *pairs) primary(id commdn.DBID) commdn.DBID {
	primary := p.name(id)
	if _, paired := p.backup[primary]; !paired {
		return id
	}
	if p.set(primary, id) {
		p.took(primary, id)
	}
	return primary
}

// set notes which OCS of a pair answers; changed says that it was the other one
// before.
func (p *pairs) set(primary, id commdn.DBID) (changed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.active[primary]
	p.active[primary] = id
	return before != id && (before != 0 || id != primary)
}

// target gives the DBID to send to for an OCS.
func (p *pairs) target(id commdn.DBID) commdn.DBID {
	p.mu.Lock()
	defer p.mu.Unlock()
	if active := p.active[id]; active != 0 {
		return active
	}
	return id
}

// silent notes that the OCS of a pair which was asked did not answer: the next
// request goes to the other one.
func (p *pairs) silent(id commdn.DBID) {
	backup, paired := p.backup[id]
	if !paired {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.active[id] == backup {
		p.active[id] = id
	} else {
		p.active[id] = backup
	}
}
