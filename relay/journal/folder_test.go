package journal

import (
	"bytes"
	"encoding/binary"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/desk"
)

// filled makes a folder with entries that wait, as a crash leaves it: copied while the
// journal is open. It gives the block of messages that they are in.
func filled(t *testing.T, n int) (folder, block string) {
	t.Helper()
	source := filepath.Join(t.TempDir(), "open")
	j := open(t, source)
	defer j.Close()
	if err := j.Begin(func(desk.Job) {}, nil); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		put(t, j, i)
	}
	folder = filepath.Join(t.TempDir(), "copy")
	err := os.CopyFS(folder, os.DirFS(source))
	if err == nil { // no process has noted an end yet, however slow the machine is
		err = os.Remove(filepath.Join(folder, endsFile))
	}
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := filepath.Glob(filepath.Join(folder, "jetstream/*/streams", streamWork, "msgs/*.blk"))
	if err != nil || len(blocks) != 1 {
		t.Fatalf("blocks %q, %v", blocks, err)
	}
	return folder, blocks[0]
}

func put(t testing.TB, j *Journal, n int) {
	t.Helper()
	e := desk.Entry{ID: desk.ID{Subject: "ann", Key: "k" + string(rune('A'+n))}, Data: (&commdn.DoNotCall{Phone: "5550100001"}).UserData(), Links: []string{"a"}, At: time.Now()}
	if known, err := j.Put(t.Context(), e); known != nil || err != nil {
		t.Fatal(known, err)
	}
}

// handedOut counts what a journal hands out at its start.
func handedOut(t *testing.T, folder string) (n uint64, err error) {
	t.Helper()
	j, err := Open(Options{Folder: folder, InFlight: 64, Keep: time.Hour, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return 0, err
	}
	defer j.Close()
	c, err := j.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c.Waiting, nil
}

func change(t *testing.T, name string, change func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err == nil {
		err = os.WriteFile(name, change(data), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A folder as a crash leaves it is opened; a damaged one is refused and not changed.
func TestDamage(t *testing.T) {
	const n = 10
	for name, c := range map[string]struct {
		change func([]byte) []byte
		keeps  uint64 // entries; 0: it is refused
	}{
		"as it was":                 {func(b []byte) []byte { return b }, n},
		"last record cut off":       {func(b []byte) []byte { return b[:len(b)-30] }, n - 1},
		"only the beginning of one": {func(b []byte) []byte { return append(b, b[:9]...) }, n},
		"zeros at the end":          {func(b []byte) []byte { return append(b, make([]byte, 4096)...) }, n},
		"a byte flipped in front":   {func(b []byte) []byte { b[100] ^= 1; return b }, 0},
		"a byte flipped behind":     {func(b []byte) []byte { b[len(b)-60] ^= 1; return b }, 0},
		"a length flipped":          {func(b []byte) []byte { b[2] ^= 1; return b }, 0},
		"a hole of zeros":           {func(b []byte) []byte { copy(b[200:], make([]byte, 300)); return b }, 0},
		"a record missing at first": {func(b []byte) []byte { return b[50:] }, 0},
		"a bit of the headers":      {func(b []byte) []byte { b[headersAt(b)] ^= 4; return b }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			folder, block := filled(t, n)
			change(t, block, c.change)
			before, err := os.ReadFile(block)
			if err != nil {
				t.Fatal(err)
			}
			got, err := handedOut(t, folder)
			if c.keeps > 0 {
				if err != nil || got != c.keeps {
					t.Errorf("%d entries, %v; want %d", got, err, c.keeps)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), "damaged") || !strings.Contains(err.Error(), filepath.Base(block)) {
				t.Errorf("opened with %d entries, %v", got, err)
			}
			if after, err := os.ReadFile(block); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the block was changed: %v", err)
			}
		})
	}
}

// headersAt gives where the length of the headers stands in a record.
func headersAt(record []byte) int {
	return blockHeader + int(binary.LittleEndian.Uint16(record[20:]))
}

// Whichever bit of a record is flipped, of every kind of record: it is found.
func TestEachBit(t *testing.T) {
	folder := t.TempDir()
	j := open(t, folder)
	if err := j.Begin(func(desk.Job) {}, nil); err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		put(t, j, n)
		name := id(desk.ID{Subject: "ann", Key: string(rune('A' + n))})
		for subject, data := range map[string]string{
			subjectDone + name: `{"subject":"ann"}`, subjectDead + name: `{"subject":"ann"}`, subjectTry + name: "12", subjectWindow + name: markSent,
			subjectRoute + name[:16]: `["a"]`, subjectRoute + heldPrefix + name[:16]: `["a"]`,
		} {
			if _, err := j.streams.Publish(t.Context(), subject, "", []byte(data)); err != nil {
				t.Fatal(err)
			}
		}
		if err := j.purge(t.Context(), subjectTry+name); err != nil { // leaves a tombstone
			t.Fatal(err)
		}
	}
	put(t, j, 2)
	// A message that was overwritten, as the audit does with a person.
	if err := j.streams.(*jetStreams).streams[streamDone].SecureDeleteMsg(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	j.Close()
	all, err := blocks(folder)
	if err != nil || len(all) < 3 {
		t.Fatal(all, err)
	}
	flipped := 0
	for _, name := range all {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := sumOf(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, whole := walk(data, sum); !whole {
			t.Fatal(name)
		}
		var end int // the last record: a longer length is what a crash leaves, too
		for n := 0; end+n < len(data); n = recordLength(data[end:], sum) {
			end += n
		}
		for i := range data[:end] {
			for bit := range 8 {
				data[i] ^= 1 << bit
				if at, _, whole := walk(data, sum); whole || torn(data, at, sum) {
					t.Errorf("%s: nobody finds bit %d of byte %d", filepath.Base(filepath.Dir(filepath.Dir(name))), bit, i)
				}
				data[i] ^= 1 << bit
				flipped++
			}
		}
	}
	if flipped < 8*500 {
		t.Errorf("%d bits", flipped)
	}
}

// A folder that this version cannot use is refused, with what to do.
func TestRefusedFolder(t *testing.T) {
	t.Run("newer", func(t *testing.T) {
		folder, _ := filled(t, 1)
		change(t, filepath.Join(folder, formatFile), func([]byte) []byte { return []byte("commdn journal 2\n") })
		refused(t, folder, `"commdn journal 2"`)
	})
	t.Run("older", func(t *testing.T) {
		folder, _ := filled(t, 1)
		change(t, filepath.Join(folder, formatFile), func([]byte) []byte { return []byte("commdn journal 0\n") })
		refused(t, folder, `"commdn journal 0"`)
	})
	t.Run("format lost", func(t *testing.T) {
		folder, _ := filled(t, 1)
		change(t, filepath.Join(folder, formatFile), func([]byte) []byte { return nil })
		refused(t, folder, "does not say which format")
	})
	t.Run("no journal", func(t *testing.T) {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "letter.txt"), []byte("dear"), 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, folder, "no journal")
	})
	t.Run("a file", func(t *testing.T) {
		name := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, name, "cannot be made")
	})
	t.Run("format not there", func(t *testing.T) {
		folder, _ := filled(t, 1)
		if err := os.Remove(filepath.Join(folder, formatFile)); err != nil {
			t.Fatal(err)
		}
		refused(t, folder, "has messages and no FORMAT")
	})
	t.Run("ended while it was made", func(t *testing.T) {
		folder := t.TempDir()
		open(t, folder).Close()
		if err := os.Remove(filepath.Join(folder, formatFile)); err != nil {
			t.Fatal(err)
		}
		if n, err := handedOut(t, folder); err != nil || n != 0 {
			t.Errorf("%d entries, %v", n, err)
		}
	})
	t.Run("in use", func(t *testing.T) {
		folder := t.TempDir()
		j := open(t, folder)
		defer j.Close()
		refused(t, folder, "another process has the journal")
	})
}

