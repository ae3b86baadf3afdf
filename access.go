package jieling

import (
	"slices"
	"time"
)

// Access (谁能进入) says who could get into an account before, during and after a removal, what would lock its owner out, and
// what would help. It rests on assumptions about how logins are recovered elsewhere, which Template and Assumes name.
type Access struct {
	Template  string     `json:"template"` // name@version of the assumptions
	Exposure  []Exposure `json:"exposure"` // one for every attacker profile that concerns this account
	Lockout   []Lockout  `json:"lockout"`  // one for every loss that does
	Before    Standing   `json:"before"`
	After     Standing   `json:"after"`
	Repair    *Repair    `json:"repair,omitempty"`     // nil: nothing is needed, or nothing known would help
	Note      Text       `json:"note,omitzero"`        // what people are told about the rest
	Assumes   []Text     `json:"assumes"`              // what was taken for true about the providers
	Stale     []Text     `json:"stale,omitempty"`      // logins that were not proven for too long to count as a way back
	LeftOut   int        `json:"left_out,omitempty"`   // logins that were too many to look at: none of them counts as a way back
	MustWaive []string   `json:"must_waive,omitempty"` // required losses that would lock the owner out afterwards (S14)
}

// Standing is how an account stands at one time.
type Standing struct {
	// Tolerates is how many losses at once, whichever they are, its owner survives: 0, 1 or 2 (two and more); -1 where the
	// owner cannot get in with nothing lost.
	Tolerates int     `json:"tolerates"`
	Attack    *Attack `json:"attack,omitempty"` // nil: no four things would be enough
}

// Exposure (被盗风险面) is one attacker profile, and whether it gets in.
type Exposure struct {
	Name   string `json:"name"`
	Title  Text   `json:"title"`
	Before bool   `json:"before"`
	During bool   `json:"during"` // after the removal, until every clean-up is confirmed
	After  bool   `json:"after"`
	Via    Text   `json:"via,omitzero"` // the last thing on the way in, afterwards where that is open, else before
	Text   Text   `json:"text"`         // the same in one sentence
}

// Lockout (失联) is one loss, and whether it locks the owner out.
type Lockout struct {
	Name     string `json:"name"`
	Title    Text   `json:"title"`
	Before   bool   `json:"before"` // locked out by it now
	After    bool   `json:"after"`
	Required bool   `json:"required,omitempty"` // an account must survive it, or its owner must say that they know (S14)
	Via      Text   `json:"via,omitzero"`       // how the owner would come back afterwards
	Text     Text   `json:"text"`
}

// Attack is the easiest set of things that gets somebody in who takes all of them.
type Attack struct {
	Takes []Text `json:"takes"`
	Cost  int    `json:"cost"` // how hard that is: the sum of 1 (easy) to 9 for each
	Text  Text   `json:"text"`
}

// Repair is the least the owner could add to be safe.
type Repair struct {
	Adds   []string `json:"adds"`             // by name
	Saves  []string `json:"saves"`            // losses that no longer lock the owner out
	Opens  []string `json:"opens,omitempty"`  // attackers it would let in
	Leaves []string `json:"leaves,omitempty"` // losses that still would: nothing known helps against them
	Text   Text     `json:"text"`
}

// Waiver (自愿承担) is the owner's signed word that they know what could lock them out and go on (S14). It holds for the losses
// it names, under the assumptions it was given under, and dies with a freeze.
type Waiver struct {
	Losses   []string  `json:"losses"` // by name
	Reason   string    `json:"reason"` // the owner's own words, 1..256 characters
	Template string    `json:"template"`
	At       time.Time `json:"at"`
}

// Covers reports that a waiver was given for this loss under these assumptions. No waiver covers nothing.
func (w *Waiver) Covers(loss, template string) bool {
	return w != nil && w.Template == template && slices.Contains(w.Losses, loss)
}
