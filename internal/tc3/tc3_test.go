package tc3

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// The signature of the worked example in the vendor's description of the method (signature method v3, revision that signs
// content-type and host), with its published credentials.
func TestSignatureOfThePublishedExample(t *testing.T) {
	key := Key{"AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"}
	body := []byte(`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`)
	got := key.authorization("cvm", "/", "cvm.tencentcloudapi.com", time.Unix(1551113065, 0), body)
	_, signature, _ := strings.Cut(got, "Signature=")
	if want := "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"; signature != want {
		t.Errorf("signature %s, want %s", signature, want)
	}
}

func TestRequest(t *testing.T) {
	base, _ := url.Parse("https://sms.example.test")
	at := time.Date(2026, 3, 1, 0, 0, 5, 0, time.FixedZone("CST", 8*3600))
	req, err := Key{"id", "key"}.Request(t.Context(), base, Call{"sms", "SendSms", "2021-01-11", "ap-guangzhou"}, at, map[string]int{"a": 1})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"X-TC-Action": "SendSms", "X-TC-Version": "2021-01-11", "X-TC-Region": "ap-guangzhou", "X-TC-Timestamp": "1772294405",
		"Content-Type": "application/json; charset=utf-8",
	} {
		if got := req.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	// The day of the scope is the one in UTC, not the caller's.
	if a := req.Header.Get("Authorization"); !strings.HasPrefix(a, "TC3-HMAC-SHA256 Credential=id/2026-02-28/sms/tc3_request, SignedHeaders=content-type;host, Signature=") {
		t.Errorf("Authorization: %s", a)
	}
	if req.URL.Path != "/" {
		t.Errorf("path %q", req.URL.Path)
	}
}

func TestSignatureCoversBodyTimeHostServiceAndKey(t *testing.T) {
	at := time.Unix(1551113065, 0)
	seen := map[string]bool{}
	for _, s := range []string{
		Key{"a", "b"}.authorization("sms", "/", "h", at, []byte("{}")),
		Key{"a", "b"}.authorization("sms", "/", "h", at, []byte("{ }")),
		Key{"a", "b"}.authorization("sms", "/", "h", at.Add(time.Second), []byte("{}")),
		Key{"a", "b"}.authorization("sms", "/", "i", at, []byte("{}")),
		Key{"a", "b"}.authorization("faceid", "/", "h", at, []byte("{}")),
		Key{"a", "c"}.authorization("sms", "/", "h", at, []byte("{}")),
		Key{"a", "b"}.authorization("sms", "/x", "h", at, []byte("{}")),
	} {
		_, signature, _ := strings.Cut(s, "Signature=")
		if seen[signature] {
			t.Errorf("two requests share the signature %s", signature)
		}
		seen[signature] = true
	}
}

func TestOpen(t *testing.T) {
	var out struct{ Value string }
	if err := Open([]byte(`{"Response":{"Value":"v","RequestId":"r"}}`), &out); err != nil || out.Value != "v" {
		t.Fatalf("got %q, %v", out.Value, err)
	}
	for body, want := range map[string]string{
		`{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure","Message":"for +8613800000000"},"RequestId":"r"}}`: "refused with AuthFailure.SignatureFailure",
		`{"Response":{"Error":{"Code":"call +8613800000000"},"RequestId":"r"}}`:                                         "refused with an unknown code",
	} {
		err := Open([]byte(body), &out)
		if _, ok := errors.AsType[*Error](err); !ok || err.Error() != want {
			t.Errorf("%s: got %v", body, err)
		}
	}
	for _, body := range []string{``, `null`, `[]`, `{}`, `{"Response":null}`, `{"Response":{"Value":"v"}}`, `{"Response":"x"}`, `<html>`, `{"Response":{"Value":3,"RequestId":"r"}}`} {
		if err := Open([]byte(body), &out); !errors.Is(err, ErrEnvelope) {
			t.Errorf("%q: got %v", body, err)
		}
	}
}

func TestKeyNeverPrints(t *testing.T) {
	k := Key{"AKID1", "hush"}
	for _, s := range []string{fmt.Sprint(k), fmt.Sprintf("%+v", k), fmt.Sprintf("%#v", k)} {
		if strings.Contains(s, "hush") {
			t.Errorf("printed %q", s)
		}
	}
}
