package storetest

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// sample is a row of each kind with every field filled, so that a field a store forgets is one that comes back different.
type sample struct {
	account   jieling.Account
	binding   jieling.Binding
	c         jieling.Case
	event     jieling.Event
	challenge jieling.Challenge
	enrolment jieling.Enrolment
	device    jieling.Device
	budget    jieling.Budget
	review    jieling.Review
	effect    jieling.Effect
	session   store.Session
	signIn    jieling.SignIn
	ticket    store.Ticket
	answer    store.Answer
	idem      store.Idem
	key       store.Key
}

// at is a moment some hours after the epoch of the test, so that no two fields of a row hold the same.
func at(hours int) time.Time {
	return epoch().Add(time.Duration(hours)*time.Hour + time.Duration(hours)*time.Microsecond)
}

func text(s string) jieling.Text { return jieling.Text{ZH: s + "。", EN: s + "."} }

func newSample() sample {
	a := newAccount()
	a.Kind, a.Region, a.Locale, a.RegisteredThrough = jieling.Merchant, "HK", "en", jieling.QQ
	a.WaysIn, a.Frozen, a.Epoch, a.GuardedUntil, a.HeldUntil, a.FactorRemovedAt = 1, true, 7, at(1), at(40), at(41)
	a.Settings = jieling.Settings{DeviceLock: true, NamedOnly: true, RemindersOff: true, ReviewedAt: at(42), RemindAt: at(43), PutAside: "case_1/bills"}
	b := newBinding(a.ID, jieling.WeChat, jieling.BindingActive)
	b.VerifiedAt, b.LastUsedAt, b.CreatedAt, b.RemovedAt = at(2), at(3), at(4), at(5)
	b.Holder, b.HolderAt, b.RiskAt = jieling.HolderNew, at(32), at(33)
	b.SIM, b.SIMAt = jieling.SIMSwapped, at(35)
	b.QuickOff, b.QuickAsks = true, 2
	b.Said, b.SaidAt = jieling.AccountEnabled, at(45)
	b.Subject, b.Union, b.Grant = []byte{0, 1, 0xff}, []byte("union"), []byte("grant")
	c := fullCase(a.ID, b.ID)
	q := newChallenge(c)
	q.Binding, q.Purpose, q.State, q.Guesses, q.Epoch = b.ID, jieling.ForReplacement, jieling.ChallengeClaimed, 3, 7
	q.Public, q.Secret, q.Code, q.Claimant = []byte(`{"rp":"x"}`), []byte{0xff, 0}, newHash(), newID[jieling.DeviceID]("dev")
	e := newEffect(a.ID)
	e.Kind, e.Case, e.Target, e.Subject, e.Payload = jieling.EffectCleanup, c.ID, "games", "residue-1", []byte{0xff, 0}
	return sample{
		account: a, binding: b, c: c, challenge: q, effect: e, review: newReview(c, q.ID),
		event: jieling.Event{
			Case: c.ID, Seq: 1, Kind: "proved", At: at(6), Stage: c.Stage, Data: []byte(`{"factor":"face","n":[1,2]}`),
			Actor: jieling.Actor{Kind: jieling.ActorPerson, Name: "ses_1", Account: a.ID, Device: "dev_1"},
		},
		enrolment: jieling.Enrolment{
			ID: newID[jieling.FactorID]("fac"), Account: a.ID, Factor: jieling.DeviceUnlock, Device: "dev_1", Binding: b.ID,
			Label: "iPhone 的面容", CreatedAt: at(7), RemovedAt: time.Time{}, Secret: []byte{1, 2, 0xff},
		},
		device: jieling.Device{
			ID: newID[jieling.DeviceID]("dev"), Account: a.ID, Name: "小米 14", Platform: jieling.Android, Trusted: true,
			CreatedAt: at(8), LastSeen: at(9), AppKey: []byte{0x30, 0, 0xff}, AppCount: 1<<32 - 1,
			Named: true, LostAt: at(44),
		},
		budget: jieling.Budget{
			Account: a.ID, Factor: jieling.Face, Since: at(10), Wrong: 4, Issued: 3, Day: at(11), Hour: at(12), InHour: 2,
		},
		session: store.Session{
			ID: newID[jieling.SessionID]("ses"), Hash: newHash(), Account: a.ID, Binding: b.ID, Device: "dev_1", Platform: jieling.IOS,
			CreatedAt: at(13), ExpiresAt: at(24 * 36500), Frozen: true,
		},
		signIn: jieling.SignIn{
			ID: newID[jieling.SignInID]("sin"), Account: a.ID, At: at(34), Binding: b.ID, Device: "dev_1", Platform: jieling.Android, Network: "public",
			Net: newHash(), Place: jieling.Place{Country: "CN", Region: "BJ", Point: "39.9,116.4"},
		},
		ticket: store.Ticket{
			Hash: newHash(), Account: a.ID, Device: "dev_2", Platform: jieling.Web, Next: "/cases?from=app", ExpiresAt: at(14), UsedAt: at(15),
		},
		answer: store.Answer{Fingerprint: newHash(), Ref: "case_1", Code: jieling.CodeReplacement, Detail: []byte{0, 0xff}},
		idem:   store.Idem{Caller: "key:shop", Key: "k", Fingerprint: newHash()},
		key:    store.Key{Name: "shop", Hash: newHash(), Scopes: []string{"cases:read", "cases:write"}, CreatedAt: at(16)},
	}
}

