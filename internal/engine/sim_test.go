package engine_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/store"
)

// cards is an operator that answers as a test says, and counts how often it was asked.
type cards struct {
	says  jieling.SIM
	down  bool
	times int
}

func (c *cards) Swapped(_ context.Context, number string, within time.Duration) (jieling.SIM, error) {
	c.times++
	if c.down {
		return jieling.SIMSame, errors.New("down, and " + number + " is not to be told") // an answer beside an error counts for nothing
	}
	if within != 72*time.Hour {
		return jieling.SIMUnknown, errors.New("asked about another while")
	}
	return c.says, nil
}

// carded is an owner with a number for a while, and an operator that knows it.
func carded(t *testing.T) (*owner, *cards) {
	w := newWorld(t)
	c := &cards{says: jieling.SIMSame}
	w.SIM = c
	o := w.owner("carded", number)
	o.later(100 * day)
	return o, c
}

// A1, S15: the SIM is replaced after the plan was shown, and before the code is sent. The code goes out, as the policy asks for it
// still; what it proves is not enough any more: a face is asked for as well, and nothing is removed.
func TestA1_ASIMReplacedBetweenPlanAndCodeAsksForMore(t *testing.T) {
	for said, goes := range map[jieling.SIM]bool{jieling.SIMSame: true, jieling.SIMSwapped: false} {
		t.Run(string(said), func(t *testing.T) {
			o, c := carded(t)
			shown := o.ask(o.by, engine.Claims{})
			if s := signal(t, shown.Signals, "sim"); s.Level != "unknown" || s.Source != "" || shown.Decision.Asks(jieling.Face) {
				t.Fatalf("the plan: %+v, asks %+v", s, shown.Decision.Requirement)
			}
			v := o.open(jieling.Web)
			_, err := o.BackUp(o.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
			o.ok(err)
			c.says = said
			o.prove(v.ID, jieling.SMSCode)
			if o.inbox.code(number) == "" || c.times != 1 {
				t.Errorf("a code: %v, asked %d times", o.inbox.code(number) != "", c.times)
			}
			o.prove(v.ID, jieling.QRApproval)
			_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
			if goes {
				o.ok(err)
			} else {
				o.refused(jieling.CodeVerification, err)
			}
			v, err = o.Case(o.ctx, o.by, v.ID)
			o.ok(err)
			if gone := !v.RemovedAt.IsZero(); gone != goes || v.Decision.Asks(jieling.Face) == goes {
				t.Errorf("gone %v, asks %+v", gone, v.Decision.Requirement)
			}
			s := signal(t, v.Signals, "sim")
			if s.Level != string(said) || s.Trust != jieling.Attested || s.Source != "carrier" {
				t.Errorf("%+v", s)
			}
			if !goes && v.Decision.Wait < 24*time.Hour {
				t.Errorf("waits %s", v.Decision.Wait)
			}
		})
	}
}

// A1: whoever signs in by a number whose SIM was replaced lately is asked for more, and after three days no longer; the answer is
// gone by for minutes, and a word of it stays on the account's record.
func TestA1_ASignInByANumberWithANewSIMAsksForMore(t *testing.T) {
	o, c := carded(t)
	steps := func(name, reason string, asked int) {
		t.Helper()
		r := o.resolvePhone(number)
		want := engine.Allow
		if reason != "" {
			want = engine.StepUp
		}
		if r.Outcome != want || reason != "" && !slices.Contains(r.Reasons, reason) || c.times != asked {
			t.Errorf("%s: %+v, asked %d times", name, r, c.times)
		}
	}
	steps("the same", "", 1)
	c.says = jieling.SIMSwapped
	steps("the same, said a moment ago", "", 1)
	o.later(5 * time.Minute)
	steps("swapped", "sim_swapped", 2)
	o.later(time.Hour)
	c.down = true
	steps("swapped, and down since", "sim_swapped", 3)
	o.later(72 * time.Hour)
	steps("down", "sim_unknown", 4)
	c.down, c.says = false, jieling.SIMUnknown
	steps("no number of theirs", "", 5)
	c.says = jieling.SIMSwapped
	steps("swapped again", "sim_swapped", 6)
	o.later(time.Hour)
	c.says = jieling.SIMSame
	steps("as the operator says now", "", 7)
	rows, head, err := o.Store.AuditChain(o.ctx, o.account)
	o.ok(err)
	said := 0
	for _, row := range rows {
		if row.Verb == "number.sim" || row.Verb == "number.swapped" {
			said++
		}
	}
	if said != 4 || rows[len(rows)-1].Hash != head {
		t.Errorf("%d words of the operator on record", said)
	}
	r, err := o.Resolve(o.ctx, o.product, engine.ResolveQuery{Provider: jieling.QQ, Subject: subject + "carded"})
	o.ok(err)
	if r.Outcome != engine.Allow || c.times != 7 {
		t.Errorf("QQ: %+v, asked %d times", r, c.times)
	}
}

// H7: the owner is told once that their SIM was replaced, in the record and by the check-up, and it passes after three days.
func TestH7_AReplacedSIMIsTold(t *testing.T) {
	o, c := carded(t)
	urgent := func() bool {
		t.Helper()
		v, err := o.Account(o.ctx, o.by, o.account)
		o.ok(err)
		return slices.ContainsFunc(v.CheckUp.Cards, func(c aftercare.Card) bool { return c.Finding == aftercare.SIMSwapped && c.Verdict == aftercare.Urgent })
	}
	o.resolvePhone(number)
	if urgent() {
		t.Error("told before it happened")
	}
	c.says = jieling.SIMSwapped
	for range 3 {
		o.later(time.Hour)
		o.resolvePhone(number)
	}
	if c.times != 4 || !urgent() {
		t.Errorf("asked %d times, told: %v", c.times, urgent())
	}
	a, err := o.Activity(o.ctx, o.by, o.account, engine.DeedGuard, 0, 100)
	o.ok(err)
	told := slices.DeleteFunc(a.Deeds, func(d engine.Deed) bool { return d.Verb != "number.swapped" })
	if len(told) != 1 || told[0].Binding.Provider != jieling.Phone || lang.Deed(told[0].Verb) == "" {
		t.Errorf("the record: %+v", told)
	}
	if o.later(jieling.SIMSwapFor); urgent() {
		t.Error("told for ever")
	}
}

// S30: an operator that is down is no answer: the code goes, the SIM stays unknown, and neither log nor error has the number.
func TestS30_AnOperatorThatIsDownSaysNothing(t *testing.T) {
	o, c := carded(t)
	var log bytes.Buffer
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	c.down = true
	v := o.open(jieling.Web)
	o.prove(v.ID, jieling.SMSCode)
	if s := signal(t, o.ask(o.by, engine.Claims{}).Signals, "sim"); s.Level != "unknown" || c.times != 1 {
		t.Errorf("%+v, asked %d times", s, c.times)
	}
	if strings.Contains(log.String(), "1380000") || log.Len() == 0 {
		t.Errorf("the log: %s", log.String())
	}
	s, err := o.Store.Load(o.ctx, store.Need{Account: o.account})
	o.ok(err)
	for _, b := range s.Bindings {
		if b.SIM != jieling.SIMUnknown || !b.SIMAt.IsZero() {
			t.Errorf("%+v", b)
		}
	}
}
