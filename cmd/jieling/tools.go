package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/store"
)

type versionCommand struct {
	JSON bool `help:"As JSON."`
}

// Help teaches the command.
func (versionCommand) Help() string { return "Example: jieling version --json" }

// Run prints the version.
func (v versionCommand) Run(context.Context) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value
			}
		}
	}
	if v.JSON {
		return printJSON(map[string]string{"version": version, "revision": revision, "go": runtime.Version()})
	}
	fmt.Println("jieling", version, revision, runtime.Version())
	return nil
}

func printJSON(v any) error {
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

type migrateCommand struct {
	DB string `arg:"required" placeholder:"URL" help:"sqlite:FILE or postgres://…"`
}

// Help teaches the command.
func (migrateCommand) Help() string {
	return `Example: jieling migrate --db postgres://jieling@db.internal/jieling

Safe beside a running service of the version before: a migration adds, and what it replaces goes a version later.`
}

// Run migrates.
func (m migrateCommand) Run(ctx context.Context) error {
	st, err := openStore(ctx, m.DB, nil)
	if err != nil {
		return err
	}
	fmt.Println("The schema is up to date.")
	return st.Close()
}

type keyCommand struct {
	Add    *keyAddCommand    `arg:"subcommand" help:"Make a key; its secret is shown this once."`
	List   *keyListCommand   `arg:"subcommand" help:"List the keys that are not revoked."`
	Revoke *keyRevokeCommand `arg:"subcommand" help:"Revoke a key; it dies within a second on every node."`
}

type keyAddCommand struct {
	Name  string `arg:"positional,required" help:"What it is for, as the audit log will name it."`
	DB    string `arg:"required" placeholder:"URL" help:"sqlite:FILE or postgres://…"`
	Scope scopes `arg:"required" help:"What it may do; may be given several times."`
}

// Help teaches the command.
func (keyAddCommand) Help() string {
	return "Example: jieling key add shop --scope accounts --scope resolve --scope cases --db sqlite:/var/lib/jieling/jieling.db"
}

// Run makes the key.
func (k keyAddCommand) Run(ctx context.Context) error {
	st, err := openStore(ctx, k.DB, nil)
	if err != nil {
		return err
	}
	defer st.Close()
	secret, key, err := gate.NewKey(k.Name, k.Scope, time.Now(), rand.Reader)
	if err != nil {
		return err
	}
	if err := st.PutKey(ctx, key); err != nil {
		return err
	}
	fmt.Println(secret)
	return nil
}

type keyListCommand struct {
	DB   string `arg:"required" placeholder:"URL" help:"sqlite:FILE or postgres://…"`
	JSON bool   `help:"As JSON."`
}

// Help teaches the command.
func (keyListCommand) Help() string {
	return "Example: jieling key list --db sqlite:/var/lib/jieling/jieling.db"
}

// Run lists the keys.
func (k keyListCommand) Run(ctx context.Context) error {
	st, err := openStore(ctx, k.DB, nil)
	if err != nil {
		return err
	}
	defer st.Close()
	keys, err := st.Keys(ctx)
	if err != nil {
		return err
	}
	type row struct {
		Name      string    `json:"name"`
		Scopes    []string  `json:"scopes"`
		CreatedAt time.Time `json:"created_at"`
	}
	rows := make([]row, len(keys))
	for i, key := range keys {
		rows[i] = row{key.Name, key.Scopes, key.CreatedAt}
	}
	if k.JSON {
		return printJSON(rows)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.Name, strings.Join(r.Scopes, ","), r.CreatedAt.Format(time.DateOnly))
	}
	return w.Flush()
}

type keyRevokeCommand struct {
	Name string `arg:"positional,required" help:"The key's name."`
	DB   string `arg:"required" placeholder:"URL" help:"sqlite:FILE or postgres://…"`
}

// Help teaches the command.
func (keyRevokeCommand) Help() string {
	return "Example: jieling key revoke shop --db sqlite:/var/lib/jieling/jieling.db"
}

// Run revokes the key.
func (k keyRevokeCommand) Run(ctx context.Context) error {
	st, err := openStore(ctx, k.DB, nil)
	if err != nil {
		return err
	}
	defer st.Close()
	keys, err := st.Keys(ctx)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if key.Name == k.Name {
			key.RevokedAt = time.Now().UTC()
			return st.PutKey(ctx, key)
		}
	}
	fmt.Fprintf(os.Stderr, "jieling: no key is called %q; jieling key list shows them\n", k.Name)
	return errNo
}

type doctorCommand struct {
	Config existing `arg:"required" placeholder:"FILE" help:"The configuration to check."`
	JSON   bool     `help:"As JSON."`
}

// Help teaches the command.
func (doctorCommand) Help() string {
	return `Example: jieling doctor --config /etc/jieling.yaml

Changes nothing but what opening the database does (its schema is brought up to date). Exit 1 when something is wrong.`
}

// finding is one thing the doctor looked at.
type finding struct {
	What string `json:"what"`
	OK   bool   `json:"ok"`
	Note string `json:"note"` // what was seen, or what to do
}

