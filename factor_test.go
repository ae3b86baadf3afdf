package jieling

import (
	"encoding/json"
	"reflect"
	"testing"
)

// An any-of without choices can never be met. Kept and read again it must not turn into a requirement that asks nothing.
func TestS30_ARequirementThatCannotBeMetStaysSo(t *testing.T) {
	if AnyOf().Met(func(Factor) bool { return true }) {
		t.Error("one of no choices was met")
	}
	for _, r := range []Requirement{
		{},
		AnyOf(),
		{Any: []Requirement{}},
		{All: []Requirement{}},
		AllOf(Need(SMSCode), Requirement{Any: []Requirement{}}),
		AnyOf(AllOf(Need(Face), Need(PaymentPIN)), Need(SMSCode)),
	} {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var again Requirement
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		for _, has := range []bool{false, true} {
			if all := func(Factor) bool { return has }; again.Met(all) != r.Met(all) {
				t.Errorf("%s: met %t before, %t after", text, r.Met(all), again.Met(all))
			}
		}
		if !reflect.DeepEqual(r, again) && !r.Zero() {
			t.Errorf("%#v came back as %#v", r, again)
		}
	}
}
