// Package qq is the connector for QQ Connect (graph.qq.com). QQ answers the same call as JSON, as JSONP or form-encoded, and
// its errors with HTTP status 200, so nothing is decided by status. Calls are GETs with secrets in the query, as documented;
// package outbound keeps those out of errors.
//
// QQ has no interface for taking a grant back and tells nobody when a person does: [Provider.Probe] asks.
package qq

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/outbound"
	"github.com/jieling-id/jieling/internal/provider"
)

var name = jieling.Text{ZH: "QQ", EN: "QQ"}

// Config says where QQ Connect is and who we are there.
type Config struct {
	BaseURL string // "https://graph.qq.com"
	AppID   string // digits
	Secret  string // the app key
	Union   bool   // the app was granted the unionid; without the grant QQ answers 100048
}

// Provider is QQ Connect.
type Provider struct {
	base   *url.URL
	config Config
	client *outbound.Client
}

var (
	_ provider.Provider = (*Provider)(nil)
	_ provider.Prober   = (*Provider)(nil)
	_ provider.Guide    = (*Provider)(nil)
)

// New checks the configuration.
func New(c Config) (*Provider, error) {
	base, err := outbound.Base(c.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("qq: %w", err)
	}
	if c.AppID == "" || c.Secret == "" {
		return nil, errors.New("qq: app ID and secret are needed")
	}
	return &Provider{base, c, outbound.New()}, nil
}

// AuthorizeURL asks for the profile only, which the label is made of.
func (p *Provider) AuthorizeURL(state, redirect string) string {
	return p.url("/oauth2.0/authorize", url.Values{
		"response_type": {"code"}, "client_id": {p.config.AppID}, "redirect_uri": {redirect}, "state": {state}, "scope": {"get_user_info"},
	})
}

// RevokeSteps is the way through QQ's own settings.
func (p *Provider) RevokeSteps() jieling.Text {
	return jieling.Text{
		ZH: "打开手机 QQ，进入 设置 › 隐私 › 授权管理，找到本应用，点“取消授权”。",
		EN: "In the QQ app, open Settings › Privacy › Authorised apps, find this app and tap “Cancel authorisation”.",
	}
}

// grant is what is kept of a sign-in, to probe it later.
type grant struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	OpenID       string `json:"openid"`
}

// Identify trades the code for tokens, asks whose they are, and for the nickname. Whose token it is, is believed only when
// QQ says that it was made for this app: a token minted for another would otherwise pass. The nickname is no more than a
// label, so a person who keeps it to themselves is identified all the same.
func (p *Provider) Identify(ctx context.Context, code, redirect string) (provider.Identity, error) {
	if code == "" {
		return provider.Identity{}, provider.BadCode(name, errors.New("no code"))
	}
	var g grant
	var e failure
	if e = p.get(ctx, "/oauth2.0/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {p.config.AppID}, "client_secret": {p.config.Secret},
		"code": {code}, "redirect_uri": {redirect}, "fmt": {"json"},
	}, &g); e.err != nil {
		return provider.Identity{}, e.onCode()
	}
	if g.AccessToken == "" {
		return provider.Identity{}, provider.Away(name, errors.New("token: the answer holds none"))
	}
	who, e := p.me(ctx, g.AccessToken, p.config.Union)
	if e.err != nil {
		return provider.Identity{}, e.onCode()
	}
	g.OpenID = who.OpenID
	label, err := p.nickname(ctx, g)
	if err != nil {
		return provider.Identity{}, err
	}
	kept, err := json.Marshal(g)
	if err != nil {
		return provider.Identity{}, fmt.Errorf("qq: keep the grant: %w", err)
	}
	return provider.Identity{Subject: who.OpenID, Union: who.UnionID, Label: label, Grant: kept}, nil
}

// holder is who a token belongs to.
type holder struct {
	ClientID string `json:"client_id"`
	OpenID   string `json:"openid"`
	UnionID  string `json:"unionid"`
}

func (p *Provider) me(ctx context.Context, token string, union bool) (holder, failure) {
	query := url.Values{"access_token": {token}, "fmt": {"json"}}
	if union {
		query.Set("unionid", "1")
	}
	var who holder
	if e := p.get(ctx, "/oauth2.0/me", query, &who); e.err != nil {
		return holder{}, e
	}
	switch {
	case who.ClientID != p.config.AppID:
		return holder{}, failure{err: errors.New("me: the token was not made for this app")}
	case who.OpenID == "", union && who.UnionID == "":
		return holder{}, failure{err: errors.New("me: the answer names nobody")}
	}
	return who, failure{}
}

