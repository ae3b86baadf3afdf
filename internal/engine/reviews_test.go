package engine_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"image"
	"image/png"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/store"
)

var (
	an      = jieling.Actor{Kind: jieling.ActorStaff, Name: "an", Scopes: []string{"reviewer"}}
	bo      = jieling.Actor{Kind: jieling.ActorStaff, Name: "bo", Scopes: []string{"reviewer"}}
	auditor = jieling.Actor{Kind: jieling.ActorStaff, Name: "cai", Scopes: []string{"auditor"}}
)

// picture is a PNG that differs by its shade.
func picture(shade byte) []byte {
	m := image.NewGray(image.Rect(0, 0, 80, 80))
	m.Pix[0] = shade
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// abnormal opens a case of an abnormal login on android, which asks for a document, and passes everything else.
func (o *owner) abnormal(claims ...string) engine.CaseView {
	o.t.Helper()
	in := engine.NewCase{Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: jieling.Android, Reason: jieling.ReasonPrivacy, Claims: engine.Claims{Signals: map[string]string{"travel": "impossible"}}}
	for i := 0; i+1 < len(claims); i += 2 {
		in.Claims.Signals[claims[i]] = claims[i+1]
	}
	v, err := o.OpenCase(o.ctx, o.by, engine.Idem{}, in)
	o.ok(err)
	if v.Decision.Replacement && !v.Replaced {
		o.replace(v.ID, number)
	}
	if v.Decision.Backup {
		_, err = o.BackUp(o.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
		o.ok(err)
	}
	return o.prove(v.ID, jieling.PaymentPIN)
}

// begin asks for a review.
func (o *owner) begin(id jieling.CaseID, f jieling.Factor) jieling.ChallengeID {
	o.t.Helper()
	ch, err := o.Challenge(o.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: id, Factor: f, Lang: "en"})
	o.ok(err)
	return ch.ID
}

// consent is the text to agree to.
func (w *world) consent(f jieling.Factor) factor.Consent {
	return w.Factors[f].(factor.Review).Consent()
}

func (o *owner) handIn(ch jieling.ChallengeID, images ...[]byte) (engine.CaseView, error) {
	c := o.consent(jieling.DocumentReview)
	return o.HandIn(o.ctx, o.by, engine.Idem{}, engine.HandedIn{Challenge: ch, Consent: c.Version, Images: images, Lang: "en"})
}

// documented is a case whose document lies with staff.
func (o *owner) documented(claims ...string) (jieling.CaseID, jieling.ChallengeID) {
	o.t.Helper()
	v := o.abnormal(claims...)
	ch := o.begin(v.ID, jieling.DocumentReview)
	v, err := o.handIn(ch, picture(1), picture(2))
	o.ok(err)
	if v.Stage != jieling.StageReviewing || v.Next != casework.MoveAwait {
		o.t.Fatalf("handed in: %s, next %s, %+v", v.Stage, v.Next, v.Decision.Reasons)
	}
	return v.ID, ch
}

// decide claims a review, looks and decides.
func (w *world) decide(by jieling.Actor, ch jieling.ChallengeID, v jieling.Verdict, reason string) (engine.ReviewView, error) {
	w.t.Helper()
	r, err := w.ClaimReview(w.ctx, by, engine.Idem{}, ch)
	w.ok(err)
	return w.DecideReview(w.ctx, by, engine.Idem{}, ch, engine.ReviewVerdict{Verdict: v, Reason: reason, Note: "seen", Evidence: hex.EncodeToString(r.Evidence[:])})
}

func (o *owner) stage(id jieling.CaseID, want jieling.Stage) engine.CaseView {
	o.t.Helper()
	v, err := o.Case(o.ctx, o.by, id)
	o.ok(err)
	if v.Stage != want {
		o.t.Fatalf("stage %s, want %s", v.Stage, want)
	}
	return v
}

// kept reports whether the evidence of a challenge is there.
func (w *world) kept(ch jieling.ChallengeID) bool {
	w.t.Helper()
	_, err := w.Store.Evidence(w.ctx, ch, 0)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		w.t.Fatal(err)
	}
	return err == nil
}

// verbs lists what stands on an account's record, oldest first.
func (w *world) verbs(a jieling.AccountID) (verbs []string) {
	w.t.Helper()
	rows, _, err := w.Store.AuditChain(w.ctx, a)
	w.ok(err)
	for _, r := range rows {
		verbs = append(verbs, r.Verb)
	}
	return verbs
}

