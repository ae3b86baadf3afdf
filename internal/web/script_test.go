package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/engine"
)

// browse opens a browser on a house, signed in. Passkeys need a domain, and localhost is one.
func browse(t *testing.T, h *house) (context.Context, string) {
	t.Helper()
	path := os.Getenv("JIELING_CHROMIUM")
	if path == "" {
		t.Fatal("JIELING_CHROMIUM is not set: run the tests with `make test`, which installs a browser, or set it to one's path")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signedInAs(r)
		h.door.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WSURLReadTimeout(2*time.Minute))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	return ctx, strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
}

// authenticator gives the browser a device lock that always opens.
func authenticator(ctx context.Context, target *chromedp.Target) error {
	if _, err := cdp.Call(ctx, target, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		return err
	}
	_, err := cdp.Call(ctx, target, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	return err
}

// The script makes and uses a passkey under the strict policy, and what it sends has the shape of the standard's JSON.
func TestAPasskeyIsMadeAndUsed(t *testing.T) {
	h := newHouse(t, false)
	h.create = `{"publicKey":{"challenge":"c29tZSByYW5kb20gYnl0ZXM","rp":{"name":"Jieling","id":"localhost"},"user":{"id":"dXNlcg","name":"u","displayName":"u"},
		"pubKeyCredParams":[{"type":"public-key","alg":-7}],"excludeCredentials":[],"authenticatorSelection":{"userVerification":"required"}}}`
	ctx, at := browse(t, h)
	err := chromedp.Do(ctx,
		chromedp.Func(authenticator),
		chromedp.Navigate(at+"/devices/enrol"),
		chromedp.Click(chromedp.CSS("#do-enrol")),
		chromedp.WaitVisible(chromedp.CSS("#methods")),
	)
	if err != nil {
		t.Fatal(err)
	}
	made := sent(t, h)
	if made.ID == "" || made.Type != "public-key" || made.Response["attestationObject"] == nil || made.Response["clientDataJSON"] == nil {
		t.Fatalf("made %+v", made)
	}

	h.mu.Lock()
	h.view.Next, h.view.Stage = casework.MoveVerify, jieling.StageVerifying
	h.view.Decision.Requirement = jieling.Need(jieling.DeviceUnlock)
	h.view.Open = []engine.ChallengeView{{
		Challenge: jieling.Challenge{ID: "chl_u", Factor: jieling.DeviceUnlock, Purpose: jieling.ForCase, ExpiresAt: noon.Add(time.Minute), Limit: 5},
		Public: json.RawMessage(`{"publicKey":{"challenge":"b3RoZXIgYnl0ZXM","rpId":"localhost","userVerification":"required",
			"allowCredentials":[{"type":"public-key","id":"` + made.ID + `"}]}}`),
	}}
	h.mu.Unlock()
	if err := chromedp.Do(ctx, chromedp.Navigate(at+"/cases/case_1"), chromedp.Click(chromedp.CSS("#unlock-go")), waitFor(h, "answer:chl_u")); err != nil {
		t.Fatal(err)
	}
	if used := sent(t, h); used.ID != made.ID || used.Response["signature"] == nil || used.Response["authenticatorData"] == nil {
		t.Errorf("used %+v", used)
	}
}

// V1: a phone that approves asks its own lock, unless the payment password was typed, and never for a no.
func TestV1_APhoneThatApprovesAsksItsLock(t *testing.T) {
	h := newHouse(t, false)
	h.create = `{"publicKey":{"challenge":"c29tZSByYW5kb20gYnl0ZXM","rp":{"name":"Jieling","id":"localhost"},"user":{"id":"dXNlcg","name":"u","displayName":"u"},
		"pubKeyCredParams":[{"type":"public-key","alg":-7}],"excludeCredentials":[],"authenticatorSelection":{"userVerification":"required"}}}`
	ctx, at := browse(t, h)
	err := chromedp.Do(ctx, chromedp.Func(authenticator), chromedp.Navigate(at+"/devices/enrol"), chromedp.Click(chromedp.CSS("#do-enrol")), chromedp.WaitVisible(chromedp.CSS("#methods")))
	if err != nil {
		t.Fatal(err)
	}
	made := sent(t, h)
	h.mu.Lock()
	h.offer = engine.ApprovalView{
		Challenge: jieling.Challenge{State: jieling.ChallengeClaimed, ExpiresAt: noon.Add(time.Minute)}, Numbers: []int{17, 42, 88}, Now: noon,
		Unlocks: []engine.Unlock{
			{Factor: jieling.DeviceUnlock, Public: []byte(`{"publicKey":{"challenge":"b3RoZXIgYnl0ZXM","rpId":"localhost","userVerification":"required",
				"allowCredentials":[{"type":"public-key","id":"` + made.ID + `"}]}}`)},
			{Factor: jieling.PaymentPIN},
		},
	}
	h.mu.Unlock()
	press := func(button string, before ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if _, err := chromedp.RunResponse(ctx, append(before, chromedp.Click(chromedp.CSS(button)))...); err != nil {
			t.Fatal(err)
		}
	}
	show := func() {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.Navigate(at+"/approve/7k2m9q")); err != nil {
			t.Fatal(err)
		}
	}
	number := chromedp.Click(chromedp.CSS("#number-42"))
	show()
	press("#do-approve", number)
	if used := sent(t, h); !strings.HasSuffix(h.verbs(), "approve-by-lock") || used.ID != made.ID || used.Response["signature"] == nil || h.number != 42 {
		t.Errorf("%s: used %+v with %d", h.verbs(), used, h.number)
	}
	show()
	press("#do-approve", number, chromedp.SendKeys(chromedp.CSS("#approve-pin"), "204816"))
	if !strings.HasSuffix(h.verbs(), "approve") || h.unlock != "204816" {
		t.Errorf("%s: with a password typed %q was sent", h.verbs(), h.unlock)
	}
	show()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("navigator.credentials.get = () => Promise.reject(), true")); err != nil {
		t.Fatal(err)
	}
	press("#do-reject")
	if !strings.HasSuffix(h.verbs(), "reject") {
		t.Errorf("%s: a no asked for something", h.verbs())
	}
}

