//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package relay

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"

	"nhooyr.io/websocket"

	"commdn/protocol/frame"
)

// audience opens sessions that read what comes, until its input ends. It prints
// a line when all have a whole directory, and then another one each time.
func audience(address string) error {
	size, err := strconv.Atoi(os.Getenv(audienceSize))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	whole, failed := make(chan int, size), make(chan error, size)
	var next sync.Mutex
	opened := 0
	for range 32 { // dial at once
		go func() {
			for {
				next.Lock()
				n := opened
				opened++
				next.Unlock()
				if n >= size {
					return
				}
				ws, err := greet(ctx, address, fmt.Sprintf("desk-%d", 1+n%tenants))
				if err != nil {
					failed <- fmt.Errorf("session %d: %w", n+1, err)
					return
				}
				go func() { failed <- follow(ctx, ws, whole) }()
			}
		}()
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	for have := 0; ; {
		select {
		case objects := <-whole:
			if objects != seen {
				return fmt.Errorf("a session sees %d objects, want %d", objects, seen)
			}
			if have++; have%size == 0 {
				fmt.Println("whole")
			}
		case err := <-failed:
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
}

// greet opens a session.
func greet(ctx context.Context, address, token string) (*websocket.Conn, error) {
	ws, _, err := websocket.Dial(ctx, "ws://"+address+"/ws", &websocket.DialOptions{Subprotocols: []string{frame.Subprotocol}})
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(frame.MaxLen)
	hello, err := frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Agent: "audience", Token: token}.Body()}.Append(nil)
	if err != nil {
		return nil, err
	}
	return ws, ws.Write(ctx, websocket.MessageBinary, hello)
}

// follow tells how many objects each directory has, when it is whole.
func follow(ctx context.Context, ws *websocket.Conn, whole chan<- int) error {
	objects := 0
	for {
		_, message, err := ws.Read(ctx)
		if err != nil {
			return err
		}
		f, err := frame.Decode(message)
		if err != nil {
			return err
		}
		if f.Kind != frame.KindDirectory {
			continue
		}
		for _, p := range f.Body {
			if _, ok := p.Value.List(); ok {
				objects++
			}
		}
		if !frame.MoreDirectory(f.Body) {
			whole <- objects
			objects = 0
		}
	}
}
