package aliyun

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jieling-id/jieling"
)

const number = "+8613800000001"

func carrier(t *testing.T, answer http.HandlerFunc) *Carrier {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	c, err := New(Config{BaseURL: s.URL, KeyID: "id", KeySecret: "secret", AuthCode: "auth"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The worked example in the vendor's description of the signature: what we compute is what they compute.
func TestSignatureIsTheVendors(t *testing.T) {
	c, err := New(Config{
		BaseURL: "https://ecs.cn-shanghai.aliyuncs.com", KeyID: "YourAccessKeyId", KeySecret: "YourAccessKeySecret", AuthCode: "auth",
		Now:   func() time.Time { return time.Date(2023, 10, 26, 10, 22, 32, 0, time.UTC) },
		Nonce: func() string { return "3156853299f313e23d1673dc12e1703d" },
	})
	if err != nil {
		t.Fatal(err)
	}
	req, err := c.request(t.Context(), "RunInstances", "2014-05-26", url.Values{
		"ImageId": {"win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}, "RegionId": {"cn-shanghai"},
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version," +
		"Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
	if got := req.Header.Get("Authorization"); got != want {
		t.Errorf("%s", got)
	}
}

func TestA4_TheFourAnswers(t *testing.T) {
	for body, want := range map[string]jieling.Holder{
		`{"Code":"OK","Data":{"Carrier":"CMCC","VerifyResult":0}}`: jieling.HolderUnknown,
		`{"Code":"OK","Data":{"Carrier":"CMCC","VerifyResult":1}}`: jieling.HolderChanged,
		`{"Code":"OK","Data":{"Carrier":"CMCC","VerifyResult":2}}`: jieling.HolderSame,
		`{"Code":"OK","Data":{"Carrier":"CMCC","VerifyResult":3}}`: jieling.HolderInvalid,
		`{"Code":"isv.MOBILE_NUMBER_ILLEGAL"}`:                     jieling.HolderInvalid,
		`{"Code":"isp.PORTABILITY_NUMBER_NOT_SUPPORTED"}`:          jieling.HolderUnknown,
	} {
		var seen url.Values
		var action string
		c := carrier(t, func(w http.ResponseWriter, r *http.Request) {
			seen, action = r.URL.Query(), r.Header.Get("X-Acs-Action")
			_, _ = w.Write([]byte(body))
		})
		got, err := c.Holder(t.Context(), number, time.Date(2026, 1, 2, 20, 0, 0, 0, time.UTC))
		if err != nil || got != want {
			t.Errorf("%s: %q (%v), want %q", body, got, err, want)
		}
		if diff := cmp.Diff(url.Values{
			"StartTime": {"2026-01-03 04:00:00"}, "Mask": {"SHA256"}, "AuthCode": {"auth"},
			"InputNumber": {"b1c4769e3ad14f68ea1a96b73bbe5a83d90792f044828c5daf9d908b0738b177"}, // of 13800000001
		}, seen); diff != "" || action != "DescribePhoneTwiceTelVerify" {
			t.Errorf("%s: -want +got:\n%s", action, diff)
		}
	}
	c := carrier(t, func(http.ResponseWriter, *http.Request) { t.Error("a foreign number was asked about") })
	if got, err := c.Holder(t.Context(), "+85251234567", time.Now()); got != jieling.HolderUnknown || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// S30: whatever else comes is an error, never an answer, and says nothing of the number.
func TestS30_NoAnswerIsNoHolder(t *testing.T) {
	for _, body := range []string{
		"", "<html>", "{}", "null", `{"Code":"OK"}`, `{"Code":"OK","Data":{}}`, `{"Code":"OK","Data":{"VerifyResult":9}}`, `{"Code":"OK","Data":{"VerifyResult":"2"}}`,
		`{"Code":"isp.SYSTEM_ERROR","Data":{"VerifyResult":2}}`, `{"Code":"isp.QPS_LIMIT"}`, `{"Data":{"VerifyResult":2}}`,
	} {
		c := carrier(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
		got, err := c.Holder(t.Context(), number, time.Now())
		if got != jieling.HolderUnknown || jieling.CodeOf(err) != jieling.CodeDependency || strings.Contains(err.Error(), number[3:10]) {
			t.Errorf("%s: %q, %v", body, got, err)
		}
	}
	c := carrier(t, func(http.ResponseWriter, *http.Request) {})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := c.Holder(gone, number, time.Now())
	if got != jieling.HolderUnknown || jieling.CodeOf(err) != jieling.CodeDependency {
		t.Errorf("cancelled: %q, %v", got, err)
	}
	for _, secret := range []string{number[3:10], "b1c4769e", "AuthCode"} { // the number, its hash, and the address that has both
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error says %s: %v", secret, err)
		}
	}
	for name, bad := range map[string]Config{
		"no keys": {BaseURL: "https://x.test", AuthCode: "a"}, "no code": {BaseURL: "https://x.test", KeyID: "a", KeySecret: "b"}, "plain http": {BaseURL: "http://x.test", KeyID: "a", KeySecret: "b", AuthCode: "c"},
	} {
		if _, err := New(bad); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
