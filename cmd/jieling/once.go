package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling/client"
	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// once carries out the routine unbinding on every platform over real HTTP, as the product's back end and the person would,
// and then looks at every side: here, at the provider, at each participant. An answer that is not as it should be is an error
// of the command.
func (d *demo) once(ctx context.Context, asJSON bool) error {
	jl, err := sdk.New(d.sheet.BaseURL, d.sheet.APIKey)
	if err != nil {
		return err
	}
	say := func(format string, args ...any) { fmt.Fprintf(os.Stdout, format+"\n", args...) }
	if asJSON {
		say = func(string, ...any) {}
	}
	summary := onceSummary{OK: true}
	var walks []*walk
	for _, who := range []string{"lin", "chen", "zhao"} {
		i := slices.IndexFunc(d.sheet.Accounts, func(a demoAccount) bool { return a.Owner == who })
		w := &walk{demo: d, jl: jl, person: d.sheet.Accounts[i], say: say, began: time.Now()}
		if err := w.enrolPhone(ctx); err != nil { // before the clock is moved: a factor of today asks for more
			return err
		}
		walks = append(walks, w)
	}
	for _, w := range walks {
		summary.add(w.run(ctx))
	}
	seen, err := verifyAudit(ctx, d.app.store, d.app.keys)
	summary.Audit = seen
	summary.Audit.OK = err == nil
	if err != nil {
		summary.OK, summary.Audit.Problem = false, err.Error()
	}
	if asJSON {
		if err := printJSON(summary); err != nil {
			return err
		}
	} else {
		summary.print(os.Stdout)
	}
	if !summary.OK {
		return errNo
	}
	return nil
}

// onceSummary is what the walk found.
type onceSummary struct {
	OK    bool        `json:"ok"`
	Walks []walkFound `json:"walks"`
	Audit verified    `json:"audit"`
}

// walkFound is one platform's walk.
type walkFound struct {
	Platform string   `json:"platform"`
	Person   string   `json:"person"`
	Case     string   `json:"case"`
	OK       bool     `json:"ok"`
	Checks   []string `json:"checks"` // what was seen to be as it should
	Problem  string   `json:"problem,omitempty"`
	Millis   int64    `json:"millis"`
}

func (s *onceSummary) add(f walkFound) {
	s.Walks = append(s.Walks, f)
	s.OK = s.OK && f.OK
}

func (s onceSummary) print(w io.Writer) {
	fmt.Fprintln(w)
	for _, f := range s.Walks {
		word := "as it should be"
		if !f.OK {
			word = "NOT as it should be: " + f.Problem
		}
		fmt.Fprintf(w, "%-8s %-5s %2d checks, %s\n", f.Platform, f.Person, len(f.Checks), word)
	}
	fmt.Fprintf(w, "audit    %d rows in the log, %d waiting, %d accounts: ", s.Audit.Rows, s.Audit.Waiting, s.Audit.Accounts)
	if s.Audit.OK {
		fmt.Fprintln(w, "as written")
	} else {
		fmt.Fprintln(w, "NOT as written:", s.Audit.Problem)
	}
}

// walk is one person unbinding QQ on one platform.
type walk struct {
	demo   *demo
	jl     *sdk.Client
	person demoAccount
	say    func(string, ...any)
	began  time.Time
	id     sdk.CaseID
	found  walkFound
	phone  sandbox.Authenticator // what unlocks the person's phone
}

// run walks all the way and reports what was seen.
func (w *walk) run(ctx context.Context) walkFound {
	w.found.Platform, w.found.Person = string(w.person.Platform), w.person.Owner
	w.say("\n%s · %s on %s", w.person.Name.ZH, w.person.Name.EN, w.person.Platform)
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"before: QQ opens the account", w.signInWorks},
		{"plan", w.plan},
		{"open the case", w.open},
		{"replacement", w.replace},
		{"backup", w.backUp},
		{"verify", w.verify},
		{"confirm", w.confirm},
		{"carried out", w.carriedOut},
		{"after: QQ opens nothing", w.signInRefused},
		{"at each participant", w.participants},
		{"residue", w.cleanUp},
		{"at the provider", w.provider},
		{"the window ends", w.close},
	}
	for _, step := range steps {
		if err := step.do(ctx); err != nil {
			w.found.Problem = step.name + ": " + err.Error()
			w.say("  ✗ %s", w.found.Problem)
			w.found.Millis = time.Since(w.began).Milliseconds()
			return w.found
		}
	}
	w.found.OK, w.found.Case, w.found.Millis = true, string(w.id), time.Since(w.began).Milliseconds()
	return w.found
}

