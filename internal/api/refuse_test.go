package api_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func drop(header string) func(*http.Request) { return func(r *http.Request) { r.Header.Del(header) } }

func set(header, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(header, value) }
}

func TestBadBodiesAreRefusedByField(t *testing.T) {
	resolve := func(s string) string { return `{"provider":"qq","subject":` + s + `}` }
	factors, bindings := "/v1/accounts/"+string(accountID)+"/factors", "/v1/accounts/"+string(accountID)+"/bindings"
	for _, c := range []struct{ name, path, body, field, says string }{
		{"unknown field", "/v1/resolve", `{"provider":"qq","subject":"x","planted":"s"}`, "planted", "not a field"},
		{"unknown field that looks like our own words", "/v1/resolve", `{"provider":"qq","subject":"x","decode field \"a\"":1}`, `decode field "a"`, "not a field"},
		{"duplicate field", "/v1/resolve", `{"provider":"qq","subject":"x","subject":"planted"}`, "subject", "more than once"},
		{"duplicate field, written differently", "/v1/resolve", `{"provider":"qq","subject":"x","subj\u0065ct":"planted"}`, "subject", "more than once"},
		{"duplicate field, deep", factors, `{"factor":"device_unlock","credential":{"response":{"id":1,"id":2}}}`, "credential.response.id", "more than once"},
		{"missing field", "/v1/resolve", `{"provider":"qq"}`, "subject", "required"},
		{"null", "/v1/resolve", resolve(`null`), "subject", "wrong type"},
		{"number for text", "/v1/resolve", resolve(`471147114711`), "subject", "wrong type"},
		{"object for text", "/v1/resolve", resolve(`{"planted":1}`), "subject", "wrong type"},
		{"too short", "/v1/resolve", resolve(`""`), "subject", "too short"},
		{"too long", "/v1/resolve", resolve(`"` + strings.Repeat("a", 257) + `"`), "subject", "too long"},
		{"not listed", "/v1/resolve", `{"provider":"qq","subject":"x","device":"planted"}`, "device", "does not list"},
		{"form", "/v1/resolve", `{"provider":"Planted QQ","subject":"x"}`, "provider", "form"},
		{"control character", "/v1/resolve", resolve(`"a\u0000b"`), "subject", "control"},
		{"line break", "/v1/resolve", resolve(`"a\nb"`), "subject", "control"},
		{"C1 control character", "/v1/resolve", resolve(`"a\u0085b"`), "subject", "control"},
		{"not NFC", "/v1/resolve", resolve(`"e\u0301"`), "subject", "NFC"},
		{"half a pair", "/v1/resolve", resolve(`"\ud800"`), "subject", "UTF-8"},
		{"not UTF-8", "/v1/resolve", resolve("\"\xff\""), "body", "UTF-8"},
		{"not JSON", "/v1/resolve", `{"provider":planted}`, "provider", "JSON"},
		{"cut off", "/v1/resolve", `{"provider":"qq","subject":"plan`, "subject", "JSON"},
		{"two values", "/v1/resolve", resolve(`"x"`) + resolve(`"y"`), "body", "JSON"},
		{"an array", "/v1/resolve", `[]`, "body", "wrong type"},
		{"a text", "/v1/resolve", `"planted"`, "body", "wrong type"},
		{"blank", "/v1/resolve", ` `, "body", "JSON"},
		{"nothing", "/v1/resolve", ``, "body", "required"},
		{"deep", factors, `{"factor":"device_unlock","credential":` + strings.Repeat(`{"a":`, 40) + `1` + strings.Repeat(`}`, 40) + `}`, "credential" + strings.Repeat(".a", 32), "deeply"},
		{"both answers", factors, `{"factor":"payment_pin","answer":"493027","credential":{}}`, "credential", "beside"},
		{"a credential that is no object", factors, `{"factor":"device_unlock","credential":"planted"}`, "credential", "object"},
		{"a state that is not ours", factors, `{"factor":"device_unlock","credential":{},"state":"&"}`, "state", "unchanged"},
		{"local time", bindings, `{"provider":"qq","subject":"x","verified_at":"2026-11-20T08:00:00+08:00"}`, "verified_at", "UTC"},
		{"no time", bindings, `{"provider":"qq","subject":"x","verified_at":"yesterday"}`, "verified_at", "wrong type"},
		{"an ID of another kind", "/v1/cases", `{"account":"bnd` + tail + `","goal":"unlink","binding":"bnd` + tail + `","platform":"ios","reason":"other"}`, "account", "form"},
		{"a number out of bounds", "/v1/approvals/0123456789abcdef0123456789/approve", `{"account":"acc` + tail + `","device":"dev` + tail + `","number":471147114711}`, "number", ""},
		{"a body where none belongs", "/v1/cases/" + string(caseID) + "/confirm", `{"planted":1}`, "body", "empty"},
		{"an ID in the path", "/v1/cases/case_1/confirm", "", "case", "form"},
		{"a way out of our site", "/v1/handoffs", `{"account":"acc` + tail + `","platform":"web","next":"//planted.example"}`, "next", "form"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, nil)
			w := h.ask("POST", c.path, c.body)
			p := refusal(t, w)
			if p.Code != "invalid_argument" || len(p.Errors) == 0 || p.Errors[0].Field != c.field || !strings.Contains(p.Errors[0].Message, c.says) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if len(h.calls) != 0 {
				t.Errorf("a verb was called: %+v", h.calls)
			}
			if s := h.log.String() + p.Detail; strings.Contains(s, "planted") && c.field != "planted" || strings.Contains(s, "471147114711") {
				t.Errorf("what was sent is said again: %s", s)
			}
		})
	}
}

