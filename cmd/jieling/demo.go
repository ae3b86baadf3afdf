package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/sandbox"
	"github.com/jieling-id/jieling/internal/store"
)

type demoCommand struct {
	Addr string `default:"127.0.0.1:8420" help:"Where to listen; port 0 takes a free one."`
	Data string `placeholder:"DIR" help:"Where to keep the database, the keys and demo.json; a fresh temporary folder if not given."`
	DB   string `placeholder:"URL" help:"sqlite:FILE or postgres://…; a SQLite file in the data folder if not given."`
	Pack string `default:"qq-wechat" placeholder:"PACK" help:"The policy pack: a file, or the name of a shipped one."`
	Once bool   `help:"Carry out the routine unbinding on android, ios and web, check every side, and end."`
	JSON bool   `help:"With --once: print the summary as JSON."`
}

// Help teaches the command.
func (demoCommand) Help() string {
	return `Example: jieling demo            (open the printed pages; Ctrl-C stops it)
         jieling demo --once     (walks all three platforms by itself; exit 0 when every side is as it should be)`
}

// Run starts the world and stays until it is told to stop, or, with --once, until the walk is over.
func (d demoCommand) Run(ctx context.Context) error {
	if d.Once && d.Pack != "qq-wechat" {
		return misuse("--once walks the pack qq-wechat; leave --pack out")
	}
	dir, drop, err := d.folder()
	if err != nil {
		return err
	}
	defer drop()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	demo, err := startDemo(ctx, d, dir)
	if err != nil {
		return err
	}
	defer demo.app.close()
	served := make(chan error, 1)
	go func() { served <- demo.app.serve(ctx, demo.listener, demo.handler()) }()
	if d.Once {
		err = demo.once(ctx, d.JSON)
		stop()
		return errors.Join(err, <-served)
	}
	demo.greet(os.Stdout)
	return <-served
}

