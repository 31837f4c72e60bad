package journal

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/desk"
)

// diskVariable is the environment variable that, set to "required", has tests fail that
// cannot mount a disk.
const diskVariable = "COMMDN_DISK"

// disk mounts a small disk of its own. Only root may: false, unless diskVariable demands
// it.
func disk(t *testing.T, size string) (folder string, ok bool) {
	t.Helper()
	folder = t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+size); err != nil {
		if os.Getenv(diskVariable) == "required" {
			t.Fatalf("%s=required, and no small disk can be mounted here (%v): run this as root", diskVariable, err)
		}
		t.Logf("no small disk can be mounted here (%v): what happens on a full or read-only one was not tried", err)
		return "", false
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return folder, true
}

// fill leaves so many bytes free.
func fill(t *testing.T, folder string, leave uint64) (free func()) {
	t.Helper()
	name := filepath.Join(folder, "ballast")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	chunk := make([]byte, 4096)
	for {
		left, err := freeSpace(folder)
		if err != nil {
			t.Fatal(err)
		}
		if left <= leave {
			break
		}
		if _, err := f.Write(chunk[:min(uint64(len(chunk)), left-leave)]); err != nil {
			if errors.Is(err, syscall.ENOSPC) {
				break
			}
			t.Fatal(err)
		}
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

// On a disk that is nearly full a request is refused, with why, and what was accepted
// comes to its outcome. When there is room again, requests are taken.
func TestNearlyFullDisk(t *testing.T) {
	folder, ok := disk(t, "64m")
	if !ok {
		return
	}
	r := start(t, filepath.Join(folder, "journal"), one(false))
	ticket := r.dnc("k1", "5550100001")
	next(t, ticket, 0, desk.Accepted)
	free := fill(t, folder, reserve-1<<20)
	n := 0
	r.until("the disk is full", func() bool {
		n++
		_, refusal := r.submit(fmt.Sprint("more", n), &commdn.DoNotCall{Phone: "5550100002"})
		return refusal != nil && strings.Contains(refusal.Message, "disk of the journal is full")
	})
	r.up("a", true)
	if e := next(t, ticket, 2, desk.Settled); e.Refusal != nil {
		t.Error(e.Refusal)
	}
	free()
	r.until("there is room", func() bool {
		n++
		_, refusal := r.submit(fmt.Sprint("more", n), &commdn.DoNotCall{Phone: "5550100003"})
		return refusal == nil
	})
}

// A disk that is full to the last byte: nothing is accepted, nothing that was accepted
// is lost, and with room the folder opens with just that.
func TestFullDisk(t *testing.T) {
	folder, ok := disk(t, "64m")
	if !ok {
		return
	}
	path := filepath.Join(folder, "journal")
	j := open(t, path)
	if err := j.Begin(func(desk.Job) {}, nil); err != nil {
		t.Fatal(err)
	}
	accepted := 0
	keep := func(n int) error {
		e := desk.Entry{ID: desk.ID{Subject: "ann", Key: fmt.Sprint("k", n)}, Data: (&commdn.DoNotCall{Phone: "5550100001"}).UserData(), Links: []string{"a"}}
		_, err := j.Put(t.Context(), e)
		return err
	}
	for n := range 20 {
		if err := keep(n); err != nil {
			t.Fatal(err)
		}
		accepted++
	}
	free := fill(t, folder, 0) // the journal has looked a moment ago
	refused, unsure := 0, 0
	why := regexp.MustCompile("disk of the journal is full: 0 MiB are free, and 32 are needed|could not write to its folder|no space left on device")
	for n := 20; n < 100; n++ {
		switch err := keep(n); {
		case err == nil:
			accepted++
		case errors.Is(err, desk.ErrUnsure):
			unsure++
		default:
			refused++
			if !why.MatchString(err.Error()) {
				t.Errorf("request %d is refused: %v", n, err)
			}
		}
	}
	if refused == 0 {
		t.Error("a full disk takes everything")
	}
	j.Close()
	free()
	got, err := handedOut(t, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d accepted, %d refused, %d unsure, %d kept", accepted, refused, unsure, got)
	if got < uint64(accepted) || got > uint64(accepted+unsure) {
		t.Errorf("%d were accepted, of %d nobody knows, and %d are there", accepted, unsure, got)
	}
}

// A folder on a disk that cannot be written is refused.
func TestReadOnlyDisk(t *testing.T) {
	folder, ok := disk(t, "64m")
	if !ok {
		return
	}
	path := filepath.Join(folder, "journal")
	j := open(t, path)
	j.Close()
	if err := syscall.Mount("", folder, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, filepath.Join(folder, "other")} {
		_, err := Open(Options{Folder: name, InFlight: 64, Keep: time.Hour, Log: slog.New(slog.DiscardHandler)})
		if err == nil || !strings.Contains(err.Error(), "read-only file system") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
