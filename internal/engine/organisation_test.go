package engine_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/provider"
)

// firm is an organisation with an administrator and a member, who has a phone bound and works on a phone of theirs.
type firm struct {
	*world
	org    jieling.Organisation
	admin  *owner
	member *owner
	number string // the member's
}

func (w *world) firm() *firm { return w.firmCalled("", number) }

// firmCalled is one of several firms, told apart by a name and by its member's number.
func (w *world) firmCalled(name, number string) *firm {
	w.t.Helper()
	f := &firm{world: w, admin: w.owner("admin" + name), member: w.owner("member"+name, number), number: number}
	var err error
	f.org, err = w.FoundOrganisation(w.ctx, w.product, engine.Idem{}, engine.NewOrganisation{Name: "青禾科技", Mailbox: "it@qinghe" + name + ".example", Administrator: f.admin.account})
	w.ok(err)
	f.join(f.member, jieling.OrgMember)
	f.member.by.Device = f.member.phone.ID
	w.later(time.Second)
	return f
}

func (f *firm) join(o *owner, role jieling.OrgRole) {
	f.t.Helper()
	_, err := f.PutMember(f.ctx, f.product, engine.Idem{}, f.org.ID, o.account, role)
	f.ok(err)
	f.later(time.Second)
}

func (f *firm) certify(d time.Duration) {
	f.t.Helper()
	until := time.Now().Add(f.offset() + d)
	if d == 0 {
		until = time.Time{}
	}
	_, err := f.ChangeOrganisation(f.ctx, f.product, engine.Idem{}, f.org.ID, engine.OrganisationChange{CertifiedUntil: &until})
	f.ok(err)
}

// begin opens the member's case, with everything done that is theirs alone but the factors.
func (f *firm) begin(p jieling.Platform) engine.CaseView {
	f.t.Helper()
	v := f.member.open(p)
	if !v.Replaced && v.Decision.Replacement {
		f.member.replace(v.ID, "+8613800000009")
	}
	if v.Decision.Backup {
		_, err := f.BackUp(f.ctx, f.member.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
		f.ok(err)
	}
	return f.now(v.ID)
}

func (f *firm) now(id jieling.CaseID) engine.CaseView {
	f.t.Helper()
	v, err := f.Case(f.ctx, f.member.by, id)
	f.ok(err)
	return v
}

func (f *firm) ask(id jieling.CaseID, what jieling.Factor) (engine.ChallengeView, error) {
	return f.Challenge(f.ctx, f.member.by, engine.Idem{}, engine.NewChallenge{Case: id, Factor: what, Lang: "en"})
}

// looked passes a factor at which the person does nothing.
func (f *firm) looked(id jieling.CaseID, what jieling.Factor) error {
	ch, err := f.ask(id, what)
	if err != nil {
		return err
	}
	_, err = f.Answer(f.ctx, f.member.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID})
	return err
}

// office is an administrator at their own phone.
func office(o *owner) jieling.Actor { return o.onPhone() }

// decide shows a request to an administrator, and has them decide on what they saw.
func (f *firm) decide(by jieling.Actor, ch jieling.ChallengeID, yes bool) error {
	seen, err := f.Request(f.ctx, by, f.org.ID, ch)
	if err != nil {
		return err
	}
	return f.Decide(f.ctx, by, engine.Idem{}, f.org.ID, engine.Deciding{Challenge: ch, Approve: yes, Reason: "agreed with the team", Version: seen.Version, Unlock: []byte(pin)})
}

