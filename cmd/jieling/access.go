package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/access"
)

type accessCommand struct {
	File     string `arg:"positional" help:"A graph with its change, as JSON; - reads it from standard input."`
	Lang     tongue `placeholder:"zh-CN|en" help:"The language to answer in. Left out: that of LC_ALL, LC_MESSAGES or LANG, if it is Chinese, or English."`
	JSON     bool   `help:"As JSON."`
	Example  bool   `help:"Print a whole example file and end."`
	Template bool   `help:"Print the template of assumptions that is built in and end."`
}

// Help teaches the command.
func (accessCommand) Help() string {
	return `Example: jieling access --example > graph.json
         jieling access graph.json

Says who could get into an account and what would lock its owner out, before, during and after a removal, and what would help.

A graph names what can be held (vertices), what leads to what (rules: everything in "from" together gives "to"), what the owner
holds, what may be lost, who may attack, and what could be added. A small one:

  {"template": "mine@1", "account": "account",
   "vertices": [{"name": "account"}, {"name": "sim", "theft": 4}, {"name": "qq", "theft": 3}],
   "rules": [{"to": "qq", "from": ["sim"]}, {"to": "account", "from": ["qq"]}, {"to": "account", "from": ["sim"]}],
   "holds": ["sim"],
   "losses": [{"name": "phone_lost", "lost": ["sim"], "required": true}],
   "attackers": [{"name": "stolen_qq", "takes": ["qq"]}],
   "change": {"remove": ["qq"]}}

"theft" is how hard a thing is to take, 1 (easy) to 9. A "required" loss is one that the owner must survive. "who": "owner" or
"attacker" makes a rule work for one of them only. A change can "remove" logins, leave "residues", and "add" rules and "holds".

Exit 1 when the owner would be locked out by a required loss afterwards, or when the change keeps a way in and drops a part of
what it asks for.`
}

// Run reads, judges and prints.
func (a accessCommand) Run(context.Context) error {
	if a.Example {
		_, err := os.Stdout.Write(access.Example())
		return err
	}
	if a.Template {
		t, err := access.Shipped()
		if err != nil {
			return err
		}
		_, err = os.Stdout.Write(t.Source())
		return err
	}
	out, err := a.judge()
	if err != nil {
		return err
	}
	if a.JSON {
		err = printJSON(out)
	} else {
		printAccess(os.Stdout, out, string(speaks(a.Lang, os.Getenv)))
	}
	if err == nil && len(out.MustWaive) > 0 {
		return errNo
	}
	return err
}

func (a accessCommand) judge() (jieling.Access, error) {
	src, err := a.read()
	if err != nil {
		return jieling.Access{}, misuse("read the graph: %w", err)
	}
	f, err := access.Read(a.File, src)
	if err != nil {
		return jieling.Access{}, &misuseError{err}
	}
	out, err := access.Compare(f.Graph, f.Change)
	var weakened *access.WeakenedError
	switch {
	case errors.As(err, &weakened):
		return out, fmt.Errorf("%s: %w", a.File, err)
	case err != nil:
		return out, misuse("%s:\n%w", a.File, err)
	}
	return out, nil
}

// read reads the file, and of an endless one no more than a file may have.
func (a accessCommand) read() ([]byte, error) {
	switch a.File {
	case "":
		return nil, errors.New("name a file; jieling access --example prints one to begin from")
	case "-":
		return io.ReadAll(io.LimitReader(os.Stdin, access.MaxFile+1))
	}
	return os.ReadFile(a.File)
}

// printAccess puts the marks before the sentences, where they line up in every language.
func printAccess(w io.Writer, a jieling.Access, lang string) {
	say := func(zh, en string) string { return jieling.Text{ZH: zh, EN: en}.In(lang) }
	mark := func(yes bool, word string) string {
		if yes {
			return word
		}
		return strings.Repeat("·", len(word))
	}
	fmt.Fprintf(w, "%s%s\n\n%s\n", say("推断依据：", "Assumptions: "), a.Template, say("谁能进入（之前 / 清理期间 / 之后）", "Who gets in (before, during the clean-up, after)"))
	for _, e := range a.Exposure {
		fmt.Fprintf(w, "  %s %s %s  %s\n", mark(e.Before, "IN"), mark(e.During, "IN"), mark(e.After, "IN"), e.Text.In(lang))
	}
	fmt.Fprintf(w, "\n%s\n", say("什么会让本人失联（之前 / 之后，* 必须经受得住）", "What locks the owner out (before, after; * must be survived)"))
	for _, l := range a.Lockout {
		must := " "
		if l.Required {
			must = "*"
		}
		fmt.Fprintf(w, "  %s %s %s %s\n", mark(l.Before, "OUT"), mark(l.After, "OUT"), must, l.Text.In(lang))
	}
	fmt.Fprintln(w)
	for _, s := range [...]struct {
		when     string
		standing jieling.Standing
	}{{say("之前：", "Before: "), a.Before}, {say("之后：", "After: "), a.After}} {
		fmt.Fprintf(w, "%s%s\n", s.when, strings.Join(standing(s.standing, lang), say("", " ")))
	}
	if a.Repair != nil {
		fmt.Fprintf(w, "%s%s\n", say("建议：", "Advice: "), a.Repair.Text.In(lang))
	}
	if len(a.Assumes) > 0 {
		fmt.Fprintf(w, "\n%s\n", say("以上推断假定：", "Taken for true:"))
	}
	for _, t := range a.Assumes {
		fmt.Fprintf(w, "  - %s\n", t.In(lang))
	}
}

// standing says how an account stands in one or two sentences.
func standing(s jieling.Standing, lang string) []string {
	tolerates := [...]jieling.Text{
		{ZH: "本人现在就进不来。", EN: "the owner cannot get in at all."},
		{ZH: "有一种情形就足以让本人失联。", EN: "one of these losses is enough to lock the owner out."},
		{ZH: "任何一种情形都不会让本人失联，两种同时发生则可能。", EN: "no single one of these losses locks the owner out; two at once may."},
		{ZH: "任何两种情形同时发生，本人都还能进来。", EN: "whichever two of these losses come together, the owner still gets in."},
	}
	out := []string{tolerates[s.Tolerates+1].In(lang)}
	if s.Attack != nil {
		out = append(out, s.Attack.Text.In(lang))
	}
	return out
}
