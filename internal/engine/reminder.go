package engine

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/store"
)

// remindAgain is how long a reminder that nobody acted on rests.
const remindAgain = 7 * 24 * time.Hour

// remindTimer begins the subject of a timer that reminds at one moment.
const remindTimer = "remind/"

// remindIn sets when the owner is asked next to go through their devices (H3). The moment is in the account's row and in the timer's name: a
// timer of another moment than the row's has been overtaken and does nothing.
func (w *work) remindIn(d time.Duration) {
	at := w.Now.Add(d).Truncate(time.Microsecond)
	w.Account.Settings.RemindAt = at
	when := strconv.FormatInt(at.UnixMicro(), 10)
	w.effect(jieling.Effect{
		Key: fmt.Sprintf("%s/%s%s", w.Account.ID, remindTimer, when), Kind: jieling.EffectTimer, Account: w.Account.ID, Subject: remindTimer + when, RunAt: at,
	})
}

// actReview reminds, unless the owner went through their devices meanwhile, does not want to be reminded, or has none. A reminder comes once
// a quarter, then every week until it is dealt with; a service that was down for a month sends one and not four.
func (e *Engine) actReview(ctx context.Context, eff jieling.Effect) error {
	need := store.Need{Account: eff.Account, Effect: eff.ID, With: store.Devices | store.OpenCases}
	return e.do(ctx, byClock, Idem{}, need, func(w *work) (string, error) {
		w.change.Report = &store.Report{Attempt: eff.Attempt, State: jieling.EffectDone, RunAt: w.Now}
		if w.Account == nil || strings.TrimPrefix(eff.Subject, remindTimer) != strconv.FormatInt(w.Account.Settings.RemindAt.UnixMicro(), 10) {
			return "", nil
		}
		next := remindAgain
		switch {
		case w.Account.Frozen:
		case w.Account.Settings.RemindersOff, len(w.Devices) == 0:
			next = aftercare.Quarter
		default:
			w.tellAgain(toldReview)
		}
		w.remindIn(next)
		w.transition("account.remind", map[string]any{"next": w.Account.Settings.RemindAt})
		return "", nil
	}, nil)
}

// ReviewDevices notes that the owner went through the devices that signed in, and that those that are left are theirs.
func (e *Engine) ReviewDevices(ctx context.Context, by jieling.Actor, idem Idem, account jieling.AccountID) error {
	return e.do(ctx, by, idem, store.Need{Account: account, With: store.Devices}, func(w *work) (string, error) {
		if err := found(w.Snapshot, by, ScopeAccounts); err != nil {
			return "", err
		}
		if w.Account.Frozen {
			return "", frozen()
		}
		w.Account.Settings.ReviewedAt = w.Now
		w.remindIn(aftercare.Quarter)
		w.transition("account.review", map[string]any{"devices": len(w.Devices)})
		return string(account), nil
	}, repeated(by, ScopeAccounts))
}
