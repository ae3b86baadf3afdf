package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/risk"
)

// maker vouches for what it is told to: a statement is a level and the nonce it was made for. With a key it counts, as an app's
// own key does.
type maker struct {
	key  []byte
	seen []risk.Statement
}

func (m *maker) Attest(_ context.Context, s risk.Statement) (risk.Attested, error) {
	m.seen = append(m.seen, s)
	level, nonce, _ := strings.Cut(s.Given, " ")
	if nonce != s.Nonce {
		return risk.Attested{}, jieling.Invalid("statement", "was made for something else")
	}
	return risk.Attested{Level: level, Key: risk.AppKey{Public: m.key, Count: s.Key.Count + 1}}, nil
}

// vouched is an owner in Beijing who begins on their phone, with Google and Apple at hand.
func vouched(t *testing.T) (*owner, *maker) {
	o, _ := settled(t)
	google := &maker{}
	o.Attesters = map[string]risk.Attester{risk.PlayIntegrity: google, risk.AppAttest: &maker{}}
	o.by = o.onPhone()
	return o, google
}

func (o *owner) nonce(id jieling.CaseID) string {
	o.t.Helper()
	ask, err := o.AskAttestation(o.ctx, o.by, id)
	o.ok(err)
	return ask.Nonce
}

func (o *owner) show(id jieling.CaseID, level, nonce string) (engine.CaseView, error) {
	return o.Attest(o.ctx, o.by, engine.Idem{}, id, engine.NewAttestation{Format: risk.PlayIntegrity, Nonce: nonce, Statement: level + " " + nonce})
}

func (o *owner) showing(id jieling.CaseID, level string) engine.CaseView {
	o.t.Helper()
	o.later(time.Second)
	v, err := o.show(id, level, o.nonce(id))
	o.ok(err)
	return v
}

// unlock is a factor whose device's maker vouches for it.
type unlock struct{ level string }

func (unlock) Issue(context.Context, factor.Ask) (factor.Issued, error) {
	return factor.Issued{Public: []byte("{}"), Secret: []byte("x"), TTL: time.Minute, Limit: 3}, nil
}

func (u unlock) Check(_ context.Context, _ jieling.Challenge, _ []byte, enrolled []factor.Enrolled, _ factor.Answer) (factor.Verdict, error) {
	return factor.Verdict{Passed: true, Enrol: enrolled[0].ID, Vouched: u.level}, nil
}

func (unlock) Enrol(context.Context, jieling.Account, []byte, []byte) (factor.Kept, error) {
	return factor.Kept{Secret: []byte("x"), Label: "x"}, nil
}

// R2: the maker of a device that unlocks speaks for it too, without being asked; of another device than the one that goes on it
// says nothing.
func TestR2_ADeviceThatUnlocksIsVouchedFor(t *testing.T) {
	for name, c := range map[string]struct {
		says, want string
		moves      bool // the person goes on at their desk
	}{
		"sound":             {says: jieling.Sound, want: jieling.Sound},
		"rooted":            {says: jieling.Rooted, want: jieling.Rooted},
		"nothing":           {want: jieling.Unattested},
		"of another device": {says: jieling.Sound, want: jieling.Unattested, moves: true},
	} {
		o, _ := settled(t)
		o.Factors[jieling.DeviceUnlock] = unlock{c.says}
		o.by = o.onPhone()
		_, err := o.Enrol(o.ctx, o.product, engine.Idem{}, o.account, engine.NewFactor{Factor: jieling.DeviceUnlock, Device: o.phone.ID})
		o.ok(err)
		o.later(2 * day)
		v := o.open(jieling.IOS) // asks for a face or an unlock, and the payment password (V1)
		ch, err := o.Challenge(o.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.DeviceUnlock})
		o.ok(err)
		_, err = o.Answer(o.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte("{}")})
		o.ok(err)
		if c.moves {
			o.by.Device = o.desk.ID
		}
		_, err = o.BackUp(o.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
		o.ok(err)
		o.prove(v.ID, jieling.PaymentPIN)
		v, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
		if c.says == jieling.Rooted {
			o.refused(jieling.CodeVerification, err)
			continue
		}
		o.ok(err)
		if got := risk.Level(v.Signals, "integrity"); got != c.want {
			t.Errorf("%s: integrity %q, want %q", name, got, c.want)
		}
	}
}

