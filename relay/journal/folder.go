package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// The format of a folder. A change that an older relay could not read raises it.
const (
	format     = "commdn journal 1"
	formatFile = "FORMAT"
	lockName   = "LOCK"
)

// reserve is the free space in bytes that the journal leaves for the outcomes of
// what it has: with less it takes nothing new.
const reserve = 32 << 20

// folder is a data folder in use, with the JetStream that has it.
type folder struct {
	path   string
	server *server.Server
	lock   *os.File
	fresh  bool // there is no journal in it yet

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
	err := f.whole(log)
	if err == nil {
		err = f.serve(log)
	}
	if err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// whole says what is damaged or missing of the messages.
func (f *folder) whole(log *slog.Logger) error {
	noted, err := readEnds(f.path)
	if err != nil {
		return err
	}
	if noted == nil && !f.fresh {
		log.Warn("the journal has no note of where its streams ended: nobody can say whether something was cut off there", "file", filepath.Join(f.path, endsFile))
	}
	found, err := verify(f.path, log)
	if err != nil {
		return err
	}
	return noted.compare(f.path, found)
}

// claim makes the folder this process's own, and checks its format.
func (f *folder) claim() error {
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		return fmt.Errorf("the folder cannot be made: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(f.path, formatFile))
	f.fresh = errors.Is(err, fs.ErrNotExist)
	switch found := strings.TrimSpace(string(text)); {
	case err != nil && !f.fresh:
		return err
	case f.fresh:
		if err := f.empty(); err != nil {
			return err
		}
	case found != format && strings.HasPrefix(found, "commdn journal "):
		return fmt.Errorf("%s has the format %q, and this commdn reads %q; run the version of commdn that wrote it until the journal is empty (commdn journal list), then change over", f.path, found, format)
	case found != format:
		return fmt.Errorf("%s does not say which format the journal has; restore it with the line %q if nothing else is wrong", filepath.Join(f.path, formatFile), format)
	default:
		if err := f.complete(); err != nil {
			return err
		}
	}
	if f.lock, err = os.OpenFile(filepath.Join(f.path, lockName), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return fmt.Errorf("the folder must be writable: %w", err)
	}
	free, err := lockFile(f.lock)
	if err == nil && !free {
		err = fmt.Errorf("another process has the journal in %s; each relay needs a folder of its own", f.path)
	}
	return err
}

// empty says why a folder without a format is not one to begin a journal in: it has
// something. Streams without messages are what a process leaves that ended while it
// made the journal.
func (f *folder) empty() error {
	all, err := os.ReadDir(f.path)
	if err != nil {
		return err
	}
	own := []string{lockName, formatFile + ".new", endsFile, endsFile + ".new", server.JetStreamStoreDir}
	for _, one := range all {
		if !slices.Contains(own, one.Name()) {
			return fmt.Errorf("%s has %s and no %s, so it is no journal; give an empty folder", f.path, one.Name(), formatFile)
		}
	}
	found, err := blocks(f.path)
	for _, name := range found {
		info, statErr := os.Stat(name)
		if err = errors.Join(err, statErr); err == nil && info.Size() > 0 {
			err = fmt.Errorf("%s has messages and no %s; restore that with the line %q if nothing else is missing", f.path, formatFile, format)
		}
	}
	return err
}

// complete says which stream is missing: JetStream would make an empty one.
func (f *folder) complete() error {
	for _, name := range []string{streamWork, streamDone, streamState} {
		found, err := filepath.Glob(filepath.Join(f.path, server.JetStreamStoreDir, "*", "streams", name))
		if err != nil {
			return err
		}
		if len(found) != 1 {
			return fmt.Errorf("%s has no stream %s, which was there; restore the folder from a copy, or move it away and start with an empty one: what it held is then not sent", f.path, name)
		}
	}
	return nil
}

// made notes the format, once the streams are there.
func (f *folder) made() error {
	if !f.fresh {
		return nil
	}
	return Replace(filepath.Join(f.path, formatFile), []byte(format+"\n"))
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
