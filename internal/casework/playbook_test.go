package casework

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
)

func step(name string, who jieling.Performer, class jieling.StepClass, after ...string) jieling.Step {
	return jieling.Step{Name: name, Who: who, Class: class, After: after, Title: jieling.Text{ZH: name, EN: name}}
}

// stolen is the playbook of P1, with a step of function that a person does.
func stolen() *jieling.Playbook {
	off := step("off", jieling.PerformerAutomatic, jieling.Safety)
	off.Does = jieling.DoesCloseQuickSignIn
	freeze := step("freeze", jieling.PerformerThirdParty, jieling.Safety, "off")
	freeze.Check = jieling.CheckGrantWithdrawn
	unbind := step("unbind", jieling.PerformerAutomatic, jieling.Safety, "freeze")
	unbind.Does = jieling.DoesRemove
	on := step("on", jieling.PerformerAutomatic, jieling.Function, "protect")
	on.Does = jieling.DoesOpenQuickSignIn
	return &jieling.Playbook{Name: "stolen", Rule: "P1", Steps: []jieling.Step{
		off, freeze, unbind, step("protect", jieling.PerformerThirdParty, jieling.Safety, "unbind"), step("tell", jieling.PerformerUser, jieling.Function, "protect"), on,
	}}
}

func underPlaybook(p *jieling.Playbook) jieling.Decision {
	return jieling.Decision{Pack: "p@1", Scenario: jieling.Stolen, Requirement: jieling.Need(jieling.SMSCode), Guard: time.Hour, Playbook: p}
}

func (s *script) steps(want ...jieling.StepState) {
	s.t.Helper()
	var got []jieling.StepState
	for _, st := range s.c.Playbook.Steps {
		got = append(got, st.State)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Fatalf("the steps stand otherwise (-want +got):\n%s", diff)
	}
}

const (
	waits, ready_, runs, done, declined, failed = jieling.StepWaiting, jieling.StepReady, jieling.StepRunning, jieling.StepDone, jieling.StepDeclined, jieling.StepFailed
)

func TestP1_NothingIsRemovedBeforeTheFreezeAndNothingClosesBeforeTheProtection(t *testing.T) {
	d := underPlaybook(stolen())
	s := begin(t, d)
	s.steps(done, ready_, waits, waits, waits, waits)
	if !QuickSignInOff(s.c) || Next(s.c) != MoveStep || len(s.tasks(jieling.EffectCheck)) != 1 {
		t.Fatalf("at first: quick sign-in off %t, next %s, asked %v", QuickSignInOff(s.c), Next(s.c), s.asked)
	}
	if d.Playbook.Steps[0].State != "" {
		t.Fatal("the pack's own playbook was written to")
	}
	s.must(proof(jieling.SMSCode))
	s.stage(jieling.StageVerifying)
	s.refused(jieling.CodeStep, Confirmed{Ground: good()})
	s.refused(jieling.CodeStep, StepDone{"protect", jieling.ByWord})
	s.refused(jieling.CodeConflict, StepDeclined{"freeze"})
	s.refused(jieling.CodeConflict, StepDone{"off", jieling.ByWord})
	s.refused(jieling.CodeNotFound, StepDone{"nothing", jieling.ByWord})
	s.must(StepFailed{"freeze"})
	s.steps(done, failed, waits, waits, waits, waits)
	s.must(StepDone{"freeze", jieling.ByWord})
	s.stage(jieling.StageReady)
	s.must(StepDone{"freeze", jieling.ByProvider}) // what was said is found true
	s.refused(jieling.CodeConflict, StepDone{"freeze", jieling.ByWord})
	s.steps(done, done, ready_, waits, waits, waits)
	s.must(Confirmed{Ground: good(), Legs: []jieling.Leg{leg("wallet", true)}})
	s.steps(done, done, runs, waits, waits, waits)
	s.must(reported("wallet", jieling.EffectPrepare, DidPrepare))
	s.steps(done, done, done, ready_, waits, waits)
	s.must(reported("wallet", jieling.EffectCommit, DidCommit))
	s.must(reported("wallet", jieling.EffectVerify, FoundClean))
	s.at = s.at.Add(2 * time.Hour)
	s.must(TimeReached{Ground: good()})
	s.stage(jieling.StageGuarded)
	if Next(s.c) != MoveStep || !QuickSignInOff(s.c) {
		t.Fatalf("guarded: next %s, quick sign-in off %t", Next(s.c), QuickSignInOff(s.c))
	}
	s.must(StepDone{"protect", jieling.ByWord})
	s.steps(done, done, done, done, ready_, done)
	if QuickSignInOff(s.c) {
		t.Fatal("quick sign-in is still off after the last step that needs it")
	}
	s.must(StepDeclined{"tell"})
	s.stage(jieling.StageClosed)
	again, err := Replay(s.events)
	if err != nil || cmp.Diff(s.c, again) != "" {
		t.Fatalf("replayed otherwise: %v %s", err, cmp.Diff(s.c, again))
	}
}

