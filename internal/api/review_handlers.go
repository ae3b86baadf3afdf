package api

import (
	"context"
	"encoding/hex"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/api/oas"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
)

// reviewPage is how many reviews are listed at a time.
const reviewPage = 50

func (h handlers) HandIn(ctx context.Context, req *oas.NewEvidence, params oas.HandInParams) (*oas.Case, error) {
	visit := gate.VisitOf(ctx)
	in := engine.HandedIn{
		Challenge: jieling.ChallengeID(params.Challenge), Consent: req.Consent, Images: req.Images, Slots: req.Slots, Lang: string(req.Lang.Or(oas.LocaleZhCN)),
	}
	v, err := h.engine.HandIn(ctx, visit.Actor, visit.Idem, in)
	return answer(v, err, caseView)
}

func (h handlers) TakeBack(ctx context.Context, params oas.TakeBackParams) (*oas.Case, error) {
	visit := gate.VisitOf(ctx)
	v, err := h.engine.TakeBack(ctx, visit.Actor, visit.Idem, jieling.ChallengeID(params.Challenge))
	return answer(v, err, caseView)
}

func (h handlers) SignInStaff(ctx context.Context, req *oas.Credentials) (*oas.StaffSession, error) {
	session, err := h.staff.SignIn(ctx, gate.Credentials{Name: req.Name, Password: req.Password, Code: req.Code})
	if err != nil {
		return nil, err
	}
	by, err := h.staff.Member(ctx, session)
	return answer(by, err, func(by jieling.Actor) oas.StaffSession {
		return oas.StaffSession{Token: session, Name: by.Name, Role: oas.StaffSessionRole(by.Scopes[0])}
	})
}

func (h handlers) SignOutStaff(ctx context.Context) error {
	return h.staff.SignOut(ctx, ctx.Value(token{}).(string))
}

func (h handlers) ListReviews(ctx context.Context, params oas.ListReviewsParams) (*oas.Reviews, error) {
	page, err := h.engine.Reviews(ctx, gate.VisitOf(ctx).Actor, jieling.ChallengeID(params.After.Value), reviewPage)
	return answer(page, err, func(p engine.ReviewPage) oas.Reviews {
		return oas.Reviews{
			Items: each(p.Reviews, review), Now: p.Now.UTC(), Next: oas.OptChallengeID{Value: oas.ChallengeID(p.Last), Set: p.Last != ""},
		}
	})
}

func (h handlers) ReadReview(ctx context.Context, params oas.ReadReviewParams) (*oas.Review, error) {
	v, err := h.engine.Review(ctx, gate.VisitOf(ctx).Actor, jieling.ChallengeID(params.Challenge))
	return answer(v, err, review)
}

func (h handlers) ClaimReview(ctx context.Context, params oas.ClaimReviewParams) (*oas.Review, error) {
	visit := gate.VisitOf(ctx)
	v, err := h.engine.ClaimReview(ctx, visit.Actor, engine.Idem{}, jieling.ChallengeID(params.Challenge))
	return answer(v, err, review)
}

func (h handlers) ViewEvidence(ctx context.Context, params oas.ViewEvidenceParams) (*oas.EvidenceImage, error) {
	content, image, err := h.engine.ViewEvidence(ctx, gate.VisitOf(ctx).Actor, jieling.ChallengeID(params.Challenge), params.Image)
	return answer(content, err, func(content []byte) oas.EvidenceImage {
		return oas.EvidenceImage{Type: oas.EvidenceImageType(image.Type), Content: content}
	})
}

func (h handlers) FixMeeting(ctx context.Context, req *oas.Meeting, params oas.FixMeetingParams) (*oas.Review, error) {
	visit := gate.VisitOf(ctx)
	v, err := h.engine.FixMeeting(ctx, visit.Actor, visit.Idem, jieling.ChallengeID(params.Challenge), req.At, req.Link)
	return answer(v, err, review)
}

func (h handlers) DecideReview(ctx context.Context, req *oas.ReviewDecision, params oas.DecideReviewParams) (*oas.Review, error) {
	visit := gate.VisitOf(ctx)
	d := engine.ReviewVerdict{Verdict: jieling.Verdict(req.Decision), Reason: req.Reason.Value, Note: req.Note.Value, Evidence: req.Evidence}
	v, err := h.engine.DecideReview(ctx, visit.Actor, visit.Idem, jieling.ChallengeID(params.Challenge), d)
	return answer(v, err, review)
}

func review(v engine.ReviewView) oas.Review {
	out := oas.Review{
		ID:          oas.ChallengeID(v.Challenge),
		Case:        oas.CaseID(v.Case),
		Factor:      oas.Factor(v.Factor),
		State:       oas.ReviewState(v.State),
		Evidence:    hex.EncodeToString(v.Evidence[:]),
		Images:      each(v.Images, func(i jieling.Image) oas.Image { return oas.Image{Type: oas.ImageType(i.Type), Size: i.Size} }),
		Lang:        oas.Locale(v.Lang),
		SubmittedAt: v.SubmittedAt.UTC(),
		DueAt:       v.DueAt.UTC(),
		DecidedAt:   optTime(v.DecidedAt),
		ErasedAt:    optTime(v.ErasedAt),
		Scenario:    oas.Scenario(v.Scenario),
		Risk:        oas.Level(v.Risk),
		FourEyes:    v.FourEyes,
		Slots:       v.Slots,
		MeetAt:      optTime(v.MeetAt),
		Meeting:     optString(v.Meeting),
		Own:         v.Own,
		Mine:        v.Mine,
		Voted:       v.Voted,
		Left:        oas.OptInt{Value: v.Left, Set: v.Situation != nil},
		Now:         v.Now.UTC(),
	}
	if v.Held(v.Now) {
		out.Holder, out.HeldUntil = optString(v.Holder), optTime(v.HeldUntil)
	}
	for i, vote := range v.Votes {
		w := oas.Vote{By: vote.By, At: vote.At.UTC(), Decision: oas.VoteDecision(vote.Verdict), Reason: optString(vote.Reason)}
		if i < len(v.Notes) {
			w.Note = optString(v.Notes[i])
		}
		out.Votes = append(out.Votes, w)
	}
	if s := v.Situation; s != nil {
		out.Situation.SetTo(oas.ReviewSituation{
			Stage: oas.Stage(s.Case.Stage), Reason: oas.Reason(s.Case.Reason), Platform: oas.Platform(s.Case.Platform), Kind: oas.AccountKind(s.Kind),
			Leaving: binding(s.Binding), Signals: each(s.Signals, signal), Because: each(s.Case.Decision.Reasons, because),
		})
	}
	return out
}
