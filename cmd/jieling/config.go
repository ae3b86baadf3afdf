package main

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/gate"
)

// config is the file that `jieling serve` reads. Unknown keys are refused with their place. Values of the form ${NAME} are
// taken from the environment, so that secrets need not stand in the file.
type config struct {
	Listen       string              `yaml:"listen"`   // host:port; "" means 127.0.0.1:8420
	BaseURL      string              `yaml:"base_url"` // where people reach the centre
	DB           string              `yaml:"db"`       // sqlite:FILE or postgres://…
	Keys         string              `yaml:"keys"`     // the keyring's file; made where it is missing
	Pack         string              `yaml:"pack"`     // the name of a shipped pack, or a file; "" means qq-wechat
	Access       string              `yaml:"access"`   // the file of an access template; "" means the one that is built in
	Name         string              `yaml:"name"`     // the operator's name, shown to people and to their devices
	QQ           *qqConfig           `yaml:"qq"`
	WeChat       *wechatConfig       `yaml:"wechat"`
	WeCom        *wecomConfig        `yaml:"wecom"`
	SMS          *smsConfig          `yaml:"sms"`
	Mail         *mailConfig         `yaml:"mail"`
	Face         *faceConfig         `yaml:"face"`
	Carrier      *carrierConfig      `yaml:"carrier"`
	SIM          *simConfig          `yaml:"sim"`
	GeoIP        *geoipConfig        `yaml:"geoip"`
	Attest       attestConfig        `yaml:"attest"`
	Unlock       unlockConfig        `yaml:"device_unlock"`
	Participants []participantConfig `yaml:"participants"`
	PersonalMail []string            `yaml:"personal_mail"` // domains at which no organisation registers; left out means the usual providers
	Reviews      reviewsConfig       `yaml:"reviews"`
	Notices      noticesConfig       `yaml:"notices"`
	Events       eventsConfig        `yaml:"events"`
	Proxies      []string            `yaml:"proxies"` // our own reverse proxies, as networks: 10.0.0.0/8
	Rates        ratesConfig         `yaml:"rates"`
}

// noticesConfig says who else tells what happened to a login, by the name that their bindings have.
type noticesConfig map[jieling.Provider]noticeConfig

// noticeConfig is one of them. Which keys it needs depends on its form.
type noticeConfig struct {
	Form     string       `yaml:"form"` // set: security event tokens (RISC, CAEP); apple; carrier
	Title    jieling.Text `yaml:"title"`
	Issuer   string       `yaml:"issuer"`   // exactly as tokens have it
	Audience []string     `yaml:"audience"` // what we are called in them
	KeysURL  string       `yaml:"keys"`     // where the issuer publishes its keys
	Secret   string       `yaml:"secret"`   // of a carrier's channel: whsec_…
}

// eventsConfig is where events may be brought besides public addresses by https.
type eventsConfig struct {
	Networks []string `yaml:"networks"` // of the operator's own, where events may go, also by http: 10.1.0.0/16
	Roots    string   `yaml:"roots"`    // roots to trust instead of the system's: a PEM file, or the PEM itself
}

// reviewsConfig is how staff review what people hand in.
type reviewsConfig struct {
	Retention    time.Duration `yaml:"retention"`     // how long a document is kept after the decision: 24h to 720h; zero means 168h
	Due          time.Duration `yaml:"due"`           // how long staff have to decide: 1h to 720h; zero means 72h
	MeetingHosts []string      `yaml:"meeting_hosts"` // where video interviews may be held; none: there are no interviews
}

// complete fills what may be left out and refuses what cannot be meant.
func (r *reviewsConfig) complete(file string) error {
	const day = 24 * time.Hour
	r.Retention, r.Due = cmp.Or(r.Retention, 7*day), cmp.Or(r.Due, 3*day)
	switch {
	case r.Retention < day || r.Retention > 30*day:
		return misuse("%s: reviews.retention must be 24h to 720h: a document is kept for one day to 30 after the decision", file)
	case r.Due < time.Hour || r.Due > 30*day:
		return misuse("%s: reviews.due must be 1h to 720h", file)
	}
	for i, host := range r.MeetingHosts {
		if host == "" || strings.ContainsAny(host, "/:@ ") {
			return misuse("%s: reviews.meeting_hosts: %q is not the name of a host, like meeting.example.com", file, host)
		}
		r.MeetingHosts[i] = strings.ToLower(host)
	}
	return nil
}