// TestV3_OnAndroidTheOrganisationApprovesAndIsCertified walks the cell to the end.
func TestV3_OnAndroidTheOrganisationApprovesAndIsCertified(t *testing.T) {
	f := newWorld(t).firm()
	v := f.begin(jieling.Android)
	if got := v.Decision.Requirement.Factors(); !slices.Contains(got, jieling.AdminApproval) || !slices.Contains(got, jieling.EnterpriseCertification) {
		t.Fatalf("asked: %v", got)
	}
	f.refused(jieling.CodeNotEnrolled, f.looked(v.ID, jieling.EnterpriseCertification))
	f.certify(30 * 24 * time.Hour)
	f.member.prove(v.ID, jieling.PaymentPIN)
	f.ok(f.looked(v.ID, jieling.EnterpriseCertification))
	ch, err := f.ask(v.ID, jieling.AdminApproval)
	f.ok(err)
	if v = f.now(v.ID); v.Stage != jieling.StageAwaitingApproval {
		t.Fatalf("stage %s", v.Stage)
	}
	waiting, err := f.Requests(f.ctx, office(f.admin), f.org.ID)
	f.ok(err)
	if len(waiting) != 1 || waiting[0].Challenge.ID != ch.ID {
		t.Fatalf("%d requests wait", len(waiting))
	}
	f.ok(f.decide(office(f.admin), ch.ID, true))
	if v = f.now(v.ID); v.Stage != jieling.StageReady {
		t.Fatalf("stage %s", v.Stage)
	}
	_, err = f.Confirm(f.ctx, f.member.by, engine.Idem{}, v.ID)
	f.ok(err)
	f.drain()
	f.later(48 * time.Hour)
	f.drain()
	if v = f.now(v.ID); v.RemovedAt.IsZero() {
		t.Errorf("not removed: %s", v.Stage)
	}
}

// TestV3_ACertificationThatIsTakenAwayCountsNoMore, whether its time runs out or the organisation loses it.
func TestV3_ACertificationThatIsTakenAwayCountsNoMore(t *testing.T) {
	for what, lose := range map[string]func(*firm){
		"its time runs out":         func(f *firm) { f.later(2 * time.Hour) },
		"the organisation loses it": func(f *firm) { f.certify(0) },
		"the member leaves":         func(f *firm) { f.ok(f.RemoveMember(f.ctx, f.product, engine.Idem{}, f.org.ID, f.member.account)) },
		"the account is frozen once": func(f *firm) {
			_, err := f.Freeze(f.ctx, f.product, engine.Idem{}, f.member.account, "x")
			f.ok(err)
			_, err = f.Unfreeze(f.ctx, f.product, engine.Idem{}, f.member.account, "x")
			f.ok(err)
		},
	} {
		f := newWorld(t).firm()
		f.certify(time.Hour)
		v := f.begin(jieling.Android)
		f.member.prove(v.ID, jieling.PaymentPIN)
		f.ok(f.looked(v.ID, jieling.EnterpriseCertification))
		ch, err := f.ask(v.ID, jieling.AdminApproval)
		f.ok(err)
		f.ok(f.decide(office(f.admin), ch.ID, true))
		lose(f)
		if _, err := f.Confirm(f.ctx, f.member.by, engine.Idem{}, v.ID); err == nil {
			t.Errorf("%s: confirmed all the same", what)
		}
	}
}

// authority signs certificates for devices.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Qinghe devices"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{key, cert}
}

func (a authority) issue(t *testing.T) (der []byte, key *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err = x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "phone"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return der, key
}

// TestV3_OnIOSTheDeviceHasTheOrganisationsCertificateAndIsManaged.
func TestV3_OnIOSTheDeviceHasTheOrganisationsCertificateAndIsManaged(t *testing.T) {
	f := newWorld(t).firm()
	ca := newAuthority(t)
	der, key := ca.issue(t)
	roots := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw}))
	_, err := f.ChangeOrganisation(f.ctx, f.product, engine.Idem{}, f.org.ID, engine.OrganisationChange{Roots: &roots})
	f.ok(err)
	v := f.begin(jieling.IOS)
	if got := v.Decision.Requirement.Factors(); !slices.Contains(got, jieling.EnterpriseCertificate) || !slices.Contains(got, jieling.MDM) {
		t.Fatalf("asked: %v", got)
	}
	f.refused(jieling.CodeNotEnrolled, f.looked(v.ID, jieling.MDM))
	print := sha256.Sum256(der)
	report := func(compliant bool) {
		t.Helper()
		_, err := f.ReportManaged(f.ctx, f.product, engine.Idem{}, f.org.ID, engine.NewManaged{Account: f.member.account, Device: f.member.phone.ID, Compliant: compliant, Fingerprint: print[:]})
		f.ok(err)
	}
	report(false)
	f.refused(jieling.CodeNotEnrolled, f.looked(v.ID, jieling.MDM))
	report(true)
	f.ok(f.looked(v.ID, jieling.MDM))

	sign := func() error {
		ch, err := f.ask(v.ID, jieling.EnterpriseCertificate)
		f.ok(err)
		var shown factor.CertificatePublic
		f.ok(json.Unmarshal(ch.Public, &shown))
		sum := sha256.Sum256([]byte(shown.Message))
		signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
		f.ok(err)
		given, err := json.Marshal(factor.CertificateAnswer{Chain: [][]byte{der}, Signature: signature})
		f.ok(err)
		_, err = f.Answer(f.ctx, f.member.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: given})
		return err
	}
	f.ok(sign())
	if v = f.now(v.ID); !v.Proved(jieling.EnterpriseCertificate) || !v.Proved(jieling.MDM) {
		t.Fatal("both passed and do not count")
	}
	report(false) // and everything that was proven is void
	f.drain()
	if v = f.now(v.ID); v.Proved(jieling.EnterpriseCertificate) || v.Proved(jieling.MDM) {
		t.Error("a device that is out of order still vouches for its owner")
	}
	f.later(25 * time.Hour)
	f.refused(jieling.CodeNotEnrolled, f.looked(f.begin(jieling.IOS).ID, jieling.MDM))
}

