package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/jieling-id/jieling"
)

// Refused is the outcome of a case that was allowed and would be refused: a [Change] that is told apart from asking for more.
const Refused = "refused"

// Outcomes lists what can come of a case, in the order in which people should look: whoever would be asked for less first.
var Outcomes = [...]string{string(Less), Refused, string(More), string(Other), string(Unjudged), string(Same)}

// Choice is which of the cases that would change to list: a page of them.
type Choice struct {
	Outcome string         // one of [Outcomes]; empty: every change
	Rules   string         // the rules behind it, as [Group] has them; empty: whichever
	After   jieling.CaseID // the last case of the page before; empty: from the beginning
	Size    int            // at most
}

// Group is how many cases have one outcome through the same rules.
type Group struct {
	Outcome string `json:"outcome"`
	Rules   string `json:"rules"` // IDs, with spaces between; empty where no rule is behind it
	Cases   int    `json:"cases"`
}

// Tried is one case with what would come of it.
type Tried struct {
	Case      jieling.CaseID
	Situation Situation
	Outcome   string
	Before    jieling.Decision
	Trial     Trial
}

// Tally counts what a pack does to cases that were decided before, one after another, and keeps the page that was chosen: its size does
// not grow with theirs. The zero Tally with a Choice is ready for use.
type Tally struct {
	Choice
	Cases  int
	Totals map[string]int // by outcome
	Page   []Tried        // in the order in which they came
	Next   jieling.CaseID // what to list after; empty: there is no more
	groups map[Group]int
	past   bool // the case that the page comes after
}

// Add counts a case.
func (t *Tally) Add(id jieling.CaseID, s Situation, before jieling.Decision, trial Trial) {
	if t.Totals == nil {
		t.Totals, t.groups = map[string]int{}, map[Group]int{}
	}
	outcome := string(trial.Change)
	if trial.Change == More && before.Allowed() && !trial.After.Allowed() {
		outcome = Refused
	}
	t.Cases++
	t.Totals[outcome]++
	if trial.Change == Same {
		return
	}
	rules := strings.Join(trial.Rules, " ")
	t.groups[Group{Outcome: outcome, Rules: rules}]++
	if t.Outcome != "" && t.Outcome != outcome || t.Rules != "" && t.Rules != rules {
		return
	}
	switch {
	case t.After != "" && !t.past:
		t.past = id == t.After
	case len(t.Page) < t.Size:
		t.Page = append(t.Page, Tried{Case: id, Situation: s, Outcome: outcome, Before: before, Trial: trial})
	case t.Size > 0:
		t.Next = t.Page[t.Size-1].Case
	}
}

// Lost reports that the case to list after was not among those that were counted: the page is empty for want of a beginning.
func (t *Tally) Lost() bool { return t.After != "" && !t.past }

// Groups lists the counts by outcome and rules: the outcomes in their order, and of each the largest group first.
func (t *Tally) Groups() []Group {
	out := make([]Group, 0, len(t.groups))
	for g, n := range t.groups {
		g.Cases = n
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(slices.Index(Outcomes[:], a.Outcome)-slices.Index(Outcomes[:], b.Outcome), b.Cases-a.Cases, cmp.Compare(a.Rules, b.Rules))
	})
	return out
}
