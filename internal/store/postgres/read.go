package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// view is what one read brought for a group of verbs.
type view struct {
	known      store.KnownBases
	now        time.Time
	accounts   map[jieling.AccountID]*jieling.Account
	bindings   map[jieling.AccountID][]jieling.Binding
	cases      map[jieling.CaseID]*filed
	open       map[jieling.AccountID][]jieling.Case
	challenges map[jieling.ChallengeID]*jieling.Challenge
	codes      map[[32]byte]*jieling.Challenge
	live       map[jieling.AccountID][]jieling.Challenge
	enrolments map[jieling.AccountID][]jieling.Enrolment
	devices    map[jieling.AccountID][]jieling.Device
	budgets    map[jieling.AccountID][]jieling.Budget
	sessions   map[jieling.AccountID][]store.Session
	signIns    map[jieling.AccountID][]jieling.SignIn
	organised
	reviews map[jieling.CaseID][]jieling.Review
	tickets map[[32]byte]*store.Ticket
	effects map[jieling.EffectID]*standing
	answers map[[2]string]*store.Answer
}

// wanted is what a group of verbs needs, together.
type wanted struct {
	with       store.Part
	by         string // the form of the statements that read what is located; see forms
	located    []any  // the parameters of that form
	cases      []string
	challenges []string
	codes      [][]byte
	tickets    [][]byte
	effects    []string
	callers    []string
	keys       []string
}

func want(needs ...store.Need) wanted {
	var w wanted
	var accounts, cases, challenges []string
	var codes, tickets [][]byte
	for _, n := range needs {
		switch {
		case n.Account != "":
			accounts = append(accounts, string(n.Account))
		case n.Case != "":
			cases = append(cases, string(n.Case))
		case n.Challenge != "":
			challenges = append(challenges, string(n.Challenge))
		case n.Code != [32]byte{}:
			codes = append(codes, n.Code[:])
		case n.Ticket != [32]byte{}:
			tickets = append(tickets, n.Ticket[:])
		}
		w.add(n)
	}
	switch {
	case len(accounts) == len(needs):
		w.by, w.located = byAccount, []any{accounts}
	case len(cases) == len(needs):
		w.by, w.located = byCase, []any{cases}
	default:
		w.by, w.located = byAny, []any{accounts, cases, challenges, codes, tickets}
	}
	return w
}

// queue puts a statement on a batch that reads what is located, in the form for it.
func (w wanted) queue(batch *pgx.Batch, statement string, more ...any) *pgx.QueuedQuery {
	return batch.Queue(statement+w.by, append(w.located[:len(w.located):len(w.located)], more...)...)
}

func (w *wanted) add(n store.Need) {
	w.with |= n.With
	if n.Case != "" {
		w.cases = append(w.cases, string(n.Case))
	}
	if n.Challenge != "" {
		w.challenges = append(w.challenges, string(n.Challenge))
	}
	if n.Code != [32]byte{} {
		w.codes = append(w.codes, n.Code[:])
	}
	if n.Ticket != [32]byte{} {
		w.tickets = append(w.tickets, n.Ticket[:])
	}
	if n.Effect != "" {
		w.effects = append(w.effects, string(n.Effect))
	}
	if !n.Idem.Zero() {
		w.callers = append(w.callers, n.Idem.Caller)
		w.keys = append(w.keys, n.Idem.Key)
	}
}

// queue puts the statements that read w on a batch, after whatever begins the transaction; running the batch fills the
// view. accounts is the statement that reads the accounts, and locks them or not.
func (v *view) queue(batch *pgx.Batch, accounts string, w wanted) {
	v.accounts = map[jieling.AccountID]*jieling.Account{}
	w.queue(batch, accounts).Query(each(accountColumns, func(a *jieling.Account) { v.accounts[a.ID] = a }))
	batch.Queue("clock").QueryRow(func(row pgx.Row) error { return row.Scan((*instant)(&v.now)) })
	v.queueAccountRows(batch, w)
	v.queueNamedRows(batch, w)
	v.queueReviews(batch, w)
}