func TestV3_OnTheWebItIsRefused(t *testing.T) {
	f := newWorld(t).firm()
	_, err := f.OpenCase(f.ctx, f.member.by, engine.Idem{}, engine.NewCase{Account: f.member.account, Goal: jieling.Unlink, Binding: f.member.qq.ID, Platform: jieling.Web, Reason: jieling.ReasonPrivacy})
	f.refused(jieling.CodeNotOnPlatform, err)
}

// everythingAlone is all that a member can do by themselves in a case: take every step, ask whatever is asked of them, and answer it in every
// way they could. Their face and what they know pass; what does not fit is refused.
func (f *firm) everythingAlone(v engine.CaseView) {
	f.t.Helper()
	if v.Playbook != nil {
		for _, s := range v.Playbook.Steps {
			_ = f.member.takes(v.ID, s.Name)
		}
	}
	for _, what := range v.Decision.Requirement.Factors() {
		ch, err := f.ask(v.ID, what)
		if err != nil {
			continue
		}
		f.drain()
		_ = f.decide(f.member.onPhone(), ch.ID, true)
		for _, given := range []string{f.inbox.code(f.number), pin, "", "{}"} {
			_, _ = f.Answer(f.ctx, f.member.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(given)})
		}
	}
	_, _ = f.BackUp(f.ctx, f.member.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
}

