package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/risk"
	"github.com/jieling-id/jieling/internal/store"
)

// What a person hands in for a review, and how it goes again. The person's half; the staff's is in reviews.go.

// Reviewing is how reviews are held. The zero value means the defaults.
type Reviewing struct {
	Retention    time.Duration // how long a document is kept after the decision, one to 30 days; zero means 7 days
	Due          time.Duration // how long staff have to decide; zero means 72 hours
	MeetingHosts []string      // where a video interview may be held; none: nowhere
}

// Times of a review.
const (
	slotSoonest = time.Hour           // a time for a talk lies this far ahead
	slotLatest  = 14 * 24 * time.Hour // and no further than this
	againTTL    = 24 * time.Hour      // to hand in again what came back
)

// HandedIn is what a person hands in. Images are for a document, Slots for an interview.
type HandedIn struct {
	Challenge jieling.ChallengeID
	Consent   string // the version of the text they agreed to
	Images    [][]byte
	Slots     []time.Time
	Lang      string // "zh-CN" or "en": what they speak
}

// handed is the same, checked and sealed.
type handed struct {
	HandedIn
	images []jieling.Image
	sealed [][]byte
	hash   [32]byte
}

// HandIn lays a document, or times for a talk, before staff (V2, V8). It counts as an answer to its challenge: three times at most
// (S26). What was handed in before goes.
func (e *Engine) HandIn(ctx context.Context, by jieling.Actor, idem Idem, in HandedIn) (CaseView, error) {
	s, err := e.Store.Load(ctx, store.Need{Challenge: in.Challenge})
	if err != nil {
		return CaseView{}, translate(err)
	}
	if err := foundReview(s, by); err != nil {
		return CaseView{}, err
	}
	kept, err := e.sealHandedIn(s.Challenge.Factor, in)
	if err != nil {
		return CaseView{}, err
	}
	return e.move(ctx, by, idem, store.Need{Challenge: in.Challenge, With: store.Reviews | store.Budgets | store.Challenges | store.Enrolments | store.Devices}, func(w *work) error {
		return w.handIn(kept)
	})
}

// foundReview is foundCase for a challenge that staff decide on.
func foundReview(s store.Snapshot, by jieling.Actor) error {
	if err := foundCase(s, by); err != nil {
		return err
	}
	if s.Challenge == nil || !s.Challenge.Factor.Reviewed() {
		return notFound()
	}
	return nil
}

// sealHandedIn checks what was handed in and seals it under its challenge, before any lock is taken.
func (e *Engine) sealHandedIn(f jieling.Factor, in HandedIn) (handed, error) {
	out := handed{HandedIn: in}
	of, ok := e.Factors[f].(factor.Review)
	if !ok {
		return out, jieling.Refuse(jieling.CodeNotEnrolled, "这里还不能使用这种验证，请选择另一种。", "This factor is not available here. Choose another.")
	}
	if in.Consent != of.Consent().Version {
		return out, jieling.Malformed("consent", "请先阅读并勾选同意，再提交。", "Read the consent and tick it before you hand anything in.")
	}
	if f == jieling.VideoInterview {
		return out, out.checkSlots()
	}
	if len(in.Slots) > 0 {
		return out, jieling.Invalid("slots", "are for a video interview")
	}
	if len(in.Images) < 1 || len(in.Images) > factor.MaxImages {
		return out, jieling.Malformed("images", "请提交 1 到 4 张图片。", "Hand in one to four pictures.")
	}
	sum := sha256.New()
	for n, content := range in.Images {
		image, err := factor.ReadImage(content)
		if err != nil {
			return out, err
		}
		sealed, err := e.Keys.Seal(evidenceOf(in.Challenge, n), content)
		if err != nil {
			return out, err
		}
		out.images, out.sealed = append(out.images, image), append(out.sealed, sealed)
		sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(content))))
		sum.Write(content)
	}
	out.hash, out.Images = [32]byte(sum.Sum(nil)), nil
	return out, nil
}

func evidenceOf(ch jieling.ChallengeID, n int) keyring.Place {
	return keyring.Place{Owner: string(ch), Field: fmt.Sprintf("evidence/%d", n)}
}

