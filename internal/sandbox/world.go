package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jieling-id/jieling/client"
)

// Config says how the world is set up. The zero value is good: free ports on the loopback address and the built-in
// credentials.
type Config struct {
	Host        string           // where to listen; empty means 127.0.0.1
	Ports       map[string]int   // by party; a party without one gets a free port
	Now         func() time.Time // the clock of every party; nil means time.Now
	Credentials Credentials      // zero means DefaultCredentials()
	Log         *slog.Logger     // nil means slog.Default()
}

// Credentials are what a connector needs to be let in: what one would get from each party's console.
type Credentials struct {
	QQAppID, QQAppKey         string
	WeChatAppID, WeChatSecret string
	WeComCorpID, WeComAgentID string
	WeComSecret               string // of the app
	WeComTemplate             string // of the approval that it may begin; its text field is Text-1
	WeChatToken, WeChatAESKey string // of the message push
	WeComToken, WeComAESKey   string // of the callbacks
	CarrierSecret             string // of the channel by which the carrier tells of numbers that were handed out again: "whsec_…"
	GoogleClient              string // what we are called in Google's tokens
	TencentID, TencentKey     string // for TC3, at sms and face
	AliyunID, AliyunKey       string // for ACS3, at the carrier
	AliyunAuthCode            string
	OperatorClient            string // at the carrier, for CAMARA
	OperatorKey               string // PEM, to sign its assertions with
	SMSAppID, SMSSign         string
	SMSTemplates              map[string]string // approved texts by template ID, with {1}, {2}… for parameters; 1000001 for codes, 1000002 and 1000003 for notices, 1000004 for one with a link
	MailUser, MailPassword    string            // at the mail relay
	FaceRuleID                string
	GooglePackage             string            // the app that Google knows; GoogleAccount gives the key file to ask with
	GoogleCertificate         string            // SHA-256 of the certificate it is signed by, in base64url
	ParticipantSecrets        map[string]string // by name, "whsec_…"
}

// DefaultCredentials are the built-in ones. They protect nothing.
func DefaultCredentials() Credentials {
	c := Credentials{
		QQAppID: "101000001", QQAppKey: "sandbox-qq-app-key",
		WeChatAppID: "wx0000000000000001", WeChatSecret: "sandbox-wechat-secret",
		WeComCorpID: "ww0000000000000001", WeComAgentID: "1000002", WeComSecret: "sandbox-wecom-app-secret", WeComTemplate: "3TkaSandboxTemplate0001",
		WeChatToken: "sandboxWeChatToken", WeChatAESKey: "c2FuZGJveCB3ZWNoYXQgbWVzc2FnZSBwdXNoIGtleSE",
		WeComToken: "sandboxWeComToken", WeComAESKey: "c2FuZGJveCB3ZWNvbSBjYWxsYmFja3MsIGEga2V5ISE",
		TencentID: "AKIDsandbox0000000000000000000001", TencentKey: "sandbox-tencent-key",
		CarrierSecret: "whsec_c2FuZGJveC1jYXJyaWVyLW5vdGljZXMtc2VjcmV0MDE=", GoogleClient: "123.apps.sandbox.example",
		AliyunID: "LTAIsandbox000000000001", AliyunKey: "sandbox-aliyun-key", AliyunAuthCode: "sandbox-auth-code",
		OperatorClient: "sandbox-operator-client", OperatorKey: operatorKeyPEM(),
		SMSAppID: "1400000001", SMSSign: "解铃",
		SMSTemplates: map[string]string{
			"1000001": "您的验证码为{1}，{2}分钟内有效。请勿告诉他人。",
			"1000002": "您的账号收到一次安全相关的申请（{1}）。如非本人操作，请打开安全中心冻结账号。",
			"1000004": "您的一种登录方式（{1}）已解绑。不是您操作的？打开安全中心的 /u/{2}{3} 撤销并冻结账号。",
			"1000003": "您的账号有新的安全通知（{1}）。如非本人操作，请打开安全中心查看或冻结账号。",
		},
		MailUser: "jieling", MailPassword: "sandbox-mail-password",
		FaceRuleID:         "1",
		GooglePackage:      "com.example.jieling",
		GoogleCertificate:  "c2FuZGJveCBjZXJ0aWZpY2F0ZSBvZiB0aGUgYXBwISE",
		ParticipantSecrets: map[string]string{},
	}
	for name, secret := range map[string]string{
		WeChatPay:   "whsec_c2FuZGJveC13ZWNoYXRwYXktc2VjcmV0LTAwMDE=",
		QQWallet:    "whsec_c2FuZGJveC1xcXdhbGxldC1zZWNyZXQtMDAwMDE=",
		Game:        "whsec_c2FuZGJveC1nYW1lLXNlY3JldC0wMDAwMDAwMDE=",
		MiniProgram: "whsec_c2FuZGJveC1taW5pcHJvZ3JhbS1zZWNyZXQtMDE=",
		Friends:     "whsec_c2FuZGJveC1mcmllbmRzLXNlY3JldC0wMDAwMDE=",
		FileHelper:  "whsec_c2FuZGJveC1maWxlaGVscGVyLXNlY3JldC0wMDE=",
	} {
		c.ParticipantSecrets[name] = secret
	}
	return c
}

