package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/store"
	"github.com/jieling-id/jieling/internal/transfer"
)

type exportCommand struct {
	DB   string    `arg:"required" placeholder:"URL" help:"sqlite:FILE or postgres://…"`
	Keys existing  `arg:"required" placeholder:"FILE" help:"The service's keyring."`
	To   writtenAs `default:"jsonl" help:"How to write: jsonl, kratos (identities to make) or keycloak (a partial import)."`
	Out  string    `arg:"-o,--out,required" placeholder:"FILE" help:"Where to; readable by you alone. - writes to standard output."`
	Lang tongue    `placeholder:"zh-CN|en" help:"The language to answer in. Left out: that of LC_ALL, LC_MESSAGES or LANG, if it is Chinese, or English."`
}

// Help teaches the command.
func (exportCommand) Help() string {
	return `Example: jieling export --db sqlite:jieling.db --keys keys.json -o accounts.jsonl

Writes every account with its usable logins in the clear: numbers, mailboxes, identifiers at providers. Whoever has the file has
them. Each account that is written keeps a row of it in its audit log, which its owner can read. Interrupted, an export to
jsonl goes on after the last whole line when it is run again; the other formats are one document and begin anew.

Cases, devices, factors and sessions stay here: they are worth something only with the keys and the history they belong to.`
}

// Run exports.
func (c exportCommand) Run(ctx context.Context) error {
	e, done, err := openTransfer(ctx, c.DB, string(c.Keys))
	if err != nil {
		return err
	}
	defer done()
	file, after, err := c.open(ctx, e)
	if err != nil {
		return err
	}
	start, l := time.Now(), speaks(c.Lang, os.Getenv)
	out, err := transfer.NewWriter(transfer.Format(c.To), file)
	if err != nil {
		return misuse("%w", err)
	}
	far := newJourney(os.Stderr, l, 0)
	far.soFar = lang.ToolAccounts
	n, err := letOut(ctx, e, after, out, far)
	if err := errors.Join(err, out.Close(), closed(file)); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, l.Say(lang.ToolExported, "n", strconv.Itoa(n), "ms", fmt.Sprintf("%.0f", milliseconds(start))))
	return nil
}

func closed(f *os.File) error {
	if f == os.Stdout {
		return nil
	}
	return errors.Join(f.Sync(), f.Close())
}

// open makes the file, or goes on with one that an interrupted export to jsonl left, after its last whole line.
func (c exportCommand) open(ctx context.Context, e *engine.Engine) (*os.File, jieling.AccountID, error) {
	if c.Out == "-" {
		return os.Stdout, "", nil
	}
	file, err := os.OpenFile(c.Out, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, "", misuse("%w", err)
	}
	if err := file.Chmod(0o600); err != nil {
		return nil, "", err
	}
	if transfer.Format(c.To) != transfer.JSONLines {
		return file, "", file.Truncate(0)
	}
	last, whole, err := transfer.LastLine(file)
	if err != nil {
		return nil, "", misuse("%s is not an export to go on with: %w", c.Out, err)
	}
	var after jieling.AccountID
	if last.ExternalID != "" {
		known, err := e.FindAccount(ctx, byOperator, last.ExternalID)
		if err != nil {
			return nil, "", misuse("%s ends with an account that is not in this database", c.Out)
		}
		after = known.ID
	}
	if err := file.Truncate(whole); err != nil {
		return nil, "", err
	}
	_, err = file.Seek(whole, io.SeekStart)
	return file, after, err
}

// letOut walks over the accounts in order and writes them.
func letOut(ctx context.Context, e *engine.Engine, after jieling.AccountID, out *transfer.Writer, far *journey) (n int, err error) {
	for ids, err := range pagesAfter(ctx, e.Store, after) {
		if err != nil {
			return n, err
		}
		people, failed := make([]transfer.Person, len(ids)), make([]error, len(ids))
		abreastOf(len(ids), func(i int) { people[i], failed[i] = e.LetOut(ctx, byOperator, ids[i]) })
		if err := errors.Join(failed...); err != nil {
			return n, err
		}
		for _, p := range people {
			if err := out.Add(p); err != nil {
				return n, err
			}
			n++
			far.at(n)
		}
		if err := out.Flush(); err != nil {
			return n, err
		}
	}
	return n, nil
}

// pagesAfter walks over all accounts in order, a page at a time, from the one after the one named ("": the first).
func pagesAfter(ctx context.Context, st store.Store, after jieling.AccountID) iter.Seq2[[]jieling.AccountID, error] {
	return func(yield func([]jieling.AccountID, error) bool) {
		for {
			ids, err := st.Accounts(ctx, after, 256)
			if err == nil && len(ids) == 0 || !yield(ids, err) || err != nil {
				return
			}
			after = ids[len(ids)-1]
		}
	}
}

// abreastOf does n things, several at the same time, and ends when all are done.
func abreastOf(n int, do func(i int)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, abreast)
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			do(i)
			<-slots
		})
	}
	wg.Wait()
}
