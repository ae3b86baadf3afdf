package sqlite

import (
	"database/sql/driver"
	"encoding/json"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/store"
)

// Each kind of row is read and written here in the order its statements name the columns. What is put (changed where it is,
// added where it is not) ends with its key, so that one list of arguments serves both statements.

func readID[T ~string](r *row) (T, error) { return T(r.text()), nil }

func readAccount(r *row) (jieling.Account, error) {
	return jieling.Account{
		ID: jieling.AccountID(r.text()), ExternalID: r.text(), Kind: jieling.AccountKind(r.text()), Region: r.text(), Locale: r.text(),
		RegisteredThrough: jieling.Provider(r.text()), CreatedAt: r.time(), WaysIn: int(r.int()), Frozen: r.bool(), Epoch: r.int(),
		GuardedUntil: r.time(), HeldUntil: r.time(), FactorRemovedAt: r.time(),
		Settings: jieling.Settings{
			DeviceLock: r.bool(), NamedOnly: r.bool(), RemindersOff: r.bool(), ReviewedAt: r.time(), RemindAt: r.time(), PutAside: r.text(),
		},
		Version: r.int(), AuditHead: r.hash(), StrandedAt: r.time(),
	}, nil
}

// putAccountArgs are those of "put account"; the last is the version it was read at.
func putAccountArgs(a jieling.Account) []driver.Value {
	return []driver.Value{
		a.ExternalID, string(a.Kind), a.Region, a.Locale, string(a.RegisteredThrough), moment(a.CreatedAt), int64(a.WaysIn), moment(a.StrandedAt),
		a.Frozen, a.Epoch, moment(a.GuardedUntil), moment(a.HeldUntil), moment(a.FactorRemovedAt),
		a.Settings.DeviceLock, a.Settings.NamedOnly, a.Settings.RemindersOff, moment(a.Settings.ReviewedAt), moment(a.Settings.RemindAt), a.Settings.PutAside,
		a.Version, a.AuditHead[:], moment(a.StrandedAt), string(a.ID), a.Version - 1,
	}
}

func readBinding(r *row) (jieling.Binding, error) {
	return jieling.Binding{
		Provider: jieling.Provider(r.text()), State: jieling.BindingState(r.text()), Label: r.text(), VerifiedAt: r.time(),
		LastUsedAt: r.time(), CreatedAt: r.time(), RemovedAt: r.time(), Subject: r.blob(), Union: r.blob(), Grant: r.blob(),
		Index: r.hash(), Holder: jieling.Holder(r.text()), HolderAt: r.time(), RiskAt: r.time(),
		SIM: jieling.SIM(r.text()), SIMAt: r.time(), QuickOff: r.bool(), QuickAsks: int(r.int()),
		Said: jieling.NoticeKind(r.text()), SaidAt: r.time(),
		Account: jieling.AccountID(r.text()), ID: jieling.BindingID(r.text()),
	}, nil
}

func bindingArgs(b jieling.Binding) []driver.Value {
	return []driver.Value{
		string(b.Provider), string(b.State), b.Label, moment(b.VerifiedAt), moment(b.LastUsedAt), moment(b.CreatedAt),
		moment(b.RemovedAt), bytes(b.Subject), bytes(b.Union), bytes(b.Grant), b.Index[:],
		string(b.Holder), moment(b.HolderAt), moment(b.RiskAt), string(b.SIM), moment(b.SIMAt), b.QuickOff, int64(b.QuickAsks),
		string(b.Said), moment(b.SaidAt),
		string(b.Account), string(b.ID),
	}
}

// kept is a case with its basis as the file has it, which is shared with others and only read, and the mark of that.
type kept struct {
	jieling.Case
	basis store.Basis
	mark  store.Mark
}

// filed is a case as its row has it.
type filed struct {
	id, body string
	mark     store.Mark
}

func readFiled(r *row) (filed, error) {
	f := filed{id: r.text(), body: r.text()}
	copy(f.mark[:], r.blob())
	return f, nil
}

func caseArgs(c jieling.Case, m store.Mark) ([]driver.Value, error) {
	body, err := store.EncodeCase(c)
	if err != nil {
		return nil, err
	}
	return []driver.Value{string(c.Stage), string(c.Goal), string(c.Platform), string(body), m[:], string(c.Account), string(c.ID)}, nil
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
		Case: jieling.CaseID(r.text()), Binding: jieling.BindingID(r.text()), Factor: jieling.Factor(r.text()),
		Purpose: jieling.ChallengePurpose(r.text()), State: jieling.ChallengeState(r.text()), Guesses: int(r.int()), Limit: int(r.int()),
		IssuedAt: r.time(), ExpiresAt: r.time(), Epoch: r.int(), Pack: r.text(), Public: r.blob(), Secret: r.blob(), Code: r.hash(),
		Claimant: jieling.DeviceID(r.text()), Account: jieling.AccountID(r.text()), ID: jieling.ChallengeID(r.text()),
	}, nil
}

