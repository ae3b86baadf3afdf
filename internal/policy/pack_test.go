package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/policy"
)

func qqWechat(t testing.TB) *policy.Pack {
	t.Helper()
	p, err := policy.Shipped("qq-wechat")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// unlinkQQ is the plainest situation: a person takes QQ off their own account, and other ways in stay.
func unlinkQQ(on jieling.Platform) policy.Situation {
	return policy.Situation{
		Platform: on, Goal: jieling.Unlink, Provider: jieling.QQ, Reason: jieling.ReasonPrivacy, Kind: jieling.Personal,
		Region: "CN", Locale: "zh-CN", Network: "known", Device: "trusted",
	}
}

func facts(t testing.TB, p *policy.Pack, s policy.Situation) policy.Facts {
	t.Helper()
	f, err := p.Facts(s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func need(f jieling.Factor) jieling.Requirement { return jieling.Need(f) }

func TestF1_PathByPlatform(t *testing.T) {
	p := qqWechat(t)
	for _, row := range []struct {
		on   jieling.Platform
		path jieling.Text
		link string
	}{
		{jieling.Android, jieling.Text{
			ZH: "微信设置 › 账号与安全 › 更多安全设置 › QQ号绑定",
			EN: "WeChat Settings › Account & Security › More Security Settings › QQ ID Binding",
		}, "weixin://"},
		{jieling.IOS, jieling.Text{
			ZH: "微信设置 › 账号与安全 › 账号安全 › 绑定QQ号",
			EN: "WeChat Settings › Account & Security › Account Security › Bind QQ ID",
		}, "weixin://"},
		{jieling.Web, jieling.Text{
			ZH: "微信网页版设置 › 账号安全 › 绑定QQ号",
			EN: "WeChat for Web Settings › Account Security › Bind QQ ID",
		}, "https://wx.qq.com/"},
	} {
		sheet := p.Sheet(facts(t, p, unlinkQQ(row.on)))
		equal(t, string(row.on)+" path", sheet.Path, row.path)
		equal(t, string(row.on)+" deep link", sheet.DeepLink, row.link)
		equal(t, string(row.on)+" first step", sheet.Steps[0].EN, "Open "+row.path.EN)
	}
	phone := unlinkQQ(jieling.Android)
	phone.Provider = jieling.Phone
	if sheet := p.Sheet(facts(t, p, phone)); !sheet.Path.Empty() || strings.HasPrefix(sheet.Steps[0].EN, "Open") {
		t.Errorf("a phone is not unbound where QQ is: %v", sheet.Steps[0])
	}
}

func TestF2_KeyVerificationAgreesWithV1(t *testing.T) {
	p := qqWechat(t)
	want := map[jieling.Platform]jieling.Requirement{
		jieling.Android: need(jieling.PaymentPIN),
		jieling.IOS:     jieling.AllOf(need(jieling.SMSCode), need(jieling.Face)),
		jieling.Web:     jieling.AllOf(need(jieling.QRApproval), need(jieling.SMSCode)),
	}
	for on, key := range want {
		sheet := p.Sheet(facts(t, p, unlinkQQ(on)))
		equal(t, string(on), sheet.KeyVerification, key)
		if !policy.Stronger(sheet.KeyVerification, sheet.Decision.Requirement) {
			t.Errorf("%s: who passes the key verification does not pass V1", on)
		}
	}
}

func TestF3_TheAccountStays(t *testing.T) {
	p := qqWechat(t)
	for _, on := range jieling.Platforms {
		equal(t, string(on), p.Sheet(facts(t, p, unlinkQQ(on))).Afterwards[0], jieling.Text{
			ZH: "QQ 绑定解除后，微信账号原样保留：解绑不会删除账号，也不会削弱它。",
			EN: "The QQ link is gone and the WeChat account stays as it is. An unbinding never deletes or weakens the account itself.",
		})
	}
	other := unlinkQQ(jieling.Web)
	other.Provider = "a provider of the operator's own"
	after := p.Sheet(facts(t, p, other)).Afterwards
	if len(after) != 1 || strings.Contains(after[0].ZH, "QQ") || strings.Contains(after[0].EN, "QQ") {
		t.Errorf("another login speaks of QQ: %v", after)
	}
}

func TestF4_ResidueIsSaidBefore(t *testing.T) {
	p := qqWechat(t)
	for _, on := range jieling.Platforms {
		sheet := p.Sheet(facts(t, p, unlinkQQ(on)))
		equal(t, string(on), sheet.Afterwards[1], jieling.Text{
			ZH: "实名信息可能仍指向这个 QQ 号，这叫残留。请再到“微信支付 › 实名认证”单独清理；核实清除之前，解绑会一直标明还有残留。",
			EN: "The real-name record may still point at the QQ number. This is a residue. Clear it separately in WeChat Pay › Real-name; until it is verified gone, the unbinding keeps saying so.",
		})
		last := sheet.Steps[len(sheet.Steps)-1]
		equal(t, "last step", last, jieling.Text{ZH: "到“微信支付 › 实名认证”清理残留", EN: "Clear what is left behind in WeChat Pay › Real-name"})
	}
}

func TestF5_ComparesPlatforms(t *testing.T) {
	p := qqWechat(t)
	steps := map[jieling.Platform]int{}
	for _, here := range jieling.Platforms {
		plans := p.Compare(facts(t, p, unlinkQQ(here)))
		if len(plans) != 2 {
			t.Fatalf("from %s: %d other platforms, want 2", here, len(plans))
		}
		for _, plan := range plans {
			if plan.Platform == here {
				t.Errorf("%s is compared with itself", here)
			}
			there := p.Sheet(facts(t, p, unlinkQQ(plan.Platform)))
			equal(t, "as planned there", plan, jieling.PlatformPlan{
				Platform: plan.Platform, Path: there.Path, Requirement: there.Decision.Requirement, Steps: len(there.Steps),
				Assurance: map[jieling.Platform]jieling.Level{"android": "low", "ios": "medium", "web": "high"}[plan.Platform], Note: there.Note,
			})
			if plan.Note.ZH == "" || plan.Note.EN == "" {
				t.Errorf("%s has no note in both languages", plan.Platform)
			}
			steps[plan.Platform] = plan.Steps
		}
	}
	if steps[jieling.Android] >= steps[jieling.IOS] || steps[jieling.IOS] >= steps[jieling.Web] {
		t.Errorf("mobile is shorter and the web is longest: %v", steps)
	}
	member := unlinkQQ(jieling.Android)
	member.Kind = jieling.EnterpriseMember
	if plans := p.Compare(facts(t, p, member)); !plans[1].Refused || plans[1].Steps != 0 {
		t.Errorf("the comparison hides that the web refuses: %+v", plans[1])
	}
}

func TestF6_ReasonsRaiseAndAdvise(t *testing.T) {
	p := qqWechat(t)
	want := []struct {
		reason jieling.Reason
		title  jieling.Text
		raises jieling.Scenario
		advice string
	}{
		{jieling.ReasonPrivacy, jieling.Text{ZH: "保护隐私", EN: "Privacy"}, "", "QQ number"},
		{jieling.ReasonSeparate, jieling.Text{ZH: "把账号分开用", EN: "Keeping accounts apart"}, "", "phone"},
		{jieling.ReasonConflict, jieling.Text{ZH: "功能互相干扰", EN: "Functions that get in each other's way"}, "", "single function"},
		{jieling.ReasonTheft, jieling.Text{ZH: "账号被盗或疑似被盗", EN: "Theft or the suspicion of it"}, jieling.Stolen, "Freeze the QQ"},
		{jieling.ReasonOrganisation, jieling.Text{ZH: "所在组织的要求", EN: "My organisation asks for it"}, jieling.Enterprise, "administrator"},
		{jieling.ReasonAbroad, jieling.Text{ZH: "移居国外", EN: "Moving abroad"}, jieling.CrossBorder, "international phone"},
		{jieling.ReasonOther, jieling.Text{ZH: "其他原因", EN: "Something else"}, "", "another way in"},
	}
	reasons := p.Reasons()
	if len(reasons) != len(want) || len(want) != len(jieling.Reasons) {
		t.Fatalf("%d reasons, want %d", len(reasons), len(want))
	}
	for i, w := range want {
		r := reasons[i]
		equal(t, "reason", r.Reason, w.reason)
		equal(t, "title", r.Title, w.title)
		equal(t, "raises", r.Raises, w.raises)
		if !strings.Contains(p.Advice(w.reason).EN, w.advice) || p.Advice(w.reason).ZH == "" {
			t.Errorf("advice for %s: %v", w.reason, p.Advice(w.reason))
		}
		for _, on := range jieling.Platforms {
			s := unlinkQQ(on)
			plain := p.Decide(facts(t, p, s))
			s.Reason = w.reason
			given := p.Decide(facts(t, p, s))
			scenario := w.raises
			if scenario == "" {
				scenario = jieling.Routine
			}
			equal(t, string(w.reason)+" scenario", given.Scenario, scenario)
			if !policy.Stronger(given.Requirement, plain.Requirement) {
				t.Errorf("%s on %s lowers what is asked", w.reason, on)
			}
		}
	}
	equal(t, "no reason given", p.Advice(""), p.Advice(jieling.ReasonOther))
}

func TestV1_RoutineByPlatform(t *testing.T) {
	p := qqWechat(t)
	want := map[jieling.Platform]jieling.Requirement{
		jieling.Android: need(jieling.PaymentPIN),
		jieling.IOS: jieling.AnyOf(
			jieling.AllOf(jieling.AnyOf(need(jieling.Face), need(jieling.DeviceUnlock)), need(jieling.PaymentPIN)),
			jieling.AllOf(need(jieling.SMSCode), need(jieling.Face))),
		jieling.Web: jieling.AllOf(need(jieling.SMSCode), need(jieling.QRApproval)),
	}
	because := map[jieling.Platform]jieling.Text{
		jieling.Android: {ZH: "在安卓上日常解绑，要输入支付密码。", EN: "A routine unbinding on Android asks for the payment password."},
		jieling.IOS: {
			ZH: "在 iOS 上日常解绑，要面容或指纹加支付密码；短信验证码加人脸核身也可以。",
			EN: "A routine unbinding on iOS asks for a face or fingerprint and the payment password; an SMS code and a face check will do as well.",
		},
		jieling.Web: {ZH: "在网页版日常解绑，要短信验证码，并用微信扫码确认。", EN: "A routine unbinding on the web asks for an SMS code and an approval by scanning with WeChat."},
	}
	for _, on := range jieling.Platforms {
		d := p.Decide(facts(t, p, unlinkQQ(on)))
		equal(t, string(on), d.Requirement, want[on])
		equal(t, string(on)+" because", d.Reasons[0], jieling.Because{Rule: "V1", Text: because[on]})
		equal(t, "pack", d.Pack, "qq-wechat@2")
		equal(t, "scenario", d.Scenario, jieling.Routine)
		if !d.Allowed() || d.Wait != 0 || d.Replacement || d.NeedPhone {
			t.Errorf("%s asks for more than V1: %+v", on, d)
		}
	}
}

func TestV7_IOSAcceptsEitherCombination(t *testing.T) {
	p := qqWechat(t)
	r := p.Decide(facts(t, p, unlinkQQ(jieling.IOS))).Requirement
	for _, row := range []struct {
		has []jieling.Factor
		met bool
	}{
		{[]jieling.Factor{jieling.SMSCode, jieling.Face}, true},
		{[]jieling.Factor{jieling.Face, jieling.PaymentPIN}, true},
		{[]jieling.Factor{jieling.DeviceUnlock, jieling.PaymentPIN}, true},
		{[]jieling.Factor{jieling.DeviceUnlock, jieling.SMSCode}, false},
		{[]jieling.Factor{jieling.PaymentPIN, jieling.SMSCode}, false},
		{[]jieling.Factor{jieling.Face, jieling.DeviceUnlock}, false},
		{[]jieling.Factor{jieling.Face}, false},
	} {
		if met := r.Met(func(f jieling.Factor) bool { return strings.Contains(join(row.has), string(f)) }); met != row.met {
			t.Errorf("%v meets it: %v, want %v", row.has, met, row.met)
		}
	}
}

func join(fs []jieling.Factor) (s string) {
	for _, f := range fs {
		s += string(f) + " "
	}
	return s
}

// TestV2_AddsToV1 and TestV3 prove the cells that no factor can meet yet: they are planned and explained all the same.
func TestV2_AddsToV1(t *testing.T) {
	p := qqWechat(t)
	adds := map[jieling.Platform]jieling.Requirement{
		jieling.Android: need("document_review"),
		jieling.IOS:     jieling.AllOf(need("device_lock"), need(jieling.Face)),
		jieling.Web:     jieling.AllOf(need("account_freeze"), need("email_code")),
	}
	for _, on := range jieling.Platforms {
		s := unlinkQQ(on)
		routine := p.Decide(facts(t, p, s)).Requirement
		s.Scenario = jieling.Abnormal
		abnormal := p.Decide(facts(t, p, s)).Requirement
		if !policy.Stronger(abnormal, jieling.AllOf(routine, adds[on])) || !policy.Stronger(jieling.AllOf(routine, adds[on]), abnormal) {
			t.Errorf("%s: %s", on, p.InWords(abnormal).EN)
		}
		if policy.Stronger(routine, abnormal) {
			t.Errorf("%s: abnormal is not strictly stronger than routine", on)
		}
	}
}

func TestV3_EnterpriseIsRefusedOnTheWeb(t *testing.T) {
	p := qqWechat(t)
	adds := map[jieling.Platform]jieling.Requirement{
		jieling.Android: jieling.AllOf(need("admin_approval"), need("enterprise_certification")),
		jieling.IOS:     jieling.AllOf(need("enterprise_certificate"), need("mdm")),
	}
	for _, raise := range []func(*policy.Situation){
		func(s *policy.Situation) { s.Kind = jieling.EnterpriseMember },
		func(s *policy.Situation) { s.Provider = jieling.WeCom },
		func(s *policy.Situation) { s.Scenario = jieling.Enterprise },
		func(s *policy.Situation) { s.Reason = jieling.ReasonOrganisation },
	} {
		for on, add := range adds {
			s := unlinkQQ(on)
			raise(&s)
			d := p.Decide(facts(t, p, s))
			if !d.Allowed() || !policy.Stronger(d.Requirement, add) || d.Scenario != jieling.Enterprise {
				t.Errorf("%s: %+v", on, d)
			}
		}
		s := unlinkQQ(jieling.Web)
		raise(&s)
		d := p.Decide(facts(t, p, s))
		equal(t, "web", d.Refusals, []jieling.Because{{Rule: "V3", Text: jieling.Text{
			ZH: "与企业关联的账号不能在网页版解绑。请在安卓或 iOS 手机上的微信里办理。",
			EN: "An account linked to an organisation cannot be unbound on the web. Do it in WeChat on an Android phone or an iPhone.",
		}}})
	}
}

func dependent(t *testing.T, s policy.Situation, id string) jieling.Dependent {
	t.Helper()
	p := qqWechat(t)
	for _, d := range p.Sheet(facts(t, p, s)).Dependents {
		if d.Rule == id {
			return d
		}
	}
	t.Fatalf("%s is not told", id)
	return jieling.Dependent{}
}

func testDependent(t *testing.T, s policy.Situation, want jieling.Dependent) {
	t.Helper()
	want.Rule = want.ID
	for _, on := range jieling.Platforms {
		s.Platform = on
		equal(t, string(on), dependent(t, s, want.ID), want)
	}
}

func TestD1_Friends(t *testing.T) {
	testDependent(t, unlinkQQ(""), jieling.Dependent{
		ID: "D1", Module: "friends", Change: jieling.Kept, Title: jieling.Text{ZH: "好友", EN: "Friends"},
		Detail: jieling.Text{
			ZH: "QQ 好友本来就不会同步到微信，解绑没有影响，两边的好友各自独立。",
			EN: "QQ friends were never synchronised into WeChat. Nothing changes; the two lists stay independent.",
		},
	})
}

func TestD2_Chats(t *testing.T) {
	testDependent(t, unlinkQQ(""), jieling.Dependent{
		ID: "D2", Module: "chats", Change: jieling.Kept, Title: jieling.Text{ZH: "聊天记录", EN: "Chats"},
		Detail: jieling.Text{
			ZH: "只涉及微信里的聊天，记录全部保留，群聊不受影响。",
			EN: "Only chats inside WeChat are concerned. Their history is kept and group chats are untouched.",
		},
	})
}

func TestD3_FileTransfer(t *testing.T) {
	testDependent(t, unlinkQQ(""), jieling.Dependent{
		ID: "D3", Module: "files", Change: jieling.Lost, Backup: true, Title: jieling.Text{ZH: "文件传输", EN: "File transfer"},
		Detail: jieling.Text{
			ZH: "不能再用 QQ 文件助手给微信好友发文件，这项功能会关闭。",
			EN: "The QQ file helper can no longer send files to WeChat friends; it is switched off.",
		},
		Remedy: jieling.Text{ZH: "改用微信自带的“文件传输助手”。", EN: "Use WeChat's own File Transfer instead."},
	})
}

func TestD4_RegisteredThrough(t *testing.T) {
	p := qqWechat(t)
	for _, on := range jieling.Platforms {
		s := unlinkQQ(on)
		if d := p.Decide(facts(t, p, s)); d.Replacement || d.NeedPhone {
			t.Errorf("%s: an account of its own needs no replacement: %+v", on, d)
		}
		s.RegisteredThrough = true
		d := p.Decide(facts(t, p, s))
		if !d.Replacement || !d.NeedPhone {
			t.Errorf("%s: replacement %v, phone %v", on, d.Replacement, d.NeedPhone)
		}
		equal(t, "because", d.Reasons[1], jieling.Because{Rule: "D4", Text: jieling.Text{
			ZH: "这个账号是用它注册的，解绑后不能再凭它进入。请先绑定手机号，并设好、验证过新的登录方式。",
			EN: "The account was registered through this login and cannot be entered by it afterwards. First bind a phone, and set up a new way in and prove that it works.",
		}})
	}
	s := unlinkQQ("")
	s.RegisteredThrough = true
	testDependent(t, s, jieling.Dependent{
		ID: "D4", Module: "account", Change: jieling.Changed, Title: jieling.Text{ZH: "注册方式", EN: "How the account was registered"},
		Detail: jieling.Text{
			ZH: "这个账号是通过要解绑的登录方式注册的，解绑后不能再用它进入。",
			EN: "The account was registered through the login that goes and cannot be entered by it afterwards.",
		},
		Remedy: jieling.Text{ZH: "解绑前先绑定手机号，并设好、验证过新的登录方式。", EN: "Before unbinding, bind a phone, and set up a new way in and prove that it works."},
	})
}

func TestD5_Authorisations(t *testing.T) {
	testDependent(t, unlinkQQ(""), jieling.Dependent{
		ID: "D5", Module: "mini_program", Change: jieling.Lost,
		Title: jieling.Text{ZH: "小程序和公众号授权", EN: "Mini-program and official-account authorisations"},
		Detail: jieling.Text{
			ZH: "通过 QQ 身份授权的小程序和公众号，授权会一并失效；解绑前会逐个列出名称，解绑时撤销。",
			EN: "Authorisations granted through the QQ identity lapse with it. They are listed by name before and revoked during the unbinding.",
		},
		Remedy: jieling.Text{ZH: "解绑后可以用微信身份重新授权。", EN: "Grant them again with your WeChat identity afterwards."},
	})
}

func TestI1_SigningIn(t *testing.T) {
	testDependent(t, unlinkQQ(""), jieling.Dependent{
		ID: "I1", Module: "signin", Change: jieling.Lost, Title: jieling.Text{ZH: "登录", EN: "Signing in"},
		Detail: jieling.Text{
			ZH: "不能再用 QQ 登录。忘记密码时，找回的途径少了一条。",
			EN: "You can no longer sign in with QQ. There is one way fewer to recover a forgotten password.",
		},
		Remedy: jieling.Text{ZH: "绑定手机号并重新验证。", EN: "Bind a phone and verify again."},
	})
}

func TestI2_Payment(t *testing.T) {
	testDependent(t, unlinkQQ(""), jieling.Dependent{
		ID: "I2", Module: "payment", Change: jieling.Changed, Title: jieling.Text{ZH: "支付", EN: "Payment"},
		Detail: jieling.Text{
			ZH: "QQ 钱包与微信支付不再相通。转账到账可能变慢。",
			EN: "QQ Wallet and WeChat Pay come apart. Transfers may arrive more slowly.",
		},
		Remedy: jieling.Text{ZH: "重新绑定银行卡。", EN: "Bind your bank cards again."},
	})
}

func TestI3_Games(t *testing.T) {
	testDependent(t, unlinkQQ(""), jieling.Dependent{
		ID: "I3", Module: "games", Change: jieling.Lost, Title: jieling.Text{ZH: "游戏", EN: "Games"},
		Detail: jieling.Text{
			ZH: "QQ 游戏成就不再同步到微信区。部分小游戏的排行榜会重新开始。",
			EN: "QQ game achievements stop synchronising to the WeChat zone. The leaderboards of some mini-games start again.",
		},
		Remedy: jieling.Text{ZH: "手动迁移存档。", EN: "Move the save by hand."},
	})
}

func testRisk(t *testing.T, at int, rule string, title jieling.Text, levels [3]jieling.Level, whys [3]string) {
	t.Helper()
	p := qqWechat(t)
	for i, on := range jieling.Platforms {
		got := p.Sheet(facts(t, p, unlinkQQ(on))).Risks[at]
		equal(t, string(on), got, jieling.Risk{Rule: rule, Title: title, Level: levels[i], Why: jieling.Text{ZH: whys[i], EN: got.Why.EN}})
		if got.Why.EN == "" {
			t.Errorf("%s on %s is not told in English", rule, on)
		}
	}
}

func TestR1_PrivacyLeak(t *testing.T) {
	testRisk(t, 0, "R1", jieling.Text{ZH: "隐私泄露", EN: "Privacy leak"}, [3]jieling.Level{jieling.Medium, jieling.Low, jieling.High},
		[3]string{"本机缓存里可能还留有数据。", "数据加密存放在钥匙串里。", "浏览器的历史记录可能被人查到。"})
}

func TestR2_AccountTheft(t *testing.T) {
	testRisk(t, 1, "R2", jieling.Text{ZH: "账号被盗", EN: "Account theft"}, [3]jieling.Level{jieling.High, jieling.Low, jieling.Medium},
		[3]string{"已 root 的手机容易被人控制。", "系统封闭，并有生物识别把关。", "可能身处公共网络。"})
}

func TestR3_Slips(t *testing.T) {
	testRisk(t, 2, "R3", jieling.Text{ZH: "操作失误", EN: "Slips of the hand"}, [3]jieling.Level{jieling.Low, jieling.Medium, jieling.High},
		[3]string{"步骤清楚，不易出错。", "误触面容提示会中断操作。", "页面跳转多，容易点错。"})
}

func TestR4_AdviceBefore(t *testing.T) {
	p := qqWechat(t)
	for on, want := range map[jieling.Platform]jieling.Text{
		jieling.Android: {ZH: "解绑前，先清理一次应用缓存。", EN: "Before unbinding, clear the app's cache."},
		jieling.IOS: {
			ZH: "解绑前，先到“密码与安全性”里看一遍登录过的设备，移除不认识的。",
			EN: "Before unbinding, look through the device records under Passwords & Security and remove what you do not know.",
		},
		jieling.Web: {ZH: "解绑时，请使用浏览器的无痕窗口。", EN: "Use a private window of your browser for the unbinding."},
	} {
		s := unlinkQQ(on)
		equal(t, string(on), p.Sheet(facts(t, p, s)).Advice, []jieling.Because{{Rule: "F6", Text: p.Advice(s.Reason)}, {Rule: "R4", Text: want}})
		s.Goal = jieling.Link
		if a := p.Sheet(facts(t, p, s)).Advice; len(a) != 1 || a[0].Rule != "F6" {
			t.Errorf("%s: linking is advised on: %v", on, a)
		}
	}
}

func testReplacement(t *testing.T, at int, want jieling.Replacement) {
	t.Helper()
	equal(t, want.Rule, qqWechat(t).Replacements(jieling.Personal)[at], want)
}

func TestA1_Phone(t *testing.T) {
	testReplacement(t, 0, jieling.Replacement{
		Rule: "A1", Provider: jieling.Phone, Title: jieling.Text{ZH: "手机号", EN: "Phone"},
		Effort: jieling.Low, SecurityCost: jieling.Medium, Completeness: jieling.High,
		Note: jieling.Text{
			ZH: "一步就能绑定，登录、支付、找回好友都能用；要提防 SIM 卡诈骗。注意二次放号：号码停用后，运营商会把它放给别人。换号前请先在这里更换。",
			EN: "One step, and it serves sign-in, payment and friend recovery. Beware of SIM-card fraud. Beware of recycled numbers. Carriers hand out a given-up number again, so change it here before you give it up.",
		},
	})
}

func TestA2_Email(t *testing.T) {
	testReplacement(t, 1, jieling.Replacement{
		Rule: "A2", Provider: jieling.Email, Title: jieling.Text{ZH: "邮箱", EN: "E-mail"},
		Effort: jieling.Medium, SecurityCost: jieling.High, Completeness: jieling.Low,
		Note: jieling.Text{
			ZH: "要验证邮箱，只支持部分功能；邮箱泄露的风险高。邮箱免费，但支持的功能少；其他服务商的邮箱，验证码可能晚到，请多等一会儿。",
			EN: "The mailbox must be proven, and only some functions work. The risk of a leaked mailbox is high. E-mail is free but weakly supported. Codes to other providers' mailboxes may come late; allow them some time.",
		},
	})
}

func TestA3_WeCom(t *testing.T) {
	testReplacement(t, 2, jieling.Replacement{
		Rule: "A3", Provider: jieling.WeCom, Title: jieling.Text{ZH: "企业微信", EN: "WeCom"},
		Effort: jieling.High, SecurityCost: jieling.High, Completeness: jieling.Medium,
		Note: jieling.Text{
			ZH: "要由企业审批，只用于内部沟通；企业可以查看使用情况。企业需要权衡：账号与个人隔离得越彻底，内外协作就越不方便。",
			EN: "The organisation approves, and it serves internal communication only. The organisation can monitor it. An organisation weighs the two: the more an account is kept apart, the harder it is to work together.",
		},
	})
}

func TestA4_PhoneFirstWithWarning(t *testing.T) {
	p := qqWechat(t)
	first := map[jieling.AccountKind]jieling.Provider{
		jieling.Personal: jieling.Phone, jieling.Merchant: jieling.Phone, jieling.EnterpriseMember: jieling.WeCom,
	}
	for kind, want := range first {
		offered := p.Replacements(kind)
		if len(offered) != 3 || offered[0].Provider != want {
			t.Errorf("%s: %+v", kind, offered)
		}
		for _, r := range offered {
			warned := strings.Contains(r.Note.ZH, "二次放号") && strings.Contains(r.Note.EN, "recycled numbers")
			if warned != (r.Provider == jieling.Phone) {
				t.Errorf("%s for %s: warned of recycled numbers: %v", r.Provider, kind, warned)
			}
		}
	}
}

// afterRemoval walks the goals that take a login away, on every platform, and the one that does not.
func afterRemoval(t *testing.T, holds func(jieling.Decision) bool) {
	t.Helper()
	p := qqWechat(t)
	for _, on := range jieling.Platforms {
		s := unlinkQQ(on)
		for goal, removes := range map[jieling.Goal]bool{jieling.Unlink: true, jieling.Replace: true, jieling.Migrate: true, jieling.Link: false} {
			s.Goal = goal
			if d := p.Decide(facts(t, p, s)); holds(d) != removes || d.Requirement.Zero() {
				t.Errorf("%s on %s: %+v", goal, on, d)
			}
		}
	}
}

func TestP5_ABackupIsOffered(t *testing.T) {
	afterRemoval(t, func(d jieling.Decision) bool { return d.Backup })
}

func TestR5_TheAccountIsGuardedForADay(t *testing.T) {
	afterRemoval(t, func(d jieling.Decision) bool { return d.Guard == 24*time.Hour })
}

// TestV5_AnotherPlaceAddsAFace asks in every scenario: a sign-in from another place adds a face check to whatever else is asked.
func TestV5_AnotherPlaceAddsAFace(t *testing.T) {
	p := qqWechat(t)
	for _, on := range jieling.Platforms {
		for _, scenario := range jieling.Scenarios {
			s := unlinkQQ(on)
			s.Scenario = scenario
			before := p.Decide(facts(t, p, s))
			for place, adds := range map[string]bool{"usual": false, "unknown": false, "": false, "other": true} {
				s.Signals = map[string]string{"place": place}
				d := p.Decide(facts(t, p, s))
				if want := jieling.AllOf(before.Requirement, need(jieling.Face)); adds && !(policy.Stronger(d.Requirement, want) && policy.Stronger(want, d.Requirement)) {
					t.Errorf("%s, %s: %s", on, scenario, p.InWords(d.Requirement).EN)
				}
				if !adds && !policy.Stronger(before.Requirement, d.Requirement) {
					t.Errorf("%s, %s, place %q asks for more", on, scenario, place)
				}
			}
		}
	}
}

// TestS30_WhatIsNotMeasuredAsksForNoMoreAndNoLess walks every signal: what is not known asks for what the safest level asks
// for, so that a caller who measures nothing gets through, and the riskiest asks for more.
func TestS30_WhatIsNotMeasuredAsksForNoMoreAndNoLess(t *testing.T) {
	p := qqWechat(t)
	for _, on := range jieling.Platforms {
		for _, signal := range policy.Signals {
			if signal.Name == "registered_through" || signal.Name == "last_way_in" {
				continue // known from the account
			}
			ask := func(level string) jieling.Decision {
				s := unlinkQQ(on)
				s.Network, s.Device = "", ""
				switch signal.Name {
				case "network": // on a device that is new
					s.Network = level
				case "device": // on a network that is public
					s.Device, s.Network = level, "public"
				default:
					s.Signals = map[string]string{signal.Name: level}
				}
				return p.Decide(facts(t, p, s))
			}
			safest, unknown, riskiest := ask(signal.Levels[0]), ask(signal.Levels[1]), ask(signal.Levels[len(signal.Levels)-1])
			if !policy.AtLeast(safest, unknown) || !policy.AtLeast(unknown, safest) {
				t.Errorf("%s: %s %s asks for more than %s", on, signal.Name, signal.Levels[1], signal.Levels[0])
			}
			if !policy.AtLeast(riskiest, unknown) || policy.AtLeast(unknown, riskiest) {
				t.Errorf("%s: %s %s does not raise what is asked", on, signal.Name, signal.Levels[len(signal.Levels)-1])
			}
			if signal.Name != "device" && !policy.AtLeast(unknown, ask("")) {
				t.Errorf("%s: %s not measured asks for more", on, signal.Name)
			}
		}
	}
}
