package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"log"
	"math/rand/v2"
	"net/http"
	"strings"

	"github.com/jieling-id/jieling/client"
	"github.com/jieling-id/jieling/client/api"
)

//go:embed page.html
var pageText string

// site is the shop with its doors: pages for people, and /jieling for Jieling.
type site struct {
	*shop
	jl    *api.Client
	pages map[string]*template.Template // by language
}

func newSite(s *shop, jl *api.Client, secret client.Secret) http.Handler {
	w := &site{shop: s, jl: jl, pages: map[string]*template.Template{}}
	for _, lang := range []string{"zh-CN", "en"} {
		t := func(zh, en string) string { return in(lang, client.Text{ZH: zh, EN: en}) }
		w.pages[lang] = template.Must(template.New("page").Funcs(template.FuncMap{"t": t}).Parse(pageText))
	}
	mux := http.NewServeMux()
	mux.Handle("/jieling/{op}", client.Handler(secret, s, client.HandlerConfig{}))
	mux.HandleFunc("GET /{$}", w.home)
	mux.HandleFunc("POST /signup", w.signUp)
	mux.HandleFunc("POST /signin", w.signIn)
	mux.HandleFunc("POST /signin/qq", w.signInWithQQ)
	mux.HandleFunc("POST /stepup", w.stepUp)
	mux.HandleFunc("POST /signout", w.signOut)
	mux.HandleFunc("POST /pay", w.pay)
	mux.HandleFunc("POST /security", w.security)
	return http.NewCrossOriginProtection().Handler(mux)
}

func in(lang string, t client.Text) string {
	if lang == "en" {
		return t.EN
	}
	return t.ZH
}

// view is what the page shows.
type view struct {
	Lang, Message string
	User          *user
	StepUp        bool
	WaysIn        []api.Binding
	Phone, QQ     string // to sign up with at one press
}

func (w *site) home(rw http.ResponseWriter, r *http.Request) {
	w.show(rw, r, http.StatusOK, client.Text{})
}

