package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jieling-id/jieling"
)

// Change is what is done to an account: logins that go, residues that stand until they are cleared, and what is added.
type Change struct {
	Remove   []string  `json:"remove,omitempty"`   // vertices that no longer lead into the account
	Residues []Residue `json:"residues,omitempty"` // what still leads in by a removed login until its clean-up is confirmed
	Add      []Rule    `json:"add,omitempty"`
	Holds    []string  `json:"holds,omitempty"` // what the owner has besides, afterwards
}

// Residue is a session, token or record left behind at a participant: while it stands, whoever has From may still get at a
// part of the account by it.
type Residue struct {
	Name  string       `json:"name"`
	Title jieling.Text `json:"title,omitzero"`
	From  string       `json:"from"` // the removed login
}

// Apply makes the graph as it is once the change is done and nothing is left behind. A removed login takes every way into
// the account with it that needs it, whole. Its error is an [Invalid], or a [*WeakenedError] where a rule that is added asks
// for a part of what a rule of the graph asks for (S18).
func (g Graph) Apply(c Change) (Graph, error) {
	if err := c.check(g); err != nil {
		return Graph{}, err
	}
	for _, r := range c.Add {
		if strong := weakens(g.Rules, r); strong != nil {
			return Graph{}, &WeakenedError{Was: *strong, Would: r}
		}
	}
	return g.after(c), nil
}

func (g Graph) after(c Change) Graph {
	g.Rules = slices.Concat(slices.DeleteFunc(slices.Clone(g.Rules), func(r Rule) bool { return c.takes(g, r) }), c.Add)
	g.Holds = slices.Concat(g.Holds, c.Holds)
	return g
}

// takes reports that a rule is a way into the account by a login that goes.
func (c Change) takes(g Graph, r Rule) bool {
	return r.To == g.Account && slices.ContainsFunc(r.From, func(name string) bool { return slices.Contains(c.Remove, name) })
}

func (c Change) check(g Graph) error {
	if err := g.Check(); err != nil {
		return err
	}
	k := &checker{}
	for _, v := range g.Vertices {
		k.names = append(k.names, v.Name)
	}
	k.all("change.remove", c.Remove)
	k.rules("change.add", c.Add)
	k.all("change.holds", c.Holds)
	for i, r := range c.Residues {
		at := index("change.residues", i)
		k.name(at+".name", r.Name, k.names)
		k.known(at+".from", r.From)
		k.names = append(k.names, r.Name)
	}
	k.count("vertices and change.residues", len(g.Vertices)+len(c.Residues), 1, MaxVertices)
	if slices.Contains(c.Remove, g.Account) {
		k.add("change.remove", "the account itself stays; name a login")
	}
	if len(k.found) > 0 {
		return k.found
	}
	return nil
}

// WeakenedError refuses a rule that asks for a part of what another asks for: a second factor would be dropped and the way in kept (S18).
type WeakenedError struct{ Was, Would Rule }

// Error says which rule is weakened by which.
func (e *WeakenedError) Error() string {
	return fmt.Sprintf("%s is reached by %s together, and would be by %s alone: take the whole way away, or keep all of it",
		e.Was.To, strings.Join(e.Was.From, " and "), strings.Join(e.Would.From, " and "))
}

// weakens finds the rule of which one asks for a part only, for somebody the stronger one was meant for.
func weakens(rules []Rule, one Rule) *Rule {
	if slices.ContainsFunc(rules, func(r Rule) bool {
		return r.To == one.To && r.Who == one.Who && covers(r.From, one.From) && covers(one.From, r.From)
	}) {
		return nil // it is there already
	}
	for i, r := range rules {
		same := r.To == one.To && (r.Who == Both || one.Who == Both || r.Who == one.Who)
		if same && covers(r.From, one.From) && !covers(one.From, r.From) {
			return &rules[i]
		}
	}
	return nil
}

func covers(all, part []string) bool {
	return !slices.ContainsFunc(part, func(name string) bool { return !slices.Contains(all, name) })
}

// During is the graph between the removal and the end of its clean-up: as after it, and what is left behind still leads in.
// An owner cannot count on a residue, so only strangers come in by one.
func (g Graph) During(c Change) (Graph, error) {
	if _, err := g.Apply(c); err != nil {
		return Graph{}, err
	}
	return g.during(c), nil
}

func (g Graph) during(c Change) Graph {
	out := g.after(c)
	out.Vertices = slices.Clone(out.Vertices)
	for _, r := range c.Residues {
		out.Vertices = append(out.Vertices, Vertex{Name: r.Name, Title: r.Title})
		out.Rules = append(out.Rules,
			Rule{To: r.Name, From: []string{r.From}, Who: Stranger}, Rule{To: g.Account, From: []string{r.Name}, Who: Stranger})
	}
	return out
}
