// Package wechat is the connector for WeChat's website login (open.weixin.qq.com, api.weixin.qq.com). Errors arrive with HTTP
// status 200 and are told by errcode alone: errmsg changes with every answer. Calls are GETs with secrets in the query, as
// documented; package outbound keeps those out of errors.
//
// WeChat has no interface for taking a grant back: [Provider.Probe] asks whether it stands.
package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/outbound"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/wxpush"
)

var name = jieling.Text{ZH: "微信", EN: "WeChat"}

// Config says where WeChat is and who we are there.
type Config struct {
	OpenURL string // where people confirm: "https://open.weixin.qq.com"
	APIURL  string // "https://api.weixin.qq.com"
	AppID   string
	Secret  string
	Push    Push             // the zero value listens to nothing
	Now     func() time.Time // nil means time.Now
}

// Provider is WeChat's website login.
type Provider struct {
	open, api *url.URL
	config    Config
	client    *outbound.Client
	push      *wxpush.Key // nil: nothing is listened to
}

var (
	_ provider.Provider = (*Provider)(nil)
	_ provider.Prober   = (*Provider)(nil)
	_ provider.Guide    = (*Provider)(nil)
)

// New checks the configuration.
func New(c Config) (*Provider, error) {
	open, openErr := outbound.Base(c.OpenURL)
	api, apiErr := outbound.Base(c.APIURL)
	if err := errors.Join(openErr, apiErr); err != nil {
		return nil, fmt.Errorf("wechat: %w", err)
	}
	if c.AppID == "" || c.Secret == "" {
		return nil, errors.New("wechat: app ID and secret are needed")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	push, err := c.listening()
	return &Provider{open, api, c, outbound.New(), push}, err
}

// AuthorizeURL keeps WeChat's order of parameters and ends in the fragment it insists on.
func (p *Provider) AuthorizeURL(state, redirect string) string {
	return p.open.JoinPath("/connect/qrconnect").String() + "?appid=" + url.QueryEscape(p.config.AppID) +
		"&redirect_uri=" + url.QueryEscape(redirect) + "&response_type=code&scope=snsapi_login&state=" + url.QueryEscape(state) + "#wechat_redirect"
}

// RevokeSteps is the way through WeChat's own settings.
func (p *Provider) RevokeSteps() jieling.Text {
	return jieling.Text{
		ZH: "打开微信，进入 我 › 设置 › 个人信息与权限 › 授权管理，找到本应用，点“解除授权”。",
		EN: "In WeChat, open Me › Settings › Personal information and permissions › Authorisation management, find this app and remove it.",
	}
}

// grant is what is kept of a sign-in, to probe it later.
type grant struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	OpenID       string `json:"openid"`
}

// Identify trades the code for tokens and an identity, and asks for the nickname. A snapshot user, the stand-in under which
// WeChat shows a page's preview, is nobody and is refused: it has been seen to carry a real person's identifiers.
func (p *Provider) Identify(ctx context.Context, code, _ string) (provider.Identity, error) {
	if code == "" {
		return provider.Identity{}, provider.BadCode(name, errors.New("no code"))
	}
	var told struct {
		grant
		UnionID  string `json:"unionid"`
		Snapshot int    `json:"is_snapshotuser"`
	}
	if e := p.get(ctx, "/sns/oauth2/access_token", url.Values{
		"appid": {p.config.AppID}, "secret": {p.config.Secret}, "code": {code}, "grant_type": {"authorization_code"},
	}, &told); e.err != nil {
		return provider.Identity{}, e.onCode()
	}
	switch {
	case told.Snapshot != 0:
		return provider.Identity{}, preview()
	case told.AccessToken == "" || told.OpenID == "":
		return provider.Identity{}, provider.Away(name, errors.New("access_token: the answer names nobody"))
	}
	label, err := p.nickname(ctx, told.grant)
	if err != nil {
		return provider.Identity{}, err
	}
	kept, err := json.Marshal(told.grant)
	if err != nil {
		return provider.Identity{}, fmt.Errorf("wechat: keep the grant: %w", err)
	}
	return provider.Identity{Subject: told.OpenID, Union: told.UnionID, Label: label, Grant: kept}, nil
}

