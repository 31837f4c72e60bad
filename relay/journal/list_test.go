package journal

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"commdn/relay/desk"
)

// An entry that nobody can read is named, in lists and in the log, and holds up nothing;
// an administrator takes it out.
func TestUnreadableEntry(t *testing.T) {
	var log bytes.Buffer
	j, err := Open(Options{Folder: t.TempDir(), InFlight: 64, Keep: time.Hour, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	broken, name := strings.Repeat("ab", idLength/2), strings.Repeat("cd", idLength/2)
	for _, subject := range []string{subjectWork + route([]string{"a"}) + "." + broken, subjectDead + name, subjectDone + name} {
		if _, err := j.streams.Publish(t.Context(), subject, "", []byte("{")); err != nil {
			t.Fatal(err)
		}
	}
	r := startOn(t, j, one(false))
	r.dnc("k1", "5550100001")
	all, err := j.listed(t)
	if err != nil || len(all) != 3 || all[0].ID != name || !all[0].Unreadable || all[1].ID != broken || !all[1].Unreadable || all[2].Unreadable {
		t.Errorf("listed %+v, %v", all, err)
	}
	if found, _, err := j.Waiting(t.Context(), 0, 10); err != nil || len(found) != 1 {
		t.Errorf("waiting %+v, %v", found, err)
	}
	if found, err := j.Recent(t.Context(), time.Now().Add(-time.Hour)); err != nil || len(found) != 1 {
		t.Errorf("recent %+v, %v", found, err)
	}
	for _, id := range []string{broken, name} {
		if item, err := j.Drop(t.Context(), id[:9]); err != nil || item.ID != id {
			t.Errorf("drop: %+v, %v", item, err)
		}
	}
	if all, err := j.listed(t); err != nil || len(all) != 1 {
		t.Errorf("after that: %+v, %v", all, err)
	}
	r.close()
	for _, id := range []string{broken, name} {
		if n := strings.Count(log.String(), "cannot be read, and is left where it is; commdn journal drop takes it out\" id="+id); n == 0 || n > 2 {
			t.Errorf("%d times in the log: %s", n, log.String())
		}
	}
}

// However many requests are put aside, each is found, and all can be sent again. A list
// says how many more there are.
func TestManyAside(t *testing.T) {
	const n, most = 30, 7
	j := open(t, t.TempDir())
	defer j.Close()
	if err := j.Begin(func(desk.Job) {}, nil); err != nil {
		t.Fatal(err)
	}
	names := make(map[string]bool)
	for i := range n {
		r, err := encode(desk.Entry{ID: desk.ID{Subject: "ann", Key: fmt.Sprint("k", i)}, Links: []string{"a"}, At: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		r.Refusal = &refusal{Message: "OCS did not answer"}
		name := id(desk.ID{Subject: "ann", Key: fmt.Sprint("k", i)})
		if err := j.keep(t.Context(), subjectDead+name, r); err != nil {
			t.Fatal(err)
		}
		names[name] = true
		put(t, j, i)
	}
	l, err := j.List(t.Context(), most)
	if err != nil || len(l.Items) != 2*most || !l.Items[0].Dead || l.Items[most].Dead || l.MoreAside != n-most || l.MoreWaiting != n-most {
		t.Errorf("%d listed, %d and %d more, %v", len(l.Items), l.MoreAside, l.MoreWaiting, err)
	}
	for name := range names {
		for _, asked := range []string{name, name[:12]} {
			if item, err := j.Show(t.Context(), asked); err != nil || item.ID != name || !item.Dead {
				t.Errorf("%s: %+v, %v", asked, item, err)
			}
		}
	}
	for _, asked := range []string{"", "*", strings.Repeat("*", idLength), strings.Repeat("0", idLength), "g0"} {
		if item, err := j.Show(t.Context(), asked); err == nil {
			t.Errorf("%q: %+v", asked, item)
		}
	}
	again := 0
	for item, err := range j.Aside(t.Context()) {
		if err == nil {
			_, err = j.Retry(t.Context(), item.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		again++
	}
	if l, err := j.List(t.Context(), 1000); err != nil || again != n || len(l.Items) != 2*n || l.Items[0].Dead {
		t.Errorf("%d are sent again, %d listed, %v", again, len(l.Items), err)
	}
}
