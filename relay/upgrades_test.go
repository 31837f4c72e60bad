//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package relay

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// longOrigin is an Origin as long as the header of a request may be, with a
// number in it.
var longOrigin = "https://5551234567." + strings.Repeat("x", 14<<10) + ".example.com"

// rawUpgrade is the request for a WebSocket.
func rawUpgrade(host string, header ...string) string {
	return fmt.Sprintf("GET /ws HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"+
		"Sec-WebSocket-Protocol: %s\r\n%s\r\n", host, frame.Subprotocol, strings.Join(append(header, ""), "\r\n"))
}

// upgrades asks for a WebSocket again and again on one connection that the relay
// keeps open, as it does after a refusal.
func upgrades(address string, times int, header ...string) error {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	answers, request := bufio.NewReader(c), rawUpgrade(address, header...)
	for range times {
		_ = c.SetDeadline(time.Now().Add(patience)) // of each: all together may take longer
		if _, err := io.WriteString(c, request); err != nil {
			return err
		}
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			return err
		}
		if answer.StatusCode != http.StatusForbidden {
			return fmt.Errorf("status %d", answer.StatusCode)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
	}
	return nil
}

// Refused upgrades fill no log: foreign text is cut and masked, what repeats is
// summed up.
func TestRefusedUpgradesFillNoLog(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "127.0.0.1:1", nil)
	const times = 2000
	if err := upgrades(r.addr, times, "Origin: "+longOrigin); err != nil {
		t.Fatal(err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	text := r.log.String()
	if len(text) > 200<<10 {
		t.Errorf("%d refusals are %d bytes of log", times, len(text))
	}
	if strings.Contains(text, "5551234567") || !strings.Contains(text, "https://*******567.xxx") || strings.Contains(text, strings.Repeat("x", 250)) {
		t.Errorf("the origin is not cut and masked: %.500s", text)
	}
	said, sum := 0, 0
	for line := range strings.Lines(text) {
		if !strings.Contains(line, `msg="WebSocket refused"`) {
			continue
		}
		said++
		if _, behind, ok := strings.Cut(line, " repeats="); ok {
			n := 0
			_, _ = fmt.Sscan(behind, &n)
			sum += n - 1 // the line is one of them
		}
	}
	if said+sum != times || sum == 0 {
		t.Errorf("the log tells of %d refusals in %d lines, want %d", said+sum, said, times)
	}
}

// Texts that a client makes up come into the log short and masked, wherever they
// stand.
func TestForeignTextInTheLog(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), nil)
	long := "5551234567 " + strings.Repeat("z", 10<<10)
	c := r.dial(nil)
	c.send(frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Agent: long}.Body()})
	c.welcomed()
	c.send(frame.Frame{Kind: frame.KindRequest, Number: 1, Body: frame.Request{Key: long, Data: dnc("5550104477")}.Body()})
	c.refused(1, frame.RefusedInvalid)
	c.request(2, (&commdn.DoNotCall{Phone: "5550104477", Chain: commdn.Chain("chain " + long)}).UserData())
	c.refused(2, frame.RefusedInvalid, "GSW_CHAIN_ATTR")
	_ = c.ws.Close(websocket.StatusNormalClosure, "call me at 555-123-4567")
	r.log.wait(t, "session ended")
	text := r.log.String()
	for _, never := range []string{"5551234567", "555-123-4567", strings.Repeat("z", 201)} {
		if strings.Contains(text, never) {
			t.Errorf("the log says %.20s", never)
		}
	}
	for _, words := range []string{`agent="*******567 zzz`, `key="*******567 zzz`, "chain *******567 zzz", "***-***-*567"} {
		if !strings.Contains(text, words) {
			t.Errorf("the log does not say %s:\n%.3000s", words, text)
		}
	}
}
