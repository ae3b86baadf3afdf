package ui

import (
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/lang"
)

// Page is what every page needs around its content.
type Page struct {
	Lang   lang.Lang
	Care   bool   // care mode (长辈版): larger, plainer, darker
	Title  string // of the document; the h1 is the component's own
	Path   string // the page's own path and query without lang and care, for the switches
	Assets Assets
	Idem   string // the token of this rendering's forms
	Nonce  string // of the content security policy, for our scripts
	Signed bool   // somebody is signed in

	Console bool   // the page is one of the console's, where staff are and people are not
	Staff   Member // who is signed in there
	Notice  *Notice

	Follow string // path of the event stream to follow; "" for none
	Script string // the script file this page needs besides; "" for none
	Keep   string // ID of the form whose answers the language switch carries along; "" for none
}

// Notice tells what was refused, or what happened, at the top of a page. A refusal always has a code and
// its three sentences: what happened, what it means, what to do.
type Notice struct {
	Code  jieling.Code // empty: good news
	Text  string       // what happened
	Means string       // what it means for the account
	Next  string       // what the person can do
}

// Say says a sentence in the page's language.
func (p Page) Say(s lang.Sentence, pairs ...string) string { return p.Lang.Say(s, pairs...) }

// Name names a binding for people: "QQ 12****4821".
func (p Page) Name(b jieling.Binding) string {
	name := p.Lang.Provider(b.Provider)
	if b.Label == "" {
		return name
	}
	return name + " " + b.Label
}

// home is where the brand leads to.
func (p Page) home() string {
	if p.Console {
		return "/console"
	}
	return "/"
}

// line stands beside the brand.
func (p Page) line() string {
	if p.Console {
		return p.Say(lang.ConsoleTitle)
	}
	return p.Say(lang.BrandLine)
}

// quietly is the page without its notice, for a component that says it in a place of its own.
func (p Page) quietly() Page {
	p.Notice = nil
	return p
}

// switchTo is the page's own address with a choice of how it looks.
func (p Page) switchTo(name, value string) string {
	if strings.Contains(p.Path, "?") {
		return p.Path + "&" + name + "=" + value
	}
	return p.Path + "?" + name + "=" + value
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
