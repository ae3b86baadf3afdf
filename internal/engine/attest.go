package engine

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/risk"
	"github.com/jieling-id/jieling/internal/store"
)

// nonceTTL is how long an app has to get its statement from its platform.
const nonceTTL = 5 * time.Minute

// maxStatement bounds what an app shows, in bytes.
const maxStatement = 64 << 10

// AttestationAsk is what an app has its platform sign.
type AttestationAsk struct {
	Nonce     string // 54 characters of the base64url alphabet
	ExpiresAt time.Time
	Formats   []string // that are read here, in order of their names
}

// NewAttestation is a statement an app got from its platform.
type NewAttestation struct {
	Format    string // risk.PlayIntegrity or risk.AppAttest
	Nonce     string // of the ask
	Statement string // as the platform gave it, at most 64 KiB
}

// AskAttestation gives the nonce a statement about a device is made for. It changes nothing and keeps nothing: the nonce holds
// when it was made and a keyed hash of that, the case, the device and the freeze epoch, so that a statement answers for these and
// for five minutes.
func (e *Engine) AskAttestation(ctx context.Context, by jieling.Actor, id jieling.CaseID) (AttestationAsk, error) {
	s, err := e.Store.Load(ctx, store.Need{Case: id, With: store.Devices})
	if err != nil {
		return AttestationAsk{}, translate(err)
	}
	if err := foundCase(s, by); err != nil {
		return AttestationAsk{}, err
	}
	d, err := attestable(s, by)
	if err != nil {
		return AttestationAsk{}, err
	}
	at := s.Now.Truncate(time.Millisecond)
	return AttestationAsk{Nonce: e.nonce(s, d.ID, at), ExpiresAt: at.Add(nonceTTL), Formats: slices.Sorted(maps.Keys(e.Attesters))}, nil
}

// Attest takes a platform's statement about the device that acts: the case is decided again with what it says (R2). A nonce is
// taken once, and none that is older than the last one taken.
func (e *Engine) Attest(ctx context.Context, by jieling.Actor, idem Idem, id jieling.CaseID, in NewAttestation) (CaseView, error) {
	reader, ok := e.Attesters[in.Format]
	switch {
	case !ok:
		return CaseView{}, jieling.Invalid("format", "is not one that is read here; those that are stand with the nonce")
	case in.Statement == "" || len(in.Statement) > maxStatement:
		return CaseView{}, jieling.Invalid("statement", "must be 1 byte to 64 KiB")
	}
	need := store.Need{Case: id, With: store.Devices}
	if idem.Key != "" {
		need.Idem = store.Idem{Caller: callerOf(by), Key: idem.Key, Fingerprint: idem.Fingerprint}
	}
	s, err := e.Store.Load(ctx, need)
	if err != nil {
		return CaseView{}, translate(err)
	}
	if err := foundCase(s, by); err != nil {
		return CaseView{}, err
	}
	if s.Replay != nil { // taken before: nothing is read again, only answered
		return e.move(ctx, by, idem, store.Need{Case: id, With: store.Challenges | riskParts}, func(*work) error { return nonceUsed() })
	}
	return e.readStatement(ctx, by, idem, s, reader, in)
}

// readStatement has it read, outside any transaction, and takes it in one.
func (e *Engine) readStatement(ctx context.Context, by jieling.Actor, idem Idem, s store.Snapshot, reader risk.Attester, in NewAttestation) (CaseView, error) {
	d, err := attestable(s, by)
	if err != nil {
		return CaseView{}, err
	}
	if of := platformOf[in.Format]; d.Platform != of {
		return CaseView{}, jieling.Invalid("format", "is of "+string(of)+", and the device is not")
	}
	at, err := e.nonceAt(s, d.ID, in.Nonce)
	if err != nil {
		return CaseView{}, err
	}
	said, err := reader.Attest(ctx, risk.Statement{Nonce: in.Nonce, Given: in.Statement, Now: s.Now, Key: risk.AppKey{Public: d.AppKey, Count: d.AppCount}})
	if err != nil {
		return CaseView{}, err
	}
	return e.move(ctx, by, idem, store.Need{Case: s.Case.ID, With: store.Challenges | riskParts}, func(w *work) error {
		return w.attest(in, at, said)
	})
}

