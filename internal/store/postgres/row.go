package postgres

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/store"
)

// table gathers rows as the columns a multi-row statement takes: one array for each.
type table struct {
	columns []any
	rows    int
}

// add appends a row: its values in the order of the statement's parameters, each column always of one type. The zero time
// and nil bytes become null.
func (t *table) add(values ...any) {
	if t.columns == nil {
		t.columns = make([]any, len(values))
	}
	for i, v := range values {
		switch v := v.(type) {
		case string:
			t.columns[i] = appended(t.columns[i], v)
		case []byte:
			t.columns[i] = appended(t.columns[i], v)
		case json.RawMessage:
			t.columns[i] = appended(t.columns[i], []byte(v))
		case time.Time:
			t.columns[i] = appended(t.columns[i], moment(v))
		case int64:
			t.columns[i] = appended(t.columns[i], v)
		case int:
			t.columns[i] = appended(t.columns[i], int64(v))
		case bool:
			t.columns[i] = appended(t.columns[i], v)
		case store.Mark:
			t.columns[i] = appended(t.columns[i], [16]byte(v))
		default:
			panic("postgres: a column of a type no statement has")
		}
	}
	t.rows++
}

func appended[T any](column any, v T) any {
	values, _ := column.(pgtype.FlatArray[T])
	return append(values, v)
}

// moment is a time as a column keeps it: null for the zero time.
func moment(t time.Time) pgtype.Timestamptz { return pgtype.Timestamptz{Time: t, Valid: !t.IsZero()} }

// filled gives null for the hash that is none.
func filled(h [32]byte) []byte {
	if h == [32]byte{} {
		return nil
	}
	return h[:]
}

// instant scans a timestamptz: UTC, and null is the zero time.
type instant time.Time

// ScanTimestamptz implements [pgtype.TimestamptzScanner].
func (i *instant) ScanTimestamptz(v pgtype.Timestamptz) error {
	*i = instant{}
	if v.Valid {
		*i = instant(v.Time.UTC())
	}
	return nil
}

// hash scans 32 bytes; null is no hash.
type hash [32]byte

// ScanBytes implements [pgtype.BytesScanner].
func (h *hash) ScanBytes(v []byte) error {
	if v != nil && len(v) != len(h) {
		return errors.New("a hash that is not 32 bytes long")
	}
	*h = hash{}
	copy(h[:], v)
	return nil
}

// flag scans a bool; null is no.
type flag bool

// ScanBool implements [pgtype.BoolScanner].
func (f *flag) ScanBool(v pgtype.Bool) error {
	*f = flag(v.Bool)
	return nil
}

// count scans an integer; null is none.
type count int

// ScanInt64 implements [pgtype.Int64Scanner].
func (c *count) ScanInt64(v pgtype.Int8) error {
	*c = count(v.Int64)
	return nil
}

// text scans a text; null is the empty one.
type text string

// ScanText implements [pgtype.TextScanner].
func (t *text) ScanText(v pgtype.Text) error {
	*t = text(v.String)
	return nil
}

// each scans the rows of a statement one by one and hands each over.
func each[T any](columns func(*T) []any, take func(*T)) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			row := new(T)
			if err := rows.Scan(columns(row)...); err != nil {
				return err
			}
			take(row)
		}
		return rows.Err()
	}
}

// collected scans all rows of a statement into a slice.
func collected[T any](out *[]T, columns func(*T) []any) func(pgx.Rows) error {
	return each(columns, func(row *T) { *out = append(*out, *row) })
}

// marks is bases as a parameter: those that need not be read.
func marks(known store.KnownBases) pgtype.FlatArray[[16]byte] {
	out := pgtype.FlatArray[[16]byte]{}
	for _, m := range known.Marks() {
		out = append(out, m)
	}
	return out
}

// The functions below name the fields of a row in the order of the columns its statements select.

func accountColumns(a *jieling.Account) []any {
	return []any{
		(*string)(&a.ID), &a.ExternalID, (*string)(&a.Kind), &a.Region, &a.Locale, (*string)(&a.RegisteredThrough),
		(*instant)(&a.CreatedAt), &a.WaysIn, &a.Frozen, &a.Epoch, (*instant)(&a.GuardedUntil), (*instant)(&a.HeldUntil), (*instant)(&a.FactorRemovedAt),
		&a.Settings.DeviceLock, &a.Settings.NamedOnly, &a.Settings.RemindersOff, (*instant)(&a.Settings.ReviewedAt), (*instant)(&a.Settings.RemindAt),
		&a.Settings.PutAside, &a.Version, (*hash)(&a.AuditHead), (*instant)(&a.StrandedAt),
	}
}

// bindingColumns takes nulls, for an account without bindings in a left join.
func bindingColumns(b *jieling.Binding) []any {
	return []any{
		(*text)(&b.Account), (*text)(&b.ID), (*text)(&b.Provider), (*text)(&b.State), (*text)(&b.Label), (*instant)(&b.VerifiedAt),
		(*instant)(&b.LastUsedAt), (*instant)(&b.CreatedAt), (*instant)(&b.RemovedAt), &b.Subject, &b.Union, &b.Grant, (*hash)(&b.Index),
		(*text)(&b.Holder), (*instant)(&b.HolderAt), (*instant)(&b.RiskAt), (*text)(&b.SIM), (*instant)(&b.SIMAt), (*flag)(&b.QuickOff), (*count)(&b.QuickAsks),
		(*text)(&b.Said), (*instant)(&b.SaidAt),
	}
}

