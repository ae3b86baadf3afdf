package secevent

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/provider"
)

// setType is the type of a token that is a security event's (RFC 8417, 2.3).
const setType = "secevent+jwt"

// read reads the events of a token. In the standard form the subject stands beside the events, the type is mandatory, and exp and sub must be
// absent, so that no other token of the issuer's can be taken for one; in Google's it stands inside each event.
func (l *Listener) read(t token) (provider.Heard, error) {
	var events map[string]json.RawMessage
	standard := len(t.SubID) > 0
	switch {
	case json.Unmarshal(t.Events, &events) != nil || len(events) == 0:
		return l.refused("invalid_request", provider.Unreadable(l.config.Name, errors.New("the token has no events")))
	case standard && (t.kind != setType || t.Expires != nil || t.Subject != nil), !standard && t.kind != "" && t.kind != setType && t.kind != "JWT":
		return l.refused("invalid_request", provider.Forged(l.config.Name, "the token is of another type"))
	}
	out := provider.Heard{Reply: provider.Reply{Status: http.StatusAccepted}}
	for uri, body := range events {
		var e event
		if json.Unmarshal(body, &e) != nil {
			return l.refused("invalid_request", provider.Unreadable(l.config.Name, errors.New("an event is no object")))
		}
		kind, of := meaning(uri, e.Reason), e.Subject
		if standard {
			of = t.SubID
		}
		who, known := l.subject(of)
		if kind == "" || !known {
			out.Other++
			continue
		}
		out.Notices = append(out.Notices, jieling.ProviderNotice{ID: t.ID + " " + uri, Kind: kind, Subject: who, At: t.at(e)})
	}
	return out, nil
}

// event is what is read of one; it may say more.
type event struct {
	Subject json.RawMessage `json:"subject"`
	Reason  string          `json:"reason"`
	At      float64         `json:"event_timestamp"` // seconds
}

// at is when it happened: as the event says, as the token says of it, or when the token was made.
func (t token) at(e event) time.Time {
	for _, seconds := range [...]float64{e.At, t.Time} {
		if seconds > 0 {
			return time.UnixMicro(int64(seconds * 1e6)).UTC()
		}
	}
	return time.Unix(t.IssuedAt, 0).UTC()
}

// The bases of the events' names.
const (
	risc  = "https://schemas.openid.net/secevent/risc/event-type/"
	caep  = "https://schemas.openid.net/secevent/caep/event-type/"
	oauth = "https://schemas.openid.net/secevent/oauth/event-type/"
)

// meaning is what an event says of a login; "" for one that says nothing of it. That a single token of an application was revoked is not
// that the person took its permission back.
func meaning(uri, reason string) jieling.NoticeKind {
	switch uri {
	case oauth + "tokens-revoked":
		return jieling.ConsentWithdrawn
	case risc + "account-purged":
		return jieling.AccountDeleted
	case risc + "account-disabled":
		if reason == "hijacking" {
			return jieling.AccountHijacked
		}
		return jieling.AccountDisabled
	case risc + "account-enabled":
		return jieling.AccountEnabled
	case risc + "credential-compromise", risc + "account-credential-change-required":
		return jieling.CredentialCompromised
	case risc + "sessions-revoked", caep + "session-revoked":
		return jieling.SessionsRevoked
	}
	return ""
}

// identifier is a subject (RFC 9493), or one of before, which has another name for its format.
type identifier struct {
	Format string          `json:"format"`
	Type   string          `json:"subject_type"`
	Issuer string          `json:"iss"`
	Sub    string          `json:"sub"`
	User   json.RawMessage `json:"user"` // of a complex one
}

// subject is who an event is about: the issuer's own name for the person, and nobody else's. A mailbox or a number that looks like somebody's is
// nobody (S5).
func (l *Listener) subject(raw json.RawMessage) (string, bool) {
	var id identifier
	if len(raw) == 0 || json.Unmarshal(raw, &id) != nil {
		return "", false
	}
	if id.Format == "complex" {
		var user identifier
		if len(id.User) == 0 || json.Unmarshal(id.User, &user) != nil {
			return "", false
		}
		id = user
	}
	switch format := strings.ReplaceAll(id.Format+id.Type, "-", "_"); {
	case format != "iss_sub" && format != "id_token_claims", id.Issuer != l.config.Issuer, id.Sub == "", len(id.Sub) > 256:
		return "", false
	}
	return id.Sub, true
}
