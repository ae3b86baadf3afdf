package engine

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/participant"
	"github.com/jieling-id/jieling/internal/store"
)

// Care is what other services tell of an account at this moment, besides what hangs on its logins.
type Care struct {
	Switches []SwitchView
	Bills    []BillView
	Silent   []jieling.Text // those that did not answer: what they have is unknown
}

// SwitchView is a switch and what is under way with it. Where it was asked to stand, where it was set, and where it is seen to stand are
// three things: On is the last.
type SwitchView struct {
	jieling.Switch
	Of     jieling.Text // whose it is
	Asked  bool         // a change is on its way, to To
	To     bool
	Failed bool // the latest change was given up on
}

// BillView is a payment that looks odd.
type BillView struct {
	jieling.Bill
	Of    jieling.Text // whose it is
	Judge Judgement
}

// Judgement is what an owner says of a payment.
type Judgement string

// The judgements; "" stands for none yet.
const (
	BillMine  Judgement = "mine"
	BillAlien Judgement = "not_mine"
)

// CheckUp shows an account as Account does, with what other services tell of it, asked now.
func (e *Engine) CheckUp(ctx context.Context, by jieling.Actor, id jieling.AccountID) (AccountView, error) {
	s, err := e.Store.Load(ctx, store.Need{Account: id, With: viewParts})
	if err != nil {
		return AccountView{}, translate(err)
	}
	if err := found(s, by, ScopeAccounts); err != nil {
		return AccountView{}, err
	}
	c, err := e.care(ctx, s)
	if err != nil {
		return AccountView{}, translate(err)
	}
	out := e.accountView(s, by)
	out.CheckUp, out.Care = checkUp(s, by, &c), &c
	return out, nil
}

// care asks every participant that has the ability, all at once and within the engine's patience (I6).
func (e *Engine) care(ctx context.Context, s store.Snapshot) (Care, error) {
	type heard struct {
		switches []jieling.Switch
		bills    []jieling.Bill
		silent   bool
	}
	answers := make([]heard, len(e.Participants))
	asking, cancel := context.WithTimeout(ctx, e.Patience)
	defer cancel()
	var all sync.WaitGroup
	for i, p := range e.Participants {
		if hand, ok := p.Hand.(participant.Switcher); ok {
			all.Go(func() {
				var err error
				answers[i].switches, err = hand.Switches(asking, s.Account.ExternalID)
				if err != nil && !errors.Is(err, participant.ErrUnable) {
					answers[i].silent = true
				}
			})
		}
	}
	bills := make([]heard, len(e.Participants))
	for i, p := range e.Participants {
		if hand, ok := p.Hand.(participant.Biller); ok {
			all.Go(func() {
				var err error
				bills[i].bills, err = hand.Bills(asking, s.Account.ExternalID)
				bills[i].silent = err != nil && !errors.Is(err, participant.ErrUnable)
			})
		}
	}
	all.Wait()
	due, err := e.Store.Effects(ctx, s.Account.ID, jieling.EffectDue, 200)
	if err != nil {
		return Care{}, err
	}
	dead, err := e.Store.Effects(ctx, s.Account.ID, jieling.EffectDead, 200)
	if err != nil {
		return Care{}, err
	}
	var out Care
	for i, p := range e.Participants {
		if answers[i].silent || bills[i].silent {
			out.Silent = append(out.Silent, p.Title)
		}
		for _, w := range answers[i].switches {
			out.Switches = append(out.Switches, underWay(w, p, due, dead, s.Now))
		}
		for _, b := range bills[i].bills {
			out.Bills = append(out.Bills, BillView{Bill: b, Of: p.Title, Judge: judged(s.Account.Settings, p.Name, b.ID)})
		}
	}
	return out, nil
}

// forgetFailure is how long a person is told that a change was given up on.
const forgetFailure = 7 * 24 * time.Hour

