package access

import (
	"slices"

	"github.com/jieling-id/jieling"
)

// Compare says who gets in and what locks the owner out before a change, during its clean-up and after it, and what would
// help. Its error is Apply's.
func Compare(g Graph, c Change) (jieling.Access, error) {
	if _, err := g.Apply(c); err != nil {
		return jieling.Access{}, err
	}
	return compare(g, c), nil
}

// compare is Compare for a graph and a change that are known to be good.
func compare(g Graph, c Change) jieling.Access {
	before := build(g)
	t := times{before, before, before}
	if len(c.Remove)+len(c.Residues)+len(c.Add)+len(c.Holds) > 0 {
		t.during, t.after = build(g.during(c)), build(g.after(c))
	}
	return jieling.Access{
		Template: g.Template, Exposure: t.exposure(), Lockout: t.lockout(), Before: t.before.standing(), After: t.after.standing(),
		MustWaive: t.after.Unsafe(), Assumes: assumptions(g.Rules), Repair: t.after.repair(),
	}
}

// times is one account at three moments.
type times struct{ before, during, after *Net }

func (t times) exposure() []jieling.Exposure {
	out := []jieling.Exposure{}
	concerned := t.before.concerned()
	for i, a := range t.before.graph.Attackers {
		have := t.before.attackers[i]
		if have&concerned == 0 {
			continue
		}
		e := jieling.Exposure{Name: a.Name, Title: titled(a.Title, a.Name)}
		e.Before, e.During, e.After = t.before.enters(have), t.during.enters(have), t.after.enters(have)
		switch {
		case e.After:
			e.Via = t.after.via(Stranger, have, 0)
		case e.During:
			e.Via = t.during.via(Stranger, have, 0)
		case e.Before:
			e.Via = t.before.via(Stranger, have, 0)
		}
		e.Text = sayExposure(e)
		out = append(out, e)
	}
	return out
}

func (t times) lockout() []jieling.Lockout {
	out := make([]jieling.Lockout, 0, len(t.before.losses)+1)
	if now, later := !t.before.survives(), !t.after.survives(); now || later {
		l := jieling.Lockout{Name: Nothing, Title: titleOfNothing, Before: now, After: later, Required: true}
		l.Text = sayLockout(l)
		out = append(out, l)
	}
	concerned := t.before.concerned()
	for i, loss := range t.before.graph.Losses {
		if of := t.before.losses[i]; (of.lost|of.gone)&concerned == 0 {
			continue
		}
		l := jieling.Lockout{Name: loss.Name, Title: titled(loss.Title, loss.Name), Required: loss.Required}
		l.Before, l.After = !t.before.survives(i), !t.after.survives(i)
		if !l.After {
			of := t.after.losses[i]
			l.Via = t.after.via(Owner, t.after.holds&^of.lost, of.gone)
		}
		l.Text = sayLockout(l)
		out = append(out, l)
	}
	return out
}

// concerned is every vertex that a rule of the graph speaks of: what only a repair would bring concerns nobody yet.
func (n *Net) concerned() (s Set) {
	for _, rules := range n.rules {
		for _, r := range rules {
			s |= r.need | r.gives
		}
	}
	return s
}

func (n *Net) standing() jieling.Standing {
	v := n.Verdict()
	s := jieling.Standing{Tolerates: v.Tolerates()}
	if v.Attack != nil {
		a := &jieling.Attack{Cost: v.Attack.Cost}
		for _, name := range v.Attack.Takes {
			a.Takes = append(a.Takes, n.title(name))
		}
		a.Text = sayAttack(a.Takes)
		s.Attack = a
	}
	return s
}

// via names the last thing on the way in: the sources of the first rule that leads into the account.
func (n *Net) via(who Who, have, gone Set) jieling.Text {
	rules, w := n.rules[0], n.owner
	if who == Stranger {
		rules, w = n.rules[1], n.stranger
	}
	reach := w.close(have, have, gone)
	for _, r := range rules {
		if r.gives == n.account && reach.Has(r.need) {
			var titles []jieling.Text
			for _, name := range n.names(r.need) {
				titles = append(titles, n.title(name))
			}
			return joined(titles)
		}
	}
	return jieling.Text{}
}

func (n *Net) title(name string) jieling.Text {
	i := slices.IndexFunc(n.graph.Vertices, func(v Vertex) bool { return v.Name == name })
	return titled(n.graph.Vertices[i].Title, name)
}

func titled(t jieling.Text, name string) jieling.Text {
	if t.Empty() {
		return jieling.Text{ZH: name, EN: name}
	}
	return t
}

// assumptions lists what the rules take for true, each once.
func assumptions(rules []Rule) []jieling.Text {
	out := []jieling.Text{}
	for _, r := range rules {
		if !r.Because.Empty() && !slices.Contains(out, r.Because) {
			out = append(out, r.Because)
		}
	}
	return out
}

// repair finds the least that makes the owner safe against every loss; where nothing does, the least that leaves the fewest.
// At equal effect the fewer additions count, then the fewer attackers let in, then the smaller effort.
func (n *Net) repair() *jieling.Repair {
	open := n.open()
	if len(open) == 0 {
		return nil
	}
	var best *candidate
	try := func(adds ...Repair) {
		c := n.candidate(open, adds)
		if len(c.saves) > 0 && (best == nil || c.better(*best)) {
			best = &c
		}
	}
	rows := n.graph.Repairs
	for i := range rows {
		try(rows[i])
	}
	for i := range rows {
		for j := i + 1; j < len(rows) && (best == nil || len(best.leaves) > 0); j++ {
			try(rows[i], rows[j])
		}
	}
	if best == nil {
		return nil
	}
	return best.told()
}

// open lists the losses that lock the owner out, Nothing among them.
func (n *Net) open() (names []string) {
	if !n.survives() {
		names = append(names, Nothing)
	}
	for i, l := range n.graph.Losses {
		if !n.survives(i) {
			names = append(names, l.Name)
		}
	}
	return names
}

// candidate is a repair being weighed.
type candidate struct {
	adds                 []Repair
	saves, leaves, opens []string
	opened               []jieling.Text
	effort               int
}

func (n *Net) candidate(open []string, adds []Repair) candidate {
	c, then := candidate{adds: adds}, n.with(adds)
	for _, r := range adds {
		c.effort += r.Effort
	}
	c.leaves = then.open()
	c.saves = without(open, c.leaves)
	for i, have := range n.attackers {
		if then.enters(have) && !n.enters(have) {
			a := n.graph.Attackers[i]
			c.opens, c.opened = append(c.opens, a.Name), append(c.opened, titled(a.Title, a.Name))
		}
	}
	return c
}

func (c candidate) better(than candidate) bool {
	for _, pair := range [...][2]int{
		{len(c.leaves), len(than.leaves)}, {len(c.adds), len(than.adds)}, {len(c.opens), len(than.opens)}, {c.effort, than.effort},
	} {
		if pair[0] != pair[1] {
			return pair[0] < pair[1]
		}
	}
	return false
}

func (c candidate) told() *jieling.Repair {
	out := &jieling.Repair{Saves: c.saves, Opens: c.opens, Leaves: c.leaves}
	var titles []jieling.Text
	for _, r := range c.adds {
		out.Adds = append(out.Adds, r.Name)
		titles = append(titles, titled(r.Title, r.Name))
	}
	out.Text = sayRepair(titles, len(c.leaves) == 0, c.opened)
	return out
}
