package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/store"
)

type staffCommand struct {
	Add     *staffAddCommand     `arg:"subcommand" help:"Let somebody in to the console; their password and authenticator are shown this once."`
	Renew   *staffRenewCommand   `arg:"subcommand" help:"Give somebody a new password and authenticator; the old ones and their session end."`
	List    *staffListCommand    `arg:"subcommand" help:"List everybody who works with the service."`
	Role    *staffRoleCommand    `arg:"subcommand" help:"Give somebody another role; it holds from their next request on."`
	Account *staffAccountCommand `arg:"subcommand" help:"Say which account of the product is somebody's own: they never decide about that."`
	Disable *staffDisableCommand `arg:"subcommand" help:"Let somebody in no more; their session ends at once, on every node."`
}

// staffKeys is where members of staff are kept, and the keyring their secrets are sealed by.
type staffKeys struct {
	DB   string `arg:"required" placeholder:"URL" help:"sqlite:FILE or postgres://…"`
	Keys string `arg:"required" placeholder:"FILE" help:"The service's keyring; made where it is missing."`
	JSON bool   `help:"As JSON."`
}

// with opens both for the length of do.
func (s staffKeys) with(ctx context.Context, do func(store.Store, *keyring.Keyring) (gate.NewMember, error)) error {
	st, err := openStore(ctx, s.DB, nil)
	if err != nil {
		return err
	}
	defer st.Close()
	keys, err := keyring.LoadOrCreate(s.Keys, nil)
	if err != nil {
		return err
	}
	made, err := do(st, keys)
	if err != nil {
		return err
	}
	return sayMember(os.Stdout, made, s.JSON)
}

// sayMember shows what is shown once.
func sayMember(w io.Writer, m gate.NewMember, asJSON bool) error {
	if asJSON {
		return printJSON(map[string]string{
			"name": m.Row.Name, "role": string(m.Row.Role), "password": m.Password, "totp_secret": m.TOTP, "totp_uri": m.URI,
		})
	}
	_, err := fmt.Fprintf(w, `%s (%s) may sign in at /console. This is shown once:

  password       %s
  authenticator  %s
                 %s

Hand both over in person, or each on a way of its own. Lost? jieling staff renew %s
`, m.Row.Name, m.Row.Role, m.Password, m.TOTP, m.URI, m.Row.Name)
	return err
}

type staffAddCommand struct {
	Name string `arg:"positional,required" help:"Who it is, as the log will name them."`
	Role role   `arg:"required" help:"reviewer (decides what rules leave to people), operator (runs the service and writes its policy) or auditor (sees what is in force and that it holds)."`
	staffKeys
}

// Help teaches the command.
func (staffAddCommand) Help() string {
	return "Example: jieling staff add lin --role operator --db sqlite:/var/lib/jieling/jieling.db --keys /var/lib/jieling/keys.json"
}

// Run adds the member.
func (c staffAddCommand) Run(ctx context.Context) error {
	return c.with(ctx, func(st store.Store, keys *keyring.Keyring) (gate.NewMember, error) {
		made, err := gate.MakeMember(ctx, keys, c.Name, store.Role(c.Role), time.Now())
		if err != nil {
			return made, misuse("%w", err)
		}
		if err = st.PutStaff(ctx, made.Row); errors.Is(err, store.ErrExists) {
			err = misuse("there is a %s already; for a new password and authenticator: jieling staff renew %s", c.Name, c.Name)
		}
		return made, err
	})
}

type staffRenewCommand struct {
	Name string `arg:"positional,required" help:"Who lost theirs."`
	staffKeys
}

// Help teaches the command.
func (staffRenewCommand) Help() string {
	return `Example: jieling staff renew lin --db sqlite:/var/lib/jieling/jieling.db --keys /var/lib/jieling/keys.json

Whoever was disabled may sign in again afterwards.`
}

// Run renews.
func (c staffRenewCommand) Run(ctx context.Context) error {
	return c.with(ctx, func(st store.Store, keys *keyring.Keyring) (gate.NewMember, error) {
		return renew(ctx, st, keys, c.Name)
	})
}

// renew gives a member new secrets. Their codes count anew, their session is over, and they are no longer disabled.
func renew(ctx context.Context, st store.Store, keys *keyring.Keyring, name string) (gate.NewMember, error) {
	old, err := member(ctx, st, name)
	if err != nil {
		return gate.NewMember{}, err
	}
	made, err := gate.MakeMember(ctx, keys, old.Name, old.Role, old.CreatedAt)
	if err != nil {
		return made, err
	}
	made.Row.Version, made.Row.Account = old.Version+1, old.Account
	return made, st.PutStaff(ctx, made.Row)
}

// member finds somebody by their name.
func member(ctx context.Context, st store.Store, name string) (store.Staff, error) {
	all, err := st.Staff(ctx)
	if err != nil {
		return store.Staff{}, err
	}
	i := slices.IndexFunc(all, func(m store.Staff) bool { return m.Name == name })
	if i < 0 {
		return store.Staff{}, misuse("nobody is called %q; jieling staff list says who is", name)
	}
	return all[i], nil
}

type staffListCommand struct {
	DB   string `arg:"required" placeholder:"URL" help:"sqlite:FILE or postgres://…"`
	JSON bool   `help:"As JSON."`
}

