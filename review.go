package jieling

import "time"

// ReviewState says where a review stands.
type ReviewState string

// The states of a review. Only the first can be decided; a person who hands in again leads back to it from the second and third.
const (
	ReviewWaiting   ReviewState = "waiting"   // lies with staff
	ReviewAsked     ReviewState = "asked"     // staff asked the person for more
	ReviewRefused   ReviewState = "refused"   //
	ReviewPassed    ReviewState = "passed"    //
	ReviewWithdrawn ReviewState = "withdrawn" // the person took it back
	ReviewVoid      ReviewState = "void"      // nobody decided in time, or its case went on or ended without it
)

// ReviewStates lists the closed list above.
var ReviewStates = [...]ReviewState{ReviewWaiting, ReviewAsked, ReviewRefused, ReviewPassed, ReviewWithdrawn, ReviewVoid}

// Review (人工审核) is what staff make of a challenge of the factor document_review or video_interview. It has the challenge's ID.
// What the person handed in is kept apart, sealed and for a short time; here is only its hash.
type Review struct {
	Challenge ChallengeID `json:"challenge"`
	Account   AccountID   `json:"account"`
	Case      CaseID      `json:"case"`
	Factor    Factor      `json:"factor"`
	State     ReviewState `json:"state"`

	Evidence    [32]byte  `json:"evidence"`         // of everything handed in: a decision is about this and nothing else
	Images      []Image   `json:"images,omitempty"` // what there is to look at; empty once it was deleted
	Consent     string    `json:"consent"`          // the version of the text the person agreed to (PIPL 29)
	ConsentAt   time.Time `json:"consent_at"`       //
	Lang        string    `json:"lang"`             // the person's: "zh-CN" or "en"
	SubmittedAt time.Time `json:"submitted_at"`     //
	DueAt       time.Time `json:"due_at"`           //
	DecidedAt   time.Time `json:"decided_at,omitzero"`
	ErasedAt    time.Time `json:"erased_at,omitzero"` // when the evidence was deleted

	Scenario Scenario `json:"scenario"`
	Risk     Level    `json:"risk"`
	FourEyes bool     `json:"four_eyes"` // two reviewers must agree

	Holder    string    `json:"holder,omitempty"` // the member of staff who has it
	HeldUntil time.Time `json:"held_until,omitzero"`
	Votes     []Vote    `json:"votes,omitempty"` // about Evidence

	Slots   []time.Time `json:"slots,omitempty"` // when the person has time for an interview
	MeetAt  time.Time   `json:"meet_at,omitzero"`
	Meeting string      `json:"meeting,omitempty"` // its address, https
}

// Held reports that somebody has the review at this moment.
func (r Review) Held(now time.Time) bool { return r.Holder != "" && now.Before(r.HeldUntil) }

// Image is one picture handed in, without its content.
type Image struct {
	Type string `json:"type"` // image/jpeg, image/png or image/webp
	Size int    `json:"size"` // bytes
}

// Verdict is what a member of staff decides.
type Verdict string

// The verdicts.
const (
	Pass       Verdict = "pass"
	Refusal    Verdict = "refuse"
	AskForMore Verdict = "ask_for_more"
)

// Vote is one member's verdict. Note is for colleagues, sealed: the person never reads it.
type Vote struct {
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Verdict Verdict   `json:"verdict"`
	Reason  string    `json:"reason,omitempty"` // of the closed list that package casework words
	Note    []byte    `json:"note,omitempty"`
}
