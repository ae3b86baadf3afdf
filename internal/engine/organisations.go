package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/store"
)

// PersonalMail lists domains of providers at which people have mailboxes of their own: an organisation does not register with one, and
// neither with one below them (P2). An operator may name others ([Config.PersonalMail]).
func PersonalMail() []string {
	return []string{
		"qq.com", "foxmail.com", "163.com", "126.com", "yeah.net", "sina.com", "sina.cn", "sohu.com", "139.com", "189.cn", "wo.cn", "aliyun.com",
		"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "icloud.com", "me.com", "yahoo.com", "proton.me", "protonmail.com",
	}
}

// NewOrganisation makes an organisation known, with its first administrator.
type NewOrganisation struct {
	Name          string // 1..64 characters
	CorpID        string // its name at WeCom; "" where it is not there
	Mailbox       string // the address it registers with; not one at a personal provider
	Administrator jieling.AccountID
}

// OrganisationChange replaces what is set.
type OrganisationChange struct {
	CertifiedUntil *time.Time // the zero time takes the certification away
	Roots          *string    // PEM of the authorities that sign its devices' certificates
	Revoked        *string    // PEM of their revocation lists
}

// NewManaged is what device management reports of a device.
type NewManaged struct {
	Account     jieling.AccountID
	Device      jieling.DeviceID
	Compliant   bool
	Fingerprint []byte    // SHA-256 of the certificate installed on it, 32 bytes; nil: none
	CertifiedTo time.Time // its end
}

// FoundOrganisation makes an organisation known. Its first administrator keeps it: their account's audit chain has what happens to it.
func (e *Engine) FoundOrganisation(ctx context.Context, by jieling.Actor, idem Idem, in NewOrganisation) (jieling.Organisation, error) {
	var out jieling.Organisation
	if err := e.checkOrganisation(in); err != nil {
		return out, err
	}
	need := store.Need{Account: in.Administrator, With: organiseParts}
	err := e.do(ctx, by, idem, need, func(w *work) (string, error) {
		if err := w.organisable(ScopeAdmin); err != nil {
			return "", err
		}
		if w.Membership != nil || w.Organisation != nil {
			return "", jieling.Refuse(jieling.CodeConflict, "这个账号已经属于一个企业。", "This account belongs to an organisation already.")
		}
		out = jieling.Organisation{
			ID: newID[jieling.OrganisationID](e, "org", w.Now), Keeper: w.Account.ID, Name: in.Name, CorpID: in.CorpID, Mailbox: in.Mailbox, CreatedAt: w.Now,
		}
		w.change.Organisation = &out
		w.join(out.ID, jieling.OrgAdmin)
		w.transition("organisation.found", map[string]any{"organisation": out.ID})
		return string(out.ID), nil
	}, func(_ store.Snapshot, a store.Answer) error {
		var err error
		out, err = e.Store.Organisation(ctx, jieling.OrganisationID(a.Ref))
		return translate(err)
	})
	return out, err
}

const organiseParts = store.Organised | store.Challenges | store.OpenCases | store.Devices

func (e *Engine) checkOrganisation(in NewOrganisation) error {
	_, domain, _ := strings.Cut(strings.ToLower(in.Mailbox), "@")
	personal := e.PersonalMail
	if personal == nil {
		personal = PersonalMail()
	}
	switch {
	case !plain(in.Name, 64):
		return jieling.Invalid("name", "must be 1 to 64 printable characters")
	case in.CorpID != "" && !plain(in.CorpID, 64):
		return jieling.Invalid("corp_id", "must be at most 64 printable characters")
	case !mailbox(in.Mailbox):
		return jieling.Malformed("mailbox", "请填写企业的注册邮箱，例如 it@example.com。", "Give the mailbox that the organisation registers with, like it@example.com.")
	case slices.ContainsFunc(personal, func(p string) bool { return domain == p || strings.HasSuffix(domain, "."+p) }):
		return jieling.Malformed("mailbox", "企业不能用个人邮箱（"+domain+"）注册。请改用企业自己域名的邮箱。",
			"An organisation cannot register with a personal mailbox ("+domain+"). Use one of the organisation's own domain.")
	}
	return nil
}