// queueAccountRows reads what hangs on the accounts.
func (v *view) queueAccountRows(batch *pgx.Batch, w wanted) {
	v.bindings = map[jieling.AccountID][]jieling.Binding{}
	w.queue(batch, "read_bindings", w.with&store.Removed != 0).Query(each(bindingColumns, func(b *jieling.Binding) {
		v.bindings[b.Account] = append(v.bindings[b.Account], *b)
	}))
	if w.with&store.OpenCases != 0 {
		v.open = map[jieling.AccountID][]jieling.Case{}
		w.queue(batch, "read_open_cases", marks(v.known)).Query(cases(v.known, func(f *filed) {
			v.open[f.Account] = append(v.open[f.Account], f.Case)
		}))
	}
	if w.with&(store.Challenges|store.AllChallenges) != 0 {
		v.live = map[jieling.AccountID][]jieling.Challenge{}
		w.queue(batch, "read_live_challenges").Query(each(challengeColumns, func(c *jieling.Challenge) {
			v.live[c.Account] = append(v.live[c.Account], *c)
		}))
	}
	if w.with&store.Enrolments != 0 {
		v.enrolments = map[jieling.AccountID][]jieling.Enrolment{}
		w.queue(batch, "read_enrolments").Query(each(enrolmentColumns, func(e *jieling.Enrolment) {
			v.enrolments[e.Account] = append(v.enrolments[e.Account], *e)
		}))
	}
	if w.with&store.Devices != 0 {
		v.devices = map[jieling.AccountID][]jieling.Device{}
		w.queue(batch, "read_devices").Query(each(deviceColumns, func(d *jieling.Device) {
			v.devices[d.Account] = append(v.devices[d.Account], *d)
		}))
	}
	if w.with&store.Budgets != 0 {
		v.budgets = map[jieling.AccountID][]jieling.Budget{}
		w.queue(batch, "read_budgets").Query(each(budgetColumns, func(b *jieling.Budget) {
			v.budgets[b.Account] = append(v.budgets[b.Account], *b)
		}))
	}
	if w.with&store.Sessions != 0 {
		v.sessions = map[jieling.AccountID][]store.Session{}
		w.queue(batch, "read_sessions").Query(each(sessionColumns, func(s *store.Session) {
			v.sessions[s.Account] = append(v.sessions[s.Account], *s)
		}))
	}
	if w.with&store.SignIns != 0 {
		v.signIns = map[jieling.AccountID][]jieling.SignIn{}
		w.queue(batch, "read_sign_ins").Query(each(signInColumns, func(s *jieling.SignIn) {
			v.signIns[s.Account] = append(v.signIns[s.Account], *s)
		}))
	}
	if w.with&store.Organised != 0 {
		v.queueOrganised(batch, w)
	}
}

// queueNamedRows reads what is asked for by its own name.
func (v *view) queueNamedRows(batch *pgx.Batch, w wanted) {
	if len(w.cases)+len(w.challenges)+len(w.codes) > 0 {
		v.cases = map[jieling.CaseID]*filed{}
		batch.Queue("read_cases", w.cases, w.challenges, w.codes, marks(v.known)).Query(cases(v.known, func(f *filed) { v.cases[f.ID] = f }))
	}
	if len(w.challenges)+len(w.codes) > 0 {
		v.challenges, v.codes = map[jieling.ChallengeID]*jieling.Challenge{}, map[[32]byte]*jieling.Challenge{}
		batch.Queue("read_challenges", w.challenges, w.codes).Query(each(challengeColumns, func(c *jieling.Challenge) {
			v.challenges[c.ID], v.codes[c.Code] = c, c
		}))
	}
	if len(w.tickets) > 0 {
		v.tickets = map[[32]byte]*store.Ticket{}
		batch.Queue("read_tickets", w.tickets).Query(each(ticketColumns, func(t *store.Ticket) { v.tickets[t.Hash] = t }))
	}
	if len(w.effects) > 0 {
		v.effects = map[jieling.EffectID]*standing{}
		w.queue(batch, "read_effects", w.effects).
			Query(each(standingColumns, func(s *standing) { v.effects[s.effect.ID] = s }))
	}
	if len(w.keys) > 0 {
		v.answers = map[[2]string]*store.Answer{}
		batch.Queue("read_answers", w.callers, w.keys).Query(each(rememberedColumns, func(r *remembered) {
			v.answers[[2]string{r.caller, r.key}] = &r.answer
		}))
	}
}

// locate gives the account a need is about, whether or not it exists; "" where nothing locates one.
func (v *view) locate(n store.Need) jieling.AccountID {
	switch {
	case n.Account != "":
		return n.Account
	case n.Case != "":
		if c := v.cases[n.Case]; c != nil {
			return c.Account
		}
	case n.Challenge != "":
		if c := v.challenges[n.Challenge]; c != nil {
			return c.Account
		}
	case n.Code != [32]byte{}:
		if c := v.codes[n.Code]; c != nil {
			return c.Account
		}
	default:
		if t := v.tickets[n.Ticket]; t != nil {
			return t.Account
		}
	}
	return ""
}

