package ui

import (
	"slices"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/lang"
)

// Happening is one line of a history.
type Happening struct {
	At    time.Time
	Kind  string        // the event's own name
	Said  lang.Sentence // what happened, in words
	About string        // what it was about; "" where the page is about nothing else
}

// Happenings words the events of a case that mean something to a person, oldest first. What parties answered one by one is not
// among them: it has its own list.
func Happenings(events []jieling.Event, about string) []Happening {
	var out []Happening
	for i, e := range events {
		said := lang.Event(e.Kind, e.Stage)
		if e.Kind == "frozen" && restarted(events[i:]) {
			said = lang.EventRestarted
		}
		if said != "" && (i == 0 || e.Kind != "thawed" || !restarted(events[i-1:])) {
			out = append(out, Happening{At: e.At, Kind: e.Kind, Said: said, About: about})
		}
	}
	return out
}

// restarted reports that a case was stopped and let go on in one breath: nobody froze the account, but what was proven before
// is worth nothing any more.
func restarted(events []jieling.Event) bool {
	return len(events) > 1 && events[0].Kind == "frozen" && events[1].Kind == "thawed" && events[0].At.Equal(events[1].At)
}

// course is the history of a case with the moments that are still to come.
func (v CaseView) course() []Happening {
	out := Happenings(v.History, "")
	add := func(at time.Time, kind string, said lang.Sentence) {
		if !at.IsZero() {
			out = append(out, Happening{At: at, Kind: kind, Said: said})
		}
	}
	add(v.RemovedAt, "removed", lang.EventRemoved)
	if v.Stage == jieling.StageCoolingOff {
		add(v.CommitAfter, "wait_ends", lang.EventWaitEnds)
	}
	if v.Stage == jieling.StageGuarded {
		add(v.GuardUntil, "guard_ends", lang.EventGuardEnds)
	}
	slices.SortStableFunc(out, func(a, b Happening) int { return a.At.Compare(b.At) })
	return out
}
