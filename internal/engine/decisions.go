package engine

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/store"
)

// Request is something a member asked the organisation for, as its administrators see it. Personal logins are a number in it and
// nothing more.
type Request struct {
	Challenge    jieling.ChallengeID
	Organisation jieling.Organisation
	Member       string // the product's own name for the member
	What         jieling.Text
	Reason       jieling.Reason
	Scenario     jieling.Scenario
	Platform     jieling.Platform
	Impact       []jieling.Dependent
	WaysInAfter  int
	Version      int64 // of the case: a decision names the one it saw
	AskedAt      time.Time
	Until        time.Time
	Refused      error    // why whoever looks may not decide on it; nil: they may
	Unlocks      []Unlock // how they prove that it is them, where they may
}

// Deciding is an administrator's decision.
type Deciding struct {
	Challenge jieling.ChallengeID
	Approve   bool
	Reason    string // 1..300 characters; the member reads it
	Version   int64  // of the case as it was shown
	By        jieling.Factor
	Unlock    []byte // the administrator's own, fresh: six digits, or the browser's answer
}

// administrator reads who acts for an organisation: one of its administrators, at this moment.
func (e *Engine) administrator(ctx context.Context, by jieling.Actor, org jieling.OrganisationID) (store.Snapshot, error) {
	s, err := e.Store.Load(ctx, store.Need{Account: by.Account, With: store.Organised | store.Enrolments | store.Devices})
	if err != nil {
		return s, translate(err)
	}
	return s, administers(s, by, org)
}

func administers(s store.Snapshot, by jieling.Actor, org jieling.OrganisationID) error {
	switch {
	case by.Account == "" || s.Account == nil || s.Membership == nil || s.Membership.Organisation != org || !s.Membership.Admin():
		return notFound()
	case s.Account.Frozen:
		return frozen()
	}
	return nil
}

// Office is the organisation that a person administers.
type Office struct {
	Organisation jieling.Organisation
	Now          time.Time
}

// Office finds it. CodeNotFound where there is none.
func (e *Engine) Office(ctx context.Context, by jieling.Actor) (Office, error) {
	s, err := e.Store.Load(ctx, store.Need{Account: by.Account, With: store.Organised})
	if err != nil {
		return Office{}, translate(err)
	}
	if by.Kind != jieling.ActorPerson || s.Membership == nil || s.Organisation == nil || !s.Membership.Admin() {
		return Office{}, notFound()
	}
	return Office{Organisation: *s.Organisation, Now: s.Now}, nil
}

// deciders counts the administrators who may decide on a case (S12).
func (e *Engine) deciders(ctx context.Context, s store.Snapshot, org jieling.OrganisationID) (n int, err error) {
	for after := jieling.AccountID(""); ; {
		members, err := e.Store.Members(ctx, org, after, pageOfMembers)
		if err != nil {
			return 0, translate(err)
		}
		for _, m := range members {
			if m.Admin() && m.Account != s.Account.ID && m.Since.Before(s.Case.OpenedAt) {
				n++
			}
			after = m.Account
		}
		if len(members) < pageOfMembers {
			return n, nil
		}
	}
}

// Asked is one line of what waits for an organisation's administrators.
type Asked struct {
	Challenge jieling.Challenge
	Own       bool // whoever looks asked for it themselves
}

// Requests lists what waits for an organisation's decision, oldest first, at most 200.
func (e *Engine) Requests(ctx context.Context, by jieling.Actor, org jieling.OrganisationID) ([]Asked, error) {
	if err := e.mayDecide(ctx, by, org); err != nil {
		return nil, err
	}
	all, err := e.Store.Asked(ctx, org, jieling.AdminApproval, pageOfMembers)
	if err != nil {
		return nil, translate(err)
	}
	var out []Asked
	for _, ch := range all {
		out = append(out, Asked{Challenge: ch, Own: ch.Account == by.Account})
	}
	return out, nil
}

