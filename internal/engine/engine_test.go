package engine_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/participant"
)

func TestV1_AndroidFromPlanToProvenGone(t *testing.T) {
	w := newWorld(t, "wallet", "pay")
	w.parties["pay"].residue = true
	o := w.owner("lin")
	resolve := engine.ResolveQuery{Provider: jieling.QQ, Subject: subject + "lin", Network: "known"}

	before, err := w.Resolve(w.ctx, w.product, resolve)
	w.ok(err)
	if before.Outcome != engine.Allow || before.Account != o.account {
		t.Fatalf("before: %+v", before)
	}
	v := o.ready()
	if v.Next != casework.MoveConfirm {
		t.Fatalf("next is %s: %+v", v.Next, v.Case)
	}
	v, err = w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.ok(err)
	w.drain()
	v, err = w.Case(w.ctx, o.by, v.ID)
	w.ok(err)
	if v.Stage != jieling.StageGuarded || v.Next != casework.MoveClean {
		t.Fatalf("stage %s, next %s, legs %+v", v.Stage, v.Next, v.Legs)
	}
	after, err := w.Resolve(w.ctx, w.product, resolve)
	w.ok(err)
	if after.Outcome != engine.Unknown {
		t.Fatalf("after: %+v", after)
	}

	_, err = w.CleanUp(w.ctx, o.by, engine.Idem{}, v.ID, "pay", "real_name")
	w.ok(err)
	w.drain()
	w.later(25 * time.Hour)
	w.drain()
	v, err = w.Case(w.ctx, o.by, v.ID)
	w.ok(err)
	if v.Stage != jieling.StageClosed {
		t.Fatalf("stage %s, residues %+v", v.Stage, v.Residues)
	}
	replays(t, w, v.ID, v.Case)
}

// replays folds the recorded history and compares it with the row.
func replays(t *testing.T, w *world, id jieling.CaseID, want jieling.Case) {
	t.Helper()
	events, err := w.Store.Events(w.ctx, id, 0)
	w.ok(err)
	got, err := casework.Replay(events)
	w.ok(err)
	if got.Stage != want.Stage || got.Version != want.Version || len(got.Legs) != len(want.Legs) || !got.RemovedAt.Equal(want.RemovedAt) {
		t.Fatalf("the history folds to %s v%d, the row is %s v%d", got.Stage, got.Version, want.Stage, want.Version)
	}
}

func TestV1_WebAsksCodeAndApproval(t *testing.T) {
	w := newWorld(t)
	o := w.owner("zhao", number)
	v := o.open(jieling.Web)
	if v.Decision.Backup {
		_, err := w.BackUp(w.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupMade)
		w.ok(err)
	}
	v = o.prove(v.ID, jieling.SMSCode)
	_, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.refused(jieling.CodeVerification, err)
	v = o.prove(v.ID, jieling.QRApproval)
	v, err = w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.ok(err)
	if v.Stage != jieling.StageGuarded {
		t.Fatalf("without participants the case is %s", v.Stage)
	}
}

func TestD4_AnAccountRegisteredThroughQQNeedsAPhoneFirst(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin")
	v := o.open(jieling.Android)
	if v.Next != casework.MoveReplace {
		t.Fatalf("next is %s", v.Next)
	}
	o.prove(v.ID, jieling.PaymentPIN)
	_, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.refused(jieling.CodeLastWayIn, err)

	ch, err := w.Replacement(w.ctx, o.by, engine.Idem{}, v.ID, engine.NewBinding{Provider: jieling.Phone, Subject: number}, "en")
	w.ok(err)
	acc, err := w.Account(w.ctx, o.by, o.account)
	w.ok(err)
	if acc.WaysIn != 1 {
		t.Fatalf("a number nobody proved counts as a way in: %d", acc.WaysIn)
	}
	w.drain()
	_, err = w.Answer(w.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(w.inbox.code(number))})
	w.ok(err)
	acc, err = w.Account(w.ctx, o.by, o.account)
	w.ok(err)
	if acc.WaysIn != 2 {
		t.Fatalf("ways in: %d", acc.WaysIn)
	}
}

func TestS3_TheSubjectComesFromProof(t *testing.T) {
	w := newWorld(t)
	o, thief := w.owner("lin", number), w.owner("thief", "+8613800000009")
	v := o.open(jieling.Android)
	_, err := w.OpenCase(w.ctx, thief.by, engine.Idem{}, engine.NewCase{Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: jieling.Web, Reason: jieling.ReasonOther})
	w.refused(jieling.CodeNotFound, err)
	for name, call := range map[string]func() error{
		"read":    func() error { _, err := w.Case(w.ctx, thief.by, v.ID); return err },
		"confirm": func() error { _, err := w.Confirm(w.ctx, thief.by, engine.Idem{}, v.ID); return err },
		"cancel":  func() error { _, err := w.Cancel(w.ctx, thief.by, engine.Idem{}, v.ID); return err },
		"ask": func() error {
			_, err := w.Engine.Challenge(w.ctx, thief.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.PaymentPIN})
			return err
		},
		"freeze":  func() error { _, err := w.Freeze(w.ctx, thief.by, engine.Idem{}, o.account, ""); return err },
		"account": func() error { _, err := w.Account(w.ctx, thief.by, o.account); return err },
	} {
		t.Run(name, func(t *testing.T) { w.refused(jieling.CodeNotFound, call()) })
	}
}

