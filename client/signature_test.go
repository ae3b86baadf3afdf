package client

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The vector was made with another program, from the text of the Standard Webhooks specification.
const (
	vectorSecret    = "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY="
	vectorBody      = `{"type":"binding.unlinked","timestamp":"2026-01-01T00:00:00Z","data":{"id":"bnd_1"}}`
	vectorSignature = "v1,vLJfnV5zDRLLI2V+IC5UV6FHeN7RibLY/SN8/7VB+2A="
)

var vectorTime = time.Unix(1767225600, 0)

func mustSecret(t testing.TB, text string) Secret {
	t.Helper()
	s, err := ParseSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSignVector(t *testing.T) {
	h := http.Header{}
	Sign(h, "msg_1", vectorTime, []byte(vectorBody), mustSecret(t, vectorSecret))
	if got := h.Get("webhook-signature"); got != vectorSignature {
		t.Errorf("signature %q, want %q", got, vectorSignature)
	}
	if h.Get("webhook-id") != "msg_1" || h.Get("webhook-timestamp") != "1767225600" {
		t.Errorf("headers %v", h)
	}
}

func TestVerify(t *testing.T) {
	secret := mustSecret(t, vectorSecret)
	other := mustSecret(t, "whsec_"+base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 32))))
	signed := func(change func(http.Header)) http.Header {
		h := http.Header{}
		Sign(h, "msg_1", vectorTime, []byte(vectorBody), secret)
		change(h)
		return h
	}
	same := func(http.Header) {}
	tests := []struct {
		name    string
		change  func(http.Header)
		body    string
		at      time.Time
		secrets []Secret
		ok      bool
	}{
		{"as signed", same, vectorBody, vectorTime, []Secret{secret}, true},
		{"old secret beside the new", same, vectorBody, vectorTime, []Secret{other, secret}, true},
		{"just inside the tolerance", same, vectorBody, vectorTime.Add(Tolerance), []Secret{secret}, true},
		{"other scheme and rubbish beside", func(h http.Header) {
			h.Set(HeaderSignature, "v1a,AAAA v1,%%% "+h.Get(HeaderSignature))
		}, vectorBody, vectorTime, []Secret{secret}, true},
		{"other secret", same, vectorBody, vectorTime, []Secret{other}, false},
		{"no secret", same, vectorBody, vectorTime, nil, false},
		{"zero secret", same, vectorBody, vectorTime, []Secret{{}}, false},
		{"other body", same, vectorBody + " ", vectorTime, []Secret{secret}, false},
		{"other id", func(h http.Header) { h.Set(HeaderID, "msg_2") }, vectorBody, vectorTime, []Secret{secret}, false},
		{"id with a full stop", func(h http.Header) { h.Set(HeaderID, "msg.1") }, vectorBody, vectorTime, []Secret{secret}, false},
		{"no id", func(h http.Header) { h.Del(HeaderID) }, vectorBody, vectorTime, []Secret{secret}, false},
		{"timestamp moved", func(h http.Header) { h.Set(HeaderTimestamp, "1767225601") }, vectorBody, vectorTime, []Secret{secret}, false},
		{"no timestamp", func(h http.Header) { h.Del(HeaderTimestamp) }, vectorBody, vectorTime, []Secret{secret}, false},
		{"no signature", func(h http.Header) { h.Del(HeaderSignature) }, vectorBody, vectorTime, []Secret{secret}, false},
		{"too old", same, vectorBody, vectorTime.Add(Tolerance + time.Second), []Secret{secret}, false},
		{"from the future", same, vectorBody, vectorTime.Add(-Tolerance - time.Second), []Secret{secret}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := Verify(signed(tt.change), []byte(tt.body), tt.at, tt.secrets...)
			if (err == nil) != tt.ok {
				t.Errorf("Verify: %v, want ok %v", err, tt.ok)
			}
			if err != nil && !errors.Is(err, ErrSignature) {
				t.Errorf("%v does not wrap ErrSignature", err)
			}
		})
	}
}

func TestSignVerifyAnyBody(t *testing.T) {
	secret := mustSecret(t, vectorSecret)
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
		id := rapid.StringMatching(`[A-Za-z0-9_-]{1,40}`).Draw(t, "id")
		h := http.Header{}
		Sign(h, id, vectorTime, body, secret)
		if err := Verify(h, body, vectorTime, secret); err != nil {
			t.Fatal(err)
		}
		if Verify(h, append(body, 'x'), vectorTime, secret) == nil {
			t.Fatal("a longer body was accepted")
		}
	})
}

func TestParseSecret(t *testing.T) {
	encode := func(n int) string { return base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", n))) }
	for text, ok := range map[string]bool{
		"whsec_" + encode(24): true, "whsec_" + encode(64): true,
		"whsec_" + encode(23): false, "whsec_" + encode(65): false,
		encode(32): false, "whsec_***": false, "": false,
	} {
		if _, err := ParseSecret(text); (err == nil) != ok {
			t.Errorf("ParseSecret of %d characters: %v, want ok %v", len(text), err, ok)
		}
	}
}

func TestSecretHidesItself(t *testing.T) {
	s := mustSecret(t, vectorSecret)
	for _, shown := range []string{fmt.Sprint(s), fmt.Sprintf("%+v", s), fmt.Sprintf("%#v", s), fmt.Sprintf("%s", []Secret{s})} {
		if strings.Contains(shown, "MDEy") || strings.Contains(shown, "48 49") {
			t.Errorf("printed as %q", shown)
		}
	}
}
