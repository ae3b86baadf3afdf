package ui

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/lang"
)

// TestFailure_TheUnlinkControlIsNeverMissing: elsewhere the control to unlink a login has been seen to vanish without a word, from people
// with one login above all. Here every login that is shown has it, whatever state the account is in; where it cannot be used now it says
// why, can be reached with the keyboard, and leads nowhere.
func TestFailure_TheUnlinkControlIsNeverMissing(t *testing.T) {
	for _, state := range []jieling.BindingState{jieling.BindingPending, jieling.BindingActive, jieling.BindingSuspended} {
		for _, frozen := range []bool{false, true} {
			for _, waysIn := range []int{0, 1, 2} {
				for _, stage := range []jieling.Stage{"", jieling.StageOpen, jieling.StageFrozen, jieling.StageGuarded} {
					v := HomeView{Account: jieling.Account{WaysIn: waysIn, Frozen: frozen}, Now: noon}
					for _, b := range []jieling.Binding{qq, phone, mail, wechat} {
						b.State = state
						v.Bindings = append(v.Bindings, b)
						if stage != "" {
							v.Cases = append(v.Cases, jieling.Case{ID: jieling.CaseID("case_" + b.Provider), Binding: b.ID, Provider: b.Provider, Stage: stage})
						}
					}
					name := fmt.Sprintf("%s, frozen %v, %d ways in, a case at %q", state, frozen, waysIn, stage)
					for _, l := range lang.Langs {
						checkControls(t, name, l, v)
					}
				}
			}
		}
	}
}

func checkControls(t *testing.T, name string, l lang.Lang, v HomeView) {
	t.Helper()
	var out strings.Builder
	if err := Home(samplePage(l), v).Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(out.String()))
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]*html.Node{}
	for _, n := range elements(doc, func(n *html.Node) bool { return has(n, "id") }) {
		byID[attr(n, "id")] = n
	}
	for _, b := range v.Bindings {
		cell := byID[string(b.ID)]
		if cell == nil {
			t.Errorf("%s: %s is not shown", name, b.Provider)
			continue
		}
		controls := elements(cell, func(n *html.Node) bool { return n.Data == "a" && strings.Contains(attr(n, "class"), "button") })
		if len(controls) != 1 || text(controls[0]) == "" {
			t.Errorf("%s: %s has %d controls", name, b.Provider, len(controls))
			continue
		}
		c := controls[0]
		why := byID[attr(c, "aria-describedby")]
		switch usable := attr(c, "href") != ""; {
		case usable && attr(c, "aria-disabled") != "":
			t.Errorf("%s: the control of %s is usable and not", name, b.Provider)
		case !usable && (attr(c, "aria-disabled") != "true" || attr(c, "tabindex") != "0" || why == nil || text(why) == ""):
			t.Errorf("%s: the control of %s does not say why it cannot be used", name, b.Provider)
		}
	}
}
