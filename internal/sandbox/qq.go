package sandbox

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling/client"
)

// Lifetimes at QQ Connect. The documentation and observations disagree about tokens; a connector must go by expires_in.
const (
	qqCodeLife  = 10 * time.Minute
	qqTokenLife = 90 * 24 * time.Hour
)

// qqError is a code of QQ Connect's table of return codes.
type qqError int

// The codes this party answers with.
const (
	qqNoResponseType  qqError = 100000
	qqNoClientID      qqError = 100001
	qqNoClientSecret  qqError = 100002
	qqNoGrantType     qqError = 100004
	qqNoCode          qqError = 100005
	qqNoRefreshToken  qqError = 100006
	qqNoAccessToken   qqError = 100007
	qqUnknownApp      qqError = 100008
	qqWrongKey        qqError = 100009
	qqWrongRedirect   qqError = 100010
	qqAppOffline      qqError = 100011
	qqTokenIllegal    qqError = 100013
	qqTokenExpired    qqError = 100014
	qqTokenRevoked    qqError = 100015
	qqTokenUnknown    qqError = 100016
	qqCodeFailed      qqError = 100019
	qqCodeUsed        qqError = 100020
	qqRefreshFailed   qqError = 100022
	qqNotPermitted    qqError = 100030
	qqAPIForbidden    qqError = 100031
	qqUnionIDDisabled qqError = 100048
	qqInvalidOpenID   qqError = -1
)

func (e qqError) text() string {
	switch e {
	case qqNoResponseType:
		return "param response_type is wrong or lost"
	case qqNoClientID:
		return "param client_id is wrong or lost"
	case qqNoClientSecret:
		return "param client_secret is wrong or lost"
	case qqNoGrantType:
		return "param grant_type is wrong or lost"
	case qqNoCode:
		return "param code is wrong or lost"
	case qqNoRefreshToken:
		return "param refresh token is wrong or lost"
	case qqNoAccessToken:
		return "param access token is wrong or lost"
	case qqUnknownApp:
		return "client_id is not exist"
	case qqWrongKey:
		return "client_secret is wrong"
	case qqWrongRedirect:
		return "redirect uri is illegal"
	case qqAppOffline:
		return "app is not online"
	case qqTokenIllegal:
		return "access token is illegal"
	case qqTokenExpired:
		return "access token is expired"
	case qqTokenRevoked:
		return "access token is revoked"
	case qqTokenUnknown:
		return "access token check failed"
	case qqCodeFailed:
		return "code to access token error"
	case qqCodeUsed:
		return "code is reused error"
	case qqRefreshFailed:
		return "refresh token to access token error"
	case qqNotPermitted:
		return "user has not permitted this api"
	case qqAPIForbidden:
		return "this api is not permitted for the app"
	case qqUnionIDDisabled:
		return "companyid not set"
	case qqInvalidOpenID:
		return "client request's parameters are invalid, invalid openid"
	}
	return "system error"
}

// qq plays QQ Connect and, on each person's page, QQ's own settings and security centre.
type qq struct {
	*party
	appID, appKey string
	mu            sync.Mutex
	codes         map[string]*qqCode
	tokens        map[string]*qqToken // by access token
	people        map[string]*qqPerson
	switches      qqSwitches
}

type qqCode struct {
	person, redirect string
	issued           time.Time
	used             bool
}

type qqToken struct {
	person, refresh string
	expires         time.Time
	revoked         bool
}

// qqPerson is what a person has set at QQ.
type qqPerson struct {
	Granted         bool `json:"granted"`          // the app may be signed in to
	ProfileRemoved  bool `json:"profile_removed"`  // the permission for the profile was taken back
	Frozen          bool `json:"frozen"`           // at the security centre: nobody signs in, and whoever was is out
	LoginProtection bool `json:"login_protection"` // playbook P1, last step
}

// qqSwitches are the app's settings in QQ's console.
type qqSwitches struct {
	UnionID bool `json:"unionid"` // the unionid capability was granted; otherwise 100048
	Online  bool `json:"online"`  // otherwise 100011
	Profile bool `json:"profile"` // the app may call get_user_info; otherwise 100031
}

func newQQ(c Config, l *looks) *qq {
	q := &qq{
		party: newParty(QQ, client.Text{ZH: "QQ", EN: "QQ"},
			client.Text{ZH: "QQ 互联登录，以及每个人自己的 QQ 设置与安全中心。", EN: "QQ Connect sign-in, and each person's own QQ settings and security centre."},
			[]string{"authorize", "token", "me", "get_user_info"}, c, l),
		appID: c.Credentials.QQAppID, appKey: c.Credentials.QQAppKey,
		codes: map[string]*qqCode{}, tokens: map[string]*qqToken{}, people: map[string]*qqPerson{},
		switches: qqSwitches{UnionID: true, Online: true, Profile: true},
	}
	for _, p := range People() {
		q.people[p.Key] = &qqPerson{}
	}
	q.state = q.snapshot
	q.wire("GET /oauth2.0/authorize", q.authorizePage)
	q.wire("POST /oauth2.0/authorize", q.authorize)
	q.wire("GET /oauth2.0/token", q.token)
	q.wire("GET /oauth2.0/me", q.me)
	q.wire("GET /user/get_user_info", q.userInfo)
	q.page("GET /{$}", func(_ *http.Request, v view) templ.Component { return v.qq(q.cast()) })
	q.mux.HandleFunc("GET /people/{key}", q.personPage)
	q.mux.HandleFunc("POST /people/{key}", q.personAct)
	q.mux.HandleFunc("POST /_switch", q.flip)
	return q
}