func TestV2_ADocumentIsReviewedAndTheRemovalGoesThrough(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("lin", number)
		id, ch := o.documented()
		page, err := w.Reviews(w.ctx, an, "", 10)
		w.ok(err)
		if len(page.Reviews) != 1 || page.Reviews[0].Challenge != ch || page.Reviews[0].Risk != jieling.Medium || page.Reviews[0].FourEyes {
			t.Fatalf("the queue: %+v", page.Reviews)
		}
		r, err := w.ClaimReview(w.ctx, an, engine.Idem{}, ch)
		w.ok(err)
		content, kind, err := w.ViewEvidence(w.ctx, an, ch, 1)
		w.ok(err)
		if !bytes.Equal(content, picture(2)) || kind.Type != "image/png" {
			t.Errorf("another picture: %s, %d bytes", kind.Type, len(content))
		}
		sealed, err := w.Store.Evidence(w.ctx, ch, 1)
		w.ok(err)
		if bytes.Contains(sealed, content[:40]) {
			t.Error("the evidence is not sealed")
		}
		r, err = w.DecideReview(w.ctx, an, engine.Idem{}, ch, engine.ReviewVerdict{Verdict: jieling.Pass, Evidence: hex.EncodeToString(r.Evidence[:])})
		w.ok(err)
		if r.State != jieling.ReviewPassed {
			t.Fatalf("the review is %s", r.State)
		}
		o.stage(id, jieling.StageReady)
		before := len(w.inbox.sent)
		w.drain()
		if len(w.inbox.sent) <= before {
			t.Error("the person was not told")
		}
		_, err = w.Confirm(w.ctx, o.by, engine.Idem{}, id)
		w.ok(err)
		w.drain()
		v := o.stage(id, jieling.StageGuarded)
		replays(t, w, id, v.Case)
		if page, err = w.Reviews(w.ctx, an, "", 10); err != nil || len(page.Reviews) != 0 {
			t.Errorf("the queue afterwards: %+v, %v", page.Reviews, err)
		}
		told, err := w.Activity(w.ctx, o.by, o.account, engine.DeedOthers, 0, 50)
		w.ok(err)
		for _, verb := range []string{"review.view", "review.decide"} {
			if !slices.ContainsFunc(told.Deeds, func(d engine.Deed) bool { return d.Verb == verb && d.By == jieling.ActorStaff && d.Case == id }) {
				t.Errorf("the owner does not see %s: %+v", verb, told.Deeds)
			}
		}
	})
}

// Evidence is kept for its week after the decision and not a moment longer, and that it went is on the record.
func TestV2_RetentionDeletes(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("lin", number)
		_, ch := o.documented()
		_, err := w.decide(an, ch, jieling.Pass, "")
		w.ok(err)
		w.later(week - time.Minute)
		w.drain()
		if !w.kept(ch) {
			t.Fatal("deleted too early")
		}
		w.later(2 * time.Minute)
		w.drain()
		if r := w.review(ch); len(r.Votes) != 1 || r.Votes[0].Note != nil || r.ErasedAt.IsZero() {
			t.Errorf("of the review is left: %+v", r)
		}
		if w.kept(ch) || !slices.Contains(w.verbs(o.account), "review.erase") {
			t.Errorf("kept: %t, on the record: %v", w.kept(ch), w.verbs(o.account))
		}
	})
}

