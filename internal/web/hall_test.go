package web

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/store"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

// hall stands in for the engine: it answers with what it was given and writes down every verb that would change something.
type hall struct {
	mu       sync.Mutex
	did      []string
	idems    []engine.Idem
	given    []byte
	named    engine.NewBinding // as a replacement
	waiver   engine.NewWaiver
	number   int
	many     int // recorded cases on each platform; 0: one
	read     int // pages of them that were read
	unlock   string
	open     engine.NewCase
	ask      engine.NewChallenge
	refuse   error // what changing verbs answer with
	view     engine.CaseView
	offer    engine.ApprovalView
	office   bool // whoever looks administers an organisation
	past     []jieling.Event
	wait     bool // an answer is pending
	sessions []store.Session
	check    aftercare.CheckUp
	deeds    []engine.Deed
	unread   error  // what the record answers with
	create   string // the options of an enrolment
	reviews  reviewing
	care     engine.Care
	exact    bool // changes of how the account may be entered ask for a fresh proof
}

var _ Engine = (*hall)(nil)

func (h *hall) note(verb string, idem engine.Idem) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.did, h.idems = append(h.did, verb), append(h.idems, idem)
	return h.refuse
}

func (h *hall) keep(given []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.given = given
}

func (h *hall) verbs() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.did, " ")
}

func (h *hall) Account(_ context.Context, by jieling.Actor, _ jieling.AccountID) (engine.AccountView, error) {
	return engine.AccountView{
		Account:  jieling.Account{ID: by.Account, ExternalID: "user-000042", WaysIn: 2},
		Bindings: []jieling.Binding{h.view.Binding, {ID: "bnd_ph", Provider: jieling.Phone, State: jieling.BindingActive, Label: "138****8000"}},
		Sessions: h.sessions,
		CheckUp:  h.check,
		Now:      noon,
	}, nil
}

func (h *hall) EnrolOptions(context.Context, jieling.Actor, jieling.AccountID, jieling.Factor) (engine.Enrolling, error) {
	return engine.Enrolling{Public: json.RawMessage(h.create), State: []byte("sealed")}, nil
}

func (h *hall) Enrol(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.AccountID, in engine.NewFactor) (jieling.Enrolment, error) {
	h.keep(in.Given)
	return jieling.Enrolment{}, h.note("enrol", idem)
}

func (h *hall) RemoveDevice(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.AccountID, id jieling.DeviceID) error {
	return h.note("remove:"+string(id), idem)
}

func (h *hall) Waive(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.CaseID, in engine.NewWaiver) (engine.CaseView, error) {
	h.mu.Lock()
	h.waiver = in
	h.mu.Unlock()
	return engine.CaseView{}, h.note("waive", idem)
}

func (h *hall) EndSession(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.AccountID, id jieling.SessionID) error {
	return h.note("end:"+string(id), idem)
}

func (h *hall) EndOtherSessions(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.AccountID) error {
	return h.note("end-others", idem)
}

func (h *hall) Activity(_ context.Context, _ jieling.Actor, _ jieling.AccountID, kind engine.DeedKind, before int64, limit int) (engine.Activity, error) {
	if kind != "" && !slices.Contains(engine.DeedKinds[:], kind) {
		return engine.Activity{}, jieling.Invalid("kind", "is none")
	}
	out := engine.Activity{Devices: []jieling.Device{{ID: "dev_1", Name: "A"}, {ID: "dev_2", Name: "B"}}, Now: noon}
	for _, d := range h.deeds {
		if (kind == "" || d.Kind == kind) && (before == 0 || d.Seq < before) && len(out.Deeds) < limit {
			out.Deeds = append(out.Deeds, d)
		}
	}
	if n := len(out.Deeds); n == limit {
		out.Before = out.Deeds[n-1].Seq
	}
	return out, h.unread
}

func (h *hall) Freeze(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.AccountID, _ string) (jieling.Account, error) {
	return jieling.Account{}, h.note("freeze", idem)
}

func (h *hall) Plan(context.Context, jieling.Actor, engine.PlanQuery) (jieling.Plan, error) {
	return jieling.Plan{}, nil
}

func (h *hall) OpenCase(_ context.Context, _ jieling.Actor, idem engine.Idem, in engine.NewCase) (engine.CaseView, error) {
	h.open = in
	return h.view, h.note("open", idem)
}

func (h *hall) Case(_ context.Context, _ jieling.Actor, id jieling.CaseID) (engine.CaseView, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if id != h.view.ID {
		return engine.CaseView{}, jieling.Refuse(jieling.CodeNotFound, "没有找到。", "There is nothing here by that name.")
	}
	return h.view, nil
}

