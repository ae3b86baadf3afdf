// Package carrier listens to whoever bridges to the carriers' own notices that a number was handed out again (二次放号). No public interface
// says how a platform is told, so this is a neutral one, signed as Standard Webhooks are: who operates Jieling points the channel they
// have contracted at it.
package carrier

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/client"
	"github.com/jieling-id/jieling/internal/provider"
)

var name = jieling.Text{ZH: "运营商", EN: "the carrier"}

// Listener hears one channel.
type Listener struct {
	secret client.Secret
	now    func() time.Time
}

var _ provider.Listener = (*Listener)(nil)

// New reads the secret, "whsec_…". now may be nil.
func New(secret string, now func() time.Time) (*Listener, error) {
	s, err := client.ParseSecret(secret)
	if err != nil {
		return nil, fmt.Errorf("carrier notices: %w", err)
	}
	if now == nil {
		now = time.Now
	}
	return &Listener{s, now}, nil
}

// Listens is true: there is no half of this configuration.
func (l *Listener) Listens() bool { return true }

// reassigned is what is sent. Evidence is for the sender's own records and is not kept.
type reassigned struct {
	Phone       string    `json:"phone"`        // E.164
	HolderSince time.Time `json:"holder_since"` // when its present holder got it
	Evidence    string    `json:"evidence"`
	RequestID   string    `json:"request_id"`
}

var phoneForm = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// Hear reads that a number has a new holder. Its answer is the same whether anybody here has the number (S27).
func (l *Listener) Hear(_ context.Context, in provider.Call) (provider.Heard, error) {
	kind, _, err := mime.ParseMediaType(in.Header.Get("Content-Type"))
	switch {
	case in.Method != http.MethodPost:
		return provider.Heard{}, provider.Forged(name, "no POST")
	case client.Verify(in.Header, in.Body, l.now(), l.secret) != nil:
		return provider.Heard{}, provider.Forged(name, "the signature does not fit")
	case err != nil || kind != "application/json":
		return provider.Heard{}, provider.Unreadable(name, errors.New("the content type is not application/json"))
	}
	var said reassigned
	decoder := json.NewDecoder(bytes.NewReader(in.Body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&said); err != nil || decoder.More() {
		return provider.Heard{}, provider.Unreadable(name, errors.New("the body is not JSON of this form"))
	}
	switch {
	case !phoneForm.MatchString(said.Phone):
		return provider.Heard{}, provider.Unreadable(name, errors.New("phone is not a number in E.164"))
	case said.HolderSince.IsZero() || said.HolderSince.After(l.now()):
		return provider.Heard{}, provider.Unreadable(name, errors.New("holder_since is missing, or in the future"))
	case said.RequestID == "" || len(said.RequestID) > 256:
		return provider.Heard{}, provider.Unreadable(name, errors.New("request_id must be 1 to 256 bytes"))
	}
	return provider.Heard{
		Notices: []jieling.ProviderNotice{{ID: said.RequestID, Kind: jieling.NumberReassigned, Subject: said.Phone, At: said.HolderSince.UTC()}},
		Reply:   provider.Reply{Status: http.StatusAccepted},
	}, nil
}
