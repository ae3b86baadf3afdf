package access

import (
	"bytes"
	_ "embed" // for the example
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// File is a graph with what is done to it, as `jieling access` reads it.
type File struct {
	Graph
	Change Change `json:"change"`
}

// MaxFile bounds a file, in bytes.
const MaxFile = 1 << 20

// Read reads a file strictly: an unknown or misspelt key, a value of the wrong type and anything after the end are refused
// with their place. What the graph itself says is [Compare]'s to check.
func Read(name string, src []byte) (File, error) {
	var f File
	if len(src) > MaxFile {
		return f, fmt.Errorf("%s is larger than %d KiB", name, MaxFile>>10)
	}
	d := json.NewDecoder(bytes.NewReader(src))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return f, fmt.Errorf("%s:%d: %w", name, line(src, d.InputOffset(), err), explained(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return f, fmt.Errorf("%s:%d: something stands after the end of the graph; one file holds one", name, line(src, d.InputOffset(), nil))
	}
	return f, nil
}

// line is where in the file an error is, from 1.
func line(src []byte, offset int64, err error) int {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	}
	return 1 + bytes.Count(src[:min(offset, int64(len(src)))], []byte("\n"))
}

func explained(err error) error {
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("the file ends in the middle; close every brace and bracket")
	case errors.As(err, &kind):
		return fmt.Errorf("%s wants %s and this is a %s", strings.TrimPrefix(kind.Field, "Graph."), kind.Type, kind.Value)
	}
	return err
}

//go:embed example.json
var example []byte

// Example is a file to begin from: a person with a phone, QQ, WeChat, a mailbox and a payment password, whose QQ goes.
func Example() []byte { return slices.Clone(example) }
