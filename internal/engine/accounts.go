package engine

import (
	"context"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/store"
)

// RegisterAccount makes the product's account known. A taken external ID is CodeConflict.
func (e *Engine) RegisterAccount(ctx context.Context, by jieling.Actor, idem Idem, in NewAccount) (jieling.Account, error) {
	var out jieling.Account
	if err := may(by, ScopeAccounts, ""); err != nil || by.Kind == jieling.ActorPerson {
		return out, forbidden()
	}
	in, err := in.checked()
	if err != nil {
		return out, err
	}
	id := newID[jieling.AccountID](e, "acc", time.Now())
	var earlier jieling.AccountID
	err = e.do(ctx, by, idem, store.Need{Account: id}, func(w *work) (string, error) {
		w.Account = in.account(id, w.Now)
		w.transition("account.register", map[string]any{"kind": in.Kind})
		out = *w.Account
		out.Version = 1
		return string(id), nil
	}, func(_ store.Snapshot, a store.Answer) error {
		earlier = jieling.AccountID(a.Ref)
		return nil
	})
	if err != nil || earlier == "" {
		return out, err
	}
	view, err := e.Account(ctx, by, earlier)
	return view.Account, err
}

func (in NewAccount) account(id jieling.AccountID, at time.Time) *jieling.Account {
	return &jieling.Account{
		ID: id, ExternalID: in.ExternalID, Kind: in.Kind, Region: in.Region, Locale: in.Locale, RegisteredThrough: in.RegisteredThrough, CreatedAt: at,
	}
}

func (in NewAccount) checked() (NewAccount, error) {
	if in.Region == "" {
		in.Region = "CN"
	}
	if in.Locale == "" {
		in.Locale = "zh-CN"
	}
	switch {
	case !plain(in.ExternalID, 128):
		return in, jieling.Invalid("external_id", "must be 1 to 128 printable characters")
	case in.Kind != jieling.Personal && in.Kind != jieling.Merchant && in.Kind != jieling.EnterpriseMember:
		return in, jieling.Invalid("kind", "must be personal, merchant or enterprise_member")
	case !regionForm.MatchString(in.Region):
		return in, jieling.Invalid("region", "must be two upper-case letters (ISO 3166-1)")
	case in.Locale != "zh-CN" && in.Locale != "en":
		return in, jieling.Invalid("locale", "must be zh-CN or en")
	case in.RegisteredThrough != "" && !providerForm.MatchString(string(in.RegisteredThrough)):
		return in, jieling.Invalid("registered_through", "must be a provider name: lower-case letters, digits, _ and -")
	}
	return in, nil
}

var (
	regionForm   = regexp.MustCompile(`^[A-Z]{2}$`)
	providerForm = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)
	mailboxForm  = regexp.MustCompile(`^[a-zA-Z0-9!#$%&'*+/=?^_{|}~-][a-zA-Z0-9.!#$%&'*+/=?^_{|}~-]{0,63}@([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z][a-zA-Z0-9-]{0,61}[a-zA-Z0-9]$`)
	phoneForm    = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
)

