package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/access"
	"github.com/jieling-id/jieling/internal/api"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/event"
	"github.com/jieling-id/jieling/internal/event/push"
	"github.com/jieling-id/jieling/internal/event/webhook"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/factor/face"
	"github.com/jieling-id/jieling/internal/factor/webauthn"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/notify"
	"github.com/jieling-id/jieling/internal/notify/smtp"
	"github.com/jieling-id/jieling/internal/notify/tencentsms"
	"github.com/jieling-id/jieling/internal/outbound"
	"github.com/jieling-id/jieling/internal/participant"
	"github.com/jieling-id/jieling/internal/participant/httppart"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/provider/carrier"
	"github.com/jieling-id/jieling/internal/provider/qq"
	"github.com/jieling-id/jieling/internal/provider/secevent"
	"github.com/jieling-id/jieling/internal/provider/wechat"
	"github.com/jieling-id/jieling/internal/provider/wecom"
	"github.com/jieling-id/jieling/internal/risk/aliyun"
	"github.com/jieling-id/jieling/internal/risk/camara"
	"github.com/jieling-id/jieling/internal/risk/maxmind"
	"github.com/jieling-id/jieling/internal/ssf"
	"github.com/jieling-id/jieling/internal/store"
	"github.com/jieling-id/jieling/internal/store/postgres"
	"github.com/jieling-id/jieling/internal/store/sqlite"
	"github.com/jieling-id/jieling/internal/tc3"
	"github.com/jieling-id/jieling/internal/web"
	"github.com/jieling-id/jieling/internal/worker"
)

// assembly is what a caller of assemble brings beside the configuration. The zero value is a plain service.
type assembly struct {
	log    *slog.Logger
	offset func() time.Duration // the demo's clock: how far ahead of the wall's it is
	stage  http.Handler         // the demo's parties, under /sandbox; nil: there are none
}

// now is the clock that requests to parties are signed by.
func (a assembly) now() time.Time {
	if a.offset == nil {
		return time.Now()
	}
	return time.Now().Add(a.offset())
}

// app is the whole service, put together.
type app struct {
	store   store.Store
	keys    *keyring.Keyring
	engine  *engine.Engine
	worker  *worker.Worker
	handler http.Handler
	metrics *api.Metrics
	log     *slog.Logger
	reading atomic.Pointer[web.Reading] // of the policy pack
	closing chan struct{}               // closed when the service stops: streams end with it
}

// assemble puts the service together from its configuration. It is the one place that names implementers.
func assemble(ctx context.Context, c config, how assembly) (*app, error) {
	a := &app{log: how.log, closing: make(chan struct{})}
	a.reading.Store(&web.Reading{At: how.now()})
	var err error
	if a.keys, err = keyring.LoadOrCreate(c.Keys, nil); err != nil {
		return nil, fmt.Errorf("open the keyring %s: %w", c.Keys, err)
	}
	src, err := packSource(c.Pack)
	if err != nil {
		return nil, err
	}
	pack, err := provenPack(c.Pack, src)
	if err != nil {
		return nil, err
	}
	template, err := loadTemplate(c.Access)
	if err != nil {
		return nil, err
	}
	if a.store, err = openStore(ctx, c.DB, how.offset); err != nil {
		return nil, err
	}
	ec := engine.Config{
		Store: a.store, Keys: a.keys, Pack: pack, Access: template, BaseURL: c.BaseURL, Log: how.log, PersonalMail: c.PersonalMail,
		Wake: func() { a.worker.Wake() },
	}
	if err := errors.Join(c.factors(&ec, how.now), c.providers(&ec, how.now), c.participants(&ec, how.now), c.sender(&ec, how.now), c.couriers(&ec), c.locator(&ec), c.carrier(&ec, how.now), c.sim(&ec, how.now), c.attesters(&ec, how.now)); err != nil {
		return nil, errors.Join(err, a.store.Close())
	}
	a.metrics = api.NewMetrics(a.backlog)
	ec.Counted = a.metrics.Heard
	a.engine = engine.New(ec)
	a.worker = worker.New(worker.Config{Engine: a.engine, Log: how.log})
	if a.handler, err = a.doors(ctx, c, how); err != nil {
		return nil, errors.Join(err, a.store.Close())
	}
	return a, nil
}

// loadPack takes a shipped pack by its name, or a file.
func loadPack(name string) (*policy.Pack, error) {
	src, err := packSource(name)
	if err != nil {
		return nil, err
	}
	return policy.Load(name, src)
}

// loadTemplate takes the access template of a file, or the one that is built in.
func loadTemplate(file string) (*access.Template, error) {
	if file == "" {
		return access.Shipped()
	}
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, misuse("read the access template: %w", err)
	}
	return access.Load(file, src)
}