// nickname is the masked label, or WeChat's own name where there is none to be had. 48001 is how a snapshot user shows who
// was not marked as one before.
func (p *Provider) nickname(ctx context.Context, g grant) (string, error) {
	var profile struct {
		OpenID   string `json:"openid"`
		Nickname string `json:"nickname"`
	}
	e := p.get(ctx, "/sns/userinfo", url.Values{"access_token": {g.AccessToken}, "openid": {g.OpenID}, "lang": {"zh_CN"}}, &profile)
	label := provider.Mask(profile.Nickname)
	switch {
	case e.code == 48001:
		return "", preview()
	case e.risky():
		return "", restricted(&provider.Warning{Subject: g.OpenID})
	case e.err != nil:
		return "", e.onCode()
	case profile.OpenID != g.OpenID:
		return "", provider.Away(name, errors.New("userinfo: the answer names somebody else"))
	case label == "":
		return name.ZH, nil
	}
	return label, nil
}

// Probe asks /sns/auth, which looks at the token and nothing else. Only 50001 says that the person took the grant back; a
// token that ran out, that a changed password voided (42007) or that WeChat no longer knows teaches nothing any more.
func (p *Provider) Probe(ctx context.Context, kept []byte) (provider.GrantState, error) {
	var g grant
	if err := json.Unmarshal(kept, &g); err != nil || g.AccessToken == "" {
		return "", errors.New("wechat: probe: the grant cannot be read")
	}
	var said struct {
		Code *int `json:"errcode"` // required here: an empty object is no yes
	}
	e := p.get(ctx, "/sns/auth", url.Values{"access_token": {g.AccessToken}, "openid": {g.OpenID}}, &said)
	switch e.code {
	case 50001:
		return provider.GrantWithdrawn, nil
	case 40001, 40003, 40014, 42001, 42002, 42007:
		return provider.GrantExpired, nil
	}
	if e.err == nil && said.Code == nil {
		e.err = errors.New("/sns/auth: the answer says nothing")
	}
	if e.err != nil {
		return "", provider.Away(name, e.err)
	}
	return provider.GrantStands, nil
}

func preview() error {
	return jieling.Refuse(jieling.CodeForbidden,
		"微信当前以预览身份打开页面，无法确认是你本人。请点“使用完整服务”后重试。",
		"WeChat opened this page under a preview identity, so it cannot be told who you are. Choose “Use full service” and try again.")
}

// failure is what went wrong with one call: WeChat's errcode, where it gave one, and the error for the log.
type failure struct {
	code int
	err  error
}

// onCode tells, for a sign-in, the person's case from ours.
func (f failure) onCode() error {
	switch f.code {
	case 40029, 40163, 41008, 50001, 42007:
		return provider.BadCode(name, f.err)
	case 40226, 50002:
		return restricted(f.err)
	}
	return provider.Away(name, f.err)
}

// risky reports a code by which WeChat says that it sees a risk in the person.
func (f failure) risky() bool { return f.code == 40226 || f.code == 50002 }

func restricted(err error) error {
	e := jieling.Refuse(jieling.CodeForbidden,
		"微信限制了这个账号的登录。请先在微信里解除限制。", "WeChat restricts this account. Please resolve that in WeChat first.")
	e.Err = fmt.Errorf("%s: %w", name.EN, err)
	return e
}

// Warned asks /sns/auth. Besides a restricted account, a password changed since (42007) is a warning: it may be a thief's.
func (p *Provider) Warned(ctx context.Context, kept []byte) (bool, error) {
	var g grant
	if err := json.Unmarshal(kept, &g); err != nil || g.AccessToken == "" {
		return false, errors.New("wechat: the grant cannot be read")
	}
	var said struct {
		Code *int `json:"errcode"`
	}
	e := p.get(ctx, "/sns/auth", url.Values{"access_token": {g.AccessToken}, "openid": {g.OpenID}}, &said)
	switch {
	case e.risky(), e.code == 42007:
		return true, nil
	case e.err != nil:
		return false, provider.Away(name, e.err)
	}
	return false, nil
}

// get makes one call. errcode is absent or 0 on success.
func (p *Provider) get(ctx context.Context, path string, query url.Values, out any) failure {
	u := p.api.JoinPath(path)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return failure{err: fmt.Errorf("%s: the request cannot be made", path)}
	}
	reply, err := p.client.Do(req)
	if err != nil {
		return failure{err: fmt.Errorf("%s: %w", path, err)}
	}
	body := provider.Tidy(reply.Body)
	var said struct {
		Code int `json:"errcode"`
	}
	if json.Unmarshal(body, &said) != nil || json.Unmarshal(body, out) != nil {
		return failure{err: fmt.Errorf("%s: the answer has another shape", path)}
	}
	if said.Code != 0 {
		return failure{code: said.Code, err: fmt.Errorf("%s: errcode %d", path, said.Code)}
	}
	return failure{}
}
