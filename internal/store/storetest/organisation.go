package storetest

import (
	"cmp"
	"errors"
	"slices"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

func newOrganisation(keeper jieling.AccountID) jieling.Organisation {
	return jieling.Organisation{ID: newID[jieling.OrganisationID]("org"), Keeper: keeper, Name: "青禾科技", Mailbox: "it@qinghe.example", CreatedAt: epoch()}
}

// found makes an organisation with its keeper as its administrator.
func (x exam) found() jieling.Organisation {
	x.t.Helper()
	keeper, _ := x.register(1)
	o := newOrganisation(keeper.ID)
	x.must(x.transition(keeper.ID, func(ch *store.Change) {
		ch.Organisation = &o
		ch.Membership = &jieling.Membership{Organisation: o.ID, Account: keeper.ID, Role: jieling.OrgAdmin, Since: at(1), Was: jieling.Personal}
	}))
	return o
}

func (x exam) transition(a jieling.AccountID, with func(*store.Change)) error {
	return x.write(store.Need{Account: a}, func(sn store.Snapshot) store.Change {
		ch := begin(*sn.Account, "organise")
		with(&ch)
		return ch
	})
}

func organisationsComeBack(x exam) {
	o := x.found()
	o.CorpID, o.CertifiedUntil, o.CertifiedBy, o.Roots, o.Revoked = "ww1", at(2), "product", "-----BEGIN A", "-----BEGIN B"
	x.must(x.transition(o.Keeper, func(ch *store.Change) { ch.Organisation = &o }))
	got, err := x.s.Organisation(x.ctx(), o.ID)
	x.must(err)
	x.equal("organisation", o, got)

	m, b := x.register(1)
	device := jieling.Device{ID: newID[jieling.DeviceID]("dev"), Account: m.ID, Name: "小米 14", Platform: jieling.Android, CreatedAt: epoch()}
	member := jieling.Membership{Organisation: o.ID, Account: m.ID, Role: jieling.OrgMember, Since: at(3), Was: jieling.Merchant}
	x.employed(o.ID) // whose device is not this member's
	fingerprint := newHash()
	managed := jieling.ManagedDevice{
		Organisation: o.ID, Account: m.ID, Device: device.ID, Compliant: true, ReportedAt: at(4), Fingerprint: fingerprint[:], CertifiedTo: at(5),
	}
	x.must(x.transition(m.ID, func(ch *store.Change) {
		ch.Membership, ch.Devices, ch.Managed = &member, []jieling.Device{device}, []jieling.ManagedDevice{managed}
	}))
	for what, need := range map[string]store.Need{
		"by account": {Account: m.ID, With: store.Organised}, "by case": {Case: x.open(m.ID, b[0].ID).ID, With: store.Organised},
	} {
		sn := x.load(need)
		x.equal(what+": membership", &member, sn.Membership)
		x.equal(what+": organisation", &o, sn.Organisation)
		x.equal(what+": devices", []jieling.ManagedDevice{managed}, sn.Managed)
	}
	if sn := x.load(store.Need{Account: m.ID}); sn.Membership != nil || sn.Organisation != nil || sn.Managed != nil {
		x.t.Error("nobody asked for the organisation")
	}

	managed.Compliant, managed.Fingerprint, member.EndedAt = false, nil, at(6)
	x.must(x.transition(m.ID, func(ch *store.Change) { ch.Membership, ch.Managed = &member, []jieling.ManagedDevice{managed} }))
	sn := x.load(store.Need{Account: m.ID, With: store.Organised})
	x.equal("a membership that ended", (*jieling.Membership)(nil), sn.Membership)
	x.equal("and its organisation", (*jieling.Organisation)(nil), sn.Organisation)
	x.equal("a report that changed", []jieling.ManagedDevice{managed}, sn.Managed)
}

// employed is a member with two managed devices, one of which they removed, and a case in which they asked for an approval, beside other
// questions.
func (x exam) employed(o jieling.OrganisationID) (jieling.Membership, jieling.ManagedDevice, jieling.Challenge) {
	x.t.Helper()
	m, b := x.register(2)
	device := jieling.Device{ID: newID[jieling.DeviceID]("dev"), Account: m.ID, Name: "小米 14", Platform: jieling.Android, CreatedAt: epoch()}
	sold := device
	sold.ID, sold.RemovedAt = newID[jieling.DeviceID]("dev"), at(2)
	membership := jieling.Membership{Organisation: o, Account: m.ID, Role: jieling.OrgMember, Since: at(1), Was: jieling.Personal}
	managed := jieling.ManagedDevice{Organisation: o, Account: m.ID, Device: device.ID, ReportedAt: at(2)}
	gone := managed
	gone.Device = sold.ID
	x.must(x.transition(m.ID, func(ch *store.Change) {
		ch.Membership, ch.Devices, ch.Managed = &membership, []jieling.Device{device, sold}, []jieling.ManagedDevice{managed, gone}
	}))
	c := x.open(m.ID, b[0].ID)
	asked, other, passed := newChallenge(c), newChallenge(c), newChallenge(c)
	asked.Factor, passed.Factor, passed.State = jieling.AdminApproval, jieling.AdminApproval, jieling.ChallengePassed
	x.must(x.write(store.Need{Case: c.ID}, func(store.Snapshot) store.Change {
		return store.Change{Challenges: []jieling.Challenge{asked, other, passed}}
	}))
	return membership, managed, asked
}

// membersListed lists those of one organisation who are in it now: not those of another, and not who left.
func membersListed(x exam) {
	elsewhere, o := x.found(), x.found()
	x.employed(elsewhere.ID)
	membership, managed, asked := x.employed(o.ID)
	left, hers, _ := x.employed(o.ID)
	left.EndedAt, hers.Organisation = at(3), elsewhere.ID
	x.must(x.transition(left.Account, func(ch *store.Change) { ch.Membership, ch.Managed = &left, []jieling.ManagedDevice{hers} }))

	members, err := x.s.Members(x.ctx(), o.ID, "", 10)
	x.must(err)
	keeper := jieling.Membership{Organisation: o.ID, Account: o.Keeper, Role: jieling.OrgAdmin, Since: at(1), Was: jieling.Personal}
	want := []store.Member{{Membership: keeper, ExternalID: "user-" + string(o.Keeper), WaysIn: 1}, {Membership: membership, ExternalID: "user-" + string(membership.Account), WaysIn: 2}}
	slices.SortFunc(want, func(a, b store.Member) int { return cmp.Compare(a.Account, b.Account) }) // IDs of one moment come in any order
	x.equal("members", want, members)
	after, err := x.s.Members(x.ctx(), o.ID, want[0].Account, 10)
	x.must(err)
	x.equal("members after one", want[1:], after)

	devices, err := x.s.ManagedDevices(x.ctx(), o.ID, 10)
	x.must(err)
	x.equal("managed devices", []store.Managed{{ManagedDevice: managed, Name: "小米 14", Platform: jieling.Android}}, devices)

	waiting, err := x.s.Asked(x.ctx(), o.ID, jieling.AdminApproval, 10)
	x.must(err)
	x.equal("asked", []jieling.Challenge{asked}, waiting)

	all, err := x.s.Organisations(x.ctx(), "", 10)
	x.must(err)
	if len(all) != 2 || all[0].ID >= all[1].ID || all[0].ID != o.ID && all[1].ID != o.ID {
		x.t.Errorf("listed are %+v", all)
	}
	second, err := x.s.Organisations(x.ctx(), all[0].ID, 10)
	x.must(err)
	x.equal("organisations after one", all[1:], second)
	if _, err := x.s.Organisation(x.ctx(), "org_none"); !errors.Is(err, store.ErrNotFound) {
		x.t.Errorf("an organisation that is not there: %v", err)
	}
}

func organisationSchema(x exam) {
	o := x.found()
	m, _ := x.register(1)
	for what, spoil := range map[string]func(*store.Change){
		"a role": func(ch *store.Change) {
			ch.Membership = &jieling.Membership{Organisation: o.ID, Account: m.ID, Role: "owner", Since: at(1), Was: jieling.Personal}
		},
		"no organisation": func(ch *store.Change) {
			ch.Membership = &jieling.Membership{Organisation: "org_none", Account: m.ID, Role: jieling.OrgMember, Since: at(1), Was: jieling.Personal}
		},
		"a device of none": func(ch *store.Change) {
			ch.Managed = []jieling.ManagedDevice{{Organisation: "org_none", Account: m.ID, Device: "dev_1", ReportedAt: at(1)}}
		},
	} {
		if err := x.transition(m.ID, spoil); err == nil {
			x.t.Errorf("%s: taken", what)
		}
	}
	if err := x.write(store.Need{Account: m.ID}, func(store.Snapshot) store.Change {
		return store.Change{Membership: &jieling.Membership{Organisation: o.ID, Account: m.ID, Role: jieling.OrgMember, Since: at(1), Was: jieling.Personal}}
	}); err == nil {
		x.t.Error("a membership without its audit row was taken")
	}
}