func fullCase(a jieling.AccountID, b jieling.BindingID) jieling.Case {
	because := []jieling.Because{{Rule: "V1", Text: text("rule")}}
	return jieling.Case{
		ID: newID[jieling.CaseID]("case"), Account: a, Goal: jieling.Migrate, Binding: b, Provider: jieling.WeChat,
		Platform: jieling.Web, Device: "dev_1", By: "ses_1", Reason: jieling.ReasonTheft, Scenario: jieling.Abnormal,
		Stage: jieling.StageFrozen, Resume: jieling.StageCoolingOff, Version: 1, Epoch: 7,
		Decision: jieling.Decision{
			Pack: "qq-wechat@1", Scenario: jieling.Abnormal, Wait: time.Hour, Guard: 24 * time.Hour, Replacement: true, NeedPhone: true,
			Backup: true, Refusals: because, Reasons: because,
			Detours:     []jieling.Detour{{Rule: "V8", For: []jieling.Factor{jieling.Face}, Require: jieling.Need("document_review"), Takes: time.Hour, Text: text("round")}},
			Requirement: jieling.AnyOf(jieling.Need(jieling.Face), jieling.AllOf(jieling.Need(jieling.SMSCode), jieling.Need(jieling.QRApproval))),
			Playbook:    fullPlaybook(""),
		},
		Proofs:      []jieling.Proof{{Factor: jieling.Face, Challenge: "chl_1", At: at(20), Epoch: 7}},
		Replacement: "bnd_2", Replaced: true, Backup: jieling.BackupDeclined,
		Playbook: fullPlaybook(jieling.StepDone),
		Waiver:   &jieling.Waiver{Losses: []string{"phone_lost"}, Reason: "mine", Template: "t@1", At: at(21)},
		Impact: []jieling.Dependent{{
			ID: "save-1", Participant: "games", Module: "games", Rule: "I3", Title: text("save"), Detail: text("one"), Count: 2,
			Change: jieling.Lost, Irreversible: true, Remedy: text("move"), Backup: true, Unknown: true,
		}},
		Signals:      []jieling.Signal{{Name: "place", Level: "other", Source: "geoip", Trust: jieling.Observed, Why: text("far")}},
		Attestations: []jieling.Attestation{{Device: "dev_1", Format: "webauthn", Level: "attested", At: at(36)}},
		Pending:      []jieling.Pending{{Factor: "document_review", Challenge: "chl_2", To: jieling.ByStaff, At: at(37), Until: at(38)}},
		Returned:     []jieling.Returned{{Factor: "admin_approval", Challenge: "chl_3", Reason: text("not yet"), At: at(39)}},
		OpenedAt:     at(21), ExpiresAt: at(22), ConfirmedAt: at(23), CommitAfter: at(24), RemovedAt: at(25), GuardUntil: at(26), EndedAt: at(27),
		Legs:     []jieling.Leg{{Participant: "games", Title: text("games"), Required: true, State: jieling.LegVerified, Reason: text("ok"), UpdatedAt: at(28)}},
		Upstream: jieling.UpstreamUserAction,
		Residues: []jieling.Residue{{
			ID: "r1", Participant: "pay", Title: text("name"), Detail: text("it"), Cleanable: true, Cleanup: text("clear"), Unknown: true,
			FoundAt: at(29), AskedAt: at(30), ClearedAt: at(31),
		}},
		Ending: text("over"),
	}
}