// Run looks at everything and says what to do.
func (d doctorCommand) Run(ctx context.Context) error {
	c, err := loadConfig(string(d.Config))
	if err != nil {
		return err
	}
	found := slices.Concat(d.local(c), d.database(ctx, c), d.parties(ctx, c), d.attest(ctx, c))
	if d.JSON {
		err = printJSON(found)
	} else {
		for _, f := range found {
			mark := "ok  "
			if !f.OK {
				mark = "FAIL"
			}
			fmt.Printf("%s  %-22s %s\n", mark, f.What, f.Note)
		}
	}
	if err == nil && slices.ContainsFunc(found, func(f finding) bool { return !f.OK }) {
		return errNo
	}
	return err
}

func check(what string, err error, good, cure string) finding {
	if err != nil {
		return finding{what, false, fmt.Sprintf("%v; %s", err, cure)}
	}
	return finding{what, true, good}
}

// local looks at what is on this machine.
func (doctorCommand) local(c config) []finding {
	out := make([]finding, 0, 5)
	var pack *policy.Pack
	src, err := packSource(c.Pack)
	if err == nil {
		pack, err = provenPack(c.Pack, src)
	}
	note := ""
	if err == nil {
		note = pack.ID() + ", proven"
	}
	out = append(out, check("pack", err, note, "run jieling policy check "+c.Pack+", then prove"))
	template, err := loadTemplate(c.Access)
	if note = ""; err == nil {
		note = template.ID()
	}
	out = append(out, check("access template", err, note, "mend the file that access names; jieling access --template prints one that is good"))
	_, err = keyring.Open(c.Keys, nil)
	if errors.Is(err, os.ErrNotExist) {
		out = append(out, finding{"keyring", true, "will be made at the first start; back " + c.Keys + " up then: without it nothing sealed can be read"})
	} else {
		out = append(out, check("keyring", err, c.Keys, "it must be the file of this database, readable by this user alone (0600)"))
	}
	base, err := url.Parse(c.BaseURL)
	if err == nil && base.Scheme != "https" && base.Hostname() != "localhost" {
		err = errors.New("people would reach it without TLS")
	}
	return append(out, check("base_url", err, c.BaseURL, "use https, which WebAuthn and cookies need anywhere but on localhost"))
}

// database opens the store and compares clocks.
func (doctorCommand) database(ctx context.Context, c config) []finding {
	st, err := openStore(ctx, c.DB, nil)
	if err != nil {
		return []finding{check("database", err, "", "see that it runs, and that db in the configuration is right")}
	}
	defer st.Close()
	out := []finding{check("database", st.Ping(ctx), "reachable, schema up to date", "see that it runs")}
	s, err := st.Load(ctx, noAccount)
	apart := time.Since(s.Now).Abs()
	if err == nil && apart > 5*time.Second {
		err = fmt.Errorf("the database's clock and this machine's are %s apart", apart.Round(time.Millisecond))
	}
	out = append(out, check("clock", err, "agrees with the database's", "let both follow NTP; the database's clock decides"))
	dead, err := st.Effects(ctx, "", "dead", 100)
	if err == nil && len(dead) > 0 {
		err = fmt.Errorf("%d effects were given up on, the first for %s", len(dead), dead[0].Target)
	}
	out = append(out, check("dead letters", err, "none", "mend the party, then ask for its residue to be looked at again"))
	told, err := st.Receivers(ctx)
	for _, r := range told {
		if err == nil && (r.State == store.ReceiverPaused || r.Dead > 0) {
			err = fmt.Errorf("%s is %s, and %d events for it were given up on", r.ID, r.State, r.Dead)
		}
	}
	out = append(out, check("receivers of events", err, fmt.Sprintf("%d", len(told)), "see GET /v1/webhooks/{webhook}/deliveries, mend the receiver, then resume it and send again what was given up on"))
	keys, err := st.Keys(ctx)
	if err == nil && len(keys) == 0 {
		err = errors.New("there is none")
	}
	return append(out, check("API keys", err, fmt.Sprintf("%d", len(keys)), "make one: jieling key add NAME --scope …"))
}

// parties sees whether what the configuration names can be reached at all.
func (doctorCommand) parties(ctx context.Context, c config) []finding {
	at := map[string]string{}
	if c.QQ != nil {
		at["provider qq"] = c.QQ.URL
	}
	if c.WeChat != nil {
		at["provider wechat"] = c.WeChat.APIURL
	}
	if c.SMS != nil {
		at["sms gateway"] = c.SMS.URL
	}
	if c.Mail != nil {
		at["mail relay"] = "smtp://" + c.Mail.Relay
	}
	if c.Face != nil {
		at["face vendor"] = c.Face.URL
	}
	if c.Carrier != nil {
		at["carrier"] = c.Carrier.URL
	}
	if c.SIM != nil {
		at["sim operator"], at["sim token endpoint"] = c.SIM.URL, c.SIM.TokenURL
	}
	for _, p := range c.Participants {
		at["participant "+p.Name] = p.URL
	}
	names := make([]string, 0, len(at))
	for name := range at {
		names = append(names, name)
	}
	slices.Sort(names)
	out := make([]finding, len(names))
	for i, name := range names {
		out[i] = check(name, reach(ctx, at[name]), at[name], "see that the address is right and that this machine may reach it")
	}
	return out
}

// reach opens a connection and closes it: what is there is not asked anything.
func reach(ctx context.Context, raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return err
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return err
	}
	return conn.Close()
}