// folder is where the demo keeps its things, and how to be rid of a temporary one.
func (d demoCommand) folder() (string, func(), error) {
	if d.Data != "" {
		return d.Data, func() {}, os.MkdirAll(d.Data, 0o700)
	}
	dir, err := os.MkdirTemp("", "jieling-demo-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

// demo is the product, the sandbox world around it, and the clock they share.
type demo struct {
	app      *app
	world    *sandbox.World
	apple    *sandbox.Apple // of the iPhones; nobody asks it anything
	listener net.Listener
	ahead    atomic.Int64 // nanoseconds by which the demo's clock is ahead of the wall's
	sheet    demoSheet
}

// demoSheet is demo.json: all that a script needs to do what a person can.
type demoSheet struct {
	BaseURL   string            `json:"base_url"`
	APIKey    string            `json:"api_key"`
	Staff     demoStaff         `json:"staff"`     // an operator
	Reviewers []demoStaff       `json:"reviewers"` // two, because some reviews take four eyes
	Sandbox   map[string]string `json:"sandbox"`
	Accounts  []demoAccount     `json:"accounts"`
}

// demoStaff is how to sign in to the console.
type demoStaff struct {
	URL      string `json:"url"`
	Name     string `json:"name"`
	Password string `json:"password"`
	TOTP     string `json:"totp_secret"` // base32, for an authenticator or oathtool -b --totp
}

// demoAccount is one seeded account and what its owner knows.
type demoAccount struct {
	ID         jieling.AccountID           `json:"id"`
	ExternalID string                      `json:"external_id"`
	Owner      string                      `json:"owner"` // the person's short name in the sandbox
	Name       jieling.Text                `json:"name"`
	GoodFor    jieling.Text                `json:"good_for"`
	Platform   jieling.Platform            `json:"platform"`
	PIN        string                      `json:"pin"`
	Phone      string                      `json:"phone"`
	PhoneBound bool                        `json:"phone_bound"`
	QQ         jieling.BindingID           `json:"qq_binding,omitempty"`
	QQSubject  string                      `json:"qq_subject,omitempty"`
	WeCom      jieling.BindingID           `json:"wecom_binding,omitempty"`
	Org        jieling.OrganisationID      `json:"organisation,omitempty"`
	OrgRole    jieling.OrgRole             `json:"organisation_role,omitempty"`
	Devices    map[string]jieling.DeviceID `json:"devices"` // phone: signed in and trusted; desk: a browser
}

func startDemo(ctx context.Context, d demoCommand, dir string) (*demo, error) {
	out := &demo{}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	var err error
	if out.listener, err = net.Listen("tcp", d.Addr); err != nil {
		return nil, fmt.Errorf("listen: %w (another demo may be running; try --addr 127.0.0.1:0)", err)
	}
	// Browsers take localhost, and not 127.0.0.1, for a relying party of WebAuthn.
	out.sheet.BaseURL = fmt.Sprintf("http://localhost:%d", out.listener.Addr().(*net.TCPAddr).Port)
	allowed := sandbox.DefaultCredentials()
	allowed.SMSTemplates["1000004"] = "您的一种登录方式（{1}）已解绑。不是您操作的？点此撤销并冻结账号：" + out.sheet.BaseURL + "/u/{2}{3}"
	if out.world, err = sandbox.Start(ctx, sandbox.Config{Now: out.now, Log: log, Credentials: allowed}); err != nil {
		return nil, errors.Join(err, out.listener.Close())
	}
	c, err := out.config(d, dir)
	if err != nil {
		return nil, errors.Join(err, out.listener.Close())
	}
	if out.app, err = assemble(ctx, c, assembly{log: log, offset: out.offset, stage: out.world.Stage()}); err != nil {
		return nil, errors.Join(err, out.listener.Close())
	}
	if err := out.seed(ctx, filepath.Join(dir, "demo.json")); err != nil {
		out.app.close()
		return nil, errors.Join(err, out.listener.Close())
	}
	return out, nil
}

func (d *demo) offset() time.Duration { return time.Duration(d.ahead.Load()) }
func (d *demo) now() time.Time        { return time.Now().Add(d.offset()) }

// config points the service at the sandbox: to the connectors it is the world.
func (d *demo) config(how demoCommand, dir string) (config, error) {
	c, secrets := sandbox.DefaultCredentials(), sandbox.DefaultCredentials().ParticipantSecrets
	relay, roots := d.world.MailRelay()
	out := config{
		BaseURL: d.sheet.BaseURL, DB: how.DB, Keys: filepath.Join(dir, "keys.json"), Pack: cmp.Or(how.Pack, "qq-wechat"), Name: "解铃 Jieling",
		QQ:     &qqConfig{URL: d.world.URL(sandbox.QQ), AppID: c.QQAppID, Secret: c.QQAppKey, Union: true},
		WeChat: &wechatConfig{OpenURL: d.world.URL(sandbox.WeChat), APIURL: d.world.URL(sandbox.WeChat), AppID: c.WeChatAppID, Secret: c.WeChatSecret, Notices: pushConfig{Token: c.WeChatToken, AESKey: c.WeChatAESKey}},
		WeCom: &wecomConfig{
			LoginURL: d.world.URL(sandbox.WeCom), OpenURL: d.world.URL(sandbox.WeCom), APIURL: d.world.URL(sandbox.WeCom),
			CorpID: c.WeComCorpID, AgentID: c.WeComAgentID, Secret: c.WeComSecret, Template: c.WeComTemplate, Control: "Text-1",
			Notices: pushConfig{Token: c.WeComToken, AESKey: c.WeComAESKey},
		},
		SMS: &smsConfig{
			URL: d.world.URL(sandbox.SMS), SecretID: c.TencentID, SecretKey: c.TencentKey, AppID: c.SMSAppID, Sign: c.SMSSign,
			CodeTemplate: "1000001", NoticeTemplate: "1000002", LinkTemplate: "1000004",
		},
		Mail: &mailConfig{
			Relay: relay, From: "解铃 Jieling <no-reply@jieling.example>", Username: c.MailUser, Password: c.MailPassword, Roots: string(roots),
			Near: []string{sandbox.NearDomain},
		},
		Carrier: &carrierConfig{URL: d.world.URL(sandbox.Carrier), KeyID: c.AliyunID, KeySecret: c.AliyunKey, AuthCode: c.AliyunAuthCode},
		SIM: &simConfig{
			URL: d.world.URL(sandbox.Carrier) + "/sim-swap/v2", TokenURL: d.world.URL(sandbox.Carrier) + "/oauth2/token", ClientID: c.OperatorClient,
			Key: c.OperatorKey,
		},
		Notices: noticesConfig{
			"google":      {Form: "set", Title: jieling.Text{ZH: "Google", EN: "Google"}, Issuer: sandbox.GoogleIssuer, Audience: []string{c.GoogleClient}, KeysURL: d.world.URL(sandbox.Google) + "/oauth2/v3/certs"},
			jieling.Phone: {Form: "carrier", Secret: c.CarrierSecret},
		},
		Events:  eventsConfig{Networks: []string{"127.0.0.0/8", "::1/128"}},
		Reviews: reviewsConfig{Retention: 7 * 24 * time.Hour, Due: 72 * time.Hour, MeetingHosts: []string{"meet.jieling.example"}},
		Face:    &faceConfig{URL: d.world.URL(sandbox.Face), SecretID: c.TencentID, SecretKey: c.TencentKey, Rule: c.FaceRuleID},
	}
	if out.DB == "" {
		out.DB = "sqlite:" + filepath.Join(dir, "jieling.db")
	}
	for _, p := range demoParticipants {
		p.URL, p.Secret = d.world.URL(p.Name), secrets[p.Name]
		if p.Providers == nil {
			p.Providers = []jieling.Provider{jieling.QQ}
		}
		out.Participants = append(out.Participants, p)
	}
	var err error
	out.Attest, err = d.makers(dir)
	return out, err
}

var demoParticipants = []participantConfig{
	{Name: sandbox.WeChatPay, Required: true, Title: jieling.Text{ZH: "微信支付", EN: "WeChat Pay"}},
	{Name: sandbox.QQWallet, Required: true, Title: jieling.Text{ZH: "QQ 钱包", EN: "QQ Wallet"}},
	{Name: sandbox.Game, Title: jieling.Text{ZH: "游戏", EN: "The game"}},
	{Name: sandbox.MiniProgram, Title: jieling.Text{ZH: "小程序与公众号", EN: "Mini-programs"}},
	{Name: sandbox.Friends, Title: jieling.Text{ZH: "好友与隐私", EN: "Friends and privacy"}, Providers: []jieling.Provider{jieling.WeChat}},
	{Name: sandbox.FileHelper, Title: jieling.Text{ZH: "QQ 文件助手", EN: "QQ file helper"}},
}

// handler adds the demo's clock to the service's own addresses.
func (d *demo) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sandbox/clock", d.moveClock)
	mux.Handle("/", d.app.handler)
	return mux
}

// moveClock moves the demo's clock forward: {"forward": "24h"}.
func (d *demo) moveClock(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Forward string `json:"forward"`
	}
	body := http.MaxBytesReader(w, r.Body, 1<<10)
	by, err := time.Duration(0), json.NewDecoder(body).Decode(&in)
	if err == nil {
		by, err = time.ParseDuration(in.Forward)
	}
	if err != nil || by < 0 || by > 10*365*24*time.Hour {
		http.Error(w, `say how far: {"forward": "24h"}`, http.StatusBadRequest)
		return
	}
	d.ahead.Add(int64(by))
	d.app.worker.Wake()
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, "{\"now\": %q}\n", d.now().UTC().Format(time.RFC3339))
}

