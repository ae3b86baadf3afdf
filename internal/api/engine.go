package api

import (
	"context"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/event"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/store"
)

// Staff is where members of staff sign in. *[gate.Staff] is it; the tests put a stand-in in its place, for the same reason.
type Staff interface {
	SignIn(ctx context.Context, c gate.Credentials) (token string, err error)
	Member(ctx context.Context, token string) (jieling.Actor, error)
	SignOut(ctx context.Context, token string) error
}

var _ Staff = (*gate.Staff)(nil)

// Engine is the part of *engine.Engine that programs can reach. It is an interface for one reason: the tests answer each
// operation with each error code, which a real engine cannot be brought to do.
type Engine interface {
	RegisterAccount(ctx context.Context, by jieling.Actor, idem engine.Idem, in engine.NewAccount) (jieling.Account, error)
	Account(ctx context.Context, by jieling.Actor, id jieling.AccountID) (engine.AccountView, error)
	Bindings(ctx context.Context, by jieling.Actor, id jieling.AccountID) ([]jieling.Binding, error)
	FindAccount(ctx context.Context, by jieling.Actor, externalID string) (engine.AccountView, error)
	AddBinding(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, in engine.NewBinding) (jieling.Binding, error)
	AddDevice(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, in engine.NewDevice) (jieling.Device, error)
	RemoveDevice(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, id jieling.DeviceID) error
	ChangeDevice(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, id jieling.DeviceID, in engine.DeviceChange) (jieling.Device, error)
	Settings(ctx context.Context, by jieling.Actor, account jieling.AccountID) (engine.SettingsView, error)
	ChangeSettings(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, in engine.SettingsChange) (engine.SettingsView, error)
	CheckUp(ctx context.Context, by jieling.Actor, id jieling.AccountID) (engine.AccountView, error)
	SetSwitch(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, in engine.SwitchChange) error
	JudgeBill(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, participant, bill string, said engine.Judgement) error
	ReviewDevices(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID) error
	EndSession(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, id jieling.SessionID) error
	EndOtherSessions(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID) error
	EnrolOptions(ctx context.Context, by jieling.Actor, account jieling.AccountID, f jieling.Factor) (engine.Enrolling, error)
	Enrol(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, in engine.NewFactor) (jieling.Enrolment, error)
	Freeze(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, why string) (jieling.Account, error)
	Unfreeze(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, why string) (jieling.Account, error)

	HearProvider(ctx context.Context, name jieling.Provider, in provider.Call) (provider.Reply, error)
	Resolve(ctx context.Context, by jieling.Actor, q engine.ResolveQuery) (engine.Resolution, error)
	ReportSignIn(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, in engine.NewSignIn) error
	Plan(ctx context.Context, by jieling.Actor, q engine.PlanQuery) (jieling.Plan, error)

	OpenCase(ctx context.Context, by jieling.Actor, idem engine.Idem, in engine.NewCase) (engine.CaseView, error)
	Case(ctx context.Context, by jieling.Actor, id jieling.CaseID) (engine.CaseView, error)
	Events(ctx context.Context, by jieling.Actor, id jieling.CaseID, after int64) ([]jieling.Event, error)
	Replacement(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID, in engine.NewBinding, lang string) (engine.ChallengeView, error)
	TakeStep(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID, in engine.StepAnswer) (engine.CaseView, error)
	SetRegion(ctx context.Context, by jieling.Actor, idem engine.Idem, account jieling.AccountID, region string) (jieling.Account, error)
	BackUp(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID, choice jieling.BackupChoice) (engine.CaseView, error)
	AskAttestation(ctx context.Context, by jieling.Actor, id jieling.CaseID) (engine.AttestationAsk, error)
	Attest(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID, in engine.NewAttestation) (engine.CaseView, error)
	Waive(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID, in engine.NewWaiver) (engine.CaseView, error)
	Confirm(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID) (engine.CaseView, error)
	Cancel(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID) (engine.CaseView, error)
	Undo(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID) (engine.CaseView, error)
	CleanUp(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID, participant, residue string) (engine.CaseView, error)
	Describe(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID) (engine.CaseView, error)
	Probe(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.CaseID) (engine.CaseView, error)

	Challenge(ctx context.Context, by jieling.Actor, idem engine.Idem, in engine.NewChallenge) (engine.ChallengeView, error)
	Answer(ctx context.Context, by jieling.Actor, idem engine.Idem, in engine.NewAnswer) (engine.Answered, error)

	HandIn(ctx context.Context, by jieling.Actor, idem engine.Idem, in engine.HandedIn) (engine.CaseView, error)
	TakeBack(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.ChallengeID) (engine.CaseView, error)

	Reviews(ctx context.Context, by jieling.Actor, after jieling.ChallengeID, limit int) (engine.ReviewPage, error)
	Review(ctx context.Context, by jieling.Actor, id jieling.ChallengeID) (engine.ReviewView, error)
	ClaimReview(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.ChallengeID) (engine.ReviewView, error)
	ViewEvidence(ctx context.Context, by jieling.Actor, id jieling.ChallengeID, n int) ([]byte, jieling.Image, error)
	FixMeeting(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.ChallengeID, at time.Time, link string) (engine.ReviewView, error)
	DecideReview(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.ChallengeID, d engine.ReviewVerdict) (engine.ReviewView, error)

	Approval(ctx context.Context, by jieling.Actor, code string) (engine.ApprovalView, error)
	ClaimApproval(ctx context.Context, by jieling.Actor, code string) (engine.ApprovalView, error)
	Approve(ctx context.Context, by jieling.Actor, idem engine.Idem, code string, yes engine.Approving) (engine.ApprovalView, error)
	Reject(ctx context.Context, by jieling.Actor, idem engine.Idem, code string, freeze bool) (engine.ApprovalView, error)

	FoundOrganisation(ctx context.Context, by jieling.Actor, idem engine.Idem, in engine.NewOrganisation) (jieling.Organisation, error)
	Organisation(ctx context.Context, by jieling.Actor, id jieling.OrganisationID) (jieling.Organisation, error)
	Organisations(ctx context.Context, by jieling.Actor, after jieling.OrganisationID) ([]jieling.Organisation, error)
	ChangeOrganisation(ctx context.Context, by jieling.Actor, idem engine.Idem, id jieling.OrganisationID, in engine.OrganisationChange) (jieling.Organisation, error)
	PutMember(ctx context.Context, by jieling.Actor, idem engine.Idem, org jieling.OrganisationID, account jieling.AccountID, role jieling.OrgRole) (jieling.Membership, error)
	Members(ctx context.Context, by jieling.Actor, org jieling.OrganisationID, after jieling.AccountID) ([]store.Member, error)
	ManagedDevices(ctx context.Context, by jieling.Actor, org jieling.OrganisationID) ([]store.Managed, error)
	ReportManaged(ctx context.Context, by jieling.Actor, idem engine.Idem, org jieling.OrganisationID, in engine.NewManaged) (jieling.ManagedDevice, error)
	Requests(ctx context.Context, by jieling.Actor, org jieling.OrganisationID) ([]engine.Asked, error)
	Request(ctx context.Context, by jieling.Actor, org jieling.OrganisationID, id jieling.ChallengeID) (engine.Request, error)
	RemoveMember(ctx context.Context, by jieling.Actor, idem engine.Idem, org jieling.OrganisationID, account jieling.AccountID) error
	ResetMember(ctx context.Context, by jieling.Actor, idem engine.Idem, org jieling.OrganisationID, in engine.Reset) error
	Decide(ctx context.Context, by jieling.Actor, idem engine.Idem, org jieling.OrganisationID, in engine.Deciding) error

	Webhooks(ctx context.Context, by jieling.Actor) ([]engine.Webhook, error)
	Webhook(ctx context.Context, by jieling.Actor, id string) (engine.Webhook, error)
	AddWebhook(ctx context.Context, by jieling.Actor, idem engine.Idem, in engine.NewWebhook) (engine.Webhook, error)
	RotateWebhook(ctx context.Context, by jieling.Actor, idem engine.Idem, id string) (engine.Webhook, error)
	ResumeWebhook(ctx context.Context, by jieling.Actor, idem engine.Idem, id string) (engine.Webhook, error)
	DropWebhook(ctx context.Context, by jieling.Actor, id string) error
	TestWebhook(ctx context.Context, by jieling.Actor, id string) (event.Answer, error)
	Deliveries(ctx context.Context, by jieling.Actor, id string, state store.DeliveryState, before int64) ([]store.Delivery, error)
	Resend(ctx context.Context, by jieling.Actor, idem engine.Idem, id, event string) error

	Handoff(ctx context.Context, by jieling.Actor, idem engine.Idem, in engine.NewHandoff) (engine.Handoff, error)
}

var _ Engine = (*engine.Engine)(nil)