// R2: what the platform says of the phone is known at once, with source and trust, and asks for more where it is bad.
func TestR2_APlatformSpeaksForADevice(t *testing.T) {
	o, _ := vouched(t)
	v := o.open(jieling.Android)
	if s := signal(t, v.Signals, "integrity"); s.Level != jieling.Unattested || s.Source != "" || v.Decision.Asks(jieling.Face) {
		t.Fatalf("before anything is shown integrity is %+v, asks %+v", s, v.Decision.Requirement)
	}
	v = o.showing(v.ID, jieling.Sound)
	if s := signal(t, v.Signals, "integrity"); s.Level != jieling.Sound || s.Source != risk.PlayIntegrity || s.Trust != jieling.Attested || s.Why.ZH == "" {
		t.Errorf("%+v", s)
	}
	v = o.showing(v.ID, jieling.Rooted)
	if s := signal(t, v.Signals, "integrity"); s.Level != jieling.Rooted || !v.Decision.Asks(jieling.Face) {
		t.Errorf("rooted: %+v, asks %+v", s, v.Decision.Requirement)
	}
	v = o.showing(v.ID, jieling.Sound)
	if s := signal(t, v.Signals, "integrity"); s.Level != jieling.Rooted || !v.Decision.Asks(jieling.Face) {
		t.Errorf("a clean bill after a bad word: %+v", s)
	}
	o.by.Device = o.desk.ID // another device, of which nothing was said, buys nothing either
	o.later(time.Second)
	_, err := o.BackUp(o.ctx, o.by, engine.Idem{}, v.ID, jieling.BackupDeclined)
	o.ok(err)
	o.prove(v.ID, jieling.PaymentPIN)
	_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.refused(jieling.CodeVerification, err)
}

// A bad word takes a case back that was ready, and a good one lapses within the hour.
func TestR2_ABadWordTakesReadyBack(t *testing.T) {
	o, _ := vouched(t)
	v := o.ready()
	if v.Stage != jieling.StageReady {
		t.Fatal(v.Stage)
	}
	v = o.showing(v.ID, jieling.Sound)
	if v.Stage != jieling.StageReady {
		t.Errorf("a good word moved the case to %s", v.Stage)
	}
	o.later(2 * time.Hour)
	v, err := o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.ok(err)
	if s := signal(t, v.Signals, "integrity"); s.Level != jieling.Unattested || s.Source != "" {
		t.Errorf("two hours later integrity is %+v", s)
	}
	other, _ := vouched(t)
	v = other.ready()
	if v = other.showing(v.ID, jieling.Rooted); v.Stage != jieling.StageVerifying {
		t.Errorf("a bad word left the case %s", v.Stage)
	}
}