// openStore opens a database by its URL and brings its schema up to date.
func openStore(ctx context.Context, db string, offset func() time.Duration) (store.Store, error) {
	if file, ok := strings.CutPrefix(db, "sqlite:"); ok {
		return sqlite.Open(file, sqlite.Config{Offset: offset})
	}
	if strings.HasPrefix(db, "postgres://") || strings.HasPrefix(db, "postgresql://") {
		return postgres.Open(ctx, db, postgres.Config{Offset: offset})
	}
	return nil, misuse("db must be sqlite:FILE or postgres://…")
}

func (c config) factors(e *engine.Config, now func() time.Time) error {
	e.Factors = map[jieling.Factor]factor.Factor{
		jieling.PaymentPIN: factor.PIN{Keys: e.Keys},
		jieling.SMSCode:    factor.SMS{Keys: e.Keys},
		jieling.QRApproval: factor.QR{Keys: e.Keys},

		jieling.AccountFreeze:           factor.Freeze{Keys: e.Keys},
		jieling.DeviceLock:              factor.DeviceLock{},
		jieling.AdminApproval:           factor.AdminApproval{},
		jieling.EnterpriseCertification: factor.Certification{},
		jieling.EnterpriseCertificate:   factor.Certificate{},
		jieling.MDM:                     factor.MDM{},
		jieling.DocumentReview:          factor.Review{Of: jieling.DocumentReview, Retention: c.Reviews.Retention},
		jieling.VideoInterview:          factor.Review{Of: jieling.VideoInterview},
	}
	e.Reviewing = engine.Reviewing{Retention: c.Reviews.Retention, Due: c.Reviews.Due, MeetingHosts: c.Reviews.MeetingHosts}
	if len(c.Reviews.MeetingHosts) == 0 {
		delete(e.Factors, jieling.VideoInterview) // nobody could fix a place
	}
	base, err := url.Parse(c.BaseURL)
	if err != nil {
		return misuse("base_url: %w", err)
	}
	makers, err := readRoots("device_unlock.makers", c.Unlock.Makers)
	if err != nil {
		return err
	}
	unlock, err := webauthn.New(webauthn.Config{RPID: base.Hostname(), RPName: c.Name, Origins: []string{base.Scheme + "://" + base.Host}, Roots: makers})
	if err != nil {
		return fmt.Errorf("device unlock: %w", err)
	}
	e.Factors[jieling.DeviceUnlock] = unlock
	if c.Mail != nil {
		e.Factors[jieling.EmailCode] = factor.Email{Keys: e.Keys, Near: c.Mail.Near}
	}
	if c.Face == nil {
		return nil
	}
	f, err := face.New(face.Config{BaseURL: c.Face.URL, Key: tc3.Key{ID: c.Face.SecretID, Secret: c.Face.SecretKey}, RuleID: c.Face.Rule, Now: now})
	if err != nil {
		return err
	}
	e.Factors[jieling.Face] = f
	return nil
}

func (c config) providers(e *engine.Config, now func() time.Time) error {
	e.Providers, e.Listeners = map[jieling.Provider]provider.Provider{}, map[jieling.Provider]provider.Listener{}
	if c.QQ != nil {
		p, err := qq.New(qq.Config{BaseURL: c.QQ.URL, AppID: c.QQ.AppID, Secret: c.QQ.Secret, Union: c.QQ.Union})
		if err != nil {
			return err
		}
		e.Providers[jieling.QQ] = p
	}
	if c.WeChat != nil {
		p, err := wechat.New(wechat.Config{OpenURL: c.WeChat.OpenURL, APIURL: c.WeChat.APIURL, AppID: c.WeChat.AppID, Secret: c.WeChat.Secret, Push: wechat.Push(c.WeChat.Notices), Now: now})
		if err != nil {
			return err
		}
		e.Providers[jieling.WeChat] = p
	}
	if c.WeCom != nil {
		if c.WeCom.Notices.Plain {
			return misuse("wecom.notices.plain: WeCom seals everything; leave it out")
		}
		p, err := wecom.New(wecom.Config{
			LoginURL: c.WeCom.LoginURL, OpenURL: c.WeCom.OpenURL, APIURL: c.WeCom.APIURL, CorpID: c.WeCom.CorpID, AgentID: c.WeCom.AgentID,
			Secret: c.WeCom.Secret, Template: c.WeCom.Template, Control: c.WeCom.Control, Now: now,
			Push: wecom.Push{Token: c.WeCom.Notices.Token, AESKey: c.WeCom.Notices.AESKey},
		})
		if err != nil {
			return err
		}
		e.Providers[jieling.WeCom] = p
	}
	for name, p := range e.Providers {
		if l, ok := p.(provider.Listener); ok {
			e.Listeners[name] = l
		}
	}
	return c.Notices.listeners(e, now)
}

