package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// errUnpaired is a bug of the caller: S24 asks one audit row for every transition, following the account's last.
var errUnpaired = errors.New("postgres: a change and its audit entry do not belong together")

// writing gathers what a group of verbs changes, as the rows of each statement.
type writing struct {
	newAccounts, accounts, bindings, cases, moves, events, challenges, enrolments, devices, budgets               table
	effects, reports, audit, ended, sessions, signIns, tickets, answers, replays, organisations, members, managed table
	reviews, erased, evidence                                                                                     table
}

// before is what a change is held against: taken down before decide runs, because the snapshot is decide's to change.
type before struct {
	account jieling.Account // zero where there is none
	usable  map[jieling.BindingID]bool
	attempt int // of the effect that is due; -1: there is none
	replay  bool
	now     time.Time
	filed   *filed // the located case; nil: there is none
}

// keeps reports that a case was read and its basis is what it was.
func (b before) keeps(c *jieling.Case) bool {
	return b.filed != nil && b.filed.ID == c.ID && b.filed.basis.Same(store.BasisOf(*c))
}

func beforeOf(sn store.Snapshot) before {
	b := before{attempt: -1, replay: sn.Replay != nil, now: sn.Now, usable: make(map[jieling.BindingID]bool, len(sn.Bindings)+1)}
	if sn.Account != nil {
		b.account = *sn.Account
	}
	for _, binding := range sn.Bindings {
		b.usable[binding.ID] = binding.Usable()
	}
	if sn.Effect != nil && sn.EffectIs == jieling.EffectDue {
		b.attempt = sn.Effect.Attempt
	}
	return b
}

// check refuses a change that does not follow from what was read. The schema refuses most of it again; here it does not
// cost the rest of the group a second run.
func (b before) check(n store.Need, ch store.Change) error {
	switch {
	case ch.Report != nil && ch.Report.Attempt != b.attempt, ch.Replayed && !b.replay:
		return store.ErrStale
	case ch.Answer != nil && n.Idem.Zero():
		return errors.New("postgres: an answer without an idempotency key")
	case ch.Account != nil:
		return b.checkTransition(n, ch)
	case ch.Audit != nil || ch.Case != nil || ch.Organisation != nil || ch.Membership != nil || ch.Erase != "" ||
		len(ch.Bindings)+len(ch.Events)+len(ch.Enrolments)+len(ch.Devices)+len(ch.Managed) > 0:
		return errUnpaired
	}
	return nil
}

func (b before) checkTransition(n store.Need, ch store.Change) error {
	a, e := ch.Account, ch.Audit
	switch {
	case b.account.ID != "" && a.ID != b.account.ID, n.Account != "" && a.ID != n.Account, a.Version != b.account.Version+1:
		return store.ErrStale
	case e == nil, e.Account != a.ID, e.Seq != a.Version, e.Prev != b.account.AuditHead, e.Hash != a.AuditHead:
		return errUnpaired
	}
	for i, e := range ch.Events {
		if ch.Case == nil || e.Case != ch.Case.ID || e.Seq != ch.Events[0].Seq+int64(i) {
			return fmt.Errorf("postgres: events are not of the change's case, or not in sequence: %w", store.ErrStale)
		}
	}
	return store.Stranding(b.account, ch)
}

// waysIn is what the guard of S14 gets to see: what the change claims, or fewer where the rows under the lock have fewer.
func (b before) waysIn(ch store.Change) int {
	if len(ch.Bindings) == 0 {
		return ch.Account.WaysIn
	}
	for _, binding := range ch.Bindings {
		b.usable[binding.ID] = binding.Usable()
	}
	count := 0
	for _, usable := range b.usable {
		if usable {
			count++
		}
	}
	return min(count, ch.Account.WaysIn)
}

// encoded is what a change has that is kept as JSON.
type encoded struct {
	body   []byte
	basis  []byte // nil where it stays as it is
	mark   store.Mark
	actors [][]byte
}

