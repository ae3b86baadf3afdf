package carrier_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/client"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/provider/carrier"
	"github.com/jieling-id/jieling/internal/provider/providertest"
)

const secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY="

func TestNotices(t *testing.T) {
	key, err := client.ParseSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	l, err := carrier.New(secret, func() time.Time { return providertest.At })
	if err != nil {
		t.Fatal(err)
	}
	said := func(phone, since, id string) string {
		body, err := json.Marshal(map[string]string{"phone": phone, "holder_since": since, "evidence": "CAICT 1", "request_id": id})
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	const since = "2023-10-01T08:00:00+08:00"
	providertest.NoticeExam{
		Listener: l, Reply: provider.Reply{Status: http.StatusAccepted},
		Sign: func(_ *testing.T, message string, at time.Time) provider.Call {
			call := provider.Call{Method: http.MethodPost, Query: url.Values{}, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, Body: []byte(message)}
			client.Sign(call.Header, "msg_1", at, call.Body, key)
			return call
		},
		Good: map[string]providertest.Told{
			"a number": providertest.Says(said("+8613800000001", since, "r1"), &jieling.ProviderNotice{Kind: jieling.NumberReassigned, Subject: "+8613800000001", At: time.Date(2023, 10, 1, 0, 0, 0, 0, time.UTC)}),
			"another":  providertest.Says(said("+85291234567", since, "r2"), &jieling.ProviderNotice{Kind: jieling.NumberReassigned, Subject: "+85291234567", At: time.Date(2023, 10, 1, 0, 0, 0, 0, time.UTC)}),
		},
		Unreadable: map[string]string{
			"words": "hello", "nothing": "", "no number": said("13800000001", since, "r"), "no time": said("+8613800000001", "yesterday", "r"),
			"a time to come": said("+8613800000001", "2033-10-01T08:00:00Z", "r"), "no name": said("+8613800000001", since, ""),
			"an unknown field": `{"phone":"+8613800000001","holder_since":"` + since + `","request_id":"r","account":"acc_1"}`, "two": said("+8613800000001", since, "r") + "{}",
		},
		Tampered: map[string]func(*provider.Call){
			"another name":         func(c *provider.Call) { c.Header.Set("Webhook-Id", "msg_2") },
			"no signature":         func(c *provider.Call) { c.Header.Del("Webhook-Signature") },
			"another content type": func(c *provider.Call) { c.Header.Set("Content-Type", "text/plain") },
		},
	}.Notices(t)
}

func TestASecretIsNeeded(t *testing.T) {
	if _, err := carrier.New("secret", nil); err == nil {
		t.Error("any secret is taken")
	}
}
