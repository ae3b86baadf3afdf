package access

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
)

// Facts is what is known of one account.
type Facts struct {
	Bindings   []jieling.Binding
	Enrolments []jieling.Enrolment
	Devices    []jieling.Device
	SignedIn   bool              // somebody has a live session of the account
	Leaving    jieling.BindingID // looked at whatever its state, so that before and after can be told apart; "" for none
	Now        time.Time
}

// MaxLogins is how many logins of one account are looked at: the one that leaves, then the latest proven. The others are left
// out, which errs on the safe side for the owner: none of them counts as a way back.
const MaxLogins = 12

// theAccount is the vertex that stands for being in.
const theAccount = "account"

// Graph makes the access graph of an account, and how many of its logins were left out. A vertex of a login is named by its
// binding's ID, a thing by the template.
func (t *Template) Graph(f Facts) (g Graph, leftOut int) {
	b := t.builder(f)
	b.ways()
	b.repairs()
	b.losses()
	b.attackers()
	return b.Graph, b.leftOut
}

func (t *Template) builder(f Facts) *builder {
	b := &builder{t: t, f: f, logins: f.logins()}
	if b.leftOut = max(0, len(b.logins)-MaxLogins); b.leftOut > 0 {
		b.logins = b.logins[:MaxLogins]
	}
	b.Template, b.Account = t.ID(), theAccount
	b.Vertices = append(make([]Vertex, 0, 24), Vertex{Name: theAccount, Title: jieling.Text{ZH: "账号", EN: "the account"}})
	for _, l := range b.logins {
		row := t.row(l.Provider)
		b.Vertices = append(b.Vertices, Vertex{Name: string(l.ID), Title: label(row.Title, l.Label), Theft: row.Theft})
	}
	return b
}

// Compare says what the removal of the login that leaves does to an account, with what it leaves behind until that is cleared;
// where none leaves, how the account stands.
func (t *Template) Compare(f Facts, left []Residue) jieling.Access {
	g, leftOut := t.Graph(f)
	out := compare(g, f.change(left))
	out.LeftOut, out.Note, out.Stale = leftOut, t.Note, t.doubted(f)
	return out
}

// doubted says of every stale login that it is one.
func (t *Template) doubted(f Facts) (said []jieling.Text) {
	for _, l := range f.logins() {
		if t.stale(l, f.Now) {
			said = append(said, sayStale(label(t.row(l.Provider).Title, l.Label)))
		}
	}
	return said
}

// Unsafe lists the required losses that would lock the owner out once the login that leaves is gone, and [Nothing] where they
// would be out at once, each with its sentence (S14).
//
// Most accounts are alike and safe, and every commit asks: what was found safe once is not worked out again.
func (t *Template) Unsafe(f Facts) (found []jieling.Because) {
	var room [256]byte
	shape := t.shape(room[:0], f)
	if t.safe.has(shape) {
		return nil
	}
	found = t.unsafe(f)
	if found == nil {
		t.safe.add(shape)
	}
	return found
}

func (t *Template) unsafe(f Facts) (found []jieling.Because) {
	b := t.builder(f)
	b.ways()
	b.losses()
	n := build(b.after(f.change(nil)))
	for _, name := range n.Unsafe() {
		title := titleOfNothing
		if i := slices.IndexFunc(n.graph.Losses, func(l Loss) bool { return l.Name == name }); i >= 0 {
			title = n.graph.Losses[i].Title
		}
		found = append(found, jieling.Because{Rule: name, Text: sayLockout(jieling.Lockout{Title: title, After: true})})
	}
	return found
}

func (f Facts) change(left []Residue) (c Change) {
	if f.Leaving == "" {
		return c
	}
	c.Remove = []string{string(f.Leaving)}
	for i, r := range left {
		r.From = string(f.Leaving)
		if i < MaxResidues {
			c.Residues = append(c.Residues, r)
		}
	}
	return c
}

