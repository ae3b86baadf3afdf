package gate

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/store"
)

// How long a session of staff lasts, and how often a sign-in may fail: per name, whether anybody has it or not (S26, S27).
const (
	staffIdle    = 15 * time.Minute
	staffWhole   = 8 * time.Hour
	staffTouch   = time.Minute // how often the use of a session is written down
	staffGuesses = 5
	staffWindow  = 15 * time.Minute
)

// What a password of staff must be. Ours are drawn: 26 letters and digits, 130 bits.
const (
	minPassword = 12
	maxPassword = 128
	maxName     = 64
)

// StaffStore is where members of staff are kept; every [store.Store] is one.
type StaffStore interface {
	Staff(ctx context.Context) ([]store.Staff, error)
	PutStaff(ctx context.Context, s store.Staff) error
	ReserveGuess(ctx context.Context, who [32]byte, limit int, window time.Duration) (bool, error)
	ForgetGuesses(ctx context.Context, who [32]byte) error
}

// Staff is the entrance of those who work with the service. It knows nothing of people's sessions, nor they of its.
type Staff struct {
	store   StaffStore
	keys    *keyring.Keyring
	now     func() time.Time // what authenticators show; sessions are timed by the store's clock (S22)
	log     *slog.Logger
	unknown store.Staff   // whom a name that nobody has is compared with: nobody knows their password
	turn    chan struct{} // one sign-in is compared at a time, so that a flood of them leaves people's PINs their share
}

// NewStaff makes the entrance. Codes are judged by now, which has to be the wall's clock as authenticators know it; nil means time.Now.
func NewStaff(ctx context.Context, st StaffStore, keys *keyring.Keyring, now func() time.Time, log *slog.Logger) (*Staff, error) {
	if now == nil {
		now = time.Now
	}
	nobody, err := newMember(ctx, keys, "nobody", store.Reviewer, now())
	if err != nil {
		return nil, err
	}
	if log == nil {
		log = slog.Default()
	}
	return &Staff{store: st, keys: keys, now: now, log: log, unknown: nobody.Row, turn: make(chan struct{}, 1)}, nil
}

// NewMember is a member of staff who was just made, with what they need to sign in. It is shown once.
type NewMember struct {
	Row      store.Staff
	Password string
	TOTP     string // the authenticator's secret, in base32
	URI      string // the same, to be scanned
}

// MakeMember draws a password and an authenticator's secret. The name is 1..64 characters.
func MakeMember(ctx context.Context, keys *keyring.Keyring, name string, role store.Role, at time.Time) (NewMember, error) {
	switch n := utf8.RuneCountInString(name); {
	case n == 0 || n > maxName || !utf8.ValidString(name):
		return NewMember{}, jieling.Invalid("name", fmt.Sprintf("must have 1 to %d characters", maxName))
	case !slices.Contains(store.Roles[:], role):
		return NewMember{}, jieling.Invalid("role", "is not one of reviewer, operator, auditor")
	}
	return newMember(ctx, keys, name, role, at)
}

func newMember(ctx context.Context, keys *keyring.Keyring, name string, role store.Role, at time.Time) (NewMember, error) {
	secret := make([]byte, totpSecret)
	if _, err := io.ReadFull(rand.Reader, secret); err != nil {
		return NewMember{}, fmt.Errorf("make an authenticator's secret: %w", err)
	}
	m := NewMember{Password: rand.Text(), TOTP: totpText(secret)}
	m.URI = totpURI(name, m.TOTP)
	m.Row = store.Staff{Name: name, Role: role, CreatedAt: at, Version: 1}
	var err error
	if m.Row.Password, err = keys.HashSecret(ctx, passwordOf(name), m.Password); err != nil {
		return NewMember{}, err
	}
	m.Row.TOTP, err = keys.Seal(totpOf(name), secret)
	return m, err
}

// Where a member's secrets belong: a hash or a seal moved to another member's row is worth nothing there.
func passwordOf(name string) keyring.Place {
	return keyring.Place{Owner: name, Field: "staff.password"}
}

func totpOf(name string) keyring.Place { return keyring.Place{Owner: name, Field: "staff.totp"} }

// Credentials are what somebody typed.
type Credentials struct {
	Name     string
	Password string
	Code     string // six digits
}