func TestV2_WhatIsWithdrawnOrVoidIsDeleted(t *testing.T) {
	for name, end := range map[string]func(*owner, jieling.CaseID, jieling.ChallengeID) error{
		"withdrawn": func(o *owner, _ jieling.CaseID, ch jieling.ChallengeID) error {
			_, err := o.TakeBack(o.ctx, o.by, engine.Idem{}, ch)
			return err
		},
		"nobody decided": func(o *owner, _ jieling.CaseID, _ jieling.ChallengeID) error {
			o.later(72*time.Hour + time.Minute)
			return nil
		},
		"frozen": func(o *owner, _ jieling.CaseID, _ jieling.ChallengeID) error {
			_, err := o.Freeze(o.ctx, o.by, engine.Idem{}, o.account, "not me")
			return err
		},
		"cancelled": func(o *owner, id jieling.CaseID, _ jieling.ChallengeID) error {
			_, err := o.Cancel(o.ctx, o.by, engine.Idem{}, id)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			o := w.owner("lin", number)
			id, ch := o.documented()
			r, err := w.ClaimReview(w.ctx, an, engine.Idem{}, ch)
			w.ok(err)
			w.ok(end(o, id, ch))
			w.drain()
			if w.kept(ch) {
				t.Error("it is still there")
			}
			if page, err := w.Reviews(w.ctx, an, "", 10); err != nil || len(page.Reviews) > 0 {
				t.Errorf("it still waits: %+v, %v", page.Reviews, err)
			}
			_, err = w.DecideReview(w.ctx, an, engine.Idem{}, ch, engine.ReviewVerdict{Verdict: jieling.Pass, Evidence: hex.EncodeToString(r.Evidence[:])})
			if err == nil {
				t.Error("and is decided all the same")
			}
			if v, err := w.Case(w.ctx, o.by, id); err != nil || len(v.Pending) > 0 || v.Proved(jieling.DocumentReview) {
				t.Errorf("the case: %+v, %v", v.Pending, err)
			}
		})
	}
}

func TestV2_ReviewsAreForReviewers(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	_, ch := o.documented()
	for _, by := range []jieling.Actor{o.by, w.product, {}, {Kind: jieling.ActorStaff, Name: "op", Scopes: []string{"operator"}}} {
		_, err := w.Reviews(w.ctx, by, "", 10)
		w.refused(jieling.CodeForbidden, err)
		_, err = w.ClaimReview(w.ctx, by, engine.Idem{}, ch)
		w.refused(jieling.CodeForbidden, err)
		_, _, err = w.ViewEvidence(w.ctx, by, ch, 0)
		w.refused(jieling.CodeForbidden, err)
	}
	page, err := w.Reviews(w.ctx, auditor, "", 10)
	if w.ok(err); len(page.Reviews) != 1 {
		t.Errorf("an auditor sees %+v", page)
	}
	_, err = w.ClaimReview(w.ctx, auditor, engine.Idem{}, ch)
	w.refused(jieling.CodeForbidden, err)
	_, err = w.Answer(w.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch, Given: []byte("pass")})
	w.refused(jieling.CodeConflict, err)
}

// Nobody decides about themselves, whatever they are at work.
func TestV2_NeverOnesOwn(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	_, ch := o.documented()
	self := an
	self.Account = o.account
	page, err := w.Reviews(w.ctx, self, "", 10)
	if w.ok(err); !page.Reviews[0].Own {
		t.Error("it is not marked as their own")
	}
	_, err = w.ClaimReview(w.ctx, self, engine.Idem{}, ch)
	w.refused(jieling.CodeForbidden, err)
	// Claimed as somebody of whom nobody knew, and then known: the decision is refused all the same.
	r, err := w.ClaimReview(w.ctx, an, engine.Idem{}, ch)
	w.ok(err)
	_, _, err = w.ViewEvidence(w.ctx, self, ch, 0)
	w.refused(jieling.CodeForbidden, err)
	_, err = w.DecideReview(w.ctx, self, engine.Idem{}, ch, engine.ReviewVerdict{Verdict: jieling.Pass, Evidence: hex.EncodeToString(r.Evidence[:])})
	w.refused(jieling.CodeForbidden, err)
	if other := bo; true {
		other.Account = "acc_somebody_else"
		w.later(31 * time.Minute)
		_, err = w.decide(other, ch, jieling.Pass, "")
		w.ok(err)
	}
	events, err := w.Store.Events(w.ctx, r.Case, 0)
	w.ok(err)
	for _, e := range events {
		if e.Actor.Kind == jieling.ActorStaff && e.Actor.Account != "" {
			t.Errorf("the history tells whose account a reviewer has: %+v", e.Actor)
		}
	}
}

