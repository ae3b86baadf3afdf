package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// Organisation finds one by its ID.
func (s *Store) Organisation(ctx context.Context, id jieling.OrganisationID) (jieling.Organisation, error) {
	o, err := one(ctx, s, "find an organisation", organisationColumns, "find_organisation", string(id))
	if err != nil {
		return jieling.Organisation{}, err
	}
	return o.decoded()
}

// Organisations lists them after one.
func (s *Store) Organisations(ctx context.Context, after jieling.OrganisationID, limit int) ([]jieling.Organisation, error) {
	var rows []organisationRow
	if err := s.query(ctx, "list organisations", collected(&rows, organisationColumns), "list_organisations", string(after), limit); err != nil {
		return nil, err
	}
	var all []jieling.Organisation
	for _, r := range rows {
		o, err := r.decoded()
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

// Members lists an organisation's members after one.
func (s *Store) Members(ctx context.Context, org jieling.OrganisationID, after jieling.AccountID, limit int) ([]store.Member, error) {
	var all []store.Member
	columns := func(m *store.Member) []any { return append(membershipColumns(&m.Membership), &m.ExternalID, &m.WaysIn) }
	err := s.query(ctx, "list members", collected(&all, columns), "list_members", string(org), string(after), limit)
	return all, err
}

// ManagedDevices lists what an organisation manages.
func (s *Store) ManagedDevices(ctx context.Context, org jieling.OrganisationID, limit int) ([]store.Managed, error) {
	var all []store.Managed
	columns := func(d *store.Managed) []any {
		return append(managedColumns(&d.ManagedDevice), &d.Name, (*string)(&d.Platform))
	}
	err := s.query(ctx, "list managed devices", collected(&all, columns), "list_managed", string(org), limit)
	return all, err
}

// Asked lists the open questions of an organisation's members.
func (s *Store) Asked(ctx context.Context, org jieling.OrganisationID, f jieling.Factor, limit int) ([]jieling.Challenge, error) {
	var all []jieling.Challenge
	err := s.query(ctx, "list what is asked", collected(&all, challengeColumns), "list_asked", string(org), string(f), limit)
	return all, err
}

// organised is what one read brought of organisations.
type organised struct {
	organisations []organisationRow
	memberships   map[jieling.AccountID]*jieling.Membership
	managed       map[jieling.AccountID][]jieling.ManagedDevice
}

func (v *view) queueOrganised(batch *pgx.Batch, w wanted) {
	v.memberships, v.managed = map[jieling.AccountID]*jieling.Membership{}, map[jieling.AccountID][]jieling.ManagedDevice{}
	w.queue(batch, "read_organisations").Query(collected(&v.organisations, organisationColumns))
	w.queue(batch, "read_memberships").Query(each(membershipColumns, func(m *jieling.Membership) { v.memberships[m.Account] = m }))
	w.queue(batch, "read_managed").Query(each(managedColumns, func(d *jieling.ManagedDevice) {
		v.managed[d.Account] = append(v.managed[d.Account], *d)
	}))
}

// fill gives a snapshot its part. A body that cannot be read is no organisation: whoever needs one is refused.
func (v *view) fillOrganised(sn *store.Snapshot) {
	id := sn.Account.ID
	sn.Membership, sn.Managed = v.memberships[id], v.managed[id]
	for _, r := range v.organisations {
		o, err := r.decoded()
		if err == nil && (sn.Membership != nil && o.ID == sn.Membership.Organisation || sn.Membership == nil && o.Keeper == id) {
			sn.Organisation = &o
		}
	}
}

func (w *writing) addOrganised(ch store.Change) error {
	if o := ch.Organisation; o != nil {
		body, err := store.EncodeOrganisation(*o)
		if err != nil {
			return err
		}
		w.organisations.add(string(o.ID), string(o.Keeper), string(body), o.Roots, o.Revoked)
	}
	if m := ch.Membership; m != nil {
		w.members.add(string(m.Account), string(m.Organisation), string(m.Role), string(m.Was), m.Since, m.EndedAt)
	}
	for _, d := range ch.Managed {
		w.managed.add(string(d.Account), string(d.Device), string(d.Organisation), d.Compliant, d.ReportedAt, d.Fingerprint, d.CertifiedTo)
	}
	return nil
}

// organisationRow is an organisation as its row has it.
type organisationRow struct{ body, roots, revoked string }

func (r organisationRow) decoded() (jieling.Organisation, error) {
	return store.DecodeOrganisation([]byte(r.body), r.roots, r.revoked)
}

func organisationColumns(r *organisationRow) []any { return []any{&r.body, &r.roots, &r.revoked} }

func membershipColumns(m *jieling.Membership) []any {
	return []any{
		(*string)(&m.Account), (*string)(&m.Organisation), (*string)(&m.Role), (*string)(&m.Was), (*instant)(&m.Since), (*instant)(&m.EndedAt),
	}
}

func managedColumns(d *jieling.ManagedDevice) []any {
	return []any{
		(*string)(&d.Account), (*string)(&d.Device), (*string)(&d.Organisation), &d.Compliant, (*instant)(&d.ReportedAt), &d.Fingerprint,
		(*instant)(&d.CertifiedTo),
	}
}
