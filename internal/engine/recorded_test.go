package engine_test

import (
	"fmt"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
)

// What packs were asked is read by staff alone, newest first and bounded; asked the same again, the pack answers the same.
func TestRecorded_IsForStaffAndReplaysToTheSame(t *testing.T) {
	onBothStores(t, func(t *testing.T, w *world) {
		var opened []jieling.CaseID
		var first *owner
		for i, name := range []string{"one", "two", "three"} {
			o := w.owner(name, fmt.Sprintf("+861380000000%d", i))
			c, err := w.OpenCase(w.ctx, o.by, engine.Idem{}, engine.NewCase{Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: jieling.Web, Reason: jieling.ReasonOther})
			w.ok(err)
			if opened = append([]jieling.CaseID{c.Case.ID}, opened...); first == nil {
				first = o
			}
		}
		for _, by := range []jieling.Actor{first.by, {}, {Kind: jieling.ActorProduct, Scopes: []string{engine.ScopeAdmin, "operator"}}, {Kind: jieling.ActorStaff, Name: "wu", Scopes: []string{"auditor"}}, {Kind: jieling.ActorStaff, Name: "xu"}} {
			_, err := w.Recorded(w.ctx, by, "", 10)
			w.refused(jieling.CodeForbidden, err)
		}
		staff := jieling.Actor{Kind: jieling.ActorStaff, Name: "lin", Scopes: []string{"operator"}}
		for _, limit := range []int{1, 2, 3, 10} {
			var got []engine.Recorded
			for last, pages := jieling.CaseID(""), 0; pages == 0 || last != ""; pages++ {
				page, err := w.Recorded(w.ctx, staff, last, limit)
				w.ok(err)
				if len(page.Cases) > limit || page.Without != 0 {
					t.Errorf("at most %d: %d, and %d without", limit, len(page.Cases), page.Without)
				}
				got, last = append(got, page.Cases...), page.Last
			}
			if len(got) != len(opened) {
				t.Fatalf("by pages of %d: %d", limit, len(got))
			}
			for i, r := range got {
				if r.Case != opened[i] || r.Situation.Platform != jieling.Web || w.PackInForce().Try(r.Situation, r.Decision, nil).Change != "same" {
					t.Errorf("%d: %+v", i, r)
				}
			}
		}
	})
}
