package postgres

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/jieling-id/jieling/internal/store"
)

// SQLSTATEs that are acted on (PostgreSQL, appendix A).
const (
	divisionByZero       = "22012" // a fence of write.sql: fewer rows were hit than named
	uniqueViolation      = "23505"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
)

// failure says in the store's words what went wrong while doing something. Of what the server said only its code and the
// names of things pass: its messages and details may quote rows. nil stays nil.
func failure(doing string, err error) error {
	var refused *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return store.ErrNotFound
	case !errors.As(err, &refused):
		return fmt.Errorf("postgres: %s: %w", doing, err)
	case refused.Code == divisionByZero:
		return store.ErrStale
	}
	switch refused.ConstraintName {
	case "accounts_pkey", "events_pkey":
		return store.ErrStale
	case "accounts_external_id", "staff_pkey", "receivers_pkey", "receivers_stream":
		return store.ErrExists
	case "bindings_identity":
		return store.ErrBindingExists
	case "accounts_last_way_in":
		return store.ErrLastWayIn
	}
	return fmt.Errorf("postgres: %s: refused by the database with SQLSTATE %s (table %q, constraint %q)",
		doing, refused.Code, refused.TableName, refused.ConstraintName)
}

// passing reports an error that may be gone when the verb is done again from its read: two transactions waited for each
// other, or one key or one new account came twice at the same moment and the other was first.
func passing(err error) bool {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.Code {
	case serializationFailure, deadlockDetected:
		return true
	case uniqueViolation:
		return refused.ConstraintName == "answers_pkey" || refused.ConstraintName == "accounts_pkey"
	}
	return false
}
