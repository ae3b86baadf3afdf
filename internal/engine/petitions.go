package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/store"
)

// An organisation that has an approval flow at its provider is asked there as well as at its administrators' own pages, and whichever
// answers first counts. What the provider says is read there, again and again, and never believed from a message: an approval can
// be taken back after it was given.

// approver is the provider's flow; nil where there is none.
func (e *Engine) approver() provider.Approver {
	if p, ok := e.Providers[jieling.WeCom].(provider.Approver); ok && p.Approves() {
		return p
	}
	return nil
}

// petition is what is kept of a request at the provider, in the question's public part.
type petition struct {
	Number string `json:"number"`
	Given  bool   `json:"given"` // it was this road that let the question pass
}

func petitionOf(ch jieling.Challenge) (p petition) {
	var public struct{ Petition petition }
	if json.Unmarshal(ch.Public, &public) == nil {
		p = public.Petition
	}
	return p
}

// with writes it down beside what the page is shown.
func (p petition) with(ch jieling.Challenge) (jieling.Challenge, error) {
	public := map[string]any{}
	if err := json.Unmarshal(ch.Public, &public); err != nil {
		return ch, fmt.Errorf("the public part of a question: %w", err)
	}
	public["petition"] = p
	var err error
	ch.Public, err = json.Marshal(public)
	return ch, err
}

// look has the provider asked, at a moment.
func (w *work) look(id jieling.ChallengeID, at time.Time) {
	if w.e.approver() == nil || !slices.ContainsFunc(w.Bindings, func(b jieling.Binding) bool { return b.Provider == jieling.WeCom && b.Usable() }) {
		return
	}
	w.effect(jieling.Effect{
		Key: fmt.Sprintf("%s/petition/%s", id, at.UTC().Format(time.RFC3339Nano)), Kind: jieling.EffectProbe, Account: w.Account.ID, Case: w.Case.ID,
		Target: string(jieling.WeCom), Subject: string(id), RunAt: at,
	})
}

// patience is how long to leave the provider alone: a tenth of the time since it was asked, within bounds.
func patience(since time.Duration) time.Duration {
	return min(max(since/10, 30*time.Second), 15*time.Minute)
}

// actPetition begins a request at the provider, or reads how it stands.
func (e *Engine) actPetition(ctx context.Context, eff jieling.Effect) error {
	id := jieling.ChallengeID(eff.Subject)
	s, err := e.Store.Load(ctx, store.Need{Challenge: id, With: store.Organised})
	if err != nil {
		return translate(err)
	}
	member, err := e.petitioner(s)
	if err != nil || member == "" || e.approver() == nil {
		return e.report(ctx, eff, jieling.EffectDone, err, nil)
	}
	known := petitionOf(*s.Challenge)
	if known.Number == "" {
		number, err := e.approver().AskApproval(ctx, provider.Petition{Member: member, What: e.object(s)})
		if err != nil {
			return e.report(ctx, eff, outcomeOf(eff, triesAfter), err, nil)
		}
		return e.report(ctx, eff, jieling.EffectDone, nil, func(w *work) error { return w.petitioned(id, number) })
	}
	said, err := e.approver().ApprovalState(ctx, known.Number)
	if err != nil {
		return e.report(ctx, eff, outcomeOf(eff, triesAfter), err, nil)
	}
	return e.report(ctx, eff, jieling.EffectDone, nil, func(w *work) error { return w.petitionSays(*s.Challenge, member, said) })
}

// petitioner is the member's name at the provider, as long as the question still matters; "" otherwise.
func (e *Engine) petitioner(s store.Snapshot) (string, error) {
	if s.Challenge == nil || s.Case == nil || s.Organisation == nil || s.Membership == nil || s.Organisation.CorpID == "" || !s.Case.RemovedAt.IsZero() ||
		s.Case.Stage.Terminal() || s.Challenge.Epoch != s.Account.Epoch || !live(*s.Challenge) && !petitionOf(*s.Challenge).Given {
		return "", nil
	}
	for _, b := range s.Bindings {
		if b.Provider != jieling.WeCom || !b.Usable() {
			continue
		}
		subject, err := e.Keys.Open(subjectOf(b.ID), b.Subject)
		if err != nil || strings.HasPrefix(string(subject), s.Organisation.CorpID+"/") {
			return string(subject), err
		}
	}
	return "", nil
}

// petitioned keeps the number, and looks soon.
func (w *work) petitioned(id jieling.ChallengeID, number string) error {
	ch := w.question(id)
	if ch == nil {
		return nil
	}
	kept, err := petition{Number: number}.with(*ch)
	if err != nil {
		return err
	}
	w.putChallenge(kept)
	w.look(id, w.Now.Add(patience(0)))
	return nil
}

// question finds one that is still open.
func (w *work) question(id jieling.ChallengeID) *jieling.Challenge {
	for i := range w.Challenges {
		if w.Challenges[i].ID == id {
			ch := w.Challenges[i]
			return &ch
		}
	}
	return nil
}

// petitionSays takes what the provider says: a yes by somebody else than the member (S12), a no, or nothing yet. A yes that was taken back
// before the commit point makes what was proven void.
func (w *work) petitionSays(asked jieling.Challenge, member string, said provider.Approval) error {
	ch := w.question(asked.ID)
	detail := map[string]any{"factor": asked.Factor, "challenge": asked.ID, "at": jieling.WeCom}
	byOthers := slices.ContainsFunc(said.By, func(who string) bool { return who != member })
	switch {
	case ch == nil && petitionOf(asked).Given && said.State != provider.ApprovalGiven && said.State != provider.ApprovalPending:
		w.Account.Epoch++
		w.transition("case.restart", detail)
		return w.catchUp()
	case ch == nil || said.State == provider.ApprovalPending:
		w.look(asked.ID, w.Now.Add(patience(w.Now.Sub(asked.IssuedAt))))
		return nil
	}
	w.Challenge = ch
	if err := w.answered(); err != nil {
		return err
	}
	if said.State == provider.ApprovalGiven && byOthers {
		kept, err := petition{Number: petitionOf(*ch).Number, Given: true}.with(*ch)
		if err != nil {
			return err
		}
		w.look(ch.ID, w.Now.Add(patience(w.Now.Sub(ch.IssuedAt))))
		return w.yes(kept, detail)
	}
	return w.no(*ch, said.Said, detail)
}

// yes lets a question pass that others decided on.
func (w *work) yes(ch jieling.Challenge, detail map[string]any) error {
	ch.State, ch.Secret = jieling.ChallengePassed, nil
	w.putChallenge(ch)
	if err := w.accept(ch, time.Time{}); err != nil {
		return err
	}
	w.tell(toldApproved, string(ch.ID))
	w.transition("organisation.decide", detail)
	return nil
}

// no gives it back, with the reason where there is one.
func (w *work) no(ch jieling.Challenge, reason string, detail map[string]any) error {
	ch.State, ch.Secret = jieling.ChallengeFailed, nil
	w.putChallenge(ch)
	said := jieling.Text{ZH: "企业管理员没有同意。", EN: "Your organisation's administrator said no."}
	if plain(reason, 300) {
		said = jieling.Text{ZH: "企业管理员没有同意：" + reason, EN: "Your organisation's administrator said no: " + reason}
	}
	if err := w.step(casework.Returned{Factor: ch.Factor, Challenge: ch.ID, Reason: said}); err != nil {
		return err
	}
	w.tell(toldDeclined, string(ch.ID))
	w.transition("organisation.decide", detail)
	return nil
}
