package sandbox

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling/client"
)

// Lifetimes at WeCom.
const (
	wecomCodeLife  = 5 * time.Minute
	wecomTokenLife = 2 * time.Hour
)

// wecomError is an errcode of WeCom.
type wecomError int

// The codes this party answers with.
const (
	wecomOK          wecomError = 0
	wecomBadSecret   wecomError = 40001
	wecomBadCorp     wecomError = 40013
	wecomBadToken    wecomError = 40014
	wecomBadCode     wecomError = 40029
	wecomNoToken     wecomError = 41001
	wecomLateToken   wecomError = 42001
	wecomCodeUsed    wecomError = 42022
	wecomNotTrusted  wecomError = 50001
	wecomNotAllowed  wecomError = 60020
	wecomUnknownUser wecomError = 60111
)

func (e wecomError) text() string {
	return map[wecomError]string{
		wecomOK: "ok", wecomBadSecret: "invalid credential", wecomBadCorp: "invalid corpid", wecomBadToken: "invalid access_token",
		wecomBadCode: "invalid code", wecomNoToken: "access_token missing", wecomLateToken: "access_token expired", wecomCodeUsed: "code has been used",
		wecomNotTrusted: "redirect_url domain account is not trusted", wecomNotAllowed: "not allow to access from your ip", wecomUnknownUser: "userid not found",
		wecomBadParameter: "invalid parameter", wecomNoTemplate: "no approval auth",
	}[e]
}

// The states of a member.
const (
	wecomActive   = 1
	wecomDisabled = 2
	wecomLeft     = 5
)

// Colleague is somebody at the sandbox's organisation, or somebody its app may take for one.
type Colleague struct {
	Key    string
	Name   client.Text
	UserID string // "" for an outside contact
	OpenID string // of outside contacts
	Admin  bool   // of the organisation, also at the product
	Phone  string // E.164; "" for whoever has no account at the product
	PIN    string // the six-digit payment password
}

// Colleagues lists the sandbox's organisation, and two who are not in it: a customer, and a member of a linked corp.
func Colleagues() []Colleague {
	return []Colleague{
		{Key: "zhou", Name: client.Text{ZH: "周可", EN: "Zhou Ke"}, UserID: "zhouke", Phone: "+8613800000006", PIN: "648317"},
		{Key: "wu", Name: client.Text{ZH: "吴敏", EN: "Wu Min"}, UserID: "wumin", Admin: true, Phone: "+8613800000007", PIN: "385716"},
		{Key: "guest", Name: client.Text{ZH: "顾客老胡（外部联系人）", EN: "Hu, a customer (outside contact)"}, OpenID: "oJielingSandboxOutside000001"},
		{Key: "linked", Name: client.Text{ZH: "何溪（互联企业）", EN: "He Xi (a linked organisation)"}, UserID: "ww0000000000000002/hexi"},
	}
}

// Organisation is what the sandbox's corp is called.
func Organisation() client.Text { return client.Text{ZH: "青禾科技", EN: "Qinghe Technology"} }

// wecom plays WeCom for one corp and one app of it.
type wecom struct {
	*party
	corpID, agentID, secret string
	template, control       string // of the approval that the app may begin
	mu                      sync.Mutex
	token                   string
	expires                 time.Time
	codes                   map[string]*wecomCode
	approvals               []*wecomApproval
	status                  map[string]int // of members, by userid; one who is not here is not found
	push                    *push
}

type wecomCode struct {
	who    Colleague
	issued time.Time
	used   bool
}

func newWeCom(c Config, l *looks) *wecom {
	x := &wecom{
		party: newParty(WeCom, client.Text{ZH: "企业微信", EN: "WeCom"},
			client.Text{ZH: "企业微信的登录和通讯录，以及企业的管理后台。", EN: "WeCom's sign-in and members, and the organisation's admin console."},
			[]string{"gettoken", "getuserinfo", "get", "applyevent", "getapprovaldetail"}, c, l),
		corpID: c.Credentials.WeComCorpID, agentID: c.Credentials.WeComAgentID, secret: c.Credentials.WeComSecret,
		template: c.Credentials.WeComTemplate, control: "Text-1",
		codes: map[string]*wecomCode{}, status: map[string]int{},
	}
	x.push = newPush(c.Credentials.WeComToken, c.Credentials.WeComAESKey, x.corpID, c.Log)
	for _, m := range Colleagues() {
		if m.UserID != "" && m.Key != "linked" {
			x.status[m.UserID] = wecomActive
		}
	}
	x.state = x.snapshot
	x.wire("GET /wwlogin/sso/login", x.loginPage)
	x.wire("POST /wwlogin/sso/login", x.allow)
	x.wire("GET /connect/oauth2/authorize", x.loginPage)
	x.wire("POST /connect/oauth2/authorize", x.allow)
	x.wire("GET /cgi-bin/gettoken", x.getToken)
	x.wire("GET /cgi-bin/auth/getuserinfo", x.getUserInfo)
	x.wire("GET /cgi-bin/user/getuserinfo", x.getUserInfo)
	x.wire("GET /cgi-bin/user/get", x.getUser)
	x.wire("POST /cgi-bin/oa/applyevent", x.apply)
	x.wire("POST /cgi-bin/oa/getapprovaldetail", x.detail)
	x.page("GET /{$}", func(_ *http.Request, v view) templ.Component { return v.wecom(x.members(), x.asked()) })
	x.mux.HandleFunc("POST /approvals/{number}", x.decide)
	x.mux.HandleFunc("POST /members/{userid}", x.setMember)
	x.mux.HandleFunc("POST /token/forget", x.forgetToken)
	return x
}

