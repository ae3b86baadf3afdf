package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/client"
	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
)

// received is one webhook as it arrived and was verified.
type received struct {
	ID   string
	Type string `json:"type"`
	Data struct {
		Account    string `json:"account"`
		ExternalID string `json:"external_id"`
		Version    int64  `json:"version"`
		By         string `json:"by"`
	} `json:"data"`
}

// TestEvents_OverTheWire runs the whole service with its worker and a receiver behind TLS that knows it by its secret alone: what
// happens to an account arrives signed and in order, a receiver that fails is asked again, and a secret that was rotated goes on
// verifying.
func TestEvents_OverTheWire(t *testing.T) {
	arrived := make(chan received, 64)
	secret := make(chan client.Secret, 1)
	failures := 2
	receiver := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		known := <-secret
		secret <- known
		if err != nil || client.Verify(r.Header, body, time.Now(), known) != nil {
			t.Errorf("not from us: %v %s", r.Header, body)
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		out := received{ID: r.Header.Get(client.HeaderID)}
		if err := json.Unmarshal(body, &out); err != nil {
			t.Error(err)
		}
		if out.Type != "webhook.test" && failures > 0 {
			failures--
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
		arrived <- out
		w.WriteHeader(http.StatusNoContent)
	}))
	defer receiver.Close()
	roots := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: receiver.Certificate().Raw})

	dir := t.TempDir()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := fmt.Sprintf("http://localhost:%d", ln.Addr().(*net.TCPAddr).Port)
	a, err := assemble(t.Context(), config{
		BaseURL: base, DB: "sqlite:" + filepath.Join(dir, "jieling.db"), Keys: filepath.Join(dir, "keys.json"), Pack: "qq-wechat", Name: "test",
		Events: eventsConfig{Networks: []string{"127.0.0.0/8"}, Roots: string(roots)},
	}, assembly{log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- a.serve(ctx, ln, a.handler) }()
	defer func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
		a.close()
	}()
	api := a.client(t, base, engine.ScopeEvents, engine.ScopeAccounts)

	hook, err := api.AddWebhook(t.Context(), &sdk.NewWebhook{URL: receiver.URL + "/hooks", Types: []sdk.EventType{"account.registered", "account.frozen", "account.thawed"}},
		sdk.AddWebhookParams{IdempotencyKey: sdk.NewKey()})
	if err != nil {
		t.Fatal(err)
	}
	put := func(text string) {
		t.Helper()
		s, err := client.ParseSecret(text)
		if err != nil {
			t.Fatal(err)
		}
		secret <- s
	}
	put(hook.Secret.Value)
	if said, err := api.TestWebhook(t.Context(), sdk.TestWebhookParams{Webhook: hook.ID}); err != nil || said.Status != http.StatusNoContent {
		t.Fatalf("%+v, %v", said, err)
	}
	if got := <-arrived; got.Type != "webhook.test" {
		t.Fatalf("%+v", got)
	}

	account, err := api.RegisterAccount(t.Context(), &sdk.NewAccount{ExternalID: "u-1", Kind: sdk.AccountKindPersonal}, sdk.RegisterAccountParams{IdempotencyKey: sdk.NewKey()})
	if err != nil {
		t.Fatal(err)
	}
	by := jieling.Actor{Kind: jieling.ActorProduct, Name: "test", Scopes: []string{engine.ScopeAdmin}}
	for _, do := range []func(context.Context, jieling.Actor, engine.Idem, jieling.AccountID, string) (jieling.Account, error){a.engine.Freeze, a.engine.Unfreeze} {
		if _, err := do(t.Context(), by, engine.Idem{}, jieling.AccountID(account.ID), ""); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"account.registered", "account.frozen", "account.thawed"} {
		got := <-arrived
		if got.Type != want || got.Data.Account != string(account.ID) || got.Data.ExternalID != "u-1" || got.Data.By != "product" || got.Data.Version != int64(i+1) {
			t.Errorf("arrived %+v, want %s", got, want)
		}
	}

	if _, err := api.RotateWebhook(t.Context(), sdk.RotateWebhookParams{Webhook: hook.ID, IdempotencyKey: sdk.NewKey()}); err != nil {
		t.Fatal(err)
	}
	if _, err := api.TestWebhook(t.Context(), sdk.TestWebhookParams{Webhook: hook.ID}); err != nil { // the receiver still knows the old one only
		t.Error(err)
	}
	list, err := api.ListDeliveries(t.Context(), sdk.ListDeliveriesParams{Webhook: hook.ID})
	if err != nil || len(list.Items) != 3 || list.Items[2].Attempts < 3 {
		t.Errorf("%+v, %v", list, err)
	}
}

// client makes an API key of some scopes, and who calls with it.
func (a *app) client(t *testing.T, base string, scopes ...string) *sdk.Client {
	t.Helper()
	key, row, err := gate.NewKey("test", scopes, time.Now(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.store.PutKey(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	c, err := sdk.New(base, key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
