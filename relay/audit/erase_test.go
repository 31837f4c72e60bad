package audit

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"commdn/protocol/commdn"
)

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
	for _, message := range []uint64{2, 3} {
		if m, err := r.blocks.GetMsg(t.Context(), message); err == nil {
			t.Errorf("the old block %d is still there: %d bytes", message, len(m.Data))
		}
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