// Request shows one of them.
func (e *Engine) Request(ctx context.Context, by jieling.Actor, org jieling.OrganisationID, id jieling.ChallengeID) (Request, error) {
	if err := e.mayDecide(ctx, by, org); err != nil {
		return Request{}, err
	}
	s, err := e.Store.Load(ctx, store.Need{Challenge: id, With: store.Organised})
	if err != nil {
		return Request{}, translate(err)
	}
	if err := asks(s, org); err != nil {
		return Request{}, err
	}
	out := Request{
		Challenge: id, Organisation: *s.Organisation, Member: s.Account.ExternalID, What: e.object(s), Reason: s.Case.Reason, Scenario: s.Case.Scenario,
		Platform: s.Case.Platform, Impact: forAdministrators(*s.Case), WaysInAfter: waysIn(s.Bindings, s.Case.Binding), Version: s.Case.Version,
		AskedAt: s.Challenge.IssuedAt, Until: s.Challenge.ExpiresAt,
	}
	if by.Kind == jieling.ActorProduct && by.Account == "" {
		return out, nil
	}
	own, err := e.administrator(ctx, by, org)
	if err != nil {
		return out, err
	}
	if out.Refused = decidable(s, own.Membership, by); out.Refused == nil {
		out.Unlocks, err = e.unlocks(ctx, mixed(own, s), by.Device)
	}
	return out, err
}

// object is action for others than the owner: which kind of login, and nothing of which one it is.
func (e *Engine) object(s store.Snapshot) jieling.Text {
	name := providerNames[s.Case.Provider]
	if name.Empty() {
		name = jieling.Text{ZH: string(s.Case.Provider), EN: string(s.Case.Provider)}
	}
	return jieling.Text{ZH: "从账号上解除" + name.ZH, EN: "Take " + name.EN + " off the account"}
}

// forAdministrators is the impact as far as it is the organisation's to know: of a personal login what everybody may read in the pack, and
// nothing that a wallet or a game answered about this person.
func forAdministrators(c jieling.Case) []jieling.Dependent {
	if c.Provider == jieling.WeCom {
		return c.Impact
	}
	return slices.DeleteFunc(slices.Clone(c.Impact), func(d jieling.Dependent) bool { return d.Participant != "" })
}

// asks hides whatever is no open question to this organisation.
func asks(s store.Snapshot, org jieling.OrganisationID) error {
	if s.Account == nil || s.Case == nil || s.Challenge == nil || s.Challenge.Factor != jieling.AdminApproval || s.Membership == nil || s.Membership.Organisation != org {
		return notFound()
	}
	return nil
}

// decidable keeps an administrator from what is not theirs to decide (S12): their own case, one begun in the session or on the device that
// decides, and one that is older than their office.
func decidable(s store.Snapshot, office *jieling.Membership, by jieling.Actor) error {
	switch c := s.Case; {
	case by.Account == s.Account.ID:
		return jieling.Refuse(jieling.CodeForbidden, "不能审批自己的申请。请由另一位管理员审批。", "You cannot decide on your own request. Another administrator has to.")
	case c.By != "" && string(c.By) == by.Name, c.Device != "" && c.Device == by.Device:
		return jieling.Refuse(jieling.CodeSameDevice, "这个申请是在这台设备上发起的。请换一台设备审批。", "This request was made on this device. Decide on another one.")
	case !office.Since.Before(c.OpenedAt):
		return jieling.Refuse(jieling.CodeForbidden, "你在这个申请之后才成为管理员，不能审批它。请由更早的管理员审批。",
			"You became an administrator after this request was begun and cannot decide on it. An earlier one has to.")
	}
	return nil
}

// mixed is an administrator's own snapshot with the question they decide on: what unlocks is theirs, and fits this question alone.
func mixed(own, asked store.Snapshot) store.Snapshot {
	ch := *asked.Challenge
	ch.Account = own.Account.ID
	own.Challenge, own.Case = &ch, asked.Case
	return own
}

// Decide is an administrator's yes or no. They prove who they are by what they have set up themselves; that guess is counted in their own
// budget first (S26). Nothing is decided on what changed since it was shown.
func (e *Engine) Decide(ctx context.Context, by jieling.Actor, idem Idem, org jieling.OrganisationID, in Deciding) error {
	if in.By == "" {
		in.By = jieling.PaymentPIN
	}
	if by.Kind == jieling.ActorProduct { // which vouches for the administrator, as it does for a phone that scanned
		if err := may(by, ScopeCases, ""); err != nil {
			return err
		}
	}
	if !plain(in.Reason, 300) {
		return jieling.Malformed("reason", "请写明理由，最多 300 个字。", "Give your reason, in at most 300 characters.")
	}
	asked, err := e.Store.Load(ctx, store.Need{Challenge: in.Challenge, With: store.Organised})
	if err != nil {
		return translate(err)
	}
	own, err := e.administrator(ctx, by, org)
	if err != nil {
		return err
	}
	if err := asks(asked, org); err != nil {
		return err
	}
	if err := decidable(asked, own.Membership, by); err != nil {
		return err
	}
	office, err := e.unlockOffice(ctx, by, idem, org, asked, in)
	if err != nil {
		return err
	}
	as := jieling.Actor{Kind: jieling.ActorParty, Name: string(org) + "/" + string(by.Account)}
	return e.do(ctx, as, idem, store.Need{Challenge: in.Challenge, With: store.Organised | store.OpenCases | store.Challenges | store.Budgets | store.Enrolments | store.Devices}, func(w *work) (string, error) {
		if err := asks(w.Snapshot, org); err != nil {
			return "", err
		}
		if err := decidable(w.Snapshot, office, by); err != nil {
			return "", err
		}
		return string(in.Challenge), w.decided(in, by)
	}, func(store.Snapshot, store.Answer) error { return nil })
}

