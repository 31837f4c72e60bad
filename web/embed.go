// Package web holds what a browser downloads. Command pack makes dist from the sources
// beside this file, the wasm binary, and the Go runtime's own script.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files returns the files as the relay serves them: hashed names for all that the loader
// fetches, and NAME.br and NAME.gz beside each NAME. Without ./build.sh build there are
// none.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path
	}
	return files
}
