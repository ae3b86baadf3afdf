package casework

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
)

var t0 = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// script drives one case the way the engine does: every input recorded, so that the history can be replayed.
type script struct {
	t      testing.TB
	c      jieling.Case
	at     time.Time
	events []jieling.Event
	asked  []jieling.Effect
	moved  struct{ remove, restore, forget int }
}

func begin(t testing.TB, d jieling.Decision) *script {
	s := &script{t: t, at: t0}
	s.must(Opened{TTL: 24 * time.Hour, Case: jieling.Case{
		ID: "case_1", Account: "acc_1", Goal: jieling.Unlink, Binding: "bnd_qq", Provider: jieling.QQ, Platform: jieling.Android, Epoch: 1, Decision: d,
	}})
	return s
}

// try makes a move and keeps its outcome when it is accepted.
func (s *script) try(in Input) error {
	out, err := Step(s.c, s.at, in)
	if err != nil {
		return err
	}
	e, err := Record(out.Case, s.at, jieling.Actor{Kind: jieling.ActorClock}, in)
	if err != nil {
		s.t.Fatal(err)
	}
	s.c, s.events, s.asked = out.Case, append(s.events, e), append(s.asked, out.Effects...)
	if out.Remove {
		s.moved.remove++
	}
	if out.Restore {
		s.moved.restore++
	}
	if out.Forget {
		s.moved.forget++
	}
	return nil
}

func (s *script) must(in Input) {
	s.t.Helper()
	if err := s.try(in); err != nil {
		s.t.Fatalf("%s in %s: %v", in.kind(), s.c.Stage, err)
	}
}

func (s *script) stage(want jieling.Stage) {
	s.t.Helper()
	if s.c.Stage != want {
		s.t.Fatalf("stage is %s, want %s", s.c.Stage, want)
	}
}

func (s *script) refused(code jieling.Code, in Input) {
	s.t.Helper()
	before := s.c
	if err := s.try(in); jieling.CodeOf(err) != code {
		s.t.Fatalf("%s in %s: got %v, want %s", in.kind(), s.c.Stage, err, code)
	}
	if diff := cmp.Diff(before, s.c); diff != "" {
		s.t.Fatalf("a refused move changed the case:\n%s", diff)
	}
}

func (s *script) tasks(kind jieling.EffectKind) (targets []string) {
	for _, e := range s.asked {
		if e.Kind == kind {
			targets = append(targets, e.Target)
		}
	}
	return targets
}

func asks() jieling.Decision {
	return jieling.Decision{
		Pack: "p@1", Scenario: jieling.Routine, Requirement: jieling.AllOf(jieling.Need(jieling.SMSCode), jieling.Need(jieling.QRApproval)),
		Replacement: true, Backup: true, Guard: 24 * time.Hour,
	}
}

func good() Ground { return Ground{WaysInAfter: 1, Sufficient: true, Epoch: 1} }

func proof(f jieling.Factor) Proved {
	return Proved{jieling.Proof{Factor: f, Challenge: jieling.ChallengeID("chl_" + f), Epoch: 1}}
}

func leg(name string, required bool) jieling.Leg {
	return jieling.Leg{Participant: name, Required: required, Title: jieling.Text{ZH: name, EN: name}}
}

func reported(name string, asked jieling.EffectKind, r Report) LegReported {
	return LegReported{Participant: name, Asked: asked, Report: r, Ground: good()}
}

// ready brings a case to where only the confirmation is missing.
func ready(t testing.TB, d jieling.Decision) *script {
	s := begin(t, d)
	s.must(Replaced{"bnd_phone"})
	s.must(BackedUp{jieling.BackupDeclined})
	s.must(proof(jieling.SMSCode))
	s.stage(jieling.StageVerifying)
	s.must(proof(jieling.QRApproval))
	s.stage(jieling.StageReady)
	return s
}

func confirmed(t testing.TB, legs ...jieling.Leg) *script {
	s := ready(t, asks())
	s.must(Confirmed{Ground: good(), Legs: legs})
	return s
}

