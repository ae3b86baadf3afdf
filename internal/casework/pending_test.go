package casework

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
)

// pending checks what must hold of a case in which something lies with others.
func pending(t *rapid.T, c jieling.Case) {
	seen := map[jieling.Factor]bool{}
	for _, p := range c.Pending {
		switch {
		case seen[p.Factor]:
			t.Fatalf("%s is pending twice", p.Factor)
		case !c.Stage.Terminal() && c.ExpiresAt.Before(p.Until):
			t.Fatal("the case expires while others have it")
		case c.Proved(p.Factor):
			t.Fatal("what is proven is still with others")
		case c.Stage == jieling.StageFrozen || c.Stage.Terminal() || !c.ConfirmedAt.IsZero():
			t.Fatalf("something is with others in %s", c.Stage)
		}
		seen[p.Factor] = true
	}
	if !waiting(c.Stage) {
		return
	}
	staff := false
	for _, p := range c.Pending {
		staff = staff || p.To == jieling.ByStaff
	}
	switch {
	case len(c.Pending) == 0:
		t.Fatalf("%s, and nobody has anything", c.Stage)
	case c.Decision.Met(c.Proved):
		t.Fatalf("%s, and nothing is missing", c.Stage)
	case staff != (c.Stage == jieling.StageReviewing):
		t.Fatalf("%s, and with staff: %t", c.Stage, staff)
	}
}

func handIn(f jieling.Factor, to jieling.Decider, until time.Time) Submitted {
	return Submitted{Factor: f, Challenge: jieling.ChallengeID("chl_" + f), To: to, Until: until, TTL: 24 * time.Hour}
}

func asksReview() jieling.Decision {
	return jieling.Decision{Pack: "p@1", Guard: time.Hour, Requirement: jieling.AllOf(
		jieling.Need(jieling.SMSCode), jieling.AnyOf(jieling.Need("document_review"), jieling.Need(jieling.Face)), jieling.Need("admin_approval"),
	)}
}

func TestV8_WhatOthersDecideHoldsTheCaseAndNothingElseDoes(t *testing.T) {
	due := t0.Add(48 * time.Hour)
	s := begin(t, asksReview())
	s.refused(jieling.CodeNotAsked, handIn(jieling.PaymentPIN, jieling.ByStaff, due))
	s.refused(jieling.CodeInvalid, handIn("document_review", jieling.ByStaff, t0))
	s.refused(jieling.CodeInvalid, handIn("document_review", "nobody", due))
	s.must(handIn("document_review", jieling.ByStaff, due))
	s.stage(jieling.StageVerifying)
	if Next(s.c) != MoveVerify {
		t.Fatalf("with the rest still to do, next is %s", Next(s.c))
	}
	s.must(proof(jieling.SMSCode))
	s.stage(jieling.StageVerifying)
	s.must(handIn("admin_approval", jieling.ByOrganisation, due.Add(time.Hour)))
	s.stage(jieling.StageReviewing)
	if Next(s.c) != MoveAwait || !s.c.ExpiresAt.Equal(due.Add(25*time.Hour)) {
		t.Fatalf("next is %s, and it expires at %s", Next(s.c), s.c.ExpiresAt)
	}
	s.refused(jieling.CodeVerification, Confirmed{Ground: good()})
	s.must(proof("document_review"))
	s.stage(jieling.StageAwaitingApproval)
	s.must(proof("admin_approval"))
	s.stage(jieling.StageReady)
	if len(s.c.Pending) != 0 {
		t.Fatalf("still with others: %+v", s.c.Pending)
	}
	s.refused(jieling.CodeChallengeUsed, handIn("document_review", jieling.ByStaff, due))
}

func TestV8_WhatComesBackIsToldAndCanBeHandedInAnew(t *testing.T) {
	due := t0.Add(48 * time.Hour)
	s := begin(t, asksReview())
	s.must(proof(jieling.SMSCode))
	s.must(proof("admin_approval"))
	s.must(handIn("document_review", jieling.ByStaff, due))
	s.stage(jieling.StageReviewing)
	why := jieling.Text{ZH: "看不清。", EN: "It is blurred."}
	s.refused(jieling.CodeConflict, Returned{Factor: "document_review", Challenge: "chl_another", Reason: why})
	s.must(Returned{Factor: "document_review", Challenge: "chl_document_review", Reason: why})
	s.stage(jieling.StageVerifying)
	if len(s.c.Returned) != 1 || s.c.Returned[0].Reason != why || len(s.c.Pending) != 0 {
		t.Fatalf("returned: %+v, pending: %+v", s.c.Returned, s.c.Pending)
	}
	s.refused(jieling.CodeConflict, Returned{Factor: "document_review", Challenge: "chl_document_review", Reason: why})
	s.must(handIn("document_review", jieling.ByStaff, due))
	if len(s.c.Returned) != 0 {
		t.Fatalf("handed in anew, and still returned: %+v", s.c.Returned)
	}
	s.must(Returned{Factor: "document_review", Challenge: "chl_document_review"})
	s.stage(jieling.StageVerifying)
	if len(s.c.Returned) != 0 {
		t.Fatalf("taken back, and told as returned: %+v", s.c.Returned)
	}
	s.must(handIn("document_review", jieling.ByStaff, due))
	s.must(proof(jieling.Face))
	s.stage(jieling.StageReady)
	s.must(Confirmed{Ground: good()})
	if len(s.c.Pending) != 0 {
		t.Fatal("confirmed, and a document still lies with staff")
	}
}

// A case does not expire while others have it; what nobody decides in time comes back by itself, and then the case has its own time.
func TestL1_WhatNobodyDecidesComesBack(t *testing.T) {
	due := t0.Add(48 * time.Hour)
	s := begin(t, asksReview())
	s.must(proof(jieling.SMSCode))
	s.must(proof("admin_approval"))
	s.must(handIn("document_review", jieling.ByStaff, due))
	s.at = t0.Add(24 * time.Hour)
	s.refused(jieling.CodeConflict, TimeReached{good()})
	s.at = due
	s.must(TimeReached{good()})
	s.stage(jieling.StageVerifying)
	if len(s.c.Returned) != 1 || len(s.c.Pending) != 0 {
		t.Fatalf("returned: %+v, pending: %+v", s.c.Returned, s.c.Pending)
	}
	s.at = due.Add(24 * time.Hour)
	s.must(TimeReached{good()})
	s.stage(jieling.StageExpired)
}

func TestS13_AFreezeVoidsWhatIsPending(t *testing.T) {
	s := begin(t, asksReview())
	s.must(proof(jieling.SMSCode))
	s.must(proof("admin_approval"))
	s.must(handIn("document_review", jieling.ByStaff, t0.Add(48*time.Hour)))
	s.must(Frozen{Epoch: 2})
	if len(s.c.Pending) != 0 {
		t.Fatal("it lies with staff during a freeze")
	}
	s.must(Thawed{Epoch: 3})
	s.stage(jieling.StageOpen)
	s.refused(jieling.CodeConflict, Returned{Factor: "document_review", Challenge: "chl_document_review"})
	s.must(Cancelled{})
}

func TestV8_ACaseThatOthersHaveCanBeCancelled(t *testing.T) {
	s := begin(t, asksReview())
	s.must(proof(jieling.SMSCode))
	s.must(proof("admin_approval"))
	s.must(handIn("document_review", jieling.ByStaff, t0.Add(48*time.Hour)))
	s.must(Cancelled{})
	s.stage(jieling.StageCancelled)
}