func underWay(w jieling.Switch, p Participant, due, dead []jieling.Effect, now time.Time) SwitchView {
	w.Participant = p.Name // the product's word for it, not its own
	out := SwitchView{Switch: w, Of: p.Title}
	about := func(eff jieling.Effect) bool {
		return eff.Kind == jieling.EffectSwitch && eff.Target == p.Name && eff.Subject == w.ID
	}
	for _, eff := range due {
		if about(eff) {
			out.Asked, out.To = true, string(eff.Payload) == turnOn
		}
	}
	for _, eff := range dead {
		if about(eff) && now.Sub(eff.RunAt) < forgetFailure && !out.Asked {
			out.Failed = w.On != (string(eff.Payload) == turnOn)
		}
	}
	return out
}

const (
	turnOn  = "on"
	turnOff = "off"
)

// SwitchChange is where one switch of one participant shall stand.
type SwitchChange struct {
	Participant string
	Switch      string
	On          bool
	Proof       FreshProof
}

// SetSwitch has a switch moved. Its participant is asked where it stands before, so that nobody is told they made safer what they did not; it is
// moved by an effect, and is seen to have moved before that counts as done. To move it to its less safe side asks for a fresh proof and waits
// for the guarded window to end (R5).
func (e *Engine) SetSwitch(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID, in SwitchChange) error {
	before, err := e.Store.Load(ctx, store.Need{Account: account})
	if err != nil {
		return translate(err)
	}
	if err := found(before, by, ScopeAccounts); err != nil {
		return err
	}
	now, err := e.stands(ctx, before.Account.ExternalID, in.Participant, in.Switch)
	if err != nil {
		return err
	}
	looser := in.On != now.SaferOn
	if looser && now.OneWay {
		return jieling.Refuse(jieling.CodeConflict, "这个开关不能在这里重新打开，请到那个服务里办理。", "This one cannot be switched back here. Do it at that service.")
	}
	return e.prudently(ctx, by, idem, in.Proof, prudent{
		need: store.Need{Account: account},
		exacting: func(w *work) (bool, error) {
			if looser {
				return true, w.mayOpen()
			}
			return false, nil
		},
		act: func(w *work) (string, error) {
			to := turnOff
			if in.On {
				to = turnOn
			}
			w.effect(jieling.Effect{
				Key: fmt.Sprintf("%s/switch/%d", account, w.Account.Version+1), Kind: jieling.EffectSwitch, Account: account, Target: in.Participant,
				Subject: in.Switch, Payload: []byte(to),
			})
			if looser {
				w.tellAgain(toldSettings)
			}
			w.transition("switch.ask", map[string]any{"participant": in.Participant, "switch": in.Switch, "to": to})
			return in.Switch, nil
		},
		again: repeated(by, ScopeAccounts),
	})
}

// stands asks where a switch stands. A participant that does not answer is not asked to move it.
func (e *Engine) stands(ctx context.Context, account, name, id string) (jieling.Switch, error) {
	i := slices.IndexFunc(e.Participants, func(p Participant) bool { return p.Name == name })
	if i < 0 {
		return jieling.Switch{}, notFound()
	}
	hand, ok := e.Participants[i].Hand.(participant.Switcher)
	if !ok {
		return jieling.Switch{}, notFound()
	}
	ctx, cancel := context.WithTimeout(ctx, e.Patience)
	defer cancel()
	all, err := hand.Switches(ctx, account)
	switch {
	case errors.Is(err, participant.ErrUnable):
		return jieling.Switch{}, notFound()
	case err != nil && jieling.CodeOf(err) == jieling.CodeDependency:
		return jieling.Switch{}, err
	case err != nil:
		title := e.Participants[i].Title
		out := jieling.Refuse(jieling.CodeDependency, title.ZH+"暂时没有回应，什么也没有改。请稍后再试。", title.EN+" is not answering at the moment. Nothing was changed; try again later.")
		out.Err = err
		return jieling.Switch{}, out
	}
	for _, s := range all {
		if s.ID == id {
			return s, nil
		}
	}
	return jieling.Switch{}, notFound()
}

