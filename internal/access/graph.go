package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jieling-id/jieling"
)

// Bounds of a graph.
const (
	MaxVertices = 64 // a set of vertices is one machine word
	MaxRules    = 1024
	MaxRows     = 128 // losses, attackers, repairs: of each
	MaxTheft    = 9
)

// Graph is an account access graph as it is written down. Names are unique within their list, 1..64 letters, digits and
// . _ : # -; a title that is empty is the name.
type Graph struct {
	Template  string     `json:"template"` // name@version of the assumptions it rests on; verdicts carry it
	Account   string     `json:"account"`  // the vertex that stands for being in
	Vertices  []Vertex   `json:"vertices"`
	Rules     []Rule     `json:"rules"`
	Holds     []string   `json:"holds"` // what the owner has
	Losses    []Loss     `json:"losses,omitempty"`
	Attackers []Attacker `json:"attackers,omitempty"`
	Repairs   []Repair   `json:"repairs,omitempty"`
}

// Vertex is something that can be held, or reached by way of others.
type Vertex struct {
	Name  string       `json:"name"`
	Title jieling.Text `json:"title,omitzero"`
	// Theft is how hard it is to take by itself, 1 (easy) to 9; 0: it cannot be, or only by way of a rule.
	Theft int `json:"theft,omitempty"`
}

// Who says for whom a rule works.
type Who string

// The parties to a rule. A session on a phone lets a thief in and is no way back for an owner who has lost the rest; a new
// SIM card against one's identity card is a way back and no way in for a thief.
const (
	Both     Who = ""
	Owner    Who = "owner"
	Stranger Who = "attacker"
)

// Rule says that whoever has everything in From has To.
type Rule struct {
	To      string       `json:"to"`
	From    []string     `json:"from"` // at least one
	Who     Who          `json:"who,omitempty"`
	Because jieling.Text `json:"because,omitzero"` // the assumption behind it; empty where it is known
}

// Loss is an event, and what the owner no longer has after it: a lost phone is its SIM card, its keys and itself at once.
type Loss struct {
	Name  string       `json:"name"`
	Title jieling.Text `json:"title,omitzero"`
	Lost  []string     `json:"lost,omitempty"` // no longer held; a rule may bring it back
	Gone  []string     `json:"gone,omitempty"` // out of reach for good
	// Required marks a loss that an account must survive: no removal may leave its owner unsafe against it (S14).
	Required bool `json:"required,omitempty"`
}

// Attacker is a profile: what somebody has who has carried one attack out.
type Attacker struct {
	Name  string       `json:"name"`
	Title jieling.Text `json:"title,omitzero"`
	Takes []string     `json:"takes"`
}

// Repair is something the owner could add.
type Repair struct {
	Name   string       `json:"name"`
	Title  jieling.Text `json:"title,omitzero"`
	Effort int          `json:"effort"` // 1 (little) to 9
	Rules  []Rule       `json:"rules"`
	Holds  []string     `json:"holds,omitempty"`
}

// Problem is one thing wrong with a graph or a change: where in it, and what.
type Problem struct {
	Path string `json:"path"` // rules[3].from[1]
	What string `json:"what"` // and what to write instead
}

// Invalid is every problem that was found, at least one.
type Invalid []Problem

// Error puts each problem on a line of its own.
func (v Invalid) Error() string {
	lines := make([]string, len(v))
	for i, p := range v {
		lines[i] = p.Path + ": " + p.What
	}
	return strings.Join(lines, "\n")
}

