package gate_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/store"
	"github.com/jieling-id/jieling/internal/store/sqlite"
)

// desk is the entrance of staff over a real store, with both clocks in the test's hands.
type desk struct {
	*gate.Staff
	*testing.T
	store gate.StaffStore
	keys  *keyring.Keyring
	ahead atomic.Int64 // nanoseconds, of the store's clock and the authenticators' alike
	log   bytes.Buffer
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{T: t}
	st, err := sqlite.Open(filepath.Join(t.TempDir(), "jieling.db"), sqlite.Config{Offset: d.offset})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	d.store = st
	if d.keys, err = keyring.New(nil); err != nil {
		t.Fatal(err)
	}
	d.over(st)
	return d
}

func (d *desk) over(st gate.StaffStore) {
	d.Helper()
	var err error
	if d.Staff, err = gate.NewStaff(d.Context(), st, d.keys, d.now, slog.New(slog.NewJSONHandler(&d.log, &slog.HandlerOptions{ReplaceAttr: untimed}))); err != nil {
		d.Fatal(err)
	}
}

// untimed leaves the time of a line away, whose digits may be anybody's code.
func untimed(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func (d *desk) offset() time.Duration    { return time.Duration(d.ahead.Load()) }
func (d *desk) now() time.Time           { return time.Now().Add(d.offset()) }
func (d *desk) later(span time.Duration) { d.ahead.Add(int64(span)) }

func (d *desk) add(name string) gate.NewMember {
	d.Helper()
	m, err := gate.MakeMember(d.Context(), d.keys, name, store.Operator, d.now())
	if err == nil {
		err = d.store.PutStaff(d.Context(), m.Row)
	}
	if err != nil {
		d.Fatal(err)
	}
	return m
}

// right is what a member would type now.
func (d *desk) right(m gate.NewMember) gate.Credentials {
	return gate.Credentials{Name: m.Row.Name, Password: m.Password, Code: authenticator(d.T, m.TOTP, d.now())}
}

// stale is what a secret's app showed a while ago, and before that where a member's own shows the same by chance.
func (d *desk) stale(m gate.NewMember, secret string, ago time.Duration) string {
	d.Helper()
	for ; ; ago += 30 * time.Second {
		code, by := authenticator(d.T, secret, d.now().Add(-ago)), d.now()
		if code != authenticator(d.T, m.TOTP, by) && code != authenticator(d.T, m.TOTP, by.Add(-30*time.Second)) && code != authenticator(d.T, m.TOTP, by.Add(30*time.Second)) {
			return code
		}
	}
}

// authenticator is an app of its own, which knows nothing of ours.
func authenticator(t *testing.T, secret string, now time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, now.Unix()/30)
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff)%1e6)
}

func (d *desk) signIn(c gate.Credentials) (string, error) { return d.SignIn(d.Context(), c) }

func (d *desk) in(m gate.NewMember) string {
	d.Helper()
	token, err := d.signIn(d.right(m))
	if err != nil {
		d.Fatal(err)
	}
	return token
}

func (d *desk) is(what, token string, want jieling.Code) {
	d.Helper()
	by, err := d.Member(d.Context(), token)
	if got := jieling.CodeOf(err); got != want || want == "" && by.Kind != jieling.ActorStaff {
		d.Errorf("%s: %q as %+v, want %q", what, got, by, want)
	}
}

func TestStaff_SignInAndOut(t *testing.T) {
	d := newDesk(t)
	m := d.add("林")
	token := d.in(m)
	by, err := d.Member(t.Context(), token)
	if err != nil || !cmp.Equal(by, jieling.Actor{Kind: jieling.ActorStaff, Name: "林", Scopes: []string{"operator"}}) {
		t.Errorf("%+v %v", by, err)
	}
	d.is("no token", "", jieling.CodeUnauthenticated)
	d.is("another token", token+"x", jieling.CodeUnauthenticated)
	d.later(time.Minute)
	second := d.in(m)
	d.is("after a sign-in elsewhere", token, jieling.CodeUnauthenticated)
	d.is("the new session", second, "")
	for range 2 {
		if err := d.SignOut(t.Context(), second); err != nil {
			t.Error(err)
		}
	}
	d.is("after signing out", second, jieling.CodeUnauthenticated)
}

func TestStaff_ASessionEndsByItself(t *testing.T) {
	d := newDesk(t)
	m := d.add("lin")
	token := d.in(m)
	d.later(14 * time.Minute)
	d.is("used in time", token, "")
	d.later(14 * time.Minute)
	d.is("used in time again", token, "")
	d.later(15 * time.Minute)
	d.is("idle", token, jieling.CodeUnauthenticated)
	token = d.in(m)
	for range 8*6 - 1 {
		d.later(10 * time.Minute)
		d.is("in use", token, "")
	}
	d.later(10 * time.Minute)
	d.is("after eight hours of use", token, jieling.CodeUnauthenticated)
}