// fullPlaybook has everything a pack says of a step, and with a state everything a case does.
func fullPlaybook(state jieling.StepState) *jieling.Playbook {
	s := jieling.Step{
		Name: "mailbox", Who: jieling.PerformerUser, Class: jieling.Safety, Does: jieling.DoesRemove, Check: jieling.CheckWorkMailbox, After: []string{"link"},
		Title: text("mailbox"), Text: text("yours"), Link: "https://example.com/", Takes: 72 * time.Hour, Refuses: []string{"example.org"},
	}
	if state != "" {
		s.State, s.By, s.ReadyAt, s.At = state, jieling.ByAccount, at(32), at(33)
	}
	return &jieling.Playbook{Name: "mixed", Rule: "P2", Verified: "2026-11-26", Title: text("mixed"), Lead: text("first"), Steps: []jieling.Step{s}}
}

// filled fails for a field of a sample that is zero and is not named as one that must be: a new field joins the exam by itself.
func (x exam) filled(row any, but ...string) {
	x.t.Helper()
	v := reflect.ValueOf(row)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; v.Field(i).IsZero() && !slices.Contains(but, name) {
			x.t.Errorf("the sample of %s leaves %s empty", v.Type(), name)
		}
	}
}

// put writes the whole sample in one change and gives the account row as it was written.
func (x exam) put(s sample) jieling.Account {
	x.t.Helper()
	ch := begin(s.account, "sample")
	reseal(&ch, func(e *auditEntry) { e.Case, e.Detail = s.c.ID, []byte("{ \"b\": 1,\n\"a\": \"链\" }") })
	ch.Bindings, ch.Case, ch.Events = []jieling.Binding{s.binding}, &s.c, []jieling.Event{s.event}
	ch.Challenges, ch.Enrolments = []jieling.Challenge{s.challenge}, []jieling.Enrolment{s.enrolment}
	ch.Devices, ch.Budgets, ch.Effects = []jieling.Device{s.device}, []jieling.Budget{s.budget}, []jieling.Effect{s.effect}
	ch.Reviews = []jieling.Review{s.review}
	ch.Sessions, ch.SignIns, ch.Ticket, ch.Answer = []store.Session{s.session}, []jieling.SignIn{s.signIn}, &s.ticket, &s.answer
	x.must(x.write(store.Need{Account: s.account.ID, Idem: s.idem}, func(store.Snapshot) store.Change { return ch }))
	entries, head, err := x.s.AuditChain(x.ctx(), s.account.ID)
	x.must(err)
	x.equal("audit row", []auditEntry{*ch.Audit}, entries)
	x.equal("audit head", ch.Account.AuditHead, head)
	return *ch.Account
}

