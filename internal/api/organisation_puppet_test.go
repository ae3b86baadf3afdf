package api_test

import (
	"context"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/store"
)

var (
	orgID            = jieling.OrganisationID("org" + tail)
	someOrganisation = jieling.Organisation{ID: orgID, Keeper: accountID, Name: "青禾科技", CorpID: "ww1", Mailbox: "it@qinghe.example", CreatedAt: noon, CertifiedUntil: noon, CertifiedBy: "product/shop", Roots: "PEM"}
	someMember       = store.Member{Membership: jieling.Membership{Organisation: orgID, Account: accountID, Role: jieling.OrgAdmin, Since: noon}, ExternalID: "u-10086", WaysIn: 2}
	someManaged      = store.Managed{Name: "Xiaomi 15", ManagedDevice: jieling.ManagedDevice{Organisation: orgID, Account: accountID, Device: someDevice.ID, Compliant: true, ReportedAt: noon, Fingerprint: make([]byte, 32)}}
	someRequest      = engine.Request{Challenge: someChallenge.ID, Member: "u-10086", What: someText, Reason: jieling.ReasonPrivacy, Scenario: jieling.Enterprise, Platform: jieling.Android, Version: 3, AskedAt: noon, Until: noon}
)

func (p *puppet) FoundOrganisation(_ context.Context, by jieling.Actor, idem engine.Idem, in engine.NewOrganisation) (jieling.Organisation, error) {
	return someOrganisation, p.called("FoundOrganisation", by, idem, in)
}

func (p *puppet) Organisation(_ context.Context, by jieling.Actor, id jieling.OrganisationID) (jieling.Organisation, error) {
	return someOrganisation, p.called("Organisation", by, engine.Idem{}, id)
}

func (p *puppet) Organisations(_ context.Context, by jieling.Actor, after jieling.OrganisationID) ([]jieling.Organisation, error) {
	return []jieling.Organisation{someOrganisation}, p.called("Organisations", by, engine.Idem{}, after)
}

func (p *puppet) ChangeOrganisation(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.OrganisationID, in engine.OrganisationChange) (jieling.Organisation, error) {
	return someOrganisation, p.called("ChangeOrganisation", by, idem, in)
}

func (p *puppet) PutMember(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.OrganisationID, _ jieling.AccountID, role jieling.OrgRole) (jieling.Membership, error) {
	return someMember.Membership, p.called("PutMember", by, idem, role)
}

func (p *puppet) Members(_ context.Context, by jieling.Actor, _ jieling.OrganisationID, after jieling.AccountID) ([]store.Member, error) {
	return []store.Member{someMember}, p.called("Members", by, engine.Idem{}, after)
}

func (p *puppet) ManagedDevices(_ context.Context, by jieling.Actor, org jieling.OrganisationID) ([]store.Managed, error) {
	return []store.Managed{someManaged}, p.called("ManagedDevices", by, engine.Idem{}, org)
}

func (p *puppet) ReportManaged(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.OrganisationID, in engine.NewManaged) (jieling.ManagedDevice, error) {
	return someManaged.ManagedDevice, p.called("ReportManaged", by, idem, in)
}

func (p *puppet) Requests(_ context.Context, by jieling.Actor, org jieling.OrganisationID) ([]engine.Asked, error) {
	return []engine.Asked{{Challenge: someChallenge.Challenge}}, p.called("Requests", by, engine.Idem{}, org)
}

func (p *puppet) Request(_ context.Context, by jieling.Actor, _ jieling.OrganisationID, id jieling.ChallengeID) (engine.Request, error) {
	return someRequest, p.called("Request", by, engine.Idem{}, id)
}

func (p *puppet) RemoveMember(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.OrganisationID, account jieling.AccountID) error {
	return p.called("RemoveMember", by, idem, account)
}

func (p *puppet) Decide(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.OrganisationID, in engine.Deciding) error {
	return p.called("Decide", by, idem, in)
}

func (p *puppet) ResetMember(_ context.Context, by jieling.Actor, idem engine.Idem, _ jieling.OrganisationID, in engine.Reset) error {
	return p.called("ResetMember", by, idem, in)
}
