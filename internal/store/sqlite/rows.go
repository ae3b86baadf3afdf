package sqlite

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/store"
)

// Each kind of row is read here in the order its SELECT names the columns, and written in the order of its INSERT.

func readID[T ~string](r *row) (T, error) { return T(r.text()), nil }

func readAccount(r *row) (jieling.Account, error) {
	return jieling.Account{
		ID: jieling.AccountID(r.text()), ExternalID: r.text(), Kind: jieling.AccountKind(r.text()), Region: r.text(), Locale: r.text(),
		RegisteredThrough: jieling.Provider(r.text()), CreatedAt: r.time(), WaysIn: int(r.int()), Frozen: r.bool(), Epoch: r.int(),
		GuardedUntil: r.time(), Version: r.int(), AuditHead: r.hash(),
	}, nil
}

// putAccountArgs are those of "put account"; the last is the version it was read at.
func putAccountArgs(a jieling.Account) []driver.Value {
	return []driver.Value{
		a.ExternalID, string(a.Kind), a.Region, a.Locale, string(a.RegisteredThrough), moment(a.CreatedAt), int64(a.WaysIn),
		a.Frozen, a.Epoch, moment(a.GuardedUntil), a.Version, a.AuditHead[:], string(a.ID), a.Version - 1,
	}
}

func readBinding(r *row) (jieling.Binding, error) {
	return jieling.Binding{
		ID: jieling.BindingID(r.text()), Account: jieling.AccountID(r.text()), Provider: jieling.Provider(r.text()),
		State: jieling.BindingState(r.text()), Label: r.text(), VerifiedAt: r.time(), LastUsedAt: r.time(), CreatedAt: r.time(),
		RemovedAt: r.time(), Subject: r.blob(), Union: r.blob(), Grant: r.blob(), Index: r.hash(),
	}, nil
}

func bindingArgs(b jieling.Binding) []driver.Value {
	return []driver.Value{
		string(b.ID), string(b.Account), string(b.Provider), string(b.State), b.Label, moment(b.VerifiedAt), moment(b.LastUsedAt),
		moment(b.CreatedAt), moment(b.RemovedAt), bytes(b.Subject), bytes(b.Union), bytes(b.Grant), b.Index[:],
	}
}

func readCase(r *row) (c jieling.Case, err error) {
	if err := json.Unmarshal([]byte(r.text()), &c); err != nil {
		return c, fmt.Errorf("a case's body cannot be read: %T", err) // the error's own text could quote the body
	}
	return c, nil
}

func caseArgs(c jieling.Case) ([]driver.Value, error) {
	body, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("a case's body cannot be written: %T", err)
	}
	return []driver.Value{string(c.ID), string(c.Account), string(c.Stage), c.Version, string(body)}, nil
}

func readEvent(r *row) (jieling.Event, error) {
	return jieling.Event{
		Case: jieling.CaseID(r.text()), Seq: r.int(), Kind: r.text(),
		Actor: jieling.Actor{
			Kind: jieling.ActorKind(r.text()), Name: r.text(), Account: jieling.AccountID(r.text()), Device: jieling.DeviceID(r.text()),
		},
		At: r.time(), Stage: jieling.Stage(r.text()), Data: r.blob(),
	}, nil
}

func eventArgs(e jieling.Event) []driver.Value {
	return []driver.Value{
		string(e.Case), e.Seq, e.Kind, string(e.Actor.Kind), e.Actor.Name, string(e.Actor.Account), string(e.Actor.Device),
		moment(e.At), string(e.Stage), bytes(e.Data),
	}
}

func readChallenge(r *row) (jieling.Challenge, error) {
	return jieling.Challenge{
		ID: jieling.ChallengeID(r.text()), Account: jieling.AccountID(r.text()), Case: jieling.CaseID(r.text()),
		Binding: jieling.BindingID(r.text()), Factor: jieling.Factor(r.text()), Purpose: jieling.ChallengePurpose(r.text()),
		State: jieling.ChallengeState(r.text()), Guesses: int(r.int()), Limit: int(r.int()), IssuedAt: r.time(), ExpiresAt: r.time(),
		Epoch: r.int(), Pack: r.text(), Public: r.blob(), Secret: r.blob(), Code: r.hash(), Claimant: jieling.DeviceID(r.text()),
	}, nil
}

func challengeArgs(q jieling.Challenge) []driver.Value {
	return []driver.Value{
		string(q.ID), string(q.Account), string(q.Case), string(q.Binding), string(q.Factor), string(q.Purpose), string(q.State),
		int64(q.Guesses), int64(q.Limit), moment(q.IssuedAt), moment(q.ExpiresAt), q.Epoch, q.Pack, bytes(q.Public), bytes(q.Secret),
		digest(q.Code), string(q.Claimant),
	}
}

func readEnrolment(r *row) (jieling.Enrolment, error) {
	return jieling.Enrolment{
		ID: jieling.FactorID(r.text()), Account: jieling.AccountID(r.text()), Factor: jieling.Factor(r.text()),
		Device: jieling.DeviceID(r.text()), Binding: jieling.BindingID(r.text()), Label: r.text(), CreatedAt: r.time(),
		RemovedAt: r.time(), Secret: r.blob(),
	}, nil
}

