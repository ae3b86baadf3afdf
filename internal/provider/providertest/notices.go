package providertest

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/provider"
)

// At is when the exam of notices takes place.
var At = time.Unix(1700000000, 0).UTC()

// NoticeExam describes to the examiner how a provider tells of its own accord.
type NoticeExam struct {
	// Listener is set up, and its clock stands at At. Deaf is one that nothing is set up for; nil where there is no such thing.
	Listener, Deaf provider.Listener
	// Sign makes the call with which the provider sends a message at a moment.
	Sign func(t *testing.T, message string, at time.Time) provider.Call
	// Good has messages by name with the notice each is; nil is one that says nothing about a login. IDs are not compared with these.
	Good map[string]Told
	// Reply is what the provider wants to read.
	Reply provider.Reply
	// Foreign has messages that are signed and for somebody else, Unreadable such as cannot be read.
	Foreign, Unreadable map[string]string
	// Check makes the call by which the provider checks the address, with the answer it wants; nil where it does not.
	Check func(t *testing.T, at time.Time) (provider.Call, string)
	// Tampered has ways to change a call after it was signed, beside those that are tried with every provider.
	Tampered map[string]func(*provider.Call)
	// Horizon is how old a message may be; zero means [provider.MaxAge].
	Horizon time.Duration
}

// Told is a message and what it says.
type Told struct {
	Message string
	Notice  *jieling.ProviderNotice
}

// Says is a message and what it says; nil is nothing about a login.
func Says(message string, n *jieling.ProviderNotice) Told { return Told{Message: message, Notice: n} }

// Notices holds the exam.
func (e NoticeExam) Notices(t *testing.T) {
	t.Run("what is said is heard", e.heard)
	t.Run("a notice has its own name, and the same one the same", e.named)
	t.Run("S5: what is for somebody else is refused", e.foreign)
	t.Run("S30: what is not signed says nothing", e.forged)
	t.Run("S30: what cannot be read says nothing", e.unreadable)
	t.Run("what is old is refused", e.stale)
	t.Run("the address is checked", e.checked)
	t.Run("nothing is heard where nothing is set up", e.deaf)
}

func (e NoticeExam) hear(t *testing.T, message string) (provider.Heard, error) {
	t.Helper()
	return e.Listener.Hear(t.Context(), e.Sign(t, message, At))
}

