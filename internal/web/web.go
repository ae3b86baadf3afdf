package web

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/store"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// Engine is what the pages ask of the hall. *[engine.Engine] is it; tests put a stand-in in its place.
type Engine interface {
	Account(ctx context.Context, by jieling.Actor, id jieling.AccountID) (engine.AccountView, error)
	CheckUp(ctx context.Context, by jieling.Actor, id jieling.AccountID) (engine.AccountView, error)
	Bindings(ctx context.Context, by jieling.Actor, id jieling.AccountID) ([]jieling.Binding, error)
	Settings(ctx context.Context, by jieling.Actor, account jieling.AccountID) (engine.SettingsView, error)
	ChangeSettings(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, in engine.SettingsChange) (engine.SettingsView, error)
	ChangeDevice(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, id jieling.DeviceID, in engine.DeviceChange) (jieling.Device, error)
	SetSwitch(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, in engine.SwitchChange) error
	JudgeBill(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, participant, bill string, said engine.Judgement) error
	ReviewDevices(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID) error
	PutAside(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, c jieling.CaseID, card aftercare.AfterName) error
	AskProof(ctx context.Context, by jieling.Actor, account jieling.AccountID, f jieling.Factor, lang string) (engine.ChallengeView, error)
	EnrolOptions(ctx context.Context, by jieling.Actor, account jieling.AccountID, f jieling.Factor) (engine.Enrolling, error)
	Enrol(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, in engine.NewFactor) (jieling.Enrolment, error)
	RemoveDevice(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, id jieling.DeviceID) error
	EndSession(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, id jieling.SessionID) error
	EndOtherSessions(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID) error
	Activity(ctx context.Context, by jieling.Actor, account jieling.AccountID, kind engine.DeedKind, before int64, limit int) (engine.Activity, error)
	Freeze(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, why string) (jieling.Account, error)

	Plan(ctx context.Context, by jieling.Actor, q engine.PlanQuery) (jieling.Plan, error)
	OpenCase(ctx context.Context, by jieling.Actor, idem engine.Idem, in engine.NewCase) (engine.CaseView, error)
	Case(ctx context.Context, by jieling.Actor, id jieling.CaseID) (engine.CaseView, error)
	Report(ctx context.Context, by jieling.Actor, id jieling.CaseID) (engine.Report, error)
	Events(ctx context.Context, by jieling.Actor, id jieling.CaseID, after int64) ([]jieling.Event, error)
	Describe(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID) (engine.CaseView, error)
	Challenge(ctx context.Context, by jieling.Actor, idem engine.Idem, in engine.NewChallenge) (engine.ChallengeView, error)
	Answer(ctx context.Context, by jieling.Actor, idem engine.Idem, in engine.NewAnswer) (engine.Answered, error)
	Replacement(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID, in engine.NewBinding, lang string) (engine.ChallengeView, error)
	TakeStep(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID, in engine.StepAnswer) (engine.CaseView, error)
	Playbook(name string) (*jieling.Playbook, error)
	BackUp(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID, choice jieling.BackupChoice) (engine.CaseView, error)
	Waive(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID, in engine.NewWaiver) (engine.CaseView, error)
	HandIn(ctx context.Context, by jieling.Actor, idem engine.Idem, in engine.HandedIn) (engine.CaseView, error)
	TakeBack(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.ChallengeID) (engine.CaseView, error)
	Confirm(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID) (engine.CaseView, error)
	Cancel(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID) (engine.CaseView, error)
	Undo(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID) (engine.CaseView, error)
	CleanUp(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID, participant, residue string) (engine.CaseView, error)
	Probe(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID) (engine.CaseView, error)

	Approval(ctx context.Context, by jieling.Actor, code string) (engine.ApprovalView, error)
	ClaimApproval(ctx context.Context, by jieling.Actor, code string) (engine.ApprovalView, error)
	Approve(ctx context.Context, by jieling.Actor, idem engine.Idem, code string, yes engine.Approving) (engine.ApprovalView, error)
	Reject(ctx context.Context, by jieling.Actor, idem engine.Idem, code string, freeze bool) (engine.ApprovalView, error)

	Office(ctx context.Context, by jieling.Actor) (engine.Office, error)
	Members(ctx context.Context, by jieling.Actor, org jieling.OrganisationID, after jieling.AccountID) ([]store.Member, error)
	ManagedDevices(ctx context.Context, by jieling.Actor, org jieling.OrganisationID) ([]store.Managed, error)
	Requests(ctx context.Context, by jieling.Actor, org jieling.OrganisationID) ([]engine.Asked, error)
	Request(ctx context.Context, by jieling.Actor, org jieling.OrganisationID, id jieling.ChallengeID) (engine.Request, error)
	Decide(ctx context.Context, by jieling.Actor, idem engine.Idem, org jieling.OrganisationID, in engine.Deciding) error

	AskHold(ctx context.Context, phone, lang string) error
	Hold(ctx context.Context, phone, code string) error
	Notice(ctx context.Context, token string) (engine.NoticeView, error)
	NotMe(ctx context.Context, token string) (undone bool, err error)

	Redeem(ctx context.Context, token, address string) (engine.SignedIn, error)
	SignInURL(provider jieling.Provider, state string, within bool) (string, error)
	SignIn(ctx context.Context, provider jieling.Provider, code string, platform jieling.Platform, address string) (engine.SignedIn, error)
	Session(ctx context.Context, token string) (jieling.Actor, store.Session, error)
	SignOut(ctx context.Context, token string) error

	Reviews(ctx context.Context, by jieling.Actor, after jieling.ChallengeID, limit int) (engine.ReviewPage, error)
	Review(ctx context.Context, by jieling.Actor, id jieling.ChallengeID) (engine.ReviewView, error)
	ClaimReview(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.ChallengeID) (engine.ReviewView, error)
	ViewEvidence(ctx context.Context, by jieling.Actor, id jieling.ChallengeID, n int) ([]byte, jieling.Image, error)
	FixMeeting(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.ChallengeID, at time.Time, link string) (engine.ReviewView, error)
	DecideReview(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.ChallengeID, d engine.ReviewVerdict) (engine.ReviewView, error)
	Policy(by jieling.Actor, d engine.Duty) (*policy.Pack, error)
	Recorded(ctx context.Context, by jieling.Actor, last jieling.CaseID, limit int) (engine.RecordedCases, error)
}

