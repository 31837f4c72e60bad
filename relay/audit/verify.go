package audit

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Problem is what is wrong with a chain, and where.
type Problem struct {
	Sequence uint64    `json:"sequence"`
	At       time.Time `json:"at,omitzero"` // of the entry, or of the one before it
	What     string    `json:"what"`
}

func (p Problem) String() string {
	at := ""
	if !p.At.IsZero() {
		at = " (" + p.At.UTC().Format(time.RFC3339Nano) + ")"
	}
	return fmt.Sprintf("entry %d%s: %s", p.Sequence, at, p.What)
}

// mostProblems is how many are named.
const mostProblems = 50

// Report is what came of a proof.
type Report struct {
	Chain    string    `json:"chain"`
	First    uint64    `json:"first"` // sequence
	Last     uint64    `json:"last"`
	Entries  uint64    `json:"entries"`
	Since    time.Time `json:"since,omitzero"` // of the first entry
	Until    time.Time `json:"until,omitzero"`
	Erased   uint64    `json:"erased"`  // entries whose person was erased
	Removed  uint64    `json:"removed"` // entries that went for their age
	Back     int       `json:"clock_went_back"`
	Proof    string    `json:"proof"` // what the chain was compared with
	Problems []Problem `json:"problems"`
	More     int       `json:"more_problems,omitempty"`
	Hash     string    `json:"hash"` // of the last entry
}

// Verify follows the whole chain. With a checkpoint it proves that the chain is the one
// that was signed then; key is the public key of that time. Without one it finds what
// was changed behind the back of the chain, but not a chain that was made anew.
func (l *Log) Verify(ctx context.Context, cp *Signed, key ed25519.PublicKey) (*Report, error) {
	if cp != nil {
		if key == nil {
			return nil, ErrNoKey
		}
		if err := cp.Verify(key); err != nil {
			return nil, err
		}
		if own := fmt.Sprintf("%x", l.now().chain); cp.Chain != own {
			return nil, fmt.Errorf("the checkpoint is one of the chain %s, and this is the chain %s", cp.Chain, own)
		}
	}
	r, err := l.follows(ctx, cp, key)
	if err == nil && len(r.Problems) > 0 { // another relay may just have erased somebody
		r, err = l.follows(ctx, cp, key)
	}
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	return r, nil
}

func (l *Log) follows(ctx context.Context, cp *Signed, key ed25519.PublicKey) (*Report, error) {
	l.changing.RLock()
	defer l.changing.RUnlock()
	v := &verifier{cp: cp, key: key, r: &Report{Problems: []Problem{}}}
	end, err := l.scan(ctx, time.Time{}, func(p *placed, broken *UnreadableError) error {
		if broken != nil {
			v.problem(v.next, v.at, "%v", broken)
			v.lost = true
			return nil
		}
		v.block(p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	v.finish(end)
	return v.r, nil
}

// verifier follows a chain.
type verifier struct {
	r     *Report
	cp    *Signed
	key   ed25519.PublicKey
	chain [16]byte
	any   bool
	next  uint64 // sequence that must come now
	hash  digest // of the entry before
	at    time.Time
	lost  bool // what came just before cannot be read, or is missing

	start   digest // the hash that the first entry says was before it
	notes   []note
	reached bool // the checkpoint was compared
}

func (v *verifier) problem(seq uint64, at time.Time, format string, a ...any) {
	if len(v.r.Problems) >= mostProblems {
		v.r.More++
		return
	}
	v.r.Problems = append(v.r.Problems, Problem{seq, at, fmt.Sprintf(format, a...)})
}

// when is the part of an entry that every proof reads.
type when struct {
	At   time.Time `json:"at"`
	Kind Kind      `json:"kind"`
}

func (v *verifier) block(p *placed) {
	if !v.any {
		v.any, v.chain, v.next, v.hash, v.start = true, p.chain, p.first(), p.records[0].before, p.records[0].before
		v.r.First, v.r.Chain = p.first(), fmt.Sprintf("%x", p.chain)
	}
	for i := range p.records {
		v.entry(p, &p.records[i])
	}
}

func (v *verifier) entry(p *placed, r *record) {
	at, kind, err := peek(r.public)
	if err != nil {
		v.problem(r.seq, v.at, "cannot be read: %v", err)
		at = v.at
	}
	switch {
	case p.chain != v.chain:
		v.problem(r.seq, at, "is of another chain, %x: it was put in", p.chain)
	case r.seq < v.next:
		v.problem(r.seq, at, "stands where entry %d belongs: entries were exchanged, or it was put in", v.next)
		return
	case r.seq > v.next && !v.lost:
		v.problem(v.next, v.at, "is missing%s; the time is that of the entry before", through(v.next, r.seq-1))
	case r.seq == v.next && r.before != v.hash && !v.lost:
		v.problem(r.seq-1, v.at, "is not the one that entry %d was written after: it was changed, or entry %d was put in", r.seq, r.seq)
	}
	v.lost = false
	if !v.at.IsZero() && at.Before(v.at) {
		v.r.Back++
	}
	if v.r.Entries == 0 {
		v.r.Since = at
	}
	v.hash, v.at = p.hash(r), at
	v.next = r.seq + 1
	v.r.Entries, v.r.Last, v.r.Until = v.r.Entries+1, r.seq, at
	if r.form == erased {
		v.r.Erased++
	}
	switch kind {
	case Removed:
		v.removed(r, at)
	case Gap:
		v.problem(r.seq, at, "was written as blocks behind entry %d had been removed by hand", r.seq-1)
	}
	v.compare(r.seq, at)
}

func through(from, to uint64) string {
	if from == to {
		return ""
	}
	return fmt.Sprintf(", as are all up to entry %d", to)
}

// compare compares an entry with the checkpoint.
func (v *verifier) compare(seq uint64, at time.Time) {
	if v.cp == nil || seq != v.cp.Sequence {
		return
	}
	v.reached = true
	if hex.EncodeToString(v.hash[:]) != v.cp.Hash {
		v.problem(seq, at, "is not the one that the checkpoint of %s has signed: it, or an entry before it, was changed since", v.cp.Time.UTC().Format(time.RFC3339))
	}
}

// peek reads time and kind of an entry. Written by stored, they stand in front.
func peek(public []byte) (time.Time, Kind, error) {
	if rest, ok := bytes.CutPrefix(public, []byte(`{"at":"`)); ok {
		at, rest, ok := bytes.Cut(rest, []byte(`","kind":"`))
		kind, _, more := bytes.Cut(rest, []byte(`"`))
		if t, err := time.Parse(time.RFC3339Nano, string(at)); ok && more && err == nil {
			return t, Kind(kind), nil
		}
	}
	w := when{}
	err := json.Unmarshal(public, &w)
	return w.At, w.Kind, err
}
