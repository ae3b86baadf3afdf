package storetest

import (
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// closedLists hands in a word that is in no list, one list at a time. The database must refuse it: whoever wrote it.
func closedLists(x exam) {
	a, b := x.register(2)
	c := x.open(a.ID, b[0].ID)
	x.ask(a.ID, newEffect(a.ID))
	due := x.claim(time.Hour, 1)[0]
	lists := map[string]func(*store.Change){
		"account kind":  func(ch *store.Change) { ch.Account.Kind = "robot" },
		"binding state": func(ch *store.Change) { b := b[1]; b.State = "gone"; ch.Bindings = []jieling.Binding{b} },
		"case stage":    func(ch *store.Change) { c := c; c.Stage = "limbo"; ch.Case = &c },
		"case goal":     func(ch *store.Change) { c := c; c.Goal = "delete"; ch.Case = &c },
		"event stage": func(ch *store.Change) {
			e := newEvent(c)
			e.Seq, e.Stage = 2, "limbo"
			ch.Case, ch.Events = &c, []jieling.Event{e}
		},
		"challenge state": func(ch *store.Change) {
			q := newChallenge(c)
			q.State = "maybe"
			ch.Challenges = []jieling.Challenge{q}
		},
		"challenge purpose": func(ch *store.Change) {
			q := newChallenge(c)
			q.Purpose = "fun"
			ch.Challenges = []jieling.Challenge{q}
		},
		"effect kind":  func(ch *store.Change) { e := newEffect(a.ID); e.Kind = "explode"; ch.Effects = []jieling.Effect{e} },
		"effect state": func(ch *store.Change) { ch.Report = &store.Report{Attempt: due.Attempt, State: "lost"} },
		"holder":       func(ch *store.Change) { b := b[1]; b.Holder = "ghost"; ch.Bindings = []jieling.Binding{b} },
		"SIM":          func(ch *store.Change) { b := b[1]; b.SIM = "stolen"; ch.Bindings = []jieling.Binding{b} },
		"notice": func(ch *store.Change) {
			b := b[1]
			b.Said = jieling.SessionsRevoked
			ch.Bindings = []jieling.Binding{b}
		},
		"network": func(ch *store.Change) { ch.SignIns = []jieling.SignIn{newSignIn(a.ID, epoch(), "wired")} },
		"platform": func(ch *store.Change) {
			ch.Devices = []jieling.Device{{ID: "dev_x", Account: a.ID, Platform: "fridge", CreatedAt: epoch()}}
		},
	}
	for name, spoil := range lists {
		err := x.write(store.Need{Case: c.ID, Effect: due.ID}, func(sn store.Snapshot) store.Change {
			ch := begin(*sn.Account, "spoil")
			spoil(&ch)
			return ch
		})
		if err == nil {
			x.t.Errorf("an unknown %s was accepted", name)
		}
	}
	if v := x.version(a.ID); v != 2 {
		x.t.Errorf("refused changes moved the account from version 2 to %d", v)
	}
	for _, stage := range jieling.Stages {
		c.Stage, c.Version = stage, c.Version+1
		x.must(x.write(store.Need{Case: c.ID}, func(sn store.Snapshot) store.Change {
			ch := begin(*sn.Account, "move")
			ch.Case, ch.Events = &c, []jieling.Event{newEvent(c)}
			return ch
		}))
	}
}

// needLocates reads one account by each key that can locate it.
func needLocates(x exam) {
	s := newSample()
	account := x.put(s)
	withCase := store.Snapshot{Account: &account, Bindings: []jieling.Binding{s.binding}, Case: &s.c}
	withChallenge := withCase
	withChallenge.Challenge = &s.challenge
	byTicket := store.Snapshot{Account: &account, Bindings: []jieling.Binding{s.binding}, Ticket: &s.ticket}
	for name, look := range map[string]struct {
		need store.Need
		want store.Snapshot
	}{
		"case":      {store.Need{Case: s.c.ID}, withCase},
		"challenge": {store.Need{Challenge: s.challenge.ID}, withChallenge},
		"code":      {store.Need{Code: s.challenge.Code}, withChallenge},
		"ticket":    {store.Need{Ticket: s.ticket.Hash}, byTicket},
	} {
		got := x.load(look.need)
		look.want.Now = got.Now
		x.equal("located by "+name, look.want, got)
		x.must(x.s.Update(x.ctx(), look.need, func(under store.Snapshot) (store.Change, error) {
			under.Now = got.Now
			x.equal("located for an update by "+name, look.want, under)
			return store.Change{}, nil
		}))
	}
}

// needParts fills an account with rows that are over and rows that are not.
func needParts(x exam) {
	a, b := x.register(3)
	open, other := x.open(a.ID, b[0].ID), x.open(a.ID, b[1].ID)
	closed := newCase(a.ID, b[2].ID)
	closed.Stage, closed.Version = jieling.StageClosed, 1
	mine, theirs, dead := newChallenge(open), newChallenge(other), newChallenge(open)
	dead.State = jieling.ChallengeDead
	gone := b[2]
	gone.State, gone.RemovedAt = jieling.BindingRemoved, epoch()
	device := jieling.Device{ID: newID[jieling.DeviceID]("dev"), Account: a.ID, Platform: jieling.IOS, CreatedAt: epoch()}
	lost := device
	lost.ID, lost.RemovedAt = newID[jieling.DeviceID]("dev"), epoch()
	pin := jieling.Enrolment{ID: newID[jieling.FactorID]("fac"), Account: a.ID, Factor: jieling.PaymentPIN, CreatedAt: epoch()}
	old := pin
	old.ID, old.RemovedAt = newID[jieling.FactorID]("fac"), epoch()
	x.must(x.write(store.Need{Account: a.ID}, func(sn store.Snapshot) store.Change {
		ch := begin(*sn.Account, "fill")
		ch.Account.WaysIn = 2
		ch.Bindings, ch.Case, ch.Events = []jieling.Binding{gone}, &closed, []jieling.Event{newEvent(closed)}
		ch.Challenges, ch.Enrolments = []jieling.Challenge{mine, theirs, dead}, []jieling.Enrolment{pin, old}
		ch.Devices = []jieling.Device{device, lost}
		return ch
	}))

	x.equal("bindings", b[:2], x.load(store.Need{Account: a.ID}).Bindings)
	x.equal("bindings with removed ones", []jieling.Binding{b[0], b[1], gone}, x.load(store.Need{Account: a.ID, With: store.Removed}).Bindings)
	parts := x.load(store.Need{Account: a.ID, With: store.OpenCases | store.Challenges | store.Enrolments | store.Devices})
	x.equal("open cases", ids(open.ID, other.ID), ids(idsOf(parts.Cases, func(c jieling.Case) jieling.CaseID { return c.ID })...))
	x.equal("an account's challenges", ids(mine.ID, theirs.ID), challengeIDs(parts))
	x.equal("a case's challenges", ids(mine.ID), challengeIDs(x.load(store.Need{Case: open.ID, With: store.Challenges})))
	x.equal("all challenges", ids(mine.ID, theirs.ID), challengeIDs(x.load(store.Need{Case: open.ID, With: store.Challenges | store.AllChallenges})))
	x.equal("all challenges", ids(mine.ID, theirs.ID), challengeIDs(x.load(store.Need{Challenge: dead.ID, With: store.AllChallenges})))
	x.equal("enrolments", []jieling.Enrolment{pin}, parts.Enrolments)
	x.equal("devices", []jieling.Device{device}, parts.Devices)
	if got := x.load(store.Need{Challenge: dead.ID}).Challenge; got == nil || got.State != jieling.ChallengeDead {
		x.t.Errorf("a dead challenge that is asked for by its ID gives %+v", got)
	}
	if got := x.load(store.Need{Case: closed.ID}).Case; got == nil || got.Stage != jieling.StageClosed {
		x.t.Errorf("a closed case that is asked for by its ID gives %+v", got)
	}
}

func challengeIDs(sn store.Snapshot) []jieling.ChallengeID {
	return ids(idsOf(sn.Challenges, func(q jieling.Challenge) jieling.ChallengeID { return q.ID })...)
}

func idsOf[R any, I ~string](rows []R, id func(R) I) []I {
	out := make([]I, len(rows))
	for i, r := range rows {
		out[i] = id(r)
	}
	return out
}

// ids sorts.
func ids[I ~string](of ...I) []I {
	slices.SortFunc(of, func(a, b I) int { return strings.Compare(string(a), string(b)) })
	return of
}

// needForeign names one account and the rows of another: they are not under its lock, so they are not loaded.
func needForeign(x exam) {
	s := newSample()
	x.put(s)
	other, _ := x.register(1)
	need := everything(s)
	need.Account, need.Idem = other.ID, store.Idem{}
	got := x.load(need)
	if got.Account == nil || got.Account.ID != other.ID {
		x.t.Fatalf("the first key did not locate the account: %+v", got.Account)
	}
	if got.Case != nil || got.Challenge != nil || got.Ticket != nil || got.Effect != nil || len(got.Cases)+len(got.Challenges)+len(got.Devices) > 0 {
		x.t.Errorf("rows of another account were loaded: %+v", got)
	}
}

func listings(x exam) {
	var accounts []jieling.AccountID
	for range 7 {
		a, _ := x.register(1)
		accounts = append(accounts, a.ID)
	}
	var walked []jieling.AccountID
	for {
		page, err := x.s.Accounts(x.ctx(), append([]jieling.AccountID{""}, walked...)[len(walked)], 3)
		x.must(err)
		if len(page) == 0 {
			break
		}
		walked = append(walked, page...)
	}
	x.equal("walk over accounts", ids(slices.Clone(accounts)...), walked)

	var cases []jieling.CaseID
	for i := range 4 {
		c := newCase(accounts[0], "bnd_x")
		c.Version, c.OpenedAt = 1, epoch().Add(time.Duration(i)*time.Hour)
		c.ID = jieling.NewID[jieling.CaseID]("case", c.OpenedAt, [10]byte{})
		cases = append([]jieling.CaseID{c.ID}, cases...)
		x.must(x.write(store.Need{Account: accounts[0]}, func(sn store.Snapshot) store.Change {
			ch := begin(*sn.Account, "open")
			ch.Case, ch.Events = &c, []jieling.Event{newEvent(c)}
			return ch
		}))
	}
	newest, err := x.s.Cases(x.ctx(), accounts[0], 3)
	x.must(err)
	x.equal("newest cases", cases[:3], idsOf(newest, func(c jieling.Case) jieling.CaseID { return c.ID }))

	x.openings(cases)
	x.keys()
	x.must(x.s.Ping(x.ctx()))
}

// openings walks over the first events of the cases, whose IDs are given newest first, three at a time.
func (x exam) openings(newest []jieling.CaseID) {
	x.t.Helper()
	var got []jieling.CaseID
	for before := jieling.CaseID(""); ; before = got[len(got)-1] {
		page, err := x.s.Openings(x.ctx(), before, 3)
		x.must(err)
		for _, e := range page {
			if e.Seq != 1 || e.Kind == "" || len(e.Data) == 0 {
				x.t.Errorf("an opening is event %d, %q with %d bytes", e.Seq, e.Kind, len(e.Data))
			}
			got = append(got, e.Case)
		}
		if len(page) == 0 || len(got) > len(newest) {
			break
		}
	}
	x.equal("openings", newest, got)
}

func (x exam) keys() {
	x.t.Helper()
	first := store.Key{Name: "a", Hash: newHash(), Scopes: []string{"x"}, CreatedAt: epoch()}
	second := store.Key{Name: "b", Hash: newHash(), CreatedAt: epoch()}
	replaced := first
	replaced.Hash, replaced.Scopes = newHash(), []string{"y", "z"}
	revoked := second
	revoked.RevokedAt = at(1)
	for _, k := range []store.Key{first, second, replaced, revoked} {
		x.must(x.s.PutKey(x.ctx(), k))
	}
	got, err := x.s.Keys(x.ctx())
	x.must(err)
	x.equal("keys", []store.Key{replaced}, got)
}
