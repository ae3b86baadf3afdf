package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/participant"
)

// careful is a party with switches and bills, whose answers a test bends.
type careful struct {
	*party
	mu       sync.Mutex
	switches []jieling.Switch
	bills    []jieling.Bill
	mute     bool // does not answer
	lies     bool // says it is set, and does nothing
	refuses  bool
	set      int // how often a switch was really moved
	asked    []string
}

func (c *careful) Switches(_ context.Context, account string) ([]jieling.Switch, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, account)
	if c.mute {
		return nil, errors.New("no answer")
	}
	return slices.Clone(c.switches), nil
}

func (c *careful) Switch(_ context.Context, step participant.SwitchStep) (participant.Outcome, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.mute:
		return participant.Outcome{}, errors.New("no answer")
	case c.refuses:
		return participant.Outcome{State: participant.Refused}, nil
	}
	for i, s := range c.switches {
		if s.ID == step.Switch && s.On != step.On && !c.lies {
			c.switches[i].On = step.On
			c.set++
		}
	}
	return participant.Outcome{State: participant.Set}, nil
}

func (c *careful) Bills(context.Context, string) ([]jieling.Bill, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mute {
		return nil, errors.New("no answer")
	}
	return slices.Clone(c.bills), nil
}

// cared is an owner whose wallet has switches, beside a party of before there were any.
func cared(t *testing.T) (*owner, *careful) {
	t.Helper()
	return caredIn(newWorld(t, "old"))
}

func caredIn(w *world) (*owner, *careful) {
	c := &careful{party: &party{}, switches: []jieling.Switch{
		{ID: "find", Kind: jieling.SwitchFindMe, On: true},
		{ID: "bikes", Kind: jieling.SwitchPasswordFree, On: true, OneWay: true},
		{ID: "voice", Kind: jieling.SwitchBiometric, SaferOn: true},
	}, bills: []jieling.Bill{{ID: "b 1/x", At: time.Unix(1_800_000_000, 0)}}}
	w.Participants = append(w.Participants, engine.Participant{Hand: c, Config: participant.Config{Name: "wallet", Title: jieling.Text{ZH: "钱包", EN: "the wallet"}}})
	return w.owner("cared", number), c
}

func (o *owner) checkUp() engine.AccountView {
	o.t.Helper()
	v, err := o.CheckUp(o.ctx, o.by, o.account)
	o.ok(err)
	return v
}

func (o *owner) move(id string, on bool, p engine.FreshProof) error {
	return o.SetSwitch(o.ctx, o.by, engine.Idem{}, o.account, engine.SwitchChange{Participant: "wallet", Switch: id, On: on, Proof: p})
}

func item(c aftercare.CheckUp, of aftercare.Item) aftercare.State {
	for _, r := range c.Ready {
		if r.Item == of {
			return r.State
		}
	}
	return ""
}

func TestH1_ASwitchIsAskedSetAndSeen(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o, c := caredIn(w)
		if got := item(o.checkUp().CheckUp, aftercare.NotFound); got != aftercare.Missing {
			t.Errorf("found by a number, and it is %s", got)
		}
		o.ok(o.move("find", false, engine.FreshProof{})) // safer: at once, and nothing asked
		v := o.checkUp().Care.Switches[0]
		if !v.On || !v.Asked || v.To {
			t.Errorf("asked: %+v", v)
		}
		o.drain()
		v = o.checkUp().Care.Switches[0]
		if v.On || v.Asked || v.Failed || c.set != 1 {
			t.Errorf("set %d times: %+v", c.set, v)
		}
		if got := item(o.checkUp().CheckUp, aftercare.NotFound); got != aftercare.Ready {
			t.Errorf("seen off, and it is %s", got)
		}
		if !slices.Contains(c.asked, "cared") {
			t.Errorf("asked about %v", c.asked)
		}
		a, err := o.Activity(o.ctx, o.by, o.account, engine.DeedGuard, 0, 10)
		o.ok(err)
		if got := verbs(a); !slices.Contains(got, "switch.ask") || !slices.Contains(got, "switch.set") {
			t.Errorf("on record: %v", got)
		}
	})
}

