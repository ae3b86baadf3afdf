package engine

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/store"
)

// DeedKind sorts what happened, for people who look for one kind of thing. "" stands for all of them.
type DeedKind string

// The kinds of deeds.
const (
	DeedSignIn DeedKind = "sign_in" // coming in, and being signed out
	DeedLink   DeedKind = "link"    // sign-in methods: added, proven, on their way out, gone, put back
	DeedCheck  DeedKind = "check"   // ways of verifying: set up, passed, refused
	DeedGuard  DeedKind = "guard"   // devices, SIM cards and freezes
	DeedOthers DeedKind = "others"  // whatever was not done by the person: the product, staff
)

// DeedKinds lists the closed list above, in the order people are offered them.
var DeedKinds = [...]DeedKind{DeedSignIn, DeedLink, DeedCheck, DeedGuard, DeedOthers}

// kindOf is which of the record's verbs a person is told of, and under which kind. What parties answered one by one is not among
// them: the case has it.
func kindOf(verb string) DeedKind {
	switch verb {
	case "sign_in", "session.end", "session.end_others", "login.signed_out":
		return DeedSignIn
	case "binding.add", "binding.prove", "case.open", "case.replacement", "case.waive", "case.confirm", "case.cancel", "case.undo", "case.cleanup",
		"case.step", "case.step.decline", "login.withdrawn", "login.enabled", "login.renewed", "login.warned":
		return DeedLink
	case "factor.enrol", "case.prove", "case.attest", "approval.reject", "case.restart", "case.submit", "organisation.decide", "organisation.restart",
		"review.submit", "review.withdraw", "review.view", "review.meet", "review.decide", "review.erase":
		return DeedCheck
	case "device.add", "device.remove", "device.change", "account.settings", "account.review", "switch.ask", "switch.set", "number.swapped", "number.changed", "account.freeze", "account.unfreeze", "account.hold", "account.register",
		"account.import", "account.export", "organisation.found", "organisation.member", "organisation.leave", "organisation.reset":
		return DeedGuard
	}
	return ""
}

// Deed is one entry of an account's record as its owner may read it.
type Deed struct {
	Seq      int64
	At       time.Time
	Verb     string // the engine's word for what was done
	Kind     DeedKind
	By       jieling.ActorKind
	Who      string           // the session, key or party behind it
	Device   jieling.DeviceID // on which it was done, where that is on record
	Platform jieling.Platform // where a sign-in came from
	Binding  jieling.Binding  // concerned; its label stays known after it is gone. Zero where there is none
	Factor   jieling.Factor   // concerned
	Case     jieling.CaseID   // it belongs to
	Unlinked bool             // with it the binding went
	Restored bool             // with it the binding came back
	Provider jieling.Provider // a sign-in went through; "" from the product's app
	Hash     [32]byte         // of its row in the audit chain
}

// Activity is a stretch of an account's record, newest first. Before continues it; 0 where nothing older is left.
type Activity struct {
	Deeds   []Deed
	Before  int64
	Devices []jieling.Device
	Now     time.Time
}

const (
	activityPage  = 50 // rows per read
	activityReads = 10 // so that a rare kind costs no walk through years: the person is offered to go on
)

// Activity reads what happened to an account, newest first and at most limit deeds of a kind, from before a deed's Seq (0: from
// now).
func (e *Engine) Activity(ctx context.Context, by jieling.Actor, account jieling.AccountID, kind DeedKind, before int64, limit int) (Activity, error) {
	s, err := e.Store.Load(ctx, store.Need{Account: account, With: store.Devices | store.Removed})
	if err != nil {
		return Activity{}, translate(err)
	}
	if err := found(s, by, ScopeAccounts); err != nil {
		return Activity{}, err
	}
	if kind != "" && !slices.Contains(DeedKinds[:], kind) {
		return Activity{}, jieling.Invalid("kind", "must be one of sign_in, link, check, guard, others")
	}
	out := Activity{Devices: s.Devices, Now: s.Now}
	for range activityReads {
		rows, err := e.Store.AuditTail(ctx, account, before, activityPage)
		if err != nil {
			return Activity{}, translate(err)
		}
		for _, row := range rows {
			d, told := deed(row, s.Bindings)
			if !told || kind != "" && d.Kind != kind && (kind != DeedOthers || d.By == jieling.ActorPerson) {
				continue
			}
			if len(out.Deeds) == limit {
				out.Before = out.Deeds[limit-1].Seq
				return out, nil
			}
			out.Deeds = append(out.Deeds, d)
		}
		if len(rows) < activityPage {
			return out, nil
		}
		before = rows[len(rows)-1].Seq
	}
	out.Before = before
	return out, nil
}

// Report is a case with every row of the account's sealed record that belongs to it, oldest first.
type Report struct {
	Case    CaseView
	Deeds   []Deed
	Devices []jieling.Device
}

// Report reads a case for keeping.
func (e *Engine) Report(ctx context.Context, by jieling.Actor, id jieling.CaseID) (Report, error) {
	s, err := e.Store.Load(ctx, store.Need{Case: id, With: store.Challenges | store.Enrolments | store.Devices | store.Removed})
	if err != nil {
		return Report{}, translate(err)
	}
	if err := foundCase(s, by); err != nil {
		return Report{}, err
	}
	out := Report{Case: e.view(s), Devices: s.Devices}
	for before := int64(0); ; {
		rows, err := e.Store.AuditTail(ctx, s.Account.ID, before, activityPage)
		if err != nil {
			return Report{}, translate(err)
		}
		for _, row := range rows {
			if row.Case == id {
				d, _ := deed(row, s.Bindings)
				out.Deeds = append(out.Deeds, d)
			}
		}
		if len(rows) < activityPage || rows[len(rows)-1].At.Before(s.Case.OpenedAt) {
			break
		}
		before = rows[len(rows)-1].Seq
	}
	slices.Reverse(out.Deeds)
	return out, nil
}

// deed reads a row of the record; false where it means nothing to a person.
func deed(row audit.Entry, bindings []jieling.Binding) (Deed, bool) {
	kind, name, _ := strings.Cut(row.Actor, "/")
	d := Deed{Seq: row.Seq, At: row.At, Verb: row.Verb, Kind: kindOf(row.Verb), By: jieling.ActorKind(kind), Who: name, Case: row.Case, Hash: row.Hash}
	var detail struct {
		Device, On         jieling.DeviceID
		Platform           jieling.Platform
		Binding            jieling.BindingID
		Unlinked, Restored jieling.BindingID
		Factor             jieling.Factor
		Provider           jieling.Provider
	}
	_ = json.Unmarshal(row.Detail, &detail) // a row of another day may say less
	d.Device, d.Platform, d.Factor, d.Provider = detail.Device, detail.Platform, detail.Factor, detail.Provider
	d.Unlinked, d.Restored = detail.Unlinked != "", detail.Restored != ""
	about := detail.Binding
	switch {
	case d.Unlinked:
		about, d.Kind = detail.Unlinked, DeedLink
	case d.Restored:
		about, d.Kind = detail.Restored, DeedLink
	}
	if i := slices.IndexFunc(bindings, func(b jieling.Binding) bool { return b.ID == about }); i >= 0 && about != "" {
		d.Binding = bindings[i]
	}
	return d, d.Kind != ""
}
