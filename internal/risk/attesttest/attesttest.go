// Package attesttest is the exam of everything that reads what platforms say of a device and an app: a sound statement is
// taken for its own nonce, app and time and for nothing else, whatever else comes is an error that says nothing of it (S30), and
// a maker who is away is never an answer.
//
// An attester's test describes it in an [Exam] and calls [Run]; what is special to it is tested beside it.
package attesttest

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/risk"
)

// Two nonces of the exam, as the engine makes them.
const (
	Nonce = "cGxlYXNlLXNpZ24tdGhpcy1vbmUtbm90LXRoYXQ"
	Other = "cGxlYXNlLXNpZ24tdGhhdC1vbmUtbm90LXRoaXM"
)

// Exam describes an attester to the examiner. Its makers play the phone, and speak at the moment Now.
type Exam struct {
	Attester risk.Attester
	Now      time.Time
	// Sound makes a statement of a sound phone and app for a nonce, a new one each time.
	Sound func(t *testing.T, nonce string) string
	// OtherApp does the same in another app, OtherSigner with a maker or a key that is not to be believed.
	OtherApp, OtherSigner func(t *testing.T, nonce string) string
	// Key is what an earlier statement of the device left; zero where statements stand alone. A statement is then good once.
	Key risk.AppKey
	// Stale is an age at which a statement is none any more, Early how far ahead of us a maker's clock is too far.
	Stale, Early time.Duration
	// Down takes the maker away for good; nil where nobody is asked.
	Down func()
}

// Run holds the exam. The maker is taken down last.
func Run(t *testing.T, e Exam) {
	t.Run("a sound statement is taken", e.sound)
	t.Run("it is good for its own nonce, app and signer alone", e.foreign)
	t.Run("it is good for a time", e.timed)
	t.Run("what is cut off, overlong or no statement at all is invalid", e.malformed)
	t.Run("a caller who has gone gets no level", e.cancelled)
	if e.Key.Public != nil {
		t.Run("it is good once", e.replayed)
	}
	if e.Down != nil {
		t.Run("S30: a maker who is away is no answer", e.down)
	}
}

func (e Exam) statement(given, nonce string) risk.Statement {
	return risk.Statement{Nonce: nonce, Given: given, Now: e.Now, Key: e.Key}
}

func (e Exam) sound(t *testing.T) {
	for range 2 { // what was learnt from the first does not get in the way of the second
		got, err := e.Attester.Attest(t.Context(), e.statement(e.Sound(t, Nonce), Nonce))
		if err != nil || got.Level != jieling.Sound {
			t.Fatalf("%+v, %v", got, err)
		}
		if (e.Key.Public != nil) != (got.Key.Count > e.Key.Count) {
			t.Errorf("the counter went from %d to %d", e.Key.Count, got.Key.Count)
		}
	}
}

func (e Exam) foreign(t *testing.T) {
	e.refuses(t, "another nonce", e.statement(e.Sound(t, Other), Nonce))
	e.refuses(t, "no nonce", e.statement(e.Sound(t, Nonce), ""))
	e.refuses(t, "another app", e.statement(e.OtherApp(t, Nonce), Nonce))
	e.refuses(t, "another signer", e.statement(e.OtherSigner(t, Nonce), Nonce))
}

func (e Exam) timed(t *testing.T) {
	s := e.statement(e.Sound(t, Nonce), Nonce)
	if e.Stale > 0 {
		s.Now = e.Now.Add(e.Stale)
		e.refuses(t, "too old", s)
	}
	if e.Early > 0 {
		s.Now = e.Now.Add(-e.Early)
		e.refuses(t, "of the future", s)
	}
}

func (e Exam) malformed(t *testing.T) {
	given := e.Sound(t, Nonce)
	garbage := make([]byte, 600)
	_, _ = rand.Read(garbage) // never fails
	for name, text := range map[string]string{
		"nothing": "", "half of it": given[:len(given)/2], "all but the end": given[:len(given)-4], "twice": given + given,
		"garbage": base64.StdEncoding.EncodeToString(garbage), "text": "no statement, only some words", "controls": "\x00\xff" + given,
		"overlong": given + strings.Repeat("A", 64<<10), "overlong with nothing": given + strings.Repeat("=", 64<<10),
	} {
		e.refuses(t, name, e.statement(text, Nonce))
	}
}

func (e Exam) cancelled(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	s := e.statement(e.Sound(t, Nonce), Nonce)
	got, err := e.Attester.Attest(gone, s)
	if got.Level != "" || jieling.CodeOf(err) != jieling.CodeDependency {
		t.Errorf("%+v, %v", got, err)
	}
	e.silent(t, "cancelled", s, err)
}

func (e Exam) replayed(t *testing.T) {
	s := e.statement(e.Sound(t, Nonce), Nonce)
	got, err := e.Attester.Attest(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	s.Key = got.Key
	e.refuses(t, "a second time", s)
	s.Key.Count += 5
	e.refuses(t, "after later ones", s)
}

func (e Exam) down(t *testing.T) {
	s := e.statement(e.Sound(t, Nonce), Nonce)
	e.Down()
	got, err := e.Attester.Attest(t.Context(), s)
	if got.Level != "" || jieling.CodeOf(err) != jieling.CodeDependency {
		t.Errorf("%+v, %v", got, err)
	}
	e.silent(t, "away", s, err)
}

// refuses wants an error about the field "statement", and nothing said.
func (e Exam) refuses(t *testing.T, name string, s risk.Statement) {
	t.Helper()
	got, err := e.Attester.Attest(t.Context(), s)
	var problem *jieling.Error
	if !errors.As(err, &problem) || problem.Code != jieling.CodeInvalid || len(problem.Fields) != 1 || problem.Fields[0].Field != "statement" {
		t.Errorf("%s: %+v, %v", name, got, err)
		return
	}
	if got.Level != "" || got.Key.Public != nil {
		t.Errorf("%s: refused, and yet %+v", name, got)
	}
	e.silent(t, name, s, err)
}

// silent wants no part of a statement, and no nonce, in anything an error carries.
func (e Exam) silent(t *testing.T, name string, s risk.Statement, err error) {
	t.Helper()
	said := fmt.Sprintf("%v %+v", err, err)
	var problem *jieling.Error
	if errors.As(err, &problem) {
		said += fmt.Sprintf("%+v %v", *problem, problem.Err)
	}
	const window = 12
	parts := []string{s.Nonce}
	for i := 0; i+window <= min(len(s.Given), 4096); i += 4 {
		parts = append(parts, s.Given[i:i+window])
	}
	if i := slices.IndexFunc(parts, func(part string) bool { return part != "" && strings.Contains(said, part) }); i >= 0 {
		t.Errorf("%s: the error holds %q", name, parts[i])
	}
}
