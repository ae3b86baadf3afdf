package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling/client"
	"github.com/jieling-id/jieling/client/api"
)

// jieling is the real service beside the shop, built and run as an operator would.
type jieling struct {
	t        *testing.T
	dir, bin string
	base     string // http://localhost:port
}

// command runs jieling in its folder and gives what it printed.
func (j jieling) command(args ...string) string {
	j.t.Helper()
	cmd := exec.CommandContext(j.t.Context(), j.bin, args...)
	cmd.Dir = j.dir
	out, err := cmd.Output()
	if err != nil {
		j.t.Fatalf("jieling %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

// buildJieling builds the service and finds a place for it.
func buildJieling(t *testing.T) jieling {
	t.Helper()
	dir := t.TempDir()
	j := jieling{t: t, dir: dir, bin: filepath.Join(dir, "jieling")}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", j.bin, "../../cmd/jieling").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for range 100 { // below the ports that a system gives to whoever asks for any, so that nobody takes it meanwhile
		port := 12000 + rand.IntN(8000)
		if free, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port)); err == nil {
			free.Close()
			j.base = fmt.Sprint("http://localhost:", port)
			return j
		}
	}
	t.Fatal("no port is free")
	return j
}

// serve starts the service with the sample configuration, at other addresses, and waits until it is ready.
func (j jieling) serve(shop *httptest.Server) {
	t := j.t
	t.Helper()
	sample, err := os.ReadFile("jieling.yaml")
	if err != nil {
		t.Fatal(err)
	}
	at := strings.TrimPrefix(j.base, "http://localhost")
	moved := strings.NewReplacer("127.0.0.1:8420", "127.0.0.1"+at, "localhost:8420", "localhost"+at, "http://127.0.0.1:8430", shop.URL).Replace(string(sample))
	if err := os.WriteFile(filepath.Join(j.dir, "jieling.yaml"), []byte(moved), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(j.bin, "serve", "--config", "jieling.yaml")
	cmd.Dir, cmd.Env = j.dir, append(os.Environ(), "SHOP_SECRET="+sharedSecret)
	var told strings.Builder
	cmd.Stderr = &told
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // Wait tells whether it had ended by itself
		if err := cmd.Wait(); err != nil || t.Failed() {
			t.Logf("jieling ended with %v and had said:\n%s", err, told.String())
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for !answers(ctx, j.base+"/readyz") {
		select {
		case <-ctx.Done():
			t.Fatal("jieling did not become ready")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func answers(ctx context.Context, url string) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// A person of the shop takes their QQ off, and thinks better of it: the whole way, with both programs as they are run.
func TestBesideARealJieling(t *testing.T) {
	j := buildJieling(t)
	key := j.command("key", "add", "shop", "--scope", "accounts", "--scope", "resolve", "--scope", "cases", "--db", "sqlite:jieling.db")
	s, server := openShop(t, j.base, key)
	j.serve(server)

	b := newBrowser(t)
	if status, page := b.post(server.URL+"/signup", lin); status != 200 || !strings.Contains(page, "320") || !strings.Contains(page, "<li>qq ") {
		t.Fatalf("signed up: %d\n%s", status, page)
	}
	if status, page := newBrowser(t).post(server.URL+"/signin/qq", url.Values{"qq": lin["qq"]}); status != 200 || !strings.Contains(page, "Hello, Lin") {
		t.Fatalf("QQ does not sign in before: %d\n%s", status, page)
	}
	entersTheCentre(b, server.URL)

	jl, err := api.New(j.base, key)
	if err != nil {
		t.Fatal(err)
	}
	u, _ := s.find(func(u user) bool { return u.Name == "Lin" })
	id := unlink(t, jl, u.Account)
	if u, _ := s.find(func(now user) bool { return now.ID == u.ID }); u.QQ != (earned{}) || u.Points != 80 {
		t.Errorf("after the removal: %+v", u)
	}
	if n := applied(s, string(id), client.OpCommit); n != 1 {
		t.Errorf("the removal was applied %d times", n)
	}
	if status, page := newBrowser(t).post(server.URL+"/signin/qq", url.Values{"qq": lin["qq"]}); status != 403 || !strings.Contains(page, "No account has this QQ") {
		t.Errorf("QQ signs in afterwards: %d\n%s", status, page)
	}

	if _, err := jl.UndoCase(t.Context(), api.UndoCaseParams{IdempotencyKey: api.NewKey(), Case: id}); err != nil {
		t.Fatal(err)
	}
	follow(t, jl, id, api.StageCompensated)
	for ctx := t.Context(); applied(s, string(id), client.OpCompensate) == 0; {
		select {
		case <-ctx.Done():
			t.Fatal("the shop was not asked to put it back")
		case <-time.After(20 * time.Millisecond):
		}
	}
	if u, _ := s.find(func(now user) bool { return now.ID == u.ID }); u.QQ != (earned{"openid-of-lin", 320, 2}) {
		t.Errorf("after the undo: %+v", u)
	}
}

// entersTheCentre follows the hand-off as the browser does: the address, then the one press of its button.
func entersTheCentre(b browser, shop string) {
	b.t.Helper()
	stay := *b.Client
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := stay.PostForm(shop+"/security", url.Values{"platform": {"android"}})
	if err != nil {
		b.t.Fatal(err)
	}
	answer.Body.Close()
	ticket, err := answer.Location()
	if err != nil || answer.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("no hand-off: %d %v", answer.StatusCode, err)
	}
	entrance, err := b.Get(ticket.String())
	if err != nil {
		b.t.Fatal(err)
	}
	defer entrance.Body.Close()
	if text, err := io.ReadAll(entrance.Body); err != nil || entrance.StatusCode != 200 {
		b.t.Fatalf("the entrance answers %d, %v\n%s", entrance.StatusCode, err, text)
	}
	centre := url.URL{Scheme: ticket.Scheme, Host: ticket.Host, Path: "/handoff"}
	if status, page := b.post(centre.String(), url.Values{"token": {ticket.Query().Get("token")}}); status != 200 || !strings.Contains(page, "bnd_") {
		b.t.Errorf("the centre answers %d\n%s", status, page)
	}
}

// unlink carries the removal of QQ out over the API, as the person would in the centre, and waits until it is done.
func unlink(t *testing.T, jl *api.Client, account api.AccountID) api.CaseID {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	bindings, err := jl.ListBindings(ctx, api.ListBindingsParams{Account: account})
	must(err)
	var qq api.BindingID
	for _, b := range bindings.Items {
		if b.Provider == "qq" {
			qq = b.ID
		}
	}
	c, err := jl.OpenCase(ctx, &api.NewCase{Account: account, Goal: "unlink", Binding: qq, Platform: "android", Reason: "privacy"},
		api.OpenCaseParams{IdempotencyKey: api.NewKey()})
	must(err)
	told := map[string]int{}
	for _, d := range c.Impact {
		if d.Participant.Value == "shop" {
			told[d.ID] = d.Count.Value
		}
	}
	if told["points"] != 320 || told["carts"] != 2 {
		t.Errorf("the case says that %v hang on it", told)
	}
	_, err = jl.SettleBackup(ctx, &api.Backup{Choice: "made"}, api.SettleBackupParams{IdempotencyKey: api.NewKey(), Case: c.ID})
	must(err)
	ch, err := jl.AskChallenge(ctx, &api.NewChallenge{Factor: "payment_pin"}, api.AskChallengeParams{IdempotencyKey: api.NewKey(), Case: c.ID})
	must(err)
	_, err = jl.AnswerChallenge(ctx, &api.NewAnswer{Answer: api.NewOptString("204816")}, api.AnswerChallengeParams{IdempotencyKey: api.NewKey(), Challenge: ch.ID})
	must(err)
	_, err = jl.ConfirmCase(ctx, api.ConfirmCaseParams{IdempotencyKey: api.NewKey(), Case: c.ID})
	must(err)
	follow(t, jl, c.ID, api.StageGuarded)
	return c.ID
}

// follow watches a case until it comes to this stage.
func follow(t *testing.T, jl *api.Client, id api.CaseID, until api.Stage) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for e, err := range jl.Watch(ctx, id, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Stage == until {
			return
		}
	}
	t.Fatalf("the case ended without coming to %s", until)
}

// applied counts how often an operation of a case was really done.
func applied(s *shop, id string, op client.Op) (n int) {
	for _, entry := range s.ledger.Entries() {
		if entry.Case == id && entry.Op == op {
			n += entry.Applied
		}
	}
	return n
}