func TestS8_AnAnswerCountsOnce(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	v := o.open(jieling.Android)
	ch, err := w.Challenge(w.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.PaymentPIN})
	w.ok(err)
	results := make(chan error)
	for range 200 {
		go func() {
			_, err := w.Answer(w.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(pin)})
			results <- err
		}()
	}
	passed := 0
	for range 200 {
		if err := <-results; err == nil {
			passed++
		}
	}
	if passed != 1 {
		t.Fatalf("%d of 200 parallel answers passed", passed)
	}
	v, err = w.Case(w.ctx, o.by, v.ID)
	w.ok(err)
	if len(v.Proofs) != 1 {
		t.Fatalf("%d proofs", len(v.Proofs))
	}
}

func TestS9_ProofsDieWithAFreeze(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	v := o.ready()
	ch, err := w.Challenge(w.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.PaymentPIN})
	w.ok(err)
	_, err = w.Freeze(w.ctx, o.by, engine.Idem{}, o.account, "lost phone")
	w.ok(err)
	_, err = w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.refused(jieling.CodeFrozen, err)
	_, err = w.Unfreeze(w.ctx, o.by, engine.Idem{}, o.account, "")
	w.refused(jieling.CodeForbidden, err)
	_, err = w.Unfreeze(w.ctx, w.product, engine.Idem{}, o.account, "verified at the counter")
	w.ok(err)
	_, err = w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.refused(jieling.CodeVerification, err)
	_, err = w.Answer(w.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(pin)})
	if err == nil {
		t.Fatal("a challenge from before the freeze was accepted")
	}
	w.drain()
	v, err = w.Case(w.ctx, o.by, v.ID)
	w.ok(err)
	if v.Stage != jieling.StageOpen || len(v.Proofs) != 0 {
		t.Fatalf("stage %s with %d proofs", v.Stage, len(v.Proofs))
	}
}

func TestS12_TheDeviceThatBeganCannotApprove(t *testing.T) {
	w := newWorld(t)
	o, stranger := w.owner("zhao", number), w.owner("other", "+8613800000009")
	v := o.open(jieling.Web)
	ch, err := w.Challenge(w.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.QRApproval})
	w.ok(err)
	code := strings.SplitN(strings.SplitN(string(ch.Public), `"code":"`, 2)[1], `"`, 2)[0]
	_, err = w.ClaimApproval(w.ctx, o.by, code)
	w.refused(jieling.CodeSameDevice, err)
	_, err = w.ClaimApproval(w.ctx, stranger.onPhone(), code)
	w.refused(jieling.CodeNotFound, err)
	_, err = w.Approve(w.ctx, o.onPhone(), engine.Idem{}, code, engine.Approving{Number: 42, Unlock: []byte(pin)})
	w.refused(jieling.CodeConflict, err)
	seen, err := w.Approval(w.ctx, o.onPhone(), code)
	w.ok(err)
	if seen.Numbers != nil || seen.Challenge.State != jieling.ChallengeOpen {
		t.Fatal("looking at an approval changed it, or told the numbers")
	}
	w.later(61 * time.Second)
	_, err = w.ClaimApproval(w.ctx, o.onPhone(), code)
	w.refused(jieling.CodeChallengeExpired, err)
}

func TestS23_ARepeatIsAnsweredAsBeforeAndDoesNothingAgain(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	v := o.open(jieling.Android)
	ch, err := w.Challenge(w.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.PaymentPIN})
	w.ok(err)
	idem := engine.Idem{Key: "k1", Fingerprint: [32]byte{1}}
	for range 30 {
		_, err = w.Answer(w.ctx, o.by, idem, engine.NewAnswer{Challenge: ch.ID, Given: []byte("111222")})
		w.refused(jieling.CodeWrongAnswer, err)
	}
	_, err = w.Answer(w.ctx, o.by, engine.Idem{Key: "k1", Fingerprint: [32]byte{2}}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(pin)})
	w.refused(jieling.CodeIdempotency, err)
	_, err = w.Answer(w.ctx, o.by, engine.Idem{Key: "k2"}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(pin)})
	w.ok(err) // thirty repeats spent one guess
}