func refused(t *testing.T, folder, why string) {
	t.Helper()
	if n, err := handedOut(t, folder); err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("opened with %d entries, %v; want %q", n, err, why)
	}
}

// Files of JetStream beside the blocks may be damaged or missing: what is kept is
// found all the same. A stream that is missing is refused.
func TestDamagedMeta(t *testing.T) {
	const n = 10
	flip := func(b []byte) []byte { b[len(b)/2] ^= 1; return b }
	for name, c := range map[string]struct {
		file   string // below the folder of the stream
		change func([]byte) []byte
	}{
		"meta.inf flipped":   {"meta.inf", flip},
		"meta.inf cut off":   {"meta.inf", func(b []byte) []byte { return b[:10] }},
		"meta.inf empty":     {"meta.inf", func([]byte) []byte { return nil }},
		"meta.sum flipped":   {"meta.sum", flip},
		"index.db flipped":   {"msgs/index.db", flip},
		"index.db cut off":   {"msgs/index.db", func(b []byte) []byte { return b[:10] }},
		"meta.inf not there": {"meta.inf", nil},
		"meta.sum not there": {"meta.sum", nil},
		"stream gone":        {".", nil},
	} {
		t.Run(name, func(t *testing.T) {
			folder, block := filled(t, n)
			if got, err := handedOut(t, folder); err != nil || got != n { // writes index.db
				t.Fatal(got, err)
			}
			file := filepath.Join(filepath.Dir(filepath.Dir(block)), c.file)
			if c.change == nil {
				if err := os.RemoveAll(file); err != nil {
					t.Fatal(err)
				}
			} else {
				change(t, file, c.change)
			}
			got, err := handedOut(t, folder)
			if name == "stream gone" {
				if err == nil || !strings.Contains(err.Error(), streamWork+", which was there") {
					t.Errorf("opened with %d entries, %v", got, err)
				}
			} else if err != nil || got != n {
				t.Errorf("%d entries, %v; %d were accepted", got, err, n)
			}
		})
	}
}
