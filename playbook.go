package jieling

import (
	"slices"
	"time"
)

// Playbook (处置流程) is an ordered checklist for a special case: what is done by the service, the person, staff and third parties, and what
// waits for what (P6). A pack declares it as data; a case keeps the one it runs, with how far each step is.
type Playbook struct {
	Name     string `json:"name"`     // unique in its pack, part of the address of its page
	Rule     string `json:"rule"`     // the row it answers: P1
	Verified string `json:"verified"` // year-month-day: when it was last compared with the products it speaks of
	Title    Text   `json:"title"`
	Lead     Text   `json:"lead"`
	Steps    []Step `json:"steps"` // each after all that it waits for; exactly one of them removes the login
}

// Step (步骤) is one step of a playbook. In a pack only the first half is set; the second is how it stands in a case.
type Step struct {
	Name  string    `json:"name"` // unique in its playbook
	Who   Performer `json:"who"`
	Class StepClass `json:"class"`
	Does  StepDoes  `json:"does,omitempty"`  // of an automatic step
	Check StepCheck `json:"check,omitempty"` // how it is found out whether it is done; empty: by somebody's word
	After []string  `json:"after,omitempty"` // the steps it waits for
	Title Text      `json:"title"`
	Text  Text      `json:"text,omitzero"`
	Link  string    `json:"link,omitempty"` // where it is done
	// Takes is how long it takes at most where somebody else has to act, nanoseconds: a case does not expire before.
	Takes time.Duration `json:"takes,omitempty"`
	// Refuses lists mail domains at which no mailbox is taken for a login while the step is in force: from the case's opening to its end.
	Refuses []string `json:"refuses,omitempty"`

	State   StepState `json:"state,omitempty"`
	By      Voucher   `json:"by,omitempty"`      // who vouches that it is done
	ReadyAt time.Time `json:"ready_at,omitzero"` // when everything it waits for was there
	At      time.Time `json:"at,omitzero"`       // when it was done, declined or failed
}

// Performer says who does a step.
type Performer string

// The performers of P6.
const (
	PerformerAutomatic  Performer = "automatic"   // the service
	PerformerUser       Performer = "user"        // the person, here or in the product
	PerformerStaff      Performer = "staff"       // of the product: it says so, and the person cannot
	PerformerThirdParty Performer = "third_party" // the person or somebody else, at another product
)

// StepClass says what a step is for. Safety comes first, function second (P4).
type StepClass string

// The classes of P4.
const (
	Safety   StepClass = "safety"   // it cannot be left out
	Function StepClass = "function" // the person may knowingly leave it out
)

// StepDoes is what the service does in an automatic step.
type StepDoes string

// What automatic steps do.
const (
	DoesCloseQuickSignIn StepDoes = "close_quick_sign_in" // 关闭快捷登录: the login that goes opens nothing, others of one tap ask for more
	DoesRemove           StepDoes = "remove"              // the removal itself, with everything a case asks before it
	DoesOpenQuickSignIn  StepDoes = "open_quick_sign_in"  // ends what the first began; the end of a case does so too
)

// StepCheck is a question whose answer shows that a step is done. Each is put to whoever knows.
type StepCheck string

// The checks.
const (
	CheckGrantWithdrawn StepCheck = "grant_withdrawn" // the provider of the login that goes: does it still let us in for this person?
	CheckRegionMainland StepCheck = "region_mainland" // the account: is its region CN?
	CheckPhoneAbroad    StepCheck = "phone_abroad"    // the account: is a phone of another country code than 86 a proven way in?
	CheckWorkMailbox    StepCheck = "work_mailbox"    // the account: is none of its mailboxes at a domain the step refuses?
)

// StepState says how far a step is.
type StepState string

// The states of a step. Done and declined settle it: what waits for it may begin.
const (
	StepWaiting  StepState = "waiting" // for a step before it
	StepReady    StepState = "ready"
	StepRunning  StepState = "running" // the removal, while it is carried out
	StepDone     StepState = "done"
	StepDeclined StepState = "declined" // left out knowingly; a step of function only
	StepFailed   StepState = "failed"   // whoever should tell could not be asked, or the removal was taken back
)

// Voucher says on whose word a step counts as done. A person's word is shown as that, and never as verified.
type Voucher string

// The vouchers.
const (
	ByService  Voucher = "service"  // it did it itself
	ByProvider Voucher = "provider" // the provider was asked
	ByAccount  Voucher = "account"  // the account shows it
	ByProduct  Voucher = "staff"    // the product said so, of a step of its staff
	ByWord     Voucher = "person"   // the person said so
)

// Settled reports that what waits for the step may begin.
func (s Step) Settled() bool { return s.State == StepDone || s.State == StepDeclined }

// Open reports that somebody can do something about the step now.
func (s Step) Open() bool { return s.State == StepReady || s.State == StepFailed }

// Step finds a step by its name; nil where there is none, or no playbook.
func (p *Playbook) Step(name string) *Step {
	if p == nil {
		return nil
	}
	i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return &p.Steps[i]
}

// Does finds the step that does something; nil where there is none, or no playbook.
func (p *Playbook) Does(what StepDoes) *Step {
	if p == nil {
		return nil
	}
	i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.Does == what })
	if i < 0 {
		return nil
	}
	return &p.Steps[i]
}

// Waits reports that step waits for another one, itself or by way of others. It looks back only: a step stands after what it waits for.
func (p *Playbook) Waits(step, other string) bool {
	s := p.Step(step)
	return s != nil && (slices.Contains(s.After, other) || slices.ContainsFunc(s.After, func(a string) bool { return a != step && p.Waits(a, other) }))
}

// Refuses reports that a step refuses a mail domain, in lower case.
func (p *Playbook) Refuses(domain string) bool {
	return p != nil && slices.ContainsFunc(p.Steps, func(s Step) bool { return slices.Contains(s.Refuses, domain) })
}

// Clone is a copy that shares nothing that could be written to.
func (p *Playbook) Clone() *Playbook {
	if p == nil {
		return nil
	}
	c := *p
	c.Steps = slices.Clone(p.Steps)
	for i := range c.Steps {
		c.Steps[i].After, c.Steps[i].Refuses = slices.Clone(c.Steps[i].After), slices.Clone(c.Steps[i].Refuses)
	}
	return &c
}