func (h *hall) Report(_ context.Context, _ jieling.Actor, id jieling.CaseID) (engine.Report, error) {
	c, err := h.Case(context.Background(), jieling.Actor{}, id)
	return engine.Report{Case: c, Deeds: h.deeds}, err
}

func (h *hall) Events(context.Context, jieling.Actor, jieling.CaseID, int64) ([]jieling.Event, error) {
	return h.past, nil
}

func (h *hall) Challenge(_ context.Context, _ jieling.Actor, idem engine.Idem, in engine.NewChallenge) (engine.ChallengeView, error) {
	h.ask = in
	return engine.ChallengeView{Challenge: jieling.Challenge{ID: "chl_new"}}, h.note("challenge", idem)
}

func (h *hall) Answer(_ context.Context, _ jieling.Actor, idem engine.Idem, in engine.NewAnswer) (engine.Answered, error) {
	h.keep(in.Given)
	return engine.Answered{Pending: h.wait}, h.note("answer:"+string(in.Challenge), idem)
}

func (h *hall) Replacement(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.CaseID, in engine.NewBinding, _ string) (engine.ChallengeView, error) {
	h.named = in
	return engine.ChallengeView{}, h.note("replace", idem)
}

func (h *hall) TakeStep(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.CaseID, in engine.StepAnswer) (engine.CaseView, error) {
	return h.view, h.note(fmt.Sprintf("step:%s/%t", in.Step, in.Declined), idem)
}

func (h *hall) Playbook(name string) (*jieling.Playbook, error) {
	pack, err := policy.Shipped("qq-wechat")
	if err != nil {
		return nil, err
	}
	if p := pack.Playbook(name); p != nil {
		return p, nil
	}
	return nil, jieling.Refuse(jieling.CodeNotFound, "没有找到。", "There is nothing here by that name.")
}

func (h *hall) BackUp(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.CaseID, c jieling.BackupChoice) (engine.CaseView, error) {
	return h.view, h.note("backup:"+string(c), idem)
}

func (h *hall) Describe(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.CaseID) (engine.CaseView, error) {
	return h.view, h.note("describe", idem)
}

func (h *hall) Confirm(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.CaseID) (engine.CaseView, error) {
	return h.view, h.note("confirm", idem)
}

func (h *hall) Cancel(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.CaseID) (engine.CaseView, error) {
	return h.view, h.note("cancel", idem)
}

func (h *hall) Undo(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.CaseID) (engine.CaseView, error) {
	return h.view, h.note("undo", idem)
}

func (h *hall) CleanUp(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.CaseID, participant, residue string) (engine.CaseView, error) {
	return h.view, h.note("clean:"+participant+"/"+residue, idem)
}

func (h *hall) Probe(_ context.Context, _ jieling.Actor, idem engine.Idem, _ jieling.CaseID) (engine.CaseView, error) {
	return h.view, h.note("probe", idem)
}

func (h *hall) Approval(context.Context, jieling.Actor, string) (engine.ApprovalView, error) {
	return h.offer, nil
}

func (h *hall) ClaimApproval(context.Context, jieling.Actor, string) (engine.ApprovalView, error) {
	return h.offer, h.note("claim", engine.Idem{})
}

func (h *hall) Approve(_ context.Context, _ jieling.Actor, idem engine.Idem, _ string, yes engine.Approving) (engine.ApprovalView, error) {
	h.keep(yes.Unlock)
	h.number, h.unlock = yes.Number, string(yes.Unlock)
	if yes.By == jieling.DeviceUnlock {
		return h.offer, h.note("approve-by-lock", idem)
	}
	return h.offer, h.note("approve", idem)
}

func (h *hall) Reject(_ context.Context, _ jieling.Actor, idem engine.Idem, _ string, freeze bool) (engine.ApprovalView, error) {
	if freeze {
		return h.offer, h.note("reject-and-freeze", idem)
	}
	return h.offer, h.note("reject", idem)
}

func (h *hall) Office(_ context.Context, by jieling.Actor) (engine.Office, error) {
	if !h.office {
		return engine.Office{}, jieling.Refuse(jieling.CodeNotFound, "没有找到。", "There is nothing here.")
	}
	return engine.Office{Organisation: jieling.Organisation{ID: "org_1", Name: "青禾科技", Mailbox: "it@qinghe.example", CertifiedUntil: noon.Add(time.Hour)}, Now: noon}, nil
}

func (h *hall) Members(context.Context, jieling.Actor, jieling.OrganisationID, jieling.AccountID) ([]store.Member, error) {
	return []store.Member{{Membership: jieling.Membership{Account: "acc_2", Role: jieling.OrgMember}, ExternalID: "wx_zhou", WaysIn: 2}}, nil
}

