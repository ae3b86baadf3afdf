package appattest

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/risk"
	"github.com/jieling-id/jieling/internal/risk/attesttest"
	"github.com/jieling-id/jieling/internal/sandbox"
)

const ours = "ABCDE12345.com.example.jieling"

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func apple(t testing.TB) *sandbox.Apple {
	t.Helper()
	a, err := sandbox.NewApple(func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func install(t testing.TB, a *sandbox.Apple, app string) *sandbox.Install {
	t.Helper()
	i, err := a.Install(app)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func reader(t testing.TB, a *sandbox.Apple, development bool) *Reader {
	t.Helper()
	r, err := New(Config{AppID: ours, Roots: a.Root(), Development: development})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// text is an object as an app sends it.
func text(t testing.TB, make func(nonce string) ([]byte, error), nonce string) string {
	t.Helper()
	raw, err := make(nonce)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// attested is a phone whose key was attested, and what that left.
func attested(t testing.TB, r *Reader, i *sandbox.Install) risk.AppKey {
	t.Helper()
	got, err := r.Attest(t.Context(), risk.Statement{Nonce: attesttest.Nonce, Given: text(t, i.Attest, attesttest.Nonce), Now: now})
	if err != nil || got.Level != jieling.Sound || got.Key.Public == nil || got.Key.Count != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	return got.Key
}

func TestAttestationPassesTheExam(t *testing.T) {
	a, forger := apple(t), apple(t)
	phone := func(a *sandbox.Apple, app string) func(*testing.T, string) string {
		return func(t *testing.T, nonce string) string { return text(t, install(t, a, app).Attest, nonce) }
	}
	attesttest.Run(t, attesttest.Exam{
		Attester: reader(t, a, false), Now: now, Stale: 73 * time.Hour, Early: 2 * time.Hour,
		Sound: phone(a, ours), OtherApp: phone(a, "ABCDE12345.com.example.other"), OtherSigner: phone(forger, ours),
	})
}

func TestAssertionPassesTheExam(t *testing.T) {
	a := apple(t)
	r, phone, stranger := reader(t, a, false), install(t, a, ours), install(t, a, ours)
	key := attested(t, r, phone)
	attesttest.Run(t, attesttest.Exam{
		Attester: r, Now: now, Key: key,
		Sound:       func(t *testing.T, nonce string) string { return text(t, phone.Assert, nonce) },
		OtherSigner: func(t *testing.T, nonce string) string { return text(t, stranger.Assert, nonce) },
		OtherApp: func(t *testing.T, nonce string) string {
			phone.Tamper = func(data []byte) []byte { return append(app("ABCDE12345.com.example.other"), data[32:]...) }
			defer func() { phone.Tamper = nil }()
			return text(t, phone.Assert, nonce)
		},
	})
}

func app(id string) []byte {
	hash := sha256.Sum256([]byte(id))
	return hash[:]
}

// What Apple signed is looked at all the same: each of these has a good chain and the right nonce.
func TestEveryFieldOfAnAttestationCounts(t *testing.T) {
	a := apple(t)
	at := func(i int, change ...byte) func([]byte) []byte {
		return func(d []byte) []byte { copy(d[i:], change); return d }
	}
	for name, tamper := range map[string]func([]byte) []byte{
		"":                           at(0),
		"made for another app":       at(0, app("ABCDE12345.com.example.other")...),
		"a key that was used before": at(33, 0, 0, 0, 1),
		"another environment":        at(37, []byte("appattestdevelop")...),
		"made in another":            at(37, make([]byte, 16)...),
		"another key":                at(60, 0, 0, 0, 0, 0, 0),
		"another key than":           at(53, 0, 31),
		"no key as":                  func(d []byte) []byte { return d[:86] },
	} {
		phone := install(t, a, ours)
		phone.Tamper = tamper
		got, err := reader(t, a, false).Attest(t.Context(), risk.Statement{Nonce: attesttest.Nonce, Given: text(t, phone.Attest, attesttest.Nonce), Now: now})
		if ok := err == nil && got.Level == jieling.Sound; ok != (name == "") || err != nil && !strings.Contains(err.Error(), name) {
			t.Errorf("%q: %+v, %v", name, got, err)
		}
	}
}

func TestABuildInDevelopmentIsTakenOnlyWhereThatIsConfigured(t *testing.T) {
	a := apple(t)
	for _, allowed := range []bool{false, true} {
		phone := install(t, a, ours)
		phone.Development = true
		_, err := reader(t, a, allowed).Attest(t.Context(), risk.Statement{Nonce: attesttest.Nonce, Given: text(t, phone.Attest, attesttest.Nonce), Now: now})
		if (err == nil) != allowed {
			t.Errorf("development %v: %v", allowed, err)
		}
	}
	attested(t, reader(t, a, true), install(t, a, ours)) // a build in production is taken either way
}

// A statement for no nonce is one for every case whose nonce got lost.
func TestNoNonceIsNoNonce(t *testing.T) {
	a := apple(t)
	phone := install(t, a, ours)
	for name, given := range map[string]string{"attestation": text(t, phone.Attest, ""), "assertion": text(t, phone.Assert, "")} {
		got, err := reader(t, a, false).Attest(t.Context(), risk.Statement{Given: given, Now: now, Key: attested(t, reader(t, a, false), phone)})
		if jieling.CodeOf(err) != jieling.CodeInvalid {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// A counter that overflows would begin anew; one that was never shown cannot be gone back to.
func TestACounterOnlyRises(t *testing.T) {
	a := apple(t)
	r, phone := reader(t, a, false), install(t, a, ours)
	key := attested(t, r, phone)
	given := text(t, phone.Assert, attesttest.Nonce) // counts one
	for count, good := range map[uint32]bool{0: true, 1: false, 2: false, 1<<32 - 1: false} {
		key.Count = count
		got, err := r.Attest(t.Context(), risk.Statement{Nonce: attesttest.Nonce, Given: given, Now: now, Key: key})
		if (err == nil) != good || good && got.Key.Count != 1 {
			t.Errorf("after %d: %+v, %v", count, got, err)
		}
	}
	phone.Tamper = func(data []byte) []byte { return data[:36] }
	if _, err := r.Attest(t.Context(), risk.Statement{Nonce: attesttest.Nonce, Given: text(t, phone.Assert, attesttest.Nonce), Now: now, Key: key}); jieling.CodeOf(err) != jieling.CodeInvalid {
		t.Errorf("cut off before the counter: %v", err)
	}
	for name, key := range map[string]risk.AppKey{"no key": {}, "no key at all": {Public: []byte("abc")}} {
		if _, err := r.Attest(t.Context(), risk.Statement{Nonce: attesttest.Nonce, Given: given, Now: now, Key: key}); jieling.CodeOf(err) != jieling.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// One statement can be written in one way: whatever a lax decoder would read into it is refused.
func TestCBORIsReadStrictly(t *testing.T) {
	a := apple(t)
	r, phone := reader(t, a, false), install(t, a, ours)
	good, err := phone.Attest(attesttest.Nonce)
	if err != nil {
		t.Fatal(err)
	}
	assertion, err := phone.Assert(attesttest.Nonce)
	if err != nil {
		t.Fatal(err)
	}
	var deep any = []byte{1}
	for range 8 {
		deep = []any{deep}
	}
	nested, err := cbor.Marshal(deep)
	if err != nil {
		t.Fatal(err)
	}
	again := append([]byte{0x63}, "fmt\x6fapple-appattest"...) // one more pair: "fmt" once more
	join := func(parts ...[]byte) (all []byte) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	for name, raw := range map[string][]byte{
		"":               good,
		"trailing bytes": join(good, []byte{0}), "two objects": join(good, good), "a key twice": join([]byte{0xa4}, good[1:], again),
		"of indefinite length": join([]byte{0xbf}, good[1:], []byte{0xff}), "tagged": join([]byte{0xd9, 0xd9, 0xf7}, good),
		"both at once": join([]byte{0xa5}, good[1:], assertion[1:]), "too deep": join([]byte{0xa4}, good[1:], []byte{0x61, 'x'}, nested),
	} {
		_, err := r.Attest(t.Context(), risk.Statement{Nonce: attesttest.Nonce, Given: base64.RawURLEncoding.EncodeToString(raw), Now: now})
		if (err == nil) != (name == "") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestAConfigurationThatCannotWorkIsRefused(t *testing.T) {
	root := apple(t).Root()
	for name, bad := range map[string]Config{
		"no team": {AppID: "com.example.jieling", Roots: root}, "no bundle": {AppID: "ABCDE12345.", Roots: root},
		"no root": {AppID: ours}, "no PEM": {AppID: ours, Roots: []byte("certificate")},
	} {
		if _, err := New(bad); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// Whatever a phone sends, nothing panics, and only what was signed is taken.
func FuzzStatements(f *testing.F) {
	a := apple(f)
	r, phone := reader(f, a, false), install(f, a, ours)
	attestation, err := phone.Attest(attesttest.Nonce)
	if err != nil {
		f.Fatal(err)
	}
	assertion, err := phone.Assert(attesttest.Nonce)
	if err != nil {
		f.Fatal(err)
	}
	got, err := r.Attest(f.Context(), risk.Statement{Nonce: attesttest.Nonce, Given: base64.StdEncoding.EncodeToString(attestation), Now: now})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(attestation)
	f.Add(assertion)
	f.Add([]byte{0xa2})
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := risk.Statement{Nonce: attesttest.Nonce, Given: base64.StdEncoding.EncodeToString(raw), Now: now, Key: got.Key}
		got, err := r.Attest(t.Context(), s)
		if err != nil && (jieling.CodeOf(err) != jieling.CodeInvalid || got.Level != "") || err == nil && got.Level != jieling.Sound {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