// ratesConfig bounds callers in the memory of one node; the counts that security rests on stand in the database.
type ratesConfig struct {
	PerKey     rateConfig `yaml:"per_key"`     // of one API key; zero means no bound
	PerAddress rateConfig `yaml:"per_address"` // of one address, for pages and callers without a key; zero means 20 a second, 200 at once
}

type rateConfig struct {
	PerSecond float64 `yaml:"per_second"`
	Burst     float64 `yaml:"burst"`
}

func (r rateConfig) rate() gate.Rate { return gate.Rate{PerSecond: r.PerSecond, Burst: r.Burst} }

type qqConfig struct {
	URL    string `yaml:"url"` // https://graph.qq.com
	AppID  string `yaml:"app_id"`
	Secret string `yaml:"secret"`
	Union  bool   `yaml:"union"` // QQ granted the app the unionid
}

type wechatConfig struct {
	OpenURL string `yaml:"open_url"` // https://open.weixin.qq.com
	APIURL  string `yaml:"api_url"`  // https://api.weixin.qq.com
	AppID   string `yaml:"app_id"`
	Secret  string `yaml:"secret"`

	Notices pushConfig `yaml:"notices"`
}

// pushConfig is what an app and its platform's message push share.
type pushConfig struct {
	Token  string `yaml:"token"`
	AESKey string `yaml:"aes_key"` // EncodingAESKey, 43 characters
	Plain  bool   `yaml:"plain"`   // WeChat's messages may come unsealed, which leaves what they say unsigned
}

type wecomConfig struct {
	LoginURL string `yaml:"login_url"` // https://login.work.weixin.qq.com
	OpenURL  string `yaml:"open_url"`  // https://open.weixin.qq.com; "" sends everybody to login_url
	APIURL   string `yaml:"api_url"`   // https://qyapi.weixin.qq.com
	CorpID   string `yaml:"corp_id"`
	AgentID  string `yaml:"agent_id"`
	Secret   string `yaml:"secret"`            // the app's
	Template string `yaml:"approval_template"` // that members' requests begin; "" leaves them to /org
	Control  string `yaml:"approval_control"`  // the ID of its text field: Text-1

	Notices pushConfig `yaml:"notices"`
}

type smsConfig struct {
	URL            string `yaml:"url"` // https://sms.tencentcloudapi.com
	SecretID       string `yaml:"secret_id"`
	SecretKey      string `yaml:"secret_key"`
	AppID          string `yaml:"app_id"`
	Sign           string `yaml:"sign"`
	CodeTemplate   string `yaml:"code_template"`   // takes the code and its minutes
	NoticeTemplate string `yaml:"notice_template"` // takes the notice
	LinkTemplate   string `yaml:"link_template"`   // takes the notice, and the two halves of what follows /u/ in its link
}

type mailConfig struct {
	Relay    string   `yaml:"relay"`    // host:port: 587 for STARTTLS, 465 with implicit
	Implicit bool     `yaml:"implicit"` // TLS from the first byte
	From     string   `yaml:"from"`     // Jieling <no-reply@id.example.com>
	Username string   `yaml:"username"`
	Password string   `yaml:"password"`
	Roots    string   `yaml:"roots"` // roots to trust instead of the system's: a PEM file, or the PEM itself
	Near     []string `yaml:"near"`  // domains whose mailboxes are reached without delay
}

type faceConfig struct {
	URL       string `yaml:"url"` // https://faceid.tencentcloudapi.com
	SecretID  string `yaml:"secret_id"`
	SecretKey string `yaml:"secret_key"`
	Rule      string `yaml:"rule"`
}

type carrierConfig struct {
	URL       string `yaml:"url"` // https://dytnsapi.aliyuncs.com
	KeyID     string `yaml:"key_id"`
	KeySecret string `yaml:"key_secret"`
	AuthCode  string `yaml:"auth_code"` // of the approved query
}

