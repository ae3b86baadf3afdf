package tencentsms_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/notify"
	"github.com/jieling-id/jieling/internal/notify/tencentsms"
	"github.com/jieling-id/jieling/internal/sandbox"
	"github.com/jieling-id/jieling/internal/tc3"
)

var message = jieling.Message{Channel: "sms", To: "+8613800000001", Code: "402817", Minutes: 5}

func config(base string) tencentsms.Config {
	c := sandbox.DefaultCredentials()
	return tencentsms.Config{
		BaseURL: base, Key: tc3.Key{ID: c.TencentID, Secret: c.TencentKey}, AppID: c.SMSAppID, Sign: c.SMSSign, Code: "1000001", Notice: "1000002",
	}
}

func sender(t *testing.T, c tencentsms.Config) *tencentsms.Sender {
	t.Helper()
	s, err := tencentsms.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// carrier is the sandbox's, with a clock the test moves.
type carrier struct {
	*sandbox.World
	t   *testing.T
	now time.Time
}

func newCarrier(t *testing.T) *carrier {
	c := &carrier{t: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	world, err := sandbox.Start(t.Context(), sandbox.Config{Now: func() time.Time { return c.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	c.World = world
	return c
}

func (c *carrier) sender() *tencentsms.Sender {
	settings := config(c.URL(sandbox.SMS))
	settings.Now = func() time.Time { return c.now }
	return sender(c.t, settings)
}

func (c *carrier) fault(mode string) {
	c.t.Helper()
	resp, err := http.Post(c.URL(sandbox.SMS)+"/_fault", "application/json", strings.NewReader(`{"mode":"`+mode+`"}`))
	if err != nil {
		c.t.Fatal(err)
	}
	_ = resp.Body.Close()
}

// inbox gives the texts on the phone, newest first.
func (c *carrier) inbox() (texts []string) {
	c.t.Helper()
	resp, err := http.Get(c.URL(sandbox.SMS) + "/inbox/" + message.To)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	var box struct{ Messages []struct{ Text string } }
	if err := json.NewDecoder(resp.Body).Decode(&box); err != nil {
		c.t.Fatal(err)
	}
	for _, m := range box.Messages {
		texts = append(texts, m.Text)
	}
	return texts
}

func TestS11_MessagesArriveAtTheStoredNumber(t *testing.T) {
	c := newCarrier(t)
	if err := c.sender().Send(t.Context(), "eff_1", message); err != nil {
		t.Fatal(err)
	}
	c.now = c.now.Add(time.Minute)
	if err := c.sender().Send(t.Context(), "eff_2", jieling.Message{To: message.To, About: "QQ", Text: jieling.Text{ZH: "任何长度的文字"}}); err != nil {
		t.Fatal(err)
	}
	got := c.inbox()
	if len(got) != 2 || !strings.Contains(got[1], "402817") || !strings.Contains(got[0], "QQ") {
		t.Errorf("got %q", got)
	}
}

func TestTheGatewaysLimitsSayWhenToComeBack(t *testing.T) {
	c := newCarrier(t)
	s := c.sender()
	if err := s.Send(t.Context(), "eff_1", message); err != nil {
		t.Fatal(err)
	}
	err := s.Send(t.Context(), "eff_2", message)
	e, ok := errors.AsType[*jieling.Error](err)
	if !ok || e.Code != jieling.CodeTooMany || e.After != 30*time.Second || notify.Final(err) {
		t.Fatalf("within thirty seconds: %v", err)
	}
	for i := range 4 {
		c.now = c.now.Add(time.Minute)
		if err := s.Send(t.Context(), fmt.Sprint("eff_", i+3), message); err != nil {
			t.Fatal(err)
		}
	}
	c.now = c.now.Add(time.Minute)
	if err := s.Send(t.Context(), "eff_7", message); !notify.Final(err) {
		t.Errorf("a code that would be stale in an hour is to be sent then: %v", err)
	}
	err = s.Send(t.Context(), "eff_8", jieling.Message{To: message.To})
	if e, ok := errors.AsType[*jieling.Error](err); !ok || e.After != time.Hour || notify.Final(err) {
		t.Errorf("a notice is to wait for an hour: %v", err)
	}
}

func TestS30_FaultsOfTheGateway(t *testing.T) {
	for mode, final := range map[string]bool{"error": false, "refuse": false} {
		c := newCarrier(t)
		c.fault(mode)
		err := c.sender().Send(t.Context(), "eff_1", message)
		if jieling.CodeOf(err) != jieling.CodeDependency || notify.Final(err) != final {
			t.Errorf("%s: %v", mode, err)
		}
	}
	c := newCarrier(t)
	c.fault("repeat") // the second sending meets the limit: said, not hidden
	if err := c.sender().Send(t.Context(), "eff_1", message); jieling.CodeOf(err) != jieling.CodeTooMany {
		t.Errorf("repeat: %v", err)
	}
}

func TestWhatCannotBeMendedIsFinal(t *testing.T) {
	c := newCarrier(t)
	for what, change := range map[string]func(*tencentsms.Config, *jieling.Message){
		"wrong key":       func(c *tencentsms.Config, _ *jieling.Message) { c.Key.Secret = "another" },
		"wrong app":       func(c *tencentsms.Config, _ *jieling.Message) { c.AppID = "1" },
		"wrong signature": func(c *tencentsms.Config, _ *jieling.Message) { c.Sign = "别人" },
		"wrong template":  func(c *tencentsms.Config, _ *jieling.Message) { c.Code = "9" },
		"wrong number":    func(_ *tencentsms.Config, m *jieling.Message) { m.To = "+8610086" },
		"no template": func(c *tencentsms.Config, m *jieling.Message) {
			c.Notice, m.Code = "", ""
		},
	} {
		settings, m := config(c.URL(sandbox.SMS)), message
		settings.Now = func() time.Time { return c.now }
		change(&settings, &m)
		err := sender(t, settings).Send(t.Context(), "eff_1", m)
		if !notify.Final(err) {
			t.Errorf("%s: %v", what, err)
		}
		for _, secret := range []string{settings.Key.Secret, m.To, message.Code} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error tells %q: %v", what, secret, err)
			}
		}
	}
}

func TestS30_AnAnswerForAnotherMessageIsNotAYes(t *testing.T) {
	for _, set := range []string{
		`[]`,
		`[{"Code":"Ok","PhoneNumber":"+8613800000002","SessionContext":"eff_1"}]`,
		`[{"Code":"Ok","PhoneNumber":"+8613800000001","SessionContext":"eff_2"}]`,
		`[{"Code":"Ok","PhoneNumber":"+8613800000001","SessionContext":"eff_1"},{"Code":"Ok"}]`,
		`null`,
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"Response":{"SendStatusSet":%s,"RequestId":"r"}}`, set)
		}))
		if err := sender(t, config(srv.URL)).Send(t.Context(), "eff_1", message); jieling.CodeOf(err) != jieling.CodeDependency {
			t.Errorf("%s: %v", set, err)
		}
		srv.Close()
	}
}
