package access

import (
	"bytes"
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/jieling-id/jieling"
)

//go:embed template/*.yaml
var shipped embed.FS

// Template is what is assumed about how logins are got into and recovered elsewhere: operators read it, correct it and
// replace it. It never changes after [Load] and may be used from any number of goroutines.
type Template struct {
	Name      string        `yaml:"template"`
	Version   string        `yaml:"version"`
	Verified  string        `yaml:"verified"` // the day it was last compared with the providers
	Note      jieling.Text  `yaml:"note"`     // what people are told about the rest
	Logins    []loginRow    `yaml:"logins"`
	Other     loginRow      `yaml:"other_logins"` // stands for every provider that is not listed
	Things    []thingRow    `yaml:"things"`
	Ways      []wayRow      `yaml:"ways"`
	Losses    []lossRow     `yaml:"losses"`
	LoginLost lossRow       `yaml:"login_lost"` // made once for every login
	Attackers []attackerRow `yaml:"attackers"`
	Repairs   []repairRow   `yaml:"repairs"`
	source    []byte
	safe      *shapes
}

// loginRow is one provider's logins. The title's {label} stands for the binding's label.
type loginRow struct {
	Provider  jieling.Provider `yaml:"provider"`
	Title     jieling.Text     `yaml:"title"`
	Theft     int              `yaml:"theft"`
	FreshDays int              `yaml:"fresh_days"` // not proven for longer: the owner no longer counts on it; 0: it stays fresh
}

// thingRow is what a person has besides logins.
type thingRow struct {
	Name   string         `yaml:"name"`
	Title  jieling.Text   `yaml:"title"`
	Theft  int            `yaml:"theft"`
	Held   bool           `yaml:"held"`   // every owner is taken to have it
	Factor jieling.Factor `yaml:"factor"` // there, and held, where this factor is enrolled
	Device bool           `yaml:"device"` // there, and held, where a device is signed in and trusted
	// Session: there where somebody is signed in. A session is nobody's to keep, so it is never held.
	Session bool `yaml:"session"`
}

// wayRow is a rule; a provider's name in it stands for each login of that provider, "account" for being in.
type wayRow struct {
	To      string       `yaml:"to"`
	From    []string     `yaml:"from"`
	Who     Who          `yaml:"who"`
	Because jieling.Text `yaml:"because"`
}

type lossRow struct {
	Name     string       `yaml:"name"`
	Title    jieling.Text `yaml:"title"`
	Lost     []string     `yaml:"lost"`
	Gone     []string     `yaml:"gone"`
	Required bool         `yaml:"required"`
}

type attackerRow struct {
	Name  string       `yaml:"name"`
	Title jieling.Text `yaml:"title"`
	Takes []string     `yaml:"takes"`
}

// repairRow adds a login of a provider, or a factor.
type repairRow struct {
	Name   string           `yaml:"name"`
	Title  jieling.Text     `yaml:"title"`
	Effort int              `yaml:"effort"`
	Login  jieling.Provider `yaml:"login"`
	Factor jieling.Factor   `yaml:"factor"`
}

// Load reads a template strictly: a key it does not know, a name that means nothing and a text in one language only are
// refused. file names it in errors.
func Load(file string, src []byte) (*Template, error) {
	t := &Template{source: src, safe: &shapes{known: map[string]bool{}}}
	if err := yaml.NewDecoder(bytes.NewReader(src), yaml.Strict()).Decode(t); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("%s:\n%w", file, err)
	}
	return t, nil
}

// Shipped loads the template that is built into the binary.
func Shipped() (*Template, error) {
	const file = "template/mainland.yaml"
	src, err := shipped.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return Load(file, src)
}

// ID is the name and version that verdicts carry: "mainland@1".
func (t *Template) ID() string { return t.Name + "@" + t.Version }

// Source is the template as it was written.
func (t *Template) Source() []byte { return slices.Clone(t.source) }

