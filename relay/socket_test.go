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
