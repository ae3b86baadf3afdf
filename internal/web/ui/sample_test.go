package ui

import (
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/access"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/policy"
)

// The pages of the tests, from views made by hand: every page, and every state a case can be in.

var (
	assets = LoadAssets()
	noon   = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	qq     = jieling.Binding{ID: "bnd_qq", Provider: jieling.QQ, State: jieling.BindingActive, Label: "12****4821", LastUsedAt: noon.Add(-50 * time.Hour)}
	phone  = jieling.Binding{ID: "bnd_ph", Provider: jieling.Phone, State: jieling.BindingActive, Label: "138****8000"}
	mail   = jieling.Binding{ID: "bnd_em", Provider: jieling.Email, State: jieling.BindingPending, Label: "li**@**.cn"}
	wechat = jieling.Binding{ID: "bnd_wx", Provider: jieling.WeChat, State: jieling.BindingSuspended, Label: "wx****9k"}
)

// taken is a login that its provider took away.
func taken(k jieling.NoticeKind) jieling.Binding {
	b := wechat
	b.Said, b.SaidAt = k, noon.Add(-3*time.Hour)
	return b
}

func both(zh, en string) jieling.Text { return jieling.Text{ZH: zh, EN: en} }

func impactRows() []jieling.Dependent {
	return []jieling.Dependent{
		{ID: "I1", Module: "signin", Rule: "I1", Title: both("用 QQ 登录", "Signing in by QQ"), Detail: both("不能再用 QQ 登录，少一条找回密码的途径。", "No sign-in by QQ any more, and one way fewer to recover a password."), Remedy: both("绑定手机号并重新验证。", "Bind a phone and verify again."), Change: jieling.Lost},
		{ID: "g1", Participant: "games", Module: "games", Title: both("游戏《星桥》的存档", "Your save in Star Bridge"), Detail: both("角色 62 级，无法迁移。", "A character at level 62 that cannot move."), Count: 1, Change: jieling.Lost, Irreversible: true, Backup: true},
		{ID: "p1", Participant: "wallet", Module: "payment", Title: both("QQ 钱包自动扣款", "Auto-payments through QQ Wallet"), Count: 2, Change: jieling.Changed, Remedy: both("重新绑定银行卡。", "Bind the bank cards again.")},
		{ID: "D1", Rule: "D1", Module: "friends", Title: both("好友", "Friends"), Detail: both("两边的好友互不影响。", "The two lists stay independent."), Change: jieling.Kept},
		{ID: "m1", Participant: "mini", Module: "mini_program", Title: both("小程序授权", "Mini-program permissions"), Unknown: true, Change: jieling.Lost},
	}
}

// sampleSignals has one of every weight and most sources.
func sampleSignals() []jieling.Signal {
	return []jieling.Signal{
		{Name: "place", Level: "other", Source: "sign_ins", Trust: jieling.Observed, Why: both("最近有异地登录。", "There was a sign-in from elsewhere lately.")},
		{Name: "travel", Level: "unknown", Why: both("不知道两次登录之间的距离。", "The distance between sign-ins is not known.")},
		{Name: "network", Level: "unknown", Source: "sign_ins", Trust: jieling.Observed, Why: both("没见过这个网络。", "This network was not seen before.")},
		{Name: "device", Level: "trusted", Source: "devices", Trust: jieling.Observed, Why: both("可信设备。", "A trusted device.")},
		{Name: "integrity", Level: "attested", Source: "play_integrity", Trust: jieling.Attested, Why: both("设备完好。", "The device is sound.")},
		{Name: "number_age", Level: "old", Source: "bindings", Trust: jieling.Observed, Why: both("手机号已绑定很久。", "The number has been bound for a long time.")},
		{Name: "sim", Level: "swapped", Source: "carrier", Trust: jieling.Attested, Why: both("最近补换过 SIM 卡。", "The SIM was replaced lately.")},
		{Name: "holder", Level: "unknown", Why: both("不知道手机号是否换了机主。", "Whether the number has changed hands is not known.")},
		{Name: "factor_change", Level: "none", Source: "factors", Trust: jieling.Observed, Why: both("验证方式最近没有改动。", "No way of verifying was changed lately.")},
		{Name: "provider_risk", Level: "reported", Source: "caller", Trust: jieling.Claimed, Why: both("这个身份有风险。", "The identity is at risk.")},
	}
}

func samplePlan() *jieling.Plan {
	return &jieling.Plan{
		Signals: sampleSignals(),
		Binding: qq, Platform: jieling.Android, Path: both("微信设置 › 账号与安全 › 更多安全设置 › QQ号绑定", "WeChat Settings › Account & Security › More Security Settings › QQ ID Binding"), DeepLink: "weixin://",
		Impact: impactRows(),
		Replacements: []jieling.Replacement{
			{Rule: "A1", Provider: jieling.Phone, Title: both("手机号", "Phone"), Effort: jieling.Low, SecurityCost: jieling.Medium, Completeness: jieling.High, Note: both("运营商会把停用的号码重新放出（二次放号）：换号后请及时解绑。", "Carriers hand numbers out again: unlink a number you give up.")},
			{Rule: "A2", Provider: jieling.Email, Title: both("邮箱", "E-mail"), Effort: jieling.Medium, SecurityCost: jieling.High, Completeness: jieling.Low, Note: both("验证码可能来得晚。", "Codes may come late."), Have: true},
		},
		Risks: []jieling.Risk{
			{Rule: "R1", Title: both("隐私泄露", "Privacy leak"), Level: jieling.Low, Why: both("有缓存。", "A cache.")},
			{Rule: "R2", Title: both("账号被盗", "Account theft"), Level: jieling.Medium, Why: both("公共网络。", "Public networks.")},
			{Rule: "R3", Title: both("误操作", "Slips"), Level: jieling.High, Why: both("跳转多。", "Many jumps.")},
		},
		Advice:     []jieling.Because{{Rule: "R4", Text: both("先清理缓存。", "Clear the cache first.")}},
		Afterwards: []jieling.Text{both("账号保留。", "The account stays."), both("实名信息可能仍指向 QQ 号，需要另外清理。", "The real-name record may still point at the QQ number and is cleared separately.")},
		Steps:      []jieling.Text{both("验证支付密码", "Verify the payment password"), both("确认解绑", "Confirm")},
		Compare: []jieling.PlatformPlan{
			{Platform: jieling.IOS, Path: both("微信设置 › 账号与安全 › 账号安全", "WeChat Settings › Account & Security"), Requirement: jieling.AnyOf(jieling.AllOf(jieling.Need(jieling.SMSCode), jieling.Need(jieling.Face)), jieling.AllOf(jieling.Need(jieling.DeviceUnlock), jieling.Need(jieling.PaymentPIN))), Steps: 6, Assurance: jieling.Medium, Note: both("主要靠生物识别。", "It leans on biometrics.")},
			{Platform: jieling.Web, Refused: true, Note: both("请用手机。", "Please use a phone.")},
		},
		WaysInAfter: 1, Access: *sampleAccess(qq.ID, qq, phone),
	}
}