// checkSlots puts times in order and names them by a hash, as pictures are.
func (h *handed) checkSlots() error {
	switch {
	case len(h.Images) > 0:
		return jieling.Invalid("images", "are for a document review")
	case len(h.Slots) < 1 || len(h.Slots) > factor.MaxSlots:
		return jieling.Malformed("slots", "请给出 1 到 5 个方便的时间。", "Give one to five times that suit you.")
	}
	h.Slots = slices.Clone(h.Slots)
	slices.SortFunc(h.Slots, time.Time.Compare)
	sum := sha256.New()
	for i, at := range h.Slots {
		if i > 0 && at.Equal(h.Slots[i-1]) {
			return jieling.Malformed("slots", "同一个时间填了两次。", "The same time stands there twice.")
		}
		h.Slots[i] = at.UTC().Truncate(time.Second)
		sum.Write(binary.BigEndian.AppendUint64(nil, uint64(at.Unix())))
	}
	h.hash = [32]byte(sum.Sum(nil))
	return nil
}

// handIn writes it down, and lets the case wait.
func (w *work) handIn(in handed) error {
	if w.Case.Waits(w.Challenge.Factor) {
		return alreadyHandedIn()
	}
	if err := w.answerable(); err != nil {
		return err
	}
	ch, b := *w.Challenge, w.budget(w.Challenge.Factor)
	if b.Wrong >= wrongPerWindow {
		return tooMany(b.Since.Add(window).Sub(w.Now))
	}
	due := w.Now.Add(w.e.Reviewing.Due)
	if n := len(in.Slots); n > 0 {
		if in.Slots[0].Before(w.Now.Add(slotSoonest)) || in.Slots[n-1].After(w.Now.Add(slotLatest)) {
			return jieling.Malformed("slots", "请给出一小时之后、两周之内的时间。", "Give times that are more than an hour and less than two weeks away.")
		}
		due = in.Slots[n-1].Add(w.e.Reviewing.Due)
	}
	ch.Guesses++
	b.Wrong++
	ch.ExpiresAt = due
	w.putChallenge(ch)
	w.change.Budgets = append(w.change.Budgets, b)
	riskiest := risk.Riskiest(w.Case.Signals)
	w.putReview(jieling.Review{
		Challenge: ch.ID, Account: ch.Account, Case: ch.Case, Factor: ch.Factor, State: jieling.ReviewWaiting, Evidence: in.hash, Images: in.images,
		Consent: in.Consent, ConsentAt: w.Now, Lang: in.Lang, SubmittedAt: w.Now, DueAt: due, Scenario: w.Case.Scenario, Slots: in.Slots,
		Risk: casework.ReviewRisk(w.Case.Scenario, riskiest), FourEyes: casework.FourEyes(w.Case.Scenario, riskiest),
	})
	w.change.Erase, w.change.Evidence = ch.ID, in.sealed
	w.onReview("review.submit", map[string]any{"evidence": fmt.Sprintf("%x", in.hash), "images": len(in.images), "consent": in.Consent})
	w.lookAgain(ch.Case, ch.ID, due)
	return w.step(casework.Submitted{Factor: ch.Factor, Challenge: ch.ID, To: jieling.ByStaff, Until: due, TTL: w.e.CaseTTL})
}

func alreadyHandedIn() *jieling.Error {
	return jieling.Refuse(jieling.CodeConflict, "已经提交，正在等待答复。要改内容，请先撤回。", "It was handed in already and waits for an answer. To change it, take it back first.")
}

// TakeBack withdraws what was handed in, as long as it is not decided: it is deleted in this very transaction, and its consent with it.
func (e *Engine) TakeBack(ctx context.Context, by jieling.Actor, idem Idem, id jieling.ChallengeID) (CaseView, error) {
	return e.move(ctx, by, idem, store.Need{Challenge: id, With: store.Reviews | store.Challenges | store.Enrolments | store.Devices}, func(w *work) error {
		if err := foundReview(w.Snapshot, w.by); err != nil {
			return err
		}
		r := w.Review
		if r == nil || r.State != jieling.ReviewWaiting && r.State != jieling.ReviewAsked {
			return jieling.Refuse(jieling.CodeConflict, "没有可以撤回的材料：还没提交，或者已经有了结论。", "There is nothing to take back: nothing was handed in, or it is decided.")
		}
		taken := *r
		taken.State = jieling.ReviewWithdrawn
		w.erase(&taken)
		if ch := *w.Challenge; live(ch) && ch.Guesses >= ch.Limit {
			ch.State = jieling.ChallengeFailed
			w.putChallenge(ch)
		}
		w.onReview("review.withdraw", nil)
		if !w.Case.Waits(r.Factor) {
			return nil
		}
		return w.step(casework.Returned{Factor: r.Factor, Challenge: id})
	})
}

