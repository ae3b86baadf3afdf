// Package wecom is the connector for WeCom (企业微信; login.work.weixin.qq.com, open.weixin.qq.com, qyapi.weixin.qq.com), for an app
// that an organisation made for itself. Who somebody is there is (corp, userid): a bare userid is unique within its corp and says
// nothing outside it. Errors arrive with HTTP status 200 and are told by errcode alone.
//
// Success of a sign-in is not membership: WeCom answers errcode 0 for customers and for people of linked corps as well, and only the
// shape of the answer tells them apart ([Provider.Identify]). A member who is disabled is not announced; [Provider.Probe] asks.
package wecom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/outbound"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/wxpush"
)

var name = jieling.Text{ZH: "企业微信", EN: "WeCom"}

// Config says where WeCom is and which app of which corp we are there.
type Config struct {
	LoginURL string // where people confirm in a browser: "https://login.work.weixin.qq.com"
	OpenURL  string // where they confirm within WeCom: "https://open.weixin.qq.com"; "" sends everybody to LoginURL
	APIURL   string // "https://qyapi.weixin.qq.com"
	CorpID   string
	AgentID  string
	Secret   string           // the app's, not the corp's
	Template string           // of the approval that members' requests begin; "" leaves them to the administrators' own pages
	Control  string           // the ID of the text field in it: "Text-1"
	Push     Push             // the zero value listens to nothing
	Now      func() time.Time // nil means time.Now
}

// Provider is WeCom's login for the members of one corp.
type Provider struct {
	login, open, api *url.URL
	config           Config
	client           *outbound.Client
	token            tokenCache
	push             *wxpush.Key // nil: nothing is listened to
}

var (
	_ provider.Provider = (*Provider)(nil)
	_ provider.Prober   = (*Provider)(nil)
	_ provider.Guide    = (*Provider)(nil)
	_ provider.Within   = (*Provider)(nil)
)