// actSwitch moves a switch and looks whether it moved: only then is it done. One that a later ask is about is left to that.
func (e *Engine) actSwitch(ctx context.Context, eff jieling.Effect) error {
	s, err := e.Store.Load(ctx, store.Need{Account: eff.Account})
	if err != nil {
		return translate(err)
	}
	due, err := e.Store.Effects(ctx, eff.Account, jieling.EffectDue, 200)
	if err != nil {
		return translate(err)
	}
	later := func(x jieling.Effect) bool {
		return x.Kind == eff.Kind && x.Target == eff.Target && x.Subject == eff.Subject && x.ID > eff.ID
	}
	if s.Account == nil || slices.ContainsFunc(due, later) {
		return e.reportSwitch(ctx, eff, jieling.EffectDone, nil, false)
	}
	i := slices.IndexFunc(e.Participants, func(p Participant) bool { return p.Name == eff.Target })
	var hand participant.Switcher
	if i >= 0 {
		hand, _ = e.Participants[i].Hand.(participant.Switcher)
	}
	if hand == nil {
		return e.reportSwitch(ctx, eff, jieling.EffectDead, errors.New("no such participant"), false)
	}
	on := string(eff.Payload) == turnOn
	out, err := hand.Switch(ctx, participant.SwitchStep{Effect: eff.ID, Account: s.Account.ExternalID, Switch: eff.Subject, On: on})
	if err == nil && out.State == participant.Refused || errors.Is(err, participant.ErrUnable) {
		return e.reportSwitch(ctx, eff, jieling.EffectDead, errors.New("refused"), false)
	}
	if err == nil && out.State == participant.Pending {
		err = errNotFinished
	}
	if err == nil {
		var now jieling.Switch
		if now, err = e.stands(ctx, s.Account.ExternalID, eff.Target, eff.Subject); err == nil && now.On != on {
			err = errNotFinished
		}
	}
	if err != nil {
		return e.reportSwitch(ctx, eff, outcomeOf(eff, triesAfter), err, false)
	}
	return e.reportSwitch(ctx, eff, jieling.EffectDone, nil, true)
}

// reportSwitch settles an attempt, and writes down what was seen.
func (e *Engine) reportSwitch(ctx context.Context, eff jieling.Effect, state jieling.EffectState, failure error, seen bool) error {
	if state == jieling.EffectDead {
		e.Log.Error("an effect was given up on", "effect", eff.ID, "kind", eff.Kind, "target", eff.Target, "reason", safeReason(failure))
	}
	by := jieling.Actor{Kind: jieling.ActorParty, Name: eff.Target}
	return e.do(ctx, by, Idem{}, store.Need{Account: eff.Account, Effect: eff.ID}, func(w *work) (string, error) {
		w.change.Report = &store.Report{Attempt: eff.Attempt, State: state, RunAt: w.Now.Add(wait(eff, failure)), Error: safeReason(failure)}
		if seen && w.Account != nil {
			w.transition("switch.set", map[string]any{"participant": eff.Target, "switch": eff.Subject, "to": string(eff.Payload)})
		}
		return "", nil
	}, nil)
}

// JudgeBill notes that a payment was the owner's, or was not. Nothing of the payment is kept but its name and that word.
func (e *Engine) JudgeBill(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID, name, bill string, said Judgement) error {
	if said != BillMine && said != BillAlien {
		return jieling.Invalid("judgement", "must be mine or not_mine")
	}
	if bill == "" || len(bill) > 256 || !slices.ContainsFunc(e.Participants, func(p Participant) bool { return p.Name == name }) {
		return notFound()
	}
	return e.putAside(ctx, by, idem, account, billName(name, bill)+":", string(said), "bill.judge")
}

func billName(participant, bill string) string {
	return participant + "/" + url.QueryEscape(bill)
}

func judged(s jieling.Settings, participant, bill string) Judgement {
	for _, f := range strings.Fields(s.PutAside) {
		if said, ok := strings.CutPrefix(f, billName(participant, bill)+":"); ok {
			return Judgement(said)
		}
	}
	return ""
}

// PutAside notes that a card of the time after a removal was dealt with, or is not wanted.
func (e *Engine) PutAside(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID, c jieling.CaseID, card aftercare.AfterName) error {
	if !slices.ContainsFunc(aftercare.Afterwards(aftercare.Facts{}, time.Time{}, func(aftercare.AfterName) bool { return false }), func(a aftercare.After) bool { return a.Name == card }) {
		return jieling.Invalid("card", "is not one of the cards")
	}
	return e.putAside(ctx, by, idem, account, string(c)+"/", url.QueryEscape(string(card)), "card.aside")
}

