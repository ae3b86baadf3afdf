package transfer

import (
	"fmt"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
)

// kratos is an identity as Ory Kratos tells it and takes it. The names of its traits are its operator's, so they are not read: what is
// a mailbox or a number stands among the verifiable addresses.
type kratos struct {
	ID          string `json:"id,omitempty"`
	ExternalID  string `json:"external_id,omitempty"`
	SchemaID    string `json:"schema_id"`
	State       string `json:"state,omitempty"`
	Traits      any    `json:"traits"`
	Credentials struct {
		OIDC *kratosOIDC `json:"oidc,omitempty"`
	} `json:"credentials"`
	Addresses []kratosAddress `json:"verifiable_addresses,omitempty"`
}

type kratosOIDC struct {
	Identifiers []string `json:"identifiers,omitempty"` // provider:subject
	Config      struct {
		Providers []kratosProvider `json:"providers"`
	} `json:"config"`
}

type kratosProvider struct {
	Provider string `json:"provider"`
	Subject  string `json:"subject"`
}

type kratosAddress struct {
	Value      string    `json:"value"`
	Via        string    `json:"via"` // email, sms
	Verified   bool      `json:"verified"`
	Status     string    `json:"status,omitempty"`
	VerifiedAt time.Time `json:"verified_at,omitzero"`
}

func readKratos(raw []byte, o Options) (p Person, left []string, err error) {
	var k kratos
	if err := decode(raw, &k); err != nil {
		return p, nil, err
	}
	if p.ExternalID = k.ExternalID; p.ExternalID == "" {
		p.ExternalID = k.ID
	}
	if k.State == "inactive" {
		return p, nil, errShutOut
	}
	if c := k.Credentials.OIDC; c != nil {
		for _, id := range c.Config.Providers {
			p.Logins = append(p.Logins, Login{Provider: o.named(id.Provider), Subject: id.Subject})
		}
		if len(c.Config.Providers) == 0 {
			for _, id := range c.Identifiers {
				provider, subject, _ := strings.Cut(id, ":")
				p.Logins = append(p.Logins, Login{Provider: o.named(provider), Subject: subject})
			}
		}
	}
	for _, a := range k.Addresses {
		as := map[string]jieling.Provider{"email": jieling.Email, "sms": jieling.Phone}[a.Via]
		switch {
		case as == "":
			left = append(left, fmt.Sprintf("an address of the kind %q", a.Via))
		case !a.Verified && !o.Unverified:
			left = append(left, unverified(as))
		default:
			p.Logins = append(p.Logins, Login{Provider: as, Subject: a.Value, VerifiedAt: a.VerifiedAt})
		}
	}
	return p, left, nil
}

// keycloak is a user as Keycloak tells and takes them. Attributes are lists; those of a number are the names its own documentation of
// OpenID Connect's claims uses.
type keycloak struct {
	ID            string              `json:"id,omitempty"`
	Username      string              `json:"username"`
	Enabled       *bool               `json:"enabled,omitempty"`
	Email         string              `json:"email,omitempty"`
	EmailVerified bool                `json:"emailVerified,omitempty"`
	Attributes    map[string][]string `json:"attributes,omitempty"`
	Federated     []keycloakFederated `json:"federatedIdentities,omitempty"`
}

type keycloakFederated struct {
	Provider string `json:"identityProvider"`
	Subject  string `json:"userId"`
	Name     string `json:"userName"`
}

const (
	keycloakPhone         = "phoneNumber"
	keycloakPhoneVerified = "phoneNumberVerified"
	keycloakLocale        = "locale"
)

func readKeycloak(raw []byte, o Options) (p Person, left []string, err error) {
	var k keycloak
	if err := decode(raw, &k); err != nil {
		return p, nil, err
	}
	if p.ExternalID = k.ID; p.ExternalID == "" {
		p.ExternalID = k.Username
	}
	if k.Enabled != nil && !*k.Enabled {
		return p, nil, errShutOut
	}
	if first(k.Attributes[keycloakLocale]) == "en" {
		p.Locale = "en"
	}
	for _, f := range k.Federated {
		p.Logins = append(p.Logins, Login{Provider: o.named(f.Provider), Subject: f.Subject})
	}
	take := func(as jieling.Provider, subject string, verified bool) {
		switch {
		case subject == "":
		case verified || o.Unverified:
			p.Logins = append(p.Logins, Login{Provider: as, Subject: subject})
		default:
			left = append(left, unverified(as))
		}
	}
	take(jieling.Email, k.Email, k.EmailVerified)
	take(jieling.Phone, first(k.Attributes[keycloakPhone]), first(k.Attributes[keycloakPhoneVerified]) == "true")
	return p, left, nil
}

// casdoor is a user as Casdoor tells them: each provider has a field of its own. It keeps no word on whether a number was verified.
type casdoor struct {
	ID            string `json:"id"`
	Owner         string `json:"owner"`
	Name          string `json:"name"`
	Email         string `json:"email"`
	EmailVerified bool   `json:"emailVerified"`
	Phone         string `json:"phone"`
	CountryCode   string `json:"countryCode"` // ISO 3166-1 alpha-2
	Language      string `json:"language"`
	Forbidden     bool   `json:"isForbidden"`
	Deleted       bool   `json:"isDeleted"`
}

// casdoorProviders are those of its fields that hold an identity elsewhere.
var casdoorProviders = []string{
	"qq", "wechat", "wecom", "weibo", "dingtalk", "lark", "alipay", "baidu", "douyin", "bilibili", "gitee", "github", "gitlab", "google", "facebook",
	"apple", "linkedin", "azuread", "adfs", "slack", "steam", "okta", "infoflow",
}

func readCasdoor(raw []byte, o Options) (p Person, left []string, err error) {
	var c casdoor
	if err := decode(raw, &c); err != nil {
		return p, nil, err
	}
	if p.ExternalID = c.ID; p.ExternalID == "" && c.Name != "" {
		p.ExternalID = c.Owner + "/" + c.Name
	}
	if c.Forbidden || c.Deleted {
		return p, nil, errShutOut
	}
	if len(c.CountryCode) == 2 {
		p.Region = strings.ToUpper(c.CountryCode)
	}
	if strings.HasPrefix(c.Language, "en") {
		p.Locale = "en"
	}
	var fields map[string]any
	if err := decode(raw, &fields); err != nil {
		return p, nil, err
	}
	for _, name := range casdoorProviders {
		if subject, _ := fields[name].(string); subject != "" {
			p.Logins = append(p.Logins, Login{Provider: o.named(name), Subject: subject})
		}
	}
	if c.Email != "" {
		if c.EmailVerified || o.Unverified {
			p.Logins = append(p.Logins, Login{Provider: jieling.Email, Subject: c.Email})
		} else {
			left = append(left, unverified(jieling.Email))
		}
	}
	if number := dialled(c.Phone, c.CountryCode); number != "" && o.Unverified {
		p.Logins = append(p.Logins, Login{Provider: jieling.Phone, Subject: number})
	} else if c.Phone != "" {
		left = append(left, "a number, which is not said to be verified or not written with its country")
	}
	return p, left, nil
}

// dialled is a number in E.164; "" where it is not known how to dial it.
func dialled(phone, country string) string {
	switch {
	case strings.HasPrefix(phone, "+"):
		return phone
	case country == "CN" && len(phone) == 11 && phone[0] == '1':
		return "+86" + phone
	}
	return ""
}

func unverified(p jieling.Provider) string {
	return fmt.Sprintf("a login by %s that is not verified there", p)
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