// P1: whatever ends the case ends what its playbook closed.
func TestP1_QuickSignInComesBackWithEveryEnd(t *testing.T) {
	s := begin(t, underPlaybook(stolen()))
	s.must(Cancelled{})
	if QuickSignInOff(s.c) {
		t.Fatal("off after a cancellation")
	}
	s = begin(t, underPlaybook(stolen()))
	s.must(StepDone{"freeze", jieling.ByProvider})
	s.must(proof(jieling.SMSCode))
	s.must(Confirmed{Ground: good()})
	s.must(Undone{})
	s.stage(jieling.StageCompensated)
	s.steps(done, done, failed, waits, waits, waits)
	if QuickSignInOff(s.c) {
		t.Fatal("off after an undo")
	}
}

// P6: what waits for the removal by way of a step that stays done waits again when the removal is taken back.
func TestP6_WhatFollowsARemovalWaitsAgainWhenItIsTakenBack(t *testing.T) {
	unbind, off := step("unbind", jieling.PerformerAutomatic, jieling.Safety), step("off", jieling.PerformerAutomatic, jieling.Safety, "unbind")
	unbind.Does, off.Does = jieling.DoesRemove, jieling.DoesCloseQuickSignIn
	s := begin(t, underPlaybook(&jieling.Playbook{Name: "after", Steps: []jieling.Step{unbind, off, step("protect", jieling.PerformerUser, jieling.Safety, "off")}}))
	s.must(proof(jieling.SMSCode))
	s.must(Confirmed{Ground: good()})
	s.steps(done, done, ready_)
	s.must(Undone{})
	s.steps(failed, done, waits)
}

// P6: a freeze of the account keeps how far the playbook is, and what was being asked is asked again after it.
func TestP6_AFreezeKeepsHowFarItIs(t *testing.T) {
	s := begin(t, underPlaybook(stolen()))
	s.must(Frozen{Epoch: 2})
	s.refused(jieling.CodeFrozen, StepDone{"freeze", jieling.ByWord})
	s.must(Thawed{Epoch: 3})
	s.steps(done, ready_, waits, waits, waits, waits)
	if n := len(s.tasks(jieling.EffectCheck)); n != 2 {
		t.Fatalf("asked %d times", n)
	}
}

// P6: a case that turns out to be a special one while it gathers takes up the playbook, and keeps the one it has.
func TestP6_ThePlaybookIsTakenUpOnceAndKept(t *testing.T) {
	plain := underPlaybook(nil)
	s := begin(t, plain)
	s.must(proof(jieling.SMSCode))
	s.stage(jieling.StageReady)
	told := underPlaybook(stolen())
	told.Pack = "p@2"
	g := good()
	g.Decision = &told
	s.must(Confirmed{Ground: g})
	s.stage(jieling.StageVerifying)
	s.steps(done, ready_, waits, waits, waits, waits)
	other := underPlaybook(&jieling.Playbook{Name: "other", Steps: []jieling.Step{step("x", jieling.PerformerUser, jieling.Safety)}})
	s.must(Decided{Decision: other})
	if s.c.Playbook.Name != "stolen" {
		t.Fatalf("it runs %s now", s.c.Playbook.Name)
	}
}