// A decision is about the evidence its reviewer looked at.
func TestV2_StaleEvidenceIsNotDecidedOn(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	id, ch := o.documented()
	r, err := w.ClaimReview(w.ctx, an, engine.Idem{}, ch)
	w.ok(err)
	_, err = w.TakeBack(w.ctx, o.by, engine.Idem{}, ch)
	w.ok(err)
	_, err = o.handIn(ch, picture(9))
	w.ok(err)
	r2, err := w.ClaimReview(w.ctx, an, engine.Idem{}, ch)
	w.ok(err)
	if r2.Evidence == r.Evidence {
		t.Fatal("another picture has the same hash")
	}
	for _, seen := range []string{hex.EncodeToString(r.Evidence[:]), "", "zz"} {
		_, err = w.DecideReview(w.ctx, an, engine.Idem{}, ch, engine.ReviewVerdict{Verdict: jieling.Pass, Evidence: seen})
		w.refused(jieling.CodeStale, err)
	}
	o.stage(id, jieling.StageReviewing)
}

func TestV2_AClaimIsALease(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	_, ch := o.documented()
	_, _, err := w.ViewEvidence(w.ctx, an, ch, 0)
	w.refused(jieling.CodeConflict, err)
	_, err = w.ClaimReview(w.ctx, an, engine.Idem{}, ch)
	w.ok(err)
	_, err = w.ClaimReview(w.ctx, bo, engine.Idem{}, ch)
	w.refused(jieling.CodeConflict, err)
	w.later(20 * time.Minute)
	_, err = w.ClaimReview(w.ctx, an, engine.Idem{}, ch)
	w.ok(err)
	w.later(20 * time.Minute)
	_, _, err = w.ViewEvidence(w.ctx, an, ch, 0)
	w.ok(err)
	w.later(10*time.Minute + time.Second)
	r, err := w.ClaimReview(w.ctx, bo, engine.Idem{}, ch)
	w.ok(err)
	_, _, err = w.ViewEvidence(w.ctx, an, ch, 0)
	w.refused(jieling.CodeConflict, err)
	_, err = w.DecideReview(w.ctx, an, engine.Idem{}, ch, engine.ReviewVerdict{Verdict: jieling.Pass, Evidence: hex.EncodeToString(r.Evidence[:])})
	w.refused(jieling.CodeConflict, err)
}

// Where the risk is high two different reviewers have to agree, and one who refuses is enough.
func TestV2_HighRiskTakesFourEyes(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("lin", number)
		id, ch := o.documented("network", "public")
		r, err := w.decide(an, ch, jieling.Pass, "")
		w.ok(err)
		if !r.FourEyes || r.State != jieling.ReviewWaiting || len(r.Votes) != 1 {
			t.Fatalf("after one: %+v", r.Review)
		}
		o.stage(id, jieling.StageReviewing)
		_, err = w.ClaimReview(w.ctx, an, engine.Idem{}, ch)
		w.refused(jieling.CodeConflict, err)
		r, err = w.decide(bo, ch, jieling.Pass, "")
		w.ok(err)
		if r.State != jieling.ReviewPassed || r.Notes[0] != "seen" {
			t.Fatalf("after two: %+v", r)
		}
		if v, err := w.Case(w.ctx, o.by, id); err != nil || !v.Proved(jieling.DocumentReview) {
			t.Errorf("not proven: %v", err)
		}

		p := w.owner("zhao", "+8613800000077")
		_, second := p.documentedBy("+8613800000077", "network", "public")
		_, err = w.decide(an, second, jieling.Pass, "")
		w.ok(err)
		r, err = w.decide(bo, second, jieling.Refusal, "doubt")
		w.ok(err)
		if r.State != jieling.ReviewRefused {
			t.Errorf("one refusal leads to %s", r.State)
		}
	})
}

// documentedBy is documented for an owner with another number.
func (o *owner) documentedBy(_ string, claims ...string) (jieling.CaseID, jieling.ChallengeID) {
	return o.documented(claims...)
}

