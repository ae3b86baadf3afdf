package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jieling-id/jieling"
)

func TestI4_MerchantsLoseCustomerImport(t *testing.T) {
	s := unlinkQQ("")
	s.Kind = jieling.Merchant
	testDependent(t, s, jieling.Dependent{
		ID: "I4", Module: "customers", Change: jieling.Lost, Title: jieling.Text{ZH: "导入客户", EN: "Customer import"},
		Detail: jieling.Text{
			ZH: "不能再从 QQ 联系人导入客户；涉及多少位客户，会在解绑前告诉你。",
			EN: "Customers can no longer be imported from QQ contacts. You are told before how many are concerned.",
		},
		Remedy: jieling.Text{ZH: "解绑前先导出客户名单，或请客户加你的微信。", EN: "Export the list of customers before, or ask them to add your WeChat."},
	})
	p := qqWechat(t)
	for _, d := range p.Sheet(facts(t, p, unlinkQQ(jieling.Web))).Dependents {
		if d.Rule == "I4" {
			t.Error("a person without a shop is told of customers")
		}
	}
}

func TestI5_TheDigitalCertificateIsOffered(t *testing.T) {
	p := qqWechat(t)
	for kind, offered := range map[jieling.AccountKind]bool{jieling.Personal: true, jieling.EnterpriseMember: true, jieling.Merchant: false} {
		s := unlinkQQ(jieling.Android)
		s.Kind = kind
		said := slices.ContainsFunc(p.Sheet(facts(t, p, s)).Afterwards, func(after jieling.Text) bool {
			return strings.Contains(after.ZH, "数字证书") && strings.Contains(after.EN, "digital certificate")
		})
		if said != offered {
			t.Errorf("%s: offered %v", kind, said)
		}
	}
}

func warns(t *testing.T, kind jieling.AccountKind, provider jieling.Provider, zh, en string) {
	t.Helper()
	for _, r := range qqWechat(t).Replacements(kind) {
		if warned := strings.Contains(r.Note.ZH, zh) && strings.Contains(r.Note.EN, en); warned != (r.Provider == provider) {
			t.Errorf("%s: warned %v: %v", r.Provider, warned, r.Note)
		}
	}
}

func TestA5_IsolationIsWeighedAgainstCollaboration(t *testing.T) {
	warns(t, jieling.EnterpriseMember, jieling.WeCom, "隔离得越彻底，内外协作就越不方便", "the more an account is kept apart, the harder it is to work together")
	if first := qqWechat(t).Replacements(jieling.EnterpriseMember)[0]; first.Provider != jieling.WeCom {
		t.Errorf("an organisation is offered %s first", first.Provider)
	}
}

func TestA6_CodesByMailMayComeLate(t *testing.T) {
	warns(t, jieling.Personal, jieling.Email, "验证码可能晚到", "may come late")
}

func TestS14_LastWayInNeedsAnother(t *testing.T) {
	p := qqWechat(t)
	s := unlinkQQ(jieling.Android)
	s.LastWayIn = true
	if d := p.Decide(facts(t, p, s)); !d.Replacement || d.NeedPhone {
		t.Errorf("%+v", d)
	}
}

// TestRows holds every row of this release to an ID of the requirements and to a day.
func TestRows(t *testing.T) {
	have := map[string]bool{}
	for _, r := range qqWechat(t).Rows() {
		have[r.ID] = true
		if r.Verified < "2026-11-22" || r.Line == 0 {
			t.Errorf("%+v", r)
		}
	}
	for _, id := range strings.Fields("F1 F2 F3 F4 F5 F6 D1 D2 D3 D4 D5 V1 V2 V3 I1 I2 I3 R1 R2 R3 R4 A1 A2 A3 A4 P5 R5") {
		if !have[id] {
			t.Errorf("the pack has no row %s", id)
		}
	}
}

func TestFactorsAreNamedForPeople(t *testing.T) {
	p := qqWechat(t)
	for _, f := range []jieling.Factor{
		jieling.PaymentPIN, jieling.SMSCode, jieling.DeviceUnlock, jieling.Face, jieling.QRApproval, "document_review", "email_code",
		"device_lock", "account_freeze", "admin_approval", "enterprise_certification", "enterprise_certificate", "mdm",
	} {
		title, hint := p.FactorTitle(f), p.FactorHint(f)
		if title.ZH == "" || title.EN == "" || title.EN == string(f) || hint.ZH == "" || hint.EN == "" {
			t.Errorf("%s: %v %v", f, title, hint)
		}
	}
	equal(t, "unknown", p.FactorTitle("rune"), jieling.Text{ZH: "rune", EN: "rune"})
	ios := p.Decide(facts(t, p, unlinkQQ(jieling.IOS))).Requirement
	equal(t, "in words", p.InWords(ios), jieling.Text{
		ZH: "((人脸核身或设备解锁(面容、指纹或锁屏密码))加支付密码)或(短信验证码加人脸核身)",
		EN: "((face check or device unlock (face, fingerprint or passcode)) and payment password) or (SMS code and face check)",
	})
}