// listeners adds those who tell of logins without being signed in with here.
func (c noticesConfig) listeners(e *engine.Config, now func() time.Time) error {
	for name, n := range c {
		l, err := n.listener(name, now)
		if err != nil {
			return misuse("notices.%s: %w", name, err)
		}
		if e.Listeners[name] != nil {
			return misuse("notices.%s: this provider has a section of its own; set its notices up there", name)
		}
		e.Listeners[name] = l
	}
	return nil
}

func (n noticeConfig) listener(name jieling.Provider, now func() time.Time) (provider.Listener, error) {
	title := n.Title
	if title.Empty() {
		title = jieling.Text{ZH: string(name), EN: string(name)}
	}
	switch n.Form {
	case "set", "apple":
		return secevent.New(secevent.Config{Name: title, Issuer: n.Issuer, Audience: n.Audience, KeysURL: n.KeysURL, Apple: n.Form == "apple", Now: now})
	case "carrier":
		return carrier.New(n.Secret, now)
	}
	return nil, errors.New("form must be set, apple or carrier")
}

func (c config) participants(e *engine.Config, now func() time.Time) error {
	for _, p := range c.Participants {
		pc := participant.Config{Name: p.Name, Title: p.Title, URL: p.URL, Secret: p.Secret, Required: p.Required, Provider: p.Providers}
		hand, err := httppart.New(pc, now)
		if err != nil {
			return err
		}
		e.Participants = append(e.Participants, engine.Participant{Config: pc, Hand: hand})
	}
	return nil
}

// sender sets up what messages go by; without any, they are dropped and said so in the log.
func (c config) sender(e *engine.Config, now func() time.Time) error {
	by := notify.ByChannel{}
	if c.SMS != nil {
		s, err := c.SMS.sender(now)
		if err != nil {
			return err
		}
		by[jieling.BySMS] = s
	}
	if c.Mail != nil {
		s, err := c.Mail.sender()
		if err != nil {
			return err
		}
		by[jieling.ByEmail] = s
	}
	if len(by) > 0 {
		e.Sender = by
	}
	return nil
}

// couriers sets up who brings events to machines, and where they may go.
func (c config) couriers(e *engine.Config) error {
	roots, err := readRoots("events.roots", c.Events.Roots)
	if err != nil {
		return err
	}
	e.Egress = outbound.Guard{Roots: roots}
	for _, network := range c.Events.Networks {
		prefix, err := netip.ParsePrefix(network)
		if err != nil {
			return misuse("events.networks: %w", err)
		}
		e.Egress.Private = append(e.Egress.Private, prefix)
	}
	client := e.Egress.Client()
	e.Couriers = map[store.ReceiverKind]event.Courier{store.ByWebhook: webhook.Courier{Client: client}, store.ByPush: push.Courier{Client: client}}
	return nil
}

func (c smsConfig) sender(now func() time.Time) (notify.Sender, error) {
	return tencentsms.New(tencentsms.Config{
		BaseURL: c.URL, Key: tc3.Key{ID: c.SecretID, Secret: c.SecretKey}, AppID: c.AppID, Sign: c.Sign,
		Code: c.CodeTemplate, Notice: c.NoticeTemplate, Link: c.LinkTemplate, Now: now,
	})
}

func (c mailConfig) sender() (notify.Sender, error) {
	roots, err := readRoots("mail.roots", c.Roots)
	if err != nil {
		return nil, err
	}
	return smtp.New(smtp.Config{Addr: c.Relay, Implicit: c.Implicit, From: c.From, Username: c.Username, Password: c.Password, Roots: roots})
}

func (c config) carrier(e *engine.Config, now func() time.Time) error {
	if c.Carrier == nil {
		return nil
	}
	x, err := aliyun.New(aliyun.Config{BaseURL: c.Carrier.URL, KeyID: c.Carrier.KeyID, KeySecret: c.Carrier.KeySecret, AuthCode: c.Carrier.AuthCode, Now: now})
	if err != nil {
		return err
	}
	e.Carrier = x
	return nil
}

func (c config) sim(e *engine.Config, now func() time.Time) error {
	if c.SIM == nil {
		return nil
	}
	x, err := camara.New(camara.Config{
		BaseURL: c.SIM.URL, TokenURL: c.SIM.TokenURL, ClientID: c.SIM.ClientID, Key: c.SIM.Key, Secret: c.SIM.Secret, Numbers: c.SIM.Numbers, Now: now,
	})
	if err != nil {
		return err
	}
	e.SIM = x
	return nil
}

