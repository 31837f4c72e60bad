package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"commdn/relay/config"
	"commdn/relay/internal/changes"
	"commdn/relay/internal/netname"
)

// beside is a small HTTP server beside the relay's own.
type beside struct {
	what     string // it is for
	listener net.Listener
	http     http.Server
}

// serve serves until stop is called.
func (b *beside) serve(log *slog.Logger) {
	b.http.ErrorLog = changes.HTTPLog(log)
	if err := b.http.Serve(b.listener); !errors.Is(err, http.ErrServerClosed) {
		log.Error("not served any more", "address", b.listener.Addr(), "error", err)
	}
}

func (b *beside) stop() {
	late, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if b.http.Shutdown(late) != nil {
		_ = b.http.Close()
	}
}

// openBeside opens what the configuration asks for beside the relay itself:
// metrics, profiler and admin socket.
func (d *Daemon) openBeside(c *config.Config) error {
	add := func(what string, l net.Listener, h http.Handler, answer time.Duration) {
		d.beside = append(d.beside, &beside{what: what, listener: l, http: http.Server{
			Handler: h, ReadTimeout: 10 * time.Second, WriteTimeout: answer, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		}})
		d.log.Info("listening", "for", what, "address", l.Addr().String())
	}
	if c.Metrics.Listen != "" {
		l, err := d.listen(net.Listen("tcp", c.Metrics.Listen))
		if err != nil {
			return fmt.Errorf("metrics.listen: %w", err)
		}
		add("metrics", l, d.metricsHandler(), 30*time.Second)
	}
	if c.Pprof != "" {
		l, err := d.listen(net.Listen("tcp", c.Pprof))
		if err != nil {
			return fmt.Errorf("pprof: %w", err)
		}
		add("pprof", l, profiler(), 5*time.Minute)
	}
	if c.AdminSocket != "" {
		l, err := d.listen(ListenAdmin(string(c.AdminSocket)))
		if err != nil {
			return err
		}
		add("commdn relay status", l, d.adminHandler(), time.Minute)
	}
	return nil
}

func (d *Daemon) metricsHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(d.metrics, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(d.log.Handler(), slog.LevelWarn), Registry: d.metrics, MaxRequestsInFlight: 10, Timeout: 20 * time.Second,
	}))
	health := d.srv.Health()
	mux.Handle("GET /healthz", health)
	mux.Handle("GET /readyz", health)
	return mux
}

// profiler is the profiler for this machine: another Host is that of a page that
// had its own name resolved to it.
func profiler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !netname.Loopback(r.Host) {
			http.Error(w, "give a loopback address", http.StatusMisdirectedRequest)
			return
		}
		mux.ServeHTTP(w, r)
	})
}
