package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/lang"
)

type keyringCommand struct {
	Show   *keyringShowCommand   `arg:"subcommand" help:"Name the keys that seal personal data; no key is shown."`
	Rotate *keyringRotateCommand `arg:"subcommand" help:"Add keys to the keyring, and put them to use."`
	Reseal *keyringResealCommand `arg:"subcommand" help:"Bring what is stored under the keys that seal now."`
}

type keyringShowCommand struct {
	Keys existing `arg:"required" placeholder:"FILE" help:"The service's keyring."`
	JSON bool     `help:"As JSON."`
}

// Help teaches the command.
func (keyringShowCommand) Help() string {
	return `Example: jieling keyring show --keys /var/lib/jieling/keys.json`
}

// Run shows.
func (c keyringShowCommand) Run(context.Context) error {
	ring, err := keyring.Open(string(c.Keys), nil)
	if err != nil {
		return err
	}
	return sayKeyring(ring, c.JSON)
}

func sayKeyring(ring *keyring.Keyring, asJSON bool) error {
	if asJSON {
		return printJSON(map[string]any{"active": ring.Active(), "next": ring.Next(), "generations": ring.Generations()})
	}
	for _, name := range ring.Generations() {
		does := "opens"
		switch name {
		case ring.Active():
			does = "seals and opens"
		case ring.Next():
			does = "opens, and waits to be activated"
		}
		fmt.Printf("%s  %s\n", name, does)
	}
	return nil
}

type keyringRotateCommand struct {
	Keys     existing `arg:"required" placeholder:"FILE" help:"The service's keyring; it is written anew, whole or not at all."`
	Add      bool     `help:"Add new sealing keys that are not used yet: the first step where several nodes run."`
	Activate bool     `help:"Seal under the keys that were added: the second step."`
	Signing  bool     `help:"Sign the audit log's checkpoints with a new key; the old signatures stay good."`
	Tokens   bool     `help:"Sign security event tokens with a new key; the old ones stay published."`
}

// Help teaches the command.
func (keyringRotateCommand) Help() string {
	return `Example, one node:      jieling keyring rotate --keys keys.json                 then restart it
Example, several nodes: jieling keyring rotate --keys keys.json --add           give every node the file, restart them one by one
                        jieling keyring rotate --keys keys.json --activate      likewise

Back the file up before and after. Nothing becomes unreadable: what the old keys sealed they still open. Then: jieling keyring reseal.
A new signing key (--signing) takes all nodes stopped together; whoever keeps checkpoints needs the new verifier key.`
}

// Run rotates.
func (c keyringRotateCommand) Run(context.Context) error {
	ring, err := keyring.Open(string(c.Keys), nil)
	if err != nil {
		return err
	}
	step := ring.RotateSealing
	switch {
	case count(c.Add, c.Activate, c.Signing, c.Tokens) > 1:
		return misuse("--add, --activate, --signing and --tokens are steps of their own: take one at a time")
	case c.Add:
		step = ring.AddSealing
	case c.Activate:
		step = ring.Activate
	case c.Signing:
		step = ring.RotateSigning
	case c.Tokens:
		step = ring.RotateTokens
	}
	next, err := step()
	if err != nil {
		return misuse("%w", err)
	}
	if err := next.Save(string(c.Keys)); err != nil {
		return err
	}
	return sayKeyring(next, false)
}

type keyringResealCommand struct {
	DB   string   `arg:"required" placeholder:"URL" help:"sqlite:FILE or postgres://…"`
	Keys existing `arg:"required" placeholder:"FILE" help:"The service's keyring."`
	Lang tongue   `placeholder:"zh-CN|en" help:"The language to answer in. Left out: that of LC_ALL, LC_MESSAGES or LANG, if it is Chinese, or English."`
}

// Help teaches the command.
func (keyringResealCommand) Help() string {
	return `Example: jieling keyring reseal --db sqlite:jieling.db --keys keys.json

Seals anew every login, factor, staff secret and webhook secret that an older key sealed. It may run beside the service, once every node has the new
keyring, and may be interrupted: what is done is done, and the next run does the rest. Keep the old keys all the same: backups of the
database are sealed under them.`
}

// Run reseals.
func (c keyringResealCommand) Run(ctx context.Context) error {
	e, done, err := openTransfer(ctx, c.DB, string(c.Keys))
	if err != nil {
		return err
	}
	defer done()
	start, l := time.Now(), speaks(c.Lang, os.Getenv)
	far := newJourney(os.Stderr, l, 0)
	far.soFar = lang.ToolAccounts
	accounts, values := 0, 0
	for ids, err := range pagesAfter(ctx, e.Store, "") {
		if err != nil {
			return err
		}
		moved, failed := make([]int, len(ids)), make([]error, len(ids))
		abreastOf(len(ids), func(i int) { moved[i], failed[i] = e.Reseal(ctx, byOperator, ids[i]) })
		if err := errors.Join(failed...); err != nil {
			return err
		}
		for _, n := range moved {
			accounts++
			values += n
			far.at(accounts)
		}
	}
	n, err := gate.ResealStaff(ctx, e.Store, e.Keys)
	if err != nil {
		return err
	}
	signing, err := e.ResealReceivers(ctx)
	if err != nil {
		return err
	}
	n += signing
	fmt.Println(l.Say(lang.ToolResealed, "n", strconv.Itoa(accounts), "values", strconv.Itoa(values+n), "ms", fmt.Sprintf("%.0f", milliseconds(start)),
		"generation", strings.TrimSpace(e.Keys.Active())))
	return nil
}

// count says how many are true.
func count(all ...bool) (n int) {
	for _, is := range all {
		if is {
			n++
		}
	}
	return n
}