func encode(b before, ch store.Change) (e encoded, err error) {
	if ch.Case != nil {
		if e.body, err = store.EncodeCase(*ch.Case); err != nil {
			return encoded{}, fmt.Errorf("postgres: %w", err)
		}
		if !b.keeps(ch.Case) {
			if e.basis, e.mark, err = store.EncodeBasis(store.BasisOf(*ch.Case)); err != nil {
				return encoded{}, fmt.Errorf("postgres: %w", err)
			}
		}
	}
	for _, event := range ch.Events {
		actor, err := json.Marshal(event.Actor)
		if err != nil {
			return encoded{}, fmt.Errorf("postgres: encode an actor: %w", err)
		}
		e.actors = append(e.actors, actor)
	}
	return e, nil
}

// add takes in the change of a verb, all of it or (on an error) nothing, and reports whether it writes anything.
func (w *writing) add(n store.Need, b before, ch store.Change) (writes bool, err error) {
	if err := b.check(n, ch); err != nil {
		return false, err
	}
	json, err := encode(b, ch)
	if err != nil {
		return false, err
	}
	rows, account := w.rows(), b.account.ID
	if ch.Account != nil {
		account = ch.Account.ID
	}
	if err := w.addReviews(account, ch); err != nil {
		return false, err
	}
	if ch.Account != nil {
		w.addAccount(b, ch)
	}
	w.addCase(account, ch, json)
	w.addAccountRows(ch)
	if err := w.addOrganised(ch); err != nil {
		return false, err
	}
	w.addEffects(account, n, ch)
	w.addSessions(account, b, ch)
	w.addAnswer(n.Idem, ch)
	return w.rows() > rows, nil
}

func (w *writing) addAccount(b before, ch store.Change) {
	a, e := ch.Account, ch.Audit
	t := &w.accounts
	if b.account.ID == "" {
		t = &w.newAccounts
	}
	t.add(string(a.ID), a.ExternalID, string(a.Kind), a.Region, a.Locale, string(a.RegisteredThrough), a.CreatedAt,
		b.waysIn(ch), a.Frozen, a.Epoch, a.GuardedUntil, a.HeldUntil, a.FactorRemovedAt, a.Settings.DeviceLock, a.Settings.NamedOnly,
		a.Settings.RemindersOff, a.Settings.ReviewedAt, a.Settings.RemindAt, a.Settings.PutAside, a.Version, a.AuditHead[:], a.StrandedAt)
	w.audit.add(string(e.Account), e.Seq, string(e.Case), e.Actor, e.Verb, e.At, e.Detail, e.Prev[:], e.Hash[:])
}

func (w *writing) addCase(account jieling.AccountID, ch store.Change, json encoded) {
	if c := ch.Case; c != nil {
		row := []any{
			string(c.Account), string(c.ID), string(c.Goal), string(c.Platform), string(c.Reason), string(c.Stage),
			string(c.Resume), string(c.Backup), string(c.Upstream), c.Version, c.OpenedAt, json.body,
		}
		if json.basis == nil {
			w.moves.add(row...)
		} else {
			w.cases.add(append(row, json.basis, json.mark)...)
		}
	}
	for i, e := range ch.Events {
		w.events.add(string(account), string(e.Case), e.Seq, e.Kind, json.actors[i], e.At, string(e.Stage), e.Data, i == 0)
	}
}

func (w *writing) addAccountRows(ch store.Change) {
	// Removed ones first: an identity may leave one binding for another in the same change (S7).
	for _, removed := range []bool{true, false} {
		for _, b := range ch.Bindings {
			if (b.State == jieling.BindingRemoved) == removed {
				w.bindings.add(string(b.Account), string(b.ID), string(b.Provider), string(b.State), b.Label, b.VerifiedAt, b.LastUsedAt,
					b.CreatedAt, b.RemovedAt, b.Subject, b.Union, b.Grant, b.Index[:], string(b.Holder), b.HolderAt, b.RiskAt,
					string(b.SIM), b.SIMAt, b.QuickOff, b.QuickAsks, string(b.Said), b.SaidAt)
			}
		}
	}
	for _, c := range ch.Challenges {
		w.challenges.add(string(c.Account), string(c.ID), string(c.Case), string(c.Binding), string(c.Factor), string(c.Purpose),
			string(c.State), c.Guesses, c.Limit, c.IssuedAt, c.ExpiresAt, c.Epoch, c.Pack, c.Public, c.Secret, filled(c.Code), string(c.Claimant))
	}
	for _, e := range ch.Enrolments {
		w.enrolments.add(string(e.Account), string(e.ID), string(e.Factor), string(e.Device), string(e.Binding), e.Label, e.CreatedAt,
			e.RemovedAt, e.Secret)
	}
	for _, d := range ch.Devices {
		w.devices.add(string(d.Account), string(d.ID), d.Name, string(d.Platform), d.Trusted, d.CreatedAt, d.LastSeen, d.RemovedAt, d.AppKey,
			int64(d.AppCount), d.Named, d.LostAt)
	}
	for _, b := range ch.Budgets {
		w.budgets.add(string(b.Account), string(b.Factor), b.Since, b.Wrong, b.Issued, b.Day, b.Hour, b.InHour)
	}
}