// snapshot picks out what one verb needs. Rows of another account than the located one are not under its lock and are left
// out. The parts of an account are handed over, not copied: no two verbs of a group share an account.
func (v *view) snapshot(n store.Need) store.Snapshot {
	sn := store.Snapshot{Now: v.now, Replay: v.answers[[2]string{n.Idem.Caller, n.Idem.Key}]}
	sn.Account = v.accounts[v.locate(n)]
	if sn.Account == nil {
		return sn
	}
	id := sn.Account.ID
	sn.Bindings = v.bindings[id]
	if n.With&store.Removed == 0 {
		sn.Bindings = kept(sn.Bindings)
	}
	v.name(&sn, n)
	v.part(&sn, n.With)
	return sn
}

// name fills in what the need names.
func (v *view) name(sn *store.Snapshot, n store.Need) {
	id := sn.Account.ID
	if sn.Challenge = v.challenges[n.Challenge]; n.Challenge == "" {
		sn.Challenge = v.codes[n.Code]
	}
	if sn.Challenge != nil && (sn.Challenge.Account != id || (n.Challenge == "" && n.Code == [32]byte{})) {
		sn.Challenge = nil
	}
	f := v.cases[n.Case]
	if n.Case == "" && sn.Challenge != nil {
		f = v.cases[sn.Challenge.Case]
	}
	if f != nil && f.Account == id {
		c := f.Case // the snapshot's own, for it may be changed
		sn.Case = &c
	}
	if sn.Ticket = v.tickets[n.Ticket]; sn.Ticket != nil && sn.Ticket.Account != id {
		sn.Ticket = nil
	}
	if s := v.effects[n.Effect]; s != nil && s.effect.Account == id {
		sn.Effect, sn.EffectIs = &s.effect, s.state
	}
}

// part fills in the further rows that were asked for.
func (v *view) part(sn *store.Snapshot, with store.Part) {
	id := sn.Account.ID
	if with&store.OpenCases != 0 {
		sn.Cases = v.open[id]
	}
	switch {
	case with&store.AllChallenges != 0:
		sn.Challenges = v.live[id]
	case with&store.Challenges != 0:
		sn.Challenges = ofCase(v.live[id], sn.Case)
	}
	if with&store.Enrolments != 0 {
		sn.Enrolments = v.enrolments[id]
	}
	if with&store.Devices != 0 {
		sn.Devices = v.devices[id]
	}
	if with&store.Budgets != 0 {
		sn.Budgets = v.budgets[id]
	}
	if with&store.Sessions != 0 {
		sn.Sessions = slices.DeleteFunc(v.sessions[id], func(s store.Session) bool { return !sn.Now.Before(s.ExpiresAt) })
	}
	if with&store.Reviews != 0 {
		v.review(sn)
	}
	if with&store.SignIns != 0 {
		sn.SignIns = v.signIns[id]
	}
	if with&store.Organised != 0 {
		v.fillOrganised(sn)
	}
}

func kept(all []jieling.Binding) []jieling.Binding {
	live := all[:0:0]
	for _, b := range all {
		if b.State != jieling.BindingRemoved {
			live = append(live, b)
		}
	}
	return live
}

func ofCase(all []jieling.Challenge, c *jieling.Case) []jieling.Challenge {
	if c == nil {
		return all
	}
	own := all[:0:0]
	for _, ch := range all {
		if ch.Case == c.ID {
			own = append(own, ch)
		}
	}
	return own
}

// Load reads a snapshot without a lock, in one round trip and as of one moment.
func (s *Store) Load(ctx context.Context, need store.Need) (store.Snapshot, error) {
	if need.Account != "" && need == (store.Need{Account: need.Account}) {
		if sn, err := s.loading.get(ctx, need.Account); err != nil || sn.Account != nil {
			return sn, err
		}
	}
	v := view{known: s.bases.Known()}
	err := s.reading(ctx, "load", func(ctx context.Context, conn *pgxpool.Conn) error {
		var batch pgx.Batch
		batch.Queue("begin_view")
		v.queue(&batch, "read_accounts", want(need))
		batch.Queue("commit")
		return conn.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return store.Snapshot{}, err
	}
	v.now = v.now.Add(s.offset())
	return v.snapshot(need), nil
}