// organisable checks that a product may change what the account has to do with organisations.
func (w *work) organisable(scope string) error {
	switch {
	case w.by.Kind != jieling.ActorProduct:
		return forbidden()
	case found(w.Snapshot, w.by, scope) != nil:
		return found(w.Snapshot, w.by, scope)
	case w.Account.Frozen:
		return frozen()
	}
	return nil
}

// join ties the account to an organisation. From then on it is decided on as a member's (V6): what its open cases hold was asked of
// somebody else.
func (w *work) join(org jieling.OrganisationID, role jieling.OrgRole) {
	m := jieling.Membership{Organisation: org, Account: w.Account.ID, Role: role, Since: w.Now, Was: w.Account.Kind}
	if w.Membership != nil {
		m.Was = w.Membership.Was
	}
	w.Account.Kind = jieling.EnterpriseMember
	w.Membership, w.change.Membership = &m, &m
	w.restartCases("")
}

// Organisation shows one to the product.
func (e *Engine) Organisation(ctx context.Context, by jieling.Actor, id jieling.OrganisationID) (jieling.Organisation, error) {
	if err := may(by, ScopeAccounts, ""); err != nil || by.Kind != jieling.ActorProduct {
		return jieling.Organisation{}, forbidden()
	}
	o, err := e.Store.Organisation(ctx, id)
	return o, translate(err)
}

// Organisations lists them to the product, at most 200 after one.
func (e *Engine) Organisations(ctx context.Context, by jieling.Actor, after jieling.OrganisationID) ([]jieling.Organisation, error) {
	if err := may(by, ScopeAccounts, ""); err != nil || by.Kind != jieling.ActorProduct {
		return nil, forbidden()
	}
	all, err := e.Store.Organisations(ctx, after, pageOfMembers)
	return all, translate(err)
}

const pageOfMembers = 200

// ChangeOrganisation replaces what is set. Where that could make a proof of a member worthless, every open case of the members starts
// verifying anew.
func (e *Engine) ChangeOrganisation(ctx context.Context, by jieling.Actor, idem Idem, id jieling.OrganisationID, in OrganisationChange) (jieling.Organisation, error) {
	if err := in.check(); err != nil {
		return jieling.Organisation{}, err
	}
	before, err := e.Organisation(ctx, by, id)
	if err != nil {
		return jieling.Organisation{}, err
	}
	out := before
	err = e.do(ctx, by, idem, store.Need{Account: before.Keeper, With: store.Organised}, func(w *work) (string, error) {
		if err := found(w.Snapshot, by, ScopeAdmin); err != nil {
			return "", err
		}
		if w.Organisation == nil || w.Organisation.ID != id {
			return "", notFound()
		}
		before, out = *w.Organisation, *w.Organisation
		if in.CertifiedUntil != nil {
			out.CertifiedUntil, out.CertifiedBy = in.CertifiedUntil.UTC().Truncate(time.Microsecond), callerOf(by)
		}
		if in.Roots != nil {
			out.Roots = *in.Roots
		}
		if in.Revoked != nil {
			out.Revoked = *in.Revoked
		}
		w.change.Organisation = &out
		w.transition("organisation.change", map[string]any{
			"organisation": id, "certified_until": in.CertifiedUntil, "roots": in.Roots != nil, "revoked": in.Revoked != nil,
		})
		return string(id), nil
	}, func(store.Snapshot, store.Answer) error {
		out, err = e.Store.Organisation(ctx, id)
		before = out
		return translate(err)
	})
	if err == nil && (out.CertifiedUntil.Before(before.CertifiedUntil) || out.Roots != before.Roots || out.Revoked != before.Revoked) {
		err = e.restartMembers(ctx, id)
	}
	return out, err
}

func (in OrganisationChange) check() error {
	if in.Roots != nil {
		if _, err := factor.ParseRoots(*in.Roots); err != nil {
			return jieling.Invalid("roots", err.Error())
		}
	}
	if in.Revoked != nil {
		if _, err := factor.ParseRevoked(*in.Revoked); err != nil {
			return jieling.Invalid("revoked", err.Error())
		}
	}
	return nil
}