type credential struct {
	ID       string         `json:"id"`
	Type     string         `json:"type"`
	Response map[string]any `json:"response"`
}

func sent(t *testing.T, h *house) credential {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	var c credential
	if err := json.Unmarshal(h.given, &c); err != nil {
		t.Fatalf("%s: %v", h.given, err)
	}
	return c
}

// waitFor waits until the engine was asked to do something last.
func waitFor(h *house, verb string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for !strings.HasSuffix(h.verbs(), verb) {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-tick.C:
			}
		}
		return nil
	})
}

// hide makes a page believe that nobody looks at it, or that somebody does again.
func hide(hidden bool) chromedp.Action[bool] {
	return chromedp.Evaluate[bool](fmt.Sprintf(`(() => {
		Object.defineProperty(document, "hidden", {configurable: true, get: () => %t});
		document.dispatchEvent(new Event("visibilitychange"));
		return true;
	})()`, hidden))
}

// A page that nobody looks at holds no connection, and has caught up once somebody looks again.
func TestAHiddenPageFollowsNothing(t *testing.T) {
	h := newHouse(t, false)
	h.view.Next, h.view.Stage = casework.MoveVerify, jieling.StageVerifying
	h.view.Decision.Requirement = jieling.AllOf(jieling.Need(jieling.PaymentPIN), jieling.Need(jieling.SMSCode))
	var streams atomic.Int32
	door := h.door
	h.door = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/events") {
			streams.Add(1)
			defer streams.Add(-1)
		}
		door.ServeHTTP(w, r)
	})
	ctx, at := browse(t, h)
	until := func(n int32) {
		t.Helper()
		wait := chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			for tick := time.NewTicker(20 * time.Millisecond); streams.Load() != n; {
				select {
				case <-ctx.Done():
					return fmt.Errorf("%d streams are open: %w", streams.Load(), ctx.Err())
				case <-tick.C:
				}
			}
			return nil
		})
		if err := chromedp.Do(ctx, wait); err != nil {
			t.Fatal(err)
		}
	}
	look := func(hidden bool) {
		t.Helper()
		if _, err := chromedp.Run(ctx, hide(hidden)); err != nil {
			t.Fatal(err)
		}
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(at+"/cases/case_1")); err != nil {
		t.Fatal(err)
	}
	until(1)
	look(true)
	until(0)
	h.mu.Lock()
	h.view.Version++
	h.view.Proofs = []jieling.Proof{{Factor: jieling.SMSCode}}
	h.mu.Unlock()
	look(false)
	if err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS(`[data-factor="sms_code"].passed`))); err != nil {
		t.Fatal(err)
	}
	until(1)
	look(true)
	until(0)
}