func TestS1_EveryStepAskedForComesBeforeTheCommitPoint(t *testing.T) {
	steps := []Input{Replaced{"bnd_phone"}, BackedUp{jieling.BackupMade}, proof(jieling.SMSCode), proof(jieling.QRApproval)}
	codes := []jieling.Code{jieling.CodeReplacement, jieling.CodeBackup, jieling.CodeVerification, jieling.CodeVerification}
	for skip := range steps {
		t.Run(fmt.Sprintf("without %s %d", steps[skip].kind(), skip), func(t *testing.T) {
			s := begin(t, asks())
			for i, in := range steps {
				if i != skip {
					s.must(in)
				}
			}
			g := good()
			g.Sufficient = skip != 0
			s.refused(codes[skip], Confirmed{Ground: g})
			if s.moved.remove != 0 {
				t.Fatal("passed the commit point")
			}
		})
	}
}

func TestS1_TheWholeWay(t *testing.T) {
	s := confirmed(t, leg("wallet", true), leg("game", false))
	s.stage(jieling.StageExecuting)
	s.must(reported("wallet", jieling.EffectPrepare, DidPrepare))
	if s.moved.remove != 0 {
		t.Fatal("removed before everybody was prepared")
	}
	s.must(reported("game", jieling.EffectPrepare, DidPrepare))
	if s.moved.remove != 1 || s.c.RemovedAt.IsZero() {
		t.Fatal("the commit point was not passed")
	}
	for _, p := range []string{"wallet", "game"} {
		s.must(reported(p, jieling.EffectCommit, DidCommit))
		s.stage(jieling.StageExecuting)
	}
	s.must(reported("wallet", jieling.EffectVerify, FoundClean))
	s.stage(jieling.StageExecuting)
	s.must(reported("game", jieling.EffectVerify, FoundClean))
	s.stage(jieling.StageGuarded)
	s.at = s.c.GuardUntil
	s.must(TimeReached{good()})
	s.stage(jieling.StageClosed)
	if s.moved.forget != 1 {
		t.Fatal("what was known of the identity was not dropped")
	}
	s.refused(jieling.CodeCaseClosed, Cancelled{})
}

func TestF4_AResidueKeepsTheCaseOpenUntilItIsCleared(t *testing.T) {
	s := confirmed(t, leg("pay", true))
	s.must(reported("pay", jieling.EffectPrepare, DidPrepare))
	s.must(reported("pay", jieling.EffectCommit, DidCommit))
	found := reported("pay", jieling.EffectVerify, FoundResidue)
	found.Residues = []jieling.Residue{{ID: "real_name", Cleanable: true}}
	s.must(found)
	s.stage(jieling.StageGuarded)
	if Next(s.c) != MoveClean {
		t.Fatalf("next is %s", Next(s.c))
	}
	s.at = s.c.GuardUntil.Add(time.Hour)
	s.must(TimeReached{good()})
	s.stage(jieling.StageGuarded)
	s.must(CleanupAsked{"pay", "real_name"})
	if got := s.tasks(jieling.EffectCleanup); !slices.Equal(got, []string{"pay"}) {
		t.Fatalf("clean-up asked of %v", got)
	}
	s.must(ResidueCleared{"pay", "real_name"})
	s.stage(jieling.StageClosed)
}

func TestS13_FreezeStopsWhatIsNotCommitted(t *testing.T) {
	t.Run("before confirmation", func(t *testing.T) {
		s := ready(t, asks())
		s.must(Frozen{Epoch: 2})
		s.refused(jieling.CodeFrozen, Confirmed{Ground: good()})
		s.must(Thawed{3})
		s.stage(jieling.StageOpen)
		g := good()
		g.Epoch = 3
		s.refused(jieling.CodeVerification, Confirmed{Ground: g})
	})
	t.Run("a commit that raced the freeze", func(t *testing.T) {
		s := ready(t, asks())
		g := good()
		g.Epoch = 2
		s.refused(jieling.CodeFrozen, Confirmed{Ground: g})
	})
	t.Run("while participants prepare", func(t *testing.T) {
		s := confirmed(t, leg("wallet", true))
		s.must(Frozen{Epoch: 2})
		if got := s.tasks(jieling.EffectCompensate); !slices.Equal(got, []string{"wallet"}) {
			t.Fatalf("compensated %v", got)
		}
		s.must(reported("wallet", jieling.EffectPrepare, DidPrepare))
		if s.moved.remove != 0 {
			t.Fatal("a late answer passed the commit point of a frozen account")
		}
		s.must(reported("wallet", jieling.EffectCompensate, DidCompensate))
		s.stage(jieling.StageCompensated)
	})
	t.Run("and it says which of the two it was", func(t *testing.T) {
		for restart, want := range map[bool]string{false: "was frozen", true: "have changed"} {
			s := confirmed(t, leg("wallet", true))
			s.must(Frozen{Epoch: 2, Restart: restart})
			if !strings.Contains(s.c.Ending.EN, want) || s.c.Ending.ZH == "" {
				t.Errorf("restart %v: %+v", restart, s.c.Ending)
			}
		}
	})
}

