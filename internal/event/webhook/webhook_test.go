package webhook_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling/client"
	"github.com/jieling-id/jieling/internal/event"
	"github.com/jieling-id/jieling/internal/event/webhook"
	"github.com/jieling-id/jieling/internal/outbound"
)

// The vector was made with another program, from the text of the Standard Webhooks specification.
const (
	vectorSecret    = "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY="
	vectorBody      = `{"type":"binding.unlinked","timestamp":"2026-01-01T00:00:00Z","data":{"id":"bnd_1"}}`
	vectorSignature = "v1,vLJfnV5zDRLLI2V+IC5UV6FHeN7RibLY/SN8/7VB+2A="
	otherSecret     = "whsec_MTEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY="
)

func courier() webhook.Courier {
	return webhook.Courier{Client: outbound.Guard{Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}.Client()}
}

// What goes over the wire is the vector, byte for byte; a rotated secret signs beside the new one, and either verifies.
func TestWhatIsSentIsSigned(t *testing.T) {
	at := time.Unix(1767225600, 0)
	var got *http.Request
	var body []byte
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
	}))
	defer s.Close()
	parcel := event.Parcel{ID: "msg_1", Body: []byte(vectorBody), At: at}
	said, err := courier().Deliver(t.Context(), event.Receiver{URL: s.URL + "/hooks?from=us", Secrets: []string{otherSecret, vectorSecret}}, parcel)
	if err != nil || said.Status != http.StatusAccepted {
		t.Fatalf("%+v, %v", said, err)
	}
	if got.Method != http.MethodPost || got.URL.String() != "/hooks?from=us" || got.Header.Get("Content-Type") != "application/json" || string(body) != vectorBody {
		t.Errorf("%s %s %v %s", got.Method, got.URL, got.Header, body)
	}
	signatures := strings.Fields(got.Header.Get("webhook-signature"))
	if got.Header.Get("webhook-id") != "msg_1" || got.Header.Get("webhook-timestamp") != "1767225600" || len(signatures) != 2 || signatures[1] != vectorSignature {
		t.Errorf("%v", got.Header)
	}
	for _, text := range []string{vectorSecret, otherSecret} {
		secret, err := client.ParseSecret(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := client.Verify(got.Header, body, at, secret); err != nil {
			t.Error(err)
		}
	}
}

// Every answer but a 2xx is a failure, said in words that hold nothing of what was answered.
func TestFailuresAreSaidInOurWords(t *testing.T) {
	status, header := 0, http.Header{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for k, v := range header {
			w.Header()[k] = v
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "planted")
	}))
	defer s.Close()
	for _, c := range []struct {
		status int
		header http.Header
		says   string
		after  time.Duration
		gone   bool
	}{
		{200, nil, "", 0, false},
		{204, nil, "", 0, false},
		{400, nil, "status 400", 0, false},
		{429, http.Header{"Retry-After": {"120"}}, "status 429", 2 * time.Minute, false},
		{503, http.Header{"Retry-After": {"999999999"}}, "status 503", time.Hour, false},
		{503, http.Header{"Retry-After": {"-1"}}, "status 503", 0, false},
		{302, http.Header{"Location": {"/planted"}}, "redirect", 0, false},
		{410, nil, "gone", 0, true},
	} {
		status, header = c.status, c.header
		said, err := courier().Deliver(t.Context(), event.Receiver{URL: s.URL, Secrets: []string{vectorSecret}}, event.Parcel{ID: "evt_1", Body: []byte("{}"), At: time.Now()})
		if (err == nil) != (c.says == "") || errors.Is(err, event.ErrGone) != c.gone || said.After != c.after {
			t.Errorf("%d: %+v, %v", c.status, said, err)
		}
		if err != nil && (!strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "planted")) {
			t.Errorf("%d: %v", c.status, err)
		}
	}
	s.Close()
	if _, err := courier().Deliver(t.Context(), event.Receiver{URL: s.URL, Secrets: []string{vectorSecret}}, event.Parcel{}); err == nil || strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("nobody there: %v", err)
	}
}