func TestEveryBadFieldIsNamed(t *testing.T) {
	h := newHouse(t, nil)
	p := refusal(t, h.ask("POST", "/v1/resolve", `{"provider":"QQ","subject":"","network":"x"}`))
	var fields []string
	for _, e := range p.Errors {
		fields = append(fields, e.Field)
	}
	if got := strings.Join(fields, " "); got != "provider subject network" {
		t.Errorf("named are %q", got)
	}
}

func TestRefusalsSpeakTheCallersLanguage(t *testing.T) {
	h := newHouse(t, nil)
	for lang, want := range map[string]string{"zh-CN": "必须填写", "en": "is required"} {
		p := refusal(t, h.ask("POST", "/v1/resolve", `{"provider":"qq"}`, set("Accept-Language", lang)))
		if p.Errors[0].Message != want || !strings.Contains(p.Detail, want) {
			t.Errorf("%s: %+v", lang, p)
		}
	}
}

func TestRefusalsBeforeTheBodyIsRead(t *testing.T) {
	resolve, body := "/v1/resolve", `{"provider":"qq","subject":"x"}`
	for _, c := range []struct {
		name, method, path string
		edit               func(*http.Request)
		status             int
		code               string
	}{
		{"no key", "POST", resolve, drop("Authorization"), 401, "unauthenticated"},
		{"unknown key", "POST", resolve, set("Authorization", "Bearer jl_"+strings.Repeat("0", 52)), 401, "unauthenticated"},
		{"a person's cookie is no key", "POST", resolve, func(r *http.Request) {
			r.Header.Del("Authorization")
			r.AddCookie(&http.Cookie{Name: "jieling", Value: "of-a-person"})
		}, 401, "unauthenticated"},
		{"wrong content type", "POST", resolve, set("Content-Type", "text/plain"), 415, "unsupported_media_type"},
		{"a form", "POST", resolve, set("Content-Type", "application/x-www-form-urlencoded"), 415, "unsupported_media_type"},
		{"no content type", "POST", resolve, drop("Content-Type"), 415, "unsupported_media_type"},
		{"another charset", "POST", resolve, set("Content-Type", "application/json; charset=gbk"), 415, "unsupported_media_type"},
		{"compressed", "POST", resolve, set("Content-Encoding", "gzip"), 415, "unsupported_media_type"},
		{"unknown address", "POST", "/v1/planted", nil, 404, "not_found"},
		{"unknown address outside", "GET", "/planted", nil, 404, "not_found"},
		{"wrong method", "DELETE", "/v1/accounts/" + string(accountID), nil, 405, "method_not_allowed"},
		{"wrong method", "GET", resolve, nil, 405, "method_not_allowed"},
		{"unknown parameter", "POST", resolve + "?planted=1", nil, 400, "invalid_argument"},
		{"parameter twice", "POST", resolve + "?after=1&after=2", nil, 400, "invalid_argument"},
	} {
		h := newHouse(t, nil)
		var edits []func(*http.Request)
		if c.edit != nil {
			edits = append(edits, c.edit)
		}
		w := h.ask(c.method, c.path, body, edits...)
		if p := refusal(t, w); w.Code != c.status || p.Code != c.code || len(h.calls) != 0 {
			t.Errorf("%s: %d %s, %d verbs", c.name, w.Code, w.Body, len(h.calls))
		}
		if c.status == 405 && w.Header().Get("Allow") == "" {
			t.Errorf("%s: no Allow", c.name)
		}
		if c.status == 401 && w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", c.name)
		}
	}
}