func TestS14_TheCommitPointNeedsAWayIn(t *testing.T) {
	g := good()
	g.WaysInAfter = 0
	s := ready(t, asks())
	s.refused(jieling.CodeLastWayIn, Confirmed{Ground: g})

	s = confirmed(t, leg("wallet", true))
	last := reported("wallet", jieling.EffectPrepare, DidPrepare)
	last.Ground = g
	s.must(last)
	if s.moved.remove != 0 || s.c.Ending.Empty() {
		t.Fatal("the last way in was removed while participants prepared")
	}
}

func TestS15_WhatIsAskedIsAskedAgainAtTheCommitPoint(t *testing.T) {
	more := asks()
	more.Requirement = jieling.AllOf(more.Requirement, jieling.Need(jieling.Face))
	g := good()
	g.Decision = &more
	s := ready(t, asks())
	s.must(Confirmed{Ground: g})
	s.stage(jieling.StageVerifying)
	if s.moved.remove != 0 || !s.c.ConfirmedAt.IsZero() || !reflect.DeepEqual(s.c.Decision, *g.Decision) {
		t.Fatalf("the case does not stand on what is asked now: %+v", s.c)
	}
	for shown, want := range map[bool]int{true: 1, false: 0} { // histories from before there was such a thing replay as they were
		g.Shown, g.Signals = shown, []jieling.Signal{{Name: "sim", Level: "swapped"}}
		s = ready(t, asks())
		s.must(Confirmed{Ground: g})
		if len(s.c.Signals) != want {
			t.Errorf("shown %v: the case has %+v", shown, s.c.Signals)
		}
	}

	waits := asks()
	waits.Wait = time.Hour
	s = ready(t, waits)
	s.must(Confirmed{Ground: good()})
	s.stage(jieling.StageCoolingOff)
	s.refused(jieling.CodeConflict, TimeReached{good()})
	s.at = s.c.CommitAfter
	s.must(TimeReached{g})
	s.stage(jieling.StageVerifying)
	if s.moved.remove != 0 {
		t.Fatal("removed although more is asked by now")
	}
}

func TestS20_LateAndRepeatedAnswersChangeNothing(t *testing.T) {
	s := confirmed(t, leg("wallet", true), leg("game", true))
	s.must(reported("wallet", jieling.EffectPrepare, DidPrepare))
	before := s.c
	for _, in := range []LegReported{
		reported("wallet", jieling.EffectPrepare, Refused), reported("wallet", jieling.EffectCommit, DidCommit), reported("game", jieling.EffectVerify, FoundClean),
	} {
		s.must(in)
		before.Version = s.c.Version
		if diff := cmp.Diff(before, s.c); diff != "" {
			t.Fatalf("%s %s changed the case:\n%s", in.Asked, in.Report, diff)
		}
	}
	s.refused(jieling.CodeConflict, reported("stranger", jieling.EffectPrepare, DidPrepare))
}