// The parties, a closed list.
const (
	QQ          = "qq"
	WeChat      = "wechat"
	WeCom       = "wecom"
	SMS         = "sms"
	Mail        = "mail"
	Face        = "face"
	Carrier     = "carrier"
	Google      = "google"
	WeChatPay   = "wechatpay"
	QQWallet    = "qqwallet"
	Game        = "game"
	MiniProgram = "miniprogram"
	FileHelper  = "filehelper"
	Friends     = "friends"
)

// Names lists the parties in the order the stage shows them.
func Names() []string {
	return []string{QQ, WeChat, WeCom, SMS, Mail, Face, Carrier, Google, WeChatPay, QQWallet, Game, MiniProgram, FileHelper, Friends}
}

// Participants lists the parties that take part in unbindings; each one's contract is served at its own URL.
func Participants() []string { return []string{WeChatPay, QQWallet, Game, MiniProgram, FileHelper} }

// Systems lists the product's own systems: those, and one on which nothing of a QQ login hangs.
func Systems() []string { return append(Participants(), Friends) }

// World is the running sandbox.
type World struct {
	looks   *looks
	parties map[string]*party
	urls    map[string]string
	servers []*http.Server
	serving sync.WaitGroup
	closing sync.Once
	wechat  *wechat
	qq      *qq
	wecom   *wecom
	sms     *sms
	mail    *mail
	relay   net.Listener // of mail, beside the pages of its party
	face    *face
	carrier *carrier
	google  *google
	systems map[string]*system
}

// Start opens every party on its port and serves until Close, or until ctx is done. An error names the party that could not
// listen; nothing is left open then.
func Start(ctx context.Context, c Config) (*World, error) {
	c = c.filled()
	w := &World{looks: &looks{}, parties: map[string]*party{}, urls: map[string]string{}, systems: map[string]*system{}}
	listeners, err := w.listen(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := w.build(c); err != nil {
		return nil, errors.Join(err, closeAll(listeners))
	}
	if w.relay, err = new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(c.Host, "0")); err != nil {
		return nil, errors.Join(fmt.Errorf("sandbox mail relay: %w", err), closeAll(listeners))
	}
	w.serving.Go(func() { w.mail.serve(w.relay) })
	for name, listener := range listeners {
		server := &http.Server{Handler: w.parties[name].mux, ReadHeaderTimeout: 10 * time.Second}
		w.servers = append(w.servers, server)
		w.serving.Go(func() {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				c.Log.Error("sandbox party stopped", "party", name, "err", err)
			}
		})
	}
	context.AfterFunc(ctx, w.Close)
	return w, nil
}