// A refusal tells why, and what would change the answer; three times something may be handed in, then the challenge is over.
func TestV2_ARefusalSaysWhyAndThereAreThreeTries(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	v := o.abnormal()
	ch := o.begin(v.ID, jieling.DocumentReview)
	for try, how := range []struct {
		verdict jieling.Verdict
		reason  string
		state   jieling.ReviewState
	}{{jieling.AskForMore, "incomplete", jieling.ReviewAsked}, {jieling.Refusal, "unreadable", jieling.ReviewRefused}, {jieling.Refusal, "expired", jieling.ReviewRefused}} {
		_, err := o.handIn(ch, picture(byte(try)))
		w.ok(err)
		_, err = w.decide(an, ch, how.verdict, "because")
		w.refused(jieling.CodeInvalid, err)
		r, err := w.decide(an, ch, how.verdict, how.reason)
		w.ok(err)
		v = o.stage(v.ID, jieling.StageVerifying)
		want, _ := casework.ReasonFor(how.reason, how.verdict, jieling.DocumentReview)
		if r.State != how.state || len(v.Returned) != 1 || v.Returned[0].Reason != want.Text || r.Left != 2-try {
			t.Fatalf("try %d: %s, %+v, %d left", try, r.State, v.Returned, r.Left)
		}
	}
	_, err := o.handIn(ch, picture(7))
	w.refused(jieling.CodeChallengeUsed, err)
	again := o.begin(v.ID, jieling.DocumentReview)
	_, err = o.handIn(again, picture(8))
	w.ok(err)
	_, err = w.Challenge(w.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.DocumentReview})
	w.refused(jieling.CodeConflict, err)
}

func TestV2_NothingIsHandedInWithoutConsent(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	ch := o.begin(o.abnormal().ID, jieling.DocumentReview)
	c := w.consent(jieling.DocumentReview)
	for name, in := range map[string]engine.HandedIn{
		"no consent":       {Images: [][]byte{picture(1)}},
		"an older consent": {Consent: "document-0", Images: [][]byte{picture(1)}},
		"nothing":          {Consent: c.Version},
		"five pictures":    {Consent: c.Version, Images: [][]byte{picture(1), picture(2), picture(3), picture(4), picture(5)}},
		"no picture":       {Consent: c.Version, Images: [][]byte{[]byte("<svg/>")}},
		"times":            {Consent: c.Version, Images: [][]byte{picture(1)}, Slots: []time.Time{time.Now()}},
	} {
		in.Challenge = ch
		_, err := w.HandIn(w.ctx, o.by, engine.Idem{}, in)
		if jieling.CodeOf(err) != jieling.CodeInvalid || w.kept(ch) {
			t.Errorf("%s: %v, kept %t", name, err, w.kept(ch))
		}
	}
	stranger := w.owner("zhao", "+8613800000077")
	_, err := w.HandIn(w.ctx, stranger.by, engine.Idem{}, engine.HandedIn{Challenge: ch, Consent: c.Version, Images: [][]byte{picture(1)}})
	w.refused(jieling.CodeNotFound, err)
}

// However many decide at once, one decision takes effect.
func TestS8_ParallelDecisionsDecideOnce(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("lin", number)
		id, ch := o.documented()
		r, err := w.ClaimReview(w.ctx, an, engine.Idem{}, ch)
		w.ok(err)
		var done atomic.Int64
		together(12, func(i int) {
			d := engine.ReviewVerdict{Verdict: jieling.Pass, Evidence: hex.EncodeToString(r.Evidence[:])}
			if i%2 == 1 {
				d.Verdict, d.Reason = jieling.Refusal, "doubt"
			}
			switch _, err := w.DecideReview(w.ctx, an, engine.Idem{}, ch, d); jieling.CodeOf(err) {
			case "":
				done.Add(1)
			case jieling.CodeConflict:
			default:
				t.Error(err)
			}
		})
		_, err = w.ClaimReview(w.ctx, bo, engine.Idem{}, ch)
		w.refused(jieling.CodeConflict, err) // nothing is left to decide for anybody
		events, err := w.Store.Events(w.ctx, id, 0)
		w.ok(err)
		last := events[len(events)-1].Kind
		proofs := slices.DeleteFunc(events, func(e jieling.Event) bool { return e.Kind != "proved" && e.Kind != "returned" })
		if done.Load() != 1 || len(proofs) != 2 { // the payment password is the first
			t.Errorf("%d decisions took effect; the history ends with %s and has %d", done.Load(), last, len(proofs))
		}
	})
}