// plain reports that s has 1..limit characters, all printable.
func plain(s string, limit int) bool {
	return s != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= limit && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

// Account shows an account with its bindings, open cases, factors, devices and live sessions, and how all of it stands.
func (e *Engine) Account(ctx context.Context, by jieling.Actor, id jieling.AccountID) (AccountView, error) {
	s, err := e.Store.Load(ctx, store.Need{Account: id, With: viewParts})
	if err != nil {
		return AccountView{}, translate(err)
	}
	if err := found(s, by, ScopeAccounts); err != nil {
		return AccountView{}, err
	}
	return e.accountView(s, by), nil
}

// viewParts is what a view of an account shows.
const viewParts = store.OpenCases | store.Enrolments | store.Devices | store.Sessions

func (e *Engine) accountView(s store.Snapshot, by jieling.Actor) AccountView {
	out := AccountView{
		Account: *s.Account, Bindings: s.Bindings, Cases: s.Cases, Enrolments: s.Enrolments, Devices: s.Devices, Sessions: s.Sessions,
		CheckUp: checkUp(s, by, nil), Now: s.Now,
	}
	if by.Kind == jieling.ActorPerson {
		a := e.access(s, "", nil)
		out.Access = &a
	}
	return out
}

// Bindings shows an account's login identities alone: what a sign-in page asks for every time it is opened.
func (e *Engine) Bindings(ctx context.Context, by jieling.Actor, id jieling.AccountID) ([]jieling.Binding, error) {
	s, err := e.Store.Load(ctx, store.Need{Account: id})
	if err != nil {
		return nil, translate(err)
	}
	if err := found(s, by, ScopeAccounts); err != nil {
		return nil, err
	}
	return s.Bindings, nil
}

// FindAccount shows the account of the product's own name for it.
func (e *Engine) FindAccount(ctx context.Context, by jieling.Actor, externalID string) (AccountView, error) {
	if by.Kind != jieling.ActorProduct {
		return AccountView{}, forbidden()
	}
	if err := may(by, ScopeAccounts, ""); err != nil {
		return AccountView{}, err
	}
	id, err := e.Store.FindAccount(ctx, externalID)
	if err != nil {
		return AccountView{}, translate(err)
	}
	return e.Account(ctx, by, id)
}

// AddBinding adds a login identity the product vouches for, or gives back one that its provider had taken away, where the product has proven
// it since. A person adds one only through a case (OpenCase with the goal
// link, or Replacement), where it is proven.
func (e *Engine) AddBinding(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID, in NewBinding) (jieling.Binding, error) {
	var out jieling.Binding
	if by.Kind != jieling.ActorProduct {
		return out, forbidden()
	}
	if err := in.check(); err != nil {
		return out, err
	}
	err := e.do(ctx, by, idem, store.Need{Account: account, With: store.OpenCases}, func(w *work) (string, error) {
		if err := found(w.Snapshot, by, ScopeAccounts); err != nil {
			return "", err
		}
		if w.Account.Frozen {
			return "", frozen()
		}
		if err := w.held(); err != nil {
			return "", err
		}
		if err := w.refusesMailbox(in); err != nil {
			return "", err
		}
		if b := w.withheld(in); b != nil {
			w.renew(*b, in.VerifiedAt.UTC().Truncate(time.Microsecond))
			out = *w.binding(b.ID)
			return string(b.ID), nil
		}
		b, err := e.newBinding(w, in, jieling.BindingActive)
		if err != nil {
			return "", err
		}
		if b.VerifiedAt = in.VerifiedAt.UTC().Truncate(time.Microsecond); b.VerifiedAt.IsZero() || b.VerifiedAt.After(w.Now) {
			b.VerifiedAt = w.Now
		}
		w.putBinding(b)
		w.recheck(w.Cases...)
		w.transition("binding.add", map[string]any{"binding": b.ID, "provider": b.Provider})
		out = b
		return string(b.ID), nil
	}, func(s store.Snapshot, a store.Answer) error {
		for _, b := range s.Bindings {
			if string(b.ID) == a.Ref {
				out = b
				return nil
			}
		}
		return notFound()
	})
	return out, err
}

func (in NewBinding) check() error {
	switch {
	case !providerForm.MatchString(string(in.Provider)):
		return jieling.Invalid("provider", "must be a provider name: lower-case letters, digits, _ and -")
	case in.Provider == jieling.Email && !mailbox(in.Subject):
		return jieling.Malformed("subject", "这不像一个邮箱地址。请填一个，例如 lin@example.com；中文域名请写成 xn-- 开头的形式。",
			"That is not one mailbox, like lin@example.com. Give a domain in other letters in its xn-- form.")
	case !plain(in.Subject, 256):
		return jieling.Invalid("subject", "must be 1 to 256 printable characters")
	case in.Provider == jieling.Phone && !phoneForm.MatchString(in.Subject):
		return jieling.Invalid("subject", "must be a phone number in E.164, like +8613800000000")
	case in.Union != "" && !plain(in.Union, 256):
		return jieling.Invalid("union_id", "must be at most 256 printable characters")
	}
	return nil
}

// newBinding seals an identity into a binding of the work's account.
func (e *Engine) newBinding(w *work, in NewBinding, state jieling.BindingState) (jieling.Binding, error) {
	b := jieling.Binding{
		ID: newID[jieling.BindingID](e, "bnd", w.Now), Account: w.Account.ID, Provider: in.Provider, State: state,
		Label: mask(in.Provider, in.Subject), CreatedAt: w.Now, QuickAsks: w.quickAsks(), Index: e.index(in.Provider, in.Subject),
	}
	var err error
	if b.Subject, err = e.Keys.Seal(subjectOf(b.ID), []byte(in.Subject)); err != nil {
		return b, err
	}
	if in.Union != "" {
		b.Union, err = e.Keys.Seal(unionOf(b.ID), []byte(in.Union))
	}
	return b, err
}

func subjectOf(id jieling.BindingID) keyring.Place {
	return keyring.Place{Owner: string(id), Field: "subject"}
}

func unionOf(id jieling.BindingID) keyring.Place {
	return keyring.Place{Owner: string(id), Field: "union"}
}

func grantOf(id jieling.BindingID) keyring.Place {
	return keyring.Place{Owner: string(id), Field: "grant"}
}

func secretOf(id jieling.FactorID) keyring.Place {
	return keyring.Place{Owner: string(id), Field: "secret"}
}

func answerOf(id jieling.ChallengeID) keyring.Place {
	return keyring.Place{Owner: string(id), Field: "answer"}
}

// mailbox reports that a subject is one mailbox and nothing else: no name beside it, no list, no comment (S11).
func mailbox(subject string) bool {
	return len(subject) <= 254 && mailboxForm.MatchString(subject) && !strings.Contains(subject, "..") && !strings.Contains(subject, ".@")
}

// index finds an identity without opening it: equality is on provider and exact subject, nothing else (S5). A mailbox is the same
// in large and small letters.
func (e *Engine) index(p jieling.Provider, subject string) [32]byte {
	if p == jieling.Email {
		subject = strings.ToLower(subject)
	}
	return e.Keys.BlindIndex("binding", string(p), subject)
}

// mask makes what people may see of an identity: 138****8000, 12****4821, l***@example.com.
func mask(p jieling.Provider, subject string) string {
	if local, domain, ok := strings.Cut(subject, "@"); ok && p == jieling.Email {
		r, _ := utf8.DecodeRuneInString(local)
		return string(r) + "***@" + domain
	}
	digits := strings.TrimPrefix(subject, "+86")
	r := []rune(digits)
	switch n := len(r); {
	case n >= 11:
		return string(r[:3]) + "****" + string(r[n-4:])
	case n >= 7:
		return string(r[:2]) + "****" + string(r[n-4:])
	default:
		return "****"
	}
}

// EnrolOptions begins an enrolment ceremony: what the browser must answer, and the state that comes back with its answer.
func (e *Engine) EnrolOptions(ctx context.Context, by jieling.Actor, account jieling.AccountID, f jieling.Factor) (Enrolling, error) {
	s, err := e.Store.Load(ctx, store.Need{Account: account, With: store.Enrolments})
	if err != nil {
		return Enrolling{}, translate(err)
	}
	if err := found(s, by, ScopeAccounts); err != nil {
		return Enrolling{}, err
	}
	ceremony, ok := e.Factors[f].(factor.Ceremony)
	if !ok {
		return Enrolling{}, jieling.Invalid("factor", "has no enrolment ceremony")
	}
	have, err := e.enrolled(s, f)
	if err != nil {
		return Enrolling{}, err
	}
	public, state, err := ceremony.EnrolOptions(ctx, *s.Account, have)
	if err != nil {
		return Enrolling{}, err
	}
	// The state goes through the browser and comes back: sealed for this account, it can be neither read nor changed there.
	sealed, err := e.Keys.Seal(keyring.Place{Owner: string(account), Field: "enrol"}, state)
	return Enrolling{Public: public, State: sealed}, err
}

// Enrol sets a factor up. A product vouches for what it enrols; a person enrols what their own device makes, on the device
// of their session, and whether that counts for a case is counted's to say.
func (e *Engine) Enrol(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID, in NewFactor) (jieling.Enrolment, error) {
	var out jieling.Enrolment
	if by.Kind == jieling.ActorPerson {
		if _, ceremony := e.Factors[in.Factor].(factor.Ceremony); !ceremony {
			return out, forbidden()
		}
		in.Device = by.Device
	}
	enroller, ok := e.Factors[in.Factor].(factor.Enroller)
	if !ok {
		return out, jieling.Invalid("factor", "cannot be enrolled")
	}
	s, err := e.Store.Load(ctx, store.Need{Account: account})
	if err != nil {
		return out, translate(err)
	}
	if err := found(s, by, ScopeAccounts); err != nil {
		return out, err
	}
	if in.State != nil {
		if in.State, err = e.Keys.Open(keyring.Place{Owner: string(account), Field: "enrol"}, in.State); err != nil {
			return out, jieling.Invalid("state", "is not what the options call returned for this account")
		}
	}
	kept, err := enroller.Enrol(ctx, *s.Account, in.State, in.Given)
	if err != nil {
		return out, err
	}
	err = e.do(ctx, by, idem, store.Need{Account: account, With: store.Enrolments | store.OpenCases}, func(w *work) (string, error) {
		if err := found(w.Snapshot, by, ScopeAccounts); err != nil {
			return "", err
		}
		if w.Account.Frozen {
			return "", frozen()
		}
		if err := w.held(); err != nil {
			return "", err
		}
		out = jieling.Enrolment{ID: newID[jieling.FactorID](e, "fac", w.Now), Account: account, Factor: in.Factor, Device: in.Device, Label: kept.Label, CreatedAt: w.Now}
		var err error
		if out.Secret, err = e.Keys.Seal(secretOf(out.ID), kept.Secret); err != nil {
			return "", err
		}
		w.replacePIN(in.Factor)
		w.change.Enrolments = append(w.change.Enrolments, out)
		w.transition("factor.enrol", map[string]any{"factor": in.Factor, "id": out.ID})
		return string(out.ID), nil
	}, func(s store.Snapshot, a store.Answer) error {
		for _, f := range s.Enrolments {
			if string(f.ID) == a.Ref {
				out = f
				return nil
			}
		}
		return notFound()
	})
	return out, err
}

// replacePIN retires the PIN a new one takes the place of; there is one at a time.
func (w *work) replacePIN(f jieling.Factor) {
	if f != jieling.PaymentPIN {
		return
	}
	for _, old := range w.Enrolments {
		if old.Factor == f {
			w.dropFactor(old)
			w.tell(toldFactor, string(old.ID))
		}
	}
}

// dropFactor retires an enrolment, and notes that one went: a thief takes the owner's away, too (V4).
func (w *work) dropFactor(f jieling.Enrolment) {
	f.RemovedAt = w.Now
	w.change.Enrolments = append(w.change.Enrolments, f)
	w.Account.FactorRemovedAt = w.Now
}

// enrolled opens the secrets of an account's enrolments of one factor.
func (e *Engine) enrolled(s store.Snapshot, f jieling.Factor) ([]factor.Enrolled, error) {
	var out []factor.Enrolled
	for _, en := range s.Enrolments {
		if en.Factor != f {
			continue
		}
		open, err := e.Keys.Open(secretOf(en.ID), en.Secret)
		if err != nil {
			return nil, err
		}
		out = append(out, factor.Enrolled{Enrolment: en, Open: open})
	}
	return out, nil
}
