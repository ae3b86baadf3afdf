package postgres

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// Reviews lists what waits for staff.
func (s *Store) Reviews(ctx context.Context, after jieling.ChallengeID, limit int) ([]jieling.Review, error) {
	var out []jieling.Review
	err := s.query(ctx, "list reviews", reviews(func(r jieling.Review) { out = append(out, r) }), "list_reviews", string(after), limit)
	return out, err
}

// Evidence reads one image.
func (s *Store) Evidence(ctx context.Context, ch jieling.ChallengeID, n int) ([]byte, error) {
	return one(ctx, s, "read evidence", func(content *[]byte) []any { return []any{content} }, "read_evidence", string(ch), int64(n))
}

// reviews scans the bodies of reviews.
func reviews(take func(jieling.Review)) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			var body []byte
			var r jieling.Review
			if err := rows.Scan(&body); err != nil {
				return err
			}
			if err := json.Unmarshal(body, &r); err != nil {
				return err
			}
			take(r)
		}
		return rows.Err()
	}
}

// queueReviews reads the reviews of the cases that are located.
func (v *view) queueReviews(batch *pgx.Batch, w wanted) {
	if w.with&store.Reviews == 0 {
		return
	}
	v.reviews = map[jieling.CaseID][]jieling.Review{}
	batch.Queue("read_reviews", w.challenges, w.cases).Query(reviews(func(r jieling.Review) { v.reviews[r.Case] = append(v.reviews[r.Case], r) }))
}

// review fills in those of the located case, and the one of the located challenge.
func (v *view) review(sn *store.Snapshot) {
	if sn.Case == nil {
		return
	}
	sn.Reviews = v.reviews[sn.Case.ID]
	for i, r := range sn.Reviews {
		if sn.Challenge != nil && r.Challenge == sn.Challenge.ID {
			own := sn.Reviews[i]
			sn.Review = &own
		}
	}
}

// addReviews gathers reviews, and what was handed in for one.
func (w *writing) addReviews(account jieling.AccountID, ch store.Change) error {
	for _, r := range ch.Reviews {
		body, err := json.Marshal(r)
		if err != nil {
			return err
		}
		w.reviews.add(string(r.Account), string(r.Challenge), string(r.Case), string(r.State), r.DueAt, body)
	}
	if ch.Erase == "" {
		return nil
	}
	w.erased.add(string(ch.Erase))
	for n, content := range ch.Evidence {
		w.evidence.add(string(ch.Erase), int64(n), string(account), content)
	}
	return nil
}
