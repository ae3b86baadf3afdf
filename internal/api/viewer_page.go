package api

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/gate"
)

// reference is the page of the document in one language of the words around it.
type reference struct {
	Lang    spoken
	Style   string // where the style sheet is
	Title   string
	Summary string
	Intro   []block
	Keys    []block // how callers say who they are
	Groups  []group
	Shapes  []shape
	Errors  []gate.Problem
}

// group is the operations of one tag.
type group struct {
	Name, About string
	Operations  []operationView
}

type operationView struct {
	ID, Method, Path string
	Summary, Scope   string
	Keyed            bool // it takes an Idempotency-Key
	About            []block
	Parameters       []field
	Body             *bodyView
	Answers          []answerView
	Refusals         []span
	Curl             string
}

type bodyView struct {
	Required bool
	Shape    shape
	Example  string
}

type answerView struct {
	Status  string
	About   []span
	Shape   string
	Problem bool
	Example string
}

// shape is a schema: an object with its fields, or a plain value with what it may be.
type shape struct {
	Name   string
	About  []span
	Type   kind
	Fields []field
}

type field struct {
	Name, In string // In is where a parameter stands; "" for a property
	Required bool
	Type     kind
	About    []span
}

// kind says what a value may be: "array of" Ref, or a Word, with the bounds on it.
type kind struct {
	List  bool
	Word  string
	Ref   string // the shape that says more
	Facts []string
	Enum  []string
}

// pager writes a document as a page.
type pager struct {
	doc  openAPI
	link links
}

func newReference(doc openAPI, lang string) (reference, error) {
	errs := explained(lang)
	codes := make([]string, 0, len(errs))
	for _, e := range errs {
		codes = append(codes, string(e.Code))
	}
	p := pager{doc: doc, link: doc.links(codes)}
	out := reference{
		Lang: spoken(lang), Title: doc.Info.Title, Summary: doc.Info.Summary, Errors: errs,
		Intro: p.link.prose(doc.Info.Description),
		Keys:  p.link.prose(doc.Components.SecuritySchemes["apiKey"].Description),
	}
	for _, s := range doc.Components.Schemas {
		out.Shapes = append(out.Shapes, p.shape(s.Key, s.Value))
	}
	var err error
	out.Groups, err = p.groups()
	return out, err
}

// explained is every error a caller can meet, by status, in one language.
func explained(lang string) (all []gate.Problem) {
	for _, code := range gate.Codes() {
		all = append(all, gate.NewProblem(&jieling.Error{Code: code}, lang))
	}
	slices.SortFunc(all, func(a, b gate.Problem) int {
		return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(a.Code, b.Code))
	})
	return all
}

// groups puts each operation under its first tag, in the order of the document.
func (p pager) groups() ([]group, error) {
	var out []group
	for _, tag := range p.doc.Tags {
		g := group{Name: tag.Name, About: tag.Description}
		for _, path := range p.doc.Paths {
			for _, op := range path.Value.operations() {
				if op.Value.Tags[0] != tag.Name {
					continue
				}
				v, err := p.operation(op.Key, path.Key, path.Value, op.Value)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", op.Value.ID, err)
				}
				g.Operations = append(g.Operations, v)
			}
		}
		out = append(out, g)
	}
	return out, nil
}

func (p pager) operation(method, path string, item pathItem, op *described) (operationView, error) {
	out := operationView{
		ID: op.ID, Method: method, Path: path, Summary: op.Summary, Scope: op.Scope, About: p.link.prose(op.Description),
	}
	out.Refusals = refusals(out.About)
	var query []string
	for _, given := range slices.Concat(item.Parameters, op.Parameters) {
		param := p.doc.parameter(given)
		out.Keyed = out.Keyed || param.Name == "Idempotency-Key"
		if param.In == "query" && param.Required {
			query = append(query, param.Name+"="+param.Example)
		}
		f := p.field(param.Name, param.Schema, param.Required)
		f.In, f.About = param.In, p.link.inline(param.Description)
		out.Parameters = append(out.Parameters, f)
	}
	if op.Body != nil && op.Body.Content["application/json"].Schema.Ref != "" { // any other body is its sender's own
		body := op.Body.Content["application/json"]
		example, err := exampleJSON(body.Example)
		if err != nil {
			return out, err
		}
		name := named(body.Schema.Ref)
		out.Body = &bodyView{op.Body.Required, p.shape(name, p.doc.Components.Schemas.at(name)), example}
	}
	out.Curl = curl(out, strings.Join(query, "&"))
	return out, p.answers(op, &out)
}