// attest lets a statement count, on what this transaction reads: the nonce is not taken yet, the device still there, its key's
// counter behind the statement's.
func (w *work) attest(in NewAttestation, at time.Time, said risk.Attested) error {
	d, err := attestable(w.Snapshot, w.by)
	if err != nil {
		return err
	}
	if _, err := w.e.nonceAt(w.Snapshot, d.ID, in.Nonce); err != nil { // the epoch may have moved
		return err
	}
	if slices.ContainsFunc(w.Case.Attestations, func(a jieling.Attestation) bool { return !a.At.Before(at) }) {
		return nonceUsed()
	}
	if len(said.Key.Public) > 0 {
		if bytes.Equal(said.Key.Public, d.AppKey) && said.Key.Count <= d.AppCount {
			return nonceUsed()
		}
		d.AppKey, d.AppCount = said.Key.Public, said.Key.Count
		w.change.Devices = append(w.change.Devices, d)
	}
	w.transition("case.attest", map[string]any{"device": d.ID, "format": in.Format, "level": said.Level})
	if err := w.step(casework.Attested{Attestation: jieling.Attestation{Device: d.ID, Format: in.Format, Level: said.Level, At: at}}); err != nil {
		return err
	}
	decision, signals, err := w.decide()
	if err != nil {
		return err
	}
	return w.step(casework.Decided{Decision: decision, Signals: risk.Kept(signals)})
}

// vouch lets what the maker of the device that answered says of it count. It asks for no more than the answer already did, so the
// case is decided anew only when it is confirmed.
func (w *work) vouch(v verdict) error {
	i := slices.IndexFunc(w.Enrolments, func(en jieling.Enrolment) bool { return en.ID == v.Enrol })
	if v.Vouched == "" || i < 0 || w.Enrolments[i].Device == "" || w.Challenge.Purpose != jieling.ForCase {
		return nil
	}
	return w.step(casework.Attested{Attestation: jieling.Attestation{Device: w.Enrolments[i].Device, Format: risk.WebAuthn, Level: v.Vouched, At: w.Now}})
}

// platformOf says where a format's statements come from.
var platformOf = map[string]jieling.Platform{risk.PlayIntegrity: jieling.Android, risk.AppAttest: jieling.IOS}

// attestable is the device that acts: a person's own, or, where a product acts for them, the one the case was begun on.
func attestable(s store.Snapshot, by jieling.Actor) (jieling.Device, error) {
	id := s.Case.Device
	if by.Kind == jieling.ActorPerson {
		id = by.Device
	}
	if i := slices.IndexFunc(s.Devices, func(d jieling.Device) bool { return d.ID == id }); i >= 0 {
		return s.Devices[i], nil
	}
	return jieling.Device{}, jieling.Refuse(jieling.CodeConflict, "这张解绑单不是在已登记的设备上发起的，无法为设备作证明。",
		"The case was not begun on a registered device of this account, so there is no device to vouch for. Register it, and begin the case on it.")
}

// nonce is what a statement is made for: when it was asked for, in milliseconds, and a keyed hash.
func (e *Engine) nonce(s store.Snapshot, device jieling.DeviceID, at time.Time) string {
	ms := at.UnixMilli()
	mac := e.Keys.BlindIndex("attestation", string(s.Case.ID), string(device), strconv.FormatInt(s.Account.Epoch, 10), strconv.FormatInt(ms, 10))
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint64(nil, uint64(ms)), mac[:]...))
}

// nonceAt says when a nonce of ours was made; an error for one that is not, that is of another case, device or epoch, or too old.
func (e *Engine) nonceAt(s store.Snapshot, device jieling.DeviceID, nonce string) (time.Time, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(nonce)
	if err != nil || len(raw) != 40 {
		return time.Time{}, jieling.Invalid("nonce", "is not one that was given for this case and device")
	}
	at := time.UnixMilli(int64(binary.BigEndian.Uint64(raw)))
	if subtle.ConstantTimeCompare([]byte(e.nonce(s, device, at)), []byte(nonce)) != 1 {
		return time.Time{}, jieling.Invalid("nonce", "is not one that was given for this case and device")
	}
	if s.Now.Sub(at) >= nonceTTL {
		return time.Time{}, jieling.Refuse(jieling.CodeChallengeExpired, "设备证明已过期，请重新获取。", "The statement comes too late. Ask for a new nonce and get another.")
	}
	return at, nil
}

func nonceUsed() error {
	return jieling.Refuse(jieling.CodeChallengeUsed, "这份设备证明已经用过，请重新获取。", "This statement was shown before, or a newer one was. Ask for a new nonce and get another.")
}