func everyField(x exam) {
	s := newSample()
	x.filled(s.account, "Version", "AuditHead", "StrandedAt") // which only an account without a way in has
	x.filled(s.binding)
	x.filled(s.c)
	x.filled(s.event)
	x.filled(s.challenge)
	x.filled(s.enrolment, "RemovedAt")
	x.filled(s.device, "RemovedAt")
	x.filled(s.budget)
	x.filled(s.review)
	x.filled(s.effect, "Attempt", "Lease", "LastErr")
	x.filled(s.session, "EndedAt")
	x.filled(s.signIn)
	x.filled(s.ticket)
	x.filled(s.answer)
	x.filled(s.key, "RevokedAt")
	x.must(x.s.PutKey(x.ctx(), s.key))
	account := x.put(s)

	got := x.load(everything(s))
	x.equal("snapshot", store.Snapshot{
		Now: got.Now, Account: &account, Bindings: []jieling.Binding{s.binding}, Case: &s.c, Cases: []jieling.Case{s.c},
		Challenge: &s.challenge, Challenges: []jieling.Challenge{s.challenge}, Enrolments: []jieling.Enrolment{s.enrolment},
		Devices: []jieling.Device{s.device}, Budgets: []jieling.Budget{s.budget}, Ticket: &s.ticket,
		Effect: &s.effect, EffectIs: jieling.EffectDue, Replay: &s.answer, Sessions: []store.Session{s.session},
		SignIns: []jieling.SignIn{s.signIn}, Review: &s.review, Reviews: []jieling.Review{s.review},
	}, got)
	x.must(x.s.Update(x.ctx(), everything(s), func(under store.Snapshot) (store.Change, error) {
		under.Now = got.Now
		x.equal("snapshot under the lock", got, under)
		return store.Change{}, nil
	}))
	x.everyReading(s)
}

func everything(s sample) store.Need {
	return store.Need{
		Account: s.account.ID, Case: s.c.ID, Challenge: s.challenge.ID, Ticket: s.ticket.Hash, Effect: s.effect.ID, Idem: s.idem,
		With: store.OpenCases | store.Challenges | store.Enrolments | store.Devices | store.Budgets | store.Sessions | store.SignIns | store.Reviews,
	}
}

// everyReading reads the sample by the methods that read one kind of row.
func (x exam) everyReading(s sample) {
	x.t.Helper()
	events, err := x.s.Events(x.ctx(), s.c.ID, 0)
	x.must(err)
	x.equal("events", []jieling.Event{s.event}, events)
	session, err := x.s.Session(x.ctx(), s.session.Hash)
	x.must(err)
	x.equal("session", s.session, session)
	keys, err := x.s.Keys(x.ctx())
	x.must(err)
	x.equal("keys", []store.Key{s.key}, keys)
	cases, err := x.s.Cases(x.ctx(), s.account.ID, 10)
	x.must(err)
	x.equal("cases", []jieling.Case{s.c}, cases)
	found, err := x.s.FindAccount(x.ctx(), s.account.ExternalID)
	x.must(err)
	x.equal("account by its external ID", s.account.ID, found)
	resolved, err := x.s.Resolve(x.ctx(), s.binding.Provider, s.binding.Index)
	x.must(err)
	x.equal("resolved", store.Resolved{
		Account: s.account.ID, Binding: s.binding.ID, State: s.binding.State, Said: jieling.AccountEnabled, QuickOff: true, QuickAsks: 2, Frozen: true, Epoch: 7, GuardedUntil: at(1),
		DeviceLock: true, NamedOnly: true, Now: resolved.Now,
	}, resolved)

	claimed := x.claim(time.Hour, 10)
	if len(claimed) == 1 {
		s.effect.Attempt, s.effect.Lease = 1, claimed[0].Lease
	}
	x.equal("claimed", []jieling.Effect{s.effect}, claimed)
	listed, err := x.s.Effects(x.ctx(), s.account.ID, jieling.EffectDue, 10)
	x.must(err)
	x.equal("effects", claimed, listed)
}

