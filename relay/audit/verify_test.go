package audit

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// chain is what somebody with the folder can change: the blocks of the chain.
type chain struct {
	t      *testing.T
	blocks []*block
}

func (r *rig) chain(t *testing.T) *chain {
	c := &chain{t: t}
	for _, data := range r.messages() {
		b, err := decode(bytes.Clone(data))
		if err != nil {
			t.Fatal(err)
		}
		c.blocks = append(c.blocks, b)
	}
	return c
}

func (c *chain) put(r *rig) {
	var all [][]byte
	for _, b := range c.blocks {
		all = append(all, b.encode())
	}
	r.rewrite(all)
}

// mend makes every hash right from an entry on, as somebody does who knows how.
func (c *chain) mend() {
	var before digest
	seq := uint64(1)
	for _, b := range c.blocks {
		for i := range b.records {
			b.records[i].seq, b.records[i].before = seq, before
			before = b.hash(&b.records[i])
			seq++
		}
	}
}

// together puts ten entries into one block, after the first one: entries 2 to 11.
func (r *rig) together() {
	all := make([]*pending, 10)
	for i := range all {
		all[i] = &pending{e: entryOf(dnc(fmt.Sprintf("k%d", i+1), fmt.Sprintf("55501%05d", i+1)))}
	}
	if err := r.publish(r.t.Context(), all); err != nil {
		r.t.Fatal(err)
	}
}

// Whatever is changed by hand is found, and named by its sequence and time.
func TestTampered(t *testing.T) {
	phone := func(r *record) { r.personal = bytes.Replace(r.personal, []byte("5550100003"), []byte("5550100099"), 1) }
	change := func(f func(*record)) func(*chain) {
		return func(c *chain) {
			for _, b := range c.blocks {
				for i := range b.records {
					if b.records[i].seq == 4 {
						f(&b.records[i])
					}
				}
			}
		}
	}
	for _, k := range []struct {
		name  string
		do    func(c *chain)
		one   bool   // with entries in one block, too
		cp    bool   // a checkpoint of entry 8 is needed to find it
		seq   uint64 // that is named
		words string
	}{
		{"a public field", change(func(r *record) {
			r.public = bytes.Replace(r.public, []byte(`"subject":"ann"`), []byte(`"subject":"eve"`), 1)
		}), true, false, 4, "was changed"},
		{"a phone", change(phone), true, false, 4, "was changed"},
		{"the salt", change(func(r *record) { r.salt = bytes.Repeat([]byte{1}, saltSize) }), true, false, 4, "was changed"},
		{"erased by hand to something else", change(func(r *record) { r.form, r.personal = erased, make([]byte, 32) }), true, false, 4, "was changed"},
		{"no person any more", change(func(r *record) { r.form, r.personal, r.salt = none, nil, nil }), true, false, 4, "was changed"},
		{"the hash before", change(func(r *record) { r.before[0]++ }), true, false, 3, "was changed"},
		{"the sequence", change(func(r *record) { r.seq = 40 }), true, false, 4, "is missing"},
		{"the chain", func(c *chain) { c.blocks[len(c.blocks)-2].chain[0]++ }, false, false, 10, "is of another chain"},
		{"a block removed", func(c *chain) { c.blocks = slices.Delete(c.blocks, 3, 4) }, false, false, 4, "is missing"},
		{"blocks removed", func(c *chain) { c.blocks = slices.Delete(c.blocks, 3, 6) }, false, false, 4, "all up to entry 6"},
		{"an entry of a block removed", func(c *chain) {
			b := c.blocks[1]
			if len(b.records) > 1 {
				b.records = slices.Delete(b.records, 2, 3)
			} else {
				c.blocks = slices.Delete(c.blocks, 3, 4)
			}
		}, true, false, 4, "is missing"},
		{"blocks exchanged", func(c *chain) { c.blocks[3], c.blocks[4] = c.blocks[4], c.blocks[3] }, false, false, 4, "is missing"},
		{"a block twice", func(c *chain) { c.blocks = slices.Insert(c.blocks, 4, c.blocks[3]) }, false, false, 4, "stands where entry 5 belongs"},
		{"a block put in", func(c *chain) {
			b := &block{chain: c.blocks[0].chain}
			if _, err := b.add(entryOf(dnc("k", "1234567")), 5, digest{}); err != nil {
				c.t.Fatal(err)
			}
			c.blocks = slices.Insert(c.blocks, 4, b)
		}, false, false, 4, "entry 5 was put in"},
		{"the first one removed", func(c *chain) { c.blocks = c.blocks[1:] }, true, false, 1, "no entry says that they were removed"},
		{"mended", func(c *chain) { change(phone)(c); c.mend() }, true, true, 8, "is not the one that the checkpoint"},
		{"removed and mended", func(c *chain) { c.blocks = slices.Delete(c.blocks, 3, 4); c.mend() }, false, true, 8, "is not the one that the checkpoint"},
		{"cut off before the checkpoint", func(c *chain) { c.blocks = c.blocks[:6] }, false, true, 7, "all up to entry 8: the checkpoint has signed"},
		{"a new one before it", func(c *chain) {
			c.blocks = c.blocks[:1]
			c.mend()
			c.blocks[0].records[0].before[0]++
		}, true, false, 1, "one before it"},
	} {
		for _, together := range []bool{false, true} {
			if together && !k.one {
				continue
			}
			t.Run(fmt.Sprintf("%s/%v", k.name, together), func(t *testing.T) {
				r := start(t)
				if together {
					r.together()
				} else {
					r.dncs(10)
				}
				var cp *Signed
				for _, b := range r.chain(t).blocks {
					for i := range b.records {
						if b.records[i].seq == 8 {
							cp = r.sign(b.chain, 8, b.hash(&b.records[i]))
						}
					}
				}
				if rep := r.verify(cp); len(rep.Problems) > 0 || !strings.Contains(rep.Proof, "checkpoint of entry 8") {
					t.Fatalf("before: %+v", rep)
				}
				c := r.chain(t)
				k.do(c)
				c.put(r)
				if rep := r.verify(nil); k.cp && len(rep.Problems) > 0 {
					t.Errorf("found without the checkpoint: %+v", rep.Problems)
				}
				if !k.cp {
					cp = nil
				}
				rep := r.verify(cp)
				if len(rep.Problems) == 0 {
					t.Fatal("not found")
				}
				p := rep.Problems[0]
				if p.Sequence != k.seq || !strings.Contains(p.What, k.words) || p.At.IsZero() && k.seq > 1 {
					t.Errorf("%v, of %v", p, rep.Problems)
				}
			})
		}
	}
}

