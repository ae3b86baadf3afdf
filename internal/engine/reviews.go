package engine

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/risk"
	"github.com/jieling-id/jieling/internal/store"
)

// The staff's half of a review. Whoever decides has claimed it, has the evidence in front of them that the decision names, and is
// neither its person nor the colleague who agreed before.

// reviewLease is how long a claim holds; its holder renews it by claiming again.
const reviewLease = 30 * time.Minute

// maxNote bounds what a reviewer writes for colleagues, in characters.
const maxNote = 2000

// ReviewPage is a stretch of the queue, the one that is due first first. Last is what to go on after; empty: there is no more.
type ReviewPage struct {
	Reviews []ReviewView
	Last    jieling.ChallengeID
	Now     time.Time
}

// ReviewView is a review for staff. Situation is there where one is read by itself.
type ReviewView struct {
	jieling.Review
	Own       bool     // it is about the reader's own account: theirs to see, and never to decide
	Mine      bool     // the reader has it now
	Voted     bool     // the reader agreed already: somebody else has to
	Notes     []string // of Votes, in their order, opened
	Left      int      // times the person may hand in again
	Situation *Situation
	Now       time.Time
}

// Situation is what a reviewer has to know of a case, and no more: no name, no number, no subject.
type Situation struct {
	Case    jieling.Case
	Binding jieling.Binding // its label is masked
	Kind    jieling.AccountKind
	Signals []jieling.Signal
	Events  []jieling.Event
}

// Reviews lists what waits for staff.
func (e *Engine) Reviews(ctx context.Context, by jieling.Actor, after jieling.ChallengeID, limit int) (ReviewPage, error) {
	if err := onDuty(by, ListReviews); err != nil {
		return ReviewPage{}, err
	}
	all, err := e.Store.Reviews(ctx, after, limit)
	if err != nil {
		return ReviewPage{}, translate(err)
	}
	s, err := e.Store.Load(ctx, store.Need{}) // for the clock
	if err != nil {
		return ReviewPage{}, translate(err)
	}
	out := ReviewPage{Now: s.Now}
	for _, r := range all {
		out.Reviews = append(out.Reviews, seenBy(by, r, s.Now))
	}
	if len(all) == limit {
		out.Last = all[limit-1].Challenge
	}
	return out, nil
}

// seenBy is a review as one member of staff sees it in the queue.
func seenBy(by jieling.Actor, r jieling.Review, now time.Time) ReviewView {
	return ReviewView{
		Review: r, Now: now, Own: own(by, r), Mine: r.Held(now) && r.Holder == by.Name,
		Voted: slices.ContainsFunc(r.Votes, func(v jieling.Vote) bool { return v.By == by.Name }),
	}
}

// own reports that a review is about the account of whoever is at it.
func own(by jieling.Actor, r jieling.Review) bool { return by.Account != "" && by.Account == r.Account }

// Review shows one, with its situation.
func (e *Engine) Review(ctx context.Context, by jieling.Actor, id jieling.ChallengeID) (ReviewView, error) {
	if err := onDuty(by, ListReviews); err != nil {
		return ReviewView{}, err
	}
	s, err := e.Store.Load(ctx, store.Need{Challenge: id, With: store.Reviews})
	if err != nil {
		return ReviewView{}, translate(err)
	}
	if s.Review == nil {
		return ReviewView{}, notFound()
	}
	v, err := e.reviewed(by, s)
	if err != nil {
		return v, err
	}
	v.Situation.Events, err = e.Store.Events(ctx, s.Case.ID, 0)
	return v, translate(err)
}

// reviewed is the view of the snapshot's review.
func (e *Engine) reviewed(by jieling.Actor, s store.Snapshot) (ReviewView, error) {
	v := seenBy(by, *s.Review, s.Now)
	v.Left = max(0, s.Challenge.Limit-s.Challenge.Guesses)
	v.Situation = &Situation{Case: *s.Case, Kind: s.Account.Kind, Signals: risk.Explained(s.Case.Signals)}
	for _, b := range s.Bindings {
		if b.ID == s.Case.Binding {
			v.Situation.Binding = b
		}
	}
	for _, vote := range v.Votes {
		note := ""
		if vote.Note != nil {
			plain, err := e.Keys.Open(noteOf(v.Challenge), vote.Note)
			if err != nil {
				return v, err
			}
			note = string(plain)
		}
		v.Notes = append(v.Notes, note)
	}
	return v, nil
}