func sampleCase(next casework.Move, edit func(*CaseView)) CaseView {
	everything := jieling.AllOf(
		jieling.AnyOf(jieling.Need(jieling.DeviceUnlock), jieling.Need(jieling.Face)),
		jieling.Need(jieling.PaymentPIN), jieling.Need(jieling.SMSCode), jieling.Need(jieling.QRApproval), jieling.Need(jieling.DeviceLock), jieling.Need("document_review"),
	)
	v := CaseView{
		Case: jieling.Case{
			ID: "case_1", Account: "acc_1", Goal: jieling.Unlink, Binding: qq.ID, Provider: jieling.QQ, Platform: jieling.Android, Stage: jieling.StageOpen,
			Decision: jieling.Decision{
				Requirement: everything, Wait: 2 * time.Hour, Guard: 24 * time.Hour, Replacement: true, NeedPhone: true, Backup: true,
				Reasons: []jieling.Because{{Rule: "V1", Text: both("日常解绑。", "A routine unlinking.")}},
			},
			Impact: impactRows(), Signals: sampleSignals(), OpenedAt: noon, ExpiresAt: noon.Add(24 * time.Hour),
		},
		Next: next, Binding: qq, Others: []jieling.Binding{phone}, Account: "u1****42", Now: noon,
		Factors: []jieling.FactorState{
			{Factor: "document_review", Title: both("证件审核", "document review"), Enrolled: true},
			{Factor: jieling.PaymentPIN, Title: both("支付密码", "payment password"), Enrolled: true},
			{Factor: jieling.Face, Title: both("人脸核身", "face check"), Hint: both("先完成实名认证。", "Finish real-name verification first.")},
		},
	}
	v.Access = sampleAccess(qq.ID, qq, phone)
	if edit != nil {
		edit(&v)
	}
	return v
}

// organised asks what only an organisation gives.
func organised(v *CaseView) {
	v.Stage, v.Replaced, v.Backup = jieling.StageVerifying, true, jieling.BackupMade
	v.Decision.Requirement = jieling.Requirement{All: []jieling.Requirement{}}
	for _, f := range []jieling.Factor{jieling.AdminApproval, jieling.EnterpriseCertification, jieling.EnterpriseCertificate, jieling.MDM} {
		v.Decision.Requirement.All = append(v.Decision.Requirement.All, jieling.Need(f))
		v.Factors = append(v.Factors, jieling.FactorState{Factor: f, Title: both("企业的验证", "of the organisation: "+string(f)), Enrolled: true})
	}
}

func sampleOrg(l lang.Lang) OrgView {
	return OrgView{
		Organisation: jieling.Organisation{Name: l.Read(both("青禾科技", "Qinghe")), Mailbox: "li**@**.cn", CertifiedUntil: noon.Add(99 * time.Hour)},
		Requests:     []OrgRequest{{ID: "chl_1", Member: "u1****42", At: noon, Until: noon.Add(time.Hour)}, {ID: "chl_2", Member: "u2****07", At: noon, Until: noon.Add(time.Hour), Own: true}},
		Members:      []OrgMember{{Name: "u2****07", Role: jieling.OrgAdmin, WaysIn: 2}, {Name: "u1****42", Role: jieling.OrgMember, WaysIn: 3}},
		Devices: []OrgDevice{
			{Name: "iPhone 16", Member: "u1****42", ManagedDevice: jieling.ManagedDevice{Compliant: true, ReportedAt: noon, CertifiedTo: noon.Add(99 * time.Hour)}},
			{Name: "iPhone", Member: "u2****07", ManagedDevice: jieling.ManagedDevice{Compliant: false, ReportedAt: noon}},
			{Name: "iPhone 15", Member: "u2****07", ManagedDevice: jieling.ManagedDevice{Compliant: true, ReportedAt: noon.Add(-48 * time.Hour)}},
		},
		Now: noon,
	}
}

func sampleRequest(edit func(*OrgRequestView)) OrgRequestView {
	v := OrgRequestView{
		ID: "chl_1", Member: "u1****42", What: both("从账号解绑 QQ 12****4821", "unlink QQ 12****4821 from the account"), Reason: jieling.ReasonOrganisation,
		Platform: jieling.Android, Impact: impactRows(), WaysInAfter: 1, Version: 7, At: noon, Until: noon.Add(time.Hour), AskPIN: true, Now: noon,
	}
	if edit != nil {
		edit(&v)
	}
	return v
}

func question(f jieling.Factor, edit func(*Challenge)) Challenge {
	c := Challenge{Challenge: jieling.Challenge{
		ID: jieling.ChallengeID("chl_" + string(f)), Factor: f, Purpose: jieling.ForCase, State: jieling.ChallengeOpen, Limit: 5, Guesses: 1,
		IssuedAt: noon.Add(-20 * time.Second), ExpiresAt: noon.Add(4 * time.Minute),
	}}
	if edit != nil {
		edit(&c)
	}
	return c
}

func proofs(fs ...jieling.Factor) []jieling.Proof {
	var out []jieling.Proof
	for _, f := range fs {
		out = append(out, jieling.Proof{Factor: f, At: noon})
	}
	return out
}

func sampleLegs(states ...jieling.LegState) []jieling.Leg {
	names := []jieling.Text{both("QQ 钱包", "QQ Wallet"), both("游戏中心", "Game centre"), both("小程序", "Mini-programs"), both("实名服务", "Real-name service"), both("文件助手", "File helper"), both("名片", "Cards"), both("积分", "Points"), both("社区", "Community")}
	var out []jieling.Leg
	for i, s := range states {
		out = append(out, jieling.Leg{Participant: names[i].EN, Title: names[i], State: s, UpdatedAt: noon.Add(-time.Minute)})
	}
	return out
}

// consolePage is a page of the console.
func consolePage(p Page) Page {
	p.Signed, p.Console, p.Staff = false, true, Member{Name: "L7", Role: "operator", Rooms: []Room{{"/console", lang.NavPack}, {"/console/proofs", lang.NavProofs}, {"/console/explain", lang.NavExplain}, {"/console/simulate", lang.NavSimulation}}}
	return p
}

func samplePack() *policy.Pack {
	pack, err := policy.Shipped("qq-wechat")
	if err != nil {
		panic(err)
	}
	return pack
}

