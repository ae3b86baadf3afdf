package outbound_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/jieling-id/jieling/internal/outbound"
)

// Addresses as somebody may register them: what is not public is refused as soon as it can be seen.
func TestGuard_Check(t *testing.T) {
	g := outbound.Guard{Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.1.0.0/16")}}
	for raw, fine := range map[string]bool{
		"https://shop.example/hooks?a=1": true, "https://203.0.113.7/": true, "https://10.1.2.3/": true, "http://10.1.2.3:8080/x": true,
		"http://localhost:9/": true, "http://127.0.0.1/": true, "https://[2606:4700::1]/": true,
		"http://shop.example/": false, "http://10.2.0.1/": false, "https://10.2.0.1/": false, "https://169.254.169.254/latest": false,
		"https://192.168.1.1/": false, "https://[::1]/": false, "https://[::ffff:192.168.1.1]/": false, "https://[64:ff9b::a00:1]/": false,
		"https://[fe80::1]/": false, "https://[fd00::1]/": false, "https://100.64.0.1/": false, "https://0.0.0.0/": false, "https://224.0.0.1/": false,
		"https://user@shop.example/": false, "https://shop.example/#x": false, "ftp://shop.example/": false, "/hooks": false, "https://": false, "": false,
		"https://shop.example/" + strings.Repeat("a", 2048): false,
	} {
		if _, err := g.Check(raw); (err == nil) != fine {
			t.Errorf("%.80q: %v", raw, err)
		}
	}
	if _, err := (outbound.Guard{}).Check("http://127.0.0.1/"); err == nil {
		t.Error("without a list, http to this machine is let through")
	}
}

// A name can resolve to anything, so the address is looked at when it is connected to: localhost is a name.
func TestGuard_TheAddressIsLookedAtWhenItIsConnectedTo(t *testing.T) {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer s.Close()
	byName := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	for _, url := range []string{s.URL, byName} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := (outbound.Guard{}).Client().Do(req); !errors.Is(err, outbound.ErrForbidden) || outbound.Reason(err) != "the address is not one that is called" {
			t.Errorf("%s: %v", url, err)
		}
		g := outbound.Guard{Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
		if reply, err := g.Client().Do(req.Clone(t.Context())); err != nil || reply.Status != http.StatusOK {
			t.Errorf("%s, listed: %v", url, err)
		}
	}
	if asked != 2 {
		t.Errorf("the server was reached %d times", asked)
	}
}