func (h *hall) ManagedDevices(context.Context, jieling.Actor, jieling.OrganisationID) ([]store.Managed, error) {
	return []store.Managed{{Name: "小米 14", ManagedDevice: jieling.ManagedDevice{Account: "acc_2", Compliant: true, ReportedAt: noon}}}, nil
}

func (h *hall) Requests(context.Context, jieling.Actor, jieling.OrganisationID) ([]engine.Asked, error) {
	return []engine.Asked{{Challenge: jieling.Challenge{ID: "chl_1", Account: "acc_2", IssuedAt: noon, ExpiresAt: noon.Add(time.Hour)}}}, nil
}

func (h *hall) Request(_ context.Context, _ jieling.Actor, _ jieling.OrganisationID, id jieling.ChallengeID) (engine.Request, error) {
	return engine.Request{
		Challenge: id, Member: "wx_zhou", What: jieling.Text{ZH: "解绑 QQ", EN: "unlink QQ"}, Reason: jieling.ReasonPrivacy, Platform: jieling.Android, Version: 7,
		AskedAt: noon, Until: noon.Add(time.Hour), Unlocks: []engine.Unlock{{Factor: jieling.PaymentPIN}},
	}, nil
}

func (h *hall) Decide(_ context.Context, _ jieling.Actor, idem engine.Idem, org jieling.OrganisationID, in engine.Deciding) error {
	h.keep(in.Unlock)
	return h.note(fmt.Sprintf("decide:%s/%s/%t/%d/%s", org, in.Challenge, in.Approve, in.Version, in.Reason), idem)
}

func (h *hall) AskHold(_ context.Context, phone, _ string) error {
	return h.note("ask-hold:"+phone, engine.Idem{})
}

func (h *hall) Hold(_ context.Context, phone, code string) error {
	return h.note("hold:"+phone+"/"+code, engine.Idem{})
}

func (h *hall) Notice(_ context.Context, token string) (engine.NoticeView, error) {
	if token != "good" && token != "theft" {
		return engine.NoticeView{Now: noon}, nil
	}
	return engine.NoticeView{Alive: true, Binding: h.view.Binding, RemovedAt: noon, Undo: token == "good", Until: noon.Add(72 * time.Hour), Now: noon}, nil
}

func (h *hall) NotMe(_ context.Context, token string) (bool, error) {
	if token != "good" && token != "theft" {
		return false, jieling.Refuse(jieling.CodeChallengeUsed, "已失效。", "Used.")
	}
	return token == "good", h.note("not-me", engine.Idem{})
}

func (h *hall) Redeem(_ context.Context, token, _ string) (engine.SignedIn, error) {
	next := map[string]string{"good": "/cases/case_1", "astray": "//evil.test/", "away": "https://evil.test/"}[token]
	if next == "" {
		return engine.SignedIn{}, jieling.Refuse(jieling.CodeUnauthenticated, "已用过。", "Used.")
	}
	return engine.SignedIn{Token: "session", Next: next, Expires: time.Now().Add(time.Hour)}, h.note("redeem", engine.Idem{})
}

func (h *hall) SignInURL(p jieling.Provider, state string, _ bool) (string, error) {
	if p != jieling.QQ {
		return "", jieling.Refuse(jieling.CodeProviderUnknown, "不支持。", "Not set up.")
	}
	return "https://qq.example.test/authorize?state=" + url.QueryEscape(state), nil
}

func (h *hall) SignIn(_ context.Context, _ jieling.Provider, code string, _ jieling.Platform, _ string) (engine.SignedIn, error) {
	if code == "unknown" {
		return engine.SignedIn{}, jieling.Refuse(jieling.CodeNotFound, "没有绑定。", "No account has this login.")
	}
	return engine.SignedIn{Token: "session", Next: "/", Expires: time.Now().Add(time.Hour)}, h.note("sign-in", engine.Idem{})
}

func (h *hall) Session(_ context.Context, token string) (jieling.Actor, store.Session, error) {
	if token != "session" && token != "other" {
		return jieling.Actor{}, store.Session{}, jieling.Refuse(jieling.CodeUnauthenticated, "已过期。", "Not signed in.")
	}
	return jieling.Actor{Kind: jieling.ActorPerson, Name: "ses_" + token, Account: "acc_1", Device: "dev_1"}, store.Session{Platform: jieling.IOS}, nil
}

func (h *hall) SignOut(context.Context, string) error { return h.note("sign-out", engine.Idem{}) }

