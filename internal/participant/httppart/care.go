package httppart

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/client"
	"github.com/jieling-id/jieling/internal/participant"
)

var (
	_ participant.Switcher = (*Connector)(nil)
	_ participant.Biller   = (*Connector)(nil)
)

// Switches asks how an account's switches stand. An answer without a list is an error: it is not "none".
func (c *Connector) Switches(ctx context.Context, account string) ([]jieling.Switch, error) {
	var answer struct {
		Switches *[]client.Switch `json:"switches"`
	}
	if err := c.post(ctx, client.OpSwitches, "switches-"+rand.Text(), client.AccountRequest{Account: account}, &answer); err != nil {
		return nil, err
	}
	if answer.Switches == nil {
		return nil, c.unknown(client.OpSwitches, errors.New("the answer holds no list"))
	}
	out, err := switches(c.name, *answer.Switches)
	if err != nil {
		return nil, c.unknown(client.OpSwitches, err)
	}
	return out, nil
}

// Switch moves one.
func (c *Connector) Switch(ctx context.Context, step participant.SwitchStep) (participant.Outcome, error) {
	ask := client.SwitchRequest{Step: string(step.Effect), Account: step.Account, Switch: step.Switch, To: client.SwitchOff}
	if step.On {
		ask.To = client.SwitchOn
	}
	var answer client.Answer
	if err := c.post(ctx, client.OpSwitch, string(step.Effect), ask, &answer); err != nil {
		return participant.Outcome{}, err
	}
	switch {
	case answer.State == client.StateRefused && !complete(answer.Reason):
		return participant.Outcome{}, c.unknown(client.OpSwitch, errors.New("the answer refuses without a reason in both languages"))
	case !slices.Contains([]client.State{client.StateSet, client.StateRefused, client.StatePending}, answer.State):
		return participant.Outcome{}, c.unknown(client.OpSwitch, errors.New("the answer has a state that this step does not know"))
	}
	return participant.Outcome{State: participant.State(answer.State), Reason: jieling.Text(answer.Reason)}, nil
}

// Bills asks which payments look odd.
func (c *Connector) Bills(ctx context.Context, account string) ([]jieling.Bill, error) {
	var answer struct {
		Bills *[]client.Bill `json:"bills"`
	}
	if err := c.post(ctx, client.OpBills, "bills-"+rand.Text(), client.AccountRequest{Account: account}, &answer); err != nil {
		return nil, err
	}
	if answer.Bills == nil {
		return nil, c.unknown(client.OpBills, errors.New("the answer holds no list"))
	}
	out, err := bills(c.name, *answer.Bills)
	if err != nil {
		return nil, c.unknown(client.OpBills, err)
	}
	return out, nil
}

var kinds = []client.SwitchKind{client.SwitchFindMe, client.SwitchPasswordFree, client.SwitchBiometric, client.SwitchOther}

// standing are the words for where a switch stands.
var standing = map[client.SwitchState]bool{client.SwitchOn: true, client.SwitchOff: false}

// switches turns a list into ours, or says what is wrong with it by position, without repeating it.
func switches(name string, wire []client.Switch) ([]jieling.Switch, error) {
	if len(wire) > maxItems {
		return nil, fmt.Errorf("the answer lists more than %d switches", maxItems)
	}
	out := make([]jieling.Switch, 0, len(wire))
	seen := map[string]bool{}
	for i, s := range wire {
		on, known := standing[s.State]
		safer, knownSafer := standing[s.Safer]
		switch {
		case !plausibleID(s.ID) || seen[s.ID]:
			return nil, fmt.Errorf("switch %d: its ID is missing, too long or used twice", i)
		case !known || !knownSafer || !slices.Contains(kinds, s.Kind) || len(s.Provider) > 32:
			return nil, fmt.Errorf("switch %d: its kind, state, safer side or provider is not one of the contract", i)
		case !complete(s.Title) || !complete(s.Detail):
			return nil, fmt.Errorf("switch %d: a sentence is missing in one language, or too long", i)
		}
		seen[s.ID] = true
		out = append(out, jieling.Switch{
			ID: s.ID, Participant: name, Kind: jieling.SwitchKind(s.Kind), Title: jieling.Text(s.Title), Detail: jieling.Text(s.Detail),
			On: on, SaferOn: safer, OneWay: s.OneWay, Provider: jieling.Provider(s.Provider),
		})
	}
	return out, nil
}

func bills(name string, wire []client.Bill) ([]jieling.Bill, error) {
	if len(wire) > maxItems {
		return nil, fmt.Errorf("the answer lists more than %d bills", maxItems)
	}
	out := make([]jieling.Bill, 0, len(wire))
	seen := map[string]bool{}
	for i, b := range wire {
		switch {
		case !plausibleID(b.ID) || seen[b.ID]:
			return nil, fmt.Errorf("bill %d: its ID is missing, too long or used twice", i)
		case b.At.IsZero() || len(b.Currency) != 3 || strings.ToUpper(b.Currency) != b.Currency:
			return nil, fmt.Errorf("bill %d: its moment or currency is none", i)
		case !complete(b.Title) || !complete(b.Odd):
			return nil, fmt.Errorf("bill %d: a sentence is missing in one language, or too long", i)
		}
		seen[b.ID] = true
		out = append(out, jieling.Bill{
			ID: b.ID, Participant: name, At: b.At.UTC(), Title: jieling.Text(b.Title), Amount: b.Amount, Currency: b.Currency, Odd: jieling.Text(b.Odd),
		})
	}
	return out, nil
}