func (e NoticeExam) heard(t *testing.T) {
	for name, good := range e.Good {
		got, err := e.hear(t, good.Message)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := provider.Heard{Other: 1, Reply: e.Reply}
		if good.Notice != nil {
			want.Other, want.Notices = 0, []jieling.ProviderNotice{*good.Notice}
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(jieling.ProviderNotice{}, "ID")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func (e NoticeExam) named(t *testing.T) {
	seen := map[string]string{}
	for name, good := range e.Good {
		if good.Notice == nil {
			continue
		}
		first, err1 := e.hear(t, good.Message)
		again, err2 := e.Listener.Hear(t.Context(), e.Sign(t, good.Message, At.Add(20*time.Second))) // sent anew, as when it is tried again
		if err1 != nil || err2 != nil {
			t.Fatalf("%s: %v, %v", name, err1, err2)
		}
		id := first.Notices[0].ID
		if id == "" || len(id) > 256 || id != again.Notices[0].ID || seen[id] != "" {
			t.Errorf("%s is named %q, then %q; %q had the name before", name, id, again.Notices[0].ID, seen[id])
		}
		seen[id] = name
	}
}

// refused expects that nothing is heard.
func refused(t *testing.T, what string, l provider.Listener, call provider.Call, code jieling.Code) {
	t.Helper()
	got, err := l.Hear(t.Context(), call)
	if jieling.CodeOf(err) != code || len(got.Notices) > 0 || got.Reply.Status/100 == 2 {
		t.Errorf("%s: %v, %d notices, answered %d; want %s", what, err, len(got.Notices), got.Reply.Status, code)
	}
}

func (e NoticeExam) foreign(t *testing.T) {
	for name, message := range e.Foreign {
		refused(t, name, e.Listener, e.Sign(t, message, At), jieling.CodeSignature)
	}
}

func (e NoticeExam) unreadable(t *testing.T) {
	for name, message := range e.Unreadable {
		refused(t, name, e.Listener, e.Sign(t, message, At), jieling.CodeInvalid)
	}
}

// any of the good ones that says something.
func (e NoticeExam) any() string {
	for _, name := range slices.Sorted(maps.Keys(e.Good)) {
		if e.Good[name].Notice != nil {
			return e.Good[name].Message
		}
	}
	return ""
}

func (e NoticeExam) forged(t *testing.T) {
	ways := map[string]func(*provider.Call){
		"an empty body": func(c *provider.Call) { c.Body = nil },
		"nothing but the body": func(c *provider.Call) {
			c.Query, c.Header = url.Values{}, http.Header{"Content-Type": c.Header["Content-Type"]}
			c.Body = []byte(strings.ReplaceAll(string(c.Body), ".", ""))
		},
	}
	maps.Copy(ways, e.Tampered)
	for name, change := range ways {
		call := e.Sign(t, e.any(), At)
		change(&call)
		got, err := e.Listener.Hear(t.Context(), call)
		if code := jieling.CodeOf(err); code != jieling.CodeSignature && code != jieling.CodeInvalid || len(got.Notices) > 0 || got.Reply.Status/100 == 2 {
			t.Errorf("%s: %v, %d notices, answered %d", name, err, len(got.Notices), got.Reply.Status)
		}
	}
	whole := e.Sign(t, e.any(), At)
	said, err := e.Listener.Hear(t.Context(), whole)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for i := 0; i < len(whole.Body); i += max(1, len(whole.Body)/40) {
		call := e.Sign(t, e.any(), At)
		call.Body[i] ^= 1
		switch got, err := e.Listener.Hear(t.Context(), call); {
		case err != nil:
			refused++
		case !cmp.Equal(said, got): // a byte beside what is signed may be any
			t.Errorf("byte %d of %d changed: %+v", i, len(whole.Body), got)
		}
	}
	if refused < 25 {
		t.Errorf("%d of some 40 changed bytes were refused", refused)
	}
}

func (e NoticeExam) stale(t *testing.T) {
	for what, by := range map[string]time.Duration{"old": -max(provider.MaxAge, e.Horizon) - time.Second, "of the future": provider.MaxAge + time.Second} {
		refused(t, what, e.Listener, e.Sign(t, e.any(), At.Add(by)), jieling.CodeSignature)
	}
}

func (e NoticeExam) checked(t *testing.T) {
	if e.Check == nil {
		refused(t, "a GET", e.Listener, provider.Call{Method: http.MethodGet, Query: url.Values{}, Header: http.Header{}}, jieling.CodeSignature)
		return
	}
	call, want := e.Check(t, At)
	if got, err := e.Listener.Hear(t.Context(), call); err != nil || string(got.Reply.Body) != want || got.Reply.Status != http.StatusOK || len(got.Notices) > 0 {
		t.Errorf("%q, %v", got.Reply.Body, err)
	}
	for key := range call.Query {
		changed := call
		changed.Query = maps.Clone(call.Query)
		changed.Query.Set(key, "x"+call.Query.Get(key))
		if got, err := e.Listener.Hear(t.Context(), changed); err == nil && string(got.Reply.Body) == want {
			t.Errorf("%s changed, and it is answered", key)
		}
	}
	old, _ := e.Check(t, At.Add(-provider.MaxAge-time.Second))
	refused(t, "an old check", e.Listener, old, jieling.CodeSignature)
}

func (e NoticeExam) deaf(t *testing.T) {
	if !e.Listener.Listens() {
		t.Error("it is set up and listens to nothing")
	}
	if e.Deaf == nil {
		return
	}
	if e.Deaf.Listens() {
		t.Error("nothing is set up and it listens")
	}
	refused(t, "nothing is set up", e.Deaf, e.Sign(t, e.any(), At), jieling.CodeSignature)
}
