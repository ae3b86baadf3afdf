package event

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

const page = "../../docs/reference/events.md"

// The page about events describes every type, each with what it says, from the catalogue and the samples that the projection is
// tested by. EVENTS_PAGE=write writes that part of it anew.
func TestPage_DescribesEveryType(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- types: written by internal/event -->\n", "<!-- end of types -->\n"
	head, rest, found := strings.Cut(string(text), begin)
	is, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no part between %q and %q", page, begin, end)
	}
	want := types(t)
	if is == want {
		return
	}
	if os.Getenv("EVENTS_PAGE") != "write" {
		t.Fatalf("%s is not what the catalogue says. Run EVENTS_PAGE=write go test ./internal/event, or compare:\n%s", page, want)
	}
	if err := os.WriteFile(page, []byte(head+begin+want+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}

// types is the table, with what each says beside the members that every event has.
func types(t *testing.T) string {
	t.Helper()
	samplesOf := map[Type]string{}
	for _, s := range samples() {
		for _, e := range Project(entry(s.verb, s.detail), "u-10086") {
			if samplesOf[e.Type] == "" {
				samplesOf[e.Type] = beside(t, e.Data)
			}
		}
	}
	var b strings.Builder
	b.WriteString("| type | means | says beside, for example |\n|---|---|---|\n")
	for _, k := range Catalogue() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k.Type, k.Meaning, samplesOf[k.Type])
	}
	return b.String()
}

func beside(t *testing.T, d Data) string {
	t.Helper()
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	_, own, _ := strings.Cut(string(text), `"by":"person"`)
	_, own, _ = strings.Cut(own, ",")
	own = strings.TrimSuffix(strings.TrimPrefix(own, `"case":"case_1"`), "}")
	if own = strings.TrimPrefix(own, ","); own == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(own, ",", ", ") + "`"
}