// SignIn opens a session and gives its token, or refuses: with one error whatever was wrong, after the same work, so that nobody
// learns who works here (S27). The guess is counted before anything is compared (S26). Whoever signs in is signed out elsewhere.
func (s *Staff) SignIn(ctx context.Context, c Credentials) (token string, err error) {
	who := s.keys.BlindIndex("staff", c.Name)
	left, err := s.store.ReserveGuess(ctx, who, staffGuesses, staffWindow)
	if err != nil {
		return "", unavailable(err)
	}
	all, err := s.store.Staff(ctx)
	if err != nil {
		return "", unavailable(err)
	}
	m, known := s.unknown, false
	if i := slices.IndexFunc(all, func(m store.Staff) bool { return m.Name == c.Name }); i >= 0 {
		m, known = all[i], true
	}
	step, proven, err := s.compare(ctx, m, c)
	if err != nil {
		return "", unavailable(err)
	}
	if why := refusedFor(m, known, left, proven); why != "" {
		s.refused(m, known, why)
		return "", errSignIn
	}
	return s.open(ctx, m, step, who)
}

// compare does the whole work for everybody, also for who is refused already.
func (s *Staff) compare(ctx context.Context, m store.Staff, c Credentials) (step int64, proven bool, err error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return 0, false, ctx.Err()
	}
	password := c.Password
	if len(password) > maxPassword {
		password = ""
	}
	right, err := s.keys.VerifySecret(ctx, passwordOf(m.Name), password, m.Password)
	if err != nil {
		return 0, false, err
	}
	secret, err := s.keys.Open(totpOf(m.Name), m.TOTP)
	if err != nil {
		return 0, false, err
	}
	step, fresh := totpStepOf(secret, c.Code, s.now(), m.Step)
	return step, right && fresh && len(password) >= minPassword, nil
}

// refusedFor says, for the log alone, why somebody is not let in.
func refusedFor(m store.Staff, known, left, proven bool) string {
	switch {
	case !left:
		return "too many wrong guesses"
	case !known:
		return "unknown name"
	case !m.DisabledAt.IsZero():
		return "disabled"
	case !proven:
		return "wrong password or code"
	}
	return ""
}

// refused logs it. A name that nobody has is not written down: it may be a password in the wrong field.
func (s *Staff) refused(m store.Staff, known bool, why string) {
	name := ""
	if known {
		name = m.Name
	}
	s.log.Warn("staff sign-in refused", slog.String("staff", name), slog.String("why", why))
}

// errSignIn is the one answer to everything that may be wrong with a sign-in.
var errSignIn = &jieling.Error{Code: jieling.CodeUnauthenticated, Public: jieling.Text{
	ZH: "没有登录成功：名字、密码或验证码不对，或者错的次数太多。请检查后再试；错了五次要等 15 分钟。验证码只能用一次，用过要等下一个。",
	EN: "You are not signed in: the name, the password or the code is not right, or there were too many wrong tries. Check them and try again; " +
		"after five wrong tries, wait 15 minutes. A code works once: after that, wait for the next.",
}}

// open writes the session. Somebody who used the same code at the same moment was faster and has changed the row.
func (s *Staff) open(ctx context.Context, m store.Staff, step int64, who [32]byte) (string, error) {
	token := rand.Text() + rand.Text()
	m.Step, m.Session, m.SignedInAt, m.SeenAt = step, sha256.Sum256([]byte(token)), m.Now, m.Now
	m.Version++
	switch err := s.store.PutStaff(ctx, m); {
	case errors.Is(err, store.ErrStale):
		s.refused(m, true, "another sign-in was faster")
		return "", errSignIn
	case err != nil:
		return "", unavailable(err)
	}
	s.log.Info("staff signed in", slog.String("staff", m.Name), slog.String("role", string(m.Role)))
	return token, unavailable(s.store.ForgetGuesses(ctx, who))
}

// Member recognises who a session's token belongs to, or answers CodeUnauthenticated. Who was disabled is nobody, at once.
func (s *Staff) Member(ctx context.Context, token string) (jieling.Actor, error) {
	m, err := s.member(ctx, token)
	if err != nil {
		return jieling.Actor{}, err
	}
	if m.Now.Sub(m.SeenAt) >= staffTouch {
		touched := m
		touched.SeenAt, touched.Version = m.Now, m.Version+1
		if err := s.store.PutStaff(ctx, touched); err != nil && !errors.Is(err, store.ErrStale) {
			return jieling.Actor{}, unavailable(err)
		}
	}
	return jieling.Actor{Kind: jieling.ActorStaff, Name: m.Name, Account: m.Account, Scopes: []string{string(m.Role)}}, nil
}

