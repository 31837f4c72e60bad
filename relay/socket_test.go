package relay

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"commdn/protocol/frame"
)

// What a client sends right behind its upgrade, in the same packet, is not lost,
// whether it fits into the socket's buffers or not.
func TestHelloBehindUpgrade(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), nil)
	const readBuffer = 512 // of conn
	for _, length := range []int{1, readBuffer - 20, readBuffer, 2 * readBuffer, 3000, 10_000} {
		t.Run(fmt.Sprint(length), func(t *testing.T) {
			t.Parallel()
			c, err := net.Dial("tcp", r.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(patience))
			hello, err := frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Agent: strings.Repeat("a", length)}.Body()}.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			// RFC 6455, 5.2: final binary frame, masked with zeros.
			message := binary.BigEndian.AppendUint16([]byte{0x82, 0x80 | 126}, uint16(len(hello)))
			message = append(append(message, 0, 0, 0, 0), hello...)
			request := "GET /ws HTTP/1.1\r\nHost: " + r.addr + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
				"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: " + frame.Subprotocol + "\r\n\r\n"
			if _, err := c.Write(append([]byte(request), message...)); err != nil {
				t.Fatal(err)
			}
			in := bufio.NewReader(c)
			res, err := http.ReadResponse(in, nil)
			if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
				t.Fatalf("%v, %v", res, err)
			}
			var header [4]byte
			if _, err := io.ReadFull(in, header[:2]); err != nil {
				t.Fatal(err)
			}
			n := int(header[1])
			if n == 126 {
				if _, err := io.ReadFull(in, header[2:]); err != nil {
					t.Fatal(err)
				}
				n = int(binary.BigEndian.Uint16(header[2:]))
			}
			payload := make([]byte, n)
			if _, err := io.ReadFull(in, payload); err != nil {
				t.Fatal(err)
			}
			if f, err := frame.Decode(payload); err != nil || f.Kind != frame.KindWelcome {
				t.Errorf("got %v, %v", f.Kind, err)
			}
		})
	}
}

// TestOneCloseFrame: a browser that got a second one would tell the page 1006
// in place of the code.
func TestOneCloseFrame(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), nil)
	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	// A ping as the first frame is a mistake; masked with zeros.
	_, _ = fmt.Fprintf(c, "GET /ws HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: %s\r\n\r\n\x82\x87\x00\x00\x00\x00\x08\x00\x00\x00\x01\x00\x00", r.addr, frame.Subprotocol)
	in := bufio.NewReader(c)
	res, err := http.ReadResponse(in, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%v, %v", res, err)
	}
	header := make([]byte, 4)
	if _, err := io.ReadFull(in, header); err != nil || header[0] != 0x88 {
		t.Fatalf("% x, %v, want a close frame", header, err)
	}
	if _, err := io.CopyN(io.Discard, in, int64(header[1])-2); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte{0x88, 0x82, 0, 0, 0, 0, header[2], header[3]}); err != nil { // as a browser answers
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(in); err != nil || len(rest) > 0 {
		t.Errorf("after the close frame came % x, %v", rest, err)
	}
}
