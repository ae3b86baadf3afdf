// Package impact is the law of what a removal costs: it merges what the pack knows to hang on a binding with what the
// participants answered live (I6), ranks what could take the binding's place for one account (A4, A7), and says whether what
// stays is enough (D4). Values in, values out: it asks nobody, and it words no sentence.
package impact

import (
	"cmp"
	"slices"

	"github.com/jieling-id/jieling"
)

// Answer is what one participant said when it was asked what hangs on a binding.
type Answer struct {
	Participant string
	Title       jieling.Text // the participant's, for people
	Dependents  []jieling.Dependent
	Silent      bool // it did not answer, answered too late or answered nonsense; Dependents is then not looked at
}

// Merge puts the pack's rows and the live answers into one list, ordered by what they mean: lost, changed, unknown, kept;
// within each the pack's rows first, in the pack's order, then the participants in the order of live.
//
// A silent participant becomes one dependent with Unknown set, the participant's title and the change unknown: never nothing (I6). A
// participant that answered with an empty list has nothing there and adds nothing.
//
// The pack says what happens to everybody, a live answer what this account has, so both stay side by side even in one module.
// Only a live dependent that names a pack row takes its place: by the row's ID in Rule, or by the same module and the same
// title. It then keeps everything it says itself and takes the row's ID, detail and remedy where it has none; a row that is
// irreversible or wants a backup stays so. Several live dependents can take the place of one row (D5: authorisations by name).
// Two live dependents are one only where participant and ID are the same; the first counts.
//
// Neither argument is changed.
func Merge(pack []jieling.Dependent, live []Answer) []jieling.Dependent {
	told, replaced := tell(pack, live)
	var out []jieling.Dependent
	for i, row := range pack {
		if !replaced[i] {
			out = append(out, row)
		}
	}
	out = append(out, told...)
	slices.SortStableFunc(out, func(a, b jieling.Dependent) int { return cmp.Compare(weight(a), weight(b)) })
	return out
}

// tell lists what the participants said, completed by the pack's rows, and which rows that replaces.
func tell(pack []jieling.Dependent, live []Answer) (told []jieling.Dependent, replaced []bool) {
	replaced = make([]bool, len(pack))
	for _, a := range live {
		if a.Silent {
			told = append(told, jieling.Dependent{ID: "unknown", Participant: a.Participant, Module: "other", Title: a.Title, Change: jieling.Unclear, Unknown: true})
			continue
		}
		for n, d := range a.Dependents {
			if slices.ContainsFunc(a.Dependents[:n], func(o jieling.Dependent) bool { return o.ID == d.ID }) {
				continue
			}
			d.Participant = a.Participant
			if i := slices.IndexFunc(pack, func(row jieling.Dependent) bool { return names(d, row) }); i >= 0 {
				replaced[i] = true
				d = complete(d, pack[i])
			}
			told = append(told, d)
		}
	}
	return told, replaced
}

// names reports that a live dependent speaks of a pack row.
func names(d, row jieling.Dependent) bool {
	if d.Rule != "" {
		return d.Rule == row.Rule
	}
	return d.Module == row.Module && d.Title == row.Title
}

func complete(d, row jieling.Dependent) jieling.Dependent {
	d.Rule = row.Rule
	if d.Detail.Empty() {
		d.Detail = row.Detail
	}
	if d.Remedy.Empty() {
		d.Remedy = row.Remedy
	}
	d.Irreversible = d.Irreversible || row.Irreversible
	d.Backup = d.Backup || row.Backup
	return d
}

// weight orders dependents for people. A change that is not of the list counts as lost: the worst that is known.
func weight(d jieling.Dependent) int {
	switch {
	case d.Unknown:
		return 2
	case d.Change == jieling.Changed:
		return 1
	case d.Change == jieling.Kept:
		return 3
	}
	return 0
}

// Rank orders the pack's replacements for one account and marks the ones it has, proven, beside the binding that leaves
// (A7). pack is in the pack's order for the account's kind, each row with what it would save and open here: its first row stays
// first, so that individuals are offered the phone, with its warning, before anything else (A4). Then come the ways the account
// has already, which cost it nothing more, then what saves it from more losses, then the pack's order. What each would open is
// told beside it and ranks nothing: every login opens something, and which attacker is the worse is not for us to say. Neither
// argument is changed.
func Rank(pack []jieling.Replacement, bindings []jieling.Binding, leaving jieling.BindingID) []jieling.Replacement {
	out := slices.Clone(pack)
	for i := range out {
		out[i].Have = slices.ContainsFunc(bindings, func(b jieling.Binding) bool {
			return b.ID != leaving && b.Usable() && b.Provider == out[i].Provider
		})
		if out[i].Have {
			out[i].Saves, out[i].Opens = nil, nil
		}
	}
	if len(out) > 1 {
		slices.SortStableFunc(out[1:], func(a, b jieling.Replacement) int {
			return cmp.Or(cmp.Compare(had(a), had(b)), cmp.Compare(len(b.Saves), len(a.Saves)))
		})
	}
	return out
}

func had(r jieling.Replacement) int {
	if r.Have {
		return 0
	}
	return 1
}

// Gap is what has to be put in place before a removal.
type Gap string

// The gaps.
const (
	NoGap    Gap = ""
	NoWayIn  Gap = "way_in" // another usable way in
	PhoneGap Gap = "phone"  // a usable phone
)

// Sufficient reports whether the bindings that stay are what the decision asks for (D4): another usable way in, and a phone
// among them where it needs one; a phone is a way in. Where they are not it names the gap; a missing phone comes first, since
// binding it closes both. A decision that asks for no replacement has no gap here: the last way in is guarded by the store in
// any case (S14).
func Sufficient(d jieling.Decision, bindings []jieling.Binding, leaving jieling.BindingID) (ok bool, missing Gap) {
	stays := func(more func(jieling.Binding) bool) bool {
		return slices.ContainsFunc(bindings, func(b jieling.Binding) bool { return b.ID != leaving && b.Usable() && more(b) })
	}
	switch {
	case d.NeedPhone && !stays(func(b jieling.Binding) bool { return b.Provider == jieling.Phone }):
		return false, PhoneGap
	case d.Replacement && !stays(func(jieling.Binding) bool { return true }):
		return false, NoWayIn
	}
	return true, NoGap
}
