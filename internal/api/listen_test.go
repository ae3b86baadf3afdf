package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/provider"
)

// A provider has no key and its own format: what it sends is handed over as it came, and its own answer goes back.
func TestAProviderIsHeardInItsOwnForm(t *testing.T) {
	h := newHouse(t, nil)
	strange := func(r *http.Request) { r.Header = http.Header{"Content-Type": {"text/xml"}, "Accept-Language": {"en"}} }
	for method, want := range map[string]string{"GET": "wechat GET 6180<xml>", "POST": "wechat POST 6180<xml>"} {
		w := h.ask(method, "/v1/providers/wechat/notices?echostr=6180&nonce=1", "<xml>", strange)
		if w.Code != http.StatusOK || w.Body.String() != "success" || h.calls[len(h.calls)-1].in != want {
			t.Errorf("%s: %d %q, %v", method, w.Code, w.Body, h.calls)
		}
	}
	if !strings.Contains(h.log.String(), `"route":"/v1/providers/{provider}/notices"`) || strings.Contains(h.log.String(), "6180") {
		t.Errorf("the log: %s", h.log)
	}
	calls := len(h.calls)
	if w := h.ask("PUT", "/v1/providers/wechat/notices", "<xml>", strange); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, POST" {
		t.Errorf("PUT: %d, %q", w.Code, w.Header().Get("Allow"))
	}
	if p := refusal(t, h.ask("POST", "/v1/providers/wechat/notices", strings.Repeat("x", provider.MaxCall+1), strange)); p.Code != "body_too_large" {
		t.Errorf("too much: %+v", p)
	}
	for _, path := range []string{"/v1/providers//notices", "/v1/providers/a/b/notices", "/v1/providers/wechat", "/v1/providers/wechat/notices/"} {
		if w := h.ask("POST", path, "<xml>", strange); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if len(h.calls) != calls {
		t.Errorf("verbs were called: %v", h.calls[calls:])
	}
	h.err = provider.Forged(jieling.Text{ZH: "微信", EN: "WeChat"}, "a secret reason")
	w := h.ask("POST", "/v1/providers/wechat/notices", "<xml>", strange)
	if p := refusal(t, w); w.Code != http.StatusUnauthorized || p.Code != "bad_signature" || strings.Contains(w.Body.String(), "secret reason") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
