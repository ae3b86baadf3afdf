package client

import (
	"fmt"
	"net/http"
	"reflect"
)

// careChecks are the promises of the abilities. Whoever has one answers for it; whoever has none answers 404, and is not asked further.
func careChecks() []check {
	return []check{
		{Rule{"switches", "switches answers 404, or 200 with well-formed switches, the same twice"}, switchesAnswer},
		{Rule{"switches-unknown", "an account it does not know has no switches"}, switchesUnknown},
		{Rule{"switch-sets", "a switch that was set stands where it was set, however often that is asked"}, switchSets},
		{Rule{"switch-unknown", "a switch it does not know is refused"}, switchUnknown},
		{Rule{"switch-to", "anything but on or off is refused with 400"}, switchTo},
		{Rule{"bills", "bills answers 404, or 200 with well-formed bills, the same twice"}, billsAnswer},
		{Rule{"bills-unknown", "an account it does not know has no bills"}, billsUnknown},
	}
}

// able reports whether there is such an operation.
func (x *examiner) able(op Op) bool {
	return x.send(x.newRequest(op, AccountRequest{x.probe.Account})).status != http.StatusNotFound
}

func (x *examiner) switches(account string) (switchList, string) {
	return ask[switchList](x, OpSwitches, AccountRequest{account})
}

func switchesAnswer(x *examiner) string {
	if !x.able(OpSwitches) {
		return ""
	}
	first, wrong := x.switches(x.probe.Account)
	if wrong != "" {
		return wrong
	}
	if first.Switches == nil {
		return "no switches field; it must be there, and may be empty"
	}
	again, wrong := x.switches(x.probe.Account)
	if wrong == "" && !reflect.DeepEqual(first, again) {
		return "it listed something else the second time"
	}
	return wrong
}

func switchesUnknown(x *examiner) string {
	if !x.able(OpSwitches) {
		return ""
	}
	l, wrong := x.switches(x.id("account"))
	if wrong == "" && len(l.Switches) > 0 {
		return fmt.Sprintf("%d switches", len(l.Switches))
	}
	return wrong
}

// switchSets moves every switch there and back again, so that the account is found as it was. One that goes one way only is moved to
// where it stands.
func switchSets(x *examiner) string {
	if !x.able(OpSwitches) {
		return ""
	}
	all, wrong := x.switches(x.probe.Account)
	if wrong != "" {
		return wrong
	}
	for _, s := range all.Switches {
		to := []SwitchState{other(s.State), s.State}
		if s.OneWay {
			to = to[1:]
		}
		for _, to := range to {
			if wrong := x.moved(s.ID, to); wrong != "" {
				return wrong
			}
		}
	}
	return ""
}

func other(s SwitchState) SwitchState {
	if s == SwitchOn {
		return SwitchOff
	}
	return SwitchOn
}

// moved sets a switch, twice in one step and once in another, and looks each time.
func (x *examiner) moved(id string, to SwitchState) string {
	step := x.id("step")
	for _, step := range []string{step, step, x.id("step")} {
		if wrong := x.want(OpSwitch, SwitchRequest{step, x.probe.Account, id, to}, StateSet); wrong != "" {
			return wrong
		}
		now, wrong := x.switches(x.probe.Account)
		if wrong != "" {
			return wrong
		}
		for _, s := range now.Switches {
			if s.ID == id && s.State != to {
				return fmt.Sprintf("%s was set to %s and is %s", id, to, s.State)
			}
		}
	}
	return ""
}

func switchUnknown(x *examiner) string {
	if !x.able(OpSwitches) {
		return ""
	}
	return x.want(OpSwitch, SwitchRequest{x.id("step"), x.probe.Account, x.id("switch"), SwitchOff}, StateRefused)
}

func switchTo(x *examiner) string {
	if !x.able(OpSwitches) {
		return ""
	}
	return x.refused(x.newRequest(OpSwitch, SwitchRequest{x.id("step"), x.probe.Account, "any", "up"}), http.StatusBadRequest, "to")
}

func billsAnswer(x *examiner) string {
	if !x.able(OpBills) {
		return ""
	}
	first, wrong := ask[billList](x, OpBills, AccountRequest{x.probe.Account})
	if wrong != "" {
		return wrong
	}
	if first.Bills == nil {
		return "no bills field; it must be there, and may be empty"
	}
	again, wrong := ask[billList](x, OpBills, AccountRequest{x.probe.Account})
	if wrong == "" && !reflect.DeepEqual(first, again) {
		return "it listed something else the second time"
	}
	return wrong
}

func billsUnknown(x *examiner) string {
	if !x.able(OpBills) {
		return ""
	}
	l, wrong := ask[billList](x, OpBills, AccountRequest{x.id("account")})
	if wrong == "" && len(l.Bills) > 0 {
		return fmt.Sprintf("%d bills", len(l.Bills))
	}
	return wrong
}
