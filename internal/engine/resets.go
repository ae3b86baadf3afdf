package engine

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// Reset takes a member's work login off their account.
type Reset struct {
	Account jieling.AccountID
	Reason  string // 1..300 characters; it stands in the member's record
	By      jieling.Factor
	Unlock  []byte // the administrator's own, fresh
}

// ResetMember is an administrator's: the work login of a member goes, because it got mixed up with a personal account or its owner leaves (P2).
// It is the organisation's to give and to take; every other login is the member's, and stays. The last way in does not go (S14), nobody
// resets their own (S12), and the product may link the work identity anew afterwards, here or on another account.
func (e *Engine) ResetMember(ctx context.Context, by jieling.Actor, idem Idem, org jieling.OrganisationID, in Reset) error {
	if in.By == "" {
		in.By = jieling.PaymentPIN
	}
	if by.Kind == jieling.ActorProduct {
		if err := may(by, ScopeCases, ""); err != nil {
			return err
		}
	}
	if !plain(in.Reason, 300) {
		return jieling.Malformed("reason", "请写明理由，最多 300 个字。", "Give your reason, in at most 300 characters.")
	}
	own, err := e.administrator(ctx, by, org)
	if err != nil {
		return err
	}
	if in.Account == by.Account {
		return jieling.Refuse(jieling.CodeForbidden, "不能重置自己的企业微信登录。请由另一位管理员办理。", "You cannot reset your own work login. Another administrator has to.")
	}
	question := store.Snapshot{
		Challenge: &jieling.Challenge{ID: jieling.ChallengeID(fmt.Sprintf("reset/%x", sha256.Sum256([]byte(string(org)+string(in.Account)))))},
		Case:      &jieling.Case{ID: "reset", Account: in.Account, OpenedAt: own.Now},
	}
	if _, err := e.unlockOffice(ctx, by, idem, org, question, Deciding{By: in.By, Unlock: in.Unlock}); err != nil {
		return err
	}
	as := jieling.Actor{Kind: jieling.ActorParty, Name: string(org) + "/" + string(by.Account)}
	return e.do(ctx, as, idem, store.Need{Account: in.Account, With: organiseParts}, func(w *work) (string, error) {
		if w.Account == nil || w.Membership == nil || w.Membership.Organisation != org {
			return "", notFound()
		}
		if w.Account.Frozen {
			return "", frozen()
		}
		i := slices.IndexFunc(w.Bindings, func(b jieling.Binding) bool { return b.Provider == jieling.WeCom && b.State != jieling.BindingRemoved })
		if i < 0 {
			return "", notFound()
		}
		id := w.Bindings[i].ID
		w.removeQuietly(id)
		w.change.EndSessions = id
		w.restartCases("")
		w.tell(toldReset, string(id))
		w.transition("organisation.reset", map[string]any{"binding": id, "organisation": org, "administrator": by.Account, "reason": in.Reason})
		return string(id), nil
	}, func(store.Snapshot, store.Answer) error { return nil })
}
