package engine

import (
	"slices"
	"time"

	"github.com/jieling-id/jieling"
)

// Budgets of the threat model (S26): per account and factor, never reset by a success elsewhere.
const (
	wrongPerWindow = 20
	window         = 30 * 24 * time.Hour
	issuedPerHour  = 3 // codes that are sent; asking for the others costs nobody anything
	issuedPerDay   = 4
)

// budget finds the account's budget of a factor, its windows moved on to now.
func (w *work) budget(f jieling.Factor) jieling.Budget {
	b := jieling.Budget{Account: w.Account.ID, Factor: f}
	if i := slices.IndexFunc(w.Budgets, func(b jieling.Budget) bool { return b.Factor == f }); i >= 0 {
		b = w.Budgets[i]
	}
	// A clock that steps back never opens a window early: only a later moment does (S22).
	if w.Now.Sub(b.Since) >= window {
		b.Since, b.Wrong = w.Now, 0
	}
	if day := w.Now.Truncate(24 * time.Hour); day.After(b.Day) {
		b.Day, b.Issued = day, 0
	}
	if hour := w.Now.Truncate(time.Hour); hour.After(b.Hour) {
		b.Hour, b.InHour = hour, 0
	}
	return b
}

// spendIssue counts a challenge against the budget of messages sent.
func (w *work) spendIssue(f jieling.Factor, sent bool) error {
	b := w.budget(f)
	switch {
	case b.Wrong >= wrongPerWindow:
		return tooMany(b.Since.Add(window).Sub(w.Now))
	case sent && b.InHour >= issuedPerHour:
		return tooMany(b.Hour.Add(time.Hour).Sub(w.Now))
	case sent && b.Issued >= issuedPerDay:
		return tooMany(b.Day.Add(24 * time.Hour).Sub(w.Now))
	case sent:
		b.Issued++
		b.InHour++
	}
	w.change.Budgets = append(w.change.Budgets, b)
	return nil
}

func tooMany(after time.Duration) *jieling.Error {
	err := jieling.Refuse(jieling.CodeTooMany, "尝试次数过多。请稍后再试，或换一种验证方式。", "Too many attempts. Try again later, or use another factor.")
	err.After = after
	return err
}