// aside reports that a card was put aside.
func aside(s jieling.Settings, c jieling.CaseID) func(aftercare.AfterName) bool {
	return func(card aftercare.AfterName) bool {
		return slices.Contains(strings.Fields(s.PutAside), string(c)+"/"+string(card))
	}
}

// mostAside bounds what is remembered, in bytes: the oldest goes first.
const mostAside = 4096

// putAside remembers a word under a name. A name that ends in a colon has one word, the latest.
func (e *Engine) putAside(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID, name, word, verb string) error {
	if len(name)+len(word) > mostAside/4 {
		return jieling.Invalid("name", "is too long")
	}
	return e.do(ctx, by, idem, store.Need{Account: account}, func(w *work) (string, error) {
		if err := found(w.Snapshot, by, ScopeAccounts); err != nil {
			return "", err
		}
		all := slices.DeleteFunc(strings.Fields(w.Account.Settings.PutAside), func(f string) bool {
			return f == name+word || strings.HasSuffix(name, ":") && strings.HasPrefix(f, name)
		})
		all = append(all, name+word)
		kept := strings.Join(all, " ")
		for len(kept) > mostAside {
			_, kept, _ = strings.Cut(kept, " ")
		}
		w.Account.Settings.PutAside = kept
		w.transition(verb, map[string]any{"name": name + word})
		return name, nil
	}, repeated(by, ScopeAccounts))
}

// Permission (授权) is one that was granted through the login a case takes away, as it stood before and stands after (H6, D5).
type Permission struct {
	jieling.Dependent // as it was shown before
	Now               PermissionState
}

// PermissionState is how it stands now.
type PermissionState string

// The states. What was asked to go is not gone: its participant has to have looked.
const (
	PermissionStands  PermissionState = "stands"
	PermissionGone    PermissionState = "gone"
	PermissionUnknown PermissionState = "unknown"
)

// Permissions lists the permissions of a case with the difference it made.
func Permissions(c jieling.Case) (out []Permission) {
	for _, d := range c.Impact {
		if d.Module == "mini_program" || d.Module == "official_account" {
			out = append(out, Permission{Dependent: d, Now: permissionNow(c, d)})
		}
	}
	return out
}

func permissionNow(c jieling.Case, d jieling.Dependent) PermissionState {
	if c.RemovedAt.IsZero() && len(c.Legs) == 0 {
		return PermissionStands
	}
	i := slices.IndexFunc(c.Legs, func(l jieling.Leg) bool { return l.Participant == d.Participant })
	if i < 0 || d.Unknown {
		return PermissionUnknown
	}
	switch c.Legs[i].State {
	case jieling.LegVerified:
		return PermissionGone
	case jieling.LegResidue:
		if slices.ContainsFunc(c.Residues, func(r jieling.Residue) bool { return r.Participant == d.Participant && r.ID == d.ID && r.Open() }) {
			return PermissionStands
		}
		return PermissionGone
	case jieling.LegUnanswered, jieling.LegCommitted:
		return PermissionUnknown
	}
	return PermissionStands
}

// Afterwards is what the account's owner has to look after once the login of a case is gone, as it stands now. Odd payments are dealt with once
// every one that is told of was judged, and nobody who may have some was silent.
func (v AccountView) Afterwards(c jieling.Case) []aftercare.After {
	if c.RemovedAt.IsZero() {
		return nil
	}
	f := aftercare.Facts{Account: v.Account, Enrolments: v.Enrolments, Devices: v.Devices, Now: v.Now}
	tell(&f, v.Care)
	out := aftercare.Afterwards(f, c.RemovedAt, aside(v.Settings, c.ID))
	for i, a := range out {
		if a.Name == aftercare.AfterBills && v.Care != nil && len(v.Care.Silent) == 0 {
			out[i].Done = a.Done || a.Shown && !slices.ContainsFunc(v.Care.Bills, func(b BillView) bool { return b.Judge == "" })
		}
	}
	return out
}