var _ Engine = (*engine.Engine)(nil)

// Config is what the pages work with. Fields without a remark are required.
type Config struct {
	Engine       Engine
	Gate         *gate.Gate
	BaseURL      string             // where people reach the centre: https://id.example.com, without a slash at its end
	Secure       bool               // people reach it by https: cookies insist on it
	Providers    []jieling.Provider // those people are offered to sign in with, in this order; may be empty
	Staff        *gate.Staff        // the entrance of those who work with the service, to the console
	Reading      func() Reading     // when the policy was read; nil: nobody knows
	SandboxStage http.Handler       // the demo's simulated parties, under /sandbox/; nil: there is none
	Log          *slog.Logger       // nil means slog.Default
}

// pages holds the handlers.
type pages struct {
	Config
	assets  ui.Assets
	proving sync.Mutex // held while a pack is proven for staff
}

// New makes the door for people.
func New(c Config) http.Handler {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	p := &pages{Config: c, assets: ui.LoadAssets()}
	top := http.NewServeMux()
	top.Handle("/", c.Gate.Pages(p.routes(), p.turnAway))
	top.Handle("POST /cases/{case}/evidence", p.documents())
	top.Handle("GET /assets/", c.Gate.Admit(p.assets))
	if c.SandboxStage != nil {
		top.Handle("/sandbox/", c.SandboxStage)
		top.Handle("/sandbox", c.SandboxStage)
	}
	return top
}

