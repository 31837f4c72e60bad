package daemon

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"time"
)

// bundle writes what a support case needs, as a tar.gz: versions, configuration in
// use without secrets, status with how OCS answers, metrics, goroutines, and the
// last lines of the log. Numbers are masked there as ever; people are named.
func (d *Daemon) bundle(w io.Writer) error {
	zip := gzip.NewWriter(w)
	out := tar.NewWriter(zip)
	now := time.Now()
	folder := "commdn-" + now.UTC().Format("20060102T150405Z") + "/"
	for _, part := range []struct {
		name string
		make func() ([]byte, error)
	}{
		{"about.txt", func() ([]byte, error) { return d.about(now), nil }},
		{"config.yaml", func() ([]byte, error) { return d.conf.Load().Masked(), nil }},
		{"status.json", func() ([]byte, error) { return json.MarshalIndent(d.status(), "", "  ") }},
		{"metrics.txt", d.metricsText},
		{"goroutines.txt", goroutines},
		{"log.txt", func() ([]byte, error) { return d.book.Last(), nil }},
	} {
		data, err := part.make()
		if err != nil { // the other parts are worth having all the same
			data = append(data, "\nnot complete: "+err.Error()+"\n"...)
		}
		if err := out.WriteHeader(&tar.Header{Name: folder + part.name, Mode: 0o600, Size: int64(len(data)), ModTime: now}); err != nil {
			return err
		}
		if _, err := out.Write(data); err != nil {
			return err
		}
	}
	if err := out.Close(); err != nil {
		return err
	}
	return zip.Close()
}

// about says what runs, where, and since when.
func (d *Daemon) about(now time.Time) []byte {
	var b bytes.Buffer
	host, _ := os.Hostname()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	for _, line := range [][2]any{
		{"version", d.o.Version}, {"time", now.Format(time.RFC3339)}, {"since", d.srv.Status().Since.Format(time.RFC3339)},
		{"host", host}, {"process", os.Getpid()}, {"system", runtime.GOOS + "/" + runtime.GOARCH}, {"go", runtime.Version()},
		{"processors", runtime.GOMAXPROCS(0)}, {"goroutines", runtime.NumGoroutine()}, {"memory in use", memory.Sys - memory.HeapReleased},
	} {
		fmt.Fprintf(&b, "%s: %v\n", line[0], line[1])
	}
	if build, ok := debug.ReadBuildInfo(); ok {
		fmt.Fprintf(&b, "\n%s", build)
	}
	return b.Bytes()
}

// page keeps what a handler answers.
type page struct {
	bytes.Buffer
	header http.Header
	code   int
}

func (p *page) Header() http.Header { return p.header }
func (p *page) WriteHeader(c int)   { p.code = c }

func (d *Daemon) metricsText() ([]byte, error) {
	r, err := http.NewRequest(http.MethodGet, "/metrics", nil)
	if err != nil {
		return nil, err
	}
	p := &page{header: make(http.Header), code: http.StatusOK}
	d.metricsHandler().ServeHTTP(p, r)
	if p.code != http.StatusOK {
		err = fmt.Errorf("the metrics answer %d", p.code)
	}
	return p.Bytes(), err
}

// goroutines gives the stack of each.
func goroutines() ([]byte, error) {
	var b bytes.Buffer
	err := pprof.Lookup("goroutine").WriteTo(&b, 2)
	return b.Bytes(), err
}
