//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/frame"
)

// echo is a bare WebSocket server, for a relay to be measured beside: a binary
// message goes back to its sender, any other to everybody who is connected. It
// serves until ctx ends.
func echo(ctx context.Context, l net.Listener) error {
	var mu sync.Mutex
	all := make(map[*websocket.Conn]struct{})
	broadcast := func(kind websocket.MessageType, message []byte) {
		mu.Lock()
		defer mu.Unlock()
		for ws := range all {
			_ = ws.Write(ctx, kind, message)
		}
	}
	hs := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{frame.Subprotocol}})
		if err != nil {
			return
		}
		defer ws.CloseNow()
		mu.Lock()
		all[ws] = struct{}{}
		mu.Unlock()
		defer func() {
			mu.Lock()
			defer mu.Unlock()
			delete(all, ws)
		}()
		for {
			kind, message, err := ws.Read(ctx)
			if err != nil {
				return
			}
			if kind != websocket.MessageBinary {
				broadcast(kind, message)
			} else if err := ws.Write(ctx, kind, message); err != nil {
				return
			}
		}
	})}
	stop := context.AfterFunc(ctx, func() { _ = hs.Close() })
	defer stop()
	if err := hs.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