// restartMembers makes worthless what open cases of an organisation's members hold.
func (e *Engine) restartMembers(ctx context.Context, id jieling.OrganisationID) error {
	for after := jieling.AccountID(""); ; {
		members, err := e.Store.Members(ctx, id, after, pageOfMembers)
		if err != nil {
			return translate(err)
		}
		for _, m := range members {
			err := e.do(ctx, byClock, Idem{}, store.Need{Account: m.Account, With: organiseParts}, func(w *work) (string, error) {
				if len(w.Cases) > 0 {
					w.restartCases("")
					w.transition("organisation.restart", map[string]any{"organisation": id})
				}
				return "", nil
			}, nil)
			if err != nil {
				return err
			}
			after = m.Account
		}
		if len(members) < pageOfMembers {
			return nil
		}
	}
}

// PutMember makes an account a member of an organisation, or changes what it is there.
func (e *Engine) PutMember(ctx context.Context, by jieling.Actor, idem Idem, org jieling.OrganisationID, account jieling.AccountID, role jieling.OrgRole) (jieling.Membership, error) {
	if role != jieling.OrgMember && role != jieling.OrgAdmin {
		return jieling.Membership{}, jieling.Invalid("role", "must be member or admin")
	}
	if _, err := e.Organisation(ctx, by, org); err != nil {
		return jieling.Membership{}, err
	}
	var out jieling.Membership
	see := func(s store.Snapshot) error {
		if s.Membership == nil {
			return notFound()
		}
		out = *s.Membership
		return nil
	}
	err := e.do(ctx, by, idem, store.Need{Account: account, With: organiseParts}, func(w *work) (string, error) {
		if err := w.organisable(ScopeAccounts); err != nil {
			return "", err
		}
		if m, kept := w.Membership, w.Organisation; m != nil && m.Organisation != org || m == nil && kept != nil && kept.ID != org {
			return "", jieling.Refuse(jieling.CodeConflict, "这个账号已经属于另一个企业。", "This account belongs to another organisation.")
		} else if m == nil || m.Role != role {
			w.join(org, role)
			w.transition("organisation.member", map[string]any{"organisation": org, "role": role})
		}
		return string(account), see(w.Snapshot)
	}, func(s store.Snapshot, _ store.Answer) error { return see(s) })
	return out, err
}

// RemoveMember ends a membership. The account is what it was before; what its open cases hold is void.
func (e *Engine) RemoveMember(ctx context.Context, by jieling.Actor, idem Idem, org jieling.OrganisationID, account jieling.AccountID) error {
	return e.do(ctx, by, idem, store.Need{Account: account, With: organiseParts}, func(w *work) (string, error) {
		if err := w.organisable(ScopeAccounts); err != nil {
			return "", err
		}
		m := w.Membership
		if m == nil || m.Organisation != org {
			return "", notFound()
		}
		w.leave()
		w.restartCases("")
		w.transition("organisation.leave", map[string]any{"organisation": org})
		return string(account), nil
	}, repeated(by, ScopeAccounts))
}

// Members lists an organisation's members to the product, or to its administrators, at most 200 after one.
func (e *Engine) Members(ctx context.Context, by jieling.Actor, org jieling.OrganisationID, after jieling.AccountID) ([]store.Member, error) {
	if err := e.mayDecide(ctx, by, org); err != nil {
		return nil, err
	}
	all, err := e.Store.Members(ctx, org, after, pageOfMembers)
	return all, translate(err)
}

// ManagedDevices lists what an organisation's device management reported, likewise.
func (e *Engine) ManagedDevices(ctx context.Context, by jieling.Actor, org jieling.OrganisationID) ([]store.Managed, error) {
	if err := e.mayDecide(ctx, by, org); err != nil {
		return nil, err
	}
	all, err := e.Store.ManagedDevices(ctx, org, pageOfMembers)
	return all, translate(err)
}