func (c Config) filled() Config {
	if c.Host == "" {
		c.Host = "127.0.0.1"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Credentials.QQAppID == "" {
		c.Credentials = DefaultCredentials()
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

func (w *World) listen(ctx context.Context, c Config) (map[string]net.Listener, error) {
	listeners := map[string]net.Listener{}
	for _, name := range Names() {
		address := net.JoinHostPort(c.Host, strconv.Itoa(c.Ports[name]))
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("sandbox party %s: %w", name, err), closeAll(listeners))
		}
		listeners[name] = listener
		w.urls[name] = "http://" + listener.Addr().String()
	}
	return listeners, nil
}

func closeAll(listeners map[string]net.Listener) error {
	var errs []error
	for _, l := range listeners {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// build makes every party. It is the only place that knows all of them.
func (w *World) build(c Config) error {
	w.qq, w.wechat, w.sms, w.face = newQQ(c, w.looks), newWeChat(c, w.looks), newSMS(c, w.looks), newFace(c, w.looks, w.urls[Face])
	w.parties[QQ], w.parties[WeChat], w.parties[SMS], w.parties[Face] = w.qq.party, w.wechat.party, w.sms.party, w.face.party
	w.wecom = newWeCom(c, w.looks)
	w.parties[WeCom] = w.wecom.party
	var err error
	if w.mail, err = newMail(c, w.looks); err != nil {
		return err
	}
	w.parties[Mail] = w.mail.party
	if w.carrier, err = newCarrier(c, w.looks); err != nil {
		return err
	}
	w.parties[Carrier] = w.carrier.party
	if w.google, err = newGoogle(c, w.looks, w.urls[Google]); err != nil {
		return fmt.Errorf("sandbox party %s: %w", Google, err)
	}
	w.parties[Google] = w.google.party
	for _, name := range Systems() {
		secret, err := client.ParseSecret(c.Credentials.ParticipantSecrets[name])
		if err != nil {
			return fmt.Errorf("sandbox party %s: %w", name, err)
		}
		w.systems[name] = newSystem(name, secret, c, w.looks)
		w.parties[name] = w.systems[name].party
	}
	for _, name := range Names() {
		w.looks.framed = append(w.looks.framed, w.urls[name])
	}
	return nil
}

// URL is where a party listens, without a trailing slash; empty for a name that is not one of [Names].
func (w *World) URL(name string) string { return w.urls[name] }

// GoogleAccount is the JSON key file of the service account that may ask Google about the app. Its key is made in this process.
func (w *World) GoogleAccount() ([]byte, error) { return w.google.serviceAccount() }

// GoogleKeys are what opens the tokens of classic requests without Google: an AES-256 key and an ECDSA public key, both in base64.
func (w *World) GoogleKeys() (decryption, verification string, err error) {
	return w.google.seal.keys()
}

// MailRelay is where the mail relay takes mail, host:port, and the PEM of the certificate that it shows there.
func (w *World) MailRelay() (addr string, roots []byte) { return w.relay.Addr().String(), w.mail.roots }

// Close stops every party at once, open requests included, and waits until they are gone. Closing twice is fine, also at the same moment:
// the context's end and its owner's own Close may meet.
func (w *World) Close() {
	w.closing.Do(func() {
		for _, s := range w.servers {
			_ = s.Close() // a listener closed twice
		}
		_ = w.relay.Close() // which its server may not have begun to listen on
		_ = w.mail.server.Close()
	})
	w.serving.Wait()
}

// Attach tells the WeChat app where Jieling is and who the cast are there, so that people can open the security centre from
// their phones and scan codes, and has WeChat, WeCom, Google and the carrier tell it what becomes of people's accounts. Pages of that origin, where the stage is, may frame the parties' from then on. It may be called again; the
// last one counts.
func (w *World) Attach(p Product) {
	w.wechat.attach(p)
	w.wechat.push.toward(strings.TrimRight(p.BaseURL, "/") + "/v1/providers/wechat/notices")
	w.wecom.push.toward(strings.TrimRight(p.BaseURL, "/") + "/v1/providers/wecom/notices")
	w.google.hook.toward(strings.TrimRight(p.BaseURL, "/") + "/v1/providers/google/notices")
	w.carrier.hook.toward(strings.TrimRight(p.BaseURL, "/") + "/v1/providers/phone/notices")
	w.looks.framer.Store(strings.TrimRight(p.BaseURL, "/"))
}
