package push_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/jieling-id/jieling/internal/event"
	"github.com/jieling-id/jieling/internal/event/push"
	"github.com/jieling-id/jieling/internal/outbound"
)

// What a receiver answers, by RFC 8935, and what is made of it. Of what it says only a word of the right form is kept.
func TestDeliver_ByWhatIsAnswered(t *testing.T) {
	status, body := 0, ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, _ := io.ReadAll(r.Body)
		if string(got) != "a.b.c" || r.Header.Get("Content-Type") != "application/secevent+jwt" || r.Header.Get("Accept") != "application/json" || r.Header.Get("Authorization") != "Bearer x" {
			t.Errorf("%v %s", r.Header, got)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	defer s.Close()
	c := push.Courier{Client: outbound.Guard{Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}.Client()}
	for _, row := range []struct {
		status     int
		body, says string
	}{
		{202, "", ""},
		{200, "", ""},
		{400, `{"err": "invalid_key", "description": "planted"}`, "refused the token: invalid_key"},
		{400, `{"err": "planted words"}`, "status 400"},
		{400, `planted`, "status 400"},
		{401, `{"err": "planted"}`, "status 401"},
		{503, "", "status 503"},
		{302, "", "redirect"},
		{410, "", "gone"},
	} {
		status, body = row.status, row.body
		said, err := c.Deliver(t.Context(), event.Receiver{URL: s.URL, Authorization: "Bearer x"}, event.Parcel{Body: []byte("a.b.c")})
		if (err == nil) != (row.says == "") || errors.Is(err, event.ErrGone) != (row.status == 410) {
			t.Errorf("%d %s: %+v, %v", row.status, row.body, said, err)
		}
		if err != nil && (!strings.Contains(err.Error(), row.says) || strings.Contains(err.Error(), "planted")) {
			t.Errorf("%d %s: %v", row.status, row.body, err)
		}
	}
}
