package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// colleague is a member of the organisation whose case is about WeCom, begun on their work phone.
func (s *staged) colleague(platform string) *walk {
	s.Helper()
	w := s.person("zhou")
	w.person.Devices = maps.Clone(w.person.Devices)
	w.person.QQ, w.person.Platform, w.person.Devices["desk"] = w.person.WeCom, jieling.Platform(platform), w.person.Devices["phone"]
	w.found.Platform = platform
	return w
}

// ask asks for a factor of the walk's case.
func (w *walk) ask(ctx context.Context, f sdk.Factor) (*sdk.Challenge, error) {
	return w.jl.AskChallenge(ctx, &sdk.NewChallenge{Factor: f}, sdk.AskChallengeParams{IdempotencyKey: sdk.NewKey(), Case: w.id})
}

func (w *walk) look(ctx context.Context, f sdk.Factor) error {
	ch, err := w.ask(ctx, f)
	if err != nil {
		return err
	}
	return w.answer(ctx, ch, &sdk.NewAnswer{})
}

// settle puts everything in place that the member may do alone.
func (w *walk) settle(ctx context.Context) error {
	for _, step := range []func(context.Context) error{w.open, w.replace, w.backUp, w.verify} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *staged) gone(w *walk) {
	s.Helper()
	c, err := w.jl.GetCase(s.Context(), sdk.GetCaseParams{Case: w.id})
	if err != nil {
		s.Fatal(err)
	}
	if !c.RemovedAt.Set {
		s.Errorf("not removed: %s, next %s", c.Stage, c.Next)
	}
}

// TestV3_OverHTTP_Android: the administrator's approval and the organisation's certification.
func TestV3_OverHTTP_Android(t *testing.T) {
	s := newStaged(t)
	w, org := s.colleague("android"), sdk.OrganisationID(s.person("zhou").person.Org)
	s.must(w.settle)
	if _, err := w.jl.ConfirmCase(t.Context(), sdk.ConfirmCaseParams{IdempotencyKey: sdk.NewKey(), Case: w.id}); err == nil {
		t.Fatal("V6: the member alone confirmed it")
	}
	if err := w.look(t.Context(), "enterprise_certification"); err != nil {
		t.Fatal(err)
	}
	ch, err := w.ask(t.Context(), "admin_approval")
	if err != nil {
		t.Fatal(err)
	}
	s.refusedAs("forbidden", w.answer(t.Context(), ch, &sdk.NewAnswer{Answer: sdk.NewOptString(w.person.PIN)}))
	waiting, err := w.jl.ListRequests(t.Context(), sdk.ListRequestsParams{Org: org})
	if err != nil || len(waiting.Items) != 1 || waiting.Items[0].Challenge != ch.ID {
		t.Fatalf("%+v, %v", waiting, err)
	}
	seen, err := w.jl.ReadRequest(t.Context(), sdk.ReadRequestParams{Org: org, Challenge: ch.ID})
	if err != nil {
		t.Fatal(err)
	}
	decide := func(who demoAccount, version int64, pin string) error {
		return w.jl.DecideRequest(t.Context(), &sdk.NewDecision{
			Account: sdk.AccountID(who.ID), Device: sdk.DeviceID(who.Devices["desk"]), Approve: true, Reason: "handed over", Version: version, Unlock: sdk.NewOptString(pin),
		}, sdk.DecideRequestParams{Org: org, Challenge: ch.ID, IdempotencyKey: sdk.NewKey()})
	}
	wu := s.person("wu").person
	s.refusedAs("not_found", decide(s.person("zhou").person, seen.Version, w.person.PIN))
	s.refusedAs("wrong_answer", decide(wu, seen.Version, "246813"))
	s.refusedAs("stale_version", decide(wu, seen.Version-1, wu.PIN))
	if err := decide(wu, seen.Version, wu.PIN); err != nil {
		t.Fatal(err)
	}
	s.must(w.confirm, w.carriedOut)
	s.gone(w)
}