func noteOf(ch jieling.ChallengeID) keyring.Place {
	return keyring.Place{Owner: string(ch), Field: "review.note"}
}

// reviewing carries out a reviewer's move on a review that still waits, and shows it afterwards. What is written of them is their name
// at work; the account they have of their own is nobody's business.
func (e *Engine) reviewing(ctx context.Context, by jieling.Actor, idem Idem, id jieling.ChallengeID, with store.Part, act func(*work) error) (ReviewView, error) {
	if err := onDuty(by, DecideReviews); err != nil {
		return ReviewView{}, err
	}
	var out ReviewView
	acting := jieling.Actor{Kind: by.Kind, Name: by.Name, Scopes: by.Scopes}
	err := e.do(ctx, acting, idem, store.Need{Challenge: id, With: with | store.Reviews}, func(w *work) (string, error) {
		switch {
		case w.Review == nil || w.Case == nil:
			return "", notFound()
		case own(by, *w.Review):
			return "", jieling.Refuse(jieling.CodeForbidden, "不能审核自己账号的申请。请让同事来处理。", "This is about your own account. A colleague has to see to it.")
		case frozenTo(w.Snapshot):
			return "", frozen()
		case w.Review.State != jieling.ReviewWaiting || w.undecidable(*w.Review):
			return "", jieling.Refuse(jieling.CodeConflict, "这项审核已有结论，或已被撤回、作废。", "This review is decided, or was taken back or voided.")
		}
		if err := act(w); err != nil {
			return "", err
		}
		var err error
		out, err = e.reviewed(by, w.Snapshot)
		return string(id), err
	}, func(s store.Snapshot, _ store.Answer) (err error) {
		if s.Review == nil {
			return notFound()
		}
		out, err = e.reviewed(by, s)
		return err
	})
	return out, err
}

// ClaimReview takes a review, or renews the claim: nobody else works on it meanwhile. Who agreed already does not take it again.
func (e *Engine) ClaimReview(ctx context.Context, by jieling.Actor, idem Idem, id jieling.ChallengeID) (ReviewView, error) {
	return e.reviewing(ctx, by, idem, id, 0, func(w *work) error {
		r := *w.Review
		switch {
		case r.Held(w.Now) && r.Holder != by.Name:
			return jieling.Refuse(jieling.CodeConflict, r.Holder+" 正在审核这一项。", r.Holder+" is at this one.")
		case seenBy(by, r, w.Now).Voted:
			return jieling.Refuse(jieling.CodeConflict, "你已同意通过，还需要另一位同事。", "You agreed already; another colleague has to look.")
		}
		r.Holder, r.HeldUntil = by.Name, w.Now.Add(reviewLease)
		w.putReview(r)
		return nil
	})
}

// holding refuses who has not claimed the review, or no longer has it.
func (w *work) holding() error {
	if w.Review.Held(w.Now) && w.Review.Holder == w.by.Name {
		return nil
	}
	return jieling.Refuse(jieling.CodeConflict, "请先领取这一项；领取 30 分钟内有效，可以续。", "Claim it first. A claim holds for 30 minutes and can be renewed.")
}

// ViewEvidence opens one image for whoever has the review. The look stands on the account's record, for its owner to read.
func (e *Engine) ViewEvidence(ctx context.Context, by jieling.Actor, id jieling.ChallengeID, n int) ([]byte, jieling.Image, error) {
	v, err := e.reviewing(ctx, by, Idem{}, id, 0, func(w *work) error {
		if err := w.holding(); err != nil {
			return err
		}
		if n < 0 || n >= len(w.Review.Images) {
			return notFound()
		}
		w.onReview("review.view", map[string]any{"image": n})
		return nil
	})
	if err != nil {
		return nil, jieling.Image{}, err
	}
	sealed, err := e.Store.Evidence(ctx, id, n)
	if err != nil {
		return nil, jieling.Image{}, translate(err)
	}
	content, err := e.Keys.Open(evidenceOf(id, n), sealed)
	return content, v.Images[n], err
}