// putReview writes a review.
func (w *work) putReview(r jieling.Review) {
	w.change.Reviews = append(w.change.Reviews, r)
	w.Review = &r
	w.Reviews = append(slices.DeleteFunc(slices.Clone(w.Reviews), func(x jieling.Review) bool { return x.Challenge == r.Challenge }), r)
}

// erase deletes what was handed in, and what else of the person stood in the review: a colleague's note, too, may say what they saw.
func (w *work) erase(r *jieling.Review) {
	r.Votes = slices.Clone(r.Votes)
	for i := range r.Votes {
		r.Votes[i].Note = nil
	}
	r.Images, r.Slots, r.Meeting, r.ErasedAt = nil, nil, "", w.Now
	w.change.Erase, w.change.Evidence = r.Challenge, nil
	w.putReview(*r)
}

// onReview is transition for what concerns a review: its row names the case and the challenge.
func (w *work) onReview(verb string, detail map[string]any) {
	w.transition(verb, detail)
	w.about = w.Case.ID
	w.note("challenge", w.Challenge.ID)
	w.note("factor", w.Challenge.Factor)
}

// lookAgain has a review looked at by time itself: whether it is over, and whether its evidence has to go.
func (w *work) lookAgain(c jieling.CaseID, ch jieling.ChallengeID, at time.Time) {
	w.effect(jieling.Effect{
		Key: fmt.Sprintf("%s/evidence/%d", ch, at.UnixMicro()), Kind: jieling.EffectTimer, Account: w.Account.ID, Case: c,
		Subject: evidenceTimer + string(ch), RunAt: at,
	})
}

const evidenceTimer = "evidence/"

// leftStaff looks at the reviews that a step took from staff: whatever did so, a freeze or another way, the evidence has to go.
func (w *work) leftStaff(before, after []jieling.Pending) {
	for _, p := range before {
		if p.To == jieling.ByStaff && !slices.Contains(after, p) {
			w.lookAgain(w.Case.ID, p.Challenge, w.Now)
		}
	}
}

// actEvidence ends a review that nobody can decide any more, and deletes evidence that is due to go. Deleting is on the record.
func (e *Engine) actEvidence(ctx context.Context, eff jieling.Effect, ch jieling.ChallengeID) error {
	need := store.Need{Account: eff.Account, Case: eff.Case, Challenge: ch, Effect: eff.ID, With: store.Reviews}
	return e.do(ctx, byClock, Idem{}, need, func(w *work) (string, error) {
		w.change.Report = &store.Report{Attempt: eff.Attempt, State: jieling.EffectDone}
		if w.Account == nil || w.Case == nil || w.Challenge == nil || w.Review == nil {
			return "", nil
		}
		r := *w.Review
		if !w.undecidable(r) && !e.outlived(r, w.Now) || r.State == jieling.ReviewVoid || !r.ErasedAt.IsZero() {
			return "", nil
		}
		if r.State == jieling.ReviewWaiting || r.State == jieling.ReviewAsked {
			r.State = jieling.ReviewVoid
		}
		w.erase(&r)
		w.onReview("review.erase", nil)
		return "", nil
	}, nil)
}

// outlived reports that evidence was decided on long enough ago.
func (e *Engine) outlived(r jieling.Review, now time.Time) bool {
	return !r.DecidedAt.IsZero() && !now.Before(r.DecidedAt.Add(e.Reviewing.Retention))
}

// undecidable reports that an open review can no longer be decided: its challenge, its case or its account went another way.
func (w *work) undecidable(r jieling.Review) bool {
	ch := w.Challenge
	switch {
	case r.State != jieling.ReviewWaiting && r.State != jieling.ReviewAsked:
		return false
	case !live(*ch) || ch.Epoch != w.Account.Epoch || !w.Now.Before(ch.ExpiresAt) || w.Case.Stage.Terminal() || !w.Case.ConfirmedAt.IsZero():
		return true
	}
	return r.State == jieling.ReviewWaiting && !w.Case.Waits(r.Factor)
}
