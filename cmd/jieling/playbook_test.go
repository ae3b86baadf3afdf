package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/jieling-id/jieling"
	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/store"
)

// TestP6_KilledBetweenSteps kills the service, as a power cut would, after every move of a playbook: the next life goes on where it stood,
// what was asked for in the last moment is still found out, no step is done twice, and the history folds to the case.
func TestP6_KilledBetweenSteps(t *testing.T) {
	binary := built(t)
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			world, _ := startWorld(t)
			s := newProcess(t, binary, fresh(t), world, nil)
			s.start()
			jl, err := sdk.New(s.config.BaseURL, s.key)
			must(t, err)
			ctx := t.Context()
			a, err := jl.RegisterAccount(ctx, &sdk.NewAccount{ExternalID: "traveller", Kind: "personal", Region: sdk.NewOptString("GB")}, sdk.RegisterAccountParams{IdempotencyKey: sdk.NewKey()})
			must(t, err)
			var going *sdk.Binding
			for _, b := range []sdk.NewBinding{{Provider: "phone", Subject: "+8613800000001"}, {Provider: "qq", Subject: "8F1E60A2C3B94D5E"}} {
				going, err = jl.AddBinding(ctx, &b, sdk.AddBindingParams{Account: a.ID, IdempotencyKey: sdk.NewKey()})
				must(t, err)
			}
			c, err := jl.OpenCase(ctx, &sdk.NewCase{Account: a.ID, Goal: "unlink", Binding: going.ID, Platform: "android", Reason: "abroad"}, sdk.OpenCaseParams{IdempotencyKey: sdk.NewKey()})
			must(t, err)
			again := func(want ...string) {
				t.Helper()
				s.kill()
				s.start()
				now, err := jl.GetCase(ctx, sdk.GetCaseParams{Case: c.ID})
				must(t, err)
				var got []string
				for _, step := range now.Playbook.Value.Steps {
					got = append(got, string(step.State.Value)+" "+string(step.By.Value))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("after a kill the steps stand otherwise (-want +got):\n%s", diff)
				}
			}
			again("ready ", "waiting ", "waiting ")
			if _, err := jl.TakeStep(ctx, &sdk.StepAnswer{Answer: "done"}, sdk.TakeStepParams{Case: c.ID, Step: "region", IdempotencyKey: sdk.NewKey()}); err == nil {
				t.Fatal("the region counts as set, and is not")
			}
			again("ready ", "waiting ", "waiting ")
			_, err = jl.SetRegion(ctx, &sdk.NewRegion{Region: "CN"}, sdk.SetRegionParams{Account: a.ID, IdempotencyKey: sdk.NewKey()})
			must(t, err)
			s.kill() // with the question whether it is set still to be asked, perhaps
			s.start()
			for range 3 { // what the killed one held in its hands comes free when its lease lapses, which takes half a minute
				err = eventually(ctx, func() (bool, error) {
					now, err := jl.GetCase(ctx, sdk.GetCaseParams{Case: c.ID})
					return err == nil && now.Playbook.Value.Steps[0].State.Value == "done", err
				})
				if err == nil {
					break
				}
			}
			if err != nil {
				t.Fatalf("what was set before the kill was not found out: %v\n%s", err, s.tail())
			}
			again("done account", "ready ", "waiting ")
			s.stop()
			s.foldsTo(jieling.CaseID(c.ID), "step_done", 1)
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// foldsTo holds a case's history to its row, and counts its events of a kind.
func (s *process) foldsTo(id jieling.CaseID, kind string, want int) {
	s.t.Helper()
	st := s.open()
	defer st.Close()
	sn, err := st.Load(s.t.Context(), store.Need{Case: id})
	must(s.t, err)
	events, err := st.Events(s.t.Context(), id, 0)
	must(s.t, err)
	folded, err := casework.Replay(events)
	must(s.t, err)
	if diff := cmp.Diff(*sn.Case, folded, cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(0)); diff != "" {
		s.t.Errorf("the history does not fold to the row (-row +history):\n%s", diff)
	}
	n := 0
	for _, e := range events {
		if e.Kind == kind {
			n++
		}
	}
	if n != want {
		s.t.Errorf("%d events of kind %s, want %d", n, kind, want)
	}
}
