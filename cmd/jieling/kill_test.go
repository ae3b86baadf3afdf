package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/client"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/sandbox"
	"github.com/jieling-id/jieling/internal/store"
)

// TestS1_KilledAtAnyMomentNothingIsLostOrDoneTwice lets a crowd unlink QQ while the service is killed again and again, and
// then looks at every side: what was acknowledged is true (S23), every participant did each step once (S20), every history
// folds to its row (S1), the audit log verifies (S24), nobody lost their last way in (S14), and nothing is left hanging (L1).
// JIELING_TEST_KILLS says how often, 100 times for each store if it is not set.
func TestS1_KilledAtAnyMomentNothingIsLostOrDoneTwice(t *testing.T) {
	binary := built(t)
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			world, log := startWorld(t)
			s := newProcess(t, binary, fresh(t), world, func(c *config) { c.SMS.URL = log.watch(t, c.SMS.URL) })
			people := crowd(t, s, world, 48)
			killWhile(t, s, people, killsFrom(t, 100))
			c := checker{T: t, service: s, world: world, people: people, sms: log}
			c.settle()
			c.everything(exactlyOnce)
		})
	}
}

// TestS20_KilledWhilePartiesMisbehave adds parties that repeat, dawdle, fail and fall silent. A removal may be taken back
// then, but never half way, and never twice.
func TestS20_KilledWhilePartiesMisbehave(t *testing.T) {
	binary := built(t)
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			world, log := startWorld(t)
			s := newProcess(t, binary, fresh(t), world, func(c *config) { c.SMS.URL = log.watch(t, c.SMS.URL) })
			for party, fault := range map[string]sandbox.Fault{
				sandbox.QQWallet:    {Mode: sandbox.FaultRepeat},
				sandbox.Game:        {Mode: sandbox.FaultSlow, Op: "commit", MS: 200},
				sandbox.WeChatPay:   {Mode: sandbox.FaultError, Op: "commit", Times: 12},
				sandbox.MiniProgram: {Mode: sandbox.FaultSilent, Op: "verify", Times: 2},
				sandbox.FileHelper:  {Mode: sandbox.FaultRefuse, Op: "prepare", Times: 3},
			} {
				misbehave(t, world, party, fault)
			}
			people := crowd(t, s, world, 12)
			killWhile(t, s, people, killsFrom(t, 100)/5)
			c := checker{T: t, service: s, world: world, people: people, sms: log}
			c.settle()
			c.everything(atMostOnce)
		})
	}
}

func killsFrom(t *testing.T, otherwise int) int {
	t.Helper()
	text := os.Getenv("JIELING_TEST_KILLS")
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("JIELING_TEST_KILLS is %q; it must be a number, at least 1", text)
	}
	return n
}

