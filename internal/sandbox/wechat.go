package sandbox

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling/client"
)

// Lifetimes at the WeChat Open Platform, for a website app.
const (
	wechatCodeLife    = 10 * time.Minute
	wechatTokenLife   = 2 * time.Hour
	wechatRefreshLife = 30 * 24 * time.Hour
)

// wechatError is an errcode of WeChat.
type wechatError int

// The codes this party answers with.
const (
	wechatOK              wechatError = 0
	wechatBadCredential   wechatError = 40001
	wechatBadGrantType    wechatError = 40002
	wechatInvalidOpenID   wechatError = 40003
	wechatInvalidAppID    wechatError = 40013
	wechatInvalidCode     wechatError = 40029
	wechatInvalidRefresh  wechatError = 40030
	wechatInvalidSecret   wechatError = 40125
	wechatCodeUsed        wechatError = 40163
	wechatNoAccessToken   wechatError = 41001
	wechatNoAppID         wechatError = 41002
	wechatNoRefreshToken  wechatError = 41003
	wechatNoSecret        wechatError = 41004
	wechatNoCode          wechatError = 41008
	wechatNoOpenID        wechatError = 41009
	wechatTokenExpired    wechatError = 42001
	wechatRefreshExpired  wechatError = 42002
	wechatPasswordChanged wechatError = 42007
	wechatAPIUnauthorized wechatError = 48001
	wechatUserUnauth      wechatError = 50001
	wechatUserRestricted  wechatError = 50002
)

func (e wechatError) text() string {
	switch e {
	case wechatOK:
		return "ok"
	case wechatBadCredential:
		return "invalid credential, access_token is invalid or not latest"
	case wechatBadGrantType:
		return "invalid grant_type"
	case wechatInvalidOpenID:
		return "invalid openid"
	case wechatInvalidAppID:
		return "invalid appid"
	case wechatInvalidCode:
		return "invalid code"
	case wechatInvalidRefresh:
		return "invalid refresh_token"
	case wechatInvalidSecret:
		return "invalid appsecret"
	case wechatCodeUsed:
		return "code been used"
	case wechatNoAccessToken:
		return "access_token missing"
	case wechatNoAppID:
		return "appid missing"
	case wechatNoRefreshToken:
		return "refresh_token missing"
	case wechatNoSecret:
		return "appsecret missing"
	case wechatNoCode:
		return "missing code"
	case wechatNoOpenID:
		return "missing openid"
	case wechatTokenExpired:
		return "access_token expired"
	case wechatRefreshExpired:
		return "refresh_token expired"
	case wechatPasswordChanged:
		return "access_token and refresh_token exception caused by modified password"
	case wechatAPIUnauthorized:
		return "api unauthorized"
	case wechatUserUnauth:
		return "user unauthorized"
	case wechatUserRestricted:
		return "user limited"
	}
	return "system error"
}

// wechat plays the Open Platform's website sign-in and the WeChat app on each person's phone.
type wechat struct {
	*party
	appID, secret string
	http          *http.Client
	mu            sync.Mutex
	codes         map[string]*wechatCode
	tokens        map[string]*wechatToken // by access token
	people        map[string]*wechatPerson
	product       Product
	push          *push
}

type wechatCode struct {
	person string
	issued time.Time
	used   bool
}

type wechatToken struct {
	person, refresh  string
	expires, renewal time.Time
	void             wechatError // why WeChat took it back; wechatOK while it stands
}

// wechatPerson is what a person has set, or what has happened to their account, at WeChat.
type wechatPerson struct {
	Granted    bool `json:"granted"`
	Snapshot   bool `json:"snapshot"`   // WeChat shows apps a virtual user
	Restricted bool `json:"restricted"` // the platform limits the account
	Closed     bool `json:"closed"`     // they deleted it
}

