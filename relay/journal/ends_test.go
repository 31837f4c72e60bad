package journal

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"commdn/relay/desk"
)

// A block that ends between two records is whole to look at. The note of its end says
// that more was there; an administrator who takes it away starts with what is left.
func TestEndMissing(t *testing.T) {
	const n = 10
	for name, cut := range map[string]func(t *testing.T, block string){
		"cut off between records": func(t *testing.T, block string) {
			change(t, block, func(b []byte) []byte {
				sum, err := sumOf(block)
				if err != nil {
					t.Fatal(err)
				}
				at := 0
				for range n - 3 {
					at += recordLength(b[at:], sum)
				}
				return b[:at]
			})
		},
		"emptied": func(t *testing.T, block string) { change(t, block, func([]byte) []byte { return nil }) },
		"removed": func(t *testing.T, block string) {
			if err := os.Remove(block); err != nil {
				t.Fatal(err)
			}
		},
	} {
		for _, index := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				folder, block := filled(t, n)
				if got, err := handedOut(t, folder); err != nil || got != n { // notes the end
					t.Fatal(got, err)
				}
				if !index {
					if err := os.Remove(filepath.Join(filepath.Dir(block), "index.db")); err != nil {
						t.Fatal(err)
					}
				}
				cut(t, block)
				refused(t, folder, "has had message 10")
				refused(t, folder, "take the file "+filepath.Join(folder, endsFile))
				if err := os.Remove(filepath.Join(folder, endsFile)); err != nil {
					t.Fatal(err)
				}
				var log bytes.Buffer
				j, err := Open(Options{Folder: folder, InFlight: 64, Keep: time.Hour, Log: slog.New(slog.NewTextHandler(&log, nil))})
				if err != nil {
					t.Fatal(err)
				}
				j.Close()
				if !strings.Contains(log.String(), "no note of where its streams ended") {
					t.Errorf("log: %s", log.String())
				}
				if _, err := handedOut(t, folder); err != nil { // there is a note again
					t.Error(err)
				}
			})
		}
	}
	t.Run("unreadable", func(t *testing.T) {
		folder, _ := filled(t, 1)
		if err := os.WriteFile(filepath.Join(folder, endsFile), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, folder, endsFile+" cannot be read")
	})
}

// Whatever goes out of the streams in the course of time, their blocks tell where they
// end: a folder is never refused that nobody has changed.
func TestEndStays(t *testing.T) {
	folder := t.TempDir()
	j := open(t, folder)
	same := func(what string) {
		t.Helper()
		told, err := j.streams.(*jetStreams).ends()
		if err != nil {
			t.Fatal(err)
		}
		found, err := verify(folder, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := told.compare(folder, found); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	same("empty")
	big := bytes.Repeat([]byte("x"), 500_000) // so that there are some blocks
	for n := range 24 {
		name := id(desk.ID{Subject: "ann", Key: fmt.Sprint("k", n)})
		if _, err := j.streams.Publish(t.Context(), subjectWork+route([]string{"a"})+"."+name, name, big); err != nil {
			t.Fatal(err)
		}
		m, err := j.streams.Last(t.Context(), streamWork, subjectWork+"*."+name)
		if err != nil || m == nil {
			t.Fatal(m, err)
		}
		for _, subject := range []string{subjectDone, subjectDead, subjectTry} {
			if _, err := j.streams.Publish(t.Context(), subject+name, "", big); err != nil {
				t.Fatal(err)
			}
		}
		if n%3 > 0 {
			if err := j.remove(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		for _, subject := range []string{subjectTry, subjectDead} {
			if err := j.purge(t.Context(), subject+name); err != nil {
				t.Fatal(err)
			}
		}
		same("the last one gone")
	}
	for m, err := range j.work(t.Context()) {
		if err == nil {
			err = j.remove(t.Context(), m)
		}
		if err != nil {
			t.Fatal(err)
		}
		same("taken out")
	}
	j.Close()
	for _, keep := range []time.Duration{time.Hour, time.Second, time.Second} { // outcomes grow too old
		time.Sleep(1100 * time.Millisecond)
		j, err := Open(Options{Folder: folder, InFlight: 64, Keep: keep, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		j.Close()
	}
}
