package sandbox

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// An unsigned question is not answered, and only numbers of the cast are moved, only to what a number can be.
func TestTheCarrierAnswersNobodyItDoesNotKnow(t *testing.T) {
	w, err := Start(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	r, err := http.Post(w.URL(Carrier)+"/?AuthCode=sandbox-auth-code&InputNumber=13800000001&Mask=NORMAL&StartTime=2026-01-01+00:00:00", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var said struct{ Code string }
	if err := json.NewDecoder(r.Body).Decode(&said); err != nil || said.Code != "SignatureDoesNotMatch" {
		t.Errorf("%+v, %v", said, err)
	}
	for move, want := range map[[2]string]int{
		{"+8613800000001", "reissued"}: http.StatusOK, {"+8613800000001", "sold"}: http.StatusBadRequest, {"+8613999999999", "reissued"}: http.StatusBadRequest,
	} {
		r, err := http.PostForm(w.URL(Carrier)+"/number", url.Values{"number": {move[0]}, "to": {move[1]}})
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("%v: %d", move, r.StatusCode)
		}
	}
	r, err = http.Post(w.URL(Carrier)+"/sim-swap/v2/check", "application/json", strings.NewReader(`{"phoneNumber":"+8613800000001","maxAge":72}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: %d", r.StatusCode)
	}
	for _, form := range []url.Values{
		{},
		{"grant_type": {"client_credentials"}, "scope": {"sim-swap:check"}, "client_id": {"sandbox-operator-client"}},
		{"grant_type": {"client_credentials"}, "scope": {"sim-swap:check"}, "client_assertion_type": {assertionType}, "client_assertion": {"e30.e30."}},
	} {
		r, err := http.PostForm(w.URL(Carrier)+"/oauth2/token", form)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusUnauthorized {
			t.Errorf("a token for %v: %d", form, r.StatusCode)
		}
	}
	if s := w.carrier.all()[0].Life.State; s != numberReissued {
		t.Errorf("it is %s", s)
	}
}