func TestS21_BeforeTheCommitPointARefusalTakesEverythingBack(t *testing.T) {
	s := confirmed(t, leg("wallet", true), leg("game", true))
	s.must(reported("wallet", jieling.EffectPrepare, DidPrepare))
	no := reported("game", jieling.EffectPrepare, Refused)
	no.Reason = jieling.Text{ZH: "有未完成的对局。", EN: "a match is running."}
	s.must(no)
	if got := s.tasks(jieling.EffectCompensate); !slices.Equal(got, []string{"wallet"}) {
		t.Fatalf("compensated %v", got)
	}
	if !strings.Contains(s.c.Ending.EN, "a match is running") {
		t.Fatalf("the person is not told why: %q", s.c.Ending.EN)
	}
	s.must(reported("wallet", jieling.EffectCompensate, DidCompensate))
	s.stage(jieling.StageCompensated)
	if s.moved.remove+s.moved.restore != 0 {
		t.Fatal("a binding was touched")
	}
}

func TestS21_UndoPutsBackInsideItsWindowOnly(t *testing.T) {
	done := func() *script {
		s := confirmed(t, leg("wallet", true))
		s.must(reported("wallet", jieling.EffectPrepare, DidPrepare))
		s.must(reported("wallet", jieling.EffectCommit, DidCommit))
		s.must(reported("wallet", jieling.EffectVerify, FoundClean))
		return s
	}
	s := done()
	s.must(Undone{})
	if s.moved.restore != 1 {
		t.Fatal("nothing was restored")
	}
	s.must(reported("wallet", jieling.EffectCompensate, DidCompensate))
	s.stage(jieling.StageCompensated)

	s = done()
	s.at = s.c.GuardUntil
	s.refused(jieling.CodeConflict, Undone{})
}

func TestS21_ASilentParticipantIsToldAndNotWaitedFor(t *testing.T) {
	s := confirmed(t, leg("wallet", true))
	s.must(reported("wallet", jieling.EffectPrepare, GaveUp))
	s.stage(jieling.StageCompensated)
	if got := s.tasks(jieling.EffectCompensate); !slices.Equal(got, []string{"wallet"}) {
		t.Fatalf("compensated %v", got)
	}
}

func TestS16_ALoginCannotReplaceItself(t *testing.T) {
	begin(t, asks()).refused(jieling.CodeReplacement, Replaced{"bnd_qq"})
}

func TestL6_ASilentParticipantLeavesAnUnknownResidue(t *testing.T) {
	s := confirmed(t, leg("wallet", true), leg("game", false))
	s.must(reported("game", jieling.EffectPrepare, GaveUp))
	s.must(reported("wallet", jieling.EffectPrepare, DidPrepare))
	s.must(reported("wallet", jieling.EffectCommit, DidCommit))
	s.must(reported("wallet", jieling.EffectVerify, FoundClean))
	s.stage(jieling.StageGuarded)
	if len(s.c.Residues) != 1 || !s.c.Residues[0].Unknown {
		t.Fatalf("residues: %+v", s.c.Residues)
	}
	s.must(CleanupAsked{"game", "unknown"})
	s.must(reported("game", jieling.EffectVerify, FoundClean))
	if Next(s.c) != MoveDone {
		t.Fatalf("next is %s", Next(s.c))
	}
}

func TestL1_AnUnconfirmedCaseExpires(t *testing.T) {
	s := begin(t, asks())
	s.refused(jieling.CodeConflict, TimeReached{good()})
	s.at = s.c.ExpiresAt
	s.must(TimeReached{good()})
	s.stage(jieling.StageExpired)
}

// TestS1_NoSequenceOfInputsBreaksTheMachine throws random inputs at a case and checks what must always hold, and that the
// recorded history folds to the same case.
func TestS1_NoSequenceOfInputsBreaksTheMachine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := asks()
		d.Wait = rapid.SampledFrom([]time.Duration{0, time.Hour}).Draw(t, "wait")
		s := &script{t: &testing.T{}, at: t0}
		if err := s.try(Opened{TTL: 24 * time.Hour, Case: jieling.Case{ID: "case_1", Binding: "bnd_qq", Epoch: 1, Decision: d}}); err != nil {
			t.Fatal(err)
		}
		epoch := int64(1)
		for range rapid.IntRange(1, 40).Draw(t, "moves") {
			s.at = s.at.Add(rapid.SampledFrom([]time.Duration{0, time.Minute, 2 * time.Hour, 30 * time.Hour}).Draw(t, "later"))
			before, removed := s.c, s.moved.remove
			in := anyInput(t, &epoch)
			if err := s.try(in); err != nil {
				continue
			}
			if s.moved.remove > removed && len(groundOf(in).Lockout) > 0 && s.c.Waiver == nil {
				t.Fatal("passed the commit point unsafe and without a waiver") // S14
			}
			invariants(t, before, s.c, s, epoch)
		}
		again, err := Replay(s.events)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s.c, again); diff != "" {
			t.Fatalf("the history folds to another case:\n%s", diff)
		}
	})
}