func (x *wecom) snapshot() any {
	x.mu.Lock()
	defer x.mu.Unlock()
	status := map[string]int{}
	for userid, s := range x.status {
		status[userid] = s
	}
	approvals := map[string]int{}
	for _, a := range x.approvals {
		approvals[a.Number] = a.Status
	}
	return struct {
		Members   map[string]int `json:"members"`
		Approvals map[string]int `json:"approvals"`
	}{status, approvals}
}

// loginPage is the QR code of browsers and the question within WeCom, which only differ in their looks.
func (x *wecom) loginPage(w http.ResponseWriter, r *http.Request) {
	if wrong := x.loginError(r.URL.Query()); wrong.ZH != "" {
		x.tell(w, r, http.StatusOK, wrong)
		return
	}
	var people []Person
	for _, m := range Colleagues() {
		people = append(people, Person{Key: m.Key, Name: m.Name, GoodFor: Organisation()})
	}
	x.ask(w, r, func(v view) templ.Component {
		return v.consent(consent{
			Ask:    client.Text{ZH: "应用想用企业微信登录。谁来确认？", EN: "The app wants to sign somebody in with WeCom. Who confirms?"},
			Action: r.URL.RequestURI(), People: people,
		})
	})
}

func (x *wecom) loginError(v url.Values) client.Text {
	target, err := url.Parse(v.Get("redirect_uri"))
	switch {
	case v.Get("appid") != x.corpID || v.Get("agentid") != x.agentID:
		return client.Text{ZH: "appid 或 agentid 参数错误", EN: "Wrong appid or agentid"}
	case err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https":
		return client.Text{ZH: "redirect_uri 与应用的可信域名不一致（50001）", EN: "redirect_uri is not on the app's trusted domain (50001)"}
	case len(v.Get("state")) > 128:
		return client.Text{ZH: "state 参数错误", EN: "Wrong state"}
	}
	return client.Text{}
}

func (x *wecom) allow(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	if wrong := x.loginError(v); wrong.ZH != "" {
		x.tell(w, r, http.StatusOK, wrong)
		return
	}
	i := slices.IndexFunc(Colleagues(), func(m Colleague) bool { return m.Key == r.FormValue("person") })
	if r.FormValue("decision") != "allow" || i < 0 {
		x.tell(w, r, http.StatusOK, client.Text{ZH: "你没有同意登录。可以关闭这个页面。", EN: "You did not agree to sign in. You can close this page."})
		return
	}
	code := rand.Text()
	x.mu.Lock()
	x.codes[code] = &wecomCode{who: Colleagues()[i], issued: x.now()}
	x.mu.Unlock()
	redirectWith(w, r, v.Get("redirect_uri"), "code", code, "state", v.Get("state"), "appid", x.corpID)
}

// getToken gives the same token again while it is good, as WeCom does.
func (x *wecom) getToken(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch v := r.URL.Query(); {
	case has(r.Context(), FaultRefuse):
		writeWeCom(w, wecomNotAllowed, nil)
		return
	case v.Get("corpid") != x.corpID:
		writeWeCom(w, wecomBadCorp, nil)
		return
	case v.Get("corpsecret") != x.secret:
		writeWeCom(w, wecomBadSecret, nil)
		return
	}
	if now := x.now(); x.token == "" || !now.Before(x.expires) {
		x.token, x.expires = rand.Text(), now.Add(wecomTokenLife)
	}
	writeWeCom(w, wecomOK, map[string]any{"access_token": x.token, "expires_in": int(x.expires.Sub(x.now()).Seconds())})
}

// allowed looks at the app's token. refused is what this operation answers where it is set to refuse.
func (x *wecom) allowed(r *http.Request, refused wecomError) wecomError {
	switch token := r.URL.Query().Get("access_token"); {
	case token == "":
		return wecomNoToken
	case x.token == "" || token != x.token:
		return wecomBadToken
	case !x.now().Before(x.expires):
		return wecomLateToken
	case has(r.Context(), FaultRefuse):
		return refused
	}
	return wecomOK
}