// P6: a case does not expire while others have the time that their steps take.
func TestP6_TheCaseWaitsForOthers(t *testing.T) {
	p := stolen()
	p.Steps[1].Takes, p.Steps[3].Takes = 72*time.Hour, 9*time.Hour // the latter comes after the removal
	s := begin(t, underPlaybook(p))
	if want := t0.Add(96 * time.Hour); !s.c.ExpiresAt.Equal(want) {
		t.Fatalf("it expires at %s, want %s", s.c.ExpiresAt, want)
	}
	s.at = t0.Add(24 * time.Hour)
	s.refused(jieling.CodeConflict, TimeReached{Ground: good()})
	s.at = t0.Add(96 * time.Hour)
	s.must(TimeReached{Ground: good()})
	s.stage(jieling.StageExpired)
	due := 0
	for _, e := range s.asked {
		if e.Kind == jieling.EffectTimer && e.RunAt.Equal(s.at) {
			due++
		}
	}
	if due != 1 {
		t.Errorf("%d timers end it", due)
	}
}

// anyPlaybook is one that a pack may hold: steps in an order, each waiting for some before it, one of which removes.
func anyPlaybook(t *rapid.T) *jieling.Playbook {
	p := &jieling.Playbook{Name: "any"}
	n := rapid.IntRange(1, 6).Draw(t, "steps")
	removal := rapid.IntRange(0, n-1).Draw(t, "removal")
	for i := range n {
		s := step(fmt.Sprintf("s%d", i), rapid.SampledFrom([]jieling.Performer{jieling.PerformerUser, jieling.PerformerStaff, jieling.PerformerThirdParty}).Draw(t, "who"),
			rapid.SampledFrom([]jieling.StepClass{jieling.Safety, jieling.Function}).Draw(t, "class"))
		for j := range i {
			if rapid.Bool().Draw(t, "waits") {
				s.After = append(s.After, fmt.Sprintf("s%d", j))
			}
		}
		switch {
		case i == removal:
			s.Who, s.Does = jieling.PerformerAutomatic, jieling.DoesRemove
		case rapid.IntRange(0, 3).Draw(t, "automatic") == 0:
			s.Who, s.Does = jieling.PerformerAutomatic, rapid.SampledFrom([]jieling.StepDoes{jieling.DoesCloseQuickSignIn, jieling.DoesOpenQuickSignIn}).Draw(t, "does")
		case rapid.Bool().Draw(t, "checked"):
			s.Check = jieling.CheckGrantWithdrawn
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

func anyStepInput(t *rapid.T) Input {
	name := fmt.Sprintf("s%d", rapid.IntRange(0, 5).Draw(t, "step"))
	switch rapid.IntRange(0, 3).Draw(t, "about a step") {
	case 0:
		return StepDeclined{name}
	case 1:
		return StepFailed{name}
	}
	return StepDone{name, rapid.SampledFrom([]jieling.Voucher{jieling.ByWord, jieling.ByProvider, jieling.ByProduct}).Draw(t, "by")}
}

// P4, P6: over random playbooks and sequences of inputs, freezes and undos among them: no step is ready, running, done or left out before
// all that it waits for is settled; the removal is none of these either; no step of safety is left out; what is settled stays settled;
// the case closes only when every step is; it always comes to an end once everybody does their part; and the history replays.
func TestP4_NoSequenceOfInputsRunsAStepBeforeWhatItWaitsFor(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		s := begin(outer, underPlaybook(anyPlaybook(t)))
		epoch := int64(1)
		for range rapid.IntRange(0, 30).Draw(t, "moves") {
			s.at = s.at.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "minutes")) * time.Minute)
			var in Input = Confirmed{Ground: s.sound()}
			switch rapid.IntRange(0, 7).Draw(t, "kind") {
			case 0:
				in = anyInput(t, &epoch)
			case 1:
				in = Proved{jieling.Proof{Factor: jieling.SMSCode, Epoch: s.c.Epoch}}
			case 2:
			default:
				in = anyStepInput(t)
			}
			s.orderlyTry(t, in)
		}
		for range 12 {
			for _, in := range s.everybodysPart() {
				s.orderlyTry(t, in)
			}
		}
		if !s.c.Stage.Terminal() {
			t.Fatalf("everybody did their part, and it is %s: %+v", s.c.Stage, s.c.Playbook.Steps)
		}
		again, err := Replay(s.events)
		if err != nil || cmp.Diff(s.c, again) != "" {
			t.Fatalf("replayed otherwise: %v %s", err, cmp.Diff(s.c, again))
		}
	})
}

