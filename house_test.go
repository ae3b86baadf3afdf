package jieling_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"strings"
	"testing"
)

// These tests hold what a reader relies on: every package and exported name says what it is, and files and functions are
// short enough to be read. They look at hand-written code only; generated files follow their generator.

// excused lists what may pass a budget, as "file" or "file: function", with the reason. An excuse that is no longer needed
// fails, so the list stays short and true.
var excused = map[string]string{
	"internal/api/handlers.go: GetAccount":       "named by the API's document, for the people who read clients",
	"internal/api/case_handlers.go: GetCase":     "likewise",
	"internal/api/case_handlers.go: GetApproval": "likewise",
}

const (
	maxFileLines     = 700
	maxFunctionLines = 80
	maxWiringLines   = 120 // in cmd, where a function is a list of what is plugged into what
)

// handWritten parses the built files that no tool wrote.
func handWritten(t *testing.T) (*token.FileSet, map[string]*ast.File) {
	t.Helper()
	set, parsed := token.NewFileSet(), map[string]*ast.File{}
	for _, name := range built(goFiles(t)) {
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if !ast.IsGenerated(file) {
			parsed[name] = file
		}
	}
	return set, parsed
}

func TestDocs_EveryPackageSaysWhatItIsFor(t *testing.T) {
	_, files := handWritten(t)
	said := map[string]bool{}
	for name, file := range files {
		said[path.Dir(name)] = said[path.Dir(name)] || file.Doc != nil
	}
	for pkg, ok := range said {
		if !ok {
			t.Errorf("package %s has no package comment", pkg)
		}
	}
}

func TestDocs_EveryExportedNameIsDocumented(t *testing.T) {
	set, files := handWritten(t)
	for _, file := range files {
		for _, name := range undocumented(file) {
			t.Errorf("%s: %s has no doc comment", set.Position(name.Pos()), name.Name)
		}
	}
}

// undocumented lists the exported top-level names without a comment of their own or, within a group, of the group's.
func undocumented(file *ast.File) (names []*ast.Ident) {
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Doc == nil && d.Name.IsExported() && reachable(d) {
				names = append(names, d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				names = append(names, undocumentedIn(spec, d.Doc)...)
			}
		}
	}
	return names
}

// reachable reports whether a function, or a method's type, can be named by other packages.
func reachable(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	receiver := d.Recv.List[0].Type
	for {
		switch r := receiver.(type) {
		case *ast.StarExpr:
			receiver = r.X
		case *ast.IndexExpr:
			receiver = r.X
		case *ast.IndexListExpr:
			receiver = r.X
		case *ast.Ident:
			return r.IsExported()
		default:
			return true
		}
	}
}

func undocumentedIn(spec ast.Spec, group *ast.CommentGroup) (names []*ast.Ident) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if group == nil && s.Doc == nil && s.Comment == nil && s.Name.IsExported() {
			names = append(names, s.Name)
		}
	case *ast.ValueSpec:
		for _, name := range s.Names {
			if group == nil && s.Doc == nil && s.Comment == nil && name.IsExported() {
				names = append(names, name)
			}
		}
	}
	return names
}

func TestBudget_FilesAndFunctionsAreShort(t *testing.T) {
	set, files := handWritten(t)
	used := map[string]bool{}
	for name, file := range files {
		for place, why := range overBudget(set, name, file) {
			if excused[place] == "" {
				t.Errorf("%s: %s; split it, or excuse it with a reason in house_test.go", place, why)
			}
			used[place] = true
		}
	}
	for place := range excused {
		if !used[place] {
			t.Errorf("%s needs no excuse any more; take it off the list in house_test.go", place)
		}
	}
}

var getter = regexp.MustCompile(`^Get[A-Z]`)

// overBudget says what in a file is too long or is something the house does without.
func overBudget(set *token.FileSet, name string, file *ast.File) map[string]string {
	found := map[string]string{}
	lines := func(from, to token.Pos) int { return set.Position(to).Line - set.Position(from).Line + 1 }
	if n := lines(file.FileStart, file.FileEnd) - 1; n > maxFileLines {
		found[name] = fmt.Sprintf("the file has %d lines, more than %d", n, maxFileLines)
	}
	limit := maxFunctionLines
	if strings.HasPrefix(name, "cmd/") {
		limit = maxWiringLines
	}
	for _, decl := range file.Decls {
		d, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		place := name + ": " + d.Name.Name
		switch n := lines(d.Pos(), d.End()); {
		case n > limit:
			found[place] = fmt.Sprintf("the function has %d lines, more than %d", n, limit)
		case d.Recv == nil && d.Name.Name == "init":
			found[place] = "init runs unasked; call it where it is needed"
		case getter.MatchString(d.Name.Name):
			found[place] = "name what it gives, without Get"
		}
	}
	return found
}

func parseSample(t *testing.T, text string) (*token.FileSet, *ast.File) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "sample.go", text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return set, file
}

func TestDocs_GapsAreFound(t *testing.T) {
	_, file := parseSample(t, `package sample
type Bare struct{}
func (Bare) Method() {}
func (*bare[T]) Hidden() {}
func (*Box[T]) Shown() {}
func Func() {}
const A, b = 1, 2
var C = 1 // C says so here.
// Group says it once.
const (
	D = 1
	E = 2
)
// Said is.
type Said struct{}
type bare[T any] struct{}
`)
	var got []string
	for _, name := range undocumented(file) {
		got = append(got, name.Name)
	}
	if want := "Bare Method Shown Func A"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestBudget_ExcessIsFound(t *testing.T) {
	long := "func long() {\n" + strings.Repeat("\tprintln()\n", 79) + "}\n"
	fits := "func fits() {\n" + strings.Repeat("\tprintln()\n", 78) + "}\n"
	set, file := parseSample(t, "package sample\n\n"+long+fits+"func init() {}\nfunc GetName() {}\nfunc Getaway() {}\n"+strings.Repeat("\n", 700))
	for place, found := range map[string]bool{
		"sample.go": true, "sample.go: long": true, "sample.go: init": true, "sample.go: GetName": true,
		"sample.go: fits": false, "sample.go: Getaway": false,
	} {
		if _, ok := overBudget(set, "sample.go", file)[place]; ok != found {
			t.Errorf("%s: found %v, want %v", place, ok, found)
		}
	}
	if _, ok := overBudget(set, "cmd/jieling/main.go", file)["cmd/jieling/main.go: long"]; ok {
		t.Error("wiring may be longer")
	}
}