// New checks the configuration.
func New(c Config) (*Provider, error) {
	if c.OpenURL == "" {
		c.OpenURL = c.LoginURL
	}
	login, loginErr := outbound.Base(c.LoginURL)
	open, openErr := outbound.Base(c.OpenURL)
	api, apiErr := outbound.Base(c.APIURL)
	if err := errors.Join(loginErr, openErr, apiErr); err != nil {
		return nil, fmt.Errorf("wecom: %w", err)
	}
	if c.CorpID == "" || c.AgentID == "" || c.Secret == "" {
		return nil, errors.New("wecom: corp ID, agent ID and the app's secret are needed")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	push, err := c.listening()
	return &Provider{login: login, open: open, api: api, config: c, client: outbound.New(), push: push}, err
}

// AuthorizeURL is the road for browsers: a QR code that the member scans with WeCom, or a tap where WeCom is on the same machine.
func (p *Provider) AuthorizeURL(state, redirect string) string {
	return p.login.JoinPath("/wwlogin/sso/login").String() + "?login_type=CorpApp&appid=" + url.QueryEscape(p.config.CorpID) +
		"&agentid=" + url.QueryEscape(p.config.AgentID) + "&redirect_uri=" + url.QueryEscape(redirect) + "&state=" + url.QueryEscape(state)
}

// AuthorizeWithinURL is the road for pages that WeCom itself has open. The fragment is WeCom's wish.
func (p *Provider) AuthorizeWithinURL(state, redirect string) string {
	return p.open.JoinPath("/connect/oauth2/authorize").String() + "?appid=" + url.QueryEscape(p.config.CorpID) + "&redirect_uri=" + url.QueryEscape(redirect) +
		"&response_type=code&scope=snsapi_base&state=" + url.QueryEscape(state) + "&agentid=" + url.QueryEscape(p.config.AgentID) + "#wechat_redirect"
}

// RevokeSteps says that it is the organisation's to take back.
func (p *Provider) RevokeSteps() jieling.Text {
	return jieling.Text{
		ZH: "企业微信的成员身份由企业管理。请企业管理员在管理后台 › 应用管理 里，把你移出本应用的可见范围。",
		EN: "Your membership in WeCom is your organisation's. Ask its administrator to take you out of this app's visible range, under App management in the admin console.",
	}
}

// grant is what is kept of a sign-in: enough to ask whether the member is still one. It holds no token; those are the app's.
type grant struct {
	Corp   string `json:"corp"`
	UserID string `json:"userid"`
}

// Identify trades the code for the member behind it. A customer of the corp (who has an openid and no userid) and a member of a linked
// corp (whose userid names that corp) are refused: neither is a member of this one. A member who is not active is refused, too.
func (p *Provider) Identify(ctx context.Context, code, _ string) (provider.Identity, error) {
	if code == "" || len(code) > 512 {
		return provider.Identity{}, provider.BadCode(name, errors.New("no code"))
	}
	var told struct {
		UserID, OpenID string
	}
	if e := p.call(ctx, http.MethodGet, "/cgi-bin/auth/getuserinfo", url.Values{"code": {code}}, nil, &told); e.err != nil {
		return provider.Identity{}, e.onCode()
	}
	switch {
	case told.UserID == "" && told.OpenID == "":
		return provider.Identity{}, provider.Away(name, errors.New("getuserinfo: the answer names nobody"))
	case told.UserID == "":
		return provider.Identity{}, stranger("你在企业微信里是外部联系人，不是这家企业的成员，不能用它登录。请换一种登录方式。",
			"In WeCom you are an outside contact and no member of this organisation, so you cannot sign in with it. Choose another way.", errors.New("an outside contact"))
	case strings.Contains(told.UserID, "/"):
		return provider.Identity{}, stranger("你是互联企业的成员，不属于这家企业。请从你自己的企业登录，或换一种登录方式。",
			"You belong to a linked organisation and not to this one. Sign in from your own, or choose another way.", errors.New("a member of a linked corp"))
	}
	member, e := p.member(ctx, told.UserID)
	switch {
	case e.code == notAMember:
		return provider.Identity{}, inactive()
	case e.err != nil:
		return provider.Identity{}, provider.Away(name, e.err)
	case member.UserID != told.UserID:
		return provider.Identity{}, provider.Away(name, errors.New("user/get: the answer names somebody else"))
	case member.Status != active:
		return provider.Identity{}, inactive()
	}
	kept, err := json.Marshal(grant{Corp: p.config.CorpID, UserID: told.UserID})
	if err != nil {
		return provider.Identity{}, fmt.Errorf("wecom: keep the grant: %w", err)
	}
	label := provider.Mask(member.Name)
	if label == "" {
		label = name.ZH
	}
	return provider.Identity{Subject: p.config.CorpID + "/" + told.UserID, Label: label, Grant: kept}, nil
}

// Probe asks whether the member is one, and active. Disabling somebody is not announced by WeCom, so this is the way to know. A grant
// of another corp teaches nothing.
func (p *Provider) Probe(ctx context.Context, kept []byte) (provider.GrantState, error) {
	var g grant
	if err := json.Unmarshal(kept, &g); err != nil || g.Corp == "" || g.UserID == "" {
		return "", errors.New("wecom: probe: the grant cannot be read")
	}
	if g.Corp != p.config.CorpID {
		return provider.GrantExpired, nil
	}
	member, e := p.member(ctx, g.UserID)
	switch {
	case e.code == notAMember:
		return provider.GrantWithdrawn, nil
	case e.err != nil:
		return "", provider.Away(name, e.err)
	case member.UserID != g.UserID:
		return "", provider.Away(name, errors.New("user/get: the answer names somebody else"))
	case member.Status != active:
		return provider.GrantWithdrawn, nil
	}
	return provider.GrantStands, nil
}

// The states of a member. Only the first is a member who can act.
const active = 1 // 2 disabled, 4 not activated yet, 5 left

type member struct {
	UserID string
	Name   string
	Status int
}

func (p *Provider) member(ctx context.Context, userid string) (member, failure) {
	var m member
	e := p.call(ctx, http.MethodGet, "/cgi-bin/user/get", url.Values{"userid": {userid}}, nil, &m)
	return m, e
}

func inactive() error {
	return stranger("企业微信里，你的成员身份没有启用。请联系企业管理员，或换一种登录方式。",
		"Your membership in WeCom is not active. Contact your organisation's administrator, or choose another way.", errors.New("a member who is not active"))
}

func stranger(zh, en string, err error) error {
	e := jieling.Refuse(jieling.CodeForbidden, zh, en)
	e.Err = fmt.Errorf("%s: %w", name.EN, err)
	return e
}