// S8: a statement is taken once, in time, for its case, device and freeze epoch; whatever else is shown changes nothing.
func TestS8_AStatementIsTakenOnceAndForItsCaseOnly(t *testing.T) {
	o, google := vouched(t)
	v := o.open(jieling.Android)
	first := o.nonce(v.ID)
	o.later(time.Second)
	second := o.nonce(v.ID)
	_, err := o.show(v.ID, jieling.Sound, second)
	o.ok(err)
	for name, nonce := range map[string]string{"again": second, "an older one": first} {
		if _, err := o.show(v.ID, jieling.Sound, nonce); jieling.CodeOf(err) != jieling.CodeChallengeUsed {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.later(time.Second)
	fresh := o.nonce(v.ID)
	asked := len(google.seen)
	another := "_" // what stands at one place of the nonce, changed
	if fresh[30:31] == another {
		another = "-"
	}
	for name, nonce := range map[string]string{"none": "", "no base64": "!", "short": "AAAA", "changed": fresh[:30] + another + fresh[31:], "padded": fresh + "=", "of another time": "AAABAAAA" + fresh[8:]} {
		if _, err := o.show(v.ID, jieling.Sound, nonce); jieling.CodeOf(err) != jieling.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	onDesk := o.by
	onDesk.Device = o.desk.ID
	_, err = o.Attest(o.ctx, onDesk, engine.Idem{}, v.ID, engine.NewAttestation{Format: risk.PlayIntegrity, Nonce: fresh, Statement: "attested " + fresh})
	o.refused(jieling.CodeInvalid, err) // a web device has no such platform
	if len(google.seen) != asked {
		t.Errorf("the maker was asked %d times about nonces that are not ours", len(google.seen)-asked)
	}
	_, err = o.show(v.ID, jieling.Sound+" x", fresh)
	o.refused(jieling.CodeInvalid, err) // made for something else, says its reader
	o.later(5 * time.Minute)
	_, err = o.show(v.ID, jieling.Sound, fresh)
	o.refused(jieling.CodeChallengeExpired, err)

	other, err := o.OpenCase(o.ctx, o.by, engine.Idem{}, engine.NewCase{
		Account: o.account, Goal: jieling.Unlink, Binding: o.bound(number).ID, Platform: jieling.Android, Reason: jieling.ReasonPrivacy,
	})
	o.ok(err)
	_, err = o.show(other.ID, jieling.Sound, o.nonce(v.ID)) // same person, same phone, another case
	o.refused(jieling.CodeInvalid, err)

	thief := o.owner("thief")
	theirs := thief.open(jieling.Android)
	_, err = o.Attest(o.ctx, thief.onPhone(), engine.Idem{}, v.ID, engine.NewAttestation{Format: risk.PlayIntegrity, Nonce: fresh, Statement: "attested " + fresh})
	o.refused(jieling.CodeNotFound, err)
	mine := o.nonce(v.ID)
	_, err = o.Attest(o.ctx, thief.onPhone(), engine.Idem{}, theirs.ID, engine.NewAttestation{Format: risk.PlayIntegrity, Nonce: mine, Statement: "attested " + mine})
	o.refused(jieling.CodeInvalid, err)
}

// S9, S13: a freeze in between ends a nonce; a statement that its reader had in hand by then is not taken.
func TestS13_AFreezeEndsANonce(t *testing.T) {
	o, _ := vouched(t)
	v := o.open(jieling.Android)
	nonce := o.nonce(v.ID)
	_, err := o.Freeze(o.ctx, o.by, engine.Idem{}, o.account, "not me")
	o.ok(err)
	_, err = o.show(v.ID, jieling.Sound, nonce)
	o.refused(jieling.CodeInvalid, err)
}

// An app's own key stays with its device, is shown to the reader the next time, and goes with the device; a counter that did not
// rise is a copy of the key.
func TestR2_AnAppsKeyStaysWithItsDevice(t *testing.T) {
	o, google := vouched(t)
	google.key = []byte("app key")
	v := o.open(jieling.Android)
	o.showing(v.ID, jieling.Sound)
	o.showing(v.ID, jieling.Sound)
	if k := google.seen[1].Key; string(k.Public) != "app key" || k.Count != 1 {
		t.Errorf("the second time the reader is given %+v", k)
	}
	o.later(time.Second)
	nonce := o.nonce(v.ID)
	copied := &maker{key: google.key}
	o.Attesters[risk.PlayIntegrity] = stuck{copied}
	_, err := o.show(v.ID, jieling.Sound, nonce)
	o.refused(jieling.CodeChallengeUsed, err)
}

// stuck is a reader whose counter does not rise.
type stuck struct{ *maker }

func (m stuck) Attest(ctx context.Context, s risk.Statement) (risk.Attested, error) {
	a, err := m.maker.Attest(ctx, s)
	a.Key.Count = s.Key.Count
	return a, err
}

func TestAttestation_NeedsADeviceAndAReader(t *testing.T) {
	o, _ := vouched(t)
	v, err := o.OpenCase(o.ctx, o.product, engine.Idem{}, engine.NewCase{Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: jieling.Android, Reason: jieling.ReasonPrivacy})
	o.ok(err)
	_, err = o.AskAttestation(o.ctx, o.product, v.ID)
	o.refused(jieling.CodeConflict, err)
	ask, err := o.AskAttestation(o.ctx, o.by, v.ID)
	o.ok(err)
	if strings.Join(ask.Formats, " ") != "app_attest play_integrity" || len(ask.Nonce) != 54 {
		t.Errorf("%+v", ask)
	}
	for format, code := range map[string]jieling.Code{"safetynet": jieling.CodeInvalid, risk.AppAttest: jieling.CodeInvalid} {
		_, err := o.Attest(o.ctx, o.by, engine.Idem{}, v.ID, engine.NewAttestation{Format: format, Nonce: ask.Nonce, Statement: "attested " + ask.Nonce})
		o.refused(code, err)
	}
	_, err = o.Attest(o.ctx, o.by, engine.Idem{}, v.ID, engine.NewAttestation{Format: risk.PlayIntegrity, Nonce: ask.Nonce, Statement: strings.Repeat("x", 64<<10+1)})
	o.refused(jieling.CodeInvalid, err)
}

// S23: the repeat of a request is answered with the case, and its statement is not read again: an app's counter could not rise twice.
func TestS23_AStatementSentTwiceIsTakenOnce(t *testing.T) {
	o, google := vouched(t)
	v := o.open(jieling.Android)
	in := engine.NewAttestation{Format: risk.PlayIntegrity, Nonce: o.nonce(v.ID)}
	in.Statement = "rooted " + in.Nonce
	for range 2 {
		got, err := o.Attest(o.ctx, o.by, engine.Idem{Key: "once"}, v.ID, in)
		o.ok(err)
		if s := signal(t, got.Signals, "integrity"); s.Level != jieling.Rooted {
			t.Errorf("%+v", s)
		}
		o.later(10 * time.Minute)
	}
	if len(google.seen) != 1 {
		t.Errorf("read %d times", len(google.seen))
	}
	_, err := o.Attest(o.ctx, o.by, engine.Idem{Key: "once", Fingerprint: [32]byte{1}}, v.ID, in)
	o.refused(jieling.CodeIdempotency, err)
}