// Factors lists the factors that open or recover something under this template: who asks about a lockout reads those first.
func (t *Template) Factors() (factors []jieling.Factor) {
	for _, row := range t.Things {
		if row.Factor != "" && slices.ContainsFunc(t.Ways, func(w wayRow) bool { return slices.Contains(w.From, row.Name) }) {
			factors = append(factors, row.Factor)
		}
	}
	return factors
}

func (t *Template) check() error {
	c := &checker{names: []string{theAccount}}
	if t.Name == "" || t.Version == "" {
		c.add("template", "a name and a version are needed; verdicts carry them")
	}
	if _, err := time.Parse(time.DateOnly, t.Verified); err != nil {
		c.add("verified", "write the day it was last compared with the providers: 2026-11-22")
	}
	c.both("note", t.Note)
	for i, l := range append(slices.Clone(t.Logins), t.Other) {
		at := index("logins", i)
		if i == len(t.Logins) {
			at, l.Provider = "other_logins", "other"
		}
		c.name(at+".provider", string(l.Provider), c.names)
		c.names = append(c.names, string(l.Provider))
		c.both(at+".title", l.Title)
		c.between(at+".theft", l.Theft, 0, MaxTheft)
		c.between(at+".fresh_days", l.FreshDays, 0, 36500)
	}
	for i, row := range t.Things {
		at := index("things", i)
		c.name(at+".name", row.Name, c.names)
		c.names = append(c.names, row.Name)
		c.both(at+".title", row.Title)
		c.between(at+".theft", row.Theft, 0, MaxTheft)
	}
	c.count("things and repairs", len(t.Things)+len(t.Repairs), 0, MaxVertices-1-MaxLogins-MaxResidues)
	t.checkWays(c)
	if len(c.found) > 0 {
		return c.found
	}
	return nil
}

func (t *Template) checkWays(c *checker) {
	for i, w := range t.Ways {
		at := index("ways", i)
		c.rule(at, Rule{To: w.To, From: w.From, Who: w.Who})
		for _, l := range t.Logins {
			if p := t.speaksOf(w); p != "" && l.Provider != p && (w.To == string(l.Provider) || slices.Contains(w.From, string(l.Provider))) {
				c.add(at, fmt.Sprintf("names two providers, %s and %s; a way speaks of the logins of one", p, l.Provider))
			}
		}
		if !w.Because.Empty() {
			c.both(at+".because", w.Because)
		}
	}
	for i, l := range append(slices.Clone(t.Losses), t.LoginLost) {
		at := index("losses", i)
		if i == len(t.Losses) {
			at = "login_lost"
		}
		c.both(at+".title", l.Title)
		c.all(at+".lost", l.Lost)
		c.all(at+".gone", l.Gone)
	}
	c.titles("losses", len(t.Losses), func(i int) string { return t.Losses[i].Name })
	for i, a := range t.Attackers {
		c.both(index("attackers", i)+".title", a.Title)
		c.all(index("attackers", i)+".takes", a.Takes)
	}
	c.titles("attackers", len(t.Attackers), func(i int) string { return t.Attackers[i].Name })
	for i, r := range t.Repairs {
		at := index("repairs", i)
		c.both(at+".title", r.Title)
		c.between(at+".effort", r.Effort, 1, MaxTheft)
		if (r.Login == "") == (r.Factor == "") {
			c.add(at, "a repair adds either a login or a factor")
		}
		if r.Login != "" {
			c.known(at+".login", string(r.Login))
		}
	}
	c.titles("repairs", len(t.Repairs), func(i int) string { return t.Repairs[i].Name })
}

// MaxResidues is how many residues a graph of a template has room for; what is left behind beyond them shares the last one.
const MaxResidues = 16

func (c *checker) both(path string, t jieling.Text) {
	if t.ZH == "" || t.EN == "" {
		c.add(path, "is needed in both languages: {zh-CN: …, en: …}")
	}
}

// label puts a binding's label into a title.
func label(t jieling.Text, l string) jieling.Text {
	return jieling.Text{ZH: strings.ReplaceAll(t.ZH, "{label}", l), EN: strings.ReplaceAll(t.EN, "{label}", l)}
}
