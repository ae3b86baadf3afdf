package api

import (
	"context"
	"encoding/hex"
	"encoding/pem"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/api/oas"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/store"
)

func (h handlers) ListOrganisations(ctx context.Context, params oas.ListOrganisationsParams) (*oas.Organisations, error) {
	all, err := h.engine.Organisations(ctx, gate.VisitOf(ctx).Actor, jieling.OrganisationID(params.After.Value))
	return answer(all, err, func(all []jieling.Organisation) oas.Organisations {
		return oas.Organisations{Items: each(all, organisation)}
	})
}

func (h handlers) FoundOrganisation(ctx context.Context, req *oas.NewOrganisation, _ oas.FoundOrganisationParams) (*oas.Organisation, error) {
	visit := gate.VisitOf(ctx)
	o, err := h.engine.FoundOrganisation(ctx, visit.Actor, visit.Idem, engine.NewOrganisation{
		Name: req.Name, CorpID: req.CorpID.Value, Mailbox: req.Mailbox, Administrator: jieling.AccountID(req.Administrator),
	})
	return answer(o, err, organisation)
}

func (h handlers) ReadOrganisation(ctx context.Context, params oas.ReadOrganisationParams) (*oas.Organisation, error) {
	o, err := h.engine.Organisation(ctx, gate.VisitOf(ctx).Actor, jieling.OrganisationID(params.Org))
	return answer(o, err, organisation)
}

func (h handlers) ChangeOrganisation(ctx context.Context, req *oas.OrganisationChange, params oas.ChangeOrganisationParams) (*oas.Organisation, error) {
	visit := gate.VisitOf(ctx)
	var in engine.OrganisationChange
	if at, ok := req.CertifiedUntil.Get(); ok {
		in.CertifiedUntil = &at
	}
	if req.Roots != nil {
		roots := inPEM("CERTIFICATE", req.Roots)
		in.Roots = &roots
	}
	if req.Revoked != nil {
		revoked := inPEM("X509 CRL", req.Revoked)
		in.Revoked = &revoked
	}
	o, err := h.engine.ChangeOrganisation(ctx, visit.Actor, visit.Idem, jieling.OrganisationID(params.Org), in)
	return answer(o, err, organisation)
}

func (h handlers) ListMembers(ctx context.Context, params oas.ListMembersParams) (*oas.Members, error) {
	all, err := h.engine.Members(ctx, gate.VisitOf(ctx).Actor, jieling.OrganisationID(params.Org), jieling.AccountID(params.After.Value))
	return answer(all, err, func(all []store.Member) oas.Members { return oas.Members{Items: each(all, member)} })
}

func (h handlers) PutMember(ctx context.Context, req *oas.NewMember, params oas.PutMemberParams) (*oas.Membership, error) {
	visit := gate.VisitOf(ctx)
	m, err := h.engine.PutMember(ctx, visit.Actor, visit.Idem, jieling.OrganisationID(params.Org), jieling.AccountID(req.Account), jieling.OrgRole(req.Role))
	return answer(m, err, func(m jieling.Membership) oas.Membership {
		return oas.Membership{
			Organisation: oas.OrganisationID(m.Organisation), Account: oas.AccountID(m.Account), Role: oas.OrgRole(m.Role), Since: m.Since.UTC(),
		}
	})
}

func (h handlers) RemoveMember(ctx context.Context, params oas.RemoveMemberParams) error {
	return h.engine.RemoveMember(ctx, gate.VisitOf(ctx).Actor, engine.Idem{}, jieling.OrganisationID(params.Org), jieling.AccountID(params.Account))
}

func (h handlers) ListManagedDevices(ctx context.Context, params oas.ListManagedDevicesParams) (*oas.ManagedDevices, error) {
	all, err := h.engine.ManagedDevices(ctx, gate.VisitOf(ctx).Actor, jieling.OrganisationID(params.Org))
	return answer(all, err, func(all []store.Managed) oas.ManagedDevices {
		return oas.ManagedDevices{Items: each(all, func(m store.Managed) oas.ManagedDevice {
			out := managedDevice(m.ManagedDevice)
			out.Name = oas.NewOptString(m.Name)
			return out
		})}
	})
}

func (h handlers) ReportManaged(ctx context.Context, req *oas.NewManaged, params oas.ReportManagedParams) (*oas.ManagedDevice, error) {
	visit := gate.VisitOf(ctx)
	in := engine.NewManaged{
		Account: jieling.AccountID(req.Account), Device: jieling.DeviceID(req.Device), Compliant: req.Compliant, CertifiedTo: req.CertificateExpiresAt.Value,
	}
	if text, ok := req.CertificateSHA256.Get(); ok {
		var err error
		if in.Fingerprint, err = hex.DecodeString(text); err != nil {
			return nil, jieling.Invalid("certificate_sha256", "must be 64 hexadecimal digits")
		}
	}
	d, err := h.engine.ReportManaged(ctx, visit.Actor, visit.Idem, jieling.OrganisationID(params.Org), in)
	return answer(d, err, managedDevice)
}

