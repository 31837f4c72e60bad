//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package relay

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/frame"
)

// The attacker is a process of its own: its thousands of goroutines must not stand
// in one queue with those of the relay that is measured.
const attackerOn = "COMMDN_TEST_ATTACKER" // makes the test program an attacker

// order is what an attacker reads from its input, as JSON. It attacks until its
// input ends, and then prints how often it did what it does.
type order struct {
	Flood   string // the name of a flood
	Address string // of the relay
	Tokens  []string
}

// attacker attacks a relay.
type attacker struct {
	order
	ctx context.Context // ends with the flood
	n   atomic.Int64    // what was done
}

// attack does what the order on the input says.
func attack() error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	a := &attacker{ctx: ctx}
	in := json.NewDecoder(os.Stdin)
	if err := in.Decode(&a.order); err != nil {
		return err
	}
	go func() {
		_ = in.Decode(&struct{}{}) // the end
		cancel()
	}()
	for _, f := range floods() {
		if f.name == a.Flood {
			f.attack(a)
			_, err := fmt.Println(a.n.Load())
			return err
		}
	}
	return fmt.Errorf("no flood is named %q", a.Flood)
}

// startAttacker starts an attack, and gives what ends it and says how often it did
// what it does.
func startAttacker(t testing.TB, o order) (end func() int) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), attackerOn+"=1")
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end = sync.OnceValue(func() (n int) {
		_ = in.Close()
		late := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
		defer late.Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the attacker: %v %s", err, &errs)
		}
		_, _ = fmt.Sscan(out.String(), &n)
		return n
	})
	t.Cleanup(func() { end() })
	if err := json.NewEncoder(in).Encode(o); err != nil {
		t.Fatal(err)
	}
	return end
}

// several does the same in several goroutines until the flood ends.
func (a *attacker) several(times int, do func()) {
	var all sync.WaitGroup
	for range times {
		all.Go(func() {
			for a.ctx.Err() == nil {
				do()
			}
		})
	}
	all.Wait()
}

func (a *attacker) upgrades() {
	a.several(4, func() {
		if upgrades(a.Address, 100, "Origin: "+longOrigin) == nil {
			a.n.Add(100)
		}
	})
}

// open says hello with a token; nil: the relay does not let it in.
func (a *attacker) open(token string) *websocket.Conn {
	ws, _, err := websocket.Dial(a.ctx, "ws://"+a.Address+"/ws", &websocket.DialOptions{Subprotocols: []string{frame.Subprotocol}})
	if err != nil {
		return nil
	}
	ws.SetReadLimit(1 << 20)
	hello, _ := frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Token: token}.Body()}.Append(nil)
	if ws.Write(a.ctx, websocket.MessageBinary, hello) != nil {
		_ = ws.CloseNow()
		return nil
	}
	return ws
}

func (a *attacker) wrongTokens() {
	a.several(4, func() {
		ws := a.open("not a token")
		if ws == nil {
			return
		}
		_, _, _ = ws.Read(a.ctx)
		_ = ws.CloseNow()
		a.n.Add(1)
	})
}

// raw opens connections, says something on each, and opens each again when it
// ends.
func (a *attacker) raw(times int, says string) {
	a.several(times, func() {
		c, err := net.Dial("tcp", a.Address)
		if err != nil {
			return
		}
		defer c.Close()
		end := context.AfterFunc(a.ctx, func() { _ = c.Close() })
		defer end()
		a.n.Add(1)
		_, _ = io.WriteString(c, says)
		_, _ = io.Copy(io.Discard, c)
	})
}

func (a *attacker) silent() { a.raw(3000, rawUpgrade(a.Address)) }

func (a *attacker) idle() { a.raw(1500, healthRequest) }

// healthRequest asks for what costs the relay least.
const healthRequest = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

// over keeps a thousand HTTP connections busy, each with one request after the
// other.
func (a *attacker) over(request string) {
	a.several(1000, func() {
		c, err := net.Dial("tcp", a.Address)
		if err != nil {
			return
		}
		defer c.Close()
		end := context.AfterFunc(a.ctx, func() { _ = c.Close() })
		defer end()
		answers := bufio.NewReader(c)
		for {
			if _, err := io.WriteString(c, request); err != nil {
				return
			}
			answer, err := http.ReadResponse(answers, nil)
			if err != nil {
				return
			}
			if _, err := io.Copy(io.Discard, answer.Body); err != nil {
				return
			}
			a.n.Add(1)
		}
	})
}

func (a *attacker) busy() { a.over(healthRequest) }

func (a *attacker) downloads() { a.over("GET /large.wasm HTTP/1.1\r\nHost: localhost\r\n\r\n") }

// ask asks as fast as it can, and reads what comes, until it is closed.
func (a *attacker) ask(pause time.Duration) {
	ws := a.open(a.Tokens[0])
	if ws == nil {
		time.Sleep(time.Millisecond)
		return
	}
	defer ws.CloseNow()
	go a.read(ws)
	for n := uint32(1); ; n++ {
		message, _ := asking(n, dnc(fmt.Sprintf("55502%05d", n))).Append(nil)
		if ws.Write(a.ctx, websocket.MessageBinary, message) != nil {
			return
		}
		a.n.Add(1)
		time.Sleep(pause)
	}
}

func (a *attacker) read(ws *websocket.Conn) {
	for {
		if _, _, err := ws.Read(a.ctx); err != nil {
			return
		}
	}
}

func (a *attacker) requests() {
	a.several(1, func() { a.ask(0) })
}

func (a *attacker) onePerson() {
	a.several(90, func() { a.ask(40 * time.Millisecond) })
}

func (a *attacker) pings(ping []byte) {
	hello, _ := frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Token: a.Tokens[0]}.Body()}.Append(nil)
	head := []byte{0x82, 0xFE, byte(len(hello) >> 8), byte(len(hello)), 0, 0, 0, 0}
	many := slices.Repeat(ping, 1000)
	a.several(4, func() {
		c, err := net.Dial("tcp", a.Address)
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.WriteString(c, rawUpgrade(a.Address))
		if _, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil {
			return
		}
		_, _ = c.Write(append(head, hello...))
		go func() { _, _ = io.Copy(io.Discard, c) }()
		for a.ctx.Err() == nil {
			_ = c.SetWriteDeadline(time.Now().Add(time.Second))
			if _, err := c.Write(many); err != nil {
				return
			}
			a.n.Add(1000)
		}
	})
}

func (a *attacker) pingsOfWebSocket() { a.pings([]byte{0x89, 0x80, 1, 2, 3, 4}) }

func (a *attacker) pingFrames() {
	a.pings(append([]byte{0x82, 0x87, 0, 0, 0, 0}, byte(frame.KindPing), 0, 0, 0, 1, 0, 0))
}

// watchers subscribe, one for each token, and read what comes, or do not.
func (a *attacker) watchers(read bool) {
	message, _ := frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{On: true, History: true}.Body()}.Append(nil)
	for _, token := range a.Tokens {
		ws := a.open(token)
		if ws == nil {
			continue
		}
		defer ws.CloseNow()
		if _, _, err := ws.Read(a.ctx); err != nil || ws.Write(a.ctx, websocket.MessageBinary, message) != nil {
			continue
		}
		a.n.Add(1)
		if read {
			go a.read(ws)
		}
	}
	<-a.ctx.Done()
}

func (a *attacker) watch() { a.watchers(true) }

func (a *attacker) doNotRead() { a.watchers(false) }