func enrolmentArgs(e jieling.Enrolment) []driver.Value {
	return []driver.Value{
		string(e.ID), string(e.Account), string(e.Factor), string(e.Device), string(e.Binding), e.Label, moment(e.CreatedAt),
		moment(e.RemovedAt), bytes(e.Secret),
	}
}

func readDevice(r *row) (jieling.Device, error) {
	return jieling.Device{
		ID: jieling.DeviceID(r.text()), Account: jieling.AccountID(r.text()), Name: r.text(), Platform: jieling.Platform(r.text()),
		Trusted: r.bool(), CreatedAt: r.time(), LastSeen: r.time(), RemovedAt: r.time(),
	}, nil
}

func deviceArgs(d jieling.Device) []driver.Value {
	return []driver.Value{
		string(d.ID), string(d.Account), d.Name, string(d.Platform), d.Trusted, moment(d.CreatedAt), moment(d.LastSeen), moment(d.RemovedAt),
	}
}

func readBudget(r *row) (jieling.Budget, error) {
	return jieling.Budget{
		Account: jieling.AccountID(r.text()), Factor: jieling.Factor(r.text()), Since: r.time(), Wrong: int(r.int()),
		Issued: int(r.int()), Day: r.time(), Hour: r.time(), InHour: int(r.int()),
	}, nil
}

func budgetArgs(b jieling.Budget) []driver.Value {
	return []driver.Value{
		string(b.Account), string(b.Factor), moment(b.Since), int64(b.Wrong), int64(b.Issued), moment(b.Day), moment(b.Hour), int64(b.InHour),
	}
}

// held is an effect with its state.
type held struct {
	jieling.Effect
	is jieling.EffectState
}

func readHeld(r *row) (held, error) {
	e, err := readEffect(r)
	return held{e, jieling.EffectState(r.text())}, err
}

func readEffect(r *row) (jieling.Effect, error) {
	return jieling.Effect{
		ID: jieling.EffectID(r.text()), Key: r.text(), Kind: jieling.EffectKind(r.text()), Account: jieling.AccountID(r.text()),
		Case: jieling.CaseID(r.text()), Target: r.text(), Subject: r.text(), Payload: r.blob(), RunAt: r.time(),
		Attempt: int(r.int()), Lease: r.time(), LastErr: r.text(),
	}, nil
}

func effectArgs(e jieling.Effect) []driver.Value {
	return []driver.Value{
		string(e.ID), e.Key, string(e.Kind), string(e.Account), string(e.Case), e.Target, e.Subject, bytes(e.Payload), moment(e.RunAt),
	}
}

func readSession(r *row) (store.Session, error) {
	return store.Session{
		ID: jieling.SessionID(r.text()), Hash: r.hash(), Account: jieling.AccountID(r.text()), Binding: jieling.BindingID(r.text()),
		Device: jieling.DeviceID(r.text()), Platform: jieling.Platform(r.text()), CreatedAt: r.time(), ExpiresAt: r.time(),
		EndedAt: r.time(), Frozen: r.bool(),
	}, nil
}

func sessionArgs(s store.Session) []driver.Value {
	return []driver.Value{
		string(s.ID), digest(s.Hash), string(s.Account), string(s.Binding), string(s.Device), string(s.Platform), moment(s.CreatedAt),
		moment(s.ExpiresAt), moment(s.EndedAt),
	}
}

func readTicket(r *row) (store.Ticket, error) {
	return store.Ticket{
		Hash: r.hash(), Account: jieling.AccountID(r.text()), Device: jieling.DeviceID(r.text()), Platform: jieling.Platform(r.text()),
		Next: r.text(), ExpiresAt: r.time(), UsedAt: r.time(),
	}, nil
}

func ticketArgs(t store.Ticket) []driver.Value {
	return []driver.Value{
		digest(t.Hash), string(t.Account), string(t.Device), string(t.Platform), t.Next, moment(t.ExpiresAt), moment(t.UsedAt),
	}
}

func readAnswer(r *row) (store.Answer, error) {
	return store.Answer{Fingerprint: r.hash(), Ref: r.text(), Code: jieling.Code(r.text()), Detail: r.blob()}, nil
}

func readKey(r *row) (store.Key, error) {
	k := store.Key{Name: r.text(), Hash: r.hash()}
	err := json.Unmarshal([]byte(r.text()), &k.Scopes)
	k.CreatedAt, k.RevokedAt = r.time(), r.time()
	return k, err
}

func readEntry(r *row) (audit.Entry, error) {
	return audit.Entry{
		Account: jieling.AccountID(r.text()), Seq: r.int(), Case: jieling.CaseID(r.text()), Actor: r.text(), Verb: r.text(),
		At: r.time(), Detail: r.blob(), Prev: r.hash(), Hash: r.hash(),
	}, nil
}

func entryArgs(e audit.Entry) []driver.Value {
	return []driver.Value{
		string(e.Account), e.Seq, string(e.Case), e.Actor, e.Verb, moment(e.At), bytes(e.Detail), e.Prev[:], e.Hash[:],
	}
}