// decided writes a decision down.
func (w *work) decided(in Deciding, by jieling.Actor) error {
	if err := w.answered(); err != nil {
		return err
	}
	if w.Case.Version != in.Version || w.Case.Epoch != w.Account.Epoch {
		return jieling.Refuse(jieling.CodeStale, "这个申请在你查看之后有变化。请重新查看，再作决定。", "The request has changed since you looked at it. Read it again, then decide.")
	}
	detail := map[string]any{"factor": w.Challenge.Factor, "challenge": w.Challenge.ID, "administrator": by.Account, "approved": in.Approve, "reason": in.Reason}
	if in.Approve {
		return w.yes(*w.Challenge, detail)
	}
	return w.no(*w.Challenge, in.Reason, detail)
}

// unlockOffice checks that it is the administrator who decides: their guess is counted under their own account's lock, where their office is
// read once more, and given back where it was right.
func (e *Engine) unlockOffice(ctx context.Context, by jieling.Actor, idem Idem, org jieling.OrganisationID, asked store.Snapshot, in Deciding) (*jieling.Membership, error) {
	if idem.Key != "" {
		idem.Key = fmt.Sprintf("office/%x", sha256.Sum256([]byte(idem.Key)))
	}
	var own store.Snapshot
	need := store.Need{Account: by.Account, With: store.Organised | store.Enrolments | store.Devices | store.Budgets}
	counted := false
	err := e.do(ctx, by, idem, need, func(w *work) (string, error) {
		if err := administers(w.Snapshot, by, org); err != nil {
			return "", err
		}
		own, counted = w.Snapshot, true
		b := w.budget(in.By)
		switch ways := e.unlocksOn(mixed(own, asked), by.Device); {
		case !slices.Contains(ways, in.By) || in.By == jieling.PaymentPIN && !pinForm.Match(in.Unlock):
			return "", jieling.Malformed("unlock", "请输入你自己的 6 位支付密码，或用这台设备自己的解锁确认。",
				"Give the six digits of your own payment password, or confirm with this device's own lock.")
		case b.Wrong >= wrongPerWindow:
			return "", tooMany(b.Since.Add(window).Sub(w.Now))
		}
		b.Wrong++
		w.change.Budgets = append(w.change.Budgets, b)
		return string(by.Account), nil
	}, func(s store.Snapshot, _ store.Answer) error {
		own, counted = s, false
		return administers(s, by, org)
	})
	if err != nil {
		return nil, err
	}
	right, err := e.unlocked(ctx, mixed(own, asked), in, by.Device)
	switch {
	case err != nil:
		return nil, err
	case !right:
		return nil, jieling.Refuse(jieling.CodeWrongAnswer, "不正确，什么都没有决定。请再试一次。", "That is not right, and nothing was decided. Try again.")
	case counted:
		err = e.do(ctx, by, Idem{}, store.Need{Account: by.Account, With: store.Budgets}, func(w *work) (string, error) {
			b := w.budget(in.By)
			b.Wrong = max(0, b.Wrong-1)
			w.change.Budgets = append(w.change.Budgets, b)
			return "", nil
		}, nil)
	}
	return own.Membership, err
}

// unlocked asks the factor.
func (e *Engine) unlocked(ctx context.Context, s store.Snapshot, in Deciding, device jieling.DeviceID) (bool, error) {
	ask, err := e.unlockAsk(s, in.By, device)
	if err != nil {
		return false, err
	}
	issued, err := e.Factors[in.By].Issue(ctx, ask)
	if err != nil {
		return false, err
	}
	v, err := e.Factors[in.By].Check(ctx, *s.Challenge, issued.Secret, ask.Enrolled, factor.Answer{Given: in.Unlock})
	return v.Passed, err
}
