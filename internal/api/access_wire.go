package api

import (
	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/api/oas"
)

func access(a jieling.Access) oas.Access {
	out := oas.Access{
		Template:  a.Template,
		Exposure:  each(a.Exposure, exposure),
		Lockout:   each(a.Lockout, lockout),
		Before:    standing(a.Before),
		After:     standing(a.After),
		Note:      optText(a.Note),
		Assumes:   each(a.Assumes, text),
		Stale:     each(a.Stale, text),
		LeftOut:   a.LeftOut,
		MustWaive: names(a.MustWaive),
	}
	if a.Repair != nil {
		out.Repair = oas.NewOptRepair(repair(*a.Repair))
	}
	return out
}

func optAccess(a *jieling.Access) (out oas.OptAccess) {
	if a != nil {
		out.SetTo(access(*a))
	}
	return out
}

func waiver(w *jieling.Waiver) (out oas.OptWaiver) {
	if w != nil {
		out.SetTo(oas.Waiver{Losses: names(w.Losses), Reason: w.Reason, Template: w.Template, At: w.At.UTC()})
	}
	return out
}

func standing(s jieling.Standing) oas.Standing {
	out := oas.Standing{Tolerates: s.Tolerates}
	if s.Attack != nil {
		out.Attack = oas.NewOptAttack(oas.Attack{Takes: each(s.Attack.Takes, text), Cost: s.Attack.Cost, Text: text(s.Attack.Text)})
	}
	return out
}

func exposure(e jieling.Exposure) oas.Exposure {
	return oas.Exposure{
		Name: e.Name, Title: text(e.Title), Before: e.Before, During: e.During, After: e.After, Via: optText(e.Via), Text: text(e.Text),
	}
}

func lockout(l jieling.Lockout) oas.Lockout {
	return oas.Lockout{
		Name: l.Name, Title: text(l.Title), Before: l.Before, After: l.After, Required: l.Required, Via: optText(l.Via), Text: text(l.Text),
	}
}

func repair(r jieling.Repair) oas.Repair {
	return oas.Repair{Adds: names(r.Adds), Saves: names(r.Saves), Opens: names(r.Opens), Leaves: names(r.Leaves), Text: text(r.Text)}
}

// names is a list that is never null.
func names(list []string) []string { return append([]string{}, list...) }