func sampleProofs(holds bool) []TimedProof {
	out := []TimedProof{{policy.Proof{Claim: "complete", Row: "V1", Holds: true}, 1500 * time.Microsecond}, {policy.Proof{Claim: "monotone", Row: "V4", Holds: holds}, time.Millisecond}}
	if !holds {
		asks := jieling.Decision{Requirement: jieling.Need(jieling.SMSCode), Wait: time.Hour, Reasons: []jieling.Because{{Rule: "V1"}}}
		out[1].Counter = &policy.Counterexample{What: policy.Said{Code: "asks_nothing"}, Sides: [2]policy.Side{
			{Title: policy.Said{Code: "calmer"}, Facts: []string{"network=known"}, Decision: asks, Holds: []jieling.Factor{jieling.SMSCode}},
			{Title: policy.Said{Code: "riskier"}, Facts: []string{"network=public"}, Decision: jieling.Decision{Refusals: []jieling.Because{{Rule: "V3"}}}},
		}}
	}
	return out
}

func sampleExplained() ExplainView {
	pack := samplePack()
	v := ExplainView{Pack: pack, Given: map[string]string{"platform": "ios", "goal": "unlink", "provider": "qq", "account_kind": "personal"}}
	for _, on := range jieling.Platforms {
		facts, err := pack.Facts(policy.Situation{Platform: on, Goal: jieling.Unlink, Provider: jieling.QQ, Kind: jieling.Personal})
		if err != nil {
			panic(err)
		}
		v.Rules, v.Sheets = pack.Explain(facts), append(v.Sheets, PlatformSheet{on, pack.Sheet(facts)})
	}
	return v
}

func sampleSimulated() SimulationView {
	d := jieling.Decision{Requirement: jieling.Need(jieling.Face), Guard: 24 * time.Hour, NeedPhone: true, Backup: true}
	t := &policy.Tally{Choice: policy.Choice{Size: 2}}
	t.Add("case_1", policy.Situation{Platform: jieling.Android}, d, policy.Trial{Change: policy.Less, Rules: []string{"V1"}, After: jieling.Decision{Requirement: jieling.Need(jieling.SMSCode), Replacement: true}})
	t.Add("case_2", policy.Situation{Platform: jieling.Web}, d, policy.Trial{Change: policy.Unjudged})
	t.Add("case_3", policy.Situation{Platform: jieling.Web}, d, policy.Trial{Change: policy.Unjudged})
	return SimulationView{Limit: 2000, Text: "pack: x", Outcome: &Simulated{Pack: samplePack(), Tally: t, Took: time.Second, Proofs: sampleProofs(false)}}
}

// sampleTurned is a later page of one group.
func sampleTurned() SimulationView {
	v := sampleSimulated()
	v.Outcome.Tally.Choice, v.Outcome.Proofs = policy.Choice{Outcome: "unjudged", After: "case_0", Size: 2}, nil
	return v
}

func samplePage(l lang.Lang) Page {
	return Page{Lang: l, Title: l.Say(lang.HomeTitle), Path: "/somewhere?from=app", Assets: assets, Idem: "token-of-this-rendering", Nonce: "bm9uY2U", Signed: true}
}

// sampleAccess is what the built-in template says of these logins when QQ goes, or as they stand.
func sampleAccess(leaving jieling.BindingID, ways ...jieling.Binding) *jieling.Access {
	t, err := access.Shipped()
	if err != nil {
		panic(err)
	}
	ways = slices.Clone(ways)
	for i := range ways {
		if ways[i].CreatedAt.IsZero() {
			ways[i].CreatedAt = noon
		}
	}
	a := t.Compare(access.Facts{Bindings: ways, SignedIn: true, Leaving: leaving, Now: noon}, []access.Residue{{Name: "left:wallet", Title: both("QQ 钱包", "QQ Wallet")}})
	return &a
}

// stale is a number nobody has proven for longer than the template trusts.
func stale(b jieling.Binding) jieling.Binding {
	b.VerifiedAt, b.CreatedAt = noon.Add(-1000*24*time.Hour), noon.Add(-1000*24*time.Hour)
	return b
}

type sample struct {
	name string
	page func(Page) templ.Component
}