type unlockConfig struct {
	Makers string `yaml:"makers"` // the roots of makers of authenticators: a PEM file, or the PEM itself; "" asks devices for no statement
}

// readRoots reads certificates that a key of the configuration names by a file of PEM, or holds itself; nil where there is neither.
func readRoots(key, source string) (*x509.CertPool, error) {
	if source == "" {
		return nil, nil
	}
	pem := []byte(source)
	if !strings.HasPrefix(source, "-----BEGIN") {
		var err error
		if pem, err = os.ReadFile(source); err != nil {
			return nil, misuse("%s: %w", key, err)
		}
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, misuse("%s holds no certificate; the roots to trust are wanted, in PEM", key)
	}
	return pool, nil
}

// simConfig is an operator that speaks CAMARA's SIM Swap. One of key and client_secret is needed.
type simConfig struct {
	URL      string `yaml:"url"` // https://api.operator.example/sim-swap/v2
	TokenURL string `yaml:"token_url"`
	ClientID string `yaml:"client_id"`
	Key      string `yaml:"key"`           // PKCS #8 as PEM, or what stands between its two lines: for private_key_jwt
	Secret   string `yaml:"client_secret"` // of operators that take one instead

	Numbers []string `yaml:"numbers"` // the beginnings of numbers it is asked about: +34
}

// geoipConfig names files of the MaxMind DB format; each may be left out.
type geoipConfig struct {
	City           string   `yaml:"city"`            // GeoLite2-City or -Country
	ASN            string   `yaml:"asn"`             // GeoLite2-ASN
	Anonymous      string   `yaml:"anonymous"`       // GeoIP2-Anonymous-IP
	PublicASNs     []uint   `yaml:"public_asns"`     // autonomous systems whose addresses count as public networks
	PublicNetworks []string `yaml:"public_networks"` // networks that count as public: 192.0.2.0/24
}

type participantConfig struct {
	Name      string             `yaml:"name"`
	Title     jieling.Text       `yaml:"title"`
	URL       string             `yaml:"url"`
	Secret    string             `yaml:"secret"` // whsec_…
	Required  bool               `yaml:"required"`
	Providers []jieling.Provider `yaml:"providers"`
}

// loadConfig reads a file strictly.
func loadConfig(file string) (config, error) {
	var c config
	src, err := os.ReadFile(file)
	if err != nil {
		return c, misuse("read the configuration: %w", err)
	}
	expanded, err := expand(string(src))
	if err != nil {
		return c, misuse("%s: %w", file, err)
	}
	if err := yaml.NewDecoder(bytes.NewReader([]byte(expanded)), yaml.Strict()).Decode(&c); err != nil {
		return c, misuse("%s: %w", file, err)
	}
	return c, c.complete(file)
}

// expand replaces ${NAME} by the environment's value and refuses names that are not set.
func expand(src string) (string, error) {
	var missing []string
	out := os.Expand(src, func(name string) string {
		value, ok := os.LookupEnv(name)
		if !ok {
			missing = append(missing, name)
		}
		return value
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("these are named in ${…} and not set in the environment: %s", strings.Join(missing, ", "))
	}
	return out, nil
}

// complete fills what may be left out and refuses what may not.
func (c *config) complete(file string) error {
	if c.Listen == "" {
		c.Listen = "127.0.0.1:8420"
	}
	if c.Pack == "" {
		c.Pack = "qq-wechat"
	}
	if c.Name == "" {
		c.Name = "Jieling"
	}
	if c.Rates.PerAddress.PerSecond == 0 {
		c.Rates.PerAddress = rateConfig{PerSecond: 20, Burst: 200}
	}
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/")
	switch {
	case c.BaseURL == "":
		return misuse("%s: base_url is missing: the address at which people reach the centre, like https://id.example.com", file)
	case c.DB == "":
		return misuse("%s: db is missing: sqlite:/var/lib/jieling/jieling.db, or postgres://…", file)
	case c.Keys == "":
		return misuse("%s: keys is missing: the file of the keyring, like /var/lib/jieling/keys.json", file)
	}
	return c.Reviews.complete(file)
}
