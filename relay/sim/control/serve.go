package control

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Serve answers on l with Handler(o) until ctx ends, which ends streams as well.
// It returns nil then, else what went wrong with the listener.
func Serve(ctx context.Context, l net.Listener, o Options) error {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	hs := &http.Server{
		Handler: Handler(o), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		ErrorLog:    slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	failed := make(chan error, 1)
	go func() { failed <- hs.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if hs.Shutdown(stop) != nil {
		_ = hs.Close()
	}
	<-failed
	return nil
}
