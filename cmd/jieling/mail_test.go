package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// letters waits until a mailbox holds so many, and gives them, newest first.
func (s *staged) letters(address string, n int) []struct{ Subject, Text, Code string } {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 5*time.Minute)
	defer cancel()
	for {
		var box struct {
			Letters []struct{ Subject, Text, Code string }
			Waiting int
		}
		if err := getJSON(ctx, s.world.URL(sandbox.Mail)+"/inbox/"+address, &box); err != nil {
			s.Fatal(err)
		}
		if box.Waiting > 0 {
			r, err := http.PostForm(s.world.URL(sandbox.Mail)+"/arrive", url.Values{"address": {address}})
			if err != nil {
				s.Fatal(err)
			}
			r.Body.Close()
		}
		if len(box.Letters) >= n {
			return box.Letters
		}
		s.skip() // a relay that greylists is asked again
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			s.Fatalf("%d letters to %s, want %d", len(box.Letters), address, n)
		}
	}
}

// A2, A6 over the wire: a mailbox at another provider is proven by a code that a greylisting relay takes late, over TLS, and its owner
// is told there when the other login goes.
func TestA6_AMailboxIsProvenByACodeThatComesLate(t *testing.T) {
	s := newStaged(t)
	sun := s.person("sun")
	s.must(sun.open)
	address := "sun@" + sandbox.FarDomain
	s.fault(sandbox.Mail, sandbox.Fault{Mode: sandbox.FaultError, Times: 2})
	ch, err := sun.jl.NameReplacement(t.Context(), &sdk.NewReplacement{Provider: "email", Subject: address}, sdk.NameReplacementParams{Case: sun.id, IdempotencyKey: sdk.NewKey()})
	if err != nil || ch.Factor != "email_code" || !strings.Contains(string(ch.Public), `"late":true`) || ch.ExpiresAt.Sub(ch.IssuedAt) != 30*time.Minute {
		t.Fatalf("%+v, %v", ch, err)
	}
	code := s.letters(address, 1)[0]
	if code.Code == "" || strings.Contains(code.Subject, code.Code) {
		t.Fatalf("%+v", code)
	}
	c, err := sun.jl.AnswerChallenge(t.Context(), &sdk.NewAnswer{Answer: sdk.NewOptString(code.Code)}, sdk.AnswerChallengeParams{Challenge: ch.ID, IdempotencyKey: sdk.NewKey()})
	if err != nil || !slices.ContainsFunc(c.Case.Staying, func(b sdk.Binding) bool {
		return b.Provider == "email" && b.State == "active" && b.Label == "s***@far.example"
	}) {
		t.Fatalf("%+v, %v", c, err)
	}
	s.must(sun.replace, sun.backUp, sun.verify, sun.confirm)
	told := s.letters(address, 2)[0]
	if told.Code != "" || !strings.Contains(told.Text, "已解绑") || !strings.Contains(told.Text, "was unlinked") || !strings.Contains(told.Text, s.sheet.BaseURL+"/u/") {
		t.Errorf("%+v", told)
	}
	if log := s.said(); strings.Contains(log, address) || strings.Contains(log, code.Code) {
		t.Error("the log holds the mailbox, or the code")
	}
}