func TestS26_GuessesAreBounded(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	v := o.open(jieling.Android)
	wrong := 0
	for range 10 {
		ch, err := w.Challenge(w.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.PaymentPIN})
		if jieling.CodeOf(err) == jieling.CodeTooMany {
			break
		}
		w.ok(err)
		for range 10 {
			if _, err := w.Answer(w.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte("314159")}); jieling.CodeOf(err) == jieling.CodeWrongAnswer {
				wrong++
			}
		}
	}
	if wrong == 0 || wrong > 20 {
		t.Fatalf("%d wrong guesses were evaluated", wrong)
	}
}

func TestS14_TwoCasesCannotTakeTheLastTwoWaysIn(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	v := o.ready()
	// The other way in goes by another door while the case is ready.
	acc, err := w.Account(w.ctx, o.by, o.account)
	w.ok(err)
	second, err := w.OpenCase(w.ctx, o.by, engine.Idem{}, engine.NewCase{
		Account: o.account, Goal: jieling.Unlink, Binding: acc.Bindings[1].ID, Platform: jieling.Android, Reason: jieling.ReasonOther,
	})
	if err == nil {
		o.prove(second.ID, jieling.PaymentPIN)
		_, err = w.BackUp(w.ctx, o.by, engine.Idem{}, second.ID, jieling.BackupDeclined)
		w.ok(err)
		_, first := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
		_, other := w.Confirm(w.ctx, o.by, engine.Idem{}, second.ID)
		if first == nil && other == nil {
			t.Fatal("both went")
		}
	}
	acc, err = w.Account(w.ctx, o.by, o.account)
	w.ok(err)
	if acc.WaysIn < 1 {
		t.Fatalf("ways in: %d", acc.WaysIn)
	}
}

func TestI6_ASilentParticipantIsUnknown(t *testing.T) {
	w := newWorld(t, "wallet")
	w.parties["wallet"].silent = true
	v := w.owner("lin", number).open(jieling.Android)
	for _, d := range v.Impact {
		if d.Participant == "wallet" && d.Unknown {
			return
		}
	}
	t.Fatalf("the silence of a participant is not told: %+v", v.Impact)
}

func TestS21_ARefusingParticipantLeavesEverythingAsItWas(t *testing.T) {
	w := newWorld(t, "wallet", "game")
	w.parties["game"].answers[participant.Prepare] = participant.Outcome{State: participant.Refused, Reason: jieling.Text{ZH: "对局中。", EN: "In a match."}}
	o := w.owner("lin", number)
	v := o.ready()
	v, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.ok(err)
	w.drain()
	v, err = w.Case(w.ctx, o.by, v.ID)
	w.ok(err)
	r, err := w.Resolve(w.ctx, w.product, engine.ResolveQuery{Provider: jieling.QQ, Subject: subject + "lin"})
	w.ok(err)
	if v.Stage != jieling.StageCompensated || r.Outcome != engine.Allow {
		t.Fatalf("stage %s, resolve %s", v.Stage, r.Outcome)
	}
}

func TestS21_UndoRestoresTheBinding(t *testing.T) {
	w := newWorld(t, "wallet")
	o := w.owner("lin", number)
	v := o.ready()
	_, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.ok(err)
	w.drain()
	_, err = w.Undo(w.ctx, o.by, engine.Idem{}, v.ID)
	w.ok(err)
	w.drain()
	r, err := w.Resolve(w.ctx, w.product, engine.ResolveQuery{Provider: jieling.QQ, Subject: subject + "lin", Network: "known"})
	w.ok(err)
	if r.Binding != o.qq.ID || r.Outcome != engine.Allow {
		t.Fatalf("after undo: %+v", r)
	}
}

func TestS24_EveryTransitionHasItsAuditRow(t *testing.T) {
	w := newWorld(t, "wallet")
	o := w.owner("lin", number)
	v := o.ready()
	_, err := w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.ok(err)
	w.drain()
	for {
		n, err := w.SequenceAudit(w.ctx, 5)
		w.ok(err)
		if n < 5 {
			break
		}
	}
	acc, err := w.Account(w.ctx, o.by, o.account)
	w.ok(err)
	rows, head, err := w.Store.AuditChain(w.ctx, o.account)
	w.ok(err)
	if int64(len(rows)) != acc.Version || rows[len(rows)-1].Hash != head {
		t.Fatalf("%d rows, account version %d", len(rows), acc.Version)
	}
	password := regexp.MustCompile(`\b` + pin + `\b`) // by itself: six digits of a time or of a hash may be the same
	for _, r := range rows {
		if strings.Contains(string(r.Detail), number) || strings.Contains(string(r.Detail), subject) || password.Match(r.Detail) {
			t.Fatalf("%s holds personal data", r.Verb)
		}
	}
}