// authorizeError checks what the browser brought from the app.
func (q *qq) authorizeError(v url.Values) (qqError, bool) {
	target, err := url.Parse(v.Get("redirect_uri"))
	switch {
	case v.Get("response_type") != "code":
		return qqNoResponseType, true
	case v.Get("client_id") == "":
		return qqNoClientID, true
	case v.Get("client_id") != q.appID:
		return qqUnknownApp, true
	case err != nil || target.Host == "" || (target.Scheme != "http" && target.Scheme != "https"):
		return qqWrongRedirect, true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return qqAppOffline, !q.switches.Online
}

// authorize is the person's decision on the authorise page.
func (q *qq) authorize(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	if code, wrong := q.authorizeError(v); wrong {
		q.tell(w, r, http.StatusOK, qqMessage(code))
		return
	}
	person, known := personByKey(r.FormValue("person"))
	if r.FormValue("decision") != "allow" || !known || has(r.Context(), FaultRefuse) {
		q.cancelled(w, r, v)
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	settings := q.people[person.Key]
	if settings.Frozen {
		q.tell(w, r, http.StatusOK, client.Text{
			ZH: "这个 QQ 号已在安全中心冻结，暂时不能登录。", EN: "This QQ number was frozen at the security centre; nobody can sign in with it.",
		})
		return
	}
	settings.Granted, settings.ProfileRemoved = true, false
	code := strings.ToUpper(rand.Text())
	q.codes[code] = &qqCode{person: person.Key, redirect: v.Get("redirect_uri"), issued: q.now()}
	redirectWith(w, r, v.Get("redirect_uri"), "code", code, "state", v.Get("state"))
}

// cancelled: the mobile page comes back with usercancel, the desktop window just closes.
func (q *qq) cancelled(w http.ResponseWriter, r *http.Request, v url.Values) {
	if v.Get("display") == "mobile" {
		redirectWith(w, r, v.Get("redirect_uri"), "usercancel", "1", "state", v.Get("state"))
		return
	}
	q.tell(w, r, http.StatusOK, client.Text{ZH: "你没有同意授权。可以关闭这个窗口。", EN: "You did not agree. You can close this window."})
}

func redirectWith(w http.ResponseWriter, r *http.Request, target string, pairs ...string) {
	u, err := url.Parse(target)
	if err != nil {
		http.Error(w, "redirect_uri", http.StatusBadRequest)
		return
	}
	q := u.Query()
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	u.RawQuery = q.Encode()
	http.Redirect(w, r, u.String(), http.StatusFound)
}

// token answers form-encoded, or JSON with fmt=json; its errors are JSONP, or JSON with fmt=json; always with status 200.
func (q *qq) token(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	answer, code, wrong := q.issue(v, has(r.Context(), FaultRefuse))
	if wrong {
		writeQQ(w, v, qqFailure(code))
		return
	}
	if v.Get("fmt") == "json" {
		writeQQ(w, v, answer)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	form := fmt.Sprintf("access_token=%s&expires_in=%d&refresh_token=%s", answer.AccessToken, answer.ExpiresIn, answer.RefreshToken)
	if answer.OpenID != "" {
		form += "&openid=" + answer.OpenID
	}
	_, _ = io.WriteString(w, form)
}

type qqTokenAnswer struct {
	AccessToken  string `json:"access_token"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token"`
	OpenID       string `json:"openid,omitempty"`
}

func (q *qq) issue(v url.Values, refuse bool) (qqTokenAnswer, qqError, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case v.Get("client_id") == "":
		return qqTokenAnswer{}, qqNoClientID, true
	case v.Get("client_secret") == "":
		return qqTokenAnswer{}, qqNoClientSecret, true
	case v.Get("client_id") != q.appID:
		return qqTokenAnswer{}, qqUnknownApp, true
	case v.Get("client_secret") != q.appKey:
		return qqTokenAnswer{}, qqWrongKey, true
	case !q.switches.Online || refuse:
		return qqTokenAnswer{}, qqAppOffline, true
	}
	person, code, wrong := "", qqNoGrantType, true
	switch v.Get("grant_type") {
	case "authorization_code":
		person, code, wrong = q.redeem(v)
	case "refresh_token":
		person, code, wrong = q.renew(v.Get("refresh_token"))
	}
	if wrong {
		return qqTokenAnswer{}, code, true
	}
	t := &qqToken{person: person, refresh: rand.Text(), expires: q.now().Add(qqTokenLife)}
	access := rand.Text()
	q.tokens[access] = t
	answer := qqTokenAnswer{AccessToken: access, ExpiresIn: int(qqTokenLife.Seconds()), RefreshToken: t.refresh}
	if v.Get("need_openid") == "1" {
		answer.OpenID = mustPerson(person).QQOpenID
	}
	return answer, 0, false
}

// redeem uses a code up. Of the codes QQ documents only re-use has a number of its own.
func (q *qq) redeem(v url.Values) (person string, code qqError, wrong bool) {
	if v.Get("code") == "" {
		return "", qqNoCode, true
	}
	c, known := q.codes[v.Get("code")]
	switch {
	case !known || q.now().Sub(c.issued) > qqCodeLife || q.people[c.person].Frozen:
		return "", qqCodeFailed, true
	case c.used:
		return "", qqCodeUsed, true
	case c.redirect != v.Get("redirect_uri"):
		return "", qqWrongRedirect, true
	}
	c.used = true
	return c.person, 0, false
}

// renew retires the old pair.
func (q *qq) renew(refresh string) (person string, code qqError, wrong bool) {
	if refresh == "" {
		return "", qqNoRefreshToken, true
	}
	for access, t := range q.tokens {
		if t.refresh == refresh && !t.revoked {
			delete(q.tokens, access)
			return t.person, 0, false
		}
	}
	return "", qqRefreshFailed, true
}

// holder finds the person of an access token, or says what is wrong with it. A lying QQ says that a grant stands which the
// person took back.
func (q *qq) holder(access string, lie bool) (person string, code qqError, wrong bool) {
	t, known := q.tokens[access]
	switch {
	case access == "":
		return "", qqNoAccessToken, true
	case len(access) < 16:
		return "", qqTokenIllegal, true
	case !known:
		return "", qqTokenUnknown, true
	case t.revoked && !lie:
		return "", qqTokenRevoked, true
	case q.now().After(t.expires):
		return "", qqTokenExpired, true
	}
	return t.person, 0, false
}

func (q *qq) me(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	q.mu.Lock()
	defer q.mu.Unlock()
	person, code, wrong := q.holder(v.Get("access_token"), has(r.Context(), FaultLie))
	switch {
	case has(r.Context(), FaultRefuse):
		writeQQ(w, v, qqFailure(qqAPIForbidden))
		return
	case wrong:
		writeQQ(w, v, qqFailure(code))
		return
	case v.Get("unionid") == "1" && !q.switches.UnionID:
		writeQQ(w, v, qqFailure(qqUnionIDDisabled))
		return
	}
	p := mustPerson(person)
	answer := struct {
		ClientID string `json:"client_id"`
		OpenID   string `json:"openid"`
		UnionID  string `json:"unionid,omitempty"`
	}{ClientID: q.appID, OpenID: p.QQOpenID}
	if v.Get("unionid") == "1" {
		answer.UnionID = p.QQUnionID
	}
	writeQQ(w, v, answer)
}

func (q *qq) userInfo(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	q.mu.Lock()
	defer q.mu.Unlock()
	person, code, wrong := q.holder(v.Get("access_token"), has(r.Context(), FaultLie))
	switch {
	case wrong:
	case v.Get("oauth_consumer_key") != q.appID:
		code, wrong = qqUnknownApp, true
	case !q.switches.Profile || has(r.Context(), FaultRefuse):
		code, wrong = qqAPIForbidden, true
	case q.people[person].ProfileRemoved && !has(r.Context(), FaultLie):
		code, wrong = qqNotPermitted, true
	case v.Get("openid") != mustPerson(person).QQOpenID:
		code, wrong = qqInvalidOpenID, true
	}
	if wrong {
		writeJSON(w, struct {
			Ret int    `json:"ret"`
			Msg string `json:"msg"`
		}{int(code), code.text()})
		return
	}
	writeJSON(w, qqProfile(mustPerson(person)))
}

// qqProfile mixes numbers and strings as QQ does.
func qqProfile(p Person) map[string]any {
	return map[string]any{
		"ret": 0, "msg": "", "is_lost": 0, "nickname": p.Name.ZH, "gender": "男", "gender_type": 2, "province": "", "city": "", "year": "1990",
		"constellation": "", "figureurl": "", "figureurl_1": "", "figureurl_2": "", "figureurl_qq_1": "", "figureurl_qq_2": "",
		"figureurl_qq": "", "figureurl_type": "1", "is_yellow_vip": "0", "vip": "0", "yellow_vip_level": "0", "level": "0", "is_yellow_year_vip": "0",
	}
}

type qqFailed struct {
	Error       int    `json:"error"`
	Description string `json:"error_description"`
}

func qqFailure(e qqError) qqFailed { return qqFailed{int(e), e.text()} }

// writeQQ answers in JSON with fmt=json and otherwise in JSONP, with as many spaces inside as QQ feels like.
func writeQQ(w http.ResponseWriter, v url.Values, answer any) {
	if v.Get("fmt") == "json" {
		writeJSON(w, answer)
		return
	}
	body, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	space := func() string { return strings.Repeat(" ", mathrand.IntN(4)) }
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, "callback(%s%s%s);\n", space(), body, space())
}

// mustPerson finds one of the cast by a key that this package wrote itself.
func mustPerson(key string) Person {
	p, _ := personByKey(key)
	return p
}
