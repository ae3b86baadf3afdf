package engine

import (
	"context"
	"regexp"
	"slices"
	"strconv"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/store"
)

// Unlock is one way of giving what a pack demands of an approval besides the number on the screen: a code by SMS and the scanner
// live on one phone, so whoever finds it unlocked would have both.
type Unlock struct {
	Factor jieling.Factor
	Public []byte // what the phone needs for it: WebAuthn options; nil for what is given from memory
}

// unlockers are the factors that can be given in the same breath as an approval, the more convenient one first.
var unlockers = [...]jieling.Factor{jieling.DeviceUnlock, jieling.PaymentPIN}

// demanded lists those of them that each meet what the pack demands. asked is false where it demands nothing.
func (e *Engine) demanded() (ways []jieling.Factor, asked bool) {
	demands := e.PackInForce().Demands(jieling.QRApproval)
	for _, f := range unlockers {
		if e.Factors[f] != nil && demands.Met(func(g jieling.Factor) bool { return g == f }) {
			ways = append(ways, f)
		}
	}
	return ways, !demands.Zero()
}

// unlocksOn lists how a person can give it on one phone: from memory, or by the unlock that was set up on this very phone.
func (e *Engine) unlocksOn(s store.Snapshot, phone jieling.DeviceID) []jieling.Factor {
	ways, _ := e.demanded()
	return slices.DeleteFunc(ways, func(f jieling.Factor) bool {
		return !slices.ContainsFunc(s.Enrolments, func(en jieling.Enrolment) bool { return en.Factor == f && fits(en, phone) })
	})
}

// fits reports that an enrolment can be used on a phone: a device's own unlock on that device alone.
func fits(en jieling.Enrolment, phone jieling.DeviceID) bool {
	return en.Factor != jieling.DeviceUnlock || en.Device == phone
}

// canApprove reports that there is a phone to approve on: trusted, not the device that the case was begun on (S12), and with
// something on it that gives what the pack demands.
func (e *Engine) canApprove(s store.Snapshot) bool {
	_, asked := e.demanded()
	return slices.ContainsFunc(s.Devices, func(d jieling.Device) bool { return scans(s, d) && (!asked || len(e.unlocksOn(s, d.ID)) > 0) })
}

func scans(s store.Snapshot, d jieling.Device) bool {
	return d.Trusted && (s.Case == nil || d.ID != s.Case.Device)
}

// unlocks makes what the phone that scanned is offered.
func (e *Engine) unlocks(ctx context.Context, s store.Snapshot, phone jieling.DeviceID) ([]Unlock, error) {
	var out []Unlock
	for _, f := range e.unlocksOn(s, phone) {
		ask, err := e.unlockAsk(s, f, phone)
		if err != nil {
			return nil, err
		}
		if len(ask.Enrolled) == 0 { // too young to speak for this case
			continue
		}
		way := Unlock{Factor: f}
		if f == jieling.DeviceUnlock {
			issued, err := e.Factors[f].Issue(ctx, ask)
			if err != nil {
				return nil, err
			}
			way.Public = issued.Public
		}
		out = append(out, way)
	}
	return out, nil
}

// unlockAsk is what a factor is asked with at both moments of an unlock: when the phone is shown it, and when it answers. Its
// randomness is a keyed hash of the approval's challenge, so that nothing has to be kept in between, and an answer fits this
// approval and no other (S8).
func (e *Engine) unlockAsk(s store.Snapshot, f jieling.Factor, phone jieling.DeviceID) (factor.Ask, error) {
	all, err := e.enrolled(s, f)
	if err != nil {
		return factor.Ask{}, err
	}
	drawn := 0
	return factor.Ask{
		Challenge: s.Challenge.ID, Account: *s.Account, Case: s.Case.ID, Digest: digest(*s.Case), Now: s.Now,
		Enrolled: slices.DeleteFunc(counted(all, s), func(en factor.Enrolled) bool { return !fits(en.Enrolment, phone) }),
		Random: func(n int) []byte {
			var out []byte
			for ; len(out) < n; drawn++ {
				part := e.Keys.BlindIndex("unlock", string(s.Challenge.ID), strconv.Itoa(drawn))
				out = append(out, part[:]...)
			}
			return out[:n]
		},
	}, nil
}

// reserveUnlock counts the guess at what unlocks, in the budget of its own factor: approvals buy no extra guesses (S26).
func (w *work) reserveUnlock(yes Approving) error {
	ways, asked := w.e.demanded()
	switch b := w.budget(yes.By); {
	case !asked:
		return nil
	case len(ways) == 0:
		return jieling.Refuse(jieling.CodeNotEnrolled, "这里还不能用手机扫码确认，请选择另一种方式。", "Approving by phone is not available here. Choose another way.")
	case !slices.Contains(ways, yes.By) || yes.By == jieling.PaymentPIN && !pinForm.Match(yes.Unlock): // what cannot be one costs no guess
		return jieling.Malformed("unlock", "请输入 6 位支付密码，或用这台手机自己的解锁确认。", "Give the six digits of your payment password, or confirm with this phone's own lock.")
	case !slices.Contains(w.e.unlocksOn(w.Snapshot, w.by.Device), yes.By):
		return jieling.Refuse(jieling.CodeNotEnrolled, "扫码确认还要支付密码，或这台手机自己的解锁，而你还没有设置。请先设置，或换一种验证方式。",
			"Approving asks for your payment password, or this phone's own unlock, as well, and it is not set up. Set one up first, or choose another way.")
	case b.Wrong >= wrongPerWindow:
		return tooMany(b.Since.Add(window).Sub(w.Now))
	default:
		b.Wrong++
		w.change.Budgets = append(w.change.Budgets, b)
	}
	return nil
}

var pinForm = regexp.MustCompile(`^[0-9]{6}$`)

// checkUnlock lets the verdict pass only where what unlocks is right too. It is looked at in any case, so that a wrong number
// does not show sooner.
func (e *Engine) checkUnlock(ctx context.Context, s store.Snapshot, yes Approving, phone jieling.DeviceID, v *verdict) error {
	ask, err := e.unlockAsk(s, yes.By, phone)
	if err != nil {
		return err
	}
	issued, err := e.Factors[yes.By].Issue(ctx, ask)
	if err != nil {
		return err
	}
	unlocked, err := e.Factors[yes.By].Check(ctx, *s.Challenge, issued.Secret, ask.Enrolled, factor.Answer{Given: yes.Unlock})
	if err != nil {
		return err
	}
	if unlocked.Passed {
		v.unlocked, v.Enrol, v.Update, v.Vouched = yes.By, unlocked.Enrol, unlocked.Update, unlocked.Vouched
	}
	v.Passed = v.Passed && unlocked.Passed
	return nil
}
