package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/transfer"
)

// abreast is how many accounts are taken in, or let out, at the same time: the store writes such a group with one commit.
const abreast = 32

type importCommand struct {
	File       string            `arg:"positional,required" help:"What to read; - reads standard input."`
	DB         string            `arg:"required" placeholder:"URL" help:"sqlite:FILE or postgres://…"`
	Keys       string            `arg:"required" placeholder:"FILE" help:"The service's keyring; made where it is missing."`
	From       readAs            `default:"jsonl" help:"How it is written: jsonl, kratos, keycloak or casdoor."`
	Provider   map[string]string `arg:"separate" placeholder:"THEIRS=OURS" help:"What a provider of theirs is called here; may be given again."`
	Unverified bool              `help:"Take addresses, too, that the other server does not hold for verified. Whoever typed one in there gets in by it here."`
	Refused    string            `placeholder:"FILE" help:"Write down as JSON lines which records were refused, and why."`
	Again      bool              `help:"Begin at the first record, also where an earlier run was interrupted."`
	Lang       tongue            `placeholder:"zh-CN|en" help:"The language to answer in. Left out: that of LC_ALL, LC_MESSAGES or LANG, if it is Chinese, or English."`
	JSON       bool              `help:"As JSON."`
}

// Help teaches the command.
func (importCommand) Help() string {
	return `Example: jieling import accounts.jsonl --db sqlite:jieling.db --keys keys.json
         jieling import realm.json --from keycloak --provider weixin=wechat --refused refused.jsonl --db … --keys …

Makes accounts with their logins, each account in one transaction. One that is there already is left alone and compared, so
that no login that was unlinked here comes back; an identity that opens another account is refused. Interrupted, it goes on
where it stopped when it is run again: how far it came stands in FILE.progress, which is gone when all is done.

A line of jsonl: {"external_id": "u1", "kind": "personal", "region": "CN", "locale": "zh-CN", "registered_through": "qq",
"logins": [{"provider": "qq", "subject": "8F1E…", "union_id": "…", "verified_at": "2026-01-02T03:04:05Z"}]}

Exit 1 when anything was refused, or differs from what is there.`
}

// imported is what an import says.
type imported struct {
	Read         int            `json:"read"` // records of this run
	Skipped      int            `json:"skipped"`
	Added        int            `json:"added"`
	There        int            `json:"there"`
	Differs      int            `json:"differs"`
	Refused      int            `json:"refused"`
	Left         map[string]int `json:"left,omitempty"` // what was left out of records, and how often
	Milliseconds float64        `json:"milliseconds"`
}

// arrival is a record on its way in.
type arrival struct {
	transfer.Record
	became engine.Arrival
	err    error
}

// Run imports, and says what became of everybody.
func (c importCommand) Run(ctx context.Context) error {
	out, err := c.imports(ctx)
	if err != nil {
		return err
	}
	if err := out.say(os.Stdout, speaks(c.Lang, os.Getenv), c.JSON); err != nil {
		return err
	}
	if out.Refused+out.Differs > 0 {
		return errNo
	}
	return nil
}

func (c importCommand) imports(ctx context.Context) (out imported, err error) {
	for _, ours := range c.Provider {
		if strings.ToLower(ours) != ours || ours == "" {
			return out, misuse("--provider: %q is not a provider's name here: lower-case letters, digits, _ and -", ours)
		}
	}
	e, done, err := openTransfer(ctx, c.DB, c.Keys)
	if err != nil {
		return out, err
	}
	defer done()
	file, size, err := openInput(c.File)
	if err != nil {
		return out, err
	}
	defer file.Close()
	mark, err := c.bookmark(file)
	if err != nil {
		return out, err
	}
	refused, err := c.refusals(mark.Done > 0)
	if err != nil {
		return out, err
	}
	defer refused.Close()
	if out, err = c.takeIn(ctx, e, file, size, mark, refused); err != nil {
		return out, fmt.Errorf("%w (%d records are done; the same command goes on from there)", err, mark.Done)
	}
	return out, mark.remove()
}