// nickname is the masked label, or QQ's own name where the person or QQ keeps the nickname back.
func (p *Provider) nickname(ctx context.Context, g grant) (string, error) {
	var profile struct {
		Nickname string `json:"nickname"`
	}
	e := p.get(ctx, "/user/get_user_info", url.Values{
		"access_token": {g.AccessToken}, "oauth_consumer_key": {p.config.AppID}, "openid": {g.OpenID},
	}, &profile)
	label := provider.Mask(profile.Nickname)
	switch {
	case e.err != nil && e.code == 0:
		return "", provider.Away(name, e.err)
	case label == "":
		return name.ZH, nil
	}
	return label, nil
}

// Probe asks /oauth2.0/me. A token that ran out or that QQ no longer knows teaches nothing any more.
func (p *Provider) Probe(ctx context.Context, kept []byte) (provider.GrantState, error) {
	var g grant
	if err := json.Unmarshal(kept, &g); err != nil || g.AccessToken == "" {
		return "", errors.New("qq: probe: the grant cannot be read")
	}
	who, e := p.me(ctx, g.AccessToken, false)
	switch {
	case e.code == 100015, e.code == 100030:
		return provider.GrantWithdrawn, nil
	case e.code == 100013, e.code == 100014, e.code == 100016:
		return provider.GrantExpired, nil
	case e.err != nil:
		return "", provider.Away(name, e.err)
	case who.OpenID != g.OpenID:
		return "", provider.Away(name, errors.New("me: the token names somebody else"))
	}
	return provider.GrantStands, nil
}

// failure is what went wrong with one call: QQ's own code, where it gave one, and the error for the log.
type failure struct {
	code int
	err  error
}

// onCode tells, for the exchange of a sign-in code, the person's case from ours. QQ gives 100019 for a code it does not know
// and 100020 for one used before; 100015 and 100030 mean that the person took the grant back in the same moment.
func (f failure) onCode() error {
	switch f.code {
	case 100005, 100015, 100019, 100020, 100030:
		return provider.BadCode(name, f.err)
	}
	return provider.Away(name, f.err)
}

func (p *Provider) url(path string, query url.Values) string {
	u := p.base.JoinPath(path)
	u.RawQuery = query.Encode()
	return u.String()
}

// get makes one call and decodes its answer, in whichever of QQ's forms it comes.
func (p *Provider) get(ctx context.Context, path string, query url.Values, out any) failure {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url(path, query), nil)
	if err != nil {
		return failure{err: fmt.Errorf("%s: the request cannot be made", path)}
	}
	reply, err := p.client.Do(req)
	if err != nil {
		return failure{err: fmt.Errorf("%s: %w", path, err)}
	}
	body, err := plain(reply.Body)
	if err != nil {
		return failure{err: fmt.Errorf("%s: %w", path, err)}
	}
	var said struct {
		Error int `json:"error"`
		Ret   int `json:"ret"` // get_user_info's word for the same
	}
	if json.Unmarshal(body, &said) != nil || json.Unmarshal(body, out) != nil {
		return failure{err: fmt.Errorf("%s: the answer has another shape", path)}
	}
	if code := said.Error + said.Ret; code != 0 {
		return failure{code: code, err: fmt.Errorf("%s: error %d", path, code)}
	}
	return failure{}
}

// plain brings QQ's forms to one: callback( {…} ); loses its wrapping, and a=b&c=d becomes an object. An error arrives as
// JSONP even where success is form-encoded. Numbers may be strings in a form, so error is made a number again.
func plain(body []byte) ([]byte, error) {
	body = bytes.TrimSpace(provider.Tidy(body))
	if inner, ok := bytes.CutPrefix(body, []byte("callback(")); ok {
		end := bytes.LastIndexByte(inner, ')')
		if end < 0 {
			return nil, errors.New("the answer is cut off")
		}
		body = bytes.TrimSpace(inner[:end])
	}
	if bytes.HasPrefix(body, []byte("{")) {
		return body, nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || !form.Has("access_token") && !form.Has("error") {
		return nil, errors.New("the answer is neither JSON, JSONP nor a form")
	}
	object := map[string]any{}
	for key := range form {
		object[key] = form.Get(key)
	}
	if form.Has("error") {
		code, err := strconv.Atoi(form.Get("error"))
		if err != nil {
			return nil, errors.New("the answer has an error without a number")
		}
		object["error"] = code
	}
	return json.Marshal(object)
}