// "Set" is not seen: a participant that says so and does nothing is asked again, and nothing is called done.
func TestH1_WhatWasNotSeenIsNotDone(t *testing.T) {
	o, c := cared(t)
	c.lies = true
	o.ok(o.move("find", false, engine.FreshProof{}))
	for range 3 {
		o.drain()
		o.later(time.Minute)
	}
	v := o.checkUp().Care.Switches[0]
	if !v.On || !v.Asked {
		t.Errorf("%+v", v)
	}
	c.mu.Lock()
	c.lies = false
	c.mu.Unlock()
	o.later(time.Hour)
	o.drain()
	if v := o.checkUp().Care.Switches[0]; v.On || v.Asked {
		t.Errorf("at last: %+v", v)
	}
	c.refuses = true
	o.ok(o.move("voice", true, engine.FreshProof{}))
	o.drain()
	if v := o.checkUp().Care.Switches[2]; v.On || v.Asked || !v.Failed {
		t.Errorf("refused: %+v", v)
	}
}

func TestH2_WhatPaysWithoutAPasswordGoesOffForGood(t *testing.T) {
	o, c := cared(t)
	o.ok(o.move("bikes", false, engine.FreshProof{}))
	o.drain()
	if c.switches[1].On {
		t.Error("still on")
	}
	o.refused(jieling.CodeConflict, o.move("bikes", true, o.fresh(o.by, pin))) // signed anew at the merchant
}

func TestH1_TheLessSafeSideAsksForAProof(t *testing.T) {
	o, c := cared(t)
	c.switches[0].On = false
	o.refused(jieling.CodeVerification, o.move("find", true, engine.FreshProof{}))
	o.ok(o.move("find", true, o.fresh(o.by, pin)))
	if n := o.told("was changed"); n != 1 || !c.switches[0].On {
		t.Errorf("told %d times, on is %v", n, c.switches[0].On)
	}
}

// Two asks about one switch: the later one counts, in whichever order they are done.
func TestS20_TheLaterAskCounts(t *testing.T) {
	o, c := cared(t)
	c.lies = true
	o.ok(o.move("voice", true, engine.FreshProof{}))
	o.drain()
	o.later(time.Second)
	o.ok(o.move("voice", false, o.fresh(o.by, pin)))
	c.mu.Lock()
	c.lies = false
	c.mu.Unlock()
	for range 3 {
		o.later(time.Minute)
		o.drain()
	}
	if c.switches[2].On || c.set != 0 {
		t.Errorf("on is %v after %d moves", c.switches[2].On, c.set)
	}
}

func TestI6_ASilentServiceIsNamedAndNothingIsSet(t *testing.T) {
	o, c := cared(t)
	c.mute = true
	v := o.checkUp()
	if len(v.Care.Silent) != 1 || v.Care.Silent[0].EN != "the wallet" || !slices.Contains(v.CheckUp.Unchecked, aftercare.Services) {
		t.Errorf("silent are %v, unchecked %v", v.Care.Silent, v.CheckUp.Unchecked)
	}
	if got := item(v.CheckUp, aftercare.NotFound); got != aftercare.Unknown {
		t.Errorf("silence is %s", got)
	}
	o.refused(jieling.CodeDependency, o.move("find", false, engine.FreshProof{}))
	o.refused(jieling.CodeNotFound, o.SetSwitch(o.ctx, o.by, engine.Idem{}, o.account, engine.SwitchChange{Participant: "old", Switch: "x"}))
}

func TestH2_ABillIsJudgedAndNothingElseIsKept(t *testing.T) {
	o, _ := cared(t)
	judge := func(said engine.Judgement) error {
		return o.JudgeBill(o.ctx, o.by, engine.Idem{}, o.account, "wallet", "b 1/x", said)
	}
	o.refused(jieling.CodeInvalid, judge("perhaps"))
	for _, said := range []engine.Judgement{engine.BillMine, engine.BillAlien} {
		o.ok(judge(said))
		if got := o.checkUp().Care.Bills[0].Judge; got != said {
			t.Errorf("said %s, kept %q", said, got)
		}
	}
	if kept := o.checkUp().Settings.PutAside; kept != "wallet/b+1%2Fx:not_mine" {
		t.Errorf("kept: %q", kept)
	}
	for i := range 40 { // what is remembered has a bound
		o.ok(o.JudgeBill(o.ctx, o.by, engine.Idem{}, o.account, "wallet", fmt.Sprint("b", i)+pad(200), engine.BillMine))
		o.later(time.Millisecond)
	}
	if n := len(o.checkUp().Settings.PutAside); n > 4096 {
		t.Errorf("%d bytes are kept", n)
	}
}