// takeIn sends the records on their way, many abreast, and sees them come in in their order, so that "so many are done" means all of
// them.
func (c importCommand) takeIn(ctx context.Context, e *engine.Engine, file io.Reader, size int64, mark *bookmark, refused io.Writer) (imported, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	start, out := time.Now(), imported{Left: map[string]int{}}
	far := newJourney(os.Stderr, speaks(c.Lang, os.Getenv), size)
	far.percent, far.soFar = lang.ToolAccountsPercent, lang.ToolAccounts
	underway, broken := c.send(ctx, e, far.over(file), mark.Done)
	notes := json.NewEncoder(refused)
	for coming := range underway {
		a := <-coming
		if a.err != nil && (jieling.CodeOf(a.err) == jieling.CodeInternal || ctx.Err() != nil) {
			cancel()
			return out, errors.Join(a.err, mark.write())
		}
		if err := out.count(a, notes); err != nil {
			return out, err
		}
		mark.Done = a.N
		far.at(a.N)
		if err := mark.now(); err != nil {
			return out, err
		}
	}
	out.Skipped, out.Milliseconds = mark.Done-out.Read, milliseconds(start)
	return out, errors.Join(*broken, mark.write())
}

// send gives records to the engine in order. The channel holds as many as may be under way; broken tells, once it is closed, why the file
// could not be read to its end.
func (c importCommand) send(ctx context.Context, e *engine.Engine, file io.Reader, skip int) (<-chan chan arrival, *error) {
	underway, broken := make(chan chan arrival, abreast), new(error)
	go func() {
		defer close(underway)
		for rec, err := range transfer.Read(transfer.Format(c.From), file, transfer.Options{Unverified: c.Unverified, Rename: c.Provider}) {
			if err != nil {
				*broken = err
				return
			}
			if rec.N <= skip {
				continue
			}
			coming := make(chan arrival, 1)
			select {
			case underway <- coming:
			case <-ctx.Done():
				*broken = ctx.Err()
				return
			}
			go func() { coming <- arrive(ctx, e, rec) }()
		}
	}()
	return underway, broken
}

func arrive(ctx context.Context, e *engine.Engine, rec transfer.Record) arrival {
	a := arrival{Record: rec}
	if rec.Err == nil {
		a.became, a.err = e.TakeIn(ctx, byOperator, rec.Person)
	}
	return a
}

// byOperator is whoever runs a tool beside the service, on its own database.
var byOperator = jieling.Actor{Kind: jieling.ActorProduct, Name: "operator", Scopes: []string{engine.ScopeAdmin}}

func (out *imported) count(a arrival, notes *json.Encoder) error {
	out.Read++
	for _, what := range a.Left {
		out.Left[what]++
	}
	why := map[string]any{"record": a.N, "external_id": a.ExternalID}
	switch {
	case a.Err != nil:
		why["why"] = a.Err.Error()
	case a.err != nil:
		why["code"], why["why"] = jieling.CodeOf(a.err), reason(a.err)
	case a.became == engine.Differs:
		out.Differs++
		why["why"] = "is there already and has other logins; it was left as it is"
		return notes.Encode(why)
	case a.became == engine.There:
		out.There++
		return nil
	default:
		out.Added++
		return nil
	}
	out.Refused++
	return notes.Encode(why)
}

// reason is what may be told of a refusal: never what a database said.
func reason(err error) string {
	var told *jieling.Error
	if !errors.As(err, &told) {
		return "the service failed"
	}
	why := told.Public.EN
	for _, f := range told.Fields {
		why += " " + f.Field + " " + f.Message + "."
	}
	return strings.TrimSpace(why)
}