// samples are all of them, by name.
func samples() []sample {
	out := append(reviewSamples(), []sample{
		{"console-signin", func(p Page) templ.Component { p.Signed, p.Console = false, true; return ConsoleSignIn(p, "L7") }},
		{"console-pack", func(p Page) templ.Component { return Pack(consolePage(p), PackView{Pack: samplePack()}) }},
		{"console-refused", func(p Page) templ.Component {
			return Pack(consolePage(p), PackView{Pack: samplePack(), Reading: Reading{At: noon, RefusedAt: noon, Refused: jieling.Text{ZH: "pack.yaml:3:1: 看不懂", EN: "pack.yaml:3:1: nonsense"}}})
		}},
		{"console-not-theirs", func(p Page) templ.Component {
			p = consolePage(p)
			p.Staff = Member{Name: "L7", Role: "reviewer", Rooms: []Room{{"/console", lang.NavPack}}}
			p.Notice = &Notice{Code: "forbidden", Text: p.Say(lang.ConsoleNotYours, "roles", p.Say(lang.RoleOperator), "role", p.Say(lang.RoleReviewer)), Next: p.Say(lang.ConsoleAskNobody)}
			return NotTheirs(p)
		}},
		{"console-proofs", func(p Page) templ.Component { return Proofs(consolePage(p), ProofsView{Pack: samplePack()}) }},
		{"console-proven", func(p Page) templ.Component {
			return Proofs(consolePage(p), ProofsView{Pack: samplePack(), Proofs: sampleProofs(true)})
		}},
		{"console-explain", func(p Page) templ.Component { return Explain(consolePage(p), ExplainView{Pack: samplePack()}) }},
		{"console-explained", func(p Page) templ.Component { return Explain(consolePage(p), sampleExplained()) }},
		{"console-simulate", func(p Page) templ.Component { return Simulation(consolePage(p), SimulationView{Limit: 2000}) }},
		{"console-broken", func(p Page) templ.Component {
			return Simulation(consolePage(p), SimulationView{Text: "pack: x", Limit: 2000, Broken: []policy.Problem{{Line: 1, Column: 7, Said: policy.Said{Code: "not_a_date"}}}})
		}},
		{"console-turned", func(p Page) templ.Component { return Simulation(consolePage(p), sampleTurned()) }},
		{"console-simulated", func(p Page) templ.Component { return Simulation(consolePage(p), sampleSimulated()) }},
		{"home", func(p Page) templ.Component { return Home(p, sampleHome(p.Lang)) }},
		{"home-one", func(p Page) templ.Component {
			return Home(p, HomeView{Account: jieling.Account{WaysIn: 1}, Bindings: []jieling.Binding{qq}, Now: noon})
		}},
		{"home-care", func(p Page) templ.Component { p.Care = true; return Home(p, sampleHome(p.Lang)) }},
		{"home-empty", func(p Page) templ.Component { return Home(p, HomeView{Now: noon}) }},
		{"home-weak", func(p Page) templ.Component {
			proven := mail
			proven.State = jieling.BindingActive
			return Home(p, HomeView{Account: jieling.Account{WaysIn: 2}, Bindings: []jieling.Binding{proven, {ID: "bnd_wc", Provider: jieling.WeCom, State: jieling.BindingActive}}, Now: noon})
		}},
		{"home-withdrawn", func(p Page) templ.Component {
			v := sampleHome(p.Lang)
			v.Account.WaysIn, v.SignIns, v.Bindings = 1, []jieling.Provider{jieling.WeChat, jieling.WeCom}, []jieling.Binding{phone}
			for i, k := range jieling.NoticeKinds[:5] {
				b := taken(k)
				b.ID += jieling.BindingID(strconv.Itoa(i))
				v.Bindings = append(v.Bindings, b)
			}
			return Home(p, v)
		}},
		{"home-stranded", func(p Page) templ.Component {
			v := HomeView{Account: jieling.Account{StrandedAt: noon}, Bindings: []jieling.Binding{taken(jieling.ConsentWithdrawn)}, SignIns: []jieling.Provider{jieling.WeChat}, Now: noon}
			v.CheckUp = aftercare.CheckUp{Verdict: aftercare.Urgent, Cards: []aftercare.Card{{Finding: aftercare.NoWayIn, Verdict: aftercare.Urgent, Count: 1}}}
			return Home(p, v)
		}},
		{"binding-withdrawn", func(p Page) templ.Component {
			v := sampleBinding()
			v.Binding, v.Home.SignIns = taken(jieling.AccountEnabled), []jieling.Provider{jieling.WeChat}
			return Binding(p, v)
		}},
		{"binding-deleted", func(p Page) templ.Component {
			v := sampleBinding()
			v.Binding = taken(jieling.AccountDeleted)
			return Binding(p, v)
		}},
		{"binding", func(p Page) templ.Component { return Binding(p, sampleBinding()) }},
		{"binding-care", func(p Page) templ.Component { p.Care = true; return Binding(p, sampleBinding()) }},
		{"binding-unasked", func(p Page) templ.Component {
			v := sampleBinding()
			v.Plan, v.Home.Account.Frozen = nil, true
			return Binding(p, v)
		}},
		{"binding-nothing", func(p Page) templ.Component {
			v := sampleBinding()
			v.Binding, v.Plan, v.Home.Account.WaysIn = phone, &jieling.Plan{}, 1
			return Binding(p, v)
		}},
		{"case-care", func(p Page) templ.Component {
			p.Care = true
			return Case(p, sampleCase(casework.MoveReplace, func(v *CaseView) { v.Plan = samplePlan() }))
		}},
		{"home-frozen", func(p Page) templ.Component {
			v := sampleHome(p.Lang)
			v.Account.Frozen, v.Cases = true, nil
			return Home(p, v)
		}},
		{"signin", func(p Page) templ.Component {
			p.Signed = false
			return SignIn(p, []jieling.Provider{jieling.QQ, jieling.WeChat})
		}},
		{"handoff", func(p Page) templ.Component { return Handoff(p, "hof_secret") }},
		{"unlink", func(p Page) templ.Component {
			p.Keep = "unlink"
			return Unlink(p, UnlinkView{Goal: jieling.Unlink, Binding: qq, Plan: samplePlan(), Reason: jieling.ReasonPrivacy})
		}},
		{"swap", func(p Page) templ.Component {
			return Unlink(p, UnlinkView{Goal: jieling.Replace, Binding: phone, Plan: samplePlan()})
		}},
		{"binding-phone", func(p Page) templ.Component {
			v := sampleBinding()
			v.Binding, v.Plan = phone, samplePlan()
			v.Plan.Replacements[0].Here = true
			return Binding(p, v)
		}},
		{"unlink-refused", func(p Page) templ.Component {
			plan := samplePlan()
			plan.Decision.Refusals = []jieling.Because{{Rule: "V3", Text: both("企业账号不能在网页上解绑，请用手机。", "An enterprise link cannot be unlinked on the web; use a phone.")}}
			return Unlink(p, UnlinkView{Goal: jieling.Unlink, Binding: qq, Plan: plan})
		}},
		{"devices", func(p Page) templ.Component { return SignedIn(p, sampleDevices()) }},
		{"devices-here-only", func(p Page) templ.Component {
			v := sampleDevices()
			v.Sessions = v.Sessions[:1]
			return SignedIn(p, v)
		}},
		{"devices-none", func(p Page) templ.Component { return SignedIn(p, DevicesView{Now: noon}) }},
		{"devices-frozen", func(p Page) templ.Component {
			v := sampleDevices()
			v.Account.Frozen = true
			return SignedIn(p, v)
		}},
		{"activity", func(p Page) templ.Component { return Activity(p, sampleActivity(p.Lang)) }},
		{"checkup", func(p Page) templ.Component { return CheckUp(p, sampleHome(p.Lang)) }},
		{"checkup-good", func(p Page) templ.Component {
			v := sampleHome(p.Lang)
			v.CheckUp = aftercare.CheckUp{Verdict: aftercare.Good, Unchecked: []aftercare.Unchecked{aftercare.Dependents}}
			return CheckUp(p, v)
		}},
		{"settings", func(p Page) templ.Component { return Settings(p, sampleSettings()) }},
		{"settings-locked", func(p Page) templ.Component {
			v := sampleSettings()
			v.Account.Settings = jieling.Settings{DeviceLock: true, NamedOnly: true, RemindersOff: true}
			v.Held, v.HeldUntil = both("账号在保护期内。", "The account is in its guarded window."), noon.Add(5*time.Hour)
			v.Bills[1].Said = "not_mine"
			return Settings(p, v)
		}},
		{"settings-silent", func(p Page) templ.Component {
			return Settings(p, SettingsView{Silent: []jieling.Text{both("游戏", "The game")}, Now: noon})
		}},
		{"settings-bare", func(p Page) templ.Component { return Settings(p, SettingsView{Now: noon}) }},
		{"settings-care", func(p Page) templ.Component { p.Care = true; return Settings(p, sampleSettings()) }},
		{"prove", func(p Page) templ.Component { return Prove(p, sampleProve(nil)) }},
		{"prove-nothing", func(p Page) templ.Component {
			v := sampleProve(nil)
			v.Factors = nil
			return Prove(p, v)
		}},
		{"prove-pin", func(p Page) templ.Component { return Prove(p, sampleProve(ask(jieling.PaymentPIN))) }},
		{"prove-sms", func(p Page) templ.Component { return Prove(p, sampleProve(ask(jieling.SMSCode))) }},
		{"prove-unlock", func(p Page) templ.Component { return Prove(p, sampleProve(ask(jieling.DeviceUnlock))) }},
		{"devices-due", func(p Page) templ.Component {
			v := sampleDevices()
			v.Due, v.Devices[1].LostAt, v.Devices[0].Named = true, noon.Add(-time.Hour), true
			return SignedIn(p, v)
		}},
		{"stolen", func(p Page) templ.Component { return Stolen(p, qq, jieling.Unlink) }},
		{"report", func(p Page) templ.Component { return Report(p, sampleReport(p.Lang, sampleCases()["clean"])) }},
		{"report-playbook", func(p Page) templ.Component { return Report(p, sampleReport(p.Lang, sampleCases()["step-through"])) }},
		{"report-running", func(p Page) templ.Component { return Report(p, sampleReport(p.Lang, sampleCases()["verify"])) }},
		{"report-undone", func(p Page) templ.Component {
			return Report(p, sampleReport(p.Lang, sampleCases()["ended-compensated"]))
		}},
		{"notme", func(p Page) templ.Component {
			return NotMe(p, NotMeView{Token: "t", Binding: qq, At: noon.Add(-time.Hour), Undo: true, Until: noon.Add(70 * time.Hour), Now: noon})
		}},
		{"notme-theft", func(p Page) templ.Component {
			return NotMe(p, NotMeView{Token: "t", Binding: qq, At: noon.Add(-time.Hour), Until: noon.Add(70 * time.Hour), Now: noon})
		}},
		{"notme-done", func(p Page) templ.Component { return NotMeDone(p, true) }},
		{"notme-frozen", func(p Page) templ.Component { return NotMeDone(p, false) }},
		{"notme-dead", func(p Page) templ.Component { return NotMeDead(p) }},
		{"hold", func(p Page) templ.Component {
			p.Signed = false
			return Hold(p, HoldView{Offered: []jieling.Provider{jieling.QQ}})
		}},
		{"hold-code", func(p Page) templ.Component { p.Signed = false; return Hold(p, HoldView{Phone: "+8613800000001"}) }},
		{"hold-done", func(p Page) templ.Component { p.Signed = false; return HoldDone(p) }},
		{"home-held", func(p Page) templ.Component {
			v := sampleHome(p.Lang)
			v.Account.HeldUntil = noon.Add(time.Hour)
			return Home(p, v)
		}},
		{"activity-none", func(p Page) templ.Component { return Activity(p, ActivityView{Now: noon}) }},
		{"home-office", func(p Page) templ.Component {
			v := sampleHome(p.Lang)
			v.Office = true
			return Home(p, v)
		}},
		{"org", func(p Page) templ.Component { return Org(p, sampleOrg(p.Lang)) }},
		{"org-empty", func(p Page) templ.Component {
			return Org(p, OrgView{Organisation: jieling.Organisation{Name: "1001"}, Now: noon})
		}},
		{"org-request", func(p Page) templ.Component { return OrgRequestPage(p, sampleRequest(nil)) }},
		{"org-request-lock", func(p Page) templ.Component {
			p.Script = "webauthn.js"
			return OrgRequestPage(p, sampleRequest(func(v *OrgRequestView) { v.Options = `{"publicKey":{}}` }))
		}},
		{"org-request-lock-alone", func(p Page) templ.Component {
			p.Script = "webauthn.js"
			return OrgRequestPage(p, sampleRequest(func(v *OrgRequestView) { v.AskPIN, v.Options, v.Impact = false, `{"publicKey":{}}`, nil }))
		}},
		{"org-request-none", func(p Page) templ.Component {
			return OrgRequestPage(p, sampleRequest(func(v *OrgRequestView) { v.AskPIN = false }))
		}},
		{"org-request-own", func(p Page) templ.Component {
			return OrgRequestPage(p, sampleRequest(func(v *OrgRequestView) { v.Refused = p.Say(lang.OrgOwn) }))
		}},
		{"others", func(p Page) templ.Component { return Others(p) }},
		{"freeze", func(p Page) templ.Component { return Freeze(p) }},
		{"frozen", func(p Page) templ.Component { return Frozen(p) }},
		{"enrol", func(p Page) templ.Component { return Enrol(p, `{"publicKey":{}}`, "c3RhdGU") }},
		{"enrol-nodevice", func(p Page) templ.Component { return Enrol(p, "", "") }},
		{"help", func(p Page) templ.Component { p.Signed = false; return Help(p, *samplePack().Playbook("stolen-qq")) }},
		{"problem", func(p Page) templ.Component {
			p.Notice = &Notice{Code: jieling.CodeNotFound, Text: p.Say(lang.ProblemNoPage), Next: p.Say(lang.Next(jieling.CodeNotFound))}
			p.Title = p.Say(lang.ProblemNotFound)
			return Problem(p, nil)
		}},
	}...)
	for name, v := range sampleApprovals() {
		out = append(out, sample{"approve-" + name, func(p Page) templ.Component { return Approve(p, v) }})
	}
	for name, v := range sampleCases() {
		out = append(out, sample{"case-" + name, func(p Page) templ.Component {
			p.Follow, p.Script = "/cases/case_1/events", "webauthn.js"
			return Case(p, v)
		}})
	}
	return out
}

