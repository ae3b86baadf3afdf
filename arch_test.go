package jieling_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The house: a package may import packages on a lower floor, and nothing else of ours. A package on no floor fails, so that
// no room is added without a change of plan, which is this list and docs/architecture.md. A listed room may not be built yet.
//
// The test reads the files itself: the result of a command would be cached by go test as passing after the rule was broken.
var floors = [...][]string{
	0: {".", "client", "client/api"},
	1: {
		"internal/casework", "internal/policy", "internal/access", "internal/impact", "internal/aftercare",
		"internal/lang", "internal/keyring", "internal/audit", "internal/transfer",
		"internal/outbound", "internal/tc3", "internal/wxpush", // crafts that several workshops share: they decide nothing
	},
	2: hands,
	3: {"internal/web/ui", "internal/api/oas"}, // and all that stands under a hand
	4: {"internal/engine"},
	5: {"internal/gate"},
	6: {"internal/web", "internal/api", "internal/ssf", "internal/worker", "internal/sandbox"},
	7: {"cmd/jieling", "examples/shop"},
}

// hands are the contracts to the world. What stands in a folder under one implements it, or examines implementers.
var hands = []string{
	"internal/store", "internal/provider", "internal/factor", "internal/participant",
	"internal/directory", "internal/risk", "internal/notify", "internal/event",
}

// onlyFrom names the one package that may import a cupboard of its own.
var onlyFrom = map[string]string{"internal/web/ui": "internal/web", "internal/api/oas": "internal/api"}

// apart are packages that others copy or replace, with all of ours that they may import.
var apart = map[string][]string{
	"client": {"client/api"}, "client/api": nil, "internal/sandbox": {"client"}, "examples/shop": {"client", "client/api"},
}

const module = "github.com/jieling-id/jieling"

// source is a Go file and what it imports.
type source struct {
	file    string // slash-separated, from the root of the module
	imports []string
}

// handOf is the contract that a package implements, or "".
func handOf(pkg string) string {
	for _, hand := range hands {
		if strings.HasPrefix(pkg, hand+"/") {
			return hand
		}
	}
	return ""
}

func floorOf(pkg string) (int, bool) {
	if handOf(pkg) != "" {
		return 3, true
	}
	for floor, pkgs := range floors {
		if slices.Contains(pkgs, pkg) {
			return floor, true
		}
	}
	return 0, false
}

// ours is the package's path within the module.
func ours(imported string) (string, bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}

// violations checks files against the plan and says of each breach where it is and why it is one.
func violations(sources []source) (found []string) {
	for _, s := range sources {
		pkg := path.Dir(s.file)
		if _, ok := floorOf(pkg); !ok {
			found = append(found, fmt.Sprintf("%s: package %s stands on no floor; give it one in arch_test.go and docs/architecture.md, or move the code into a room", s.file, pkg))
			continue
		}
		for _, imported := range s.imports {
			if why := breach(pkg, imported); why != "" {
				found = append(found, fmt.Sprintf("%s: imports %s: %s", s.file, imported, why))
			}
		}
	}
	return found
}

// breach says why pkg may not import this, or nothing.
func breach(pkg, imported string) string {
	target, isOurs := ours(imported)
	first, _, _ := strings.Cut(imported, "/")
	allowed, isApart := apart[pkg]
	owner, isOwned := onlyFrom[target]
	switch {
	case !isOurs && pkg == "." && strings.Contains(first, "."):
		return "the words import the standard library only"
	case !isOurs:
		return ""
	case isApart && !slices.Contains(allowed, target):
		return pkg + " stands apart and imports nothing of ours beyond " + fmt.Sprint(allowed)
	case isApart:
		return ""
	case handOf(target) != "" && pkg != "cmd/jieling":
		return "an implementer is named by cmd/jieling and by tests only; use its contract " + handOf(target)
	case isOwned && pkg != owner:
		return "only " + owner + " may name it"
	default:
		return upwards(pkg, target)
	}
}

func upwards(pkg, target string) string {
	from, _ := floorOf(pkg)
	to, ok := floorOf(target)
	hand := handOf(pkg)
	switch {
	case !ok:
		return "it stands on no floor"
	case to >= from:
		return fmt.Sprintf("floor %d may import lower floors only, and that is on floor %d", from, to)
	case hand != "" && to == 2 && target != hand:
		return "an implementer sees its own contract " + hand + " and the floors 0 and 1"
	default:
		return ""
	}
}

