package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jieling-id/jieling/internal/store"
)

func newStaff(name string) store.Staff {
	return store.Staff{
		Name: name, Role: store.Operator, Password: "$argon2id$…", TOTP: []byte("sealed " + name), CreatedAt: epoch(), Version: 1,
	}
}

// staff reads everybody, without the clock.
func (x exam) staff() []store.Staff {
	x.t.Helper()
	got, err := x.s.Staff(x.ctx())
	x.must(err)
	for i := range got {
		if got[i].Now.IsZero() {
			x.t.Error("a member came without the database's clock")
		}
		got[i].Now = time.Time{}
	}
	return got
}

func staffComeBack(x exam) {
	x.equal("nobody", []store.Staff(nil), x.staff())
	plain, full := newStaff("赵"), newStaff("abel")
	x.must(x.s.PutStaff(x.ctx(), plain))
	x.must(x.s.PutStaff(x.ctx(), full))
	full.Role, full.Password, full.TOTP, full.Step = store.Auditor, "$argon2id$other", []byte{0, 1, 255}, 1<<33
	full.Session, full.SignedInAt, full.SeenAt, full.Account, full.Version = newHash(), at(1), at(2), "acc_own", 2
	x.must(x.s.PutStaff(x.ctx(), full))
	x.equal("signed in", []store.Staff{full, plain}, x.staff())

	full.Session, full.SignedInAt, full.SeenAt, full.DisabledAt, full.Version = [32]byte{}, time.Time{}, time.Time{}, at(3), 3
	x.must(x.s.PutStaff(x.ctx(), full))
	x.equal("disabled", []store.Staff{full, plain}, x.staff())
}

// staffVersions lets many replace one row that all of them read: one succeeds. So a code of an authenticator opens one session.
func staffVersions(x exam) {
	m := newStaff("abel")
	x.must(x.s.PutStaff(x.ctx(), m))
	if err := x.s.PutStaff(x.ctx(), m); !errors.Is(err, store.ErrExists) {
		x.t.Errorf("a taken name: %v, want ErrExists", err)
	}
	unknown := newStaff("cain")
	unknown.Version = 2
	if err := x.s.PutStaff(x.ctx(), unknown); !errors.Is(err, store.ErrStale) {
		x.t.Errorf("a version after none: %v, want ErrStale", err)
	}
	var done atomic.Int64
	var all sync.WaitGroup
	for range crowd(20) {
		next := m
		next.Version, next.Step = 2, 7
		next.Session, next.SignedInAt, next.SeenAt = newHash(), at(1), at(1)
		all.Go(func() {
			switch err := x.s.PutStaff(x.ctx(), next); {
			case err == nil:
				done.Add(1)
			case !errors.Is(err, store.ErrStale):
				x.t.Errorf("the same version again: %v, want ErrStale", err)
			}
		})
	}
	all.Wait()
	if n := done.Load(); n != 1 {
		x.t.Errorf("%d of them replaced the row, want one", n)
	}
}

func staffSchema(x exam) {
	for what, spoil := range map[string]func(*store.Staff){
		"no name":           func(m *store.Staff) { m.Name = "" },
		"a role":            func(m *store.Staff) { m.Role = "owner" },
		"no password":       func(m *store.Staff) { m.Password = "" },
		"no authenticator":  func(m *store.Staff) { m.TOTP = nil },
		"in while disabled": func(m *store.Staff) { m.Session, m.SignedInAt, m.SeenAt, m.DisabledAt = newHash(), at(1), at(1), at(2) },
		"seen never":        func(m *store.Staff) { m.Session, m.SignedInAt = newHash(), at(1) },
	} {
		m := newStaff("abel")
		spoil(&m)
		if err := x.s.PutStaff(x.ctx(), m); err == nil {
			x.t.Errorf("%s: taken", what)
		}
	}
	x.equal("staff", []store.Staff(nil), x.staff())
}

// staffGuesses sends a crowd at one name: no more than the limit get to compare, and somebody else's name is untouched by it.
func staffGuesses(x exam) {
	who, other := newHash(), newHash()
	var left atomic.Int64
	var all sync.WaitGroup
	for range crowd(100) {
		all.Go(func() {
			ok, err := x.s.ReserveGuess(x.ctx(), who, 5, time.Hour)
			if err != nil {
				x.t.Error(err)
			}
			if ok {
				left.Add(1)
			}
		})
	}
	all.Wait()
	if n := left.Load(); n != 5 {
		x.t.Errorf("%d guesses were let through, want 5", n)
	}
	x.guess("another name", other, time.Hour, true)
	x.must(x.s.ForgetGuesses(x.ctx(), who))
	x.guess("after a success", who, time.Hour, true)
	for range 5 {
		_, err := x.s.ReserveGuess(x.ctx(), who, 5, time.Hour)
		x.must(err)
	}
	x.guess("used up", who, time.Hour, false)
	x.guess("used up, in a window that has passed", who, time.Nanosecond, true)
	x.must(x.s.ForgetGuesses(x.ctx(), newHash()))
}

func (x exam) guess(what string, who [32]byte, window time.Duration, want bool) {
	x.t.Helper()
	ok, err := x.s.ReserveGuess(x.ctx(), who, 5, window)
	x.must(err)
	if ok != want {
		x.t.Errorf("%s: a guess is left: %t, want %t", what, ok, want)
	}
}
