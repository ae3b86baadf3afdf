package sandbox

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling/client"
)

// Product is what WeChat's back end, the product here, knows about Jieling: where it is, the API key, and which account and
// device each person (by [Person.Key]) has there.
type Product struct {
	BaseURL  string
	APIKey   string
	Accounts map[string]string
	Devices  map[string]string
}

func (x *wechat) attach(p Product) {
	p.BaseURL = strings.TrimRight(p.BaseURL, "/")
	p.Accounts, p.Devices = maps.Clone(p.Accounts), maps.Clone(p.Devices)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.product = p
}

// handoff is the body of POST /v1/handoffs: the product vouches that this person is at this device, and gets a signed
// one-time address to send their browser to.
type handoff struct {
	Account  string `json:"account"`
	Platform string `json:"platform"`
	Device   string `json:"device,omitempty"`
	Next     string `json:"next,omitempty"`
}

func (x *wechat) snapshot() any {
	x.mu.Lock()
	defer x.mu.Unlock()
	people := map[string]wechatPerson{}
	for key, p := range x.people {
		people[key] = *p
	}
	return struct {
		People map[string]wechatPerson `json:"people"`
	}{people}
}

// qrPage asks who is holding the phone that scans, and whether they agree.
func (x *wechat) qrPage(w http.ResponseWriter, r *http.Request) {
	if wrong := x.qrError(r.URL.Query()); wrong.ZH != "" {
		x.tell(w, r, http.StatusOK, wrong)
		return
	}
	x.ask(w, r, func(v view) templ.Component {
		return v.consent(consent{
			Ask:    client.Text{ZH: "应用想用你的微信登录。谁来扫这个码？", EN: "The app wants to sign you in with WeChat. Who scans this code?"},
			Action: r.URL.RequestURI(), People: People(),
		})
	})
}

func (x *wechat) qrError(v url.Values) client.Text {
	target, err := url.Parse(v.Get("redirect_uri"))
	switch {
	case v.Get("appid") != x.appID:
		return client.Text{ZH: "AppID 参数错误", EN: "Wrong AppID"}
	case err != nil || target.Host == "" || (target.Scheme != "http" && target.Scheme != "https"):
		return client.Text{ZH: "redirect_uri 参数错误", EN: "Wrong redirect_uri"}
	case v.Get("response_type") != "code" || v.Get("scope") != "snsapi_login":
		return client.Text{ZH: "Scope 参数错误或没有 Scope 权限", EN: "Wrong scope or response_type"}
	}
	return client.Text{}
}

// phone is what the page of somebody\'s phone shows.
type phone struct {
	Person
	Settings wechatPerson
	Account  string // at the product; "" until that is attached
}

func (x *wechat) phonePage(w http.ResponseWriter, r *http.Request) {
	p, known := personByKey(r.PathValue("key"))
	if !known {
		http.NotFound(w, r)
		return
	}
	x.mu.Lock()
	shown := phone{p, *x.people[p.Key], x.product.Accounts[p.Key]}
	x.mu.Unlock()
	x.show(w, r, func(v view) templ.Component { return v.phone(shown) })
}

// open is the way into the security centre from the phone's settings, or from WeChat in a browser.
func (x *wechat) open(w http.ResponseWriter, r *http.Request) {
	platform := r.FormValue("platform")
	if !slices.Contains([]string{"android", "ios", "web"}, platform) {
		http.Error(w, "platform must be android, ios or web", http.StatusBadRequest)
		return
	}
	x.handOver(w, r, platform, r.FormValue("next"))
}