// Without a connection the page says so and keeps the form; with one again it is sent.
func TestAFormIsKeptWhileThereIsNoConnection(t *testing.T) {
	h := newHouse(t, false)
	h.view.Next, h.view.Stage = casework.MoveVerify, jieling.StageVerifying
	h.view.Decision.Requirement = jieling.Need(jieling.PaymentPIN)
	ctx, at := browse(t, h)
	connected := func(yes bool) chromedp.Action[chromedp.Void] {
		return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: !yes, DownloadThroughput: -1, UploadThroughput: -1})
			return err
		})
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(at+"/cases/case_1"), connected(false), chromedp.WaitVisible(chromedp.CSS("#offline > p")),
		chromedp.SendKeys(chromedp.CSS("#pin-given"), "123456"), chromedp.Click(chromedp.CSS("#pin-go")), chromedp.WaitVisible(chromedp.CSS("#offline > p"))); err != nil {
		t.Fatal(err)
	}
	if typed, err := chromedp.Run(ctx, chromedp.Value(chromedp.CSS("#pin-given"))); err != nil || typed != "123456" || strings.Contains(h.verbs(), "answer") {
		t.Errorf("what was typed is %q, done was %q (%v)", typed, h.verbs(), err)
	}
	if err := chromedp.Do(ctx, connected(true), chromedp.WaitNotVisible(chromedp.CSS("#offline > p")), chromedp.Click(chromedp.CSS("#pin-go")), waitFor(h, "answer:chl_new")); err != nil {
		t.Errorf("with a connection again: %v, done was %q", err, h.verbs())
	}
	if h.given == nil || string(h.given) != "123456" {
		t.Errorf("sent was %q", h.given)
	}
}

// An open page shows what changed by itself, and keeps what was typed into it.
func TestAnOpenPageFollowsItsCase(t *testing.T) {
	h := newHouse(t, false)
	h.view.Next, h.view.Stage = casework.MoveVerify, jieling.StageVerifying
	h.view.Decision.Requirement = jieling.AllOf(jieling.Need(jieling.PaymentPIN), jieling.Need(jieling.SMSCode))
	ctx, at := browse(t, h)
	if err := chromedp.Do(ctx, chromedp.Navigate(at+"/cases/case_1"), chromedp.SendKeys(chromedp.CSS("#pin-given"), "1234")); err != nil {
		t.Fatal(err)
	}
	h.mu.Lock()
	h.view.Version++
	h.view.Proofs = []jieling.Proof{{Factor: jieling.SMSCode}}
	h.mu.Unlock()
	if err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS(`[data-factor="sms_code"].passed`))); err != nil {
		t.Fatal(err)
	}
	if typed, err := chromedp.Run(ctx, chromedp.Value(chromedp.CSS("#pin-given"))); err != nil || typed != "1234" {
		t.Errorf("what was typed is %q, %v", typed, err)
	}
}

// teller is a house whose stream of a case says what the test sends, and whose answers with the page of the case go through the test's
// hands.
type teller struct {
	*house
	say  chan string
	pass func(look int, answer func()) // look counts from 1
}

