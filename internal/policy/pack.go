package policy

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/jieling-id/jieling"
)

//go:embed pack/*.yaml
var shipped embed.FS

// Pack is a compiled policy pack. What it answers never changes after [Load], and it may be used from any number of goroutines.
type Pack struct {
	doc    document
	facts  []fact // platform, declared, reason, then the declared ones
	rules  []rule // cells in the order of scenarios, then rules
	rest   conditioned
	losses []int   // the tests of the losses
	tests  []table // the conditions of all rows; a set of rows is a set of places in it

	groups  []group
	answers answers
	foreign answer // for facts of another pack

	titles  map[jieling.Factor]*factorRow
	reasons []Reason
	ranked  map[jieling.AccountKind][]jieling.Replacement
}

// Places of the facts that every pack has.
const (
	platformFact = iota
	declaredFact
	reasonFact
	declaredFacts // where the pack's own begin
)

// Load reads and compiles a pack. file names it in errors, which are always a *[LoadError]: every problem with line, column,
// what it is and what to write instead.
func Load(file string, src []byte) (*Pack, error) {
	var s source
	root := s.parse(src)
	if root == nil {
		return nil, s.err(file)
	}
	doc := s.document(root)
	if err := s.err(file); err != nil {
		return nil, err
	}
	p := &Pack{doc: doc}
	ps := &s.problems
	if p.check(ps); len(*ps) == 0 {
		p.compile(ps)
	}
	if err := ps.err(file); err != nil {
		return nil, err
	}
	return p, nil
}

// Shipped loads a pack that is built into the binary, by its name.
func Shipped(name string) (*Pack, error) {
	src, err := ShippedSource(name)
	if err != nil {
		return nil, err
	}
	return Load(name+".yaml", src)
}

// ShippedSource is the text of a pack that is built into the binary: the place to begin one's own.
func ShippedSource(name string) ([]byte, error) {
	src, err := fs.ReadFile(shipped, path.Join("pack", name+".yaml"))
	if err != nil {
		return nil, fmt.Errorf("no pack named %q is built in; there is %s", name, strings.Join(ShippedNames(), ", "))
	}
	return src, nil
}

// ShippedNames lists the packs built into the binary.
func ShippedNames() []string {
	files, _ := fs.Glob(shipped, "pack/*.yaml")
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	return files
}

// ID is the name and version that decisions carry: "qq-wechat@2".
func (p *Pack) ID() string { return p.doc.name.text + "@" + p.doc.version.text }

// Name is the pack's name, without its version.
func (p *Pack) Name() string { return p.doc.name.text }

// Version is the pack's version.
func (p *Pack) Version() string { return p.doc.version.text }

// Title is what the pack is about, for people.
func (p *Pack) Title() jieling.Text { return p.doc.title }

// Reason is one answer to why a person unbinds (F6).
type Reason struct {
	Reason jieling.Reason
	Title  jieling.Text
	Advice jieling.Text
	Raises jieling.Scenario // the scenario that applies as well; empty: none
}

// Reasons lists the answers to offer, in order. The last one stands for everything else. Callers must not change it.
func (p *Pack) Reasons() []Reason { return p.reasons }

// Advice is what to tell a person who gave this reason. An unknown or empty reason gets the advice of the last one.
func (p *Pack) Advice(reason jieling.Reason) jieling.Text {
	for _, r := range p.reasons {
		if r.Reason == reason {
			return r.Advice
		}
	}
	return p.reasons[len(p.reasons)-1].Advice
}

// FactorTitle is the name of a factor for people. A factor the pack does not name goes by its own name.
func (p *Pack) FactorTitle(f jieling.Factor) jieling.Text {
	if row := p.titles[f]; row != nil {
		return row.title
	}
	return jieling.Text{ZH: string(f), EN: string(f)}
}

// FactorHint says what to do where a factor is not set up; it is empty for a factor the pack does not name.
func (p *Pack) FactorHint(f jieling.Factor) jieling.Text {
	if row := p.titles[f]; row != nil {
		return row.hint
	}
	return jieling.Text{}
}

// Demands is what passing a factor asks for besides: an approval by scanning, say, wants to know that the phone is in its
// owner's hands. It is zero for most factors, and for one the pack does not name.
func (p *Pack) Demands(f jieling.Factor) jieling.Requirement {
	if row := p.titles[f]; row != nil {
		return row.demands.Requirement
	}
	return jieling.Requirement{}
}

// Replacements lists what could take a login's place, in the pack's order for this kind of account (A4, A5), none marked as
// had; package impact ranks them for one account. The slice is the caller's own.
func (p *Pack) Replacements(kind jieling.AccountKind) []jieling.Replacement {
	return slices.Clone(p.ranked[kind])
}

// Row names one row of the pack: the requirement it answers, where it stands and when it was last verified.
type Row struct {
	Section  string // the key of the pack it stands under
	ID       string // the requirement; empty where the row only has a name
	Name     string
	Title    jieling.Text // where the row has one and no name
	Line     int
	Verified string // year-month-day
}

// Rows lists every row of the pack, section by section.
func (p *Pack) Rows() []Row {
	var out []Row
	add := func(section, name string, r row) {
		out = append(out, Row{Section: section, ID: r.id.text, Name: name, Line: r.at.line, Verified: r.verified})
	}
	d := &p.doc
	for _, r := range d.platforms {
		add("platforms", r.name.text+" start", r.start.row)
		add("platforms", r.name.text+" key_verification", r.key.row)
		add("platforms", r.name.text+" comparison", r.comparison.row)
	}
	for _, r := range d.factors {
		add("factors", r.name.text, r.row)
	}
	for _, r := range d.reasons {
		add("reasons", r.name.text, r.row)
	}
	for _, r := range d.scenarios {
		add("scenarios", r.name.text, r.row)
	}
	for _, r := range d.rules {
		add("rules", "", r.row)
	}
	for _, r := range d.detours {
		add("detours", "", r.row)
	}
	for _, r := range d.losses {
		add("losses", r.name.text, r.row)
	}
	for _, r := range d.dependents {
		add("dependents", r.Module, r.row)
	}
	for _, r := range d.risks {
		add("risks", r.title.EN, r.row)
		out[len(out)-1].Title = r.title
	}
	for _, r := range d.advice {
		add("advice", "", r.row)
	}
	for _, r := range d.replacements {
		add("replacements", r.provider.text, r.row)
		if r.warning.id.text != "" {
			add("replacements", r.provider.text+" warning", r.warning.row)
		}
	}
	for _, r := range d.ranking {
		add("ranking", "", r.row)
	}
	for _, r := range d.afterwards {
		add("afterwards", "", r.row)
	}
	for _, r := range d.steps {
		add("steps", string(r.part), r.row)
	}
	for _, r := range d.playbooks {
		add("playbooks", r.name.text, r.row)
	}
	return out
}
