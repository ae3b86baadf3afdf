package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jieling-id/jieling/client"
)

// stage is the page that shows every party side by side, with the guided tour.
type stage struct {
	*World
	title, about client.Text
	mu           sync.Mutex
	began        map[string]time.Time // by person: when they took the tour from the start, after the first time
	cases        map[string]string    // by person: the newest case that was seen
}

// Stage is the page that shows every party and person side by side, for mounting at /sandbox and all that lies under it. Parties
// appear in frames, as they allow this page, and no other, to do so. The product's own pages allow nobody: the security centre opens in
// a window beside it. POST /sandbox/tour begins the tour of the person "who" anew.
func (w *World) Stage() http.Handler {
	s := &stage{
		World: w, began: map[string]time.Time{}, cases: map[string]string{},
		title: client.Text{ZH: "舞台", EN: "The stage"},
		about: client.Text{
			ZH: "演示里的外部世界，都在一个窗口里。每一方都是独立的服务，你可以扮演其中任何一方。",
			EN: "The outside world of the demo, in one window. Each party is a server of its own; you can play any of them.",
		},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sandbox", s.page)
	mux.HandleFunc("GET /sandbox/{$}", s.page)
	mux.HandleFunc("POST /sandbox/tour", s.restart)
	for file, kind := range map[string]string{"stage.css": "text/css", "stage.js": "text/javascript"} {
		mux.HandleFunc("GET /sandbox/"+file, func(rw http.ResponseWriter, _ *http.Request) {
			content, err := pageFiles.ReadFile("pages/" + file)
			if err != nil {
				http.Error(rw, err.Error(), http.StatusInternalServerError)
				return
			}
			rw.Header().Set("Content-Type", kind+"; charset=utf-8")
			rw.Header().Set("Cache-Control", "no-cache")
			_, _ = rw.Write(content) // the reader has gone
		})
	}
	return mux
}

// stageData is what the page shows.
type stageData struct {
	Who      Person
	People   []Person
	Panels   []panel
	Steps    []tourStep
	Now      int // the step to take, from 1; one more than there are when the tour is over
	Stuck    bool
	Attached bool
}

// Spot is the panel that the tour looks at.
func (d stageData) Spot() panel {
	for _, p := range d.Panels {
		if p.Here {
			return p
		}
	}
	return panel{}
}

// panel is one party on the stage.
type panel struct {
	Name  string
	Title client.Text
	About client.Text
	Signs []sign
	URL   string // of its page for this person
	Frame bool   // it can be shown in a frame
	Open  bool   // its frame is unfolded from the start
	Here  bool   // the tour looks at it
}

// sign is a little state: what kind it is (good, gone, warn, bad, plain), and in words.
type sign struct {
	Kind string
	Text client.Text
}

func (s *stage) page(rw http.ResponseWriter, r *http.Request) {
	who, known := personByKey(r.URL.Query().Get("who"))
	if !known {
		who = People()[0]
	}
	f := s.look(r.Context(), who)
	s.mu.Lock()
	began := s.began[who.Key]
	s.mu.Unlock()
	product := s.wechat.attached()
	steps, now := tourOf(who, f, began, product.BaseURL)
	data := stageData{Who: who, People: People(), Steps: steps, Now: now + 1, Attached: product.BaseURL != "", Stuck: now == 0 && f.known && !f.linked}
	at := ""
	if now < len(steps) {
		at = steps[now].At
	}
	for _, p := range s.panels(who, f, product.BaseURL) {
		p.Here = p.Name == at
		p.Open = p.Open || p.Here
		data.Panels = append(data.Panels, p)
	}
	lang := langOf(r)
	if r.URL.Query().Get("lang") == "" && strings.HasPrefix(r.Header.Get("Accept-Language"), "en") {
		lang = "en"
	}
	v := view{Lang: lang, Title: s.title, About: s.about, url: r.URL}
	write(rw, r, http.StatusOK, s.looks.stagePolicy(), v.stage(data))
}

// restart begins the tour of a person anew: what happened until now does not count any more.
func (s *stage) restart(rw http.ResponseWriter, r *http.Request) {
	who, known := personByKey(r.FormValue("who"))
	if !known {
		http.Error(rw, "who must be one of the people on the stage", http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.began[who.Key] = s.wechat.now()
	s.mu.Unlock()
	q := url.Values{"who": {who.Key}, "lang": {langOf(r)}}
	http.Redirect(rw, r, "/sandbox?"+q.Encode(), http.StatusSeeOther)
}

// look gathers what the world shows about a person: the parties from within, the account and its case from the product's public API.
func (s *stage) look(ctx context.Context, who Person) facts {
	f := facts{signIns: s.qq.signIns(who.Key), granted: s.qq.granted(who.Key), codes: s.sms.codes(who.Phone)}
	product := s.wechat.attached()
	if err := s.account(ctx, product, who, &f); err != nil {
		f.known = false // the page says so
	}
	for _, sys := range s.systems {
		f.cleared = f.cleared || f.id != "" && slices.ContainsFunc(sys.ledger.Entries(), func(e client.LedgerEntry) bool {
			return e.Case == f.id && e.Op == client.OpCleanup && e.Applied > 0
		})
	}
	return f
}

// account asks the product for the account, and for the newest case on it, which it lists only while it is open.
func (s *stage) account(ctx context.Context, product Product, who Person, f *facts) error {
	var a struct {
		WaysIn   int       `json:"ways_in"`
		Frozen   bool      `json:"frozen"`
		Guarded  time.Time `json:"guarded_until"`
		Bindings []struct {
			Provider, State string
		} `json:"bindings"`
		Cases []struct{ ID, Provider string } `json:"cases"`
	}
	if err := product.read(ctx, s.wechat.http, "/v1/accounts/"+url.PathEscape(product.Accounts[who.Key]), &a); err != nil {
		return err
	}
	f.known, f.waysIn, f.frozen, f.guarded = true, a.WaysIn, a.Frozen, a.Guarded
	for _, b := range a.Bindings {
		f.linked = f.linked || b.Provider == QQ && b.State == "active"
	}
	s.mu.Lock()
	for _, c := range slices.Backward(a.Cases) {
		if c.Provider == QQ {
			s.cases[who.Key] = c.ID
		}
	}
	f.id = s.cases[who.Key]
	s.mu.Unlock()
	if f.id == "" {
		return nil
	}
	var c struct {
		Stage    string    `json:"stage"`
		Next     string    `json:"next"`
		Replaced bool      `json:"replaced"`
		Opened   time.Time `json:"opened_at"`
		Removed  time.Time `json:"removed_at"`
	}
	if err := product.read(ctx, s.wechat.http, "/v1/cases/"+url.PathEscape(f.id), &c); err != nil {
		return err
	}
	f.stage, f.another, f.opened, f.removed = c.Stage, c.Replaced || c.Next != "replacement", c.Opened, c.Removed
	return nil
}

// read gets something from the product's API.
func (p Product) read(ctx context.Context, hc *http.Client, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.BaseURL+path, http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+p.APIKey)
	res, err := hc.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, res.Status)
	}
	return json.NewDecoder(io.LimitReader(res.Body, bodyLimit)).Decode(into)
}