// approvalCode is what a scanned code looks like: bare, or at the end of the address in the QR picture.
func approvalCode(scanned string) (string, error) {
	code := strings.TrimSpace(scanned)
	if u, err := url.Parse(code); err == nil && strings.Contains(u.Path, "/") {
		if path.Base(path.Dir(u.Path)) != "approve" {
			return "", errors.New("not an approval code")
		}
		code = path.Base(u.Path)
	}
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{4,128}$`).MatchString(code) {
		return "", errors.New("not an approval code")
	}
	return code, nil
}

// scan opens the approval page on the phone, signed in as its owner.
func (x *wechat) scan(w http.ResponseWriter, r *http.Request) {
	p, known := personByKey(r.PathValue("key"))
	if !known {
		http.NotFound(w, r)
		return
	}
	code, err := approvalCode(r.FormValue("code"))
	if err != nil {
		x.tell(w, r, http.StatusBadRequest, client.Text{
			ZH: "这不是确认码。请扫安全中心网页上的二维码，或输入它下面的编号。",
			EN: "That is not an approval code. Scan the code on the security centre's page, or type the characters below it.",
		})
		return
	}
	x.handOver(w, r, p.Handset, "/approve/"+code)
}

// handOver asks Jieling for a hand-off and sends the browser there. A browser (platform web) is nobody's registered device.
func (x *wechat) handOver(w http.ResponseWriter, r *http.Request, platform, next string) {
	x.mu.Lock()
	product := x.product
	x.mu.Unlock()
	key := r.PathValue("key")
	account, attached := product.Accounts[key]
	if !attached {
		x.tell(w, r, http.StatusConflict, client.Text{
			ZH: "这个人还没有账号，或者产品还没有接上解铃。", EN: "This person has no account yet, or the product is not connected to Jieling.",
		})
		return
	}
	ask := handoff{Account: account, Platform: platform, Next: next}
	if platform != "web" {
		ask.Device = product.Devices[key]
	}
	target, err := product.handOff(r.Context(), x.http, ask)
	if err != nil {
		x.tell(w, r, http.StatusBadGateway, client.Text{
			ZH: "打不开安全中心：" + err.Error(), EN: "The security centre cannot be opened: " + err.Error(),
		})
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

func (p Product) handOff(ctx context.Context, hc *http.Client, ask handoff) (string, error) {
	body, err := json.Marshal(ask)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.BaseURL+"/v1/handoffs", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+p.APIKey)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", rand.Text())
	res, err := hc.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var answer struct {
		URL    string `json:"url"`
		Detail string `json:"detail"` // of a problem
	}
	err = json.NewDecoder(io.LimitReader(res.Body, bodyLimit)).Decode(&answer)
	if res.StatusCode/100 != 2 {
		return "", fmt.Errorf("%s %s", res.Status, answer.Detail)
	}
	if err != nil || answer.URL == "" {
		return "", errors.New("the hand-off came without an address")
	}
	base, err := url.Parse(p.BaseURL + "/")
	if err != nil {
		return "", err
	}
	target, err := base.Parse(answer.URL)
	if err != nil {
		return "", err
	}
	return target.String(), nil
}

// accountAct is what happens to a person's WeChat account: form field "act". Of what concerns their permissions WeChat tells the product.
func (x *wechat) accountAct(w http.ResponseWriter, r *http.Request) {
	key := r.PathValue("key")
	person, known := personByKey(key)
	if !known {
		http.NotFound(w, r)
		return
	}
	act := r.FormValue("act")
	if !x.happens(key, act) {
		http.Error(w, "act must be withdraw, close, password, restrict, unrestrict, snapshot or unsnapshot", http.StatusBadRequest)
		return
	}
	event := []string{"ToUserName", "gh_jieling000001", "FromUserName", "platform_push", "MsgType", "event", "OpenID", person.WeChatOpenID, "UnionID", person.WeChatUnionID, "AppID", x.appID}
	switch act {
	case "withdraw":
		x.push.tell(r.Context(), x.now(), eventXML(x.now(), append(event, "Event", "user_authorization_revoke", "RevokeInfo", "301")...))
	case "close":
		x.push.tell(r.Context(), x.now(), eventXML(x.now(), append(event, "Event", "user_authorization_cancellation")...))
	}
	back(w, r, "/phone/"+key)
}

// happens does it here, and reports whether there is such an act.
func (x *wechat) happens(key, act string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	p := x.people[key]
	switch act {
	case "withdraw": // the app's next call is answered 50001
		p.Granted = false
		x.void(key, wechatUserUnauth)
	case "close":
		p.Granted, p.Closed = false, true
		x.void(key, wechatUserUnauth)
	case "password": // both tokens are void: 42007
		x.void(key, wechatPasswordChanged)
	case "restrict":
		p.Restricted = true
	case "unrestrict":
		p.Restricted = false
	case "snapshot":
		p.Snapshot = true
	case "unsnapshot":
		p.Snapshot = false
	default:
		return false
	}
	return true
}

func (x *wechat) void(person string, why wechatError) {
	for _, t := range x.tokens {
		if t.person == person && t.void == wechatOK {
			t.void = why
		}
	}
}