func sampleBinding() BindingView {
	v := BindingView{Home: sampleHome(lang.EN), Binding: qq, Plan: samplePlan()}
	v.Home.Cases = nil
	v.Binding.CreatedAt, v.Binding.VerifiedAt = noon.Add(-1000*24*time.Hour), noon.Add(-100*24*time.Hour)
	return v
}

// sampleCheckUp has every finding there is.
func sampleCheckUp() aftercare.CheckUp {
	out := aftercare.CheckUp{Verdict: aftercare.Urgent, More: 2, Unchecked: []aftercare.Unchecked{aftercare.PhoneAge, aftercare.DeviceUse, aftercare.ProviderOf, aftercare.Services, aftercare.Dependents}}
	for i, item := range []aftercare.Item{
		aftercare.TwoWays, aftercare.StrongFactor, aftercare.DeviceLock, aftercare.NotFound, aftercare.NoPasswordFree, aftercare.DevicesReviewed, aftercare.Biometric, aftercare.NamedDevices,
	} {
		out.Ready = append(out.Ready, aftercare.Readiness{Item: item, State: []aftercare.State{aftercare.Ready, aftercare.Missing, aftercare.Unknown}[i%3]})
	}
	for i, f := range []aftercare.Finding{
		aftercare.Frozen, aftercare.NoWayIn, aftercare.UnknownSignIn, aftercare.SIMSwapped, aftercare.OneWayIn, aftercare.ResidueStands, aftercare.GrantStands, aftercare.NoStrongFactor,
		aftercare.PhoneStale, aftercare.WaySuspended, aftercare.DeviceUnused, aftercare.PasswordFree, aftercare.LockOff, aftercare.FoundByNumber, aftercare.ReviewDue,
		aftercare.NoBiometric, aftercare.ListOff,
	} {
		v := aftercare.Advised
		if i < 3 {
			v = aftercare.Urgent
		}
		out.Cards = append(out.Cards, aftercare.Card{Finding: f, Verdict: v, Binding: phone.ID, Case: "case_1", Count: 2})
	}
	return out
}

