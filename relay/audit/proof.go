package audit

import (
	"encoding/hex"
	"fmt"
	"time"
)

// note is an entry about what was removed.
type note struct {
	seq     uint64
	at      time.Time
	through Point
	marks   []Point
	signed  *Signed
}

// removed keeps what an entry says of entries that went.
func (v *verifier) removed(r *record, at time.Time) {
	e, err := r.read()
	if err != nil || e.Through == nil {
		v.problem(r.seq, at, "does not say what was removed")
		return
	}
	v.notes = append(v.notes, note{r.seq, at, *e.Through, e.Marks, e.Signed})
}

// finish proves the beginning and the end of the chain.
func (v *verifier) finish(end head) {
	v.r.Hash = hex.EncodeToString(v.hash[:])
	if !v.any {
		v.problem(1, time.Time{}, "is missing: there is no entry that can be read")
		return
	}
	if v.r.Last < end.seq {
		v.problem(v.r.Last+1, v.at, "is missing%s", through(v.r.Last+1, end.seq))
	}
	v.r.Removed = v.r.First - 1
	beginning, signed := v.beginning()
	switch {
	case v.cp == nil:
		v.r.Proof = "the chain alone; a checkpoint that was kept elsewhere proves more"
		if signed {
			v.r.Proof = "the chain, from the entries that were removed, by the relay's signature"
		}
	case v.reached:
		v.r.Proof = fmt.Sprintf("the checkpoint of entry %d of %s", v.cp.Sequence, v.cp.Time.UTC().Format(time.RFC3339))
	case v.cp.Sequence > v.r.Last:
		v.problem(v.r.Last+1, v.at, "is missing%s: the checkpoint has signed them", through(v.r.Last+1, v.cp.Sequence))
	case v.cp.Sequence < v.r.First:
		v.acrossRemoval(beginning, signed)
	}
}

// beginning says by which note the chain begins where it does; nil: by none.
func (v *verifier) beginning() (by *note, signed bool) {
	if v.r.First == 1 {
		if v.start != (digest{}) {
			v.problem(1, v.r.Since, "says that there was one before it")
		}
		return nil, false
	}
	for i := range v.notes {
		if n := &v.notes[i]; n.through.Sequence == v.r.First-1 {
			by = n
		}
	}
	switch {
	case by == nil:
		v.problem(1, time.Time{}, "is missing%s, and no entry says that they were removed for their age", through(1, v.r.First-1))
		return nil, false
	case by.through.Hash != hex.EncodeToString(v.start[:]):
		v.problem(v.r.First, v.r.Since, "does not follow the entries that were removed, by entry %d: it was changed, or put in", by.seq)
		return nil, false
	}
	if s := by.signed; s != nil && v.key != nil && s.Key == Fingerprint(v.key) {
		if s.Verify(v.key) != nil || s.Point != by.through || s.Chain != v.r.Chain {
			v.problem(by.seq, by.at, "has a wrong signature for what was removed")
			return by, false
		}
		return by, true
	}
	return by, false
}

// acrossRemoval proves a chain whose checkpoint was about entries that have gone since:
// the relay has signed from where on it goes, and names the checkpoint among them.
func (v *verifier) acrossRemoval(by *note, signed bool) {
	v.r.Proof = fmt.Sprintf("the checkpoint of entry %d, which was removed for its age, and the relay's signature from entry %d on", v.cp.Sequence, v.r.First)
	switch {
	case by == nil:
	case !signed:
		v.problem(v.r.First, v.r.Since, "cannot be proven from the checkpoint of entry %d: what was removed since was not signed with its key; use a newer checkpoint", v.cp.Sequence)
	case v.cp.Sequence == by.through.Sequence && v.cp.Hash == by.through.Hash:
	default:
		for _, m := range by.marks {
			if m.Sequence == v.cp.Sequence {
				if m.Hash != v.cp.Hash {
					v.problem(v.cp.Sequence, time.Time{}, "had another hash when it was removed than the checkpoint: it, or an entry before it, was changed")
				}
				return
			}
		}
		v.problem(v.cp.Sequence, time.Time{}, "is not among the checkpoints that were removed with their entries: this chain never had that checkpoint, or it is too old; use a newer one")
	}
}
