package api

import (
	"context"
	"strconv"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/api/oas"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/lang"
)

func (h handlers) CheckUp(ctx context.Context, params oas.CheckUpParams) (*oas.CheckUp, error) {
	v, err := h.engine.CheckUp(ctx, gate.VisitOf(ctx).Actor, jieling.AccountID(params.Account))
	return answer(v, err, checkUp)
}

func checkUp(v engine.AccountView) oas.CheckUp {
	return oas.CheckUp{
		Verdict:   oas.Verdict(v.CheckUp.Verdict),
		Cards:     each(v.CheckUp.Cards, card),
		More:      v.CheckUp.More,
		InOrder:   v.CheckUp.InOrder(),
		Items:     each(v.CheckUp.Ready, item),
		Unchecked: each(v.CheckUp.Unchecked, func(u aftercare.Unchecked) oas.CheckUpUncheckedItem { return oas.CheckUpUncheckedItem(u) }),
		Now:       v.Now.UTC(),
	}
}

func item(r aftercare.Readiness) oas.CheckUpItem {
	name := lang.Item(string(r.Item))
	return oas.CheckUpItem{
		Item: oas.CheckUpItemItem(r.Item), State: oas.CheckUpItemState(r.State), Title: oas.Text{ZH: lang.ZH.Say(name), EN: lang.EN.Say(name)},
	}
}

func card(c aftercare.Card) oas.CheckUpCard {
	name, why, _ := lang.Found(string(c.Finding))
	say := func(l lang.Lang, s lang.Sentence) string { return l.Say(s, "n", strconv.Itoa(c.Count)) }
	return oas.CheckUpCard{
		Finding: oas.CheckUpCardFinding(c.Finding),
		Verdict: oas.Verdict(c.Verdict),
		Title:   oas.Text{ZH: say(lang.ZH, name), EN: say(lang.EN, name)},
		Why:     oas.Text{ZH: say(lang.ZH, why), EN: say(lang.EN, why)},
		Count:   c.Count,
		Binding: optBinding(c.Binding),
		Device:  optDevice(c.Device),
		Case:    oas.OptCaseID{Value: oas.CaseID(c.Case), Set: c.Case != ""},
	}
}
