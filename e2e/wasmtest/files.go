package main

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
)

// Mode bits of fs.Stats, as in POSIX; js/wasm programs test these.
const (
	modeDir  = 0x4000
	modeFile = 0x8000
)

// files gives the program read-only access to its own module: its testdata and fuzz
// corpora. go test starts programs in their package's folder.
type files struct {
	cwd  string // the program's working directory, absolute
	top  string // the folder of go.mod, or cwd if there is none above
	root *os.Root
}

func openFiles() (*files, error) {
	cwd, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	top := cwd
	for dir := cwd; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			top = dir
			break
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, err
	}
	return &files{cwd: cwd, top: top, root: root}, nil
}

func (f *files) close() { f.root.Close() }

// open opens the file of the request. For the program nothing outside the module exists.
func (f *files) open(r *http.Request) (*os.File, error) {
	path := r.URL.Query().Get("path")
	if !filepath.IsAbs(path) {
		path = filepath.Join(f.cwd, path)
	}
	name, err := filepath.Rel(f.top, filepath.Clean(path))
	if err != nil || !filepath.IsLocal(name) {
		return nil, fs.ErrNotExist
	}
	return f.root.Open(name)
}

func (f *files) handleStat(w http.ResponseWriter, r *http.Request) {
	file, err := f.open(r)
	if err != nil {
		refuse(w, err)
		return
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		refuse(w, err)
		return
	}
	mode := modeFile | uint32(info.Mode().Perm())
	if info.IsDir() {
		mode = modeDir | uint32(info.Mode().Perm())
	}
	writeJSON(w, map[string]any{"size": info.Size(), "mode": mode, "mtimeMs": info.ModTime().UnixMilli()})
}

// handleRead answers with a file's bytes, or with a folder's names as JSON.
func (f *files) handleRead(w http.ResponseWriter, r *http.Request) {
	file, err := f.open(r)
	if err != nil {
		refuse(w, err)
		return
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		names, err := file.Readdirnames(-1)
		if err != nil {
			refuse(w, err)
			return
		}
		writeJSON(w, names)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if _, err := io.Copy(w, file); err != nil {
		panic(http.ErrAbortHandler) // a cut body must not look like a short file
	}
}

// handleModule answers with a script of the module, for import.
func (f *files) handleModule(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/javascript")
	http.ServeFileFS(w, r, f.root.FS(), r.PathValue("path"))
}

// refuse answers 404 where the program shall see ENOENT, 403 for EACCES.
func refuse(w http.ResponseWriter, err error) {
	status := http.StatusNotFound
	if errors.Is(err, fs.ErrPermission) {
		status = http.StatusForbidden
	}
	http.Error(w, err.Error(), status)
}
