package storetest

import (
	"bytes"
	"errors"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

func newReview(c jieling.Case, ch jieling.ChallengeID) jieling.Review {
	return jieling.Review{
		Challenge: ch, Account: c.Account, Case: c.ID, Factor: jieling.DocumentReview, State: jieling.ReviewWaiting, Evidence: newHash(),
		Images: []jieling.Image{{Type: "image/png", Size: 7}}, Consent: "1", ConsentAt: at(1), Lang: "en", SubmittedAt: at(2), DueAt: at(3),
		DecidedAt: at(4), ErasedAt: at(5), Scenario: jieling.Stolen, Risk: jieling.High, FourEyes: true, Holder: "赵", HeldUntil: at(6),
		Votes: []jieling.Vote{{By: "abel", At: at(7), Verdict: jieling.Pass, Reason: "unreadable", Note: []byte{0, 0xff}}},
		Slots: []time.Time{at(8), at(9)}, MeetAt: at(10), Meeting: "https://meet.example.com/7",
	}
}

// waiting writes a case with a review that is due at a time.
func (x exam) waiting(due time.Time) jieling.Review {
	x.t.Helper()
	a := newAccount()
	c := newCase(a.ID, "bnd_1")
	c.Version = 1
	q := newChallenge(c)
	q.Factor = jieling.DocumentReview
	r := newReview(c, q.ID)
	r.DueAt = due
	ch := begin(a, "review")
	ch.Case, ch.Challenges, ch.Reviews = &c, []jieling.Challenge{q}, []jieling.Review{r}
	ch.Erase, ch.Evidence = q.ID, [][]byte{[]byte("front"), []byte("back")}
	x.must(x.write(store.Need{Account: a.ID}, func(store.Snapshot) store.Change { return ch }))
	return r
}

// reviewQueue has what waits, by when it is due, and nothing that was decided; a page goes on also after one that was decided meanwhile.
func reviewQueue(x exam) {
	late, soon, same := x.waiting(at(30)), x.waiting(at(10)), x.waiting(at(10))
	if same.Challenge < soon.Challenge {
		soon, same = same, soon
	}
	list := func(after jieling.ChallengeID, limit int) []jieling.Review {
		got, err := x.s.Reviews(x.ctx(), after, limit)
		x.must(err)
		return got
	}
	x.equal("the queue", []jieling.Review{soon, same, late}, list("", 10))
	x.equal("the first", []jieling.Review{soon}, list("", 1))
	x.equal("the next", []jieling.Review{same}, list(soon.Challenge, 1))
	soon.State = jieling.ReviewPassed
	x.must(x.write(store.Need{Challenge: soon.Challenge}, func(store.Snapshot) store.Change { return store.Change{Reviews: []jieling.Review{soon}} }))
	x.equal("without the decided one", []jieling.Review{same, late}, list("", 10))
	x.equal("after a decided one", []jieling.Review{same, late}, list(soon.Challenge, 10))
	x.equal("the end", []jieling.Review(nil), list(late.Challenge, 10))
	decided := same
	decided.State = jieling.ReviewRefused
	x.must(x.write(store.Need{Challenge: same.Challenge}, func(store.Snapshot) store.Change {
		return store.Change{Reviews: []jieling.Review{decided}}
	}))
	x.equal("after a decided one, without another", []jieling.Review{late}, list(soon.Challenge, 10))
	for _, need := range []store.Need{{Challenge: soon.Challenge, With: store.Reviews}, {Case: soon.Case, With: store.Reviews}} {
		sn := x.load(need)
		x.equal("of its case", []jieling.Review{soon}, sn.Reviews)
		if (need.Challenge != "") != (sn.Review != nil) {
			x.t.Errorf("located by %+v, the review is %+v", need, sn.Review)
		}
	}
}

// evidenceErased replaces what was handed in, then leaves nothing of it, and of nobody else's.
func evidenceErased(x exam) {
	r, other := x.waiting(at(10)), x.waiting(at(20))
	has := func(ch jieling.ChallengeID, n int, want string) {
		x.t.Helper()
		got, err := x.s.Evidence(x.ctx(), ch, n)
		if want == "" && !errors.Is(err, store.ErrNotFound) || want != "" && (err != nil || !bytes.Equal(got, []byte(want))) {
			x.t.Errorf("image %d: %q, %v; want %q", n, got, err, want)
		}
	}
	hand := func(content ...[]byte) {
		x.t.Helper()
		x.must(x.s.Update(x.ctx(), store.Need{Challenge: r.Challenge}, func(sn store.Snapshot) (store.Change, error) {
			ch := begin(*sn.Account, "review.submit")
			ch.Erase, ch.Evidence = r.Challenge, content
			return ch, nil
		}))
	}
	has(r.Challenge, 0, "front")
	has(r.Challenge, 1, "back")
	has(r.Challenge, 2, "")
	large := bytes.Repeat([]byte{0, 0xff, 7}, 3<<20)
	hand(large)
	has(r.Challenge, 0, string(large))
	has(r.Challenge, 1, "")
	hand()
	has(r.Challenge, 0, "")
	has(other.Challenge, 1, "back")
}

func evidenceAudited(x exam) {
	r := x.waiting(at(10))
	err := x.write(store.Need{Challenge: r.Challenge}, func(store.Snapshot) store.Change { return store.Change{Erase: r.Challenge} })
	if err == nil {
		x.t.Error("evidence was deleted without an audit row")
	}
	if _, err := x.s.Evidence(x.ctx(), r.Challenge, 0); err != nil {
		x.t.Errorf("and is gone: %v", err)
	}
}
