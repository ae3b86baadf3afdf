package transfer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jieling-id/jieling"
)

// reading gives every record of a file, and what ended it.
func reading(f Format, text string, o Options) (all []Record, broken error) {
	for r, err := range Read(f, strings.NewReader(text), o) {
		if err != nil {
			return all, err
		}
		all = append(all, r)
	}
	return all, nil
}

func one(t *testing.T, f Format, text string, o Options) Record {
	t.Helper()
	all, err := reading(f, text, o)
	if err != nil || len(all) != 1 || all[0].Err != nil {
		t.Fatalf("%+v, %v", all, err)
	}
	return all[0]
}

func TestKratosIsRead(t *testing.T) {
	const identity = `{"id": "i-1", "schema_id": "shop", "state": "active", "traits": {"mail": "never@read.example"},
		"credentials": {"oidc": {"type": "oidc", "identifiers": ["weixin:oA1"], "config": {"providers": [{"provider": "weixin", "subject": "oA1"}]}}, "password": {"identifiers": ["x"]}},
		"verifiable_addresses": [{"value": "lin@mail.example", "via": "email", "verified": true, "status": "completed", "verified_at": "2026-01-02T03:04:05Z"},
			{"value": "other@mail.example", "via": "email", "verified": false}, {"value": "+8613800000001", "via": "sms", "verified": true}, {"value": "x", "via": "carrier_pigeon", "verified": true}]}`
	got := one(t, Kratos, "["+identity+"]", Options{Rename: map[string]string{"weixin": "wechat"}})
	want := Person{ExternalID: "i-1", Logins: []Login{
		{Provider: jieling.WeChat, Subject: "oA1"},
		{Provider: jieling.Email, Subject: "lin@mail.example", VerifiedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		{Provider: jieling.Phone, Subject: "+8613800000001"},
	}}
	if diff := cmp.Diff(want, got.Person); diff != "" || len(got.Left) != 2 {
		t.Errorf("left %q\n%s", got.Left, diff)
	}
	if got := one(t, Kratos, identity, Options{Unverified: true}); len(got.Logins) != 4 || len(got.Left) != 1 {
		t.Errorf("with what is not verified: %+v", got)
	}
	got = one(t, Kratos, `{"id": "i-2", "external_id": "u2", "credentials": {"oidc": {"identifiers": ["google:10:9"]}}}`, Options{})
	if diff := cmp.Diff(Person{ExternalID: "u2", Logins: []Login{{Provider: "google", Subject: "10:9"}}}, got.Person); diff != "" {
		t.Error(diff)
	}
}

func TestKeycloakIsRead(t *testing.T) {
	const realm = `{"realm": "shop", "roles": {"realm": [{"users": ["not here"]}]}, "users": [
		{"id": "k-1", "username": "lin", "enabled": true, "email": "lin@mail.example", "emailVerified": true,
		 "attributes": {"phoneNumber": ["+8613800000001"], "phoneNumberVerified": ["true"], "locale": ["en"]},
		 "federatedIdentities": [{"identityProvider": "GitHub", "userId": "4821", "userName": "lin"}]},
		{"id": "k-2", "username": "chen", "email": "chen@mail.example"}], "clients": []}`
	all, err := reading(Keycloak, realm, Options{})
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	want := Person{ExternalID: "k-1", Locale: "en", Logins: []Login{
		{Provider: "github", Subject: "4821"}, {Provider: jieling.Email, Subject: "lin@mail.example"}, {Provider: jieling.Phone, Subject: "+8613800000001"},
	}}
	if diff := cmp.Diff(want, all[0].Person); diff != "" {
		t.Error(diff)
	}
	if len(all[1].Logins) != 0 || len(all[1].Left) != 1 || all[1].N != 2 {
		t.Errorf("%+v", all[1])
	}
	if got := one(t, Keycloak, `[{"username": "sun"}]`, Options{}); got.ExternalID != "sun" {
		t.Errorf("%+v", got)
	}
}

func TestCasdoorIsRead(t *testing.T) {
	const users = `{"status": "ok", "data": [{"owner": "shop", "name": "lin", "id": "c-1", "email": "lin@mail.example", "emailVerified": true, "phone": "13800000001",
		"countryCode": "CN", "language": "en", "qq": "8F1E", "wechat": "", "github": "4821"}]}`
	got := one(t, Casdoor, users, Options{})
	want := Person{ExternalID: "c-1", Region: "CN", Locale: "en", Logins: []Login{
		{Provider: jieling.QQ, Subject: "8F1E"}, {Provider: "github", Subject: "4821"}, {Provider: jieling.Email, Subject: "lin@mail.example"},
	}}
	if diff := cmp.Diff(want, got.Person); diff != "" || len(got.Left) != 1 {
		t.Errorf("left %q\n%s", got.Left, diff)
	}
	if got := one(t, Casdoor, users, Options{Unverified: true}); got.Logins[3] != (Login{Provider: jieling.Phone, Subject: "+8613800000001"}) {
		t.Errorf("%+v", got)
	}
	if got := one(t, Casdoor, `[{"owner": "shop", "name": "sun", "phone": "5550100"}]`, Options{Unverified: true}); got.ExternalID != "shop/sun" || len(got.Logins) != 0 || len(got.Left) != 1 {
		t.Errorf("a number that nobody can dial: %+v", got)
	}
}

// Whoever is shut out elsewhere is not let in by an import.
func TestWhoIsDisabledThereStaysOut(t *testing.T) {
	for f, text := range map[Format]string{
		Kratos: `{"id": "1", "state": "inactive"}`, Keycloak: `[{"id": "1", "enabled": false}]`, Casdoor: `[{"id": "1", "isForbidden": true}, {"id": "2", "isDeleted": true}]`,
	} {
		all, err := reading(f, text, Options{})
		if err != nil || len(all) == 0 {
			t.Errorf("%s: %v", f, err)
		}
		for _, r := range all {
			if r.Err == nil {
				t.Errorf("%s lets %s in", f, r.ExternalID)
			}
		}
	}
}

// A record that is wrong is named and the next one read; a file that is wrong is told with the place, and neither quotes what stands in it.
func TestBadFilesAreNamedAndNotQuoted(t *testing.T) {
	good := `{"external_id": "u1", "logins": [{"provider": "qq", "subject": "SECRET"}]}` + "\n"
	all, err := reading(JSONLines, good+`{"external_id": "u2", "pasword": "SECRET"}`+"\n"+`{"external_id": ["SECRET"]}`+"\n"+good, Options{})
	if err != nil || len(all) != 4 || all[1].Err == nil || all[2].Err == nil || all[3].Err != nil || !strings.Contains(all[1].Err.Error(), `"pasword"`) {
		t.Errorf("%+v, %v", all, err)
	}
	for _, r := range all {
		if r.Err != nil && strings.Contains(r.Err.Error(), "SECRET") {
			t.Errorf("quoted: %v", r.Err)
		}
	}
	huge := `{"external_id": "` + strings.Repeat("x", most) + `"}` + "\n"
	if all, err := reading(JSONLines, huge+good, Options{}); err != nil || len(all) != 2 || all[0].Err == nil || all[1].Err != nil {
		t.Errorf("a record that is too long: %v, %v", all[0].Err, err)
	}
	for text, says := range map[string]string{
		good + good[:40]:   "record 2: the file ends in the middle",
		`[{"id": "1"}`:     "record 2: the file ends in the middle",
		good + `SECRET`:    "record 2: not JSON at byte",
		`{"realm": "shop"`: "the file ends in the middle",
		`{"realm": "x"}`:   `no list "users"`,
		`{"users": "x"}`:   `"users" is not a list`,
	} {
		f := JSONLines
		if strings.Contains(text, "realm") || strings.Contains(text, "users") {
			f = Keycloak
		}
		if strings.HasPrefix(text, "[") {
			f = Kratos
		}
		if _, err := reading(f, text, Options{}); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%.30s: %v, want %q", text, err, says)
		}
	}
	if all, err := reading(JSONLines, " \n", Options{}); err != nil || len(all) != 0 {
		t.Errorf("an empty file: %+v, %v", all, err)
	}
}

