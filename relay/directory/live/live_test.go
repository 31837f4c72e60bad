package live

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"commdn/relay/directory"
)

// TestApply: the client applies each directory that has other objects than the one
// before, and the last good one is on disk.
func TestApply(t *testing.T) {
	next := make(chan []byte)
	b := startBridge(t, func(nc net.Conn) {
		for data := range next {
			_, _ = nc.Write(data)
		}
	})
	defer close(next)
	cache := filepath.Join(t.TempDir(), "directory.json")
	r := open(t, Options{Address: b.address(), Cache: cache})
	onDisk := func(campaign string) func(State) bool {
		return func(State) bool {
			data, err := os.ReadFile(cache)
			return err == nil && bytes.Contains(data, []byte(campaign))
		}
	}
	if r.Directory() != nil || r.State().Counts != nil {
		t.Errorf("%+v", r.State())
	}
	next <- framed(1, export("one"))
	r.wantApplied(t, "one")
	s := r.until(t, "on disk", onDisk("one"))
	if !s.Connected || s.Err != nil || s.Sequence != 1 || s.Received.IsZero() || s.Applied != 1 || s.Refused != 0 ||
		!slices.Contains(s.Counts, directory.Count{Kind: "campaigns", N: 1}) || r.Directory().Campaigns[0].Name != "one" {
		t.Errorf("%+v", s)
	}
	if hello := <-b.hellos; hello != "commdn-directory 1\n" {
		t.Errorf("hello is %q", hello)
	}
	next <- slices.Concat([]byte("alive\n"), framed(2, export("one")), []byte("alive\n"), framed(3, export("two")))
	r.wantApplied(t, "two") // number 2 has another date and the same objects
	r.until(t, "on disk", onDisk("two"))
	for i, refused := range [][]byte{framed(4, export("refused")), framed(5, []byte("{}")), framed(6, []byte(`{"CFGCampaign":[{"DBID":0}]}`)), framed(7, nil)} {
		next <- refused
		s = r.until(t, "refused", func(s State) bool { return s.Refused == uint64(i+1) })
		if s.Refusal == nil || !s.Connected || r.Directory().Campaigns[0].Name != "two" || !onDisk("two")(s) {
			t.Errorf("%+v", s)
		}
	}
	next <- framed(8, export("two")) // the bridge has recovered
	r.until(t, "no refusal any more", func(s State) bool { return s.Refusal == nil && s.Sequence == 8 && s.Applied == 2 })
	next <- framed(9, export("three"))
	r.wantApplied(t, "three")
	r.until(t, "on disk", onDisk("three"))
	if s := r.log.String(); !strings.Contains(s, "campaigns=1") || !strings.Contains(s, errNotThis.Error()) {
		t.Errorf("log has no counts, or no reason:\n%s", s)
	}
	if info, err := os.Stat(cache); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// TestApplyPanics: a mistake while a directory is taken over refuses it; the old one stays
// in use, and the next one is taken over.
func TestApplyPanics(t *testing.T) {
	b := startBridge(t, func(nc net.Conn) {
		_, _ = nc.Write(slices.Concat(framed(1, export("one")), framed(2, export("broken")), framed(3, export("two"))))
		held(nc)
	})
	applied := make(chan string, 8)
	r := open(t, Options{Address: b.address(), Apply: func(d *directory.Directory) error {
		if d.Campaigns[0].Name == "broken" {
			panic("a mistake")
		}
		applied <- d.Campaigns[0].Name
		return nil
	}})
	s := r.until(t, "the third one is in use", func(s State) bool { return s.Applied == 2 })
	if one, two := <-applied, <-applied; one != "one" || two != "two" || s.Refused != 1 || s.Refusal != nil || !s.Connected {
		t.Errorf("applied %s and %s, state %+v", one, two, s)
	}
	if !strings.Contains(r.log.String(), `panic="a mistake"`) {
		t.Errorf("no report:\n%s", r.log)
	}
}

// TestNothingLeft: a kind that loses all its objects gives a warning.
func TestNothingLeft(t *testing.T) {
	b := startBridge(t, func(nc net.Conn) {
		_, _ = nc.Write(slices.Concat(framed(1, export("one")), framed(2, bytes.Replace(export("one"), []byte("CFGDN"), []byte("CFGOther"), 1))))
		held(nc)
	})
	r := open(t, Options{Address: b.address()})
	r.wantApplied(t, "one")
	r.wantApplied(t, "one")
	if s := r.log.String(); !strings.Contains(s, "kind=comm_dns before=1") || strings.Contains(s, "kind=campaigns") {
		t.Error(s)
	}
}

// TestErrorOfTheBridge: State has the bridge's report about Configuration Server until
// the bridge sends a directory or is gone.
func TestErrorOfTheBridge(t *testing.T) {
	next := make(chan string)
	b := startBridge(t, func(nc net.Conn) {
		for s := <-next; s != "end"; s = <-next {
			_, _ = nc.Write([]byte(s))
		}
	})
	r := open(t, Options{Address: b.address()})
	says := func(text string) { // and the client is connected
		t.Helper()
		r.until(t, "says "+text, func(s State) bool { return s.Connected && s.Configuration == text })
	}
	next <- "error CFGLoginIncorrect: wrong\tpassword\r\n"
	says("CFGLoginIncorrect: wrong password")
	next <- "error \xffother\n"
	says("�other")
	next <- string(framed(1, export("one")))
	says("")
	next <- "error gone\n"
	says("gone")
	next <- "end"
	r.until(t, "nothing is said any more", func(s State) bool { return s.Configuration == "" })
	next <- "error again\n"
	says("again")
	next <- "end"
}

// TestBadBridge: a protocol error ends the connection with a reason, and the next
// connection works.
func TestBadBridge(t *testing.T) {
	half := framed(1, export("half"))
	half = half[:len(half)-3]
	for _, test := range []struct {
		name, sends string
		err         string
	}{
		{"nothing", "", "closed the connection"},
		{"HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", `"HTTP/1.1 400 Bad Request\r"`},
		{"another word", "Directory 1 1\n", "no message of a directory"},
		{"an empty line", "\n", "no message of a directory"},
		{"a line without end", strings.Repeat("error ", 1000), "a line of more than 4096 bytes"},
		{"half a line", "aliv", "in the middle of a line"},
		{"no length", "directory\n", "directory BYTES SEQUENCE"},
		{"no sequence", "directory 10\n", "directory BYTES SEQUENCE"},
		{"a length below 0", "directory -1 1\n", "directory BYTES SEQUENCE"},
		{"a length that is no number", "directory 0x10 1\n", "directory BYTES SEQUENCE"},
		{"a length over the limit", "directory 67108865 1\n", "at most 67108864"},
		{"an endless length", "directory 99999999999999999999 1\n", "directory BYTES SEQUENCE"},
		{"a sequence that is no number", "directory 10 one\n", "directory BYTES SEQUENCE"},
		{"half a directory", string(half), "of a directory: unexpected EOF"},
		{"a frame of tlink", "\x00\x00\x00\x09\x34\x00\x00\x00\x00\x00\x02\x00\x00", "in the middle of a line"},
	} {
		t.Run(test.name, func(t *testing.T) {
			good := make(chan struct{})
			b := startBridge(t, func(nc net.Conn) {
				select {
				case <-good:
					_, _ = nc.Write(framed(1, export("good")))
					held(nc)
				default:
					_, _ = nc.Write([]byte(test.sends))
				}
			})
			r := open(t, Options{Address: b.address()})
			s := r.until(t, "ended for the reason", func(s State) bool { return s.Err != nil && strings.Contains(s.Err.Error(), test.err) })
			if strings.ContainsAny(s.Err.Error(), "\x00\n") {
				t.Errorf("%q", s.Err)
			}
			close(good)
			r.wantApplied(t, "good")
			if s := r.until(t, "connected", func(s State) bool { return s.Connected }); s.Err != nil {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestSilence: the client leaves a bridge that falls silent, and stays with one that
// sends slowly.
func TestSilence(t *testing.T) {
	b := startBridge(t, func(nc net.Conn) {
		data := framed(1, export("slow"))
		for piece := range slices.Chunk(data, len(data)/6) {
			_, _ = nc.Write(piece)
			time.Sleep(50 * time.Millisecond) // 300 ms in all
		}
		held(nc)
	})
	r := open(t, Options{Address: b.address(), Silence: 200 * time.Millisecond})
	r.wantApplied(t, "slow")
	r.until(t, "left", func(s State) bool {
		return s.Err != nil && strings.Contains(s.Err.Error(), "no sign of life from the bridge for 200ms")
	})
	<-b.hellos
	<-b.hellos // the client is back
}

func TestCacheThatCannotBeWritten(t *testing.T) {
	b := startBridge(t, func(nc net.Conn) {
		_, err := nc.Write(framed(1, export("one")))
		for err == nil {
			time.Sleep(5 * time.Millisecond)
			_, err = io.WriteString(nc, "alive\n")
		}
	})
	folder := filepath.Join(t.TempDir(), "none")
	cache := filepath.Join(folder, "x")
	r := open(t, Options{Address: b.address(), Cache: cache})
	r.wantApplied(t, "one")
	s := r.until(t, "told", func(s State) bool { return s.CacheErr != nil })
	if s.Applied != 1 || r.Directory() == nil {
		t.Errorf("%+v", s)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	r.until(t, "written after all", func(s State) bool { return s.CacheErr == nil })
	if d, err := load(cache); err != nil || d.Campaigns[0].Name != "one" {
		t.Errorf("on disk %v, %v", d, err)
	}
	if n := strings.Count(r.log.String(), "cannot be kept on disk"); n != 1 {
		t.Errorf("told %d times", n)
	}
}

// TestHave: a client that starts with the bridge's directory applies nothing, and still
// keeps it on disk.
func TestHave(t *testing.T) {
	b := startBridge(t, func(nc net.Conn) {
		_, _ = nc.Write(framed(1, export("one")))
		held(nc)
	})
	have, err := Fetch(t.Context(), Options{Address: b.address()})
	if err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(t.TempDir(), "x")
	r := open(t, Options{Address: b.address(), Cache: cache, Have: have})
	if r.Directory() != have || r.State().Counts == nil {
		t.Errorf("%+v", r.State())
	}
	r.until(t, "on disk", func(State) bool { _, err := os.Stat(cache); return err == nil })
	if s := r.State(); s.Applied != 0 || r.Directory() != have {
		t.Errorf("%+v", s)
	}
}

func TestOptionsRefused(t *testing.T) {
	for _, o := range []Options{{}, {Address: "a:1"}, {Apply: func(*directory.Directory) error { return nil }}} {
		if _, err := Open(o); err == nil || !strings.HasPrefix(err.Error(), "live: option ") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