// goFiles lists the module's Go files, tests included.
func goFiles(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && file != "." && (strings.HasPrefix(name, ".") || slices.Contains([]string{"testdata", "bin"}, name)):
			return fs.SkipDir
		case !entry.IsDir() && strings.HasSuffix(name, ".go"):
			files = append(files, filepath.ToSlash(file))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// built leaves out test files, which may name implementers and test kits.
func built(files []string) []string {
	return slices.DeleteFunc(files, func(file string) bool { return strings.HasSuffix(file, "_test.go") })
}

func TestArch_ImportsOnlyGoDown(t *testing.T) {
	var sources []source
	for _, file := range built(goFiles(t)) {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		s := source{file: file}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			s.imports = append(s.imports, imported)
		}
		sources = append(sources, s)
	}
	if len(sources) == 0 {
		t.Fatal("no Go files found")
	}
	for _, violation := range violations(sources) {
		t.Error(violation)
	}
}

// A rule that never refuses proves nothing, so it is broken here in every way that matters.
func TestArch_BreachesAreRefused(t *testing.T) {
	for _, tt := range []struct {
		name, file, imported, why string // why is "" where the import is fine
	}{
		{"words → law", "case.go", module + "/internal/policy", "lower floors only"},
		{"words → library", "case.go", "github.com/google/uuid", "standard library only"},
		{"words → standard library", "case.go", "encoding/json", ""},
		{"law → law", "internal/casework/step.go", module + "/internal/policy", "lower floors only"},
		{"law → contract", "internal/casework/step.go", module + "/internal/store", "lower floors only"},
		{"law → words", "internal/casework/step.go", module, ""},
		{"contract → implementer", "internal/store/store.go", module + "/internal/store/sqlite", "named by cmd/jieling"},
		{"contract → contract", "internal/factor/factor.go", module + "/internal/provider", "lower floors only"},
		{"implementer → its contract", "internal/provider/qq/qq.go", module + "/internal/provider", ""},
		{"implementer → another contract", "internal/provider/qq/qq.go", module + "/internal/store", "its own contract"},
		{"implementer → implementer", "internal/provider/qq/qq.go", module + "/internal/provider/wechat", "named by cmd/jieling"},
		{"implementer → law", "internal/store/sqlite/sqlite.go", module + "/internal/audit", ""},
		{"hall → implementer", "internal/engine/unlink.go", module + "/internal/store/sqlite", "named by cmd/jieling"},
		{"hall → test kit", "internal/engine/unlink.go", module + "/internal/store/storetest", "named by cmd/jieling"},
		{"hall → door", "internal/engine/unlink.go", module + "/internal/api", "lower floors only"},
		{"hall → contract", "internal/engine/unlink.go", module + "/internal/store", ""},
		{"door → door", "internal/web/web.go", module + "/internal/api", "lower floors only"},
		{"door → its cupboard", "internal/web/web.go", module + "/internal/web/ui", ""},
		{"door → another's cupboard", "internal/worker/worker.go", module + "/internal/web/ui", "only internal/web"},
		{"sandbox → connector", "internal/sandbox/qq.go", module + "/internal/provider/qq", "stands apart"},
		{"sandbox → words", "internal/sandbox/qq.go", module, "stands apart"},
		{"sandbox → client", "internal/sandbox/game.go", module + "/client", ""},
		{"example → hall", "examples/shop/web.go", module + "/internal/engine", "stands apart"},
		{"example → client", "examples/shop/participant.go", module + "/client", ""},
		{"example → API client", "examples/shop/jieling.go", module + "/client/api", ""},
		{"client → words", "client/client.go", module, "stands apart"},
		{"roof → implementer", "cmd/jieling/main.go", module + "/internal/store/postgres", ""},
		{"a room not in the plan", "internal/util/util.go", "fmt", "stands on no floor"},
		{"import of a room not in the plan", "internal/engine/unlink.go", module + "/internal/util", "stands on no floor"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := violations([]source{{tt.file, []string{tt.imported}}})
			switch {
			case tt.why == "" && len(found) > 0:
				t.Errorf("refused: %s", found)
			case tt.why != "" && (len(found) != 1 || !strings.HasPrefix(found[0], tt.file+": ") || !strings.Contains(found[0], tt.why)):
				t.Errorf("got %q, want one violation in %s because of %q", found, tt.file, tt.why)
			}
		})
	}
}