// TestV6_TheMemberAloneNeverCompletesIt lets a member do whatever they can, in any order, and everything there is in the end: the login stays.
func TestV6_TheMemberAloneNeverCompletesIt(t *testing.T) {
	w := newWorld(t)
	w.quickly()
	w.Factors[jieling.Face] = touch{}
	firms := 0
	rapid.Check(t, func(t *rapid.T) {
		firms++
		f := w.firmCalled(fmt.Sprint(firms), fmt.Sprintf("+86139%08d", firms))
		f.certify(365 * 24 * time.Hour)
		platform := rapid.SampledFrom([]jieling.Platform{jieling.Android, jieling.IOS}).Draw(t, "platform")
		v, err := f.OpenCase(f.ctx, f.member.by, engine.Idem{}, engine.NewCase{
			Account: f.member.account, Goal: jieling.Unlink, Binding: f.member.qq.ID, Platform: platform, Reason: rapid.SampledFrom(jieling.Reasons[:]).Draw(t, "reason"),
		})
		if err != nil {
			t.Fatal(err)
		}
		var open []jieling.ChallengeID
		for _, move := range rapid.SliceOfN(rapid.IntRange(0, 9), 1, 14).Draw(t, "moves") {
			switch move {
			case 0, 1, 2, 3, 4:
				all := append([]jieling.Factor{jieling.PaymentPIN, jieling.SMSCode}, v.Decision.Requirement.Factors()...)
				if ch, err := f.ask(v.ID, all[rapid.IntRange(0, len(all)-1).Draw(t, "factor")]); err == nil {
					open = append(open, ch.ID)
				}
			case 5, 6:
				for _, id := range open {
					for _, given := range []string{pin, "", "{}", f.inbox.code(f.number)} {
						_, _ = f.Answer(f.ctx, f.member.by, engine.Idem{}, engine.NewAnswer{Challenge: id, Given: []byte(given)})
					}
				}
			case 7:
				for _, id := range open {
					if err := f.decide(f.member.onPhone(), id, true); err == nil {
						t.Fatal("a member decided for the organisation")
					}
				}
			case 8:
				_, _ = f.BackUp(f.ctx, f.member.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
				_, _ = f.Confirm(f.ctx, f.member.by, engine.Idem{}, v.ID)
			case 9:
				f.later(time.Hour)
				f.drain()
			}
		}
		f.everythingAlone(f.now(v.ID))
		if _, err := f.Confirm(f.ctx, f.member.by, engine.Idem{}, v.ID); err == nil {
			t.Fatal("confirmed by the member alone")
		}
		now := f.now(v.ID)
		if now.Stage == jieling.StageReady || !now.RemovedAt.IsZero() || !now.ConfirmedAt.IsZero() {
			t.Fatalf("the member alone came as far as %s", now.Stage)
		}
	})
}

// TestS12_NobodyDecidesOnTheirOwn: not the requester, not where or when they could, not on what changed, not twice, and not without
// proving who they are.
func TestS12_NobodyDecidesOnTheirOwn(t *testing.T) {
	f := newWorld(t).firm()
	f.certify(30 * 24 * time.Hour)
	v := f.begin(jieling.Android)
	ch, err := f.ask(v.ID, jieling.AdminApproval)
	f.ok(err)
	seen, err := f.Request(f.ctx, office(f.admin), f.org.ID, ch.ID)
	f.ok(err)
	good := engine.Deciding{Challenge: ch.ID, Approve: true, Reason: "fine", Version: seen.Version, Unlock: []byte(pin)}
	try := func(by jieling.Actor, in engine.Deciding) error {
		return f.Decide(f.ctx, by, engine.Idem{}, f.org.ID, in)
	}

	f.refused(jieling.CodeNotFound, try(f.member.onPhone(), good)) // a member
	late := f.owner("late")
	f.join(late, jieling.OrgAdmin)
	f.refused(jieling.CodeForbidden, try(office(late), good)) // an administrator since afterwards
	stranger := f.owner("stranger")
	f.refused(jieling.CodeNotFound, try(office(stranger), good))
	same := office(f.admin)
	same.Name = string(v.By)
	f.refused(jieling.CodeSameDevice, try(same, good)) // in the session it was begun in
	same = office(f.admin)
	same.Device = v.Device
	if err := try(same, good); err == nil {
		t.Fatal("decided on the device it was begun on")
	}
	for what, spoil := range map[string]func(*engine.Deciding){
		"no reason": func(d *engine.Deciding) { d.Reason = "" }, "no unlock": func(d *engine.Deciding) { d.Unlock = nil },
		"another version": func(d *engine.Deciding) { d.Version-- }, "a wrong PIN": func(d *engine.Deciding) { d.Unlock = []byte("111111") },
	} {
		bad := good
		if spoil(&bad); try(office(f.admin), bad) == nil {
			t.Fatalf("%s: decided", what)
		}
	}
	f.member.prove(v.ID, jieling.PaymentPIN) // the case moves on
	f.refused(jieling.CodeStale, try(office(f.admin), good))
	f.ok(f.decide(office(f.admin), ch.ID, true))
	f.refused(jieling.CodeChallengeUsed, f.decide(office(f.admin), ch.ID, true))
	f.refused(jieling.CodeChallengeUsed, f.decide(office(f.admin), ch.ID, false))
}

// TestS12_TheLastAdministratorNeedsASecondOne for their own case.
func TestS12_TheLastAdministratorNeedsASecondOne(t *testing.T) {
	f := newWorld(t).firm()
	f.certify(30 * 24 * time.Hour)
	f.admin.by.Device = f.admin.desk.ID
	f.member, f.admin = f.admin, f.member // it is the administrator who asks
	v := f.member.open(jieling.Android)
	_, err := f.ask(v.ID, jieling.AdminApproval)
	f.refused(jieling.CodeNotEnrolled, err)
	_, err = f.Cancel(f.ctx, f.member.by, engine.Idem{}, v.ID)
	f.ok(err)
	f.join(f.admin, jieling.OrgAdmin)
	v = f.member.open(jieling.Android)
	ch, err := f.ask(v.ID, jieling.AdminApproval)
	f.ok(err)
	own, err := f.Request(f.ctx, f.member.onPhone(), f.org.ID, ch.ID)
	f.ok(err)
	if jieling.CodeOf(own.Refused) != jieling.CodeForbidden {
		t.Errorf("their own request: %v", own.Refused)
	}
	f.refused(jieling.CodeForbidden, f.decide(f.member.onPhone(), ch.ID, true))
	f.ok(f.decide(office(f.admin), ch.ID, true))
}

// TestS12_ANoComesBackWithItsReason, and another request may be made.
func TestS12_ANoComesBackWithItsReason(t *testing.T) {
	f := newWorld(t).firm()
	v := f.begin(jieling.Android)
	ch, err := f.ask(v.ID, jieling.AdminApproval)
	f.ok(err)
	_, err = f.ask(v.ID, jieling.AdminApproval)
	f.refused(jieling.CodeConflict, err)
	f.ok(f.decide(office(f.admin), ch.ID, false))
	v = f.now(v.ID)
	if len(v.Returned) != 1 || v.Returned[0].Reason.EN != "Your organisation's administrator said no: agreed with the team" || len(v.Pending) != 0 {
		t.Errorf("returned: %+v, pending %d", v.Returned, len(v.Pending))
	}
	_, err = f.ask(v.ID, jieling.AdminApproval)
	f.ok(err)
}

// TestS13_AnApprovalDiesWithAFreeze, given or still asked for.
func TestS13_AnApprovalDiesWithAFreeze(t *testing.T) {
	f := newWorld(t).firm()
	v := f.begin(jieling.Android)
	ch, err := f.ask(v.ID, jieling.AdminApproval)
	f.ok(err)
	_, err = f.Freeze(f.ctx, f.product, engine.Idem{}, f.member.account, "x")
	f.ok(err)
	f.refused(jieling.CodeFrozen, f.decide(office(f.admin), ch.ID, true))
	_, err = f.Unfreeze(f.ctx, f.product, engine.Idem{}, f.member.account, "x")
	f.ok(err)
	f.refused(jieling.CodeChallengeUsed, f.decide(office(f.admin), ch.ID, true))
}

// TestP2_NoPersonalMailboxRegistersAnOrganisation.
func TestP2_NoPersonalMailboxRegistersAnOrganisation(t *testing.T) {
	w := newWorld(t)
	o := w.owner("founder")
	found := func(mailbox string) error {
		_, err := w.FoundOrganisation(w.ctx, w.product, engine.Idem{}, engine.NewOrganisation{Name: "青禾", Mailbox: mailbox, Administrator: o.account})
		return err
	}
	for _, personal := range []string{"a@qq.com", "a@vip.qq.com", "A@QQ.COM", "a@foxmail.com", "a@163.com", "a@gmail.com", "no mailbox", ""} {
		w.refused(jieling.CodeInvalid, found(personal))
	}
	w.ok(found("it@notqq.com"))
	w.refused(jieling.CodeConflict, found("it@notqq.com"))
}

// TestP2_AnAdministratorResetsAWorkLogin: it goes, with what came in by it, and nothing else does; the identity can be linked anew.
func TestP2_AnAdministratorResetsAWorkLogin(t *testing.T) {
	f := newWorld(t).firm()
	work := engine.NewBinding{Provider: jieling.WeCom, Subject: "ww1/zhouke"}
	b, err := f.AddBinding(f.ctx, f.product, engine.Idem{}, f.member.account, work)
	f.ok(err)
	reset := func(by jieling.Actor, account jieling.AccountID, unlock string) error {
		return f.ResetMember(f.ctx, by, engine.Idem{}, f.org.ID, engine.Reset{Account: account, Reason: "mixed up", Unlock: []byte(unlock)})
	}
	f.refused(jieling.CodeWrongAnswer, reset(office(f.admin), f.member.account, "111111"))
	f.refused(jieling.CodeNotFound, reset(f.member.onPhone(), f.member.account, pin))
	f.refused(jieling.CodeForbidden, reset(office(f.admin), f.admin.account, pin))
	stranger := f.owner("stranger")
	_, err = f.AddBinding(f.ctx, f.product, engine.Idem{}, stranger.account, engine.NewBinding{Provider: jieling.WeCom, Subject: "ww2/else"})
	f.ok(err)
	_, err = f.FoundOrganisation(f.ctx, f.product, engine.Idem{}, engine.NewOrganisation{Name: "else", Mailbox: "it@else.example", Administrator: stranger.account})
	f.ok(err)
	f.refused(jieling.CodeNotFound, reset(office(f.admin), stranger.account, pin))
	f.ok(reset(office(f.admin), f.member.account, pin))
	v, err := f.Account(f.ctx, f.product, f.member.account)
	f.ok(err)
	if len(v.Bindings) != 2 || v.WaysIn != 2 || slices.ContainsFunc(v.Bindings, func(x jieling.Binding) bool { return x.ID == b.ID }) {
		t.Errorf("left: %+v", v.Bindings)
	}
	f.refused(jieling.CodeNotFound, reset(office(f.admin), f.member.account, pin))
	f.drain()
	if !slices.ContainsFunc(f.inbox.sent, func(m jieling.Message) bool { return strings.Contains(m.Text.EN, "reset your WeCom login") }) {
		t.Error("the member was not told")
	}
	_, err = f.AddBinding(f.ctx, f.product, engine.Idem{}, f.member.account, work)
	f.ok(err)

	alone, err := f.RegisterAccount(f.ctx, f.product, engine.Idem{}, engine.NewAccount{ExternalID: "alone", Kind: jieling.Personal})
	f.ok(err)
	_, err = f.AddBinding(f.ctx, f.product, engine.Idem{}, alone.ID, engine.NewBinding{Provider: jieling.WeCom, Subject: "ww1/alone"})
	f.ok(err)
	_, err = f.PutMember(f.ctx, f.product, engine.Idem{}, f.org.ID, alone.ID, jieling.OrgMember)
	f.ok(err)
	f.refused(jieling.CodeLastWayIn, reset(office(f.admin), alone.ID, pin))
}

// TestV6_TheMemberIsToldOfTheDecision at the number that was there before.
func TestV6_TheMemberIsToldOfTheDecision(t *testing.T) {
	for yes, words := range map[bool]string{true: "approved what you asked for", false: "refused what you asked for"} {
		f := newWorld(t).firm()
		v := f.begin(jieling.Android)
		ch, err := f.ask(v.ID, jieling.AdminApproval)
		f.ok(err)
		f.ok(f.decide(office(f.admin), ch.ID, yes))
		f.drain()
		if !slices.ContainsFunc(f.inbox.sent, func(m jieling.Message) bool { return m.To == number && strings.Contains(m.Text.EN, words) }) {
			t.Errorf("%v: the member was not told", yes)
		}
	}
}

// flow is an organisation's approval flow at its provider, in a test's hands.
type flow struct {
	mu    sync.Mutex
	asked []provider.Petition
	says  provider.Approval
	away  bool
}

func (*flow) AuthorizeURL(string, string) string { return "" }

func (*flow) Identify(context.Context, string, string) (provider.Identity, error) {
	return provider.Identity{}, errors.New("not here")
}

func (*flow) Approves() bool { return true }

func (f *flow) AskApproval(_ context.Context, in provider.Petition) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.away {
		return "", errors.New("away")
	}
	f.asked = append(f.asked, in)
	return "2026", nil
}

