package event

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jieling-id/jieling"
)

// What is told as security events, of every row that the projection is tested by: a word that is true of it, or nothing.
func TestSignals_SayWhatIsTrue(t *testing.T) {
	short := func(typ string) string { return typ[strings.LastIndex(typ, "/")+1:] }
	want := map[Type]string{
		AccountFrozen: "account-disabled", AccountThawed: "account-enabled",
		BindingLinked:    "credential-change federated:qq create, recovery-information-changed",
		BindingRestored:  "credential-change federated:qq create, recovery-information-changed",
		BindingUnlinked:  "credential-change federated:qq revoke, recovery-information-changed",
		BindingSuspended: "credential-change federated:qq update, recovery-information-changed",
		BindingResumed:   "credential-change federated:qq update, recovery-information-changed",
		FactorEnrolled:   "credential-change face create", FactorRemoved: "credential-change fido2-platform revoke",
		DeviceCompliance: "device-compliance-change compliant not-compliant",
	}
	told := map[string]bool{}
	for _, s := range samples() {
		var wanted []string
		for _, ev := range Project(entry(s.verb, s.detail), "u-1") {
			if w := want[ev.Type]; w != "" {
				wanted = append(wanted, strings.Split(w, ", ")...)
			}
			if ev.Type == SessionsEnded && ev.Data.Sessions == SignedOutAll { // of a part of them it would not be true
				wanted = append(wanted, "session-revoked")
			}
		}
		var got []string
		for _, sig := range Signals(entry(s.verb, s.detail), "u-1") {
			words := []string{short(sig.Type)}
			for _, member := range []string{"credential_type", "change_type", "previous_status", "current_status"} {
				if v, ok := sig.Claims[member].(string); ok {
					words = append(words, v)
				}
			}
			got, told[sig.Type] = append(got, strings.Join(words, " ")), true
			if caep := strings.Contains(sig.Type, "/caep/"); caep != (sig.Claims["event_timestamp"] == int64(1767225600)) || caep != (sig.Claims["initiating_entity"] == "user") {
				t.Errorf("%s: %v", sig.Type, sig.Claims)
			}
			if sig.Account != "acc_1" || sig.ExternalID != "u-1" || !jieling.ValidID("evt", sig.ID) || !slices.Contains(SignalTypes(), sig.Type) {
				t.Errorf("%+v", sig)
			}
		}
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Errorf("%s %v:\n%s", s.verb, s.detail, diff)
		}
	}
	if len(told) != len(SignalTypes()) {
		t.Errorf("told were %v", told)
	}
}

func TestSignals_NamesAreNotThoseOfEvents(t *testing.T) {
	e := entry("case.leg", samples()[16].detail)
	names := map[string]bool{}
	for _, ev := range Project(e, "u-1") {
		names[ev.ID] = true
	}
	for _, sig := range Signals(e, "u-1") {
		if names[sig.ID] || !names[sig.Cause] {
			t.Errorf("%+v", sig)
		}
	}
}

// A token names its account as the stream wants it, and a subject that is sent back is read as the same account.
func TestStream_SubjectsInEveryFormat(t *testing.T) {
	sig := Signal{ID: "evt_1", Cause: "evt_0", Type: AccountDisabled, Claims: map[string]any{}, Account: "acc_1", ExternalID: "u-1"}
	for format, want := range map[Format]string{
		FormatIssSub:  `{"format":"iss_sub","iss":"https://id.example:8443","sub":"acc_1"}`,
		FormatOpaque:  `{"format":"opaque","id":"u-1"}`,
		FormatAccount: `{"format":"account","uri":"acct:acc_1@id.example"}`,
	} {
		s := Stream{ID: "str_1", Issuer: "https://id.example:8443", Audience: "https://id.example:8443/ssf/receivers/x", Format: format}
		text, err := s.SET(sig, time.Unix(1767225600, 0))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(text); got != `{"aud":"https://id.example:8443/ssf/receivers/x","events":{"`+AccountDisabled+`":{}},"iat":1767225600,"iss":"https://id.example:8443","jti":"evt_1","sub_id":`+want+`,"txn":"evt_0"}` {
			t.Errorf("%s: %s", format, got)
		}
		var back Subject
		if err := json.Unmarshal([]byte(want), &back); err != nil {
			t.Fatal(err)
		}
		account, externalID, ok := s.Names(Subject{Format: "complex", User: &back})
		if !ok || account != "acc_1" && externalID != "u-1" {
			t.Errorf("%s is read as %q, %q, %v", want, account, externalID, ok)
		}
	}
	s := Stream{ID: "str_1", Issuer: "https://id.example"}
	onDevice := sig
	onDevice.Device = "dev_1"
	if got, err := s.SET(onDevice, time.Unix(1, 0)); err != nil || !strings.Contains(string(got), `"sub_id":{"device":{"format":"opaque","id":"dev_1"},"format":"complex","user":{"format":"iss_sub"`) {
		t.Errorf("%s, %v", got, err)
	}
	for who, ok := range map[Subject]bool{
		{Format: "iss_sub", Iss: "https://other", Sub: "acc_1"}: true, {Format: "account", URI: "acct:acc_1@other"}: true, {Format: "email"}: true,
		{Format: "iss_sub"}: false, {Format: "opaque"}: false, {Format: "account", URI: "acc_1"}: false, {Format: "complex"}: false, {}: false,
		{Format: "complex", User: &Subject{Format: "complex"}}: false,
	} {
		if account, externalID, is := s.Names(who); is != ok || account != "" || externalID != "" {
			t.Errorf("%+v: %q, %q, %v", who, account, externalID, is)
		}
	}
}