func groundOf(in Input) Ground {
	switch in := in.(type) {
	case Confirmed:
		return in.Ground
	case TimeReached:
		return in.Ground
	case LegReported:
		return in.Ground
	}
	return Ground{}
}

func anyInput(t *rapid.T, epoch *int64) Input {
	g := Ground{WaysInAfter: rapid.IntRange(0, 1).Draw(t, "ways"), Sufficient: rapid.Bool().Draw(t, "sufficient"), Epoch: *epoch}
	if rapid.IntRange(0, 2).Draw(t, "risk") == 0 {
		g.Lockout, g.Template = []jieling.Because{{Rule: "phone_lost", Text: jieling.Text{ZH: "x", EN: "x"}}}, "t@1"
	}
	who := rapid.SampledFrom([]string{"wallet", "game"}).Draw(t, "who")
	switch rapid.IntRange(0, 18).Draw(t, "input") {
	case 16, 17:
		return anyHandedIn(t)
	case 18:
		f := rapid.SampledFrom([]jieling.Factor{jieling.SMSCode, jieling.QRApproval}).Draw(t, "back")
		return Returned{Factor: f, Challenge: jieling.ChallengeID("chl_" + f), Reason: jieling.Text{ZH: "x", EN: "x"}}
	case 0, 1:
		return proof(rapid.SampledFrom([]jieling.Factor{jieling.SMSCode, jieling.QRApproval}).Draw(t, "factor"))
	case 2:
		return Replaced{"bnd_phone"}
	case 3:
		return BackedUp{jieling.BackupMade}
	case 4, 5:
		return Confirmed{Ground: g, Legs: []jieling.Leg{leg("wallet", true), leg("game", false)}}
	case 6:
		return TimeReached{g}
	case 7:
		return Cancelled{}
	case 8:
		return Undone{}
	case 9:
		*epoch++
		return rapid.SampledFrom([]Input{Frozen{Epoch: *epoch}, Thawed{*epoch}, Carried{*epoch}}).Draw(t, "freeze")
	case 10:
		return Waived{[]string{"phone_lost"}, "I know.", "t@1"}
	case 11:
		return Attested{jieling.Attestation{
			Device: rapid.SampledFrom([]jieling.DeviceID{"dev_1", "dev_2"}).Draw(t, "device"), Format: "play_integrity",
			Level: rapid.SampledFrom([]string{jieling.Sound, jieling.Rooted}).Draw(t, "level"),
		}}
	case 12:
		d := asks()
		if rapid.Bool().Draw(t, "more") {
			d.Requirement = jieling.AllOf(d.Requirement, jieling.Need(jieling.Face))
		}
		return Decided{Decision: d}
	default:
		asked := rapid.SampledFrom([]jieling.EffectKind{jieling.EffectPrepare, jieling.EffectCommit, jieling.EffectCompensate, jieling.EffectVerify}).Draw(t, "asked")
		r := rapid.SampledFrom([]Report{DidPrepare, DidCommit, DidCompensate, FoundClean, FoundResidue, Refused, GaveUp}).Draw(t, "report")
		return LegReported{Participant: who, Asked: asked, Report: r, Ground: g, Residues: []jieling.Residue{{ID: "r", Cleanable: true}}}
	}
}

func anyHandedIn(t *rapid.T) Input {
	f := rapid.SampledFrom([]jieling.Factor{jieling.SMSCode, jieling.QRApproval, jieling.Face}).Draw(t, "handed in")
	to := rapid.SampledFrom([]jieling.Decider{jieling.ByStaff, jieling.ByOrganisation}).Draw(t, "to")
	until := t0.Add(time.Duration(rapid.IntRange(1, 400).Draw(t, "until")) * time.Hour)
	return Submitted{Factor: f, Challenge: jieling.ChallengeID("chl_" + f), To: to, Until: until, TTL: 24 * time.Hour}
}

