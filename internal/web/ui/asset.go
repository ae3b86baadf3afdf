package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
)

//go:embed asset
var assetFiles embed.FS

// Assets are the stylesheets and scripts under names that hold a hash of their content, so that browsers may keep them for
// ever.
type Assets struct {
	named  map[string]string // page.css → /assets/page.0123456789ab.css
	served map[string][]byte // by path
	packed map[string][]byte // by path, as gzip (RFC 1952)
}

// LoadAssets reads the files built into the binary and names them. That one of them cannot be read is an impossible state.
func LoadAssets() Assets {
	a := Assets{named: map[string]string{}, served: map[string][]byte{}, packed: map[string][]byte{}}
	err := fs.WalkDir(assetFiles, "asset", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := assetFiles.ReadFile(name)
		if err != nil {
			return err
		}
		if path.Ext(name) == ".css" {
			content = thin(content)
		}
		sum := sha256.Sum256(content)
		base, ext := strings.TrimSuffix(path.Base(name), path.Ext(name)), path.Ext(name)
		served := "/assets/" + base + "." + hex.EncodeToString(sum[:6]) + ext
		a.named[path.Base(name)], a.served[served] = served, content
		a.packed[served], err = pack(content)
		return err
	})
	if err != nil {
		panic(fmt.Sprintf("load assets: %v", err))
	}
	return a
}

var (
	remarks     = regexp.MustCompile(`(?s)/\*.*?\*/`)
	indentation = regexp.MustCompile(`\s*\n\s*`)
)

// thin leaves out of a style sheet what is there for its readers and not for browsers: remarks, and the space that lines begin with. It
// weighs on every page otherwise. Our style sheets write no /* in a string.
func thin(css []byte) []byte {
	return indentation.ReplaceAll(remarks.ReplaceAll(css, nil), []byte("\n"))
}

func pack(content []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

// Path gives the path a file is served under. An unknown file is an impossible state: pages name files that are embedded.
func (a Assets) Path(file string) string {
	p, ok := a.named[file]
	if !ok {
		panic("no such asset: " + file)
	}
	return p
}

// ServeHTTP serves the files, each for ever under its name.
func (a Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	content, ok := a.served[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", contentType(r.URL.Path))
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		content = a.packed[r.URL.Path]
	}
	_, _ = w.Write(content)
}

func contentType(file string) string {
	switch path.Ext(file) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}