// seed makes the key, the accounts of the cast where they are missing, and demo.json.
func (d *demo) seed(ctx context.Context, file string) error {
	secret, key, err := gate.NewKey("demo", []string{engine.ScopeAdmin}, time.Now(), rand.Reader)
	if err != nil {
		return err
	}
	if err := d.app.store.PutKey(ctx, key); err != nil {
		return err
	}
	d.sheet.APIKey, d.sheet.Sandbox = secret, map[string]string{}
	if err := d.seedStaff(ctx); err != nil {
		return fmt.Errorf("seed staff: %w", err)
	}
	for _, name := range sandbox.Names() {
		d.sheet.Sandbox[name] = d.world.URL(name)
	}
	for _, p := range sandbox.People() {
		a, err := d.seedPerson(ctx, p)
		if err != nil {
			return fmt.Errorf("seed %s: %w", p.Key, err)
		}
		d.sheet.Accounts = append(d.sheet.Accounts, a)
	}
	if err := d.seedOrganisation(ctx); err != nil {
		return fmt.Errorf("seed the organisation: %w", err)
	}
	d.attach()
	text, err := json.MarshalIndent(d.sheet, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o600)
}

// seedStaff makes who may sign in to the console: somebody who runs the service, and two who review.
func (d *demo) seedStaff(ctx context.Context) (err error) {
	d.sheet.Reviewers = make([]demoStaff, 2)
	if d.sheet.Staff, err = d.seedMember(ctx, "operator", store.Operator); err != nil {
		return err
	}
	for i, name := range []string{"reviewer-an", "reviewer-bo"} {
		if d.sheet.Reviewers[i], err = d.seedMember(ctx, name, store.Reviewer); err != nil {
			return err
		}
	}
	return nil
}