// spokenAgainst counts the devices of a case that a platform has spoken against.
func spokenAgainst(c jieling.Case) (n int) {
	for _, a := range c.Attestations {
		if a.Level == jieling.Rooted {
			n++
		}
	}
	return n
}

func invariants(t *rapid.T, before, c jieling.Case, s *script, epoch int64) {
	switch {
	case before.Stage.Terminal():
		t.Fatalf("moved on from %s", before.Stage)
	case spokenAgainst(before) > spokenAgainst(c):
		t.Fatal("a bad word about a device was taken back") // R2
	case c.Version != before.Version+1:
		t.Fatalf("version went from %d to %d", before.Version, c.Version)
	case s.moved.remove > 1 || s.moved.restore > s.moved.remove:
		t.Fatalf("removed %d times, restored %d times", s.moved.remove, s.moved.restore)
	case s.moved.remove == 1 && before.RemovedAt.IsZero() && !c.Decision.Met(c.Proved):
		t.Fatal("passed the commit point without what is asked")
	case c.RemovedAt.IsZero() != (s.moved.remove == 0):
		t.Fatal("the case and its outcome disagree on the commit point")
	case c.Stage == jieling.StageGuarded && c.RemovedAt.IsZero():
		t.Fatal("guarded without a removal")
	case c.Stage == jieling.StageClosed && slices.ContainsFunc(c.Residues, jieling.Residue.Open):
		t.Fatal("closed with an open residue")
	}
	pending(t, c)
	keys := map[string]bool{}
	for _, e := range s.asked {
		if keys[e.Key] && e.Kind != jieling.EffectTimer {
			t.Fatalf("asked twice: %s", e.Key)
		}
		keys[e.Key] = true
	}
}

func TestS1_EveryStageIsKnown(t *testing.T) {
	for _, st := range jieling.Stages {
		if Next(jieling.Case{Stage: st}) == "" {
			t.Errorf("stage %s leads nowhere", st)
		}
	}
}

func unsafe(template string, losses ...string) Ground {
	g := good()
	g.Template = template
	for _, l := range losses {
		g.Lockout = append(g.Lockout, jieling.Because{Rule: l, Text: jieling.Text{ZH: l, EN: l + "."}})
	}
	return g
}

// S14: a removal that would leave the owner without a way back after a required loss passes neither the confirmation nor the
// commit point, unless they have waived that very loss under these very assumptions, with a reason.
func TestS14_AnUnsafeRemovalNeedsItsWaiver(t *testing.T) {
	for name, tt := range map[string]struct {
		waived []Waived
		ground Ground
		passes bool
	}{
		"nothing was waived":           {nil, unsafe("t@1", "phone_lost"), false},
		"safe":                         {nil, good(), true},
		"waived":                       {[]Waived{{[]string{"phone_lost"}, "I know.", "t@1"}}, unsafe("t@1", "phone_lost"), true},
		"waived, and safe by now":      {[]Waived{{[]string{"phone_lost"}, "I know.", "t@1"}}, good(), true},
		"another was waived":           {[]Waived{{[]string{"nothing"}, "I know.", "t@1"}}, unsafe("t@1", "phone_lost"), false},
		"one of two was waived":        {[]Waived{{[]string{"phone_lost"}, "I know.", "t@1"}}, unsafe("t@1", "phone_lost", "nothing"), false},
		"under other assumptions":      {[]Waived{{[]string{"phone_lost"}, "I know.", "t@1"}}, unsafe("t@2", "phone_lost"), false},
		"the latest waiver is the one": {[]Waived{{[]string{"phone_lost"}, "I know.", "t@1"}, {[]string{"nothing"}, "I know.", "t@1"}}, unsafe("t@1", "phone_lost"), false},
	} {
		t.Run(name, func(t *testing.T) {
			s := ready(t, asks())
			for _, w := range tt.waived {
				s.must(w)
			}
			if !tt.passes {
				s.refused(jieling.CodeLockout, Confirmed{Ground: tt.ground})
			}
			s.must(Confirmed{Ground: good(), Legs: []jieling.Leg{leg("wallet", true)}})
			report := reported("wallet", jieling.EffectPrepare, DidPrepare)
			report.Ground = tt.ground
			s.must(report)
			if got := s.moved.remove == 1; got != tt.passes {
				t.Errorf("passed the commit point: %v, want %v", got, tt.passes)
			}
			if _, err := Replay(s.events); err != nil {
				t.Error(err)
			}
		})
	}
}

