package access_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/access"
)

var now = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func shipped(t testing.TB) *access.Template {
	t.Helper()
	tpl, err := access.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

func login(id string, p jieling.Provider, provenAgo time.Duration) jieling.Binding {
	return jieling.Binding{ID: jieling.BindingID(id), Provider: p, State: jieling.BindingActive, Label: id, VerifiedAt: now.Add(-provenAgo), CreatedAt: now.Add(-provenAgo)}
}

const day = 24 * time.Hour

// unlinked compares before and after the login named gone leaves the account of these logins.
func unlinked(t testing.TB, tpl *access.Template, f access.Facts, gone string) jieling.Access {
	t.Helper()
	f.Now, f.Leaving = now, jieling.BindingID(gone)
	g, _ := tpl.Graph(f)
	a, err := access.Compare(g, access.Change{Remove: []string{gone}})
	if err != nil {
		t.Fatal(err)
	}
	var alone []string
	for _, b := range tpl.Unsafe(f) {
		alone = append(alone, b.Rule)
		i := slices.IndexFunc(a.Lockout, func(l jieling.Lockout) bool { return l.Name == b.Rule })
		if a.Lockout[i].After = true; a.Lockout[i].Before == false {
			same(t, "its sentence", b.Text, a.Lockout[i].Text)
		}
	}
	same(t, "what must be waived, asked by itself", alone, a.MustWaive)
	short := tpl.Compare(f, nil)
	a.Note, a.Stale = tpl.Note, short.Stale
	same(t, "the short way", short, a)
	return short
}

func exposed(e jieling.Exposure) [2]bool { return [2]bool{e.Before, e.After} }

func exposureOf(t testing.TB, a jieling.Access, name string) jieling.Exposure {
	t.Helper()
	i := slices.IndexFunc(a.Exposure, func(e jieling.Exposure) bool { return e.Name == name })
	if i < 0 {
		t.Fatalf("%s is not told of: %+v", name, a.Exposure)
	}
	return a.Exposure[i]
}

// The routine account: QQ and a phone. QQ goes; whoever stole it no longer gets in, whoever has the SIM card still does by the
// phone; a lost phone locks nobody out, since the carrier replaces the SIM card; giving the number up would.
func TestTemplate_TheRoutineAccountIsSafeWithoutQQ(t *testing.T) {
	tpl := shipped(t)
	a := unlinked(t, tpl, access.Facts{Bindings: []jieling.Binding{login("qq", jieling.QQ, day), login("phone", jieling.Phone, day)}}, "qq")
	same(t, "template", a.Template, "mainland@1")
	same(t, "must be waived", a.MustWaive, []string(nil))
	same(t, "stolen QQ", exposed(exposureOf(t, a, "stolen_qq")), [2]bool{true, false})
	same(t, "SIM swap", exposed(exposureOf(t, a, "sim_swap")), [2]bool{true, true})
	same(t, "locks out before", locks(a.Lockout, false), []string(nil))
	same(t, "locks out after", locks(a.Lockout, true), []string{"number_lost", "login_lost:phone"})
	if a.Repair == nil || !slices.Equal(a.Repair.Adds, []string{"add_email"}) || a.Repair.Leaves != nil {
		t.Errorf("the repair is %+v, want a mailbox", a.Repair)
	}
	if slices.ContainsFunc(a.Exposure, func(e jieling.Exposure) bool { return e.Name == "mail_breach" }) {
		t.Error("an account without a mailbox is told of breached mailboxes")
	}
	same(t, "losses at once that are survived before", a.Before.Tolerates, 1)
	same(t, "and after", a.After.Tolerates, 0)
	if len(a.Assumes) == 0 {
		t.Error("no assumption is named")
	}
}

// A4: carriers hand numbers out again. A number nobody has proven for two years is a way in for a stranger and no way back.
func TestTemplate_AStaleNumberIsNoWayBack(t *testing.T) {
	tpl := shipped(t)
	for ago, want := range map[time.Duration][]string{729 * day: nil, 731 * day: {access.Nothing, "phone_lost"}} {
		a := unlinked(t, tpl, access.Facts{Bindings: []jieling.Binding{login("qq", jieling.QQ, day), login("phone", jieling.Phone, ago)}}, "qq")
		same(t, fmt.Sprint(ago), a.MustWaive, want)
		same(t, "recycled number", exposureOf(t, a, "recycled_number").After, true)
	}
	old := unlinked(t, tpl, access.Facts{Bindings: []jieling.Binding{login("qq", jieling.QQ, day), login("phone", jieling.Phone, 731*day)}}, "qq")
	same(t, "it says so", old.Stale, []jieling.Text{{
		ZH: "手机号 phone 太久没有验证过，或者已经换了主人，不算作你能回来的途径。",
		EN: "The phone number phone was not proven for long or changed hands; it does not count as a way back.",
	}})
	handed := login("phone", jieling.Phone, day)
	handed.LastUsedAt, handed.Holder = now, jieling.HolderChanged
	changed := unlinked(t, tpl, access.Facts{Bindings: []jieling.Binding{login("qq", jieling.QQ, day), handed}}, "qq")
	same(t, "a number that changed hands", changed.MustWaive, []string{access.Nothing, "phone_lost"})
	used := login("phone", jieling.Phone, 900*day)
	used.LastUsedAt = now.Add(-day)
	a := unlinked(t, tpl, access.Facts{Bindings: []jieling.Binding{login("qq", jieling.QQ, day), used}}, "qq")
	same(t, "a number that was used lately", a.MustWaive, []string(nil))
	same(t, "is not doubted", a.Stale, []jieling.Text(nil))
}

// S19: who can get into a new account is what the template documents: nobody, whatever they take; and whoever holds a session
// once there is one.
func TestS19_ANewAccountIsReachedByWhatIsDocumented(t *testing.T) {
	g, _ := shipped(t).Graph(access.Facts{Now: now})
	n := compiled(t, g)
	same(t, "with everything taken", n.From(access.Stranger, n.Set("session", "sim", "handset", "qq_password", "employer")).Has(n.Set(g.Account)), false)
	v := n.Verdict()
	same(t, "enters", v.Enters, []string(nil))
	same(t, "the owner is not in yet", v.Shut, true)
	g, _ = shipped(t).Graph(access.Facts{Now: now, SignedIn: true})
	same(t, "enters while signed in", compiled(t, g).Verdict().Enters, []string{"live_session"})
}

// A login that the product asks for beside something else is no way in by itself, and takes the whole way with it (S18).
func TestTemplate_AWayMayAskForALoginAndAFactor(t *testing.T) {
	src := strings.Replace(string(shipped(t).Source()), "ways:\n", "ways:\n  - {to: account, from: [phone, pin]}\n", 1)
	src = strings.Replace(src, "things:\n", "things:\n  - {name: pin, factor: payment_pin, theft: 5, title: {zh-CN: 支付密码, en: the payment password}}\n", 1)
	tpl, err := access.Load("mine.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "factors", tpl.Factors(), []jieling.Factor{"payment_pin", "recovery_codes"})
	f := access.Facts{
		Bindings:   []jieling.Binding{login("qq", jieling.QQ, day), login("phone", jieling.Phone, day)},
		Enrolments: []jieling.Enrolment{{Factor: jieling.PaymentPIN}},
	}
	same(t, "SIM swap, without QQ", exposureOf(t, unlinked(t, tpl, f, "qq"), "sim_swap").After, false)
	same(t, "without the phone", unlinked(t, tpl, f, "phone").MustWaive, []string(nil))
	g, _ := tpl.Graph(access.Facts{Bindings: f.Bindings, Enrolments: f.Enrolments, Now: now})
	_, err = g.Apply(access.Change{Add: []access.Rule{{To: "account", From: []string{"phone"}}}})
	if err == nil {
		t.Error("the phone lets in without the payment password")
	}
}

// However many logins an account has, its graph fits, and what was left out is said.
func TestTemplate_ManyLoginsFit(t *testing.T) {
	var many []jieling.Binding
	for i := range 40 {
		many = append(many, login(fmt.Sprint("b", i), []jieling.Provider{jieling.QQ, jieling.Phone, jieling.Email, "other_idp"}[i%4], time.Duration(i)*day))
	}
	g, left := shipped(t).Graph(access.Facts{Bindings: many, Leaving: "b39", Now: now})
	same(t, "left out", left, 40-access.MaxLogins)
	c := access.Change{Remove: []string{"b39"}}
	for i := range access.MaxResidues {
		c.Residues = append(c.Residues, access.Residue{Name: fmt.Sprint("left", i), From: "b39"})
	}
	if _, err := access.Compare(g, c); err != nil {
		t.Error(err)
	}
	a := shipped(t).Compare(access.Facts{Bindings: many, Leaving: "b39", Now: now}, append(c.Residues, access.Residue{Name: "one_more"}))
	same(t, "left out, as it is told", a.LeftOut, left)
}

// A template that cannot be right is refused with the place of every mistake.
func TestTemplate_AMistakeIsToldWithItsPlace(t *testing.T) {
	good := string(shipped(t).Source())
	for name, tt := range map[string]struct{ from, to, want string }{
		"an unknown key":       {"fresh_days: 730", "fresh_dais: 730", "fresh_dais"},
		"one language only":    {"{zh-CN: 手机卡, en: the SIM card}", "{zh-CN: 手机卡}", "things[0].title: is needed in both languages"},
		"a name of nothing":    {"from: [sim, handset]", "from: [sim, hadnset]", `"hadnset" is no vertex`},
		"two providers at one": {"to: sim\n    from: [id_card]", "to: qq\n    from: [phone]", "names two providers"},
		"no version":           {`version: "1"`, `version: ""`, "a name and a version are needed"},
		"an unknown day":       {"verified: 2026-11-22", "verified: lately", "verified: write the day"},
		"a repair of nothing":  {"login: email, effort: 2", "effort: 2", "repairs[1]: a repair adds either a login or a factor"},
		"the same loss twice":  {"name: number_lost", "name: phone_lost", `losses[1].name: "phone_lost" is there already`},
	} {
		t.Run(name, func(t *testing.T) {
			src := strings.Replace(good, tt.from, tt.to, 1)
			if src == good {
				t.Fatal("nothing was changed")
			}
			if _, err := access.Load("mine.yaml", []byte(src)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func routine() access.Facts {
	return access.Facts{Bindings: []jieling.Binding{login("qq", jieling.QQ, day), login("phone", jieling.Phone, day)}, Leaving: "qq", Now: now}
}

// A7: what another login would change for this account, beside the one that stays when QQ has gone.
func TestA7_WhatAnotherLoginSavesAndOpens(t *testing.T) {
	tpl := shipped(t)
	f := access.Facts{
		Bindings: []jieling.Binding{login("q", jieling.QQ, day), login("p", jieling.Phone, day)}, Leaving: "q", Now: now,
	}
	rules := func(all []jieling.Because) (names []string) {
		for _, b := range all {
			if b.Text.ZH == "" || b.Text.EN == "" {
				t.Errorf("%s has no title in a language", b.Rule)
			}
			names = append(names, b.Rule)
		}
		return names
	}
	opens, saves := tpl.Gain(f, jieling.Email)
	same(t, "a mailbox saves", rules(saves), []string{"number_lost", "login_lost:p"})
	if got := rules(opens); !slices.Contains(got, "mail_breach") || slices.Contains(got, "sim_swap") {
		t.Errorf("a mailbox opens to %v: somebody in it gets in; who swaps the SIM card gets in without it too", got)
	}
	f.Bindings = f.Bindings[:1]
	_, saves = tpl.Gain(f, jieling.Phone)
	if got := rules(saves); !slices.Contains(got, access.Nothing) {
		t.Errorf("without a phone nobody gets in at all, and it saves %v", got)
	}
	if len(f.Bindings) != 1 || f.Bindings[0].ID != "q" {
		t.Error("the account's logins were changed")
	}
}

// What was found safe for one account says nothing wrong about another: a template that remembers answers like one that works
// everything out.
func TestTemplate_WhatIsRememberedIsNoMoreThanWhatIsTrue(t *testing.T) {
	src := strings.Replace(string(shipped(t).Source()), "ways:\n", "ways:\n  - {to: account, from: [wechat, signed_in_phone]}\n  - {to: account, from: [session], who: owner}\n", 1)
	src = strings.Replace(src, "session: true,", "session: true, held: true,", 1)
	warm, err := access.Load("mine.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		for range 100 {
			f := someFacts(t)
			var got []string
			for _, b := range warm.Unsafe(f) {
				got = append(got, b.Rule)
			}
			same(t, fmt.Sprintf("%+v", f), got, warm.Compare(f, nil).MustWaive)
		}
	})
}

func someFacts(t *rapid.T) access.Facts {
	f := access.Facts{Now: now, SignedIn: rapid.IntRange(0, 3).Draw(t, "signed in") == 0}
	for i := range rapid.IntRange(0, 2).Draw(t, "logins") {
		provider := rapid.SampledFrom([]jieling.Provider{jieling.QQ, jieling.Phone, jieling.WeChat}).Draw(t, "provider")
		b := login(fmt.Sprint("b", i), provider, time.Duration(rapid.SampledFrom([]int{1, 900}).Draw(t, "days"))*day)
		if rapid.IntRange(0, 4).Draw(t, "removed") == 0 {
			b.State = jieling.BindingRemoved
		}
		f.Bindings = append(f.Bindings, b)
	}
	f.Leaving = jieling.BindingID(rapid.SampledFrom([]string{"", "b0", "b1"}).Draw(t, "leaving"))
	if rapid.IntRange(0, 3).Draw(t, "codes") == 0 {
		f.Enrolments = []jieling.Enrolment{{Factor: "recovery_codes"}}
	}
	if rapid.Bool().Draw(t, "device") {
		f.Devices = []jieling.Device{{Trusted: true}}
	}
	return f
}