// sampleDeeds are every kind of deed there is a word for.
func sampleDeeds(l lang.Lang) []Deed {
	verbs := []string{
		"session.end", "session.end_others", "binding.add", "binding.prove", "case.replacement", "case.waive", "factor.enrol", "approval.reject", "device.add", "device.remove", "device.change", "account.settings", "account.review", "switch.ask", "switch.set",
		"account.freeze", "account.unfreeze", "account.register", "case.open", "case.confirm", "case.cancel", "case.undo", "case.cleanup", "case.prove", "case.restart",
	}
	var out []Deed
	for i, verb := range verbs {
		out = append(out, Deed{Seq: int64(40 - i), At: noon.Add(-time.Duration(i) * time.Hour), Verb: verb, About: "QQ 12****4821", Said: l.Say(lang.Deed(verb)), By: l.Say(lang.ByHere), Mine: i%2 == 0})
	}
	return out
}

func sampleReport(l lang.Lang, c CaseView) ReportView {
	out := ReportView{Case: c}
	for _, d := range sampleDeeds(l)[:4] {
		out.Rows = append(out.Rows, ReportRow{Seq: d.Seq, At: d.At, Said: d.Said, By: d.By, Hash: [32]byte{1, 2, 3}})
	}
	return out
}

func sampleActivity(l lang.Lang) ActivityView {
	return ActivityView{
		Kinds: []DeedKind{{"sign_in", lang.KindSignIn}, {"link", lang.KindLink}, {"others", lang.KindOthers}},
		Kind:  "link", Deeds: sampleDeeds(l), Before: 20, Paged: true, Now: noon,
	}
}

func sampleDevices() DevicesView {
	at := func(id, device string, through jieling.BindingID, here bool) Session {
		return Session{ID: jieling.SessionID(id), Device: jieling.DeviceID(device), Binding: through, On: jieling.Android, Since: noon.Add(-time.Hour), Until: noon.Add(11 * time.Hour), Here: here}
	}
	home := sampleHome(lang.EN)
	return DevicesView{
		Account: home.Account, Bindings: home.Bindings, Devices: home.Devices, This: home.This, Now: noon,
		Sessions: []Session{at("ses_1", "dev_1", "", true), at("ses_2", "dev_2", qq.ID, false), at("ses_3", "", qq.ID, false), at("ses_4", "dev_gone", "", false)},
	}
}

// sampleHistory holds every kind of event a person is told of, and some they are not.
func sampleHistory() []jieling.Event {
	var out []jieling.Event
	kinds := []string{
		"opened", "described", "proved", "submitted", "returned", "replaced", "backed_up", "waived", "confirmed", "time_reached", "leg_reported", "probed", "cleanup_asked", "residue_cleared",
		"cancelled", "undone", "frozen", "thawed", "carried",
	}
	for i, kind := range kinds {
		out = append(out, jieling.Event{Case: "case_1", Seq: int64(i + 1), Kind: kind, Stage: jieling.StageExecuting, At: noon.Add(time.Duration(i-30) * time.Minute)})
	}
	return out
}

func sampleHome(l lang.Lang) HomeView {
	return HomeView{
		Account:  jieling.Account{WaysIn: 2, RegisteredThrough: jieling.QQ, GuardedUntil: noon.Add(20 * time.Hour)},
		Bindings: []jieling.Binding{qq, phone, mail, wechat},
		Cases: []jieling.Case{
			{ID: "case_1", Binding: qq.ID, Provider: jieling.QQ, Stage: jieling.StageCoolingOff, CommitAfter: noon.Add(90 * time.Minute)},
			{ID: "case_2", Binding: "bnd_gone", Provider: jieling.WeChat, Stage: jieling.StageGuarded, GuardUntil: noon.Add(20 * time.Hour)},
		},
		Devices:    []jieling.Device{{ID: "dev_1", Name: "小米 14", Platform: jieling.Android, Trusted: true, LastSeen: noon}, {ID: "dev_2", Name: "iPhone", Platform: jieling.IOS}},
		This:       "dev_1",
		Enrolments: []jieling.Enrolment{{Factor: jieling.PaymentPIN, Label: "******"}},
		CheckUp:    sampleCheckUp(),
		Access:     sampleAccess("", qq, phone),
		Recent:     sampleDeeds(l)[:3],
		Now:        noon,
	}
}

func sampleApprovals() map[string]ApprovalView {
	v := ApprovalView{
		Code: "7k2m9q", State: jieling.ChallengeClaimed, What: both("解除 QQ（12****4821）与此账号的绑定", "Unlink QQ (12****4821) from this account"),
		From: jieling.Web, Account: "u1****42", Numbers: []int{17, 42, 88}, At: noon.Add(-10 * time.Second), Now: noon, Signed: true,
	}
	open, passed, failed, dead, unlock, either, lock := v, v, v, v, v, v, v
	unlock.AskPIN = true
	either.AskPIN, either.Options, lock.Options = true, `{"publicKey":{}}`, `{"publicKey":{}}`
	open.State, open.Numbers = jieling.ChallengeOpen, nil
	passed.State, failed.State, dead.State = jieling.ChallengePassed, jieling.ChallengeFailed, jieling.ChallengeDead
	return map[string]ApprovalView{"open": open, "choose": v, "unlock": unlock, "either": either, "lock": lock, "passed": passed, "failed": failed, "dead": dead, "signedout": {}}
}

// samplePlaybook is a shipped one, done up to a step, by whoever can vouch for each, and that step in a state.
func samplePlaybook(name string, at int, state jieling.StepState) *jieling.Playbook {
	p := samplePack().Playbook(name).Clone()
	for i := range p.Steps {
		s := &p.Steps[i]
		switch {
		case i > at:
			s.State = jieling.StepWaiting
		case i == at:
			s.State = state
		default:
			s.State, s.By = jieling.StepDone, jieling.ByWord
			if s.Does != "" {
				s.By = jieling.ByService
			} else if s.Check != "" {
				s.By = jieling.ByProvider
			}
		}
	}
	return p
}