// S27: whatever is wrong, the answer is one and the same, and nothing is logged that could be a secret.
func TestS27_OneAnswerToEverythingThatIsWrong(t *testing.T) {
	d := newDesk(t)
	lin, gone, many := d.add("lin"), d.add("gone"), d.add("many")
	row := gone.Row
	row.DisabledAt, row.Version = d.now(), 2
	if err := d.store.PutStaff(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		_, _ = d.signIn(gate.Credentials{Name: "many"})
		_, _ = d.signIn(gate.Credentials{Name: "never heard of, many times"})
	}
	wrong, late, other := d.right(lin), d.right(lin), d.right(lin)
	wrong.Password += "x"
	late.Code = d.stale(lin, lin.TOTP, 2*time.Minute)
	other.Code = d.stale(lin, gone.TOTP, 0)
	var first error
	for name, c := range map[string]gate.Credentials{
		"a wrong password": wrong, "an old code": late, "another's code": other, "who was disabled": d.right(gone), "too many": d.right(many),
		"an unknown name": {Name: "p4ssw0rd-in-the-wrong-field", Password: lin.Password, Code: "123456"}, "nothing": {},
		"an unknown name, too many": {Name: "never heard of, many times"}, "a long password": {Name: "lin", Password: strings.Repeat("x", 1<<16), Code: d.right(lin).Code},
	} {
		token, err := d.signIn(c)
		if first == nil {
			first = err
		}
		if token != "" || err != first || jieling.CodeOf(err) != jieling.CodeUnauthenticated {
			t.Errorf("%s: %q %v", name, token, err)
		}
	}
	said := d.log.String()
	for _, secret := range []string{lin.Password, lin.TOTP, "p4ssw0rd", wrong.Code} {
		if strings.Contains(said, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	for _, want := range []string{`"staff":"lin","why":"wrong password or code"`, `"staff":"gone","why":"disabled"`, `"staff":"many","why":"too many wrong guesses"`, `"staff":"","why":"unknown name"`} {
		if !strings.Contains(said, want) {
			t.Errorf("the log does not say %s", want)
		}
	}
}

// S26: five wrong guesses, and the right one comes too late; it comes in time when they are a quarter of an hour old.
func TestS26_FiveGuessesAQuarterOfAnHour(t *testing.T) {
	d := newDesk(t)
	m, other := d.add("lin"), d.add("wu")
	for range 5 {
		_, _ = d.signIn(gate.Credentials{Name: "lin", Password: "not it at all", Code: "000000"})
	}
	if _, err := d.signIn(d.right(m)); jieling.CodeOf(err) != jieling.CodeUnauthenticated {
		t.Errorf("the sixth guess is compared: %v", err)
	}
	d.is("somebody else", d.in(other), "")
	d.later(14 * time.Minute)
	if _, err := d.signIn(d.right(m)); jieling.CodeOf(err) != jieling.CodeUnauthenticated {
		t.Errorf("within the window: %v", err)
	}
	d.later(time.Minute)
	d.is("after the window, of which a refused guess is no part", d.in(m), "")
}

func TestS26_ASuccessGivesTheGuessesBack(t *testing.T) {
	d := newDesk(t)
	m := d.add("lin")
	for range 3 {
		for range 4 {
			_, _ = d.signIn(gate.Credentials{Name: "lin"})
		}
		d.is("after four slips", d.in(m), "")
		d.later(time.Minute)
	}
}

// A code is used once, also by many at the same moment who all type it right.
func TestS8_ACodeOpensOneSession(t *testing.T) {
	d := newDesk(t)
	c := d.right(d.add("lin"))
	var opened atomic.Int64
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if _, err := d.signIn(c); err == nil {
				opened.Add(1)
			}
		})
	}
	all.Wait()
	if n := opened.Load(); n != 1 {
		t.Errorf("%d sessions were opened by one code", n)
	}
	if _, err := d.signIn(c); jieling.CodeOf(err) != jieling.CodeUnauthenticated {
		t.Errorf("once more: %v", err)
	}
}

// A hash or a seal of one member is worth nothing in another's row.
func TestStaff_SecretsBelongToTheirRow(t *testing.T) {
	d := newDesk(t)
	lin := d.add("lin")
	stolen := lin.Row
	stolen.Name = "wu"
	if err := d.store.PutStaff(t.Context(), stolen); err != nil {
		t.Fatal(err)
	}
	c := d.right(lin)
	c.Name = "wu"
	if token, err := d.signIn(c); err == nil || token != "" {
		t.Errorf("moved secrets open a session")
	}
}

// away is a store that cannot be reached.
type away struct{ gate.StaffStore }

func (away) Staff(context.Context) ([]store.Staff, error) { return nil, errors.New("no connection") }

func (away) ReserveGuess(context.Context, [32]byte, int, time.Duration) (bool, error) {
	return false, errors.New("no connection")
}

func TestS30_NoStaffWithoutTheStore(t *testing.T) {
	d := newDesk(t)
	m := d.add("lin")
	token := d.in(m)
	d.over(away{d.store})
	d.is("a session", token, jieling.CodeDependency)
	if _, err := d.signIn(d.right(m)); jieling.CodeOf(err) != jieling.CodeDependency {
		t.Errorf("a sign-in: %v", err)
	}
}

func TestStaff_NamesAndRolesAreChecked(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct {
		name string
		role store.Role
	}{{"", store.Operator}, {strings.Repeat("x", 65), store.Operator}, {"\xff", store.Operator}, {"lin", "owner"}, {"lin", ""}} {
		if _, err := gate.MakeMember(t.Context(), d.keys, c.name, c.role, d.now()); jieling.CodeOf(err) != jieling.CodeInvalid {
			t.Errorf("%q as %q: %v", c.name, c.role, err)
		}
	}
}
