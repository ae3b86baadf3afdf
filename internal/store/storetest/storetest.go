// Package storetest is the one exam every store sits: what package store promises, as tests that fail when it is not kept.
// A store calls [Run] from its own tests, and [Bench] from its benchmarks; nothing else may import this package.
//
// The tests are named after the invariant they prove (S14, S23…) and act as the engine does: a verb is a Need and a pure
// decide. They judge only by what the contract lets one see, so they hold for every store alike, and where one proves that
// something is refused it also proves that nothing was written. Nothing here sleeps: a lease is left to lapse by asking
// again until it has.
package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// Open makes a store that is empty, migrated and nobody else's, and closes it by t.Cleanup.
type Open func(t *testing.T) store.Store

// Run sits the whole exam, each test with a store of its own. With -short the crowds are a tenth of their size.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, test := range tests() {
		t.Run(test.name, func(t *testing.T) { test.run(exam{t, open(t)}) })
	}
}

type test struct {
	name string
	run  func(exam)
}

func tests() []test {
	return []test{
		{"Rows/every_field_comes_back", everyField},
		{"Rows/a_replaced_row_holds_nothing_of_the_old_one", replacedWhole},
		{"Rows/optional_fields_stay_empty", optionalFields},
		{"Rows/unicode_and_limits", unicodeAndLimits},
		{"Rows/times_are_UTC_microseconds", timesAreUTC},
		{"Rows/closed_lists_are_checked_by_the_schema", closedLists},
		{"Rows/missing_is_nil_or_not_found", missing},
		{"Need/each_key_locates_the_account", needLocates},
		{"Need/parts_are_filtered", needParts},
		{"Need/another_accounts_rows_are_not_loaded", needForeign},
		{"Listing/accounts_cases_events_keys", listings},
		{"S7/one_live_binding_per_identity", identityIsUnique},
		{"S7/named_is_not_bound", namedIsNotBound},
		{"S7/bound_again_after_removal_with_a_new_id", identityAgain},
		{"S8/a_challenge_passes_once", passesOnce},
		{"S8/a_ticket_is_used_once", ticketOnce},
		{"S9/sessions_end_with_their_binding_or_all", sessionsEnd},
		{"S9/live_sessions_are_listed", sessionsListed},
		{"SignIns/the_history_is_bounded_and_never_changed", signInsBounded},
		{"S13/nothing_is_removed_after_a_freeze", freezeWins},
		{"S14/never_zero_ways_in", neverZero},
		{"S14/the_schema_stops_a_naive_decide", naiveIsStopped},
		{"S14/the_guard_itself", guardItself},
		{"S14/what_a_provider_takes_is_written_down", providerTakes},
		{"S20/an_effects_key_is_unique", effectKey},
		{"S20/never_two_holders_of_one_effect", oneHolder},
		{"S20/not_before_its_time", notBeforeItsTime},
		{"S23/a_replay_gives_the_first_answer", replays},
		{"S23/parallel_requests_of_one_key_act_once", replaysInParallel},
		{"S24/every_account_row_brings_its_audit_row", auditAlways},
		{"S24/chains_and_log_agree", chainsAndLog},
		{"S24/an_accounts_rows_read_backwards", auditTail},
		{"S24/a_failed_growth_appends_nothing", growthFails},
		{"S25/events_have_no_gaps", eventsWithoutGaps},
		{"S25/the_feed_is_the_log_in_its_order", feedIsTheLog},
		{"S25/of_many_who_read_on_one_writes", oneReadsOn},
		{"S25/an_account_is_told_in_order", anAccountInOrder},
		{"S26/guesses_stay_within_the_limit", guessesWithinLimit},
		{"S26/guesses_at_a_sign_in_are_reserved", staffGuesses},
		{"Reviews/the_queue_is_in_order_and_in_pages", reviewQueue},
		{"Reviews/evidence_is_replaced_and_erased_whole", evidenceErased},
		{"Reviews/evidence_comes_and_goes_with_an_audit_row", evidenceAudited},
		{"Staff/every_field_comes_back", staffComeBack},
		{"Staff/versions_follow_and_names_are_unique", staffVersions},
		{"Staff/the_schema_knows_its_words", staffSchema},
		{"Organisations/every_field_comes_back", organisationsComeBack},
		{"Organisations/members_and_what_they_ask_are_listed", membersListed},
		{"Organisations/the_schema_knows_its_words", organisationSchema},
		{"S29/a_stale_report_is_refused", staleReport},
		{"S29/a_stale_settlement_is_refused", staleSettlement},
		{"Receivers/every_field_comes_back", receiversComeBack},
		{"Receivers/versions_follow_and_a_key_has_one_stream", receiverVersions},
		{"Update/versions_that_do_not_follow_are_stale", staleVersions},
		{"Update/a_refusal_writes_nothing", refusalWritesNothing},
		{"Update/a_bad_neighbour_harms_nobody", badNeighbours},
		{"Update/a_panic_is_its_callers_alone", panics},
		{"Update/a_cancelled_request_is_not_carried_out", cancelled},
		{"Resolve/sees_a_freeze_at_once", resolveIsFresh},
		{"Resolve/tells_which_devices_may_sign_in", letIn},
		{"Unlinked/found_until_it_is_forgotten", unlinkedIsFound},
	}
}

// exam is one test with its store.
type exam struct {
	t *testing.T
	s store.Store
}

func (x exam) ctx() context.Context { return x.t.Context() }

// crowd is n, or a tenth of it in a short run.
func crowd(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}

// same compares rows as a store must give them back: nil and empty are one, times agree in their instant and are both UTC.
func same() cmp.Options {
	return cmp.Options{
		cmpopts.EquateEmpty(),
		cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) && a.Location() == b.Location() }),
	}
}

func (x exam) equal(what string, want, got any) {
	x.t.Helper()
	if diff := cmp.Diff(want, got, same()); diff != "" {
		x.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// must ends the test on an error nobody expected.
func (x exam) must(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

// load reads a snapshot or ends the test.
func (x exam) load(need store.Need) store.Snapshot {
	x.t.Helper()
	sn, err := x.s.Load(x.ctx(), need)
	x.must(err)
	return sn
}

// write carries out a verb that has nothing to decide.
func (x exam) write(need store.Need, change func(store.Snapshot) store.Change) error {
	return x.s.Update(x.ctx(), need, func(sn store.Snapshot) (store.Change, error) { return change(sn), nil })
}

// version is how many transitions an account has made.
func (x exam) version(a jieling.AccountID) int64 {
	x.t.Helper()
	sn := x.load(store.Need{Account: a})
	if sn.Account == nil {
		x.t.Fatalf("account %s is gone", a)
	}
	return sn.Account.Version
}