func challengeArgs(q jieling.Challenge) []driver.Value {
	return []driver.Value{
		string(q.Case), string(q.Binding), string(q.Factor), string(q.Purpose), string(q.State), int64(q.Guesses), int64(q.Limit),
		moment(q.IssuedAt), moment(q.ExpiresAt), q.Epoch, q.Pack, bytes(q.Public), bytes(q.Secret), digest(q.Code),
		string(q.Claimant), string(q.Account), string(q.ID),
	}
}

func readEnrolment(r *row) (jieling.Enrolment, error) {
	return jieling.Enrolment{
		Factor: jieling.Factor(r.text()), Device: jieling.DeviceID(r.text()), Binding: jieling.BindingID(r.text()), Label: r.text(),
		CreatedAt: r.time(), RemovedAt: r.time(), Secret: r.blob(), Account: jieling.AccountID(r.text()), ID: jieling.FactorID(r.text()),
	}, nil
}

func enrolmentArgs(e jieling.Enrolment) []driver.Value {
	return []driver.Value{
		string(e.Factor), string(e.Device), string(e.Binding), e.Label, moment(e.CreatedAt), moment(e.RemovedAt), bytes(e.Secret),
		string(e.Account), string(e.ID),
	}
}

func readDevice(r *row) (jieling.Device, error) {
	return jieling.Device{
		Name: r.text(), Platform: jieling.Platform(r.text()), Trusted: r.bool(), CreatedAt: r.time(), LastSeen: r.time(),
		RemovedAt: r.time(), AppKey: r.blob(), AppCount: uint32(r.int()), Named: r.bool(), LostAt: r.time(),
		Account: jieling.AccountID(r.text()), ID: jieling.DeviceID(r.text()),
	}, nil
}

func deviceArgs(d jieling.Device) []driver.Value {
	return []driver.Value{
		d.Name, string(d.Platform), d.Trusted, moment(d.CreatedAt), moment(d.LastSeen), moment(d.RemovedAt), bytes(d.AppKey), int64(d.AppCount),
		d.Named, moment(d.LostAt),
		string(d.Account), string(d.ID),
	}
}

func readBudget(r *row) (jieling.Budget, error) {
	return jieling.Budget{
		Since: r.time(), Wrong: int(r.int()), Issued: int(r.int()), Day: r.time(), Hour: r.time(), InHour: int(r.int()),
		Account: jieling.AccountID(r.text()), Factor: jieling.Factor(r.text()),
	}, nil
}

func budgetArgs(b jieling.Budget) []driver.Value {
	return []driver.Value{
		moment(b.Since), int64(b.Wrong), int64(b.Issued), moment(b.Day), moment(b.Hour), int64(b.InHour), string(b.Account), string(b.Factor),
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
		Hash: r.hash(), Binding: jieling.BindingID(r.text()), Device: jieling.DeviceID(r.text()), Platform: jieling.Platform(r.text()),
		CreatedAt: r.time(), ExpiresAt: r.time(), EndedAt: r.time(), Account: jieling.AccountID(r.text()),
		ID: jieling.SessionID(r.text()), Frozen: r.bool(),
	}, nil
}

func sessionArgs(s store.Session) []driver.Value {
	return []driver.Value{
		digest(s.Hash), string(s.Binding), string(s.Device), string(s.Platform), moment(s.CreatedAt), moment(s.ExpiresAt),
		moment(s.EndedAt), string(s.Account), string(s.ID),
	}
}

func readSignIn(r *row) (jieling.SignIn, error) {
	return jieling.SignIn{
		At: r.time(), Binding: jieling.BindingID(r.text()), Device: jieling.DeviceID(r.text()), Platform: jieling.Platform(r.text()),
		Network: r.text(), Net: r.hash(), Place: jieling.Place{Country: r.text(), Region: r.text(), Point: r.text()},
		Account: jieling.AccountID(r.text()), ID: jieling.SignInID(r.text()),
	}, nil
}

func signInArgs(s jieling.SignIn) []driver.Value {
	return []driver.Value{
		moment(s.At), string(s.Binding), string(s.Device), string(s.Platform), s.Network, digest(s.Net), s.Place.Country, s.Place.Region,
		s.Place.Point, string(s.Account), string(s.ID),
	}
}

func readTicket(r *row) (store.Ticket, error) {
	return store.Ticket{
		Device: jieling.DeviceID(r.text()), Platform: jieling.Platform(r.text()), Next: r.text(), ExpiresAt: r.time(), UsedAt: r.time(),
		Account: jieling.AccountID(r.text()), Hash: r.hash(),
	}, nil
}

func ticketArgs(t store.Ticket) []driver.Value {
	return []driver.Value{
		string(t.Device), string(t.Platform), t.Next, moment(t.ExpiresAt), moment(t.UsedAt), string(t.Account), digest(t.Hash),
	}
}

func readAnswer(r *row) (store.Answer, error) {
	return store.Answer{Fingerprint: r.hash(), Ref: r.text(), Code: jieling.Code(r.text()), Detail: r.blob()}, nil
}

func readKey(r *row) (store.Key, error) {
	hash, scopes := r.hash(), r.text()
	k := store.Key{Hash: hash, CreatedAt: r.time(), RevokedAt: r.time(), Name: r.text()}
	return k, json.Unmarshal([]byte(scopes), &k.Scopes)
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