func (f *flow) ApprovalState(context.Context, string) (provider.Approval, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.says, nil
}

// atWeCom is a firm whose member is in a corp with a flow of its own.
func (w *world) atWeCom() (*firm, *flow) {
	w.t.Helper()
	there := &flow{says: provider.Approval{State: provider.ApprovalPending}}
	w.Engine.Providers = map[jieling.Provider]provider.Provider{jieling.WeCom: there}
	f := &firm{world: w, admin: w.owner("admin"), member: w.owner("member", number), number: number}
	var err error
	f.org, err = w.FoundOrganisation(w.ctx, w.product, engine.Idem{}, engine.NewOrganisation{Name: "青禾科技", CorpID: "ww1", Mailbox: "it@qinghe.example", Administrator: f.admin.account})
	w.ok(err)
	_, err = w.AddBinding(w.ctx, w.product, engine.Idem{}, f.member.account, engine.NewBinding{Provider: jieling.WeCom, Subject: "ww1/zhouke"})
	w.ok(err)
	f.join(f.member, jieling.OrgMember)
	return f, there
}

// TestV3_TheOrganisationsOwnFlowDecides: it is asked once, read again until it says, and a yes by the member themselves is none (S12).
func TestV3_TheOrganisationsOwnFlowDecides(t *testing.T) {
	for what, test := range map[string]struct {
		says   provider.Approval
		proved bool
	}{
		"a yes":            {provider.Approval{State: provider.ApprovalGiven, By: []string{"ww1/wumin"}}, true},
		"the member's own": {provider.Approval{State: provider.ApprovalGiven, By: []string{"ww1/zhouke"}}, false},
		"a yes by nobody":  {provider.Approval{State: provider.ApprovalGiven}, false},
		"a no":             {provider.Approval{State: provider.ApprovalRefused, Said: "later"}, false},
		"taken back":       {provider.Approval{State: provider.ApprovalWithdrawn}, false},
	} {
		f, there := newWorld(t).atWeCom()
		v := f.begin(jieling.Android)
		_, err := f.ask(v.ID, jieling.AdminApproval)
		f.ok(err)
		f.drain()
		f.later(time.Minute)
		f.drain()
		if v = f.now(v.ID); !v.Waits(jieling.AdminApproval) || len(there.asked) != 1 || there.asked[0].Member != "ww1/zhouke" {
			t.Fatalf("%s: asked %+v", what, there.asked)
		}
		there.says = test.says
		f.later(time.Minute)
		f.drain()
		v = f.now(v.ID)
		if v.Proved(jieling.AdminApproval) != test.proved || v.Waits(jieling.AdminApproval) || test.proved == (len(v.Returned) > 0) {
			t.Errorf("%s: proved %v, waits %v, came back %+v", what, v.Proved(jieling.AdminApproval), v.Waits(jieling.AdminApproval), v.Returned)
		}
	}
}