// seedMember makes one of them, and gives them new secrets where an earlier demo made them.
func (d *demo) seedMember(ctx context.Context, name string, role store.Role) (demoStaff, error) {
	made, err := gate.MakeMember(ctx, d.app.keys, name, role, time.Now())
	if err == nil {
		err = d.app.store.PutStaff(ctx, made.Row)
	}
	if errors.Is(err, store.ErrExists) {
		made, err = renew(ctx, d.app.store, d.app.keys, name)
	}
	return demoStaff{URL: d.sheet.BaseURL + "/console", Name: name, Password: made.Password, TOTP: made.TOTP}, err
}

// attach tells the sandbox's WeChat, which plays the product, where we are.
func (d *demo) attach() {
	p := sandbox.Product{BaseURL: d.sheet.BaseURL, APIKey: d.sheet.APIKey, Accounts: map[string]string{}, Devices: map[string]string{}}
	for _, a := range d.sheet.Accounts {
		p.Accounts[a.Owner], p.Devices[a.Owner] = string(a.ID), string(a.Devices["phone"])
	}
	d.world.Attach(p)
}

var bySeed = jieling.Actor{Kind: jieling.ActorProduct, Name: "demo", Scopes: []string{engine.ScopeAdmin}}

func (d *demo) seedPerson(ctx context.Context, p sandbox.Person) (demoAccount, error) {
	e := d.app.engine
	out := demoAccount{
		ExternalID: "wx_" + p.Key, Owner: p.Key, Name: jieling.Text(p.Name), GoodFor: jieling.Text(p.GoodFor), Platform: jieling.Platform(p.Platform),
		PIN: p.PIN, Phone: p.Phone, PhoneBound: p.PhoneBound, QQSubject: p.QQOpenID, Devices: map[string]jieling.DeviceID{},
	}
	if known, err := e.FindAccount(ctx, bySeed, out.ExternalID); err == nil {
		return out.known(known), nil
	}
	account := engine.NewAccount{ExternalID: out.ExternalID, Kind: jieling.Personal}
	if p.Merchant {
		account.Kind = jieling.Merchant
	}
	if p.RegisteredThroughQQ {
		account.RegisteredThrough = jieling.QQ
	}
	a, err := e.RegisterAccount(ctx, bySeed, engine.Idem{}, account)
	if err != nil {
		return out, err
	}
	out.ID = a.ID
	qq, err := e.AddBinding(ctx, bySeed, engine.Idem{}, a.ID, engine.NewBinding{Provider: jieling.QQ, Subject: p.QQOpenID, Union: p.QQUnionID})
	if err != nil {
		return out, err
	}
	out.QQ = qq.ID
	if p.PhoneBound {
		if _, err := e.AddBinding(ctx, bySeed, engine.Idem{}, a.ID, engine.NewBinding{Provider: jieling.Phone, Subject: p.Phone}); err != nil {
			return out, err
		}
	}
	if err := d.seedFactors(ctx, a.ID, p); err != nil {
		return out, err
	}
	for name, in := range map[string]engine.NewDevice{
		"phone": {Name: p.Name.ZH + "的手机", Platform: jieling.Platform(p.Handset), Trusted: true},
		"desk":  {Name: p.Name.ZH + "的电脑", Platform: jieling.Web},
	} {
		device, err := e.AddDevice(ctx, bySeed, engine.Idem{}, a.ID, in)
		if err != nil {
			return out, err
		}
		out.Devices[name] = device.ID
	}
	return out, nil
}

