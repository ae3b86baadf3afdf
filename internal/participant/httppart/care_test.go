package httppart_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/participant"
	"github.com/jieling-id/jieling/internal/sandbox"
)

const linsAccount = "wx_lin"

func TestH1_SwitchesAreToldSetAndSeenOverTheWire(t *testing.T) {
	w := start(t)
	c := w.connector(sandbox.Friends)
	on := func(id string) bool {
		t.Helper()
		all, err := c.Switches(t.Context(), linsAccount)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range all {
			if s.ID == id {
				if s.Title.Empty() || s.Detail.Empty() || s.Kind == "" {
					t.Errorf("%+v", s)
				}
				return s.On
			}
		}
		t.Fatalf("no %s in %+v", id, all)
		return false
	}
	set := func(effect jieling.EffectID, to bool) participant.State {
		t.Helper()
		out, err := c.Switch(t.Context(), participant.SwitchStep{Effect: effect, Account: linsAccount, Switch: "find-me-by-qq", On: to})
		if err != nil {
			t.Fatal(err)
		}
		return out.State
	}
	if !on("find-me-by-qq") || on("voice-lock") {
		t.Fatal("not as it begins")
	}
	for range 2 { // a repeat changes nothing
		if got := set("eff_1", false); got != participant.Set || on("find-me-by-qq") {
			t.Errorf("%s, and on is %v", got, on("find-me-by-qq"))
		}
	}
	w.fault(sandbox.Friends, "lie", "switch")
	if got := set("eff_2", true); got != participant.Set || on("find-me-by-qq") {
		t.Errorf("a lie: %s", got)
	}
	w.fault(sandbox.Friends, "refuse", "switch")
	if got := set("eff_3", true); got != participant.Refused {
		t.Errorf("a refusal: %s", got)
	}
	w.fault(sandbox.Friends, "error", "switches")
	if _, err := c.Switches(t.Context(), linsAccount); err == nil || errors.Is(err, participant.ErrUnable) {
		t.Errorf("a party that is down: %v", err)
	}
}

func TestH2_OddPaymentsAreToldOverTheWire(t *testing.T) {
	w := start(t)
	bills, err := w.connector(sandbox.WeChatPay).Bills(t.Context(), linsAccount)
	if err != nil || len(bills) != 1 || bills[0].Amount != 64_800 || bills[0].Currency != "CNY" || bills[0].At.IsZero() || bills[0].Odd.Empty() {
		t.Errorf("%+v, %v", bills, err)
	}
	stranger, err := w.connector(sandbox.WeChatPay).Bills(t.Context(), "wx_nobody")
	if err != nil || len(stranger) != 0 {
		t.Errorf("a stranger's: %+v, %v", stranger, err)
	}
}

// Whoever has no such ability says so, and that is neither an answer nor silence.
func TestI6_AParticipantWithoutTheAbilityIsNotSilent(t *testing.T) {
	w := start(t)
	c := w.connector(sandbox.Game)
	if _, err := c.Switches(t.Context(), linsAccount); !errors.Is(err, participant.ErrUnable) {
		t.Errorf("switches: %v", err)
	}
	if _, err := c.Bills(t.Context(), linsAccount); !errors.Is(err, participant.ErrUnable) {
		t.Errorf("bills: %v", err)
	}
	if _, err := c.Switch(t.Context(), participant.SwitchStep{Effect: "eff_1", Account: linsAccount, Switch: "x"}); !errors.Is(err, participant.ErrUnable) {
		t.Errorf("switch: %v", err)
	}
}

// An answer that breaks the contract is no answer.
func TestS30_NonsenseOfSwitchesIsUnknown(t *testing.T) {
	text := `{"zh-CN":"文字","en":"text"}`
	good := `{"id":"a","kind":"find_me","state":"on","safer":"off","title":` + text + `,"detail":` + text + `}`
	for name, body := range map[string]string{
		"no list":          `{}`,
		"an unknown kind":  `{"switches":[{"id":"a","kind":"shoes","state":"on","safer":"off","title":` + text + `,"detail":` + text + `}]}`,
		"an unknown state": `{"switches":[{"id":"a","kind":"find_me","state":"up","safer":"off","title":` + text + `,"detail":` + text + `}]}`,
		"no safer side":    `{"switches":[{"id":"a","kind":"find_me","state":"on","title":` + text + `,"detail":` + text + `}]}`,
		"one language":     `{"switches":[{"id":"a","kind":"find_me","state":"on","safer":"off","title":{"en":"x"},"detail":` + text + `}]}`,
		"twice the same":   `{"switches":[` + good + `,` + good + `]}`,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, body)
		}))
		if got, err := connector(t, server.URL, secret).Switches(t.Context(), "a"); jieling.CodeOf(err) != jieling.CodeDependency {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		server.Close()
	}
}
