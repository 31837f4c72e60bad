package audit

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
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

// What is removed for its age leaves a chain that is proven from where it begins, and
// from checkpoints of what has gone.
func TestRemoved(t *testing.T) {
	r := start(t)
	r.dncs(4)
	old := r.checkpoint() // of entry 5, which is entry 6
	r.dncs(2)
	time.Sleep(5 * time.Millisecond)
	before := time.Now()
	r.dncs(3)
	if _, err := r.Erase(t.Context(), "5550100001", ""); err != nil { // in blocks on both sides
		t.Fatal(err)
	}
	n, err := r.Remove(t.Context(), before)
	if err != nil || n != 8 {
		t.Fatalf("%d removed, %v", n, err)
	}
	rep := r.verify(old)
	if len(rep.Problems) > 0 || rep.First != 9 || rep.Removed != 8 || !strings.Contains(rep.Proof, "signature from entry 9") {
		t.Errorf("%+v", rep)
	}
	if rep := r.verify(nil); len(rep.Problems) > 0 || !strings.Contains(rep.Proof, "by the relay's signature") {
		t.Errorf("%+v", rep)
	}
	if n, err := r.Remove(t.Context(), before); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
	// Later: the first entry that stays is one in which somebody was erased.
	time.Sleep(5 * time.Millisecond)
	before = time.Now()
	r.dncs(2)
	if n, err := r.Remove(t.Context(), before); err != nil || n != 6 {
		t.Errorf("later: %d, %v", n, err)
	}
	if rep := r.verify(old); len(rep.Problems) > 0 {
		t.Errorf("%+v", rep)
	}
	forged := *old
	forged.Hash = strings.Repeat("ab", 32)
	forged.Signature = ed25519.Sign(key(1), forged.message())
	if rep := r.verify(&forged); len(rep.Problems) != 1 || !strings.Contains(rep.Problems[0].What, "had another hash") {
		t.Errorf("%+v", rep)
	}
	forged.Sequence = 3
	forged.Signature = ed25519.Sign(key(1), forged.message())
	if rep := r.verify(&forged); len(rep.Problems) != 1 || !strings.Contains(rep.Problems[0].What, "never had that checkpoint") {
		t.Errorf("%+v", rep)
	}
	c := r.chain(t)
	c.blocks = c.blocks[1:]
	c.put(r)
	if rep := r.verify(nil); len(rep.Problems) == 0 || !strings.Contains(rep.Problems[0].What, "no entry says") {
		t.Errorf("more was taken away: %+v", rep)
	}
}

// Without a key of the time an old checkpoint proves nothing any more, and that is said.
func TestRemovedUnsigned(t *testing.T) {
	r := start(t)
	r.dncs(2)
	cp := r.checkpoint()
	r.dncs(1)
	time.Sleep(5 * time.Millisecond)
	before := time.Now()
	r.dncs(1)
	r.o.Key = nil
	if n, err := r.Remove(t.Context(), before); err != nil || n != 5 {
		t.Fatalf("%d, %v", n, err)
	}
	rep, err := r.Verify(t.Context(), cp, key(1).Public().(ed25519.PublicKey))
	if err != nil || len(rep.Problems) != 1 || !strings.Contains(rep.Problems[0].What, "use a newer checkpoint") {
		t.Errorf("%v, %+v", err, rep)
	}
}

// A chain that is damaged is not cut: what was changed would be gone.
func TestDamagedIsKept(t *testing.T) {
	r := start(t)
	r.dncs(4)
	c := r.chain(t)
	c.blocks = slices.Delete(c.blocks, 2, 3)
	c.put(r)
	if n, err := r.Remove(t.Context(), time.Now().Add(time.Hour)); n != 0 || err == nil || !strings.Contains(err.Error(), "entry 3") {
		t.Errorf("%d, %v", n, err)
	}
}

