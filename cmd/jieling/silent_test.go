package main

import (
	"net/http"
	"strings"
	"testing"

	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// TestI6_OurClientReadsACaseWithASilentParticipant: what is unknown is said in words the API's document knows.
func TestI6_OurClientReadsACaseWithASilentParticipant(t *testing.T) {
	d := testDemo(t)
	who := d.account("sun")
	fault := strings.NewReader(`{"mode":"error","op":"describe"}`)
	answer, err := http.Post(d.sheet.Sandbox[sandbox.Game]+"/_fault", "application/json", fault)
	if err != nil || answer.StatusCode >= 300 {
		t.Fatalf("switch the fault on: %v %v", err, answer)
	}
	answer.Body.Close()
	jl, err := sdk.New(d.sheet.BaseURL, d.sheet.APIKey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := jl.OpenCase(t.Context(), &sdk.NewCase{
		Account: sdk.AccountID(who.ID), Goal: "unlink", Binding: sdk.BindingID(who.QQ), Platform: "android", Reason: "privacy",
	}, sdk.OpenCaseParams{IdempotencyKey: sdk.NewKey()})
	if err != nil {
		t.Fatal(err)
	}
	for _, dep := range c.Impact {
		if dep.Participant.Value == sandbox.Game {
			if !dep.Unknown || dep.Change != "unknown" {
				t.Fatalf("the silent participant is told as %+v", dep)
			}
			return
		}
	}
	t.Fatal("the silent participant is not told of")
}
