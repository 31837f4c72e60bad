package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// The format of a folder. A change that an older relay could not read raises it.
const (
	format     = "commdn journal 1"
	formatFile = "FORMAT"
)

// reserve is the free space in bytes that the journal leaves for the outcomes of
// what it has: with less it takes nothing new.
const reserve = 32 << 20

// folder is a data folder in use, with the JetStream that has it.
type folder struct {
	path   string
	server *server.Server
	lock   *os.File

	mu     sync.Mutex
	looked time.Time
	full   error
}

// openFolder opens the data folder, or makes it. It looks at everything before
// JetStream does, which cuts off whatever it cannot read.
func openFolder(path string, log *slog.Logger) (*folder, error) {
	f := &folder{path: path}
	if err := f.claim(); err != nil {
		f.close()
		return nil, err
	}
	if err := verify(path, log); err != nil {
		f.close()
		return nil, err
	}
	if err := f.serve(log); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// claim makes the folder this process's own, and checks its format.
func (f *folder) claim() error {
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		return fmt.Errorf("the folder cannot be made: %w", err)
	}
	name := filepath.Join(f.path, formatFile)
	text, err := os.ReadFile(name)
	fresh := errors.Is(err, fs.ErrNotExist)
	switch found := strings.TrimSpace(string(text)); {
	case err != nil && !fresh:
		return err
	case fresh:
		if all, err := os.ReadDir(f.path); err != nil {
			return err
		} else if len(all) > 0 {
			return fmt.Errorf("%s has files and no %s, so it is no journal; give an empty folder", f.path, formatFile)
		}
	case found != format && strings.HasPrefix(found, "commdn journal "):
		return fmt.Errorf("%s has the format %q, and this commdn reads %q; run the version of commdn that wrote it until the journal is empty (commdn journal list), then change over", f.path, found, format)
	case found != format:
		return fmt.Errorf("%s does not say which format the journal has; restore it with the line %q if nothing else is wrong", name, format)
	}
	if f.lock, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return fmt.Errorf("the folder must be writable: %w", err)
	}
	free, err := lockFile(f.lock)
	if err != nil {
		return err
	}
	if !free {
		return fmt.Errorf("another process has the journal in %s; each relay needs a folder of its own", f.path)
	}
	if fresh {
		if _, err := f.lock.WriteString(format + "\n"); err != nil {
			return err
		}
		return f.lock.Sync()
	}
	return nil
}

// serve starts JetStream on the folder. It opens no port.
func (f *folder) serve(log *slog.Logger) error {
	s, err := server.NewServer(&server.Options{
		ServerName: "commdn", DontListen: true, NoSigs: true,
		JetStream: true, StoreDir: f.path, SyncAlways: true, DisableJetStreamBanner: true, NoSystemAccount: true,
	})
	if err != nil {
		return err
	}
	said := &serverLog{log: log}
	s.SetLoggerV2(said, false, false, false)
	f.server = s
	s.Start()
	if !s.ReadyForConnections(time.Minute) || !s.JetStreamEnabled() {
		return fmt.Errorf("the folder %s cannot be used: %s", f.path, said.first())
	}
	return nil
}

// writable says why nothing new can be kept.
func (f *folder) writable() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.server.JetStreamEnabled() {
		return errors.New("the journal has stopped, as it could not write to its folder; see the log, mend that, and restart the relay")
	}
	if now := time.Now(); now.Sub(f.looked).Abs() > time.Second {
		f.looked, f.full = now, nil
		if free, err := freeSpace(f.path); err == nil && free < reserve {
			f.full = fmt.Errorf("the disk of the journal is full: %d MiB are free, and %d are needed", free>>20, reserve>>20)
		}
	}
	return f.full
}

func (f *folder) close() {
	if f.server != nil {
		f.server.Shutdown()
		f.server.WaitForShutdown()
	}
	if f.lock != nil {
		_ = f.lock.Close()
	}
}

// serverLog passes on what JetStream warns of.
type serverLog struct {
	log *slog.Logger

	mu  sync.Mutex
	err string
}

func (l *serverLog) note(level slog.Level, format string, v []any) {
	text := fmt.Sprintf(format, v...)
	l.mu.Lock()
	if l.err == "" && level >= slog.LevelError {
		l.err = text
	}
	l.mu.Unlock()
	l.log.Log(context.Background(), level, "journal: "+text)
}

// first gives the first error that was told.
func (l *serverLog) first() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == "" {
		return "JetStream did not start"
	}
	return l.err
}

func (l *serverLog) Noticef(string, ...any)         {}
func (l *serverLog) Debugf(string, ...any)          {}
func (l *serverLog) Tracef(string, ...any)          {}
func (l *serverLog) Warnf(format string, v ...any)  { l.note(slog.LevelWarn, format, v) }
func (l *serverLog) Errorf(format string, v ...any) { l.note(slog.LevelError, format, v) }
func (l *serverLog) Fatalf(format string, v ...any) { l.note(slog.LevelError, format, v) }