func (h handlers) ListRequests(ctx context.Context, params oas.ListRequestsParams) (*oas.ApprovalRequests, error) {
	all, err := h.engine.Requests(ctx, gate.VisitOf(ctx).Actor, jieling.OrganisationID(params.Org))
	return answer(all, err, func(all []engine.Asked) oas.ApprovalRequests {
		return oas.ApprovalRequests{Items: each(all, func(a engine.Asked) oas.Asked {
			return oas.Asked{
				Challenge: oas.ChallengeID(a.Challenge.ID), Account: oas.AccountID(a.Challenge.Account), AskedAt: a.Challenge.IssuedAt.UTC(), Until: a.Challenge.ExpiresAt.UTC(),
			}
		})}
	})
}

func (h handlers) ReadRequest(ctx context.Context, params oas.ReadRequestParams) (*oas.ApprovalRequest, error) {
	r, err := h.engine.Request(ctx, gate.VisitOf(ctx).Actor, jieling.OrganisationID(params.Org), jieling.ChallengeID(params.Challenge))
	return answer(r, err, request)
}

func (h handlers) DecideRequest(ctx context.Context, req *oas.NewDecision, params oas.DecideRequestParams) error {
	visit := gate.VisitOf(ctx)
	in := engine.Deciding{Challenge: jieling.ChallengeID(params.Challenge), Approve: req.Approve, Reason: req.Reason, Version: req.Version, Unlock: []byte(req.Unlock.Value)}
	if len(req.Credential) > 0 {
		in.By, in.Unlock = jieling.DeviceUnlock, req.Credential
	}
	return h.engine.Decide(ctx, vouched(visit.Actor, req.Account, req.Device), visit.Idem, jieling.OrganisationID(params.Org), in)
}

func inPEM(kind string, all [][]byte) string {
	var out strings.Builder
	for _, der := range all {
		out.Write(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return out.String()
}

func (h handlers) ResetMember(ctx context.Context, req *oas.NewReset, params oas.ResetMemberParams) error {
	visit := gate.VisitOf(ctx)
	return h.engine.ResetMember(ctx, vouched(visit.Actor, req.Account, req.Device), visit.Idem, jieling.OrganisationID(params.Org), engine.Reset{
		Account: jieling.AccountID(params.Account), Reason: req.Reason, Unlock: []byte(req.Unlock),
	})
}

func organisation(o jieling.Organisation) oas.Organisation {
	out := oas.Organisation{
		ID: oas.OrganisationID(o.ID), Keeper: oas.AccountID(o.Keeper), Name: o.Name, Mailbox: o.Mailbox, CreatedAt: o.CreatedAt.UTC(),
		CertifiedUntil: optTime(o.CertifiedUntil), Authorities: o.Roots != "",
	}
	if o.CorpID != "" {
		out.CorpID = oas.NewOptString(o.CorpID)
	}
	if o.CertifiedBy != "" {
		out.CertifiedBy = oas.NewOptString(o.CertifiedBy)
	}
	return out
}

func member(m store.Member) oas.Member {
	return oas.Member{Account: oas.AccountID(m.Account), ExternalID: m.ExternalID, Role: oas.OrgRole(m.Role), Since: m.Since.UTC(), WaysIn: m.WaysIn}
}

func managedDevice(d jieling.ManagedDevice) oas.ManagedDevice {
	out := oas.ManagedDevice{
		Account: oas.AccountID(d.Account), Device: oas.DeviceID(d.Device), Compliant: d.Compliant, ReportedAt: d.ReportedAt.UTC(),
		CertificateExpiresAt: optTime(d.CertifiedTo),
	}
	if d.Fingerprint != nil {
		out.CertificateSHA256 = oas.NewOptString(hex.EncodeToString(d.Fingerprint))
	}
	return out
}

func request(r engine.Request) oas.ApprovalRequest {
	return oas.ApprovalRequest{
		Challenge: oas.ChallengeID(r.Challenge), Member: r.Member, What: text(r.What), Reason: string(r.Reason), Scenario: string(r.Scenario),
		Platform: oas.Platform(r.Platform), Impact: each(r.Impact, dependent), WaysInAfter: r.WaysInAfter, Version: r.Version,
		AskedAt: r.AskedAt.UTC(), Until: r.Until.Truncate(time.Microsecond).UTC(),
	}
}