func TestV8_AnInterviewStandsInForWhatIsNotSetUp(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		o := w.owner("lin", number)
		v := o.abnormal()
		ch := o.begin(v.ID, jieling.VideoInterview)
		c := w.consent(jieling.VideoInterview)
		now := v.Now
		slots := []time.Time{now.Add(50 * time.Hour).Truncate(time.Second), now.Add(26 * time.Hour).Truncate(time.Second)}
		for name, bad := range map[string][]time.Time{"none": nil, "past": {now.Add(-time.Hour)}, "far": {now.Add(30 * 24 * time.Hour)}, "twice": {slots[0], slots[0]}} {
			_, err := w.HandIn(w.ctx, o.by, engine.Idem{}, engine.HandedIn{Challenge: ch, Consent: c.Version, Slots: bad})
			if jieling.CodeOf(err) != jieling.CodeInvalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := w.HandIn(w.ctx, o.by, engine.Idem{}, engine.HandedIn{Challenge: ch, Consent: c.Version, Slots: slots, Lang: "en"})
		w.ok(err)
		r, err := w.ClaimReview(w.ctx, an, engine.Idem{}, ch)
		w.ok(err)
		pass := engine.ReviewVerdict{Verdict: jieling.Pass, Evidence: hex.EncodeToString(r.Evidence[:])}
		_, err = w.DecideReview(w.ctx, an, engine.Idem{}, ch, pass)
		w.refused(jieling.CodeConflict, err)
		for _, link := range []string{"http://meet.example.com/1", "https://evil.example/1", "https://meet.example.com.evil.example/", "https://meet.example.com@evil.example/", "javascript:alert(1)", ""} {
			_, err = w.FixMeeting(w.ctx, an, engine.Idem{}, ch, slots[1], link)
			w.refused(jieling.CodeInvalid, err)
		}
		_, err = w.FixMeeting(w.ctx, an, engine.Idem{}, ch, slots[1].Add(time.Minute), "https://meet.example.com/1")
		w.refused(jieling.CodeInvalid, err)
		_, err = w.FixMeeting(w.ctx, an, engine.Idem{}, ch, slots[1], "https://meet.example.com/1")
		w.ok(err)
		before := len(w.inbox.sent)
		w.drain()
		if len(w.inbox.sent) == before {
			t.Error("the person was not told")
		}
		w.later(27 * time.Hour)
		_, err = w.ClaimReview(w.ctx, an, engine.Idem{}, ch)
		w.ok(err)
		_, err = w.DecideReview(w.ctx, an, engine.Idem{}, ch, pass)
		w.ok(err)
		view, err := w.Case(w.ctx, o.by, v.ID)
		w.ok(err)
		if !view.Proved(jieling.VideoInterview) {
			t.Errorf("not proven: %s", view.Stage)
		}
	})
}

// Whoever finds their payment password after all goes on without the document, and it is deleted though nobody decided.
func TestV8_WhatIsNoLongerNeededIsDeleted(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	v := o.open(jieling.Android)
	_, err := w.BackUp(w.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
	w.ok(err)
	ch := o.begin(v.ID, jieling.DocumentReview)
	v, err = o.handIn(ch, picture(1))
	w.ok(err)
	if v.Stage != jieling.StageReviewing {
		t.Fatalf("a document instead of the payment password: %s", v.Stage)
	}
	if v = o.prove(v.ID, jieling.PaymentPIN); v.Stage != jieling.StageReady {
		t.Fatalf("with the password: %s", v.Stage)
	}
	_, err = w.Confirm(w.ctx, o.by, engine.Idem{}, v.ID)
	w.ok(err)
	w.drain()
	if r := w.review(ch); w.kept(ch) || r.State != jieling.ReviewVoid {
		t.Errorf("kept %t, the review is %s", w.kept(ch), r.State)
	}
}

// What staff asked more of is deleted when its person gives the case up instead.
func TestV2_WhatWasAskedForIsDeletedWithItsCase(t *testing.T) {
	w := newWorld(t)
	o := w.owner("lin", number)
	id, ch := o.documented()
	_, err := w.decide(an, ch, jieling.AskForMore, "incomplete")
	w.ok(err)
	w.drain()
	if !w.kept(ch) {
		t.Fatal("deleted while its person may still add to it")
	}
	_, err = w.Cancel(w.ctx, o.by, engine.Idem{}, id)
	w.ok(err)
	w.drain()
	if r := w.review(ch); w.kept(ch) || r.State != jieling.ReviewVoid {
		t.Errorf("kept %t, the review is %s", w.kept(ch), r.State)
	}
}

func (w *world) review(ch jieling.ChallengeID) jieling.Review {
	w.t.Helper()
	s, err := w.Store.Load(w.ctx, store.Need{Challenge: ch, With: store.Reviews})
	w.ok(err)
	return *s.Review
}
