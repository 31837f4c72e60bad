package link

import (
	"sync"
	"time"

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
	active map[commdn.DBID]commdn.DBID // which one is asked, by primary
	over   map[commdn.DBID]takeover    // by primary
}

// takeover says which OCS of a pair answers, and since when in place of the other
// one.
type takeover struct {
	by commdn.DBID
	at time.Time // zero: it is the first one that was heard
	n  uint64    // how many there were
}

func newPairs(backups map[commdn.DBID]commdn.DBID, took func(primary, active commdn.DBID)) *pairs {
	p := &pairs{backup: backups, of: map[commdn.DBID]commdn.DBID{}, took: took, active: map[commdn.DBID]commdn.DBID{}, over: map[commdn.DBID]takeover{}}
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
	p.active[primary] = id
	before := p.over[primary]
	if changed = before.by != id && (before.by != 0 || id != primary); changed {
		p.over[primary] = takeover{id, time.Now(), before.n + 1}
	} else {
		p.over[primary] = takeover{id, before.at, before.n}
	}
	return changed
}

// taken says which OCS of a pair answers, since when after the other one, and how
// often that has changed.
func (p *pairs) taken(primary commdn.DBID) (active commdn.DBID, since time.Time, n uint64) {
	if _, paired := p.backup[primary]; !paired {
		return 0, time.Time{}, 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	over := p.over[primary]
	return over.by, over.at, over.n
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

// Paired says whether a backup stands by for an OCS.
func (l *Link) Paired(ocs commdn.DBID) bool {
	_, paired := l.pairs.backup[ocs]
	return paired
}
