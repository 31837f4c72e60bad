package relay

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/hub"
)

// rawSocket is a WebSocket by hand: what no library would do.
type rawSocket struct {
	net.Conn
	in *bufio.Reader
}

func (r *rig) raw() *rawSocket {
	r.t.Helper()
	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	fmt.Fprintf(c, "GET /ws HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"+
		"Sec-WebSocket-Protocol: %s\r\n\r\n", r.addr, frame.Subprotocol)
	in := bufio.NewReader(c)
	answer, err := http.ReadResponse(in, nil)
	if err != nil || answer.StatusCode != http.StatusSwitchingProtocols {
		r.t.Fatalf("upgrade: %v %v", answer, err)
	}
	return &rawSocket{c, in}
}

// header writes the head of a masked frame, final, with an all-zero mask.
func (s *rawSocket) header(t *testing.T, opcode byte, length uint64) {
	t.Helper()
	b := binary.BigEndian.AppendUint64([]byte{0x80 | opcode, 0x80 | 127}, length)
	if _, err := s.Write(append(b, 0, 0, 0, 0)); err != nil {
		t.Fatal(err)
	}
}

func (s *rawSocket) message(t *testing.T, opcode byte, payload []byte) {
	t.Helper()
	s.header(t, opcode, uint64(len(payload)))
	if _, err := s.Write(payload); err != nil {
		t.Fatal(err)
	}
}

func (s *rawSocket) hello(t *testing.T) {
	t.Helper()
	hello, err := frame.Frame{Kind: frame.KindHello}.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.message(t, 2, hello)
	if op, _ := s.frame(t); op != 2 {
		t.Fatalf("opcode %d instead of a welcome", op)
	}
}

// frame reads a frame of the relay's, which is short and not masked.
func (s *rawSocket) frame(t *testing.T) (opcode byte, payload []byte) {
	t.Helper()
	var head [4]byte
	if _, err := io.ReadFull(s.in, head[:2]); err != nil {
		t.Fatal(err)
	}
	n := int(head[1])
	if n == 126 {
		if _, err := io.ReadFull(s.in, head[2:]); err != nil {
			t.Fatal(err)
		}
		n = int(binary.BigEndian.Uint16(head[2:]))
	}
	payload = make([]byte, n)
	if _, err := io.ReadFull(s.in, payload); err != nil {
		t.Fatal(err)
	}
	return head[0] & 0x0f, payload
}

// closedWith reads the close frame and the end of the connection, without ever
// answering.
func (s *rawSocket) closedWith(t *testing.T, code frame.CloseCode) {
	t.Helper()
	for {
		op, payload := s.frame(t)
		if op != 8 {
			continue
		}
		if got := frame.CloseCode(binary.BigEndian.Uint16(payload)); got != code {
			t.Fatalf("closed with %d, want %d", got, code)
		}
		break
	}
	if _, err := s.in.ReadByte(); !errors.Is(err, io.EOF) && !strings.Contains(fmt.Sprint(err), "reset") {
		t.Fatalf("after the close frame: %v, want the end of the connection", err)
	}
}

// A client that announces a message and then neither sends it nor answers the
// close frame is rid of all the same.
func TestCloseNotAnswered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opcode byte
		length uint64
		send   int
		code   frame.CloseCode
	}{
		"text of which nothing comes":        {1, 1 << 40, 0, frame.CloseText},
		"message of which only a part comes": {2, 1 << 62, frame.MaxLen + 1, frame.CloseTooBig},
		"malformed":                          {2, 1, 1, frame.CloseMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRelay(t, "127.0.0.1:1", nil)
			s := r.raw()
			s.header(t, c.opcode, c.length)
			if _, err := s.Write(make([]byte, c.send)); err != nil {
				t.Fatal(err)
			}
			s.closedWith(t, c.code)
		})
	}
}

func TestShutdown(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(silentOCS(201)), func(o *Options) {
		o.AnswerTimeout, o.DrainTimeout = time.Minute, 100*time.Millisecond
		o.Files = fstest.MapFS{"big.txt": {Data: make([]byte, 16<<20)}}
	})
	h := r.hand("watch")

	busy := r.session()
	const requests = 30
	for i := range uint32(requests) {
		busy.request(i+1, dnc(fmt.Sprintf("55501%05d", i)))
	}
	for range requests {
		h.request()
	}
	idle := r.session()
	mute := r.raw() // never answers the close frame
	mute.hello(t)
	stalled := r.raw() // stops in the middle of a message
	stalled.hello(t)
	stalled.header(t, 2, 1000)
	unsaid := r.raw() // never says hello
	download, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer download.Close()
	fmt.Fprintf(download, "GET /big.txt HTTP/1.1\r\nHost: %s\r\n\r\n", r.addr)
	if _, err := download.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}

	stopped := make(chan error, 1)
	go func() { stopped <- r.stop() }()
	// A refusal would settle a request that the client repeats after 4000.
	if before, _ := busy.closedWith(frame.CloseGoingAway); len(before) > 0 {
		t.Errorf("before the close came %v %v", before[0].Kind, before[0].Body)
	}
	idle.closedWith(frame.CloseGoingAway)
	for _, s := range []*rawSocket{mute, stalled, unsaid} {
		s.closedWith(t, frame.CloseGoingAway)
	}
	if err := <-stopped; err != nil {
		t.Fatalf("Serve returned %v", err)
	}
	r.srv.Close() // again: nothing happens
	r.log.wait(t, "relay going away (4000)")
}

// An answer that the relay has taken in is still written when it shuts down.
func TestShutdownWritesWhatIsQueued(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(silentOCS(201)), nil)
	c := r.session()
	m := r.onlyMember()
	for n := range int64(100) {
		m.Links(hub.Links{{Name: "tserver", Link: frame.Link{Up: true, Since: n}}})
	}
	go r.srv.conns.Close()
	before, _ := c.closedWith(frame.CloseGoingAway)
	if len(before) != 100 {
		t.Fatalf("%d of 100 queued frames came", len(before))
	}
	for i, f := range before {
		if k := frame.ReadLink(f.Body); k.Since != int64(i) {
			t.Fatalf("frame %d is %v %+v", i, f.Kind, k)
		}
	}
}

// onlyMember waits for earlier connections to end.
func (r *rig) onlyMember() hub.Member {
	r.t.Helper()
	r.until("other sessions end", func() bool { return len(r.srv.hub.Members()) == 1 })
	return r.srv.hub.Members()[0]
}