// Policy is the pack that ships.
func (h *hall) Policy(by jieling.Actor, d engine.Duty) (*policy.Pack, error) {
	if !engine.MayDo(by, d) {
		return nil, jieling.Refuse(jieling.CodeForbidden, "不归你。", "Not yours.")
	}
	return shippedPack(), nil
}

// Recorded gives what the newest cases were decided on: one on each platform, and many more where the test wants them.
func (h *hall) Recorded(_ context.Context, by jieling.Actor, last jieling.CaseID, limit int) (page engine.RecordedCases, err error) {
	if !engine.MayDo(by, engine.SimulatePolicy) || limit < 1 {
		return page, errors.New("not for them")
	}
	h.read++
	for n := max(h.many, 1) * len(jieling.Platforms); n > 0; n-- {
		id := jieling.CaseID(fmt.Sprintf("case_%06d", n))
		if last != "" && id >= last {
			continue
		}
		if len(page.Cases) == limit {
			page.Last = page.Cases[limit-1].Case
			return page, nil
		}
		s := policy.Situation{Platform: jieling.Platforms[n%len(jieling.Platforms)], Goal: jieling.Unlink, Provider: jieling.QQ, Kind: jieling.Personal}
		facts, err := shippedPack().Facts(s)
		if err != nil {
			return page, err
		}
		page.Cases = append(page.Cases, engine.Recorded{Case: id, At: noon, Situation: s, Decision: shippedPack().Decide(facts)})
	}
	page.Without = 1
	return page, nil
}

var shippedPack = sync.OnceValue(func() *policy.Pack {
	pack, err := policy.Shipped("qq-wechat")
	if err != nil {
		panic(err)
	}
	return pack
})

// crew stands in for where staff are kept: one of them is signed in, and nobody signs in or out.
type crew struct{ gate.StaffStore }

func (crew) Staff(context.Context) ([]store.Staff, error) {
	return []store.Staff{{
		Name: "lin", Role: store.Operator, Session: sha256.Sum256([]byte("staff-session")), SignedInAt: noon, SeenAt: noon, CreatedAt: noon, Version: 1, Now: noon,
	}, {
		Name: "an", Role: store.Reviewer, Session: sha256.Sum256([]byte("reviewer-session")), SignedInAt: noon, SeenAt: noon, CreatedAt: noon, Version: 1, Now: noon,
	}}, nil
}

var staffEntrance = sync.OnceValue(func() *gate.Staff {
	keys, err := keyring.New(nil)
	if err != nil {
		panic(err)
	}
	staff, err := gate.NewStaff(context.Background(), crew{}, keys, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		panic(err)
	}
	return staff
})

// asStaff is the cookie of the console's session.
func asStaff(r *http.Request) {
	r.AddCookie(&http.Cookie{Name: "jieling-staff", Value: "staff-session"})
}

// house is the door with a stand-in behind it.
type house struct {
	*hall
	door http.Handler
	t    *testing.T
}

func newHouse(t *testing.T, secure bool, per ...gate.Rate) *house {
	t.Helper()
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	h := &hall{create: `{"publicKey":{"challenge":"AA"}}`, view: engine.CaseView{
		Case:    jieling.Case{ID: "case_1", Account: "acc_1", Binding: "bnd_qq", Provider: jieling.QQ, Stage: jieling.StageReady, ExpiresAt: noon.Add(time.Hour)},
		Next:    casework.MoveConfirm,
		Binding: jieling.Binding{ID: "bnd_qq", Provider: jieling.QQ, State: jieling.BindingActive, Label: "12****4821"},
		Now:     noon,
	}}
	g := gate.New(gate.Config{
		PerHost: append(per, gate.Rate{})[0], Keys: func(context.Context) ([]store.Key, error) { return nil, nil }, Sessions: h.Session, Secure: secure, Log: quiet,
	})
	c := Config{Engine: h, Gate: g, Staff: staffEntrance(), BaseURL: "https://id.example.test", Secure: secure, Providers: []jieling.Provider{jieling.QQ}, Log: quiet}
	return &house{hall: h, door: New(c), t: t}
}

// ask sends one request. Form nil is a GET.
func (h *house) ask(path string, form url.Values, edit ...func(*http.Request)) *httptest.ResponseRecorder {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 2*time.Minute) // a stream that is let through must not hold the test up
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "https://id.example.test"+path, http.NoBody)
	if form != nil {
		r = httptest.NewRequestWithContext(ctx, http.MethodPost, "https://id.example.test"+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, e := range edit {
		e(r)
	}
	w := httptest.NewRecorder()
	h.door.ServeHTTP(w, r)
	return w
}

func as(token string) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "jieling", Value: token}) }
}

var signedInAs = as("session")

func english(r *http.Request) { r.Header.Set("Accept-Language", "en") }