// FixMeeting fixes when and where to talk: at one of the times the person proposed, on a host the operator allows.
func (e *Engine) FixMeeting(ctx context.Context, by jieling.Actor, idem Idem, id jieling.ChallengeID, at time.Time, link string) (ReviewView, error) {
	if err := e.meetingPlace(link); err != nil {
		return ReviewView{}, err
	}
	return e.reviewing(ctx, by, idem, id, store.OpenCases, func(w *work) error {
		r := *w.Review
		if r.Factor != jieling.VideoInterview {
			return jieling.Refuse(jieling.CodeConflict, "这项审核不需要面谈。", "This review is not an interview.")
		}
		if err := w.holding(); err != nil {
			return err
		}
		if !slices.ContainsFunc(r.Slots, at.Equal) || !at.After(w.Now) {
			return jieling.Malformed("at", "请从对方给出的、还没过去的时间里选一个。", "Choose one of the times the person gave that is not past.")
		}
		r.MeetAt, r.Meeting = at.UTC(), link
		w.putReview(r)
		w.onReview("review.meet", nil)
		w.tell(toldMeeting, fmt.Sprintf("%s/%d", id, w.Now.UnixMicro()))
		return nil
	})
}

// meetingPlace checks a meeting's address.
func (e *Engine) meetingPlace(link string) error {
	u, err := url.Parse(link)
	switch {
	case err != nil || len(link) > 512 || u.Scheme != "https" || u.User != nil || u.Port() != "":
		return jieling.Malformed("link", "会议地址必须以 https:// 开头。", "The address of a meeting begins with https://.")
	case !slices.Contains(e.Reviewing.MeetingHosts, strings.ToLower(u.Hostname())):
		return jieling.Malformed("link", "会议只能开在允许的网站上："+strings.Join(e.Reviewing.MeetingHosts, "、"), "Meetings are held on: "+strings.Join(e.Reviewing.MeetingHosts, ", ")+".")
	}
	return nil
}

// ReviewVerdict is a reviewer's verdict on the evidence it names.
type ReviewVerdict struct {
	Verdict  jieling.Verdict
	Reason   string // a code of casework.ReviewReasons; none for a pass
	Note     string // for colleagues, at most 2000 characters
	Evidence string // the hash in hex, as it was when the reviewer looked
}

// check reads the form of a verdict.
func (d ReviewVerdict) check(f jieling.Factor) (jieling.Text, error) {
	if len([]rune(d.Note)) > maxNote {
		return jieling.Text{}, jieling.Malformed("note", "备注太长，最多 2000 字。", "The note may have at most 2000 characters.")
	}
	switch d.Verdict {
	case jieling.Pass:
		if d.Reason != "" {
			return jieling.Text{}, jieling.Malformed("reason", "通过时不用选理由。", "A pass has no reason.")
		}
		return jieling.Text{}, nil
	case jieling.Refusal, jieling.AskForMore:
		r, ok := casework.ReasonFor(d.Reason, d.Verdict, f)
		if !ok {
			return jieling.Text{}, jieling.Malformed("reason", "请选一个与决定相符的理由：对方会看到它。", "Choose a reason that goes with the decision: the person reads it.")
		}
		return r.Text, nil
	}
	return jieling.Text{}, jieling.Malformed("decision", "请选择通过、拒绝或要求补充。", "Choose to pass, to refuse or to ask for more.")
}