// check notes what was seen to be right, or says what is not.
func (w *walk) check(right bool, format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	if !right {
		return errors.New("not so: " + what)
	}
	w.found.Checks = append(w.found.Checks, what)
	w.say("  ✓ %s", what)
	return nil
}

// signIn dances the whole OAuth dance in a browser of its own: our page, QQ's consent, our callback.
func (w *walk) signIn(ctx context.Context) (signedIn bool, err error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return false, err
	}
	browser := &http.Client{Jar: jar, Timeout: 90 * time.Second}
	consent, err := fetch(ctx, browser, http.MethodGet, w.demo.sheet.BaseURL+"/signin/qq", nil)
	if err != nil {
		return false, err
	}
	back, err := fetch(ctx, browser, http.MethodPost, consent.url, url.Values{"person": {w.person.Owner}, "decision": {"allow"}})
	if err != nil {
		return false, err
	}
	home, err := fetch(ctx, browser, http.MethodGet, w.demo.sheet.BaseURL+"/", nil)
	return back.status == http.StatusOK && strings.Contains(home.body, string(w.person.QQ)), err
}

// page is an answer to a browser.
type page struct {
	status    int
	url, body string
}

func fetch(ctx context.Context, browser *http.Client, method, to string, form url.Values) (page, error) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(ctx, method, to, body)
	if err != nil {
		return page{}, err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := browser.Do(r)
	if err != nil {
		return page{}, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	return page{answer.StatusCode, answer.Request.URL.String(), string(text)}, err
}

func (w *walk) resolve(ctx context.Context) (*sdk.Resolution, error) {
	return w.jl.Resolve(ctx, &sdk.ResolveQuery{Provider: "qq", Subject: w.person.QQSubject, Network: sdk.NewOptNetworkLevel("known")})
}

func (w *walk) signInWorks(ctx context.Context) error {
	in, err := w.signIn(ctx)
	if err != nil {
		return err
	}
	if err := w.check(in, "signing in with QQ opens the centre"); err != nil {
		return err
	}
	r, err := w.resolve(ctx)
	if err != nil {
		return err
	}
	return w.check(r.Outcome == "allow", "resolve says allow")
}

func (w *walk) signInRefused(ctx context.Context) error {
	r, err := w.resolve(ctx)
	if err != nil {
		return err
	}
	if err := w.check(r.Outcome == "unknown", "resolve says unknown"); err != nil {
		return err
	}
	in, err := w.signIn(ctx)
	if err != nil {
		return err
	}
	return w.check(!in, "signing in with QQ is refused")
}

func (w *walk) plan(ctx context.Context) error {
	p, err := w.jl.PlanUnbinding(ctx, &sdk.PlanQuery{
		Binding: sdk.BindingID(w.person.QQ), Platform: sdk.Platform(w.person.Platform), Compare: sdk.NewOptBool(true),
	}, sdk.PlanUnbindingParams{Account: sdk.AccountID(w.person.ID)})
	if err != nil {
		return err
	}
	live := 0
	for _, d := range p.Impact {
		if d.Participant.Value != "" {
			live++
		}
	}
	w.say("    %s", p.Path.EN)
	return w.check(live > 0 && len(p.Compare) == 2, "the plan names %d things that hang on it, %d of them answered live, and compares %d other platforms",
		len(p.Impact), live, len(p.Compare))
}

func (w *walk) open(ctx context.Context) error {
	if err := w.enrolPhone(ctx); err != nil {
		return err
	}
	c, err := w.jl.OpenCase(ctx, &sdk.NewCase{
		Account: sdk.AccountID(w.person.ID), Goal: "unlink", Binding: sdk.BindingID(w.person.QQ), Platform: sdk.Platform(w.person.Platform), Reason: "privacy",
		Device: sdk.NewOptDeviceID(sdk.DeviceID(w.person.Devices["desk"])),
	}, sdk.OpenCaseParams{IdempotencyKey: sdk.NewKey()})
	if err != nil {
		return err
	}
	w.id = c.ID
	return w.check(c.Stage == "open" || c.Stage == "verifying", "case %s is open, next: %s", c.ID, c.Next)
}

// enrolPhone sets the phone's own unlock up beforehand, where it will be asked for, as the product's app would have when it was
// signed in there.
func (w *walk) enrolPhone(ctx context.Context) error {
	if w.person.Platform != "ios" || w.phone.Origin != "" {
		return nil
	}
	w.phone.Origin = w.demo.sheet.BaseURL
	account := sdk.AccountID(w.person.ID)
	options, err := w.jl.EnrolmentOptions(ctx, &sdk.EnrolmentAsk{Factor: "device_unlock"}, sdk.EnrolmentOptionsParams{Account: account})
	if err != nil {
		return err
	}
	credential, err := w.phone.Create(options.Public)
	if err != nil {
		return err
	}
	_, err = w.jl.EnrolFactor(ctx, &sdk.NewFactor{
		Factor: "device_unlock", Credential: credential, State: sdk.NewOptString(options.State), Device: sdk.NewOptDeviceID(sdk.DeviceID(w.person.Devices["phone"])),
	}, sdk.EnrolFactorParams{IdempotencyKey: sdk.NewKey(), Account: account})
	return err
}

func (w *walk) replace(ctx context.Context) error {
	c, err := w.jl.GetCase(ctx, sdk.GetCaseParams{Case: w.id})
	if err != nil {
		return err
	}
	if c.Next != "replacement" {
		return w.check(w.person.PhoneBound, "a phone is bound and proven already")
	}
	ch, err := w.jl.NameReplacement(ctx, &sdk.NewReplacement{Provider: "phone", Subject: w.person.Phone, Lang: sdk.NewOptLocale("zh-CN")},
		sdk.NameReplacementParams{IdempotencyKey: sdk.NewKey(), Case: w.id})
	if err != nil {
		return err
	}
	if err := w.answerCode(ctx, ch); err != nil {
		return err
	}
	c, err = w.jl.GetCase(ctx, sdk.GetCaseParams{Case: w.id})
	if err != nil {
		return err
	}
	return w.check(c.Replaced, "the phone was bound and proven by a code before anything was removed")
}

// answerCode waits for the code in the person's inbox and gives it.
func (w *walk) answerCode(ctx context.Context, ch *sdk.Challenge) error {
	var code string
	err := eventually(ctx, func() (bool, error) {
		var in struct {
			Messages []struct {
				At   time.Time `json:"at"`
				Code string    `json:"code"`
			} `json:"messages"`
		}
		if err := getJSON(ctx, w.demo.sheet.Sandbox[sandbox.SMS]+"/inbox/"+url.PathEscape(w.person.Phone), &in); err != nil {
			return false, err
		}
		if len(in.Messages) == 0 || in.Messages[0].At.Before(ch.IssuedAt.Add(-time.Second)) || in.Messages[0].Code == "" {
			return false, nil
		}
		code = in.Messages[0].Code
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("wait for the code: %w", err)
	}
	return w.answer(ctx, ch, &sdk.NewAnswer{Answer: sdk.NewOptString(code)})
}

func (w *walk) answer(ctx context.Context, ch *sdk.Challenge, a *sdk.NewAnswer) error {
	_, err := w.jl.AnswerChallenge(ctx, a, sdk.AnswerChallengeParams{IdempotencyKey: sdk.NewKey(), Challenge: ch.ID})
	return err
}

func (w *walk) backUp(ctx context.Context) error {
	c, err := w.jl.SettleBackup(ctx, &sdk.Backup{Choice: "made"}, sdk.SettleBackupParams{IdempotencyKey: sdk.NewKey(), Case: w.id})
	if err != nil {
		return err
	}
	return w.check(c.Backup.Value == "made", "the backup is settled")
}

// verify passes what the platform's row asks: V1 on android and web, the first way of V7 on ios.
func (w *walk) verify(ctx context.Context) error {
	factors := map[string][]sdk.Factor{"android": {"payment_pin"}, "ios": {"device_unlock", "payment_pin"}, "web": {"sms_code", "qr_approval"}}
	for _, f := range factors[string(w.person.Platform)] {
		ch, err := w.jl.AskChallenge(ctx, &sdk.NewChallenge{Factor: f, Lang: sdk.NewOptLocale("zh-CN")}, sdk.AskChallengeParams{IdempotencyKey: sdk.NewKey(), Case: w.id})
		if err != nil {
			return fmt.Errorf("ask for %s: %w", f, err)
		}
		if err := w.pass(ctx, f, ch); err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
		if err := w.check(true, "%s passed", f); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) pass(ctx context.Context, f sdk.Factor, ch *sdk.Challenge) error {
	switch f {
	case "sms_code":
		return w.answerCode(ctx, ch)
	case "device_unlock":
		assertion, err := w.phone.Get(ch.Public)
		if err != nil {
			return err
		}
		return w.answer(ctx, ch, &sdk.NewAnswer{Credential: assertion})
	case "qr_approval":
		return w.approve(ctx, ch)
	default:
		return w.answer(ctx, ch, &sdk.NewAnswer{Answer: sdk.NewOptString(w.person.PIN)})
	}
}

// approve scans the code with the signed-in phone and chooses the number that the screen shows.
func (w *walk) approve(ctx context.Context, ch *sdk.Challenge) error {
	var screen struct {
		Code   string `json:"code"`
		Number int    `json:"number"`
	}
	if err := json.Unmarshal(ch.Public, &screen); err != nil {
		return err
	}
	account, phone := sdk.AccountID(w.person.ID), sdk.DeviceID(w.person.Devices["phone"])
	seen, err := w.jl.ClaimApproval(ctx, &sdk.Claim{Account: account, Device: phone}, sdk.ClaimApprovalParams{Code: screen.Code})
	if err != nil {
		return err
	}
	w.say("    the phone shows: %s · numbers %v", seen.What.EN, seen.Numbers)
	if len(seen.Unlocks) > 0 {
		w.say("    and asks for %s besides", seen.Unlocks[0].Factor)
	}
	_, err = w.jl.Approve(ctx, &sdk.Approve{Account: account, Device: phone, Number: screen.Number, Unlock: sdk.NewOptString(w.person.PIN)}, sdk.ApproveParams{IdempotencyKey: sdk.NewKey(), Code: screen.Code})
	return err
}

func (w *walk) confirm(ctx context.Context) error {
	c, err := w.jl.ConfirmCase(ctx, sdk.ConfirmCaseParams{IdempotencyKey: sdk.NewKey(), Case: w.id})
	if err != nil {
		return err
	}
	return w.check(c.ConfirmedAt.Set, "confirmed, %d participants are asked", len(c.Legs))
}

// carriedOut follows the case's events until it is guarded.
func (w *walk) carriedOut(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	for e, err := range w.jl.Watch(ctx, w.id, 0) {
		if err != nil {
			return err
		}
		w.say("    %3d %-14s → %s", e.Seq, e.Kind, e.Stage)
		if e.Stage == "guarded" {
			break
		}
	}
	c, err := w.jl.GetCase(ctx, sdk.GetCaseParams{Case: w.id})
	if err != nil {
		return err
	}
	for _, l := range c.Legs {
		if err := w.check(l.State == "verified" || l.State == "residue", "%s: %s", l.Title.EN, l.State); err != nil {
			return err
		}
	}
	return w.check(c.RemovedAt.Set, "the binding is gone here")
}

// participants reads every ledger: each step of this case was applied exactly once (S20).
func (w *walk) participants(ctx context.Context) error {
	for _, name := range sandbox.Participants() {
		var rows []client.LedgerEntry
		if err := getJSON(ctx, w.demo.sheet.Sandbox[name]+"/_ledger", &rows); err != nil {
			return err
		}
		applied := 0
		for _, row := range rows {
			if row.Case == string(w.id) && row.Op == client.OpCommit {
				applied += row.Applied
			}
		}
		if err := w.check(applied == 1, "%s applied the removal exactly once", name); err != nil {
			return err
		}
	}
	return nil
}

// cleanUp clears the real-name record, the second and separate clean-up of F4.
func (w *walk) cleanUp(ctx context.Context) error {
	c, err := w.jl.GetCase(ctx, sdk.GetCaseParams{Case: w.id})
	if err != nil {
		return err
	}
	open := slices.DeleteFunc(slices.Clone(c.Residues), func(r sdk.Residue) bool { return r.ClearedAt.Set })
	if err := w.check(len(open) > 0, "the real-name record still points at QQ, and the case says so"); err != nil {
		return err
	}
	for _, r := range open {
		_, err := w.jl.CleanUpResidue(ctx, &sdk.Cleanup{Participant: r.Participant, Residue: r.ID}, sdk.CleanUpResidueParams{IdempotencyKey: sdk.NewKey(), Case: w.id})
		if err != nil {
			return err
		}
	}
	err = w.until(ctx, func(c *sdk.Case) bool {
		return !slices.ContainsFunc(c.Residues, func(r sdk.Residue) bool { return !r.ClearedAt.Set })
	})
	if err != nil {
		return err
	}
	return w.check(true, "the residue was cleared, looked for again, and is gone")
}

// provider takes the grant back at QQ, as the person would there, and has QQ asked.
func (w *walk) provider(ctx context.Context) error {
	if err := w.until(ctx, func(c *sdk.Case) bool { return c.Upstream != "unknown" }); err != nil {
		return err
	}
	c, err := w.jl.GetCase(ctx, sdk.GetCaseParams{Case: w.id})
	if err != nil {
		return err
	}
	if err := w.check(c.Upstream == "user_action_required", "QQ still has the grant, and the person is told how to take it back"); err != nil {
		return err
	}
	form := url.Values{"act": {"withdraw"}}
	if _, err := fetch(ctx, http.DefaultClient, http.MethodPost, w.demo.sheet.Sandbox[sandbox.QQ]+"/people/"+w.person.Owner, form); err != nil {
		return err
	}
	if _, err := w.jl.ProbeProvider(ctx, sdk.ProbeProviderParams{IdempotencyKey: sdk.NewKey(), Case: w.id}); err != nil {
		return err
	}
	if err := w.until(ctx, func(c *sdk.Case) bool { return c.Upstream == "confirmed" }); err != nil {
		return err
	}
	return w.check(true, "QQ itself says that the grant is gone")
}

// close lets the guarded window pass.
func (w *walk) close(ctx context.Context) error {
	body := bytes.NewReader([]byte(`{"forward":"24h1m"}`))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.demo.sheet.BaseURL+"/sandbox/clock", body)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	answer.Body.Close()
	if err := w.until(ctx, func(c *sdk.Case) bool { return c.Stage == "closed" }); err != nil {
		return err
	}
	v, err := w.jl.GetAccount(ctx, sdk.GetAccountParams{Account: sdk.AccountID(w.person.ID)})
	if err != nil {
		return err
	}
	return w.check(v.WaysIn >= 1, "a day later the case is closed and the account stays, with %d way in", v.WaysIn)
}

func (w *walk) until(ctx context.Context, good func(*sdk.Case) bool) error {
	return eventually(ctx, func() (bool, error) {
		c, err := w.jl.GetCase(ctx, sdk.GetCaseParams{Case: w.id})
		return err == nil && good(c), err
	})
}

// eventually asks again and again, for two minutes.
func eventually(ctx context.Context, ask func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		done, err := ask()
		if done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.New("it did not come about within two minutes")
		case <-tick.C:
		}
	}
}

func getJSON(ctx context.Context, from string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", from, answer.Status)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}