// mayDecide lets the product in, and the organisation's administrators; it does not exist for anybody else.
func (e *Engine) mayDecide(ctx context.Context, by jieling.Actor, org jieling.OrganisationID) error {
	if by.Kind == jieling.ActorProduct {
		_, err := e.Organisation(ctx, by, org)
		return err
	}
	_, err := e.administrator(ctx, by, org)
	return err
}

// ReportManaged notes what device management says of a member's device. What it says for the worse makes proofs void.
func (e *Engine) ReportManaged(ctx context.Context, by jieling.Actor, idem Idem, org jieling.OrganisationID, in NewManaged) (jieling.ManagedDevice, error) {
	var out jieling.ManagedDevice
	if in.Fingerprint != nil && len(in.Fingerprint) != 32 {
		return out, jieling.Invalid("certificate_sha256", "must be 32 bytes")
	}
	err := e.do(ctx, by, idem, store.Need{Account: in.Account, With: organiseParts}, func(w *work) (string, error) {
		if err := w.organisable(ScopeAccounts); err != nil {
			return "", err
		}
		if w.Membership == nil || w.Membership.Organisation != org {
			return "", jieling.Invalid("account", "is not a member of this organisation")
		}
		if !slices.ContainsFunc(w.Devices, func(d jieling.Device) bool { return d.ID == in.Device }) {
			return "", jieling.Invalid("device", "is not a device of this account")
		}
		was := managedDevice(w.Managed, org, in.Device)
		out = jieling.ManagedDevice{
			Organisation: org, Account: in.Account, Device: in.Device, Compliant: in.Compliant, ReportedAt: w.Now, Fingerprint: in.Fingerprint,
			CertifiedTo: in.CertifiedTo.UTC().Truncate(time.Microsecond),
		}
		w.change.Managed = append(w.change.Managed, out)
		if was != nil && (was.Compliant && !out.Compliant || string(was.Fingerprint) != string(out.Fingerprint)) {
			w.restartCases("")
		}
		detail := map[string]any{"managed": in.Device, "compliant": in.Compliant}
		if was != nil {
			detail["was"] = was.Compliant
		}
		w.transition("device.managed", detail)
		return string(in.Device), nil
	}, func(s store.Snapshot, _ store.Answer) error {
		d := managedDevice(s.Managed, org, in.Device)
		if d == nil {
			return notFound()
		}
		out = *d
		return nil
	})
	return out, err
}

func managedDevice(all []jieling.ManagedDevice, org jieling.OrganisationID, id jieling.DeviceID) *jieling.ManagedDevice {
	for i := range all {
		if all[i].Device == id && all[i].Organisation == org {
			return &all[i]
		}
	}
	return nil
}

// organisational are the factors that only an organisation gives.
var organisational = [...]jieling.Factor{jieling.AdminApproval, jieling.EnterpriseCertification, jieling.EnterpriseCertificate, jieling.MDM}

// belonging reads what the account has to do with its organisation; nil where the factor does not ask, or there is none.
func (e *Engine) belonging(ctx context.Context, s store.Snapshot, f jieling.Factor, acts jieling.DeviceID) (*factor.Belonging, error) {
	if !slices.Contains(organisational[:], f) {
		return nil, nil
	}
	own, err := e.Store.Load(ctx, store.Need{Account: s.Account.ID, With: store.Organised | store.Devices})
	if err != nil || own.Membership == nil || own.Organisation == nil {
		return nil, translate(err)
	}
	out := &factor.Belonging{Organisation: *own.Organisation, Now: own.Now}
	if slices.ContainsFunc(own.Devices, func(d jieling.Device) bool { return d.ID == acts }) {
		out.Device = managedDevice(own.Managed, own.Organisation.ID, acts)
	}
	if f == jieling.AdminApproval {
		out.Deciders, err = e.deciders(ctx, s, own.Organisation.ID)
	}
	return out, err
}

// acting is the device that acts: a person's own, or where the product says the case was begun.
func acting(by jieling.Actor, c *jieling.Case) jieling.DeviceID {
	if by.Kind == jieling.ActorPerson || c == nil {
		return by.Device
	}
	return c.Device
}
