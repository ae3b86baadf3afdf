package engine

import (
	"context"
	"slices"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/store"
)

// scanned locates an approval by what a phone scanned or a person typed. What cannot be a code finds nothing.
func scanned(code string) store.Need {
	hash, ok := factor.ScanHash(code)
	if !ok {
		hash[0] = 1 // no challenge has this hash; the look-up is made all the same
	}
	return store.Need{Code: hash}
}

// Approval shows a QR approval to the phone. It changes nothing: being looked at is not being scanned, and being scanned is
// not consent (RFC 10027).
func (e *Engine) Approval(ctx context.Context, by jieling.Actor, code string) (ApprovalView, error) {
	need := scanned(code)
	need.With = store.Devices | store.Enrolments
	s, err := e.Store.Load(ctx, need)
	if err != nil {
		return ApprovalView{}, translate(err)
	}
	if err := foundApproval(s, by); err != nil {
		return ApprovalView{}, err
	}
	return e.approval(ctx, s, by)
}

// foundApproval hides an approval from everybody but the account's own people.
func foundApproval(s store.Snapshot, by jieling.Actor) error {
	if err := foundCase(s, by); err != nil {
		return err
	}
	if s.Challenge == nil || s.Challenge.Factor != jieling.QRApproval || by.Account != "" && by.Account != s.Account.ID {
		return notFound()
	}
	return nil
}

// ClaimApproval is the scan: the phone that makes it is the only one that may approve. It must be a device of the account
// and not the one the case was begun on (S12).
func (e *Engine) ClaimApproval(ctx context.Context, by jieling.Actor, code string) (ApprovalView, error) {
	var out ApprovalView
	need := scanned(code)
	need.With = store.Devices | store.Challenges | store.Enrolments
	err := e.do(ctx, by, Idem{}, need, func(w *work) (string, error) {
		if err := foundApproval(w.Snapshot, by); err != nil {
			return "", err
		}
		if err := w.claimable(); err != nil {
			return "", err
		}
		ch := *w.Challenge
		if ch.State == jieling.ChallengeOpen {
			ch.State, ch.Claimant = jieling.ChallengeClaimed, by.Device
			w.Challenge = &ch
			w.putChallenge(ch)
		}
		var err error
		out, err = e.approval(ctx, w.Snapshot, by)
		return "", err
	}, nil)
	return out, err
}

// claimable reports whether this phone may scan, or goes on with what it scanned.
func (w *work) claimable() error {
	if err := w.approver(); err != nil {
		return err
	}
	ch := w.Challenge
	switch {
	case ch.State == jieling.ChallengeClaimed && ch.Claimant != w.by.Device:
		return jieling.Refuse(jieling.CodeChallengeUsed, "这个二维码已被另一台手机扫描。", "This code was scanned by another phone.")
	default:
		return w.answerable()
	}
}

// approver checks the phone: known to the account, trusted, and not the device the case was begun on.
func (w *work) approver() error {
	i := slices.IndexFunc(w.Devices, func(d jieling.Device) bool { return d.ID == w.by.Device })
	switch {
	case w.by.Device == "" || i < 0:
		return jieling.Refuse(jieling.CodeForbidden, "请用账号已登录的手机扫码。", "Scan with a phone this account is signed in on.")
	case w.by.Device == w.Case.Device:
		return jieling.Refuse(jieling.CodeSameDevice, "请用另一台已登录的手机扫码，不能用发起解绑的设备确认自己。", "Approve on another signed-in phone; the device that began this cannot approve itself.")
	case !w.Devices[i].Trusted:
		return jieling.Refuse(jieling.CodeForbidden, "这台设备还不是信任设备，不能确认。", "This device is not trusted yet and cannot approve.")
	}
	return nil
}

// Approve says yes on the phone, with the number the initiating screen shows and, where the pack demands it, with what only
// the phone's owner can give. One wrong answer to either ends the challenge.
func (e *Engine) Approve(ctx context.Context, by jieling.Actor, idem Idem, code string, yes Approving) (ApprovalView, error) {
	if yes.By == "" {
		yes.By = jieling.PaymentPIN
	}
	_, asked := e.demanded()
	s, counted, err := e.reserve(ctx, by, idem, scanned(code), func(w *work) error {
		if err := foundApproval(w.Snapshot, by); err != nil {
			return err
		}
		if err := w.approver(); err != nil {
			return err
		}
		if w.Challenge.State != jieling.ChallengeClaimed || w.Challenge.Claimant != by.Device {
			return jieling.Refuse(jieling.CodeConflict, "请先在这台手机上扫码。", "Scan the code with this phone first.")
		}
		if err := w.answerable(); err != nil {
			return err
		}
		return w.reserveUnlock(yes)
	})
	if err != nil {
		return ApprovalView{}, err
	}
	v, err := e.check(ctx, s, factor.Answer{Device: by.Device, Number: yes.Number})
	if err == nil && counted && asked {
		err = e.checkUnlock(ctx, s, yes, by.Device, &v)
	}
	if err != nil {
		return ApprovalView{}, err
	}
	if _, err := e.settle(ctx, by, idem, s, v); err != nil {
		return ApprovalView{}, err
	}
	return e.Approval(ctx, by, code)
}

// Reject says no on the phone; with freeze it says "this isn't me", and the account stops.
func (e *Engine) Reject(ctx context.Context, by jieling.Actor, idem Idem, code string, freeze bool) (ApprovalView, error) {
	var out ApprovalView
	var account jieling.AccountID
	see := func(s store.Snapshot) (err error) {
		account = s.Account.ID
		out, err = e.approval(ctx, s, by)
		return err
	}
	need := scanned(code)
	need.With = store.Devices | store.Challenges | store.Enrolments
	err := e.do(ctx, by, idem, need, func(w *work) (string, error) {
		if err := foundApproval(w.Snapshot, by); err != nil {
			return "", err
		}
		ch := *w.Challenge
		if ch.State == jieling.ChallengeOpen || ch.State == jieling.ChallengeClaimed {
			ch.State, ch.Secret = jieling.ChallengeFailed, nil
			w.putChallenge(ch)
			w.transition("approval.reject", map[string]any{"challenge": ch.ID, "not_me": freeze})
		}
		w.Challenge = &ch
		return string(ch.ID), see(w.Snapshot)
	}, func(s store.Snapshot, _ store.Answer) error { return see(s) })
	if err != nil || !freeze {
		return out, err
	}
	_, err = e.Freeze(ctx, by, Idem{}, account, "not me")
	return out, err
}

// approval makes the phone's view. The numbers are shown only to the phone that scanned.
func (e *Engine) approval(ctx context.Context, s store.Snapshot, by jieling.Actor) (ApprovalView, error) {
	ch := *s.Challenge
	out := ApprovalView{Challenge: ch, What: e.action(s), From: s.Case.Platform, Case: s.Case.ID, Now: s.Now}
	for _, d := range s.Devices {
		if d.ID == s.Case.Device {
			out.Device = d.Name
		}
	}
	if ch.State != jieling.ChallengeClaimed || ch.Claimant != by.Device {
		return out, nil
	}
	secret, err := e.Keys.Open(answerOf(ch.ID), ch.Secret)
	if err != nil {
		return out, err
	}
	if out.Numbers, err = factor.Offered(secret); err != nil {
		return out, err
	}
	out.Unlocks, err = e.unlocks(ctx, s, by.Device)
	return out, err
}
