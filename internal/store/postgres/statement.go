package postgres

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed query/*.sql
var queries embed.FS

// statements reads the statements of the folder query. Each begins after a line "-- name: x" and is prepared under that
// name on every connection; the other comments are for people.
func statements() (map[string]string, error) {
	files, err := fs.Glob(queries, "query/*.sql")
	if err != nil {
		return nil, fmt.Errorf("postgres: list statements: %w", err)
	}
	all := map[string]string{}
	for _, file := range files {
		text, err := queries.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("postgres: read statements: %w", err)
		}
		collect(all, string(text))
	}
	return all, nil
}

func collect(all map[string]string, text string) {
	var name string
	for line := range strings.Lines(text) {
		if named, ok := strings.CutPrefix(line, "-- name: "); ok {
			name = strings.TrimSpace(named)
		} else if !strings.HasPrefix(line, "--") && name != "" {
			all[name] += line
		}
	}
}