func (s *script) sound() Ground { return Ground{WaysInAfter: 1, Sufficient: true, Epoch: s.c.Epoch} }

// everybodysPart is everything that anybody could do to bring the case on; what does not fit is refused.
func (s *script) everybodysPart() []Input {
	out := []Input{Thawed{Epoch: s.c.Epoch + 1}, Replaced{"bnd_phone"}, BackedUp{jieling.BackupMade}}
	for _, f := range []jieling.Factor{jieling.SMSCode, jieling.QRApproval, jieling.Face} {
		out = append(out, Proved{jieling.Proof{Factor: f, Epoch: s.c.Epoch}})
	}
	for _, st := range s.c.Playbook.Steps {
		out = append(out, StepDone{st.Name, jieling.ByProduct})
	}
	out = append(out, Confirmed{Ground: s.sound()})
	for _, l := range s.c.Legs {
		for _, r := range []LegReported{
			{Asked: jieling.EffectPrepare, Report: DidPrepare},
			{Asked: jieling.EffectCommit, Report: DidCommit},
			{Asked: jieling.EffectVerify, Report: FoundClean},
			{Asked: jieling.EffectCompensate, Report: DidCompensate},
		} {
			r.Participant, r.Ground = l.Participant, s.sound()
			out = append(out, r)
		}
	}
	for _, r := range s.c.Residues {
		out = append(out, ResidueCleared{Participant: r.Participant, Residue: r.ID})
	}
	s.at = s.at.Add(100 * time.Hour)
	return append(out, TimeReached{Ground: s.sound()})
}

// orderlyTry makes a move, and holds what comes of it to the order of the playbook.
func (s *script) orderlyTry(t *rapid.T, in Input) {
	before, kept := s.c, s.c.Playbook.Clone()
	_ = s.try(in)
	orderly(t, before, s.c)
	if diff := cmp.Diff(kept, before.Playbook); diff != "" {
		t.Fatalf("a step changed its argument:\n%s", diff)
	}
}

func orderly(t *rapid.T, before, c jieling.Case) {
	remove := c.Playbook.Does(jieling.DoesRemove)
	for i, s := range c.Playbook.Steps {
		blocked := slices.ContainsFunc(s.After, func(a string) bool { return !c.Playbook.Step(a).Settled() }) ||
			remove.State == jieling.StepFailed && c.Playbook.Waits(s.Name, remove.Name) // what waits for it waits again when it is taken back
		was := before.Playbook.Steps[i]
		switch {
		case blocked && s.State != jieling.StepWaiting && !(s.Settled() && !c.Ending.Empty()): // an undo leaves standing what was done after the removal
			t.Fatalf("%s is %s before what it waits for: %+v", s.Name, s.State, c.Playbook.Steps)
		case !blocked && s.State == jieling.StepWaiting:
			t.Fatalf("%s waits for nothing: %+v", s.Name, c.Playbook.Steps)
		case s.State == jieling.StepDeclined && (s.Class == jieling.Safety || s.Does != ""):
			t.Fatalf("%s was left out", s.Name)
		case s.State == jieling.StepDone && s.Who == jieling.PerformerStaff && s.By == jieling.ByWord:
			t.Fatalf("%s is staff's and counts by a person's word", s.Name)
		case was.Settled() && !s.Settled() && s.Does != jieling.DoesRemove:
			t.Fatalf("%s was settled and is %s", s.Name, s.State)
		case s.Does == jieling.DoesRemove && (s.State == jieling.StepDone) != (!c.RemovedAt.IsZero() && c.Ending.Empty() || c.Stage == jieling.StageClosed):
			t.Fatalf("the removal is %s in %s, removed at %s", s.State, c.Stage, c.RemovedAt)
		case c.Stage == jieling.StageClosed && !s.Settled():
			t.Fatalf("closed with %s %s", s.Name, s.State)
		}
	}
}