// DecideReview votes. It is refused with CodeStale where the evidence is no longer what the reviewer looked at, and takes effect in the
// transaction in which the votes suffice: once, however many decide at that moment (S8).
func (e *Engine) DecideReview(ctx context.Context, by jieling.Actor, idem Idem, id jieling.ChallengeID, d ReviewVerdict) (ReviewView, error) {
	with := store.Budgets | store.Challenges | store.Enrolments | store.Devices | store.OpenCases
	return e.reviewing(ctx, by, idem, id, with, func(w *work) error {
		r := *w.Review
		if hash, err := hex.DecodeString(d.Evidence); err != nil || len(hash) != len(r.Evidence) || [32]byte(hash) != r.Evidence {
			return jieling.Refuse(jieling.CodeStale, "材料在你查看之后有变化，请重新审核。", "What was handed in has changed since you looked. Review it again.")
		}
		if err := w.holding(); err != nil {
			return err
		}
		told, err := d.check(r.Factor)
		if err != nil {
			return err
		}
		if err := w.votable(r, d.Verdict); err != nil {
			return err
		}
		vote := jieling.Vote{By: by.Name, At: w.Now, Verdict: d.Verdict, Reason: d.Reason}
		if d.Note != "" {
			if vote.Note, err = e.Keys.Seal(noteOf(id), []byte(d.Note)); err != nil {
				return err
			}
		}
		r.Votes = append(slices.Clone(r.Votes), vote)
		r.Holder, r.HeldUntil = "", time.Time{}
		ruling := casework.Ruling(r.Votes, r.FourEyes)
		w.onReview("review.decide", map[string]any{"decision": d.Verdict, "reason": d.Reason, "evidence": d.Evidence, "ruling": ruling})
		return w.rule(r, ruling, told)
	})
}

// votable refuses verdicts that do not fit the moment.
func (w *work) votable(r jieling.Review, v jieling.Verdict) error {
	ch := w.Challenge
	switch {
	case v == jieling.AskForMore && ch.Guesses >= ch.Limit:
		return jieling.Refuse(jieling.CodeConflict, "对方已提交满 3 次，不能再要求补充。请决定通过或拒绝。", "The person has handed in three times and cannot again. Pass or refuse.")
	case r.Factor == jieling.VideoInterview && v != jieling.AskForMore && (r.MeetAt.IsZero() || w.Now.Before(r.MeetAt)):
		return jieling.Refuse(jieling.CodeConflict, "面谈还没有进行。谈过之后再决定。", "The interview has not taken place. Decide after the talk.")
	}
	return nil
}

// rule carries out what the votes amount to.
func (w *work) rule(r jieling.Review, ruling jieling.Verdict, told jieling.Text) error {
	ch := *w.Challenge
	asked := fmt.Sprintf("%s/%d", r.Challenge, w.Now.UnixMicro())
	switch ruling {
	case "":
		w.putReview(r)
		return nil
	case jieling.Pass:
		r.State, r.DecidedAt = jieling.ReviewPassed, w.Now
		b := w.budget(ch.Factor)
		b.Wrong = max(0, b.Wrong-1)
		w.change.Budgets = append(w.change.Budgets, b)
		ch.State = jieling.ChallengePassed
		w.putChallenge(ch)
		w.putReview(r)
		w.lookAgain(r.Case, r.Challenge, w.Now.Add(w.e.Reviewing.Retention))
		w.tell(toldPassed, asked)
		return w.step(casework.Proved{Proof: jieling.Proof{Factor: ch.Factor, Challenge: ch.ID, At: w.Now, Epoch: w.Account.Epoch}})
	case jieling.AskForMore:
		r.State = jieling.ReviewAsked
	default:
		r.State, r.DecidedAt = jieling.ReviewRefused, w.Now
		w.lookAgain(r.Case, r.Challenge, w.Now.Add(w.e.Reviewing.Retention))
		if ch.Guesses >= ch.Limit {
			ch.State = jieling.ChallengeFailed
		}
	}
	if again := w.Now.Add(againTTL); again.After(ch.ExpiresAt) {
		ch.ExpiresAt = again
	}
	w.lookAgain(r.Case, r.Challenge, ch.ExpiresAt)
	w.putChallenge(ch)
	w.putReview(r)
	w.tell(toldBack, asked)
	return w.step(casework.Returned{Factor: r.Factor, Challenge: r.Challenge, Reason: told})
}

// reviewedHere lists the factors that staff decide on in this installation.
func (e *Engine) reviewedHere() (out []jieling.Factor) {
	for _, f := range []jieling.Factor{jieling.DocumentReview, jieling.VideoInterview} {
		if _, ok := e.Factors[f].(factor.Review); ok {
			out = append(out, f)
		}
	}
	return out
}