func (w *site) show(rw http.ResponseWriter, r *http.Request, status int, message client.Text) {
	v := view{Lang: "zh-CN", Phone: fmt.Sprintf("+86139%08d", rand.IntN(1e8)), QQ: fmt.Sprintf("%016X%016X", rand.Uint64(), rand.Uint64())}
	if asked := r.FormValue("lang"); asked == "en" || asked == "" && strings.HasPrefix(r.Header.Get("Accept-Language"), "en") {
		v.Lang = "en"
	}
	v.Message = in(v.Lang, message)
	if u, stepUp, ok := w.who(token(r)); ok {
		v.User, v.StepUp = &u, stepUp
		if got, err := w.jl.ListBindings(r.Context(), api.ListBindingsParams{Account: u.Account}); err == nil {
			v.WaysIn = got.Items
		}
	}
	var page bytes.Buffer
	if err := w.pages[v.Lang].Execute(&page, v); err != nil {
		log.Print(err)
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.Header().Set("Cache-Control", "no-store")
	rw.WriteHeader(status)
	_, _ = rw.Write(page.Bytes()) // the reader has gone
}

// fail shows what Jieling refused, or that it did not answer.
func (w *site) fail(rw http.ResponseWriter, r *http.Request, err error) {
	log.Print(err)
	w.show(rw, r, http.StatusBadGateway, client.Text{ZH: "登录服务没有办成，请稍后再试。", EN: "The login service could not do it. Try again in a while."})
}

// enter makes sure that Jieling knows the user, then opens a session.
func (w *site) enter(rw http.ResponseWriter, r *http.Request, u user, stepUp bool) {
	if u.Account == "" {
		account, err := join(r.Context(), w.jl, u)
		if err != nil {
			w.fail(rw, r, err)
			return
		}
		w.change(u.ID, func(u *user) { u.Account, u.PIN = account, "" })
	}
	http.SetCookie(rw, &http.Cookie{
		Name: "shop", Value: w.open(session{u.ID, stepUp}), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	w.back(rw, r)
}

func (w *site) back(rw http.ResponseWriter, r *http.Request) {
	http.Redirect(rw, r, "/?lang="+in(r.FormValue("lang"), client.Text{ZH: "zh-CN", EN: "en"}), http.StatusSeeOther)
}

func (w *site) signUp(rw http.ResponseWriter, r *http.Request) {
	u, ok := w.shop.signUp(user{
		Name: r.FormValue("name"), Password: r.FormValue("password"), Phone: r.FormValue("phone"), PIN: r.FormValue("pin"), QQ: earned{Subject: r.FormValue("qq")},
	})
	if !ok {
		w.show(rw, r, http.StatusConflict, client.Text{ZH: "这个名字已有人用。", EN: "This name is taken."})
		return
	}
	w.enter(rw, r, u, false)
}

func (w *site) signIn(rw http.ResponseWriter, r *http.Request) {
	u, ok := w.find(func(u user) bool { return u.Name == r.FormValue("name") && u.Password == r.FormValue("password") })
	if !ok {
		w.show(rw, r, http.StatusForbidden, client.Text{ZH: "名字或密码不对。", EN: "The name or the password is wrong."})
		return
	}
	w.enter(rw, r, u, false)
}

// signInWithQQ stands where QQ's answer comes back: the form's openid plays what QQ vouched for. Then it does what Jieling
// says, and nothing else: what the shop remembers of this QQ does not count.
func (w *site) signInWithQQ(rw http.ResponseWriter, r *http.Request) {
	said, err := resolve(r.Context(), w.jl, r.FormValue("qq"))
	if err != nil {
		w.fail(rw, r, err) // no answer is no yes
		return
	}
	u, known := w.find(func(u user) bool { return u.Account != "" && u.Account == said.Account.Value })
	switch {
	case said.Outcome == api.ResolutionOutcomeAllow && known:
		w.enter(rw, r, u, false)
	case said.Outcome == api.ResolutionOutcomeStepUp && known:
		w.enter(rw, r, u, true)
	case said.Outcome == api.ResolutionOutcomeRefuse:
		w.show(rw, r, http.StatusForbidden, client.Text{ZH: "现在不能用 QQ 登录，账号已冻结或这个登录方式已停用。", EN: "QQ cannot sign you in now: the account is frozen, or this login is suspended."})
	default:
		w.show(rw, r, http.StatusForbidden, client.Text{ZH: "没有账号绑定了这个 QQ。请用其他方式登录。", EN: "No account has this QQ. Sign in another way."})
	}
}

// stepUp asks for the password on top of QQ.
func (w *site) stepUp(rw http.ResponseWriter, r *http.Request) {
	u, _, ok := w.who(token(r))
	if !ok || u.Password != r.FormValue("password") {
		w.show(rw, r, http.StatusForbidden, client.Text{ZH: "密码不对。", EN: "The password is wrong."})
		return
	}
	w.close(token(r))
	w.enter(rw, r, u, false)
}

func (w *site) signOut(rw http.ResponseWriter, r *http.Request) {
	w.close(token(r))
	w.back(rw, r)
}

// pay begins to pay an order, or ends it.
func (w *site) pay(rw http.ResponseWriter, r *http.Request) {
	if u, stepUp, ok := w.who(token(r)); ok && !stepUp {
		w.change(u.ID, func(u *user) { u.Paying = !u.Paying })
	}
	w.back(rw, r)
}

// security hands the person over to the security centre. The form says which platform to be on, for trying each; a product
// knows it from its own app.
func (w *site) security(rw http.ResponseWriter, r *http.Request) {
	u, stepUp, ok := w.who(token(r))
	if !ok || stepUp {
		w.back(rw, r)
		return
	}
	to, err := handOff(r.Context(), w.jl, u.Account, api.Platform(r.FormValue("platform")))
	if err != nil {
		w.fail(rw, r, err)
		return
	}
	rw.Header().Set("Referrer-Policy", "no-referrer")
	rw.Header().Set("Cache-Control", "no-store")
	http.Redirect(rw, r, to, http.StatusSeeOther)
}

func token(r *http.Request) string {
	c, err := r.Cookie("shop")
	if err != nil {
		return ""
	}
	return c.Value
}