// panels are the places on the stage, each with its signs.
func (s *stage) panels(who Person, f facts, base string) []panel {
	phone := s.parties[WeChat]
	all := []panel{
		{
			Name: centre, Title: client.Text{ZH: "安全中心", EN: "Security centre"}, URL: base + "/", Signs: f.centreSigns(),
			About: client.Text{
				ZH: "解铃自己的页面。它不许任何页面把它框起来，所以在旁边的窗口打开。",
				EN: "Jieling's own pages. They let no other page frame them, so they open in a window beside this one.",
			},
		},
		{
			Name: WeChat, Title: client.Text{ZH: who.Name.ZH + "的手机", EN: who.Name.EN + "'s phone"}, About: phone.about, Frame: true, Open: true,
			URL: s.urls[WeChat] + "/phone/" + who.Key, Signs: s.wechat.signs(who.Key),
		},
		{
			Name: SMS, Title: s.parties[SMS].title, About: s.parties[SMS].about, Frame: true, Open: true,
			URL: s.urls[SMS] + "/?who=" + who.Key, Signs: s.sms.signs(who.Phone),
		},
		{
			Name: Mail, Title: s.parties[Mail].title, About: s.parties[Mail].about, Frame: true,
			URL: s.urls[Mail] + "/?who=" + who.Key, Signs: s.mail.signs(who),
		},
		{
			Name: QQ, Title: s.parties[QQ].title, About: s.parties[QQ].about, Frame: true, Open: true,
			URL: s.urls[QQ] + "/people/" + who.Key, Signs: s.qq.signs(who.Key, f),
		},
	}
	for _, name := range Systems() {
		p := s.parties[name]
		all = append(all, panel{
			Name: name, Title: p.title, About: p.about, Frame: true, Open: name == WeChatPay,
			URL: s.urls[name] + "/?who=" + who.Key, Signs: s.systems[name].signs(who),
		})
	}
	face := panel{Name: Face, Title: s.parties[Face].title, About: s.parties[Face].about, Frame: true, URL: s.urls[Face] + "/", Signs: s.face.signs()}
	all = append(all, face, panel{
		Name: Carrier, Title: s.parties[Carrier].title, About: s.parties[Carrier].about, Frame: true,
		URL: s.urls[Carrier] + "/?who=" + who.Key, Signs: s.carrier.signs(who.Phone),
	}, panel{
		Name: WeCom, Title: s.parties[WeCom].title, About: s.parties[WeCom].about, Frame: true, URL: s.urls[WeCom] + "/", Signs: s.wecom.signs(),
	}, panel{
		Name: Google, Title: s.parties[Google].title, About: s.parties[Google].about, Frame: true,
		URL: s.urls[Google] + "/?who=" + who.Key, Signs: s.google.signs(who),
	})
	for i, p := range all {
		if p.Name != centre && len(s.parties[p.Name].faults.list()) > 0 {
			all[i].Signs = append(all[i].Signs, sign{"bad", client.Text{ZH: "被设为出错", EN: "set to misbehave"}})
		}
	}
	return all
}