// counting tells how much of a body was read.
type counting struct {
	io.Reader
	read int
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.read += n
	return n, err
}

func TestLargeBodiesAreNotRead(t *testing.T) {
	for _, announced := range []bool{true, false} {
		for _, op := range operationsOf(t) {
			if op.method != http.MethodPost {
				continue
			}
			h, limit := newHouse(t, nil), 1<<20
			if op.id == "handIn" {
				limit = 44 << 20 // pictures have a door of their own
			}
			body := &counting{Reader: bytes.NewReader(bytes.Repeat([]byte(" "), limit+(9<<20)))}
			r := httptest.NewRequest(op.method, op.url, body)
			r.ContentLength = -1
			if announced {
				r.ContentLength = int64(limit + (9 << 20))
			}
			r.Header.Set("Authorization", "Bearer "+h.keys["admin"])
			if op.scope == "staff" {
				r.Header.Set("Authorization", "Bearer of-a-member")
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Idempotency-Key", "k")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if p := refusal(t, w); w.Code != 413 || p.Code != "body_too_large" || len(h.calls) != 0 {
				t.Errorf("%s: %d %s", op.id, w.Code, w.Body)
			}
			if most := limit + (1 << 16); body.read > most || announced && body.read > 0 {
				t.Errorf("%s, announced %v: %d bytes were read", op.id, announced, body.read)
			}
		}
	}
}

func TestAnonymousCallersAreNotListenedTo(t *testing.T) {
	h := newHouse(t, nil)
	body := &counting{Reader: strings.NewReader(`{"provider":"qq","subject":"x"}`)}
	r := httptest.NewRequest("POST", "/v1/resolve", body)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 401 || body.read != 0 {
		t.Errorf("%d, %d bytes were read", w.Code, body.read)
	}
}

// A foreign ID and one that never was are told in the same bytes (S27).
func TestS27_ForeignIsToldLikeUnknown(t *testing.T) {
	var seen string
	for _, words := range []string{"belongs to somebody else", "there is none"} {
		h := newHouse(t, nil)
		h.err = notFound(words)
		w := h.ask("GET", "/v1/cases/"+string(caseID), "")
		if w.Code != 404 || seen != "" && seen != w.Body.String() {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		seen = w.Body.String()
	}
}

// FuzzRequests sends anything to every operation. Either a verb is called once and the answer is its own, or the answer is a
// whole problem, no verb was called, and what was sent is nowhere in the log.
func FuzzRequests(f *testing.F) {
	ops := operationsOf(f)
	for i, op := range ops {
		f.Add(i, op.example, "k")
		f.Add(i, strings.Replace(op.example, ":", ":[", 1), "")
		f.Add(i, strings.Replace(op.example, "{", `{"planted-secret":"planted-secret",`, 1), "k")
		f.Add(i, `{"answer":"planted-secret"}`, "planted-secret é")
	}
	h := newHouse(f, nil)
	f.Fuzz(func(t *testing.T, which int, body, key string) {
		if which < 0 {
			return
		}
		op := ops[which%len(ops)]
		h.calls = nil
		h.log.b.Reset()
		w := h.ask(op.method, op.url, body, func(r *http.Request) { r.Header["Idempotency-Key"] = []string{key} })
		switch {
		case w.Code/100 == 2:
			if len(h.calls) != 1 {
				t.Errorf("%s: %d with %d verbs", op.id, w.Code, len(h.calls))
			}
		case w.Code/100 == 4:
			refusal(t, w)
			if len(h.calls) != 0 {
				t.Errorf("%s: %d and a verb was called", op.id, w.Code)
			}
		default:
			t.Errorf("%s: %d %s", op.id, w.Code, w.Body)
		}
		if log := h.log.String(); strings.Contains(log, "planted-secret") || len(body) > 24 && strings.Contains(log, body) {
			t.Errorf("%s: the log says %s", op.id, log)
		}
	})
}