// replacedWhole puts rows again with every optional field empty.
func replacedWhole(x exam) {
	s := newSample()
	account := x.put(s)
	bare := jieling.Account{
		ID: account.ID, ExternalID: account.ExternalID, Kind: jieling.Personal, Region: "CN", Locale: "zh-CN", CreatedAt: account.CreatedAt,
		WaysIn: 1, Version: account.Version, AuditHead: account.AuditHead,
	}
	ch := begin(bare, "bare")
	ch.Bindings = []jieling.Binding{{
		ID: s.binding.ID, Account: bare.ID, Provider: s.binding.Provider, State: jieling.BindingActive, CreatedAt: epoch(), Index: s.binding.Index,
	}}
	c := newCase(bare.ID, s.binding.ID)
	c.ID, c.Version = s.c.ID, 2
	ch.Case, ch.Events = &c, []jieling.Event{newEvent(c)}
	q := newChallenge(c)
	q.ID = s.challenge.ID
	ch.Challenges = []jieling.Challenge{q}
	ch.Enrolments = []jieling.Enrolment{{ID: s.enrolment.ID, Account: bare.ID, Factor: jieling.PaymentPIN, CreatedAt: epoch()}}
	ch.Devices = []jieling.Device{{ID: s.device.ID, Account: bare.ID, Platform: jieling.IOS, CreatedAt: epoch()}}
	ch.Budgets = []jieling.Budget{{Account: bare.ID, Factor: s.budget.Factor, Since: epoch()}}
	ch.Reviews = []jieling.Review{{Challenge: q.ID, Account: bare.ID, Case: c.ID, State: jieling.ReviewVoid, DueAt: epoch()}}
	ch.Ticket = &store.Ticket{Hash: s.ticket.Hash, Account: bare.ID, Platform: jieling.IOS, ExpiresAt: epoch()}
	x.must(x.write(store.Need{Account: bare.ID}, func(store.Snapshot) store.Change { return ch }))

	got := x.load(everything(s))
	x.equal("snapshot", store.Snapshot{
		Now: got.Now, Account: ch.Account, Bindings: ch.Bindings, Case: &c, Cases: []jieling.Case{c},
		Challenge: &q, Challenges: ch.Challenges, Enrolments: ch.Enrolments, Devices: ch.Devices, Budgets: ch.Budgets, Ticket: ch.Ticket,
		Effect: &s.effect, EffectIs: jieling.EffectDue, Replay: &s.answer, Sessions: got.Sessions, SignIns: got.SignIns,
		Review: &ch.Reviews[0], Reviews: ch.Reviews,
	}, got)
	if _, err := x.s.Events(x.ctx(), c.ID, 2); err != nil {
		x.t.Error(err)
	}
}

// optionalFields writes the emptiest rows there are; a second challenge without a code must not clash with the first.
func optionalFields(x exam) {
	a, b := x.register(1)
	c := x.open(a.ID, b[0].ID)
	first, second := x.challenge(c, 5), x.challenge(c, 5)
	x.ask(a.ID, newEffect(a.ID))
	got := x.load(store.Need{Case: c.ID, With: store.Challenges})
	want := []jieling.Challenge{first, second}
	byID := func(p, q jieling.Challenge) int { return strings.Compare(string(p.ID), string(q.ID)) }
	slices.SortFunc(want, byID)
	slices.SortFunc(got.Challenges, byID)
	x.equal("challenges", want, got.Challenges)
	x.equal("bindings", b, got.Bindings)
	x.equal("account", x.load(store.Need{Account: a.ID}).Account, got.Account)
}