// getUserInfo tells a member, a member of a linked corp and an outside contact apart by the shape of its answer alone. The older of its
// two paths writes names in Pascal case.
func (x *wecom) getUserInfo(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if e := x.allowed(r, wecomNotTrusted); e != wecomOK {
		writeWeCom(w, e, nil)
		return
	}
	c, known := x.codes[r.URL.Query().Get("code")]
	switch {
	case !known || x.now().Sub(c.issued) > wecomCodeLife:
		writeWeCom(w, wecomBadCode, nil)
		return
	case c.used:
		writeWeCom(w, wecomCodeUsed, nil)
		return
	}
	c.used = true
	old := r.URL.Path == "/cgi-bin/user/getuserinfo"
	switch {
	case c.who.UserID != "" && old:
		writeWeCom(w, wecomOK, map[string]any{"UserId": c.who.UserID, "DeviceId": ""})
	case c.who.UserID != "":
		writeWeCom(w, wecomOK, map[string]any{"userid": c.who.UserID})
	case old:
		writeWeCom(w, wecomOK, map[string]any{"OpenId": c.who.OpenID})
	default:
		writeWeCom(w, wecomOK, map[string]any{"openid": c.who.OpenID, "external_userid": "wm" + c.who.Key})
	}
}

func (x *wecom) getUser(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if e := x.allowed(r, wecomNotAllowed); e != wecomOK {
		writeWeCom(w, e, nil)
		return
	}
	userid := r.URL.Query().Get("userid")
	status, known := x.status[userid]
	if has(r.Context(), FaultLie) {
		status, known = wecomActive, true
	}
	if !known {
		writeWeCom(w, wecomUnknownUser, nil)
		return
	}
	i := slices.IndexFunc(Colleagues(), func(m Colleague) bool { return m.UserID == userid })
	writeWeCom(w, wecomOK, map[string]any{"userid": userid, "name": Colleagues()[i].Name.ZH, "department": []int{1}, "status": status})
}

type wecomMember struct {
	Colleague
	Status int
}

func (m wecomMember) Says() client.Text {
	return map[int]client.Text{
		wecomActive: {ZH: "已激活", EN: "active"}, wecomDisabled: {ZH: "已禁用", EN: "disabled"}, wecomLeft: {ZH: "已退出企业", EN: "left"}, 0: {ZH: "已删除", EN: "deleted"},
	}[m.Status]
}

func (x *wecom) members() (all []wecomMember) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, m := range Colleagues() {
		if m.UserID != "" && m.Key != "linked" {
			all = append(all, wecomMember{m, x.status[m.UserID]})
		}
	}
	return all
}

// setMember is the organisation's administrator at the admin console. WeCom tells the app of who joins and leaves, and not of who is disabled.
func (x *wecom) setMember(w http.ResponseWriter, r *http.Request) {
	status, known := map[string]int{"enable": wecomActive, "disable": wecomDisabled, "leave": wecomLeft, "delete": 0}[r.FormValue("act")]
	userid := r.PathValue("userid")
	member := slices.ContainsFunc(x.members(), func(m wecomMember) bool { return m.UserID == userid })
	if !known || !member {
		http.Error(w, "no such member or act", http.StatusBadRequest)
		return
	}
	x.mu.Lock()
	was := x.status[userid]
	if delete(x.status, userid); status != 0 {
		x.status[userid] = status
	}
	x.mu.Unlock()
	change := ""
	switch gone := was == 0 || was == wecomLeft; {
	case !gone && (status == 0 || status == wecomLeft):
		change = "delete_user"
	case gone && status == wecomActive:
		change = "create_user"
	}
	if change != "" {
		x.push.tell(r.Context(), x.now(), eventXML(x.now(), "ToUserName", x.corpID, "FromUserName", "sys", "MsgType", "event",
			"Event", "change_contact", "ChangeType", change, "UserID", userid))
	}
	back(w, r, "/")
}

// forgetToken voids the app's token before its time, as WeCom may.
func (x *wecom) forgetToken(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	x.token = ""
	x.mu.Unlock()
	back(w, r, "/")
}

func writeWeCom(w http.ResponseWriter, e wecomError, answer map[string]any) {
	if answer == nil {
		answer = map[string]any{}
	}
	message := e.text()
	if e != wecomOK {
		message = fmt.Sprintf("%s, hint: [%s], more info at https://open.work.weixin.qq.com/devtool/query?e=%d", message, rand.Text()[:16], e)
	}
	answer["errcode"], answer["errmsg"] = int(e), message
	writeJSON(w, answer)
}
