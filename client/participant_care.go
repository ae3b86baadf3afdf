package client

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Switcher is an ability a [Participant] may have besides the saga: it has switches for an account that a person should know of, and sets
// them. [Handler] offers the operations of whoever has it. Requests name the account alone: switches outlive the binding they came with.
type Switcher interface {
	// Switches lists the account's switches as they stand now, in the order a person should read them; nothing for an account this system
	// does not know. It changes nothing.
	Switches(ctx context.Context, req AccountRequest) ([]Switch, error)
	// Switch moves one switch and answers set, refused (with a reason for the person) or pending. A switch that stands where it should is
	// set already. Whether it moved is looked at afterwards, by Switches.
	Switch(ctx context.Context, req SwitchRequest) (Answer, error)
}

// Biller is an ability a [Participant] may have: it tells which recent payments of an account look odd.
type Biller interface {
	// Bills lists them, newest first; nothing for an account this system does not know. It changes nothing.
	Bills(ctx context.Context, req AccountRequest) ([]Bill, error)
}

// The operations of the abilities.
const (
	OpSwitches Op = "switches"
	OpSwitch   Op = "switch"
	OpBills    Op = "bills"
)

// StateSet is the good answer to a switch that was moved.
const StateSet State = "set"

// SwitchState is where a switch stands.
type SwitchState string

// The two of them.
const (
	SwitchOn  SwitchState = "on"
	SwitchOff SwitchState = "off"
)

// SwitchKind says what a switch is for, so that a check-up can ask for it by name.
type SwitchKind string

// The kinds, a closed list.
const (
	SwitchFindMe       SwitchKind = "find_me"       // strangers find the account by a number or a name (H1)
	SwitchPasswordFree SwitchKind = "password_free" // a service takes payments without a password (H2)
	SwitchBiometric    SwitchKind = "biometric"     // a voice, a face or a finger protects something here (H4)
	SwitchOther        SwitchKind = "other"
)

// Switch is something of an account that is on or off.
type Switch struct {
	ID     string      `json:"id"` // unique within the answer and stable between answers
	Kind   SwitchKind  `json:"kind"`
	Title  Text        `json:"title"`
	Detail Text        `json:"detail"`
	State  SwitchState `json:"state"`
	Safer  SwitchState `json:"safer"` // where it protects the account better; the other way asks its owner for more
	// OneWay says that it can be moved to its safer side here, and not back: a contract that has ended is signed anew at the merchant.
	OneWay bool `json:"one_way"`
	// Provider is the login it came with ("qq"); empty where it hangs on none.
	Provider string `json:"provider,omitempty"`
}

// Bill is a payment that looks odd.
type Bill struct {
	ID       string    `json:"id"` // unique within the answer and stable between answers
	At       time.Time `json:"at"`
	Title    Text      `json:"title"`
	Amount   int64     `json:"amount"`   // in the currency's smallest unit; what was paid is above zero
	Currency string    `json:"currency"` // ISO 4217
	Odd      Text      `json:"odd"`      // why it looks odd
}

// AccountRequest asks about an account.
type AccountRequest struct {
	Account string `json:"account"` // the product's own name for it
}

// SwitchRequest moves one switch.
type SwitchRequest struct {
	Step    string      `json:"step"` // the same in every repeat of one ask
	Account string      `json:"account"`
	Switch  string      `json:"switch"`
	To      SwitchState `json:"to"`
}

type switchList struct {
	Switches []Switch `json:"switches"`
}

type billList struct {
	Bills []Bill `json:"bills"`
}

// abilities are the operations of what a participant can do besides.
func abilities(p Participant) map[Op]operation {
	out := map[Op]operation{}
	if s, ok := p.(Switcher); ok {
		out[OpSwitches] = serve(func(ctx context.Context, req AccountRequest) (switchList, error) {
			all, err := s.Switches(ctx, req)
			return switchList{append([]Switch{}, all...)}, err
		}, checkSwitches)
		out[OpSwitch] = serve(s.Switch, answers(StateSet, StateRefused))
	}
	if b, ok := p.(Biller); ok {
		out[OpBills] = serve(func(ctx context.Context, req AccountRequest) (billList, error) {
			all, err := b.Bills(ctx, req)
			return billList{append([]Bill{}, all...)}, err
		}, checkBills)
	}
	return out
}

func (r AccountRequest) fieldErrors() []FieldError { return checkText("account", r.Account) }

func (r SwitchRequest) fieldErrors() []FieldError {
	errs := slices.Concat(checkText("step", r.Step), checkText("account", r.Account), checkText("switch", r.Switch))
	if !r.To.known() {
		errs = append(errs, FieldError{"to", "must be on or off"})
	}
	return errs
}

func (s SwitchState) known() bool { return s == SwitchOn || s == SwitchOff }

func checkSwitches(l switchList) string {
	seen := map[string]bool{}
	for _, s := range l.Switches {
		switch {
		case s.ID == "" || seen[s.ID]:
			return fmt.Sprintf("switch ID %q is empty or used twice", s.ID)
		case !slices.Contains([]SwitchKind{SwitchFindMe, SwitchPasswordFree, SwitchBiometric, SwitchOther}, s.Kind):
			return fmt.Sprintf("switch %q: unknown kind %q", s.ID, s.Kind)
		case !s.State.known() || !s.Safer.known():
			return fmt.Sprintf("switch %q: state and safer must be on or off", s.ID)
		case !s.Title.complete() || !s.Detail.complete():
			return fmt.Sprintf("switch %q: title and detail are needed in both languages", s.ID)
		}
		seen[s.ID] = true
	}
	return ""
}

func checkBills(l billList) string {
	seen := map[string]bool{}
	for _, b := range l.Bills {
		switch {
		case b.ID == "" || seen[b.ID]:
			return fmt.Sprintf("bill ID %q is empty or used twice", b.ID)
		case b.At.IsZero() || len(b.Currency) != 3 || strings.ToUpper(b.Currency) != b.Currency:
			return fmt.Sprintf("bill %q: a moment and a currency of ISO 4217 are needed", b.ID)
		case !b.Title.complete() || !b.Odd.complete():
			return fmt.Sprintf("bill %q: title and odd are needed in both languages", b.ID)
		}
		seen[b.ID] = true
	}
	return ""
}