// TestV3_AnApprovalThatIsTakenBackCountsNoMore: WeCom lets it be withdrawn after it was given.
func TestV3_AnApprovalThatIsTakenBackCountsNoMore(t *testing.T) {
	f, there := newWorld(t).atWeCom()
	v := f.begin(jieling.Android)
	_, err := f.ask(v.ID, jieling.AdminApproval)
	f.ok(err)
	f.drain()
	there.says = provider.Approval{State: provider.ApprovalGiven, By: []string{"ww1/wumin"}}
	f.later(time.Minute)
	f.drain()
	if v = f.now(v.ID); !v.Proved(jieling.AdminApproval) {
		t.Fatal("a yes does not count")
	}
	there.says.State = provider.ApprovalWithdrawn
	f.later(20 * time.Minute)
	f.drain()
	if v = f.now(v.ID); v.Proved(jieling.AdminApproval) {
		t.Error("it was taken back and counts all the same")
	}
}

// TestV3_WhicheverRoadAnswersFirst: what was decided at /org stays, whatever becomes of the form at the provider; one that is away holds up nobody.
func TestV3_WhicheverRoadAnswersFirst(t *testing.T) {
	f, there := newWorld(t).atWeCom()
	there.away = true
	v := f.begin(jieling.Android)
	ch, err := f.ask(v.ID, jieling.AdminApproval)
	f.ok(err)
	f.drain()
	there.away = false
	f.later(time.Minute)
	f.drain()
	f.ok(f.decide(office(f.admin), ch.ID, true))
	there.says = provider.Approval{State: provider.ApprovalWithdrawn}
	f.later(20 * time.Minute)
	f.drain()
	if v = f.now(v.ID); !v.Proved(jieling.AdminApproval) {
		t.Error("an administrator's yes went with a form at the provider")
	}
}

// TestV6_AnAdministratorLearnsNothingPersonal: of a personal login they see what kind it is; no label, and nothing that hangs on it alone.
func TestV6_AnAdministratorLearnsNothingPersonal(t *testing.T) {
	f := newWorld(t, "wallet").firm()
	v := f.begin(jieling.Android)
	ch, err := f.ask(v.ID, jieling.AdminApproval)
	f.ok(err)
	seen, err := f.Request(f.ctx, office(f.admin), f.org.ID, ch.ID)
	f.ok(err)
	told, err := json.Marshal(seen)
	f.ok(err)
	if strings.Contains(string(told), v.Binding.Label) || strings.Contains(string(told), "auto-payments") || seen.What.EN != "Take QQ off the account" || len(seen.Impact) == 0 {
		t.Errorf("%s", told)
	}
	if !slices.ContainsFunc(v.Impact, func(d jieling.Dependent) bool { return d.Title.EN == "auto-payments" }) {
		t.Error("the member has nothing to hide, so that this test proves nothing")
	}
}