// startWorld starts the outside, which no kill reaches, and what will see the messages that leave.
func startWorld(t *testing.T) (*sandbox.World, *messages) {
	t.Helper()
	world, err := sandbox.Start(t.Context(), sandbox.Config{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	return world, &messages{codes: map[string]int{}}
}

func misbehave(t *testing.T, world *sandbox.World, party string, f sandbox.Fault) {
	t.Helper()
	body, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Post(world.URL(party)+"/_fault", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s does not take the fault: %s", party, answer.Status)
	}
}

// messages stands between the service and the SMS gateway and counts the codes that were sent to each number.
type messages struct {
	mu    sync.Mutex
	codes map[string]int
}

// watch gives the address at which messages are seen on their way to a gateway.
func (m *messages) watch(t *testing.T, gateway string) string {
	t.Helper()
	to, err := url.Parse(gateway)
	if err != nil {
		t.Fatal(err)
	}
	on := &httputil.ReverseProxy{
		Rewrite:  func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host }, // the signature covers the host
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),                 // senders are killed at work
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		m.note(body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		on.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func (m *messages) note(body []byte) {
	var sent struct {
		PhoneNumberSet   []string
		TemplateParamSet []string
	}
	if json.Unmarshal(body, &sent) != nil || len(sent.TemplateParamSet) != 2 { // a notice has one parameter, a code two
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, number := range sent.PhoneNumberSet {
		m.codes[number]++
	}
}

// longestLife is how long the service lives at most before it is killed: on this machine long enough to check the PINs of all who ask at
// a time, or they would be shut out.
func longestLife(t *testing.T) time.Duration {
	t.Helper()
	ring, err := keyring.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	check := time.Second / crowdWidth
	for range 5 { // the quickest of some: a machine has its moments
		begun := time.Now()
		if _, err := ring.HashSecret(t.Context(), keyring.Place{Owner: "crowd", Field: "pin"}, crowdPIN); err != nil {
			t.Fatal(err)
		}
		check = min(check, time.Since(begun))
	}
	return max(280*time.Millisecond, 3*crowdWidth*check)
}

// killWhile lets the crowd walk, a few at a time, and kills the service at random moments of its life all the while. It
// returns when the kills are over and everybody has arrived.
func killWhile(t *testing.T, s *process, people []*walker, kills int) {
	t.Helper()
	seed, longest := uint64(time.Now().UnixNano()), longestLife(t)
	t.Logf("%d kills within %s each, seed %d", kills, longest, seed)
	random := rand.New(rand.NewPCG(seed, 0))
	ctx, cancel := context.WithTimeoutCause(t.Context(), 15*time.Minute, errors.New("a quarter of an hour is over"))
	defer cancel()
	lives := make([]chan struct{}, kills+1) // closed when that life begins
	for i := range lives {
		lives[i] = make(chan struct{})
	}
	done := make(chan error, 1)
	go func() {
		done <- all(ctx, people, func(ctx context.Context, i int) error {
			select {
			case <-lives[i*kills/len(people)]: // the last ones begin shortly before the last kill
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
	}()
	for n := range kills {
		s.start()
		close(lives[n])
		if err := pause(ctx, 20*time.Millisecond+time.Duration(random.Int64N(int64(longest)))); err != nil {
			t.Fatal(err)
		}
		s.kill()
	}
	s.start()
	close(lives[kills])
	if err := <-done; err != nil {
		t.Fatalf("%v\nthe service said last:\n%s", err, s.tail())
	}
}

// checker looks at every side of what a crowd did.
type checker struct {
	*testing.T
	service *process
	world   *sandbox.World
	people  []*walker
	sms     *messages
	store   store.Store
}

// settle waits until nothing is due any more but what time or a provider brings, and stops the service.
func (c *checker) settle() {
	c.Helper()
	st := c.service.open()
	ctx, cancel := context.WithTimeout(c.Context(), 5*time.Minute)
	defer cancel()
	for {
		due, err := st.Effects(ctx, "", jieling.EffectDue, 1000)
		if err != nil {
			c.Fatal(err)
		}
		left := hanging(due)
		if len(left) == 0 {
			break
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			c.Fatalf("%d effects are still due, the first: %s %s for %s, attempt %d, %q", len(left), left[0].Kind, left[0].Key, left[0].Target, left[0].Attempt, left[0].LastErr)
		}
	}
	if err := st.Close(); err != nil {
		c.Error(err)
	}
	c.service.stop()
}

// hanging are the effects that a settled service has none of: those that do not wait for a day to come.
func hanging(due []jieling.Effect) (left []jieling.Effect) {
	for _, e := range due {
		if e.Kind != jieling.EffectTimer && e.Kind != jieling.EffectProbe {
			left = append(left, e)
		}
	}
	return left
}

// everything looks at every person's case, account and history, at the ledgers, the messages and the audit log.
func (c *checker) everything(ledgers func(*testing.T, jieling.Case, string, tally)) {
	c.Helper()
	c.store = c.service.open()
	defer c.store.Close()
	book := c.ledgers()
	ends := map[jieling.Stage]int{}
	for _, w := range c.people {
		row := c.row(w)
		ends[row.Stage]++
		for _, p := range sandbox.Participants() {
			ledgers(c.T, row, p, book[p][string(w.id)])
		}
	}
	c.Logf("ended: %v", ends)
	if shut := ends[jieling.StageCancelled]; shut > len(c.people)/4 {
		c.Errorf("%d of %d people used up their guesses by kills; too few are left for the test to mean anything", shut, len(c.people))
	}
	c.codes()
	c.audit()
}

// row reads one person's case, folds its history, and checks it against the account.
func (c *checker) row(w *walker) jieling.Case {
	c.Helper()
	s, err := c.store.Load(c.Context(), store.Need{Case: jieling.CaseID(w.id), With: store.Removed})
	if err != nil || s.Case == nil || s.Account == nil {
		c.Fatalf("%s: the acknowledged case %s is not there: %v", w.name, w.id, err)
	}
	events, err := c.store.Events(c.Context(), s.Case.ID, 0)
	if err != nil {
		c.Fatal(err)
	}
	folded, err := casework.Replay(events)
	if err != nil {
		c.Errorf("%s: %v", w.name, err)
	}
	if diff := cmp.Diff(*s.Case, folded, cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(0)); diff != "" {
		c.Errorf("%s: the history does not fold to the row (-row +history):\n%s", w.name, diff)
	}
	usable := 0
	for _, b := range s.Bindings {
		if b.Usable() {
			usable++
		}
		if gone := b.State == jieling.BindingRemoved; b.ID == s.Case.Binding && gone != (s.Case.Stage == jieling.StageGuarded || s.Case.Stage == jieling.StageClosed) {
			c.Errorf("%s: the case is %s and the binding %s", w.name, s.Case.Stage, b.State)
		}
	}
	if usable < 1 || usable != s.Account.WaysIn {
		c.Errorf("%s: %d usable ways in, %d counted", w.name, usable, s.Account.WaysIn)
	}
	return *s.Case
}

// tally counts what a participant really did in one case.
type tally map[client.Op]int

// ledgers reads what every participant did, by participant and case.
func (c *checker) ledgers() map[string]map[string]tally {
	c.Helper()
	book := map[string]map[string]tally{}
	for _, p := range sandbox.Participants() {
		var rows []client.LedgerEntry
		if err := getJSON(c.Context(), c.world.URL(p)+"/_ledger", &rows); err != nil {
			c.Fatal(err)
		}
		book[p] = map[string]tally{}
		for _, row := range rows {
			if book[p][row.Case] == nil {
				book[p][row.Case] = tally{}
			}
			book[p][row.Case][row.Op] += row.Applied
		}
	}
	return book
}

// exactlyOnce: with parties that do their part every removal is carried out, once.
func exactlyOnce(t *testing.T, c jieling.Case, participant string, did tally) {
	t.Helper()
	want := tally{client.OpPrepare: 1, client.OpCommit: 1}
	if c.Stage == jieling.StageCancelled {
		want = nil
	} else if c.Stage != jieling.StageGuarded {
		t.Errorf("%s ended %s", c.ID, c.Stage)
	}
	for _, op := range []client.Op{client.OpPrepare, client.OpCommit, client.OpCompensate, client.OpCleanup} {
		if did[op] != want[op] {
			t.Errorf("%s: %s applied %s %d times, want %d", c.ID, participant, op, did[op], want[op])
		}
	}
}

// atMostOnce: whatever parties do, no step is applied twice, nothing is put back that was not taken, and a participant that
// is said to be verified did it.
func atMostOnce(t *testing.T, c jieling.Case, participant string, did tally) {
	t.Helper()
	for op, n := range did {
		if n > 1 {
			t.Errorf("%s: %s applied %s %d times", c.ID, participant, op, n)
		}
	}
	if did[client.OpCompensate] > did[client.OpCommit] {
		t.Errorf("%s: %s put back what it had not taken", c.ID, participant)
	}
	for _, l := range c.Legs {
		if l.Participant == participant && l.State == jieling.LegVerified && did[client.OpCommit] != 1 {
			t.Errorf("%s: %s is verified and applied its commit %d times", c.ID, participant, did[client.OpCommit])
		}
	}
	if c.Stage == jieling.StageCompensated && did[client.OpCommit] != did[client.OpCompensate] {
		t.Errorf("%s was taken back, and %s committed %d times and compensated %d times", c.ID, participant, did[client.OpCommit], did[client.OpCompensate])
	}
}

// codes checks that codes went to the numbers that asked for one and nowhere else (S11).
func (c *checker) codes() {
	c.Helper()
	c.sms.mu.Lock()
	defer c.sms.mu.Unlock()
	for _, w := range c.people {
		if asked, got := !w.bound, c.sms.codes[w.phone] > 0; asked != got {
			c.Errorf("%s: asked for a code: %t; one was sent to their number: %t", w.name, asked, got)
		}
		delete(c.sms.codes, w.phone)
	}
	if len(c.sms.codes) > 0 {
		c.Errorf("codes were sent to %d numbers of nobody", len(c.sms.codes))
	}
}

// audit has the command verify the log, as an operator would.
func (c *checker) audit() {
	c.Helper()
	out, err := exec.CommandContext(c.Context(), c.service.binary, "audit", "verify", "--db", c.service.config.DB, "--keys", c.service.config.Keys).CombinedOutput()
	if err != nil {
		c.Errorf("audit verify: %v\n%s", err, out)
	}
}