// A checkpoint proves its own chain by its own key, and says what is wrong else.
func TestCheckpoint(t *testing.T) {
	r := start(t)
	r.dncs(3)
	cp := r.checkpoint()
	r.dncs(2)
	if rep := r.verify(cp); len(rep.Problems) > 0 || rep.Last != 7 || cp.Sequence != 4 {
		t.Errorf("%+v", rep)
	}
	other := start(t)
	other.dncs(9)
	public := r.PublicKey()
	for _, c := range []struct {
		name string
		cp   func(s *Signed)
		key  ed25519.PublicKey
		want string
	}{
		{"of another chain", func(s *Signed) { *s = *other.checkpoint() }, public, "is one of the chain"},
		{"another key", func(*Signed) {}, key(2).Public().(ed25519.PublicKey), "was signed with the key"},
		{"no key", func(*Signed) {}, nil, "no key for checkpoints"},
		{"changed", func(s *Signed) { s.Sequence = 3 }, public, "signature of the checkpoint is wrong"},
		{"another time", func(s *Signed) { s.Time = s.Time.Add(time.Hour) }, public, "signature of the checkpoint is wrong"},
		{"none", func(s *Signed) { *s = Signed{} }, public, "no checkpoint of an audit"},
	} {
		s := *cp
		c.cp(&s)
		if _, err := r.Verify(t.Context(), &s, c.key); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	r.o.Key = nil
	if _, err := r.Checkpoint(t.Context()); err == nil {
		t.Error("signed without a key")
	}
}

// What nobody can read is said to be so, and named.
func TestUnreadable(t *testing.T) {
	r := start(t)
	r.dncs(3)
	all := r.messages()
	all[2] = all[2][:len(all[2])-1]
	r.rewrite(all)
	rep := r.verify(nil)
	if len(rep.Problems) != 1 || rep.Problems[0].Sequence != 3 || !strings.Contains(rep.Problems[0].What, "message 3 of COMMDN_AUDIT") {
		t.Errorf("%+v", rep)
	}
	err := r.Find(t.Context(), Query{}, func(*Entry) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "commdn audit verify") {
		t.Errorf("%v", err)
	}
}