func newWeChat(c Config, l *looks) *wechat {
	x := &wechat{
		party: newParty(WeChat, client.Text{ZH: "微信", EN: "WeChat"},
			client.Text{ZH: "微信网站登录，以及每个人手机上已登录的微信。", EN: "WeChat website sign-in, and the signed-in WeChat app on each person's phone."},
			[]string{"qrconnect", "access_token", "refresh_token", "auth", "userinfo"}, c, l),
		appID: c.Credentials.WeChatAppID, secret: c.Credentials.WeChatSecret,
		http:  &http.Client{Timeout: 10 * time.Second},
		codes: map[string]*wechatCode{}, tokens: map[string]*wechatToken{}, people: map[string]*wechatPerson{},
	}
	x.push = newPush(c.Credentials.WeChatToken, c.Credentials.WeChatAESKey, x.appID, c.Log)
	for _, p := range People() {
		x.people[p.Key] = &wechatPerson{}
	}
	x.state = x.snapshot
	x.wire("GET /connect/qrconnect", x.qrPage)
	x.wire("POST /connect/qrconnect", x.allow)
	x.wire("GET /sns/oauth2/access_token", x.exchange)
	x.wire("GET /sns/oauth2/refresh_token", x.refresh)
	x.wire("GET /sns/auth", x.auth)
	x.wire("GET /sns/userinfo", x.userInfo)
	x.page("GET /{$}", func(_ *http.Request, v view) templ.Component { return v.wechat(People()) })
	x.mux.HandleFunc("GET /phone/{key}", x.phonePage)
	x.mux.HandleFunc("POST /phone/{key}/open", x.open)
	x.mux.HandleFunc("POST /phone/{key}/scan", x.scan)
	x.mux.HandleFunc("POST /phone/{key}/account", x.accountAct)
	return x
}

// allow is the person's decision on the QR page. A person who refuses stays where they are: WeChat sends nobody back.
func (x *wechat) allow(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	person, known := personByKey(r.FormValue("person"))
	if wrong := x.qrError(v); wrong.ZH != "" {
		x.tell(w, r, http.StatusOK, wrong)
		return
	}
	if r.FormValue("decision") != "allow" || !known || has(r.Context(), FaultRefuse) {
		x.tell(w, r, http.StatusOK, client.Text{ZH: "你没有同意登录。可以关闭这个页面。", EN: "You did not agree to sign in. You can close this page."})
		return
	}
	code := rand.Text()
	x.mu.Lock()
	x.codes[code] = &wechatCode{person: person.Key, issued: x.now()}
	x.people[person.Key].Granted = true
	x.mu.Unlock()
	redirectWith(w, r, v.Get("redirect_uri"), "code", code, "state", v.Get("state"))
}

type wechatTokenAnswer struct {
	AccessToken  string `json:"access_token"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token"`
	OpenID       string `json:"openid"`
	Scope        string `json:"scope"`
	UnionID      string `json:"unionid,omitempty"`
	SnapshotUser int    `json:"is_snapshotuser,omitempty"`
}

func (x *wechat) exchange(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	x.mu.Lock()
	defer x.mu.Unlock()
	if e := x.exchangeError(v, has(r.Context(), FaultRefuse)); e != wechatOK {
		writeWeChatError(w, e)
		return
	}
	c := x.codes[v.Get("code")]
	c.used = true
	now := x.now()
	t := &wechatToken{person: c.person, refresh: rand.Text(), expires: now.Add(wechatTokenLife), renewal: now.Add(wechatRefreshLife)}
	access := rand.Text()
	x.tokens[access] = t
	answer := x.tokenAnswer(access, t)
	answer.UnionID = mustPerson(c.person).WeChatUnionID
	if x.people[c.person].Snapshot {
		answer.SnapshotUser = 1
	}
	writeWeChat(w, answer)
}

func (x *wechat) exchangeError(v url.Values, refuse bool) wechatError {
	switch {
	case v.Get("appid") == "":
		return wechatNoAppID
	case v.Get("appid") != x.appID:
		return wechatInvalidAppID
	case v.Get("secret") == "":
		return wechatNoSecret
	case v.Get("secret") != x.secret:
		return wechatInvalidSecret
	case v.Get("grant_type") != "authorization_code":
		return wechatBadGrantType
	case v.Get("code") == "":
		return wechatNoCode
	}
	c, known := x.codes[v.Get("code")]
	switch {
	case !known || x.now().Sub(c.issued) > wechatCodeLife:
		return wechatInvalidCode
	case c.used:
		return wechatCodeUsed
	case x.people[c.person].Restricted || x.people[c.person].Closed || refuse:
		return wechatUserRestricted
	}
	return wechatOK
}

