package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"
)

// contentSecurity is what the demo pages need and nothing more, but for the pages
// that may frame them. A script from here needs the same of the page that embeds
// it.
const contentSecurity = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self'"

// hashed is a name that changes with the content: NAME.<12 hex digits>.EXT.
var hashed = regexp.MustCompile(`\.[0-9a-f]{12}\.`)

var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".json": "application/json",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".ts":   "text/plain; charset=utf-8",
	".wasm": "application/wasm",
	".png":  "image/png",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

// framePage is the page that those of Settings.Parents may have in a frame.
const framePage = "/frame.html"

// asset is one file with its precompressed forms.
type asset struct {
	header http.Header
	page   bool   // has a Content-Security-Policy
	forms  []form // best first, the plain one last
}

// form is one file as it is sent. Its content stays where it is: those of the program
// itself take no memory before somebody asks for them.
type form struct {
	encoding string
	content  io.ReaderAt
	size     int64
}

// static serves files in the best form that the browser takes.
type static map[string]asset

// newStatic opens every file. NAME.br and NAME.gz are forms of NAME. A file of
// a type that is not in contentTypes is an error: it would be guessed at.
func newStatic(files fs.FS) (static, error) {
	s := static{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		ext := path.Ext(name)
		if ext == ".br" || ext == ".gz" {
			return nil
		}
		a, err := readAsset(files, name, contentTypes[ext])
		if err != nil {
			return err
		}
		s["/"+name] = a
		if path.Base(name) == "index.html" {
			s["/"+strings.TrimSuffix(name, "index.html")] = a
		}
		return nil
	})
	return s, err
}

func readAsset(files fs.FS, name, contentType string) (asset, error) {
	if contentType == "" {
		return asset{}, fmt.Errorf("relay: no content type is known for the file %s", name)
	}
	a := asset{header: http.Header{}}
	for _, c := range []struct{ ext, encoding string }{{".br", "br"}, {".gz", "gzip"}} {
		if f, err := open(files, name+c.ext); err == nil {
			f.encoding = c.encoding
			a.forms = append(a.forms, f)
		}
	}
	plain, err := open(files, name)
	if err != nil {
		return asset{}, err
	}
	a.forms = append(a.forms, plain)
	hash := sha256.New()
	_, _ = io.WriteString(hash, contentSecurity) // what is not fetched again keeps its old policy
	if _, err := io.Copy(hash, plain.reader()); err != nil {
		return asset{}, fmt.Errorf("relay: %s: %w", name, err)
	}
	sum := hash.Sum(nil)
	h := a.header
	h.Set("Content-Type", contentType)
	h.Set("Etag", `W/"`+hex.EncodeToString(sum[:12])+`"`)
	h.Set("Cache-Control", "no-cache")
	if hashed.MatchString(name) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if len(a.forms) > 1 {
		h.Set("Vary", "Accept-Encoding")
	}
	a.page = strings.HasPrefix(contentType, "text/html")
	if "/"+name == framePage {
		// What a browser has kept it would use with the policy of that time, even
		// after asking whether it is still good.
		h.Set("Cache-Control", "no-store")
		h.Del("Etag")
	}
	return a, nil
}

// open opens a file for as long as the program runs.
func open(files fs.FS, name string) (form, error) {
	f, err := files.Open(name)
	if err != nil {
		return form{}, err
	}
	info, err := f.Stat()
	if err != nil {
		return form{}, err
	}
	content, ok := f.(io.ReaderAt)
	if !ok {
		return form{}, fmt.Errorf("relay: %s: %T cannot be read from anywhere", name, f)
	}
	return form{content: content, size: info.Size()}, nil
}

func (f form) reader() io.ReadSeeker { return io.NewSectionReader(f.content, 0, f.size) }

// lasting reports whether there is a file of this path whose name changes with
// the content.
func (s static) lasting(path string) bool {
	_, ok := s[path]
	return ok && hashed.MatchString(path)
}

// serve answers with a file. A page may be in a frame of the ancestors, which
// are sources of a Content-Security-Policy.
func (s static) serve(w http.ResponseWriter, r *http.Request, ancestors string) {
	a, ok := s[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	for k, v := range a.header {
		w.Header()[k] = append(w.Header()[k], v...) // Vary may have the origin already
	}
	if a.page {
		w.Header().Set("Content-Security-Policy", contentSecurity+"; frame-ancestors "+ancestors)
	}
	for _, f := range a.forms {
		if f.encoding != "" && !accepts(r, f.encoding) {
			continue
		}
		if f.encoding != "" {
			w.Header().Set("Content-Encoding", f.encoding)
			r.Header.Del("Range") // a range of the compressed bytes helps nobody
		}
		http.ServeContent(w, r, "", time.Time{}, f.reader())
		return
	}
}

// accepts reads Accept-Encoding as browsers write it; a q of 0 refuses.
func accepts(r *http.Request, encoding string) bool {
	for _, item := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(item, ";")
		if strings.TrimSpace(name) == encoding {
			q, weighted := strings.CutPrefix(strings.TrimSpace(q), "q=")
			return !weighted || strings.Trim(q, "0.") != ""
		}
	}
	return false
}
