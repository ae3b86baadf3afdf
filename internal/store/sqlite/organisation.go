package sqlite

import (
	"context"
	"database/sql/driver"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// Organisation finds one by its key.
func (s *Store) Organisation(ctx context.Context, id jieling.OrganisationID) (jieling.Organisation, error) {
	return first(s, ctx, "organisation", readOrganisation, string(id))
}

// Organisations walks over them by their IDs.
func (s *Store) Organisations(ctx context.Context, after jieling.OrganisationID, limit int) ([]jieling.Organisation, error) {
	return all(s, ctx, "organisations", readOrganisation, string(after), int64(limit))
}

// Members walks over an organisation by its accounts' IDs.
func (s *Store) Members(ctx context.Context, org jieling.OrganisationID, after jieling.AccountID, limit int) ([]store.Member, error) {
	return all(s, ctx, "members", readMember, string(org), string(after), int64(limit))
}

// ManagedDevices lists them by account.
func (s *Store) ManagedDevices(ctx context.Context, org jieling.OrganisationID, limit int) ([]store.Managed, error) {
	return all(s, ctx, "managed devices", func(r *row) (store.Managed, error) {
		d, err := readManaged(r)
		return store.Managed{ManagedDevice: d, Name: r.text(), Platform: jieling.Platform(r.text())}, err
	}, string(org), int64(limit))
}

// Asked lists challenges by their IDs, which sort by age.
func (s *Store) Asked(ctx context.Context, org jieling.OrganisationID, f jieling.Factor, limit int) ([]jieling.Challenge, error) {
	return all(s, ctx, "asked of organisation", readChallenge, string(org), string(f), int64(limit))
}

// organised reads what an account has to do with organisations.
func (l *loading) organised(account jieling.AccountID) {
	if l.sn.Membership = pick(l, "membership", readMembership, string(account)); l.sn.Membership != nil {
		l.sn.Organisation = pick(l, "organisation", readOrganisation, string(l.sn.Membership.Organisation))
	} else {
		l.sn.Organisation = pick(l, "organisation of keeper", readOrganisation, string(account))
	}
	l.sn.Managed = gather(l, "managed", readManaged, string(account))
}

// organised writes the organisation first: who belongs to it refers to it.
func (w writing) organised(ch store.Change) error {
	if o := ch.Organisation; o != nil {
		body, err := store.EncodeOrganisation(*o)
		if err != nil {
			return err
		}
		if err := w.c.put("organisation", string(body), o.Roots, o.Revoked, string(o.Keeper), string(o.ID)); err != nil {
			return meaning(err, violations{unique: store.ErrExists, key: store.ErrExists})
		}
	}
	if m := ch.Membership; m != nil {
		if err := w.c.put("membership", string(m.Organisation), string(m.Role), string(m.Was), moment(m.Since), moment(m.EndedAt), string(m.Account)); err != nil {
			return err
		}
	}
	for _, d := range ch.Managed {
		if err := w.c.put("managed", managedArgs(d)...); err != nil {
			return err
		}
	}
	return nil
}

func readOrganisation(r *row) (jieling.Organisation, error) {
	return store.DecodeOrganisation([]byte(r.text()), r.text(), r.text())
}

func readMembership(r *row) (jieling.Membership, error) {
	return jieling.Membership{
		Organisation: jieling.OrganisationID(r.text()), Role: jieling.OrgRole(r.text()), Was: jieling.AccountKind(r.text()), Since: r.time(),
		EndedAt: r.time(), Account: jieling.AccountID(r.text()),
	}, nil
}

func readMember(r *row) (store.Member, error) {
	m, err := readMembership(r)
	return store.Member{Membership: m, ExternalID: r.text(), WaysIn: int(r.int())}, err
}

func readManaged(r *row) (jieling.ManagedDevice, error) {
	return jieling.ManagedDevice{
		Organisation: jieling.OrganisationID(r.text()), Compliant: r.bool(), ReportedAt: r.time(), Fingerprint: r.blob(), CertifiedTo: r.time(),
		Account: jieling.AccountID(r.text()), Device: jieling.DeviceID(r.text()),
	}, nil
}

func managedArgs(d jieling.ManagedDevice) []driver.Value {
	return []driver.Value{
		string(d.Organisation), d.Compliant, moment(d.ReportedAt), bytes(d.Fingerprint), moment(d.CertifiedTo), string(d.Account), string(d.Device),
	}
}