func pad(n int) string { return string(slices.Repeat([]byte("x"), n)) }

func TestH3_AReminderEveryQuarterUntilDealtWith(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("quarter", number)
		reminded := func() int { return o.told("a quarter has passed") }
		w.later(aftercare.Quarter - time.Minute)
		if n := reminded(); n != 0 {
			t.Errorf("%d before the time", n)
		}
		w.later(2 * time.Minute)
		if n := reminded(); n != 1 {
			t.Errorf("%d when it is due", n)
		}
		w.later(6 * 24 * time.Hour)
		if n := reminded(); n != 1 {
			t.Errorf("%d within a week", n)
		}
		w.later(30 * 24 * time.Hour) // the service was down for a month
		if n := reminded(); n != 2 {
			t.Errorf("%d after a month of silence", n)
		}
		o.ok(o.ReviewDevices(o.ctx, o.by, engine.Idem{}, o.account))
		if v := o.checkUp(); item(v.CheckUp, aftercare.DevicesReviewed) != aftercare.Ready {
			t.Error("dealt with, and it is not")
		}
		w.later(aftercare.Quarter - time.Hour)
		if n := reminded(); n != 2 {
			t.Errorf("%d in the next quarter", n)
		}
		w.later(2 * time.Hour)
		if n := reminded(); n != 3 {
			t.Errorf("%d a quarter later", n)
		}
	})
}

func TestH3_WhoeverWantsNoReminderGetsNone(t *testing.T) {
	w := newWorld(t)
	o := w.owner("off", number)
	_, err := o.change(o.by, engine.SettingsChange{Reminders: no()})
	o.ok(err)
	w.later(aftercare.Quarter + time.Hour)
	if n := o.told("a quarter has passed"); n != 0 {
		t.Errorf("reminded %d times", n)
	}
	_, err = o.change(o.by, engine.SettingsChange{Reminders: yes()})
	o.ok(err)
	w.later(aftercare.Quarter + time.Hour)
	if n := o.told("a quarter has passed"); n != 1 {
		t.Errorf("wanted again, and reminded %d times", n)
	}
}

// An account from before there were reminders gets its first timer with its next hand-off.
func TestH3_OldAccountsAreRemindedToo(t *testing.T) {
	w := newWorld(t)
	o := w.owner("old", number)
	ticket, err := o.Handoff(o.ctx, w.product, engine.Idem{}, engine.NewHandoff{Account: o.account, Platform: jieling.Web, Device: o.desk.ID})
	o.ok(err)
	o.forget()
	_, err = o.Redeem(o.ctx, ticket.Token, "")
	o.ok(err)
	s, err := o.Settings(o.ctx, o.by, o.account)
	o.ok(err)
	if want := s.Now.Add(aftercare.Quarter); s.Account.Settings.RemindAt.Sub(want).Abs() > time.Minute {
		t.Errorf("asked next at %v", s.Account.Settings.RemindAt)
	}
}

func TestH6_PermissionsBeforeAndAfter(t *testing.T) {
	before := []jieling.Dependent{
		{ID: "mini-1", Participant: "mini", Module: "mini_program", Title: jieling.Text{EN: "Albums"}},
		{ID: "mini-2", Participant: "mini", Module: "official_account", Title: jieling.Text{EN: "Library"}},
		{ID: "x", Participant: "gone", Module: "mini_program", Title: jieling.Text{EN: "Bikes"}},
		{ID: "saves", Participant: "game", Module: "games"},
	}
	c := jieling.Case{
		Impact:   before,
		Legs:     []jieling.Leg{{Participant: "mini", State: jieling.LegResidue}, {Participant: "gone", State: jieling.LegUnanswered}, {Participant: "game", State: jieling.LegVerified}},
		Residues: []jieling.Residue{{ID: "mini-2", Participant: "mini"}},
	}
	var got []engine.PermissionState
	for _, p := range engine.Permissions(c) {
		got = append(got, p.Now)
	}
	if want := []engine.PermissionState{engine.PermissionGone, engine.PermissionStands, engine.PermissionUnknown}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}