// unicodeAndLimits takes names of every script, up to their length, and refuses what is longer or nothing.
func unicodeAndLimits(x exam) {
	for _, name := range []string{external(128), external(1), "O'Brien; drop table account; --", "👩‍👩‍👧‍👦\u202e\\x%_\t\n"} {
		a := newAccount()
		a.ExternalID = name
		x.must(x.write(store.Need{}, func(store.Snapshot) store.Change { return begin(a, "register") }))
		found, err := x.s.FindAccount(x.ctx(), name)
		if err != nil || found != a.ID {
			x.t.Errorf("%q finds %q (%v)", name, found, err)
		}
		if got := x.load(store.Need{Account: a.ID}).Account.ExternalID; got != name {
			x.t.Errorf("%q came back as %q", name, got)
		}
	}
	for _, name := range []string{"", external(129)} {
		a := newAccount()
		a.ExternalID = name
		if err := x.write(store.Need{}, func(store.Snapshot) store.Change { return begin(a, "register") }); err == nil {
			x.t.Errorf("an external ID of %d characters was accepted", len([]rune(name)))
		}
	}
	a, b := x.register(1)
	b[0].Subject, b[0].Label = slices.Repeat([]byte{0, 0xff, 0x80, '\''}, 16<<10), "绑定的 QQ:12****4821 🔔"
	x.must(x.write(store.Need{Account: a.ID}, func(sn store.Snapshot) store.Change {
		ch := begin(*sn.Account, "label")
		ch.Bindings = b
		return ch
	}))
	x.equal("a large subject", b, x.load(store.Need{Account: a.ID}).Bindings)
}

// timesAreUTC writes times of another zone with nanoseconds; the instant comes back, in UTC, to the microsecond.
func timesAreUTC(x exam) {
	shanghai := time.FixedZone("CST", 8*3600)
	given := time.Date(2026, 7, 1, 2, 3, 4, 5_006_789, shanghai)
	want := time.Date(2026, 6, 30, 18, 3, 4, 5_006_000, time.UTC)
	a := newAccount()
	a.CreatedAt, a.GuardedUntil = given, given
	x.must(x.write(store.Need{}, func(store.Snapshot) store.Change { return begin(a, "register") }))
	sn := x.load(store.Need{Account: a.ID})
	x.equal("times", []time.Time{want, want}, []time.Time{sn.Account.CreatedAt, sn.Account.GuardedUntil})
	if sn.Now.Location() != time.UTC || !sn.Now.Equal(sn.Now.Truncate(time.Microsecond)) || sn.Now.IsZero() {
		x.t.Errorf("the snapshot's clock reads %v, want UTC to the microsecond", sn.Now)
	}
	if later := x.now(); later.Before(sn.Now) {
		x.t.Errorf("the store's clock went from %v back to %v", sn.Now, later)
	}
	before := a
	before.ID, before.ExternalID = newID[jieling.AccountID]("acc"), "before the epoch"
	before.CreatedAt = time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	x.must(x.write(store.Need{}, func(store.Snapshot) store.Change { return begin(before, "register") }))
	x.equal("a time before 1970", before.CreatedAt, x.load(store.Need{Account: before.ID}).Account.CreatedAt)
}

func missing(x exam) {
	x.register(1)
	got := x.load(store.Need{
		Account: "acc_x", Case: "case_x", Challenge: "chl_x", Code: newHash(), Ticket: newHash(), Effect: "eff_x",
		Idem: store.Idem{Caller: "key:x", Key: "x"},
		With: store.OpenCases | store.Challenges | store.Enrolments | store.Devices | store.Budgets | store.Removed | store.Sessions,
	})
	x.equal("snapshot of nothing", store.Snapshot{Now: got.Now}, got)
	for name, look := range map[string]func() error{
		"Resolve":     func() error { _, err := x.s.Resolve(x.ctx(), jieling.QQ, newHash()); return err },
		"FindAccount": func() error { _, err := x.s.FindAccount(x.ctx(), "nobody"); return err },
		"Session":     func() error { _, err := x.s.Session(x.ctx(), newHash()); return err },
	} {
		if err := look(); !errors.Is(err, store.ErrNotFound) {
			x.t.Errorf("%s of nothing is answered %v, want ErrNotFound", name, err)
		}
	}
	if cases, err := x.s.Cases(x.ctx(), "acc_x", 10); err != nil || len(cases) > 0 {
		x.t.Errorf("Cases of nobody: %v, %v", cases, err)
	}
	if events, err := x.s.Events(x.ctx(), "case_x", 0); err != nil || len(events) > 0 {
		x.t.Errorf("Events of nothing: %v, %v", events, err)
	}
}
