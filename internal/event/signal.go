package event

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
)

// The types of security events that are told (CAEP 1.0, RISC 1.0), and those of streams themselves (SSF 1.0).
const (
	SessionRevoked     = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
	CredentialChange   = "https://schemas.openid.net/secevent/caep/event-type/credential-change"
	DeviceChange       = "https://schemas.openid.net/secevent/caep/event-type/device-compliance-change"
	AccountDisabled    = "https://schemas.openid.net/secevent/risc/event-type/account-disabled"
	AccountEnabled     = "https://schemas.openid.net/secevent/risc/event-type/account-enabled"
	RecoveryChanged    = "https://schemas.openid.net/secevent/risc/event-type/recovery-information-changed"
	StreamVerification = "https://schemas.openid.net/secevent/ssf/event-type/verification"
	StreamUpdated      = "https://schemas.openid.net/secevent/ssf/event-type/stream-updated"
)

// SignalTypes lists those that a stream can ask for.
func SignalTypes() []string {
	return []string{SessionRevoked, CredentialChange, DeviceChange, AccountDisabled, AccountEnabled, RecoveryChanged}
}

// Signal is what a security event token says, without whom it is for. One token has one event.
type Signal struct {
	ID         string            `json:"jti"`           // the same however often it is told
	Cause      string            `json:"txn,omitempty"` // the event it is told for: tokens of one event share it
	Type       string            `json:"type"`
	Claims     map[string]any    `json:"claims"`
	Account    jieling.AccountID `json:"account,omitempty"` // whom it is about; empty: the stream itself
	ExternalID string            `json:"external_id,omitempty"`
	Device     jieling.DeviceID  `json:"device,omitempty"` // of the account, that it is about
}

// Signals says what of an audit row is told as security events: what these have a word for that is true, and nothing else.
func Signals(e audit.Entry, externalID string) (out []Signal) {
	for _, ev := range Project(e, externalID) {
		for _, s := range twins(ev) {
			if len(out) == Most {
				return out
			}
			s.ID, s.Cause, s.Account, s.ExternalID = id(e, Most+len(out)), ev.ID, ev.Data.Account, externalID
			out = append(out, s)
		}
	}
	return out
}

func twins(ev Event) []Signal {
	switch ev.Type {
	case BindingLinked, BindingRestored:
		return []Signal{caep(ev, CredentialChange, federated(ev, "create")), risc(RecoveryChanged)}
	case BindingUnlinked:
		return []Signal{caep(ev, CredentialChange, federated(ev, "revoke")), risc(RecoveryChanged)}
	case BindingSuspended, BindingResumed:
		return []Signal{caep(ev, CredentialChange, federated(ev, "update")), risc(RecoveryChanged)}
	case FactorEnrolled:
		return []Signal{caep(ev, CredentialChange, credential(ev, "create"))}
	case FactorRemoved:
		return []Signal{caep(ev, CredentialChange, credential(ev, "revoke"))}
	case AccountFrozen:
		return []Signal{risc(AccountDisabled)}
	case AccountThawed:
		return []Signal{risc(AccountEnabled)}
	case SessionsEnded:
		if ev.Data.Sessions == SignedOutAll { // of a part of them only, the word would say too much
			return []Signal{caep(ev, SessionRevoked, map[string]any{})}
		}
	case DeviceCompliance:
		if was, is := ev.Data.Was, ev.Data.Compliant; was != nil && is != nil {
			s := caep(ev, DeviceChange, map[string]any{"previous_status": compliance(*was), "current_status": compliance(*is)})
			s.Device = ev.Data.Device
			return []Signal{s}
		}
	}
	return nil
}

func federated(ev Event, change string) map[string]any {
	return map[string]any{"credential_type": "federated:" + string(ev.Data.Provider), "change_type": change}
}

// credentials are CAEP's words for ways to verify; the others keep their own, which CAEP allows.
var credentials = map[jieling.Factor]string{jieling.PaymentPIN: "pin", jieling.SMSCode: "phone-sms", jieling.DeviceUnlock: "fido2-platform", jieling.EnterpriseCertificate: "x509"}

