package secevent

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/provider"
)

// hearApple reads a server-to-server notification: JSON with a token in it, in which the one event is JSON in a text. Apple sends each once, and
// wants 200.
func (l *Listener) hearApple(ctx context.Context, in provider.Call) (provider.Heard, error) {
	var around struct{ Payload string }
	if kind, _, err := mime.ParseMediaType(in.Header.Get("Content-Type")); err != nil || kind != "application/json" || json.Unmarshal(in.Body, &around) != nil {
		return provider.Heard{}, provider.Unreadable(l.config.Name, errors.New("the body is not JSON"))
	}
	t, _, err := l.open(ctx, around.Payload)
	if err != nil {
		return provider.Heard{}, err
	}
	var inner string
	var e struct {
		Type, Sub string
		At        int64 `json:"event_time"` // milliseconds
	}
	if json.Unmarshal(t.Events, &inner) == nil {
		t.Events = []byte(inner)
	}
	if json.Unmarshal(t.Events, &e) != nil || e.Sub == "" {
		return provider.Heard{}, provider.Unreadable(l.config.Name, errors.New("the event has another form, or names nobody"))
	}
	out := provider.Heard{Reply: provider.Reply{Status: http.StatusOK}}
	var kind jieling.NoticeKind
	switch e.Type {
	case "consent-revoked":
		kind = jieling.ConsentWithdrawn
	case "account-delete", "account-deleted": // Apple has been seen to write both
		kind = jieling.AccountDeleted
	default: // that its mail relay forwards nothing any more is no matter of a login
		out.Other = 1
		return out, nil
	}
	at := time.Unix(t.IssuedAt, 0)
	if e.At > 0 {
		at = time.UnixMilli(e.At)
	}
	out.Notices = []jieling.ProviderNotice{{ID: t.ID, Kind: kind, Subject: e.Sub, At: at.UTC()}}
	return out, nil
}