func (p pager) answers(op *described, out *operationView) error {
	for _, r := range op.Responses {
		told := p.doc.response(r.Value)
		a := answerView{Status: r.Key, About: p.link.inline(told.Description)}
		for kind, content := range told.Content {
			var err error
			if a.Example, err = exampleJSON(content.Example); err != nil {
				return err
			}
			a.Shape, a.Problem = named(content.Schema.Ref), kind == "application/problem+json"
		}
		out.Answers = append(out.Answers, a)
	}
	return nil
}

func (p pager) shape(name string, s schema) shape {
	out := shape{Name: name, About: p.link.inline(s.Description), Type: kindOf(s)}
	for _, prop := range s.Properties {
		out.Fields = append(out.Fields, p.field(prop.Key, prop.Value, slices.Contains(s.Required, prop.Key)))
	}
	return out
}

// field describes a property or a parameter. What refers to a plain value says what that one says, so that nobody has to
// follow the link for three words.
func (p pager) field(name string, s schema, required bool) field {
	f := field{Name: name, Required: required, Type: kindOf(s)}
	if target := p.doc.Components.Schemas.at(f.Type.Ref); len(target.Properties) == 0 {
		f.Type.Enum = append(f.Type.Enum, target.Enum...)
		s.Description = cmp.Or(s.Description, target.Description)
	}
	f.About = p.link.inline(s.Description)
	return f
}

func kindOf(s schema) kind {
	if s.Items != nil {
		k := kindOf(*s.Items)
		k.List = true
		return k
	}
	k := kind{Ref: named(s.Ref), Word: s.Type, Enum: s.Enum}
	if k.Word == "" && k.Ref == "" {
		k.Word = "JSON"
	}
	bounds := func(unit string, low, high *int) {
		switch {
		case low != nil && high != nil:
			k.Facts = append(k.Facts, fmt.Sprintf("%d–%d%s", *low, *high, unit))
		case low != nil:
			k.Facts = append(k.Facts, fmt.Sprintf("≥ %d%s", *low, unit))
		case high != nil:
			k.Facts = append(k.Facts, fmt.Sprintf("≤ %d%s", *high, unit))
		}
	}
	if s.Format != "" {
		k.Facts = append(k.Facts, s.Format)
	}
	bounds("", s.Minimum, s.Maximum)
	bounds(" characters", s.MinLength, s.MaxLength)
	if s.Pattern != "" {
		k.Facts = append(k.Facts, s.Pattern)
	}
	if s.Default != nil {
		k.Facts = append(k.Facts, fmt.Sprintf("default %v", s.Default))
	}
	return k
}

var inPath = regexp.MustCompile(`\{(\w+)\}`)

// curl is the operation as a command. What differs from caller to caller stands as a variable of the shell.
func curl(op operationView, query string) string {
	url := "$base" + inPath.ReplaceAllString(op.Path, "$$$1")
	if query != "" {
		url += "?" + query
	}
	lines := []string{fmt.Sprintf("curl -sS %q", url), `-H "Authorization: Bearer $key"`}
	if op.Method != "GET" {
		lines[0] = fmt.Sprintf("curl -sS -X %s %q", op.Method, url)
	}
	if op.Keyed {
		lines = append(lines, `-H "Idempotency-Key: $(uuidgen)"`)
	}
	if op.Body != nil {
		lines = append(lines, `-H "Content-Type: application/json"`, "-d '"+strings.ReplaceAll(op.Body.Example, "'", `'\''`)+"'")
	}
	return strings.Join(lines, " \\\n  ")
}