// What is written is read back as it was, by every format that is both written and read.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	people := []Person{
		{ExternalID: "2f1c9b1e-5f0a-4a53-9a53-0c1f6f0b7c11", Locale: "en", Logins: []Login{{Provider: "github", Subject: "4821"}, {Provider: jieling.Email, Subject: "lin@mail.example"}, {Provider: jieling.Phone, Subject: "+8613800000001"}}},
		{ExternalID: "u2", Logins: []Login{{Provider: jieling.QQ, Subject: `8F"1E`}}},
		{ExternalID: "u3"},
	}
	for _, f := range []Format{JSONLines, Kratos, Keycloak} {
		for n := range len(people) + 1 {
			var file bytes.Buffer
			w, err := NewWriter(f, &file)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range people[:n] {
				if err := w.Add(p); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if f != JSONLines && !json.Valid(file.Bytes()) {
				t.Fatalf("%s with %d people is no JSON: %s", f, n, file.Bytes())
			}
			all, err := reading(f, file.String(), Options{})
			if err != nil || len(all) != n {
				t.Fatalf("%s: %d of %d came back (%v): %s", f, len(all), n, err, file.Bytes())
			}
			for i, r := range all {
				want := people[i]
				if f == Kratos {
					want.Locale = ""
				}
				if diff := cmp.Diff(want, r.Person); diff != "" || r.Err != nil {
					t.Errorf("%s: %v\n%s", f, r.Err, diff)
				}
			}
		}
	}
	if _, err := NewWriter(Casdoor, io.Discard); err == nil {
		t.Error("a format that is only read is written")
	}
}

// The last whole line is found whatever was cut off behind it, and at every cut.
func TestTheLastWholeLineIsFound(t *testing.T) {
	var text string
	var ends []int
	for i := range 3 {
		text += fmt.Sprintf(`{"external_id":"u%d"}`, i) + "\n"
		ends = append(ends, len(text))
	}
	for cut := range len(text) + 1 {
		last, end, err := LastLine(strings.NewReader(text[:cut]))
		whole, name := 0, ""
		for i, e := range ends {
			if e <= cut {
				whole, name = e, fmt.Sprintf("u%d", i)
			}
		}
		if err != nil || int(end) != whole || last.ExternalID != name {
			t.Errorf("cut at %d: %q, %d, %v; want %q, %d", cut, last.ExternalID, end, err, name, whole)
		}
	}
	for _, foreign := range []string{"a letter\n", "{}\n", `{"user":"u1"}` + "\n"} {
		if _, _, err := LastLine(strings.NewReader(foreign)); err == nil {
			t.Errorf("%q was gone on with", foreign)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{`{"external_id":"u"}`, `[{"id":"1","credentials":{"oidc":{"identifiers":["a:b"]}}}]`, `{"users":[{"id":"1"}]}`, `{"data":[{"qq":1}]}`, "\ufeff[", `{"users":`, "[[]]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, format := range Formats() {
			n := 0
			for r, err := range Read(Format(format), strings.NewReader(text), Options{Unverified: true}) {
				if n++; r.N != n || err != nil && n > len(text)+1 {
					t.Fatalf("record %d is number %d", n, r.N)
				}
			}
		}
	})
}
