package linktest

import (
	"errors"
	"net"
	"os"
	"slices"
	"testing"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/sim/scenario"
	"commdn/relay/tserver/tlink"
)

// badBytes: a client that sends garbage loses its connection; nobody else notices.
func badBytes(t *testing.T, r *rig) {
	register := frames(t, tlink.Message{ID: tlink.RequestRegisterClient, Reference: 1})
	event := frames(t, tlink.Message{ID: tlink.RequestDistributeUserEvent, Reference: 9, Attributes: thisDN(commDN), UserData: numbered(1)})
	broken := func(frame []byte, at int, b byte) []byte {
		frame = slices.Clone(frame)
		frame[at] = b
		return frame
	}
	tooDeep := frames(t, tlink.Message{ID: tlink.RequestDistributeUserEvent, Reference: 9, Attributes: thisDN(commDN), UserData: deep(8)})
	// One level more: wrap the outermost list in another one.
	userData := slices.Clone(tooDeep[len(tooDeep)-packed(t, deep(8)):])
	inner := append([]byte{byte(len(userData) >> 8), byte(len(userData))}, userData...)
	outer := append([]byte{0, 1, 3, 0, 1, 'k', byte(len(inner) >> 8), byte(len(inner))}, inner...)
	tooDeep = append(tooDeep[:len(tooDeep)-len(userData)], outer...)
	tooDeep[3] = byte(len(tooDeep) - 4)
	tooDeep[2] = byte((len(tooDeep) - 4) >> 8)
	for _, test := range []struct {
		name  string
		bytes []byte
	}{
		{"HTTP", []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")},
		{"TLS or what looks like it", []byte{22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3}},
		{"a frame without end", []byte{0xff, 0xff, 0xff, 0xff, 1, 2, 3}},
		{"a frame over the limit", []byte{0, 1, 0x3e, 0x87, 48, 0, 0, 0, 1, 0, 2, 0, 0}},
		{"a frame too short", []byte{0, 0, 0, 8, 0, 0, 0, 0, 1, 0, 2, 0}},
		{"a length of 0", []byte{0, 0, 0, 0}},
		{"attributes longer than the frame", broken(register, 10, 3)},
		{"attributes that lack a pair", broken(register, 12, 1)},
		{"user data cut off", broken(event, len(event)-4-1, 200)},
		{"a value of an unknown kind", broken(event, len(event)-4-2-1-2-1, 9)},
		{"lists nested too deep", tooDeep},
	} {
		t.Run("bad bytes: "+test.name, func(t *testing.T) {
			healthy, fresh, known := r.registered(t, "healthy"), r.dial(t), r.registered(t, "known")
			for _, c := range []*client{fresh, known} {
				c.write(test.bytes)
				c.wantEnd()
			}
			r.until(t, "who sends bad bytes has left T-Server", func() bool { return !slices.Contains(r.applications(), "known") })
			healthy.alive()
		})
	}
	t.Run("half a frame, and then the end", func(t *testing.T) {
		healthy := r.registered(t, "healthy")
		for _, n := range []int{1, 3, 4, 9, len(event) - 1} {
			c := r.registered(t, "half")
			c.write(event[:n])
			c.nc.Close()
		}
		r.until(t, "they have left T-Server", func() bool { return !slices.Contains(r.applications(), "half") })
		healthy.alive()
	})
	t.Run("frames in pieces", func(t *testing.T) {
		c := r.registered(t, "pieces")
		for _, b := range event {
			c.write([]byte{b})
		}
		c.wantSent(9, numbered(1))
		for _, at := range []int{2, 7, 20} {
			c.write(event[:at])
			time.Sleep(50 * time.Millisecond)
			c.write(event[at:])
			c.wantSent(9, numbered(1))
		}
		c.write(append(slices.Clone(event), event...)) // and two in one
		acked, heard := 0, 0
		for range 4 {
			switch c.read().ID {
			case tlink.EventACK:
				acked++
			case tlink.EventUserEvent:
				heard++
			}
		}
		if acked != 2 || heard != 2 {
			t.Errorf("%d acknowledged, %d heard; want 2 of each", acked, heard)
		}
	})
	t.Run("a client that says nothing", func(t *testing.T) {
		r.dial(t)
		r.registered(t, "healthy").alive()
	})
}

// slowReader: a client that reads nothing loses its connection; the others get every
// event.
func slowReader(t *testing.T, r *rig) {
	t.Run("slow reader", func(t *testing.T) {
		healthy, beyond, slow := r.registered(t, "healthy"), r.beyond(t), r.registered(t, "slow")
		large := sized(r.limit)
		const most = 256 << 20 // bytes; more than any queue or kernel buffer holds
		late := time.Now().Add(2 * patience)
		for n := uint32(1); slices.Contains(r.applications(), "slow"); n++ {
			if int(n)*r.limit > most || time.Now().After(late) {
				t.Fatalf("a client that reads nothing still has its connection after %d events of %d bytes", n, r.limit)
			}
			beyond.sends(n, large)
			healthy.wantEvent(commDN, large)
		}
		slow.wantEnd()
		healthy.alive()
		beyond.wantEvent(commDN, numbered(99))
	})
}

// stalledTServer: for a while T-Server reads nothing from one client, which sends more
// than there is room for. That client may stall, or lose its connection; others must not.
func stalledTServer(t *testing.T, r *rig) {
	t.Run("T-Server reads nothing", func(t *testing.T) {
		healthy, flood := r.registered(t, "healthy"), r.registered(t, "flood")
		const stall = 4 * time.Second
		start := time.Now()
		if err := r.primary.Do(scenario.Fault{Do: scenario.Stall, For: stall, Application: "flood"}); err != nil {
			t.Fatal(err)
		}
		flood.nc.SetWriteDeadline(start.Add(stall))
		request := frames(t, tlink.Message{ID: tlink.RequestDistributeUserEvent, Reference: 7, Attributes: thisDN(secondDN), UserData: sized(r.limit)})
		var err error
		for sent := 0; err == nil && sent < 64<<20; sent += len(request) {
			_, err = flood.nc.Write(request)
		}
		if err == nil {
			t.Error("64 MB found room in a system whose T-Server reads nothing")
		}
		healthy.alive()
		if late := time.Since(start) - stall; late > patience/2 {
			t.Errorf("a client was held up for %s more than the one whose T-Server connection stalls", late)
		}
		var timeout net.Error
		if errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) {
			flood.nc.Close() // a deadline leaves half a frame
		}
		r.registered(t, "flood again").alive()
	})
}

func packed(t *testing.T, userData tkvlist.List) int {
	t.Helper()
	return len(frames(t, tlink.Message{UserData: userData})) - len(frames(t, tlink.Message{}))
}