// seedFactors sets up the payment password and the person the face vendor compares with.
func (d *demo) seedFactors(ctx context.Context, id jieling.AccountID, p sandbox.Person) error {
	face, err := json.Marshal(map[string]string{"name": p.Name.ZH, "id_card": p.IDCard})
	if err != nil {
		return err
	}
	for f, given := range map[jieling.Factor][]byte{jieling.PaymentPIN: []byte(p.PIN), jieling.Face: face} {
		if _, err := d.app.engine.Enrol(ctx, bySeed, engine.Idem{}, id, engine.NewFactor{Factor: f, Given: given}); err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
	}
	return nil
}

// known fills in an account that an earlier demo seeded into this folder.
func (a demoAccount) known(v engine.AccountView) demoAccount {
	a.ID = v.ID
	for _, b := range v.Bindings {
		switch b.Provider {
		case jieling.QQ:
			a.QQ = b.ID
		case jieling.Phone:
			a.PhoneBound = true
		case jieling.WeCom:
			a.WeCom = b.ID
		}
	}
	for _, dev := range v.Devices {
		if dev.Trusted {
			a.Devices["phone"] = dev.ID
		} else {
			a.Devices["desk"] = dev.ID
		}
	}
	return a
}

// greet says what there is to open, and how to stop.
func (d *demo) greet(w io.Writer) {
	fmt.Fprintf(w, `
  解铃 Jieling is up.                                   Stop it with Ctrl-C.

  Security centre   %s/
  The stage         %s/sandbox        everybody else, side by side, with a tour of two minutes
  Staff console     %s   name %s · password %s
                    authenticator secret %s   (or: oathtool -b --totp …)
  Reviewers         %s and %s, with passwords and secrets in demo.json
  API, to read      %s/docs

  Begin with the tour on the stage. Or open the WeChat of one of these people, and from there the security centre.
`, d.sheet.BaseURL, d.sheet.BaseURL, d.sheet.Staff.URL, d.sheet.Staff.Name, d.sheet.Staff.Password, d.sheet.Staff.TOTP, d.sheet.Reviewers[0].Name, d.sheet.Reviewers[1].Name, d.sheet.BaseURL)
	for _, a := range d.sheet.Accounts {
		if a.Org != "" {
			fmt.Fprintf(w, "    %-6s %s/signin/wecom\n           %s\n           payment PIN %s · phone %s\n", a.Owner, d.sheet.BaseURL, a.GoodFor.EN, a.PIN, a.Phone)
			continue
		}
		fmt.Fprintf(w, "    %-6s %s/phone/%s\n           %s\n           payment PIN %s · phone %s\n",
			a.Owner, d.sheet.Sandbox[sandbox.WeChat], a.Owner, a.GoodFor.EN, a.PIN, a.Phone)
	}
	fmt.Fprintf(w, "\n  SMS inbox         %s/\n  For scripts       demo.json in the data folder (jieling demo --data DIR keeps it)\n\n", d.sheet.Sandbox[sandbox.SMS])
}