// Help teaches the command.
func (staffListCommand) Help() string {
	return "Example: jieling staff list --db sqlite:/var/lib/jieling/jieling.db"
}

// staffRow is what may be told of a member.
type staffRow struct {
	Name string     `json:"name"`
	Role store.Role `json:"role"`

	Account    jieling.AccountID `json:"account,omitempty"` // their own
	CreatedAt  time.Time         `json:"created_at"`
	SeenAt     *time.Time        `json:"seen_at,omitempty"` // of the session, while there is one
	DisabledAt *time.Time        `json:"disabled_at,omitempty"`
}

// Run lists them.
func (c staffListCommand) Run(ctx context.Context) error {
	st, err := openStore(ctx, c.DB, nil)
	if err != nil {
		return err
	}
	defer st.Close()
	all, err := st.Staff(ctx)
	if err != nil {
		return err
	}
	rows := make([]staffRow, len(all))
	for i, m := range all {
		rows[i] = staffRow{m.Name, m.Role, m.Account, m.CreatedAt, known(m.SeenAt), known(m.DisabledAt)}
	}
	if c.JSON {
		return printJSON(rows)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for _, r := range rows {
		state := "may sign in"
		if r.DisabledAt != nil {
			state = "disabled " + r.DisabledAt.Format(time.DateOnly)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\tsince %s\n", r.Name, r.Role, state, r.CreatedAt.Format(time.DateOnly))
	}
	return w.Flush()
}

func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

type staffRoleCommand struct {
	Name string `arg:"positional,required" help:"Whose role changes."`
	Role role   `arg:"positional,required" help:"reviewer, operator or auditor."`
	DB   string `arg:"required" placeholder:"URL" help:"sqlite:FILE or postgres://…"`
}

// Help teaches the command.
func (staffRoleCommand) Help() string {
	return "Example: jieling staff role lin auditor --db sqlite:/var/lib/jieling/jieling.db"
}

// Run changes the role. Whoever is just signing in, or using their session, is tried again until it holds.
func (c staffRoleCommand) Run(ctx context.Context) error {
	st, err := openStore(ctx, c.DB, nil)
	if err != nil {
		return err
	}
	defer st.Close()
	for {
		m, err := member(ctx, st, c.Name)
		if err != nil {
			return err
		}
		before := m.Role
		m.Role = store.Role(c.Role)
		m.Version++
		if err := st.PutStaff(ctx, m); errors.Is(err, store.ErrStale) {
			continue
		} else if err != nil {
			return err
		}
		fmt.Printf("%s was %s and is %s now.\n", m.Name, before, m.Role)
		return nil
	}
}

type staffAccountCommand struct {
	Name    string            `arg:"positional,required" help:"Who it is."`
	Account jieling.AccountID `arg:"positional" help:"Their own account, by its ID; none takes it away."`
	DB      string            `arg:"required" placeholder:"URL" help:"sqlite:FILE or postgres://…"`
}

// Help teaches the command.
func (staffAccountCommand) Help() string {
	return `Example: jieling staff account lin acc_01k9z0xw7m8c4e2v5r6t3n1b9a --db sqlite:/var/lib/jieling/jieling.db

A reviewer never decides a case of their own account.`
}

// Run writes it down. Whoever is just signing in, or using their session, is tried again until it holds.
func (c staffAccountCommand) Run(ctx context.Context) error {
	st, err := openStore(ctx, c.DB, nil)
	if err != nil {
		return err
	}
	defer st.Close()
	if c.Account != "" {
		switch s, err := st.Load(ctx, store.Need{Account: c.Account}); {
		case err != nil:
			return err
		case s.Account == nil:
			return misuse("there is no account %s", c.Account)
		}
	}
	for {
		m, err := member(ctx, st, c.Name)
		if err != nil {
			return err
		}
		m.Account = c.Account
		m.Version++
		if err := st.PutStaff(ctx, m); errors.Is(err, store.ErrStale) {
			continue
		} else if err != nil {
			return err
		}
		fmt.Printf("%s's own account: %s\n", m.Name, cmp.Or(string(c.Account), "none"))
		return nil
	}
}

type staffDisableCommand struct {
	Name string `arg:"positional,required" help:"Who may no longer sign in."`
	DB   string `arg:"required" placeholder:"URL" help:"sqlite:FILE or postgres://…"`
}

// Help teaches the command.
func (staffDisableCommand) Help() string {
	return "Example: jieling staff disable lin --db sqlite:/var/lib/jieling/jieling.db"
}

// Run disables. Whoever is just signing in, or using their session, is tried again until it holds.
func (c staffDisableCommand) Run(ctx context.Context) error {
	st, err := openStore(ctx, c.DB, nil)
	if err != nil {
		return err
	}
	defer st.Close()
	for {
		m, err := member(ctx, st, c.Name)
		if err != nil {
			return err
		}
		if !m.DisabledAt.IsZero() {
			fmt.Printf("%s was disabled on %s.\n", m.Name, m.DisabledAt.Format(time.DateOnly))
			return nil
		}
		m.DisabledAt, m.Session, m.SignedInAt, m.SeenAt = m.Now, [32]byte{}, time.Time{}, time.Time{}
		m.Version++
		if err := st.PutStaff(ctx, m); !errors.Is(err, store.ErrStale) {
			return err
		}
	}
}