func (p *pages) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.anybody(home))
	mux.HandleFunc("GET /handoff", p.anybody(showHandoff))
	mux.HandleFunc("POST /handoff", p.anybody(redeem))
	mux.HandleFunc("GET /signin/{provider}", p.anybody(signIn))
	mux.HandleFunc("GET /signin/{provider}/callback", p.anybody(signedIn))
	mux.HandleFunc("POST /signout", p.anybody(signOut))

	mux.HandleFunc("GET /bindings/{binding}", p.owner(showBinding))
	for _, goal := range []jieling.Goal{jieling.Unlink, jieling.Replace} {
		mux.HandleFunc("GET /bindings/{binding}/"+string(goal), p.owner(func(v *visit) { v.showOpening(goal) }))
		mux.HandleFunc("POST /bindings/{binding}/"+string(goal), p.owner(func(v *visit) { v.openCase(goal) }))
	}
	mux.HandleFunc("GET /bindings/{binding}/stolen", p.owner(showStolen))
	mux.HandleFunc("GET /cases/{case}", p.owner(showCase))
	mux.HandleFunc("POST /cases/{case}", p.owner(moveCase))
	mux.HandleFunc("GET /cases/{case}/events", p.owner(follow))
	mux.HandleFunc("GET /cases/{case}/calendar.ics", p.owner(calendar))
	mux.HandleFunc("GET /cases/{case}/report", p.owner(showReport))

	mux.HandleFunc("GET /help/{playbook}", p.anybody(showHelp))
	mux.HandleFunc("GET /u/{token}", p.anybody(showNotMe))
	mux.HandleFunc("POST /u/{token}", p.anybody(notMe))
	mux.HandleFunc("GET /approve/{code}", p.anybody(showApproval))
	mux.HandleFunc("POST /approve/{code}", p.owner(moveApproval))
	mux.HandleFunc("GET /org", p.owner(showOrg))
	mux.HandleFunc("GET /org/approvals/{challenge}", p.owner(showRequest))
	mux.HandleFunc("POST /org/approvals/{challenge}", p.owner(decideRequest))
	mux.HandleFunc("GET /checkup", p.owner(showCheckUp))
	mux.HandleFunc("GET /settings", p.owner(showSettings))
	mux.HandleFunc("POST /settings", p.owner(moveSettings))
	mux.HandleFunc("GET /activity", p.owner(showActivity))
	mux.HandleFunc("GET /devices", p.owner(showDevices))
	mux.HandleFunc("POST /devices", p.owner(moveDevices))
	mux.HandleFunc("GET /devices/others", p.owner(showOthers))
	mux.HandleFunc("POST /devices/others", p.owner(signOutOthers))
	mux.HandleFunc("GET /devices/enrol", p.owner(showEnrol))
	mux.HandleFunc("POST /devices/enrol", p.owner(enrol))
	mux.HandleFunc("GET /freeze", p.anybody(showFreeze))
	mux.HandleFunc("POST /freeze", p.anybody(freeze))

	for _, r := range rooms {
		mux.HandleFunc("GET "+r.At, p.staff(r.duty, r.show))
		if r.duty != engine.ReadPolicy {
			mux.HandleFunc("POST "+r.At, p.staff(r.duty, r.show))
		}
	}
	mux.HandleFunc("GET /console/reviews/{challenge}", p.staff(engine.ListReviews, showReview))
	mux.HandleFunc("POST /console/reviews/{challenge}", p.staff(engine.DecideReviews, moveReview))
	mux.HandleFunc("GET /console/reviews/{challenge}/evidence/{image}", p.staff(engine.DecideReviews, showEvidence))
	mux.HandleFunc("POST /console/signin", p.console(staffSignIn))
	mux.HandleFunc("POST /console/signout", p.console(staffSignOut))
	mux.HandleFunc("/", p.anybody(nowhere))
	return mux
}