// S14: a waiver is signed by somebody who has proven who they are, and dies with a freeze like their proofs.
func TestS14_AWaiverIsSignedLastAndDiesWithAFreeze(t *testing.T) {
	word := Waived{[]string{"phone_lost"}, "I know.", "t@1"}
	s := begin(t, asks())
	s.refused(jieling.CodeReplacement, word)
	s.must(Replaced{"bnd_phone"})
	s.must(BackedUp{jieling.BackupDeclined})
	s.must(proof(jieling.SMSCode))
	s.refused(jieling.CodeVerification, word)
	s.must(proof(jieling.QRApproval))
	for _, bad := range []Waived{{nil, "I know.", "t@1"}, {[]string{"phone_lost"}, "", "t@1"}, {[]string{"phone_lost"}, "I know.", ""}} {
		s.refused(jieling.CodeInvalid, bad)
	}
	s.must(word)
	if s.c.Waiver == nil || s.c.Waiver.Reason != "I know." || !s.c.Waiver.At.Equal(s.at) {
		t.Fatalf("the waiver is %+v", s.c.Waiver)
	}
	s.must(Frozen{Epoch: 2})
	s.must(Thawed{2})
	if s.c.Waiver != nil {
		t.Error("the waiver outlives a freeze")
	}
	if again, err := Replay(s.events); err != nil || cmp.Diff(s.c, again) != "" {
		t.Errorf("%v: %s", err, cmp.Diff(s.c, again))
	}
}

// A cool-off that ends where the account has become unsafe asks the person again; nothing was carried out.
func TestS14_ACoolOffThatEndsUnsafeAsksAgain(t *testing.T) {
	d := asks()
	d.Wait = time.Hour
	s := ready(t, d)
	s.must(Confirmed{Ground: good()})
	s.at = s.c.CommitAfter
	s.must(TimeReached{unsafe("t@1", "phone_lost")})
	s.stage(jieling.StageVerifying)
	if s.moved.remove != 0 {
		t.Fatal("passed the commit point")
	}
	s.must(Waived{[]string{"phone_lost"}, "I know.", "t@1"})
	s.must(Confirmed{Ground: unsafe("t@1", "phone_lost")})
	s.stage(jieling.StageCoolingOff)
}

// S17: a case that is carried along keeps what was proven for it under the new epoch, and nothing else of it moves. A frozen one, and
// one that has ended, is not carried.
func TestS17_ACarriedCaseKeepsWhatWasProven(t *testing.T) {
	d := asks()
	d.Replacement, d.Backup = false, false
	s := begin(t, d)
	s.must(proof(jieling.SMSCode))
	before := s.c
	s.must(Carried{2})
	if diff := cmp.Diff(before, s.c, cmpopts.IgnoreFields(jieling.Case{}, "Epoch", "Version", "Proofs")); diff != "" || s.c.Epoch != 2 || !s.c.Proved(jieling.SMSCode) {
		t.Errorf("epoch %d, proofs %+v, moved:\n%s", s.c.Epoch, s.c.Proofs, diff)
	}
	s.must(Proved{jieling.Proof{Factor: jieling.QRApproval, Challenge: "chl_2", Epoch: 2}})
	s.stage(jieling.StageReady)
	s.must(Frozen{Epoch: 3})
	s.refused(jieling.CodeFrozen, Carried{4})
	s.must(Thawed{4})
	s.must(Carried{5})
	if s.c.Proved(jieling.SMSCode) {
		t.Error("what a freeze voided came back")
	}
	s.must(Cancelled{})
	s.refused(jieling.CodeCaseClosed, Carried{6})
}
