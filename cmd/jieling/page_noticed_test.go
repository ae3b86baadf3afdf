package main

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/jieling-id/jieling"
	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/risk"
)

// atlas places addresses; one it does not have is nowhere.
type atlas map[string]jieling.Place

func (a atlas) Locate(addr netip.Addr) (risk.Where, error) {
	return risk.Where{Place: a[addr.String()]}, nil
}

// TestV5_ASignInFromElsewhereIsNoticedOnThePage reads the pages before and after somebody came in from elsewhere: the sentence, its
// source and how far that is trusted, in both languages, where the reason is asked and on the case; and what is asked because of it.
func TestV5_ASignInFromElsewhereIsNoticedOnThePage(t *testing.T) {
	h := openHouse(t)
	home := jieling.Place{Country: "CN", Region: "BJ", Point: "39.9,116.4"}
	h.app.engine.Locator = atlas{"127.0.0.1": home, "::1": home, "203.0.113.7": home, "198.51.100.7": {Country: "CN", Region: "SH", Point: "31.2,121.5"}}
	v := h.visitor(t, "sun")
	cameIn := func(from string) {
		t.Helper()
		in := sdk.NewSignIn{Binding: sdk.NewOptBindingID(sdk.BindingID(v.who.QQ)), Address: sdk.NewOptAddress(sdk.Address(from))}
		if err := h.jl.ReportSignIn(t.Context(), &in, sdk.ReportSignInParams{Account: sdk.AccountID(v.who.ID), IdempotencyKey: sdk.NewKey()}); err != nil {
			t.Fatal(err)
		}
	}
	unlink := "/bindings/" + string(v.who.QQ) + "/unlink"
	cameIn("203.0.113.7")
	h.later(t, "240h")
	v.arrive("phone", unlink, "zh-CN")
	v.submit("#handoff-go")
	if v.has("#noticed[open]") || !v.has(`#noticed details [data-signal="place"][data-level="usual"]`) {
		t.Error("at home something stands out")
	}
	cameIn("198.51.100.7")
	reads := func(path string) {
		t.Helper()
		for lang, want := range map[string][]string{
			"zh-CN": {"不在常用的地方，或最近有异地登录。", "来源：登录记录（本服务观察到）", "需要留意", "不知道"},
			"en":    {"Not a place this account is used to, or there was a sign-in from elsewhere lately.", "Source: sign-in history (seen by this service)", "Stands out", "Not known"},
		} {
			v.open(path + "?lang=" + lang)
			v.sees(`#noticed[open] [data-signal="place"][data-level="other"]`)
			page := v.text("#noticed")
			for _, sentence := range want {
				if !strings.Contains(page, sentence) {
					t.Errorf("%s in %s does not say %q: %s", path, lang, sentence, page)
				}
			}
		}
	}
	reads(unlink)
	c, err := h.jl.OpenCase(t.Context(), &sdk.NewCase{
		Account: sdk.AccountID(v.who.ID), Goal: "unlink", Binding: sdk.BindingID(v.who.QQ), Platform: sdk.PlatformAndroid, Reason: "other",
	}, sdk.OpenCaseParams{IdempotencyKey: sdk.NewKey()})
	if err != nil {
		t.Fatal(err)
	}
	reads("/cases/" + string(c.ID))
}
