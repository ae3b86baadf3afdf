package engine

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/store"
)

// noticeTTL is how long the link in a notice can be used, unless its case ends before.
const noticeTTL = 72 * time.Hour

// noticeToken is the secret of the link in a notice: 128 bits that follow from the effect's ID under the keyring, so that every
// try to send the notice carries the same link. The store keeps its hash alone.
func (e *Engine) noticeToken(id jieling.EffectID) string {
	sum := e.Keys.BlindIndex("notice link", string(id))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// noticeHash finds the challenge of a link. What cannot be a link finds nothing; the look-up is made all the same.
func noticeHash(token string) [32]byte {
	return sha256.Sum256([]byte("notice link/" + token))
}

// linkNotice makes the link that goes with a notice to one contact point, once for an effect, and gives its token. It is a
// challenge like others: it dies with its case, with a freeze, and after one use (S8, S9). "" where nothing is left to deny.
func (e *Engine) linkNotice(ctx context.Context, eff jieling.Effect) (token string, err error) {
	token = e.noticeToken(eff.ID)
	hash := noticeHash(token)
	need := store.Need{Account: eff.Account, Case: eff.Case, Code: hash}
	err = e.do(ctx, byClock, Idem{}, need, func(w *work) (string, error) {
		switch {
		case w.Account == nil || w.Case == nil || w.Case.Stage.Terminal():
			token = ""
		case w.Challenge == nil:
			w.change.Challenges = append(w.change.Challenges, jieling.Challenge{
				ID: newID[jieling.ChallengeID](e, "chl", w.Now), Account: w.Account.ID, Case: w.Case.ID, Binding: jieling.BindingID(eff.Subject),
				Factor: jieling.NoticeLink, Purpose: jieling.ForCase, State: jieling.ChallengeOpen, Limit: 1, IssuedAt: w.Now,
				ExpiresAt: w.Now.Add(noticeTTL), Epoch: w.Account.Epoch, Pack: w.Case.Decision.Pack, Code: hash,
			})
		}
		return "", nil
	}, nil)
	return token, err
}

// NoticeView is what the page behind the link in a notice says. The zero value stands for every link that cannot be used: one that
// was, that is too old, or that never was, without telling which.
type NoticeView struct {
	Alive     bool
	Binding   jieling.Binding // what was unlinked
	RemovedAt time.Time
	Undo      bool      // it can be put back in the same step
	Until     time.Time // the link is good
	Now       time.Time
}

// Notice shows what a link is about. It changes nothing: scanners of messages fetch links (RFC 10027 says the same of codes).
func (e *Engine) Notice(ctx context.Context, token string) (NoticeView, error) {
	s, err := e.Store.Load(ctx, store.Need{Code: noticeHash(token), With: store.Removed})
	if err != nil {
		return NoticeView{}, translate(err)
	}
	if !usableLink(s) {
		return NoticeView{Now: s.Now}, nil
	}
	out := NoticeView{Alive: true, RemovedAt: s.Case.RemovedAt, Undo: undoable(s), Until: s.Challenge.ExpiresAt, Now: s.Now}
	if i := slices.IndexFunc(s.Bindings, func(b jieling.Binding) bool { return b.ID == s.Case.Binding }); i >= 0 {
		out.Binding = s.Bindings[i]
	}
	return out, nil
}

func usableLink(s store.Snapshot) bool {
	ch := s.Challenge
	return s.Account != nil && s.Case != nil && ch != nil && ch.Factor == jieling.NoticeLink && ch.State == jieling.ChallengeOpen &&
		ch.Epoch == s.Account.Epoch && !s.Case.Stage.Terminal() && s.Now.Before(ch.ExpiresAt)
}

// undoable reports that the removal can be taken back together with the freeze. Where the login was removed because it was
// stolen its holder may be the thief: then the account is frozen and nothing is put back.
func undoable(s store.Snapshot) bool {
	return s.Case.Stage == jieling.StageGuarded && s.Now.Before(s.Case.GuardUntil) && s.Case.Reason != jieling.ReasonTheft
}

// NotMe is what the holder of a link answers when it was not them: the removal is taken back where it can be, and the account is
// frozen, in one step and without signing in. It opens no session. The link is used up; the same answer twice is one.
func (e *Engine) NotMe(ctx context.Context, token string) (undone bool, err error) {
	hash := noticeHash(token)
	by := jieling.Actor{Kind: jieling.ActorPerson, Name: "notice"}
	need := store.Need{Code: hash, With: store.OpenCases | store.Challenges | store.Removed}
	idem := Idem{Key: "notice/" + base64.RawURLEncoding.EncodeToString(hash[:]), Fingerprint: hash}
	err = e.do(ctx, by, idem, need, func(w *work) (string, error) {
		if !usableLink(w.Snapshot) {
			return "", jieling.Refuse(jieling.CodeChallengeUsed, "这个链接已失效。", "This link can no longer be used.")
		}
		ch := *w.Challenge
		ch.State = jieling.ChallengePassed
		w.putChallenge(ch)
		if undone = undoable(w.Snapshot); undone {
			if err := w.step(casework.Undone{}); err != nil {
				return "", err
			}
		}
		w.freeze(true, "not me")
		if undone {
			w.note("restored", w.Case.Binding)
			return "undone", nil
		}
		return "frozen", nil
	}, func(_ store.Snapshot, a store.Answer) error {
		undone = a.Ref == "undone"
		return nil
	})
	return undone, err
}