// filed is a case as its row has it. basis is shared with other cases and only read.
type filed struct {
	jieling.Case
	basis store.Basis
}

// cases scans cases one by one, puts each together and hands it over. known is whose marks the statement was told.
func cases(known store.KnownBases, take func(*filed)) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		for rows.Next() {
			var body, basis []byte
			var mark store.Mark
			if err := rows.Scan(&body, &basis, (*[16]byte)(&mark)); err != nil {
				return err
			}
			f := new(filed)
			if f.Case, f.basis, err = known.DecodeCase(body, basis, mark); err != nil {
				return err
			}
			take(f)
		}
		return rows.Err()
	}
}

// actor scans an actor in JSON.
type actor jieling.Actor

// ScanText implements [pgtype.TextScanner].
func (a *actor) ScanText(v pgtype.Text) error { return json.Unmarshal([]byte(v.String), a) }

func eventColumns(e *jieling.Event) []any {
	return []any{(*string)(&e.Case), &e.Seq, &e.Kind, (*actor)(&e.Actor), (*instant)(&e.At), (*string)(&e.Stage), (*[]byte)(&e.Data)}
}

func challengeColumns(c *jieling.Challenge) []any {
	return []any{
		(*string)(&c.Account), (*string)(&c.ID), (*string)(&c.Case), (*string)(&c.Binding), (*string)(&c.Factor), (*string)(&c.Purpose),
		(*string)(&c.State), &c.Guesses, &c.Limit, (*instant)(&c.IssuedAt), (*instant)(&c.ExpiresAt), &c.Epoch, &c.Pack, &c.Public,
		&c.Secret, (*hash)(&c.Code), (*string)(&c.Claimant),
	}
}

func enrolmentColumns(e *jieling.Enrolment) []any {
	return []any{
		(*string)(&e.Account), (*string)(&e.ID), (*string)(&e.Factor), (*string)(&e.Device), (*string)(&e.Binding), &e.Label,
		(*instant)(&e.CreatedAt), (*instant)(&e.RemovedAt), &e.Secret,
	}
}

func deviceColumns(d *jieling.Device) []any {
	return []any{
		(*string)(&d.Account), (*string)(&d.ID), &d.Name, (*string)(&d.Platform), &d.Trusted, (*instant)(&d.CreatedAt),
		(*instant)(&d.LastSeen), (*instant)(&d.RemovedAt), &d.AppKey, &d.AppCount, &d.Named, (*instant)(&d.LostAt),
	}
}

func budgetColumns(b *jieling.Budget) []any {
	return []any{
		(*string)(&b.Account), (*string)(&b.Factor), (*instant)(&b.Since), &b.Wrong, &b.Issued, (*instant)(&b.Day), (*instant)(&b.Hour), &b.InHour,
	}
}

// standing is an effect with its state.
type standing struct {
	effect jieling.Effect
	state  jieling.EffectState
}

func standingColumns(s *standing) []any {
	e := &s.effect
	return []any{
		(*string)(&e.Account), (*string)(&e.ID), &e.Key, (*string)(&e.Kind), (*string)(&e.Case), &e.Target, &e.Subject, &e.Payload,
		(*instant)(&e.RunAt), &e.Attempt, (*instant)(&e.Lease), &e.LastErr, (*string)(&s.state),
	}
}

func ticketColumns(t *store.Ticket) []any {
	return []any{
		(*hash)(&t.Hash), (*string)(&t.Account), (*string)(&t.Device), (*string)(&t.Platform), &t.Next, (*instant)(&t.ExpiresAt), (*instant)(&t.UsedAt),
	}
}

// remembered is an answer with the key it is remembered under.
type remembered struct {
	caller, key string
	answer      store.Answer
}

func rememberedColumns(r *remembered) []any {
	return []any{&r.caller, &r.key, (*hash)(&r.answer.Fingerprint), &r.answer.Ref, (*string)(&r.answer.Code), &r.answer.Detail}
}

func sessionColumns(s *store.Session) []any {
	return []any{
		(*string)(&s.Account), (*string)(&s.ID), (*hash)(&s.Hash), (*string)(&s.Binding), (*string)(&s.Device), (*string)(&s.Platform),
		(*instant)(&s.CreatedAt), (*instant)(&s.ExpiresAt), (*instant)(&s.EndedAt), &s.Frozen,
	}
}

func signInColumns(s *jieling.SignIn) []any {
	return []any{
		(*string)(&s.Account), (*string)(&s.ID), (*instant)(&s.At), (*string)(&s.Binding), (*string)(&s.Device), (*string)(&s.Platform), &s.Network,
		(*hash)(&s.Net), &s.Place.Country, &s.Place.Region, &s.Place.Point,
	}
}

func keyColumns(k *store.Key) []any {
	return []any{&k.Name, (*hash)(&k.Hash), &k.Scopes, (*instant)(&k.CreatedAt), (*instant)(&k.RevokedAt)}
}

func entryColumns(e *audit.Entry) []any {
	return []any{
		(*string)(&e.Account), &e.Seq, (*string)(&e.Case), &e.Actor, &e.Verb, (*instant)(&e.At), &e.Detail, (*hash)(&e.Prev), (*hash)(&e.Hash),
	}
}
