package audit

import (
	"bytes"
	"encoding/binary"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// logged is what was logged.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// again opens an audit whose folder was changed, and gives what it logs.
func again(t *testing.T, folder string) (*rig, *logged) {
	t.Helper()
	text := &logged{}
	r := &rig{t: t, journal: openJournal(t, folder), folder: folder}
	o := options(r.journal)
	o.Log = slog.New(slog.NewTextHandler(text, nil))
	l, err := Open(t.Context(), o)
	if err != nil {
		r.journal.Close()
		t.Fatal(err)
	}
	r.Log = l
	t.Cleanup(r.end)
	return r, text
}

// Blocks that are cut off the file between two records leave a chain that is right. The
// note of its end tells, in the log, in the chain, and in every proof.
func TestEndCutOff(t *testing.T) {
	r := start(t)
	r.dncs(6)
	r.end()
	all, err := filepath.Glob(filepath.Join(r.folder, "jetstream/*/streams", streamBlocks, "msgs/*.blk"))
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	data, err := os.ReadFile(all[0])
	if err != nil {
		t.Fatal(err)
	}
	end := 0
	for range 4 {
		end += int(binary.LittleEndian.Uint32(data[end:]) &^ (1 << 31))
	}
	if err := os.WriteFile(all[0], data[:end], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(filepath.Dir(all[0]), "index.db")); err != nil {
		t.Fatal(err)
	}
	r, text := again(t, r.folder)
	r.dncs(5) // more than was cut off
	rep := r.verify(nil)
	if len(rep.Problems) != 1 || rep.Problems[0].Sequence != 5 || !strings.Contains(rep.Problems[0].What, "3 entries behind entry 4 were removed by hand") {
		t.Errorf("%+v", rep.Problems)
	}
	r.end()
	if !strings.Contains(text.String(), "the audit lacks its end") {
		t.Errorf("log: %s", text)
	}
	r, text = again(t, r.folder)
	if rep := r.verify(nil); len(rep.Problems) != 1 {
		t.Errorf("after the next start: %+v", rep.Problems)
	}
	r.end()
	if strings.Contains(text.String(), "lacks") {
		t.Errorf("told again: %s", text)
	}
}

// The end of the chain in place of another one is found, and so is one that goes while
// the relay runs. A note that cannot be read is refused.
func TestMarker(t *testing.T) {
	r := start(t)
	r.dncs(3)
	r.end()
	m, err := r.marker()
	if err != nil || m.seq != 4 || m.missing(r.now()) != "" {
		t.Fatal(m, err)
	}
	text, err := os.ReadFile(r.markerFile())
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Replace(text, []byte(m.hash), []byte(strings.Repeat("ab", 32)), 1)
	if err := os.WriteFile(r.markerFile(), other, 0o600); err != nil {
		t.Fatal(err)
	}
	r, _ = again(t, r.folder)
	if rep := r.verify(nil); len(rep.Problems) != 1 || !strings.Contains(rep.Problems[0].What, "entry 4 is not the one") {
		t.Errorf("%+v", rep.Problems)
	}
	r.dncs(2)
	r.markSoon()
	noted, err := os.ReadFile(r.markerFile())
	if err != nil {
		t.Fatal(err)
	}
	kept := r.messages()
	r.rewrite(kept[:len(kept)-1])
	if err := os.WriteFile(r.markerFile(), noted, 0o600); err != nil {
		t.Fatal(err)
	}
	if rep := r.verify(nil); len(rep.Problems) != 2 || !strings.Contains(rep.Problems[1].What, "has noted them") {
		t.Errorf("%+v", rep.Problems)
	}
	r.end()
	if err := os.WriteFile(r.markerFile(), []byte("x y"), 0o600); err != nil {
		t.Fatal(err)
	}
	j := openJournal(t, r.folder)
	defer j.Close()
	if _, err := Open(t.Context(), options(j)); err == nil || !strings.Contains(err.Error(), markerFile+" cannot be read") {
		t.Errorf("%v", err)
	}
}

// A journal that has had fewer requests than the audit has seen is told of.
func TestAnotherJournal(t *testing.T) {
	folder := t.TempDir()
	r := startIn(t, folder)
	h := r.now()
	h.mark = 7
	r.adopt(h)
	r.dncs(1)
	r.end()
	r, text := again(t, folder)
	const told = "is another one than that of the audit, or lacks its end"
	for late := time.Now().Add(patience); !strings.Contains(text.String(), told) && time.Now().Before(late); {
		time.Sleep(time.Millisecond)
	}
	r.end()
	if n := strings.Count(text.String(), told); n != 1 {
		t.Errorf("told %d times: %s", n, text)
	}
}
