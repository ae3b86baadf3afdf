package postgres

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
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
	inForms(all)
	return all, nil
}

// The forms of a statement that reads what is located: most groups of verbs locate all their accounts in one of two ways, and
// a plan that looks nowhere else is made ready in a fraction of the time.
const (
	byAny     = ""
	byAccount = "/account"
	byCase    = "/case"
)

var forms = map[string]string{
	byAccount: "$1::text[]",
	byCase:    "array(select c.account from cases c where c.id = any($1::text[]))",
}

const byAnyText = "array(select l from located($1, $2, $3, $4, $5) l)"

// inForms adds the further forms of a statement; what follows the five parameters of byAny follows the one of theirs.
func inForms(all map[string]string) {
	for name, text := range maps.Clone(all) {
		if !strings.Contains(text, byAnyText) {
			continue
		}
		for form, located := range forms {
			all[name+form] = strings.ReplaceAll(strings.ReplaceAll(text, byAnyText, located), "$6", "$2")
		}
	}
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