func newTeller(t *testing.T) *teller {
	t.Helper()
	h := &teller{house: newHouse(t, false), say: make(chan string), pass: func(_ int, answer func()) { answer() }}
	h.view.Next, h.view.Stage = casework.MoveVerify, jieling.StageVerifying
	h.view.Decision.Requirement = jieling.AllOf(jieling.Need(jieling.PaymentPIN), jieling.Need(jieling.SMSCode))
	var looks atomic.Int32
	door := h.door
	h.door = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/events"):
			w.Header().Set("Content-Type", "text/event-stream")
			for {
				select {
				case <-r.Context().Done():
					return
				case said := <-h.say:
					_, _ = fmt.Fprint(w, said)
					_ = http.NewResponseController(w).Flush()
				}
			}
		case r.URL.Path == "/cases/case_1":
			whole := httptest.NewRecorder()
			door.ServeHTTP(whole, r)
			h.pass(int(looks.Add(1)), func() { _, _ = whole.Body.WriteTo(w) })
		default:
			door.ServeHTTP(w, r)
		}
	})
	return h
}

const (
	toldChange = "event: change\ndata: {}\n\n"
	toldEnd    = "event: end\ndata: {}\n\n"
)

// move changes the case.
func (h *teller) move(change func(*engine.CaseView)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.view.Version++
	change(&h.view)
}

// A page that shows the newest already is left alone when it is told of a change: what somebody is about to press stays under their finger.
func TestAPageThatShowsTheNewestIsLeftAlone(t *testing.T) {
	h := newTeller(t)
	looked := make(chan struct{}, 9)
	h.pass = func(_ int, answer func()) { answer(); looked <- struct{}{} }
	ctx, at := browse(t, h.house)
	if err := chromedp.Do(ctx, chromedp.Navigate(at+"/cases/case_1")); err != nil {
		t.Fatal(err)
	}
	<-looked
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`window.before = document.getElementById("pin-go"), true`)); err != nil {
		t.Fatal(err)
	}
	h.say <- toldChange
	<-looked
	same, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`fetch(location.pathname).then((answer) => answer.text()).then(() => document.getElementById("pin-go") === before)`, chromedp.EvalAwaitPromise))
	if err != nil || !same {
		t.Errorf("the button was replaced by its like (%v)", err)
	}
}

// The last change is told together with the end, and is shown.
func TestAnOpenPageShowsTheEnd(t *testing.T) {
	h := newTeller(t)
	ctx, at := browse(t, h.house)
	if err := chromedp.Do(ctx, chromedp.Navigate(at+"/cases/case_1")); err != nil {
		t.Fatal(err)
	}
	h.move(func(v *engine.CaseView) { v.Next, v.Stage = casework.MoveEnded, jieling.StageCancelled })
	h.say <- toldChange + toldEnd
	if err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS("#ended"))); err != nil {
		t.Error(err)
	}
}

// An answer that comes late shows nothing that was before.
func TestAnOlderAnswerIsNotShownAfterANewer(t *testing.T) {
	h := newTeller(t)
	old, late, gone := make(chan struct{}), make(chan struct{}), make(chan struct{})
	h.pass = func(look int, answer func()) {
		if look == 2 {
			close(old)
			<-late
			defer close(gone)
		}
		answer()
	}
	ctx, at := browse(t, h.house)
	if err := chromedp.Do(ctx, chromedp.Navigate(at+"/cases/case_1")); err != nil {
		t.Fatal(err)
	}
	h.move(func(*engine.CaseView) {})
	h.say <- toldChange
	<-old
	h.move(func(v *engine.CaseView) { v.Proofs = []jieling.Proof{{Factor: jieling.SMSCode}} })
	h.say <- toldChange
	const newest = `[data-factor="sms_code"].passed`
	if err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS(newest))); err != nil {
		t.Fatal(err)
	}
	close(late)
	<-gone
	stays, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf(`fetch(location.pathname).then((answer) => answer.text()).then(() => document.querySelector(%q) !== null)`, newest), chromedp.EvalAwaitPromise))
	if err != nil || !stays {
		t.Errorf("the page shows what was before (%v)", err)
	}
}