func (out imported) say(w io.Writer, l lang.Lang, asJSON bool) error {
	if asJSON {
		return printJSON(out)
	}
	number := func(n int) string { return strconv.Itoa(n) }
	fmt.Fprintln(w, l.Say(lang.ToolImported, "n", number(out.Read), "ms", fmt.Sprintf("%.0f", out.Milliseconds), "added", number(out.Added),
		"there", number(out.There), "differs", number(out.Differs), "refused", number(out.Refused)))
	if out.Skipped > 0 {
		fmt.Fprintln(w, l.Say(lang.ToolGoneOn, "n", number(out.Skipped)))
	}
	for _, what := range slices.Sorted(maps.Keys(out.Left)) {
		fmt.Fprintln(w, l.Say(lang.ToolLeftOut, "what", what, "n", number(out.Left[what])))
	}
	return nil
}

// bookmark is how far an import came, in a file beside what it reads.
type bookmark struct {
	Head string `json:"head"` // hash of how the file begins, and how it is read: another file is not gone on with
	Done int    `json:"done"` // records, from the first one on
	at   string // "": nowhere
	last time.Time
}

// bookmark reads where an earlier run stopped. Standard input has none.
func (c importCommand) bookmark(file *os.File) (*bookmark, error) {
	if c.File == "-" {
		return &bookmark{}, nil
	}
	head := make([]byte, 4<<10)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	sum := sha256.Sum256(append(head[:n], c.From...))
	m := &bookmark{Head: hex.EncodeToString(sum[:]), at: c.File + ".progress", last: time.Now()}
	if c.Again {
		return m, nil
	}
	text, err := os.ReadFile(m.at)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	var was bookmark
	if err == nil {
		err = json.Unmarshal(text, &was)
	}
	switch {
	case err != nil:
		return nil, misuse("%s cannot be read (%w): --again begins anew", m.at, err)
	case was.Head != m.Head || was.Done < 0:
		return nil, misuse("%s belongs to another file, or to another --from: --again begins anew", m.at)
	}
	m.Done = was.Done
	return m, nil
}

// now writes the bookmark if it is a second old.
func (m *bookmark) now() error {
	if time.Since(m.last) < time.Second {
		return nil
	}
	m.last = time.Now()
	return m.write()
}

// write puts it in place whole, or not at all.
func (m *bookmark) write() error {
	if m.at == "" {
		return nil
	}
	text, err := json.Marshal(m)
	if err == nil {
		err = os.WriteFile(m.at+".new", text, 0o600)
	}
	if err == nil {
		err = os.Rename(m.at+".new", m.at)
	}
	return err
}

func (m *bookmark) remove() error {
	if m.at == "" {
		return nil
	}
	if err := os.Remove(m.at); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// refusals opens the file of those that were refused; what an interrupted run wrote stays in it.
func (c importCommand) refusals(goesOn bool) (io.WriteCloser, error) {
	if c.Refused == "" {
		return nobody{}, nil
	}
	how := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	if goesOn {
		how = os.O_CREATE | os.O_WRONLY | os.O_APPEND
	}
	f, err := os.OpenFile(c.Refused, how, 0o600)
	if err != nil {
		return nil, misuse("--refused: %w", err)
	}
	return f, nil
}

// nobody reads what is written to it.
type nobody struct{}

func (nobody) Write(p []byte) (int, error) { return len(p), nil }
func (nobody) Close() error                { return nil }

// openInput opens what is read, and says how long it is: 0 where that is not known.
func openInput(name string) (*os.File, int64, error) {
	if name == "-" {
		return os.Stdin, 0, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, misuse("%w", err)
	}
	about, err := file.Stat()
	if err != nil {
		return nil, 0, err
	}
	return file, about.Size(), nil
}

// openTransfer opens a database and makes an engine that takes accounts in and lets them out, and is fit for nothing else.
func openTransfer(ctx context.Context, db, keys string) (*engine.Engine, func(), error) {
	st, err := openStore(ctx, db, nil)
	if err != nil {
		return nil, nil, err
	}
	ring, err := keyring.LoadOrCreate(keys, nil)
	if err != nil {
		st.Close()
		return nil, nil, err
	}
	return engine.New(engine.Config{Store: st, Keys: ring}), func() { st.Close() }, nil
}