func credential(ev Event, change string) map[string]any {
	kind, known := credentials[ev.Data.Factor]
	if !known {
		kind = string(ev.Data.Factor)
	}
	return map[string]any{"credential_type": kind, "change_type": change}
}

func compliance(yes bool) string {
	if yes {
		return "compliant"
	}
	return "not-compliant"
}

// caep adds what CAEP events say in common.
func caep(ev Event, typ string, claims map[string]any) Signal {
	claims["event_timestamp"], claims["initiating_entity"] = ev.At.Unix(), "system"
	switch ev.Data.By {
	case jieling.ActorPerson:
		claims["initiating_entity"] = "user"
	case jieling.ActorStaff:
		claims["initiating_entity"] = "admin"
	}
	return Signal{Type: typ, Claims: claims}
}

func risc(typ string) Signal { return Signal{Type: typ, Claims: map[string]any{}} }

// Format is how a stream names accounts (RFC 9493).
type Format string

// The formats.
const (
	FormatIssSub  Format = "iss_sub" // our issuer, and our ID of the account
	FormatOpaque  Format = "opaque"  // the product's own name for the account
	FormatAccount Format = "account" // acct:, our ID at our host
)

// Stream is for whom a token is made.
type Stream struct {
	ID, Issuer, Audience string
	Format               Format
}

// SET gives the claims of a security event token (RFC 8417, SSF 1.0): no exp, no sub, and one event.
func (s Stream) SET(sig Signal, issued time.Time) ([]byte, error) {
	claims := map[string]any{
		"iss": s.Issuer, "aud": s.Audience, "jti": sig.ID, "iat": issued.Unix(), "sub_id": s.subject(sig), "events": map[string]any{sig.Type: sig.Claims},
	}
	if sig.Cause != "" {
		claims["txn"] = sig.Cause
	}
	return json.Marshal(claims)
}

func (s Stream) subject(sig Signal) map[string]any {
	if sig.Account == "" {
		return map[string]any{"format": "opaque", "id": s.ID}
	}
	user := map[string]any{"format": s.Format}
	switch s.Format {
	case FormatOpaque:
		user["id"] = sig.ExternalID
	case FormatAccount:
		user["uri"] = "acct:" + string(sig.Account) + "@" + host(s.Issuer)
	default:
		user["format"], user["iss"], user["sub"] = FormatIssSub, s.Issuer, sig.Account
	}
	if sig.Device == "" {
		return user
	}
	return map[string]any{"format": "complex", "user": user, "device": map[string]any{"format": "opaque", "id": sig.Device}}
}

func host(issuer string) string {
	u, err := url.Parse(issuer)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// Subject is a subject as receivers name one.
type Subject struct {
	Format string   `json:"format"`
	Iss    string   `json:"iss"`
	Sub    string   `json:"sub"`
	ID     string   `json:"id"`
	URI    string   `json:"uri"`
	User   *Subject `json:"user"`
}

// Names says whom a subject names: by our ID, or by the product's name. Both are empty where it names nobody of ours; false where it
// is no subject that can be read.
func (s Stream) Names(who Subject) (account jieling.AccountID, externalID string, ok bool) {
	switch {
	case who.Format == "complex" && who.User != nil && who.User.Format != "complex":
		return s.Names(*who.User)
	case who.Format == string(FormatIssSub) && who.Iss != "" && who.Sub != "":
		if who.Iss == s.Issuer {
			account = jieling.AccountID(who.Sub)
		}
		return account, "", true
	case who.Format == string(FormatOpaque) && who.ID != "":
		return "", who.ID, true
	case who.Format == string(FormatAccount) && strings.HasPrefix(who.URI, "acct:"):
		name, at, _ := strings.Cut(strings.TrimPrefix(who.URI, "acct:"), "@")
		if at == host(s.Issuer) {
			account = jieling.AccountID(name)
		}
		return account, "", true
	case (who.Format == "email" || who.Format == "phone_number" || who.Format == "phone") && who.User == nil:
		return "", "", true // nobody is found by these
	}
	return "", "", false
}