func sampleCases() map[string]CaseView {
	leftover := []jieling.Residue{
		{ID: "realname", Participant: "wallet", Title: both("实名信息仍指向 QQ 号", "The real-name record still points at the QQ number"), Detail: both("在微信支付的实名认证里。", "In WeChat Pay, real-name."), Cleanable: true, Cleanup: both("清除后实名信息指向手机号。", "Afterwards it points at the phone."), FoundAt: noon},
		{ID: "asked", Participant: "mini", Title: both("小程序授权", "Mini-program permission"), Cleanable: true, FoundAt: noon, AskedAt: noon},
		{ID: "silent", Participant: "games", Title: both("游戏中心", "Game centre"), Unknown: true, FoundAt: noon},
		{ID: "yours", Participant: "cards", Title: both("名片上的 QQ", "QQ on your card"), FoundAt: noon},
		{ID: "gone", Participant: "files", Title: both("文件助手", "File helper"), FoundAt: noon, ClearedAt: noon},
	}
	guarded := func(v *CaseView) {
		v.Stage, v.RemovedAt, v.GuardUntil, v.ConfirmedAt = jieling.StageGuarded, noon.Add(-time.Hour), noon.Add(23*time.Hour), noon.Add(-2*time.Hour)
		v.Upstream, v.Legs = jieling.UpstreamUserAction, sampleLegs(jieling.LegVerified, jieling.LegResidue, jieling.LegUnanswered)
		v.Binding.State, v.Access = jieling.BindingRemoved, sampleAccess(qq.ID, qq, phone)
		v.Guide, v.History = both("打开 QQ，在“设置 › 隐私 › 授权管理”里移除。", "In QQ, open Settings › Privacy › Authorisations and remove it."), sampleHistory()
	}
	out := map[string]CaseView{
		"replace": sampleCase(casework.MoveReplace, func(v *CaseView) { v.Plan = samplePlan() }),
		"swap-phone": sampleCase(casework.MoveReplace, func(v *CaseView) {
			v.Goal, v.Binding, v.Case.Binding, v.Provider, v.Plan = jieling.Replace, phone, phone.ID, jieling.Phone, samplePlan()
		}),
		"swap-email": sampleCase(casework.MoveReplace, func(v *CaseView) {
			v.Goal, v.Provider, v.Plan = jieling.Replace, jieling.Email, samplePlan()
		}),
		"replace-code": sampleCase(casework.MoveReplace, func(v *CaseView) {
			v.Open = []Challenge{question(jieling.SMSCode, func(c *Challenge) { c.Purpose, c.To = jieling.ForReplacement, "****8000" })}
		}),
		"replace-mail": sampleCase(casework.MoveReplace, func(v *CaseView) {
			v.Plan = samplePlan()
			v.Plan.Replacements[1].Here = true
			v.Open = []Challenge{question(jieling.EmailCode, func(c *Challenge) {
				c.Purpose, c.To, c.Minutes, c.Late = jieling.ForReplacement, "l***@example.org", 30, true
			})}
		}),
		"backup":       sampleCase(casework.MoveBackUp, func(v *CaseView) { v.Replaced = true }),
		"backup-plain": sampleCase(casework.MoveBackUp, func(v *CaseView) { v.Impact = nil }),
		"verify":       sampleCase(casework.MoveVerify, func(v *CaseView) { v.Replaced, v.Backup, v.Plan = true, jieling.BackupMade, samplePlan() }),
		"verify-open": sampleCase(casework.MoveVerify, func(v *CaseView) {
			v.Stage, v.Replaced, v.Backup = jieling.StageVerifying, true, jieling.BackupMade
			v.Factors = v.Factors[:1]
			v.Open = []Challenge{
				question(jieling.PaymentPIN, func(c *Challenge) { c.Guesses = 4 }),
				question(jieling.SMSCode, func(c *Challenge) { c.To = "****8000" }),
				question(jieling.EmailCode, func(c *Challenge) { c.To, c.Minutes = "l***@example.com", 10 }),
				question(jieling.Face, func(c *Challenge) { c.Vendor = "https://face.example.test/go" }),
				question(jieling.DeviceUnlock, func(c *Challenge) { c.Options = `{"publicKey":{}}` }),
				question(jieling.QRApproval, func(c *Challenge) { c.Scan, c.Number = "http://127.0.0.1:8420/approve/7k2m9q3tv8x1c5b0n4dfgh6jrs", 42 }),
			}
		}),
		"verify-claimed": sampleCase(casework.MoveVerify, func(v *CaseView) {
			v.Proofs = proofs(jieling.PaymentPIN, jieling.SMSCode)
			v.Open = []Challenge{question(jieling.QRApproval, func(c *Challenge) {
				c.State, c.Scan, c.Number = jieling.ChallengeClaimed, "http://127.0.0.1:8420/approve/x", 42
			})}
		}),
		"verify-freeze": sampleCase(casework.MoveVerify, func(v *CaseView) {
			v.Stage, v.Replaced, v.Backup = jieling.StageVerifying, true, jieling.BackupMade
			v.Decision.Requirement = jieling.AllOf(jieling.Need(jieling.SMSCode), jieling.Need(jieling.AccountFreeze))
			v.Factors = append(v.Factors, jieling.FactorState{Factor: jieling.AccountFreeze, Enrolled: true})
			v.Proofs = proofs(jieling.SMSCode)
		}),
		"verify-freeze-last": sampleCase(casework.MoveVerify, func(v *CaseView) {
			v.Decision.Requirement = jieling.AllOf(jieling.Need(jieling.SMSCode), jieling.Need(jieling.AccountFreeze))
			v.Factors = append(v.Factors, jieling.FactorState{Factor: jieling.AccountFreeze, Enrolled: true})
		}),
		"verify-organisation": sampleCase(casework.MoveVerify, func(v *CaseView) { organised(v) }),
		"verify-organisation-asked": sampleCase(casework.MoveAwait, func(v *CaseView) {
			organised(v)
			v.Stage, v.Pending = jieling.StageAwaitingApproval, []jieling.Pending{{Factor: jieling.AdminApproval, Challenge: "chl_a", To: jieling.ByOrganisation}}
			v.Open = []Challenge{
				question(jieling.AdminApproval, func(c *Challenge) { c.Organisation, c.Hours, c.ExpiresAt = "1001", 72, noon.Add(72*time.Hour) }),
				question(jieling.EnterpriseCertificate, func(c *Challenge) {
					c.Message = "01 8160 2394 5048 81260 23945 048 1 60 239 4504 8 1 602 3945"
				}),
			}
		}),
		"verify-organisation-no": sampleCase(casework.MoveVerify, func(v *CaseView) {
			organised(v)
			v.Returned = []jieling.Returned{{Factor: jieling.AdminApproval, Reason: both("企业管理员没有同意：先交接。", "Your organisation's administrator said no: hand over first.")}}
		}),
		"verify-review": sampleCase(casework.MoveAwait, func(v *CaseView) { v.Stage = jieling.StageReviewing }),
		"verify-handing-in": sampleCase(casework.MoveVerify, func(v *CaseView) {
			v.Replaced, v.Backup = true, jieling.BackupMade
			sampleDetours(v)
			v.Open = []Challenge{sampleHandIn(jieling.DocumentReview), sampleHandIn(jieling.VideoInterview)}
			v.Returned = []jieling.Returned{{Factor: jieling.DocumentReview, Challenge: "chl_document_review", Reason: both("照片看不清。", "It cannot be read."), At: noon}}
		}),
		"verify-reviewing": sampleCase(casework.MoveAwait, func(v *CaseView) {
			v.Stage, v.Replaced, v.Backup = jieling.StageReviewing, true, jieling.BackupMade
			sampleDetours(v)
			v.Pending = []jieling.Pending{
				{Factor: jieling.DocumentReview, Challenge: "chl_1", To: jieling.ByStaff, At: noon, Until: noon.Add(72 * time.Hour)},
				{Factor: jieling.VideoInterview, Challenge: "chl_2", To: jieling.ByStaff, At: noon, Until: noon.Add(96 * time.Hour)},
			}
			v.Reviews = []jieling.Review{{Challenge: "chl_2", MeetAt: noon.Add(48 * time.Hour), Meeting: "https://meet.example.com/7"}}
		}),
		"verify-approval": sampleCase(casework.MoveAwait, func(v *CaseView) { v.Stage = jieling.StageAwaitingApproval }),
		"confirm": sampleCase(casework.MoveConfirm, func(v *CaseView) {
			v.Stage, v.Replaced, v.Backup = jieling.StageReady, true, jieling.BackupDeclined
			v.Proofs = proofs(jieling.PaymentPIN, jieling.SMSCode)
		}),
		"confirm-unsafe": sampleCase(casework.MoveConfirm, func(v *CaseView) {
			v.Replaced, v.Backup, v.Access = true, jieling.BackupMade, sampleAccess(qq.ID, qq, stale(phone))
		}),
		"confirm-unsafe-code": sampleCase(casework.MoveConfirm, func(v *CaseView) {
			v.Access = sampleAccess(qq.ID, qq, stale(phone))
			v.Open = []Challenge{question(jieling.SMSCode, func(c *Challenge) { c.Purpose, c.To = jieling.ForReplacement, "****8000" })}
		}),
		"confirm-waived": sampleCase(casework.MoveConfirm, func(v *CaseView) {
			v.Access = sampleAccess(qq.ID, qq, stale(phone))
			v.Waiver = &jieling.Waiver{Losses: v.Access.MustWaive, Reason: "138****8000", Template: v.Access.Template, At: noon}
		}),
		"confirm-plain": sampleCase(casework.MoveConfirm, func(v *CaseView) { v.Impact, v.Decision = nil, jieling.Decision{} }),
		"step": sampleCase(casework.MoveStep, func(v *CaseView) {
			v.Plan, v.Playbook = samplePlan(), samplePlaybook("stolen-qq", 1, jieling.StepReady)
		}),
		"step-unasked": sampleCase(casework.MoveStep, func(v *CaseView) { v.Playbook = samplePlaybook("stolen-qq", 1, jieling.StepFailed) }),
		"step-word":    sampleCase(casework.MoveStep, func(v *CaseView) { v.Playbook = samplePlaybook("work-and-personal", 0, jieling.StepReady) }),
		"step-app":     sampleCase(casework.MoveStep, func(v *CaseView) { v.Playbook = samplePlaybook("across-borders", 0, jieling.StepReady) }),
		"step-staff": sampleCase(casework.MoveStep, func(v *CaseView) {
			v.Playbook = samplePlaybook("work-and-personal", 0, jieling.StepReady)
			v.Playbook.Steps[0].Who = jieling.PerformerStaff
		}),
		"step-after": sampleCase(casework.MoveStep, func(v *CaseView) { guarded(v); v.Playbook = samplePlaybook("stolen-qq", 3, jieling.StepReady) }),
		"step-phone": sampleCase(casework.MoveStep, func(v *CaseView) { guarded(v); v.Playbook = samplePlaybook("across-borders", 2, jieling.StepReady) }),
		"step-phone-code": sampleCase(casework.MoveStep, func(v *CaseView) {
			guarded(v)
			v.Playbook = samplePlaybook("across-borders", 2, jieling.StepReady)
			v.Open = []Challenge{question(jieling.SMSCode, func(c *Challenge) { c.Purpose, c.To = jieling.ForReplacement, "****0123" })}
		}),
		"step-through": sampleCase(casework.MoveDone, func(v *CaseView) { guarded(v); v.Playbook = samplePlaybook("across-borders", 2, jieling.StepDeclined) }),
		"wait": sampleCase(casework.MoveWait, func(v *CaseView) {
			v.Stage, v.ConfirmedAt, v.CommitAfter, v.History = jieling.StageCoolingOff, noon, noon.Add(110*time.Minute), sampleHistory()[:6]
		}),
		"watch": sampleCase(casework.MoveWatch, func(v *CaseView) {
			v.Stage, v.ConfirmedAt = jieling.StageExecuting, noon
			v.Legs = sampleLegs(jieling.LegPlanned, jieling.LegPrepared, jieling.LegCommitted, jieling.LegVerified, jieling.LegResidue, jieling.LegRefused, jieling.LegCompensated, jieling.LegUnanswered)
		}),
		"watch-back": sampleCase(casework.MoveWatch, func(v *CaseView) {
			v.Stage, v.ConfirmedAt, v.Ending = jieling.StageExecuting, noon, both("你撤回了这次解绑。", "You undid it.")
			v.Legs = sampleLegs(jieling.LegVerified, jieling.LegCompensated)
		}),
		"watch-nobody": sampleCase(casework.MoveWatch, func(v *CaseView) { v.Stage, v.ConfirmedAt = jieling.StageExecuting, noon }),
		"clean":        sampleCase(casework.MoveClean, func(v *CaseView) { guarded(v); v.Residues = leftover }),
		"done":         sampleCase(casework.MoveDone, func(v *CaseView) { guarded(v); lookAfter(v); v.Upstream = jieling.UpstreamConfirmed }),
		"done-late":    sampleCase(casework.MoveDone, func(v *CaseView) { guarded(v); v.GuardUntil = noon; v.Upstream, v.Legs = "", nil }),
		"frozen":       sampleCase(casework.MoveThaw, func(v *CaseView) { v.Stage = jieling.StageFrozen }),
	}
	for _, s := range jieling.Stages {
		if s.Terminal() {
			out["ended-"+string(s)] = sampleCase(casework.MoveEnded, func(v *CaseView) {
				guarded(v)
				v.Stage, v.Ending, v.Upstream = s, both("你取消了。", "You cancelled."), jieling.UpstreamNoGrant
			})
		}
	}
	return out
}