// Check says what is wrong with a graph, as an [Invalid], or nil.
func (g Graph) Check() error {
	c := &checker{names: make([]string, 0, len(g.Vertices))}
	c.count("vertices", len(g.Vertices), 1, MaxVertices)
	c.count("rules", len(g.Rules), 0, MaxRules)
	c.count("losses", len(g.Losses), 0, MaxRows)
	c.count("attackers", len(g.Attackers), 0, MaxRows)
	c.count("repairs", len(g.Repairs), 0, MaxRows)
	for i, v := range g.Vertices {
		at := index("vertices", i)
		c.name(at+".name", v.Name, c.names)
		c.names = append(c.names, v.Name)
		c.between(at+".theft", v.Theft, 0, MaxTheft)
	}
	if g.Template == "" {
		c.add("template", "say whose assumptions these are, with a version: mine@1")
	}
	c.known("account", g.Account)
	c.rules("rules", g.Rules)
	c.all("holds", g.Holds)
	c.events(g)
	for i, r := range g.Repairs {
		at := index("repairs", i)
		c.between(at+".effort", r.Effort, 1, MaxTheft)
		c.count(at+".rules", len(r.Rules), 1, MaxRules)
		c.rules(at+".rules", r.Rules)
		c.all(at+".holds", r.Holds)
		for k, one := range r.Rules {
			if strong := weakens(g.Rules, one); strong != nil {
				c.add(index(at+".rules", k), (&WeakenedError{Was: *strong, Would: one}).Error())
			}
		}
	}
	c.titles("repairs", len(g.Repairs), func(i int) string { return g.Repairs[i].Name })
	if len(c.found) > 0 {
		return c.found
	}
	return nil
}

// events checks what may happen to the owner.
func (c *checker) events(g Graph) {
	for i, l := range g.Losses {
		at := index("losses", i)
		c.all(at+".lost", l.Lost)
		c.all(at+".gone", l.Gone)
		if len(l.Lost)+len(l.Gone) == 0 {
			c.add(at, "a loss takes something: name it in lost, or in gone where it can never come back")
		}
	}
	c.titles("losses", len(g.Losses), func(i int) string { return g.Losses[i].Name })
	for i, a := range g.Attackers {
		at := index("attackers", i)
		c.all(at+".takes", a.Takes)
		c.count(at+".takes", len(a.Takes), 1, MaxVertices)
	}
	c.titles("attackers", len(g.Attackers), func(i int) string { return g.Attackers[i].Name })
}

// checker gathers problems.
type checker struct {
	names []string // of vertices
	found Invalid
}

func (c *checker) add(path, what string) { c.found = append(c.found, Problem{path, what}) }

func index(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

func (c *checker) count(path string, n, low, high int) {
	if n < low || n > high {
		c.add(path, fmt.Sprintf("has %d entries; %d to %d are possible", n, low, high))
	}
}

func (c *checker) between(path string, n, low, high int) {
	if n < low || n > high {
		c.add(path, fmt.Sprintf("is %d; write a number from %d to %d", n, low, high))
	}
}

func (c *checker) name(path, name string, taken []string) {
	switch {
	case !plainName(name):
		c.add(path, fmt.Sprintf("%q is no name; use 1 to 64 letters, digits and . _ : # -", name))
	case slices.Contains(taken, name):
		c.add(path, fmt.Sprintf("%q is there already; each name stands once", name))
	}
}

func plainName(s string) bool {
	return s != "" && len(s) <= 64 && strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._:#-", r)
	}) < 0
}

// titles checks the names of a list of rows.
func (c *checker) titles(list string, n int, name func(int) string) {
	var taken []string
	for i := range n {
		c.name(index(list, i)+".name", name(i), taken)
		taken = append(taken, name(i))
	}
}

func (c *checker) known(path, name string) {
	if !slices.Contains(c.names, name) {
		c.add(path, fmt.Sprintf("%q is no vertex; write one of %s", name, strings.Join(c.names, ", ")))
	}
}

func (c *checker) all(path string, names []string) {
	for i, name := range names {
		c.known(index(path, i), name)
	}
}

func (c *checker) rules(path string, rules []Rule) {
	for i, r := range rules {
		c.rule(index(path, i), r)
	}
}

func (c *checker) rule(at string, r Rule) {
	c.known(at+".to", r.To)
	c.all(at+".from", r.From)
	switch {
	case len(r.From) == 0:
		c.add(at+".from", "a rule needs something; what needs nothing belongs in holds")
	case slices.Contains(r.From, r.To):
		c.add(at+".from", fmt.Sprintf("%q leads to itself", r.To))
	}
	if r.Who != Both && r.Who != Owner && r.Who != Stranger {
		c.add(at+".who", fmt.Sprintf("%q is not known here; write owner or attacker, or leave it out for both", r.Who))
	}
}