// TestV3_OverHTTP_IOS: the organisation's certificate, with a real chain and key, and a managed device.
func TestV3_OverHTTP_IOS(t *testing.T) {
	s := newStaged(t)
	w, org := s.colleague("ios"), sdk.OrganisationID(s.person("zhou").person.Org)
	root, der, key := workCertificate(t)
	if _, err := w.jl.ChangeOrganisation(t.Context(), &sdk.OrganisationChange{Roots: [][]byte{root}}, sdk.ChangeOrganisationParams{Org: org, IdempotencyKey: sdk.NewKey()}); err != nil {
		t.Fatal(err)
	}
	fingerprint := sha256.Sum256(der)
	if _, err := w.jl.ReportManaged(t.Context(), &sdk.NewManaged{
		Account: sdk.AccountID(w.person.ID), Device: sdk.DeviceID(w.person.Devices["phone"]), Compliant: true, CertificateSHA256: sdk.NewOptString(hex.EncodeToString(fingerprint[:])),
	}, sdk.ReportManagedParams{Org: org, IdempotencyKey: sdk.NewKey()}); err != nil {
		t.Fatal(err)
	}
	s.must(w.enrolPhone)
	s.ahead.Add(int64(25 * time.Hour)) // by then the report is old
	if err := w.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.refusedAs("factor_not_enrolled", w.look(t.Context(), "mdm"))
	if _, err := w.jl.ReportManaged(t.Context(), &sdk.NewManaged{
		Account: sdk.AccountID(w.person.ID), Device: sdk.DeviceID(w.person.Devices["phone"]), Compliant: true, CertificateSHA256: sdk.NewOptString(hex.EncodeToString(fingerprint[:])),
	}, sdk.ReportManagedParams{Org: org, IdempotencyKey: sdk.NewKey()}); err != nil {
		t.Fatal(err)
	}
	if err := w.look(t.Context(), "mdm"); err != nil {
		t.Fatal(err)
	}
	ch, err := w.ask(t.Context(), "enterprise_certificate")
	if err != nil {
		t.Fatal(err)
	}
	var shown struct{ Message string }
	if err := json.Unmarshal(ch.Public, &shown); err != nil {
		t.Fatal(err)
	}
	sign := func(with *ecdsa.PrivateKey) error {
		sum := sha256.Sum256([]byte(shown.Message))
		signature, err := ecdsa.SignASN1(rand.Reader, with, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		given, err := json.Marshal(map[string]any{"chain": [][]byte{der}, "signature": signature})
		if err != nil {
			t.Fatal(err)
		}
		return w.answer(t.Context(), ch, &sdk.NewAnswer{Credential: given})
	}
	thief, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s.refusedAs("wrong_answer", sign(thief))
	if err := sign(key); err != nil {
		t.Fatal(err)
	}
	s.must(w.confirm, w.carriedOut)
	s.gone(w)
}

// TestV3_OverHTTP_Web: refused, naming where it can be done.
func TestV3_OverHTTP_Web(t *testing.T) {
	s := newStaged(t)
	w := s.colleague("web")
	plan, err := w.jl.PlanUnbinding(t.Context(), &sdk.PlanQuery{Binding: sdk.BindingID(w.person.QQ), Platform: "web"}, sdk.PlanUnbindingParams{Account: sdk.AccountID(w.person.ID)})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Decision.Refusals) != 1 || !strings.Contains(plan.Decision.Refusals[0].Text.EN, "Android phone or an iPhone") || !strings.Contains(plan.Decision.Refusals[0].Text.ZH, "安卓或 iOS") {
		t.Errorf("refused by %+v", plan.Decision.Refusals)
	}
	s.refusedAs("not_on_this_platform", w.open(t.Context()))
}

// workCertificate is an organisation's authority, and a device's certificate of it with its key.
func workCertificate(t *testing.T) (root, der []byte, key *ecdsa.PrivateKey) {
	t.Helper()
	authority, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Qinghe devices"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	root, err = x509.CreateCertificate(rand.Reader, ca, ca, authority.Public(), authority)
	if err != nil {
		t.Fatal(err)
	}
	if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	der, err = x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "zhou's phone"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 1, 0),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, ca, key.Public(), authority)
	if err != nil {
		t.Fatal(err)
	}
	return root, der, key
}

// TestV3_WeComsOwnApproval: the form is begun at WeCom when the member asks, an approver there says yes, and it is read anew rather than believed.
// Taken back after that, it counts no more.
func TestV3_WeComsOwnApproval(t *testing.T) {
	s := newStaged(t)
	w := s.colleague("android")
	s.must(w.settle)
	if err := w.look(t.Context(), "enterprise_certification"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ask(t.Context(), "admin_approval"); err != nil {
		t.Fatal(err)
	}
	party := s.sheet.Sandbox[sandbox.WeCom]
	var number string
	if err := eventually(t.Context(), func() (bool, error) {
		var state struct{ Approvals map[string]int }
		err := getJSON(t.Context(), party+"/_state", &state)
		for n := range state.Approvals {
			number = n
		}
		return number != "", err
	}); err != nil {
		t.Fatalf("nothing was begun at WeCom: %v", err)
	}
	act := func(what string) {
		t.Helper()
		res, err := http.PostForm(party+"/approvals/"+number, url.Values{"act": {what}, "as": {"wumin"}})
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	comes := func(what string, good func(*sdk.Case) bool) {
		t.Helper()
		s.until(w, what, func(c *sdk.Case) bool {
			if rest, err := s.atRest(t.Context()); err != nil {
				t.Fatal(err)
			} else if rest { // nothing more comes of this minute
				s.ahead.Add(int64(time.Minute))
				s.app.worker.Wake()
			}
			return good(c)
		})
	}
	act("approve")
	comes("ready after WeCom's yes", func(c *sdk.Case) bool { return c.Stage == "ready" })
	act("withdraw")
	comes("verifying after it was taken back", func(c *sdk.Case) bool { return c.Next == "verify" })
	if _, err := w.jl.ConfirmCase(t.Context(), sdk.ConfirmCaseParams{IdempotencyKey: sdk.NewKey(), Case: w.id}); err == nil {
		t.Error("confirmed on an approval that was taken back")
	}
}
