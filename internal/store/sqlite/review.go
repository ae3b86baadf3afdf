package sqlite

import (
	"context"
	"encoding/json"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// Reviews lists what waits for staff, by the index of the queue.
func (s *Store) Reviews(ctx context.Context, after jieling.ChallengeID, limit int) ([]jieling.Review, error) {
	if after == "" {
		return all(s, ctx, "queue", readReview, int64(limit))
	}
	return all(s, ctx, "queue after", readReview, string(after), int64(limit))
}

// Evidence reads one image.
func (s *Store) Evidence(ctx context.Context, ch jieling.ChallengeID, n int) ([]byte, error) {
	return first(s, ctx, "evidence", func(r *row) ([]byte, error) { return r.blob(), nil }, string(ch), int64(n))
}

func readReview(r *row) (out jieling.Review, err error) {
	err = json.Unmarshal([]byte(r.text()), &out)
	return out, err
}

// reviews loads the review of the located challenge and those of the located case.
func (l *loading) reviews(account jieling.AccountID) {
	if l.sn.Challenge != nil {
		l.sn.Review = pick(l, "review of challenge", readReview, string(account), string(l.sn.Challenge.ID))
	}
	if l.sn.Case != nil {
		l.sn.Reviews = gather(l, "reviews of case", readReview, string(account), string(l.sn.Case.ID))
	}
}

// reviews writes reviews, and what was handed in for one.
func (w writing) reviews(ch store.Change) error {
	for _, r := range ch.Reviews {
		body, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if err := w.c.put("review", string(r.Case), string(r.State), moment(r.DueAt), string(body), string(r.Account), string(r.Challenge)); err != nil {
			return err
		}
	}
	if ch.Erase == "" {
		return nil
	}
	if err := w.c.run("erase evidence", string(ch.Erase)); err != nil {
		return err
	}
	for n, content := range ch.Evidence {
		if err := w.c.run("add evidence", string(ch.Erase), int64(n), string(w.owner(ch)), bytes(content)); err != nil {
			return err
		}
	}
	return nil
}