// A clock that jumps is no sign of tampering; it is counted, and nothing is removed.
func TestClockJumps(t *testing.T) {
	r := start(t)
	for i, by := range []time.Duration{0, time.Hour, -time.Hour, time.Hour} {
		b, next, err := r.block(r.now(), []*pending{{e: entryOf(dnc(fmt.Sprint("k", i), "5550100001"))}})
		if err != nil {
			t.Fatal(err)
		}
		e, err := b.records[0].read()
		if err != nil {
			t.Fatal(err)
		}
		e.At = e.At.Add(by)
		b.records = nil
		if next.hash, err = b.add(e, r.now().seq+1, r.now().hash); err != nil {
			t.Fatal(err)
		}
		if next.message, _, err = r.place(t.Context(), r.now(), b.encode()); err != nil {
			t.Fatal(err)
		}
		r.adopt(next)
	}
	if rep := r.verify(nil); len(rep.Problems) > 0 || rep.Back != 1 {
		t.Errorf("%+v", rep)
	}
	for by, want := range map[time.Duration]bool{0: false, time.Minute: false, time.Hour: true, -time.Hour: true} {
		c := newClock()
		c.wall = c.wall.Add(-by)
		if got := c.jumped(); (got.Abs() > jump) != want || (got-by).Abs() > jump {
			t.Errorf("%s: %s", by, got)
		}
		if got := c.jumped(); got.Abs() > jump {
			t.Errorf("%s: again %s", by, got)
		}
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

// A person is erased from every entry, nobody else is, the chain is proven as before,
// and nothing of the person is in the folder any more.
func TestErase(t *testing.T) {
	r := start(t)
	r.together()
	both := dnc("k20", "5550100003")
	both.Answers[0].Link = "lisbon"
	r.record(both, dnc("k21", "5550100004"))
	cp := r.checkpoint()
	n, err := r.Erase(t.Context(), "555-010 0003", "")
	if err != nil || n != 2 {
		t.Fatalf("%d, %v", n, err)
	}
	if rep := r.verify(cp); len(rep.Problems) > 0 || rep.Erased != 2 {
		t.Errorf("%+v", rep)
	}
	if all := r.find(Query{Phone: "5550100003"}); len(all) > 0 {
		t.Errorf("%+v", all)
	}
	e := r.find(Query{Key: "k3"})
	if len(e) != 1 || e[0].Person != nil || !e[0].Gone || len(e[0].Hash) != 64 || e[0].Subject != "ann" || e[0].Outcome != Done {
		t.Errorf("%+v", e)
	}
	// A second person of the same block, and the first one again.
	if n, err := r.Erase(t.Context(), "5550100004", ""); err != nil || n != 2 {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := r.Erase(t.Context(), "5550100003", ""); err != nil || n != 0 {
		t.Errorf("%d, %v", n, err)
	}
	if rep := r.verify(cp); len(rep.Problems) > 0 || rep.Erased != 4 {
		t.Errorf("%+v", rep)
	}
	if all := r.find(Query{Phone: "5550100005"}); len(all) != 1 {
		t.Errorf("%d entries of somebody else", len(all))
	}
	if _, err := r.Erase(t.Context(), "", ""); err == nil {
		t.Error("nobody was erased")
	}
	r.end()
	for _, phone := range []string{"5550100003", "5550100004"} {
		if found := grep(t, r.folder, phone); found != "" {
			t.Errorf("%s is still in %s", phone, found)
		}
	}
	if grep(t, r.folder, "5550100005") == "" {
		t.Error("the search finds nothing")
	}
	r = startIn(t, r.folder)
	r.record(dnc("k30", "5550100003"))
	if rep := r.verify(cp); len(rep.Problems) > 0 || rep.Erased != 4 {
		t.Errorf("%+v", rep)
	}
}

// A customer is erased by the customer id.
func TestEraseCustomer(t *testing.T) {
	r := start(t)
	for i, customer := range []string{"C1", "C2", "C1"} {
		d := dnc(fmt.Sprint("k", i), fmt.Sprintf("555010000%d", i))
		d.Request = doNotCall("", customer)
		r.record(d)
	}
	if n, err := r.Erase(t.Context(), "", "C1"); err != nil || n != 2 {
		t.Errorf("%d, %v", n, err)
	}
	if len(r.find(Query{Customer: "C2"})) != 1 || len(r.find(Query{Customer: "C1"})) != 0 {
		t.Error("the wrong one")
	}
}

// A process that ended while it erased somebody leaves both blocks; the next one takes
// the old one away.
func TestEraseInterrupted(t *testing.T) {
	r := start(t)
	r.dncs(3)
	m, err := r.blocks.GetMsg(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	b, err := decode(m.Data)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := b.erase("5550100002", ""); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if _, err := r.js.Publish(t.Context(), replaced{3, 3}.subject(), b.encode()); err != nil {
		t.Fatal(err)
	}
	if len(r.find(Query{Phone: "5550100002"})) != 0 {
		t.Error("the old block is read")
	}
	r.end()
	r = startIn(t, r.folder)
	for late := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if _, err := r.blocks.GetMsg(t.Context(), 3); err != nil {
			break
		}
		if time.Now().After(late) {
			t.Fatal("the old block is still there")
		}
	}
	if rep := r.verify(nil); len(rep.Problems) > 0 || rep.Erased != 1 {
		t.Errorf("%+v", rep)
	}
}

func doNotCall(phone, customer string) *commdn.DoNotCall {
	return &commdn.DoNotCall{Phone: phone, CustomerID: customer}
}

// grep gives the first file below a folder that has a text.
func grep(t *testing.T, folder, text string) (found string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || found != "" {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(text)) {
			found = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