// logins lists the logins that open the account, with the one that leaves first.
func (f Facts) logins() []jieling.Binding {
	out := slices.DeleteFunc(slices.Clone(f.Bindings), func(b jieling.Binding) bool { return !b.Usable() && b.ID != f.Leaving })
	slices.SortStableFunc(out, func(a, b jieling.Binding) int {
		return cmp.Or(-cmp.Compare(one(a.ID == f.Leaving), one(b.ID == f.Leaving)), -proven(a).Compare(proven(b)))
	})
	return out
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// proven is when a login was last known to be its owner's: proven, used, or, where neither is known, put on the account.
func proven(b jieling.Binding) time.Time {
	latest := b.VerifiedAt
	if b.LastUsedAt.After(latest) {
		latest = b.LastUsedAt
	}
	if latest.IsZero() {
		return b.CreatedAt
	}
	return latest
}

func (t *Template) row(p jieling.Provider) loginRow {
	if i := slices.IndexFunc(t.Logins, func(r loginRow) bool { return r.Provider == p }); i >= 0 {
		return t.Logins[i]
	}
	return t.Other
}

// stale reports that a login was last proven so long ago that its owner no longer counts on it: numbers are handed out again.
// One that its carrier says has changed hands is, whoever took a code by it since.
func (t *Template) stale(b jieling.Binding, now time.Time) bool {
	if b.Holder == jieling.HolderChanged {
		return true
	}
	days := t.row(b.Provider).FreshDays
	return days > 0 && now.Sub(proven(b)) > time.Duration(days)*24*time.Hour
}

// builder puts one graph together.
type builder struct {
	Graph
	t       *Template
	f       Facts
	logins  []jieling.Binding
	new     []jieling.Binding // that repairs would add
	leftOut int
}

// ways instantiates the template's rules, then gives every login that none of them names its own way in.
func (b *builder) ways() {
	for _, w := range b.t.Ways {
		provider := b.t.speaksOf(w)
		if provider == "" {
			b.Rules = append(b.Rules, b.rule(w, jieling.Binding{})...)
			continue
		}
		for _, l := range b.logins {
			if l.Provider == provider {
				b.Rules = append(b.Rules, b.rule(w, l)...)
			}
		}
	}
	for _, l := range b.logins {
		b.Rules = append(b.Rules, b.opens(b.Rules, l)...)
		if b.t.row(l.Provider).Provider == "" && !b.t.stale(l, b.f.Now) { // nothing is known of it: its owner is taken to have it
			b.Holds = append(b.Holds, string(l.ID))
		}
	}
}

// opens is a login's own way in, where no rule names it beside something else.
func (b *builder) opens(rules []Rule, l jieling.Binding) []Rule {
	if slices.ContainsFunc(rules, func(r Rule) bool { return r.To == theAccount && slices.Contains(r.From, string(l.ID)) }) {
		return nil
	}
	return []Rule{{To: theAccount, From: []string{string(l.ID)}}}
}

// speaksOf is the provider that a way names, or "".
func (t *Template) speaksOf(w wayRow) jieling.Provider {
	for _, l := range t.Logins {
		if w.To == string(l.Provider) || slices.Contains(w.From, string(l.Provider)) {
			return l.Provider
		}
	}
	return ""
}

// rule is a way as it is for one login, or nothing where the account has not all that it takes. A login that went stale is
// reached by strangers only.
func (b *builder) rule(w wayRow, l jieling.Binding) []Rule {
	r := Rule{To: b.named(w.To, l), Who: w.Who, Because: w.Because}
	for _, name := range w.From {
		r.From = append(r.From, b.named(name, l))
	}
	if l.ID != "" && r.To == string(l.ID) && b.t.stale(l, b.f.Now) {
		if r.Who == Owner {
			return nil
		}
		r.Who = Stranger
	}
	for _, name := range append(slices.Clone(r.From), r.To) {
		if !b.has(name) {
			return nil
		}
	}
	return []Rule{r}
}

func (b *builder) named(name string, l jieling.Binding) string {
	if l.ID != "" && name == string(l.Provider) {
		return string(l.ID)
	}
	return name
}

// has makes sure that a vertex is there, where this account has such a thing.
func (b *builder) has(name string) bool {
	if slices.ContainsFunc(b.Vertices, func(v Vertex) bool { return v.Name == name }) {
		return true
	}
	i := slices.IndexFunc(b.t.Things, func(r thingRow) bool { return r.Name == name })
	if i < 0 {
		return false
	}
	row := b.t.Things[i]
	if row.Factor != "" && !b.f.enrolled(row.Factor) || row.Device && !b.f.trusted() || row.Session && !b.f.SignedIn {
		return false
	}
	b.Vertices = append(b.Vertices, Vertex{Name: row.Name, Title: row.Title, Theft: row.Theft})
	if row.Held || row.Factor != "" || row.Device {
		b.Holds = append(b.Holds, row.Name)
	}
	return true
}

// repairs adds what the owner could set up: a login as if it had just been proven, or a factor.
func (b *builder) repairs() {
	for _, row := range b.t.Repairs {
		r := Repair{Name: row.Name, Title: row.Title, Effort: row.Effort}
		if row.Factor != "" {
			b.addFactor(&r, row.Factor)
		} else {
			b.addLogin(&r, row.Login)
		}
		if len(r.Rules) > 0 {
			b.Repairs = append(b.Repairs, r)
		}
	}
}

func (b *builder) addLogin(r *Repair, p jieling.Provider) {
	row := b.t.row(p)
	l := jieling.Binding{ID: jieling.BindingID("new:" + string(p)), Provider: p, VerifiedAt: b.f.Now}
	b.new = append(b.new, l)
	b.Vertices = append(b.Vertices, Vertex{Name: string(l.ID), Theft: row.Theft, Title: jieling.Text{
		ZH: "新" + strings.TrimSpace(label(row.Title, "").ZH), EN: strings.TrimSpace(strings.Replace(label(row.Title, "").EN, "the ", "the new ", 1)),
	}})
	for _, w := range b.t.Ways {
		if b.t.speaksOf(w) == p {
			r.Rules = append(r.Rules, b.rule(w, l)...)
		}
	}
	r.Rules = append(r.Rules, b.opens(r.Rules, l)...)
}

func (b *builder) addFactor(r *Repair, f jieling.Factor) {
	i := slices.IndexFunc(b.t.Things, func(t thingRow) bool { return t.Factor == f })
	if i < 0 || b.has(b.t.Things[i].Name) {
		return // not known here, or set up already
	}
	row := b.t.Things[i]
	b.Vertices = append(b.Vertices, Vertex{Name: row.Name, Title: row.Title, Theft: row.Theft})
	r.Holds = []string{row.Name}
	for _, w := range b.t.Ways {
		if slices.Contains(w.From, row.Name) && b.t.speaksOf(w) == "" {
			r.Rules = append(r.Rules, b.rule(w, jieling.Binding{})...)
		}
	}
}

// losses keeps of every loss what concerns this account, and adds the loss of each login.
func (b *builder) losses() {
	for _, l := range b.t.Losses {
		loss := Loss{Name: l.Name, Title: l.Title, Required: l.Required, Lost: b.present(l.Lost), Gone: b.present(l.Gone)}
		if len(loss.Lost)+len(loss.Gone) > 0 {
			b.Losses = append(b.Losses, loss)
		}
	}
	for _, l := range b.logins {
		row := b.t.LoginLost
		title := label(b.t.row(l.Provider).Title, l.Label)
		b.Losses = append(b.Losses, Loss{
			Name: "login_lost:" + string(l.ID), Required: row.Required, Gone: []string{string(l.ID)}, Lost: b.present(row.Lost),
			Title: said([]string{title.ZH, row.Title.ZH}, []string{upper(title.EN), " ", row.Title.EN}),
		})
	}
}

// attackers likewise.
func (b *builder) attackers() {
	for _, a := range b.t.Attackers {
		if takes := b.present(a.Takes); len(takes) > 0 {
			b.Attackers = append(b.Attackers, Attacker{Name: a.Name, Title: a.Title, Takes: takes})
		}
	}
}

// present turns names of the template into vertices of this graph.
func (b *builder) present(names []string) (out []string) {
	for _, name := range names {
		for _, l := range slices.Concat(b.logins, b.new) {
			if name == string(l.Provider) {
				out = append(out, string(l.ID))
			}
		}
		if slices.ContainsFunc(b.Vertices, func(v Vertex) bool { return v.Name == name }) {
			out = append(out, name)
		}
	}
	return out
}