// refresh needs no secret. While the access token is good it is given again with a longer life; otherwise a new one is made.
func (x *wechat) refresh(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	x.mu.Lock()
	defer x.mu.Unlock()
	access, t, e := x.refreshable(v)
	if e == wechatOK && has(r.Context(), FaultRefuse) {
		e = wechatUserRestricted
	}
	if e != wechatOK {
		writeWeChatError(w, e)
		return
	}
	now := x.now()
	if now.After(t.expires) {
		delete(x.tokens, access)
		access = rand.Text()
		x.tokens[access] = t
	}
	t.expires = now.Add(wechatTokenLife)
	writeWeChat(w, x.tokenAnswer(access, t))
}

func (x *wechat) refreshable(v url.Values) (string, *wechatToken, wechatError) {
	switch {
	case v.Get("appid") == "":
		return "", nil, wechatNoAppID
	case v.Get("appid") != x.appID:
		return "", nil, wechatInvalidAppID
	case v.Get("grant_type") != "refresh_token":
		return "", nil, wechatBadGrantType
	case v.Get("refresh_token") == "":
		return "", nil, wechatNoRefreshToken
	}
	for access, t := range x.tokens {
		if t.refresh != v.Get("refresh_token") {
			continue
		}
		if x.now().After(t.renewal) {
			return "", nil, wechatRefreshExpired
		}
		return access, t, t.void
	}
	return "", nil, wechatInvalidRefresh
}

func (x *wechat) tokenAnswer(access string, t *wechatToken) wechatTokenAnswer {
	return wechatTokenAnswer{
		AccessToken: access, ExpiresIn: int(t.expires.Sub(x.now()).Seconds()), RefreshToken: t.refresh,
		OpenID: mustPerson(t.person).WeChatOpenID, Scope: "snsapi_login",
	}
}

// holder finds the person of an access token. A lying WeChat says that a grant stands which the person took back.
func (x *wechat) holder(v url.Values, lie bool) (Person, wechatError) {
	access := v.Get("access_token")
	t, known := x.tokens[access]
	switch {
	case access == "":
		return Person{}, wechatNoAccessToken
	case v.Get("openid") == "":
		return Person{}, wechatNoOpenID
	case !known:
		return Person{}, wechatBadCredential
	case t.void != wechatOK && !lie:
		return Person{}, t.void
	case x.now().After(t.expires):
		return Person{}, wechatTokenExpired
	case v.Get("openid") != mustPerson(t.person).WeChatOpenID:
		return Person{}, wechatInvalidOpenID
	case x.people[t.person].Restricted && !lie:
		return Person{}, wechatUserRestricted
	}
	return mustPerson(t.person), wechatOK
}

func (x *wechat) auth(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	_, e := x.holder(r.URL.Query(), has(r.Context(), FaultLie))
	if e == wechatOK && has(r.Context(), FaultRefuse) {
		e = wechatUserRestricted
	}
	writeWeChatError(w, e)
}

func (x *wechat) userInfo(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	p, e := x.holder(r.URL.Query(), has(r.Context(), FaultLie))
	if e == wechatOK && (x.people[p.Key].Snapshot || has(r.Context(), FaultRefuse)) {
		e = wechatAPIUnauthorized
	}
	if e != wechatOK {
		writeWeChatError(w, e)
		return
	}
	writeWeChat(w, map[string]any{
		"openid": p.WeChatOpenID, "nickname": p.Name.ZH, "sex": 0, "language": "", "city": "", "province": "", "country": "",
		"headimgurl": "", "privilege": []string{}, "unionid": p.WeChatUnionID,
	})
}

// writeWeChatError adds the changing tail that WeChat puts behind its messages. Success has none.
func writeWeChatError(w http.ResponseWriter, e wechatError) {
	message := e.text()
	if e != wechatOK {
		message = fmt.Sprintf("%s, rid: %s", message, rand.Text()[:16])
	}
	writeWeChat(w, struct {
		Code    int    `json:"errcode"`
		Message string `json:"errmsg"`
	}{int(e), message})
}

// writeWeChat answers JSON under the content type WeChat uses for it.
func writeWeChat(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_ = json.NewEncoder(w).Encode(answer) // the reader has gone
}