// locator opens the GeoIP files; without any, where an address is stays unknown.
func (c config) locator(e *engine.Config) error {
	if c.GeoIP == nil {
		return nil
	}
	files := maxmind.Config{City: c.GeoIP.City, ASN: c.GeoIP.ASN, Anonymous: c.GeoIP.Anonymous, PublicASNs: c.GeoIP.PublicASNs}
	for _, network := range c.GeoIP.PublicNetworks {
		prefix, err := netip.ParsePrefix(network)
		if err != nil {
			return misuse("geoip.public_networks: %w", err)
		}
		files.PublicNetworks = append(files.PublicNetworks, prefix)
	}
	l, err := maxmind.New(files)
	if err != nil {
		return misuse("geoip: %w", err)
	}
	e.Locator = l
	return nil
}

// doors mounts the pages and the API behind one gate.
func (a *app) doors(ctx context.Context, c config, how assembly) (http.Handler, error) {
	secure := strings.HasPrefix(c.BaseURL, "https://")
	var proxies []netip.Prefix
	for _, p := range c.Proxies {
		prefix, err := netip.ParsePrefix(p)
		if err != nil {
			return nil, misuse("proxies: %w", err)
		}
		proxies = append(proxies, prefix)
	}
	g := gate.New(gate.Config{
		Keys: a.store.Keys, Sessions: a.engine.Session, Secure: secure, Proxies: proxies, PerKey: c.Rates.PerKey.rate(), PerHost: c.Rates.PerAddress.rate(), Served: a.metrics.Served, Log: how.log,
	})
	staff, err := gate.NewStaff(ctx, a.store, a.keys, nil, how.log)
	if err != nil {
		return nil, err
	}
	programs, err := api.New(api.Config{
		Engine: a.engine, Gate: g, Staff: staff, Closing: a.closing, Ready: a.store.Ping, Metrics: a.metrics,
		HandoffURL: func(token string) string { return c.BaseURL + "/handoff?token=" + url.QueryEscape(token) },
	})
	if err != nil {
		return nil, err
	}
	people := web.New(web.Config{
		Engine: a.engine, Gate: g, Staff: staff, Reading: func() web.Reading { return *a.reading.Load() }, BaseURL: c.BaseURL, Secure: secure, Providers: slices.Sorted(maps.Keys(a.engine.Providers)), SandboxStage: how.stage, Log: how.log,
	})
	mux := http.NewServeMux()
	for _, path := range []string{"/v1/", "/docs", "/docs/", "/healthz", "/readyz", "/metrics"} {
		mux.Handle(path, programs)
	}
	signals := ssf.New(ssf.Config{Engine: a.engine, Gate: g, Issuer: c.BaseURL, Keys: a.keys.TokenKeys, Closing: a.closing})
	for _, path := range []string{"/ssf/", "/.well-known/ssf-configuration", "/.well-known/risc-configuration"} {
		mux.Handle(path, signals)
	}
	mux.Handle("/", people)
	return mux, nil
}

// backlog counts what waits outside for the operator's metrics, up to a thousand of each kind of effect.
func (a *app) backlog(ctx context.Context) (out api.Standing, err error) {
	waiting, err := a.store.Effects(ctx, "", jieling.EffectDue, 1000)
	if err != nil {
		return out, err
	}
	lost, err := a.store.Effects(ctx, "", jieling.EffectDead, 1000)
	if err != nil {
		return out, err
	}
	out.EffectsDue, out.EffectsDead = len(waiting), len(lost)
	told, err := a.store.Receivers(ctx)
	for _, r := range told {
		out.EventsDue += r.Waiting
		out.EventsDead += r.Dead
		switch r.State {
		case store.ReceiverPaused:
			out.ReceiversPaused++
		case store.ReceiverEnabled:
			out.EventsBehind = max(out.EventsBehind, r.Behind)
		}
	}
	return out, err
}

// serve answers and works until ctx ends, then finishes what is in hand.
func (a *app) serve(ctx context.Context, ln net.Listener, h http.Handler) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	requests, cutOff := context.WithCancel(context.WithoutCancel(ctx))
	defer cutOff()
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return requests },
		ErrorLog:    slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}
	var inHand sync.WaitGroup
	inHand.Go(func() { a.worker.Run(ctx) })
	inHand.Go(func() {
		<-ctx.Done()
		a.finish(srv, cutOff)
	})
	err := srv.Serve(ln)
	stop() // a listener that broke stops the rest too
	inHand.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// finish lets requests end: streams are told to, and pages that follow a case, which hold theirs open, are cut off after a while.
func (a *app) finish(srv *http.Server, cutOff func()) {
	close(a.closing)
	linger := time.AfterFunc(2*time.Second, cutOff)
	defer linger.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		a.log.Warn("requests were cut off", "error", err)
	}
}

func (a *app) close() {
	if err := a.store.Close(); err != nil {
		a.log.Error("close the store", "error", err)
	}
}