func (s *Staff) member(ctx context.Context, token string) (store.Staff, error) {
	if token == "" {
		return store.Staff{}, errNoStaff
	}
	all, err := s.store.Staff(ctx)
	if err != nil {
		return store.Staff{}, unavailable(err)
	}
	hash := sha256.Sum256([]byte(token))
	for _, m := range all {
		if !m.SignedInAt.IsZero() && subtle.ConstantTimeCompare(m.Session[:], hash[:]) == 1 && lasts(m) {
			return m, nil
		}
	}
	return store.Staff{}, errNoStaff
}

// Named lists by name everybody who may sign in and has one of some roles.
func (s *Staff) Named(ctx context.Context, roles []store.Role) (names []string, err error) {
	all, err := s.store.Staff(ctx)
	if err != nil {
		return nil, unavailable(err)
	}
	for _, m := range all {
		if m.DisabledAt.IsZero() && slices.Contains(roles, m.Role) {
			names = append(names, m.Name)
		}
	}
	return names, nil
}

var errNoStaff = &jieling.Error{Code: jieling.CodeUnauthenticated}

// lasts reports that a session is neither idle for too long nor too old; a clock that was set back ends it.
func lasts(m store.Staff) bool {
	idle, whole := m.Now.Sub(m.SeenAt), m.Now.Sub(m.SignedInAt)
	return m.DisabledAt.IsZero() && 0 <= idle && idle < staffIdle && 0 <= whole && whole < staffWhole
}

// SignOut ends the session of a token, and is content where there is none.
func (s *Staff) SignOut(ctx context.Context, token string) error {
	for {
		m, err := s.member(ctx, token)
		if jieling.CodeOf(err) == jieling.CodeUnauthenticated {
			return nil
		}
		if err != nil {
			return err
		}
		m.Session, m.SignedInAt, m.SeenAt = [32]byte{}, time.Time{}, time.Time{}
		m.Version++
		switch err := s.store.PutStaff(ctx, m); {
		case errors.Is(err, store.ErrStale):
			continue // somebody touched it in between
		case err != nil:
			return unavailable(err)
		}
		s.log.Info("staff signed out", slog.String("staff", m.Name))
		return nil
	}
}

// unavailable says that the question could not be answered, and lets nobody in (S30).
func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return &jieling.Error{Code: jieling.CodeDependency, After: time.Second, Err: fmt.Errorf("staff: %w", err)}
}

// staffCookie is apart from a person's, and Strict: nobody comes to the console by a link from elsewhere.
func (g *Gate) staffCookie(value string, maxAge int) *http.Cookie {
	name := "jieling-staff"
	if g.secure {
		name = "__Host-" + name
	}
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: maxAge, Secure: g.secure, HttpOnly: true, SameSite: http.SameSiteStrictMode}
}

// StaffIn gives a member of staff the cookie of the session just opened. It goes with the browser.
func (g *Gate) StaffIn(w http.ResponseWriter, token string) {
	http.SetCookie(w, g.staffCookie(token, 0))
}

// StaffOut takes it away.
func (g *Gate) StaffOut(w http.ResponseWriter) { http.SetCookie(w, g.staffCookie("", -1)) }

// StaffToken gives the token in a member's cookie, "" where there is none. It is a secret.
func (g *Gate) StaffToken(r *http.Request) string {
	c, err := r.Cookie(g.staffCookie("", 0).Name)
	if err != nil || len(c.Value) > 256 {
		return ""
	}
	return c.Value
}

// ResealStaff brings every member's authenticator under the keyring's active generation, and gives how many there were to bring. A member
// whose row changes at this moment is left for the next run.
func ResealStaff(ctx context.Context, st store.Store, keys *keyring.Keyring) (n int, err error) {
	all, err := st.Staff(ctx)
	if err != nil {
		return 0, err
	}
	for _, m := range all {
		sealed, moved, err := keys.Reseal(totpOf(m.Name), m.TOTP)
		if err != nil {
			return n, fmt.Errorf("%s: %w", m.Name, err)
		}
		if !moved {
			continue
		}
		m.TOTP = sealed
		m.Version++
		switch err := st.PutStaff(ctx, m); {
		case errors.Is(err, store.ErrStale):
		case err != nil:
			return n, err
		default:
			n++
		}
	}
	return n, nil
}