func (w *writing) addEffects(account jieling.AccountID, n store.Need, ch store.Change) {
	for _, e := range ch.Effects {
		w.effects.add(string(e.Account), string(e.ID), e.Key, string(e.Kind), string(e.Case), e.Target, e.Subject, e.Payload, e.RunAt, e.Attempt)
	}
	if r := ch.Report; r != nil {
		w.reports.add(string(account), string(n.Effect), r.Attempt, string(r.State), r.RunAt, r.Error)
	}
}

func (w *writing) addSessions(account jieling.AccountID, b before, ch store.Change) {
	if ch.EndAllSessions || ch.EndSessions != "" {
		w.ended.add(string(account), string(ch.EndSessions), ch.EndAllSessions, b.now)
	}
	for _, s := range ch.Sessions {
		w.sessions.add(string(s.Account), string(s.ID), s.Hash[:], string(s.Binding), string(s.Device), string(s.Platform), s.CreatedAt,
			s.ExpiresAt, s.EndedAt)
	}
	for _, s := range ch.SignIns {
		w.signIns.add(string(s.Account), string(s.ID), s.At, string(s.Binding), string(s.Device), string(s.Platform), s.Network, filled(s.Net),
			s.Place.Country, s.Place.Region, s.Place.Point)
	}
	if t := ch.Ticket; t != nil {
		w.tickets.add(t.Hash[:], string(t.Account), string(t.Device), string(t.Platform), t.Next, t.ExpiresAt, t.UsedAt)
	}
}

func (w *writing) addAnswer(idem store.Idem, ch store.Change) {
	if a := ch.Answer; a != nil {
		w.answers.add(idem.Caller, idem.Key, a.Fingerprint[:], a.Ref, string(a.Code), a.Detail)
	}
	if ch.Replayed {
		w.replays.add(idem.Caller, idem.Key)
	}
}

// order is the statements in the order they run: first what other transactions may be waiting for in turn, which is the
// accounts, then the rest; sessions end before new ones open.
func (w *writing) order() []step {
	return []step{
		{"insert_accounts", &w.newAccounts},
		{"update_accounts", &w.accounts},
		{"put_bindings", &w.bindings},
		{"put_organisations", &w.organisations},
		{"put_members", &w.members},
		{"put_managed", &w.managed},
		{"put_cases", &w.cases},
		{"move_cases", &w.moves},
		{"add_events", &w.events},
		{"put_challenges", &w.challenges},
		{"put_enrolments", &w.enrolments},
		{"put_devices", &w.devices},
		{"put_budgets", &w.budgets},
		{"put_reviews", &w.reviews},
		{"erase_evidence", &w.erased},
		{"add_evidence", &w.evidence},
		{"add_effects", &w.effects},
		{"report_effects", &w.reports},
		{"add_audit", &w.audit},
		{"end_sessions", &w.ended},
		{"put_sessions", &w.sessions},
		{"add_sign_ins", &w.signIns},
		{"put_tickets", &w.tickets},
		{"add_answers", &w.answers},
		{"replay_answers", &w.replays},
	}
}

type step struct {
	statement string
	table     *table
}

func (w *writing) rows() (n int) {
	for _, s := range w.order() {
		n += s.table.rows
	}
	return n
}

// queue puts the statements that have rows on a batch, and the commit behind them. A statement that fails, or whose fence
// does, keeps the commit from being reached.
func (w *writing) queue(batch *pgx.Batch) {
	for _, s := range w.order() {
		if s.table.rows > 0 {
			batch.Queue(s.statement, s.table.columns...)
		}
	}
	batch.Queue("commit")
}
