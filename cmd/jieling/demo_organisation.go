package main

import (
	"context"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// seedOrganisation makes the sandbox's organisation, its administrator first, and its member with a phone that it manages.
func (d *demo) seedOrganisation(ctx context.Context) error {
	e, org := d.app.engine, jieling.OrganisationID("")
	all, err := e.Organisations(ctx, bySeed, "")
	if err != nil {
		return err
	}
	if len(all) > 0 {
		org = all[0].ID // of an earlier demo in this folder
	}
	colleagues := sandbox.Colleagues()
	for _, admins := range []bool{true, false} {
		for _, c := range colleagues {
			if c.Phone == "" || c.Admin != admins {
				continue
			}
			a, err := d.seedColleague(ctx, c)
			if err != nil {
				return err
			}
			if a.OrgRole = jieling.OrgMember; c.Admin {
				a.OrgRole = jieling.OrgAdmin
			}
			if org, err = d.employ(ctx, org, a); err != nil {
				return err
			}
			a.Org = org
			d.sheet.Accounts = append(d.sheet.Accounts, a)
		}
	}
	until := d.now().AddDate(1, 0, 0)
	_, err = e.ChangeOrganisation(ctx, bySeed, engine.Idem{}, org, engine.OrganisationChange{CertifiedUntil: &until})
	return err
}

// employ makes somebody what they are in the organisation, which begins with its first administrator, and reports their phone.
func (d *demo) employ(ctx context.Context, org jieling.OrganisationID, a demoAccount) (jieling.OrganisationID, error) {
	e := d.app.engine
	if org == "" {
		o, err := e.FoundOrganisation(ctx, bySeed, engine.Idem{}, engine.NewOrganisation{
			Name: sandbox.Organisation().ZH, CorpID: sandbox.DefaultCredentials().WeComCorpID, Mailbox: "it@qinghe.example", Administrator: a.ID,
		})
		return o.ID, err
	}
	if _, err := e.PutMember(ctx, bySeed, engine.Idem{}, org, a.ID, a.OrgRole); err != nil {
		return "", err
	}
	_, err := e.ReportManaged(ctx, bySeed, engine.Idem{}, org, engine.NewManaged{Account: a.ID, Device: a.Devices["phone"], Compliant: true, CertifiedTo: time.Time{}})
	return org, err
}

func (d *demo) seedColleague(ctx context.Context, c sandbox.Colleague) (demoAccount, error) {
	e := d.app.engine
	out := demoAccount{
		ExternalID: "wx_" + c.Key, Owner: c.Key, Name: jieling.Text(c.Name), Platform: jieling.Android, PIN: c.PIN, Phone: c.Phone, PhoneBound: true,
		Devices: map[string]jieling.DeviceID{},
		GoodFor: jieling.Text{ZH: "企业成员：解绑企业微信，要管理员审批", EN: "a member of an organisation: unlinking WeCom takes an administrator's approval"},
	}
	if c.Admin {
		out.GoodFor = jieling.Text{ZH: "企业管理员：在 /org 审批成员的申请", EN: "the organisation's administrator: decides on members' requests at /org"}
	}
	if known, err := e.FindAccount(ctx, bySeed, out.ExternalID); err == nil {
		return out.known(known), nil
	}
	a, err := e.RegisterAccount(ctx, bySeed, engine.Idem{}, engine.NewAccount{ExternalID: out.ExternalID, Kind: jieling.Personal})
	if err != nil {
		return out, err
	}
	out.ID = a.ID
	for _, in := range []engine.NewBinding{
		{Provider: jieling.WeCom, Subject: sandbox.DefaultCredentials().WeComCorpID + "/" + c.UserID}, {Provider: jieling.Phone, Subject: c.Phone},
	} {
		b, err := e.AddBinding(ctx, bySeed, engine.Idem{}, a.ID, in)
		if err != nil {
			return out, err
		}
		if in.Provider == jieling.WeCom {
			out.WeCom = b.ID
		}
	}
	if _, err := e.Enrol(ctx, bySeed, engine.Idem{}, a.ID, engine.NewFactor{Factor: jieling.PaymentPIN, Given: []byte(c.PIN)}); err != nil {
		return out, err
	}
	for name, in := range map[string]engine.NewDevice{
		"phone": {Name: c.Name.ZH + "的手机", Platform: jieling.Android, Trusted: true}, "desk": {Name: c.Name.ZH + "的电脑", Platform: jieling.Web},
	} {
		device, err := e.AddDevice(ctx, bySeed, engine.Idem{}, a.ID, in)
		if err != nil {
			return out, err
		}
		out.Devices[name] = device.ID
	}
	return out, nil
}
