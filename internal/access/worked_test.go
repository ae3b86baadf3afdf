package access_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/access"
)

func worked(t testing.TB) access.File {
	t.Helper()
	f, err := access.Read("example.json", access.Example())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func locks(ls []jieling.Lockout, after bool) (names []string) {
	for _, l := range ls {
		if after && l.After || !after && l.Before {
			names = append(names, l.Name)
		}
	}
	return names
}

func entries(es []jieling.Exposure, when func(jieling.Exposure) bool) (names []string) {
	for _, e := range es {
		if when(e) {
			names = append(names, e.Name)
		}
	}
	return names
}

func same(t rapid.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// The worked run: a phone, QQ, WeChat, a mailbox and a payment password, and QQ goes. Before, a SIM swap takes the account
// by way of QQ; afterwards it does not. Losing the SIM card locks the owner out before and after; with recovery codes nothing
// does.
func TestAccess_TheWorkedRun(t *testing.T) {
	f := worked(t)
	a, err := access.Compare(f.Graph, f.Change)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "gets in before", entries(a.Exposure, func(e jieling.Exposure) bool { return e.Before }), []string{"sim_swap", "stolen_phone", "stolen_qq", "leak"})
	same(t, "gets in during", entries(a.Exposure, func(e jieling.Exposure) bool { return e.During }), []string{"sim_swap", "stolen_phone", "stolen_qq", "leak"})
	same(t, "gets in after", entries(a.Exposure, func(e jieling.Exposure) bool { return e.After }), []string{"stolen_phone", "leak"})
	same(t, "locks out before", locks(a.Lockout, false), []string{"phone_lost", "sim_swapped"})
	same(t, "locks out after", locks(a.Lockout, true), []string{"phone_lost", "sim_swapped"})
	same(t, "must be waived", a.MustWaive, []string{"phone_lost"})
	if a.Repair == nil || a.Repair.Leaves != nil || !slices.Equal(a.Repair.Adds, []string{"recovery_codes"}) {
		t.Errorf("the repair is %+v, want recovery codes, which leave nothing", a.Repair)
	}
	same(t, "the cheapest attack before", a.Before.Attack.Cost, 3)
	same(t, "the cheapest attack after", a.After.Attack.Cost, 5)
	swap := a.Exposure[0].Text
	same(t, "the sentence", swap, jieling.Text{
		ZH: "有人冒名补办了你的手机卡：现在能进入；解绑后，残留清理完之前还能碰到 QQ 钱包，清理完就不能了。",
		EN: "Somebody with your SIM card replaced in your name: gets in now; afterwards could still reach what is left at QQ Wallet, and no longer once that is cleared.",
	})
}

// With the clean-up confirmed nothing of the residue is left: during is after.
func TestAccess_AResidueIsAnEdgeUntilItIsCleared(t *testing.T) {
	f := worked(t)
	f.Change.Residues = nil
	a, err := access.Compare(f.Graph, f.Change)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range a.Exposure {
		if e.During != e.After {
			t.Errorf("%s: during %v, after %v, and nothing was left behind", e.Name, e.During, e.After)
		}
	}
	same(t, "the sentence", a.Exposure[0].Text.EN, "Somebody with your SIM card replaced in your name: gets in now (by QQ), and no longer afterwards.")
}

// What an earlier removal left behind counts by itself too.
func TestAccess_AResidueCountsWithoutARemoval(t *testing.T) {
	f := worked(t)
	f.Rules = f.Rules[:4] // no way in at all but by what is left
	f.Change.Remove = nil
	a, err := access.Compare(f.Graph, f.Change)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "gets in meanwhile", entries(a.Exposure, func(e jieling.Exposure) bool { return e.During }), []string{"sim_swap", "stolen_phone", "stolen_qq", "leak"})
	same(t, "gets in after", entries(a.Exposure, func(e jieling.Exposure) bool { return e.After }), []string(nil))
}

// Two logins that recover only each other are out of reach once both are lost.
func TestAccess_CircularRecoveryIsNoWayBack(t *testing.T) {
	g := access.Graph{
		Template: "ring@1", Account: "account", Vertices: []access.Vertex{{Name: "account"}, {Name: "qq"}, {Name: "wechat"}},
		Rules: []access.Rule{
			{To: "qq", From: []string{"wechat"}},
			{To: "wechat", From: []string{"qq"}},
			{To: "account", From: []string{"qq"}},
			{To: "account", From: []string{"wechat"}},
		},
		Holds:  []string{"qq", "wechat"},
		Losses: []access.Loss{{Name: "qq", Lost: []string{"qq"}}, {Name: "wechat", Lost: []string{"wechat"}}, {Name: "both", Lost: []string{"qq", "wechat"}}},
	}
	v := compiled(t, g).Verdict()
	same(t, "locks", v.Locks, []string{"both"})
	same(t, "the verdict names its template", v.Template, "ring@1")
}

// A verdict names the template it rests on, and the assumptions it used.
func TestAccess_AVerdictNamesItsTemplateVersion(t *testing.T) {
	f := worked(t)
	a, err := access.Compare(f.Graph, f.Change)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "template", a.Template, "worked-run@1")
	if len(a.Assumes) != 3 || a.Assumes[0].EN != "QQ is recovered by the phone number bound to it." {
		t.Errorf("assumes %v", a.Assumes)
	}
	f.Template = ""
	if _, err := access.Compare(f.Graph, f.Change); err == nil || !strings.Contains(err.Error(), "template: ") {
		t.Errorf("assumptions without a name and version: %v", err)
	}
}

// Of repairs that help alike, the one that lets nobody in is preferred, and what a repair lets in is said.
func TestAccess_ARepairSaysWhomItLetsIn(t *testing.T) {
	f := worked(t)
	f.Vertices = append(f.Vertices, access.Vertex{Name: "note"})
	f.Attackers = append(f.Attackers, access.Attacker{Name: "burglar", Takes: []string{"note"}})
	open := access.Repair{Name: "note_on_the_fridge", Effort: 1, Rules: []access.Rule{{To: "account", From: []string{"note"}}}, Holds: []string{"note"}}
	f.Repairs = []access.Repair{open, f.Repairs[0]}
	a, err := access.Compare(f.Graph, f.Change)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "adds", a.Repair.Adds, []string{"recovery_codes"})
	f.Repairs = f.Repairs[:1]
	if a, err = access.Compare(f.Graph, f.Change); err != nil {
		t.Fatal(err)
	}
	same(t, "opens", a.Repair.Opens, []string{"burglar"})
	same(t, "the sentence", a.Repair.Text.EN, "note_on_the_fridge: then nothing listed here would lock you out. It opens a door to: burglar.")
}

// The cheapest attack is the one that costs least, also where another of more cost is found first and needs fewer things.
func TestAccess_TheCheapestAttackIsNotTheShortest(t *testing.T) {
	g := access.Graph{
		Template: "cost@1", Account: "account",
		Vertices: []access.Vertex{{Name: "account"}, {Name: "a", Theft: 1}, {Name: "b", Theft: 9}, {Name: "c", Theft: 3}, {Name: "d", Theft: 3}, {Name: "e", Theft: 3}},
		Rules:    []access.Rule{{To: "account", From: []string{"a", "b"}}, {To: "account", From: []string{"c", "d", "e"}}},
	}
	same(t, "the cheapest", compiled(t, g).Verdict().Attack, &access.Attack{Takes: []string{"c", "d", "e"}, Cost: 9})
}

// S18, in the words of the worked run: taking QQ away and letting the mailbox in without the payment password is refused.
func TestS18_TheSecondHalfOfAWayCannotBeDropped(t *testing.T) {
	f := worked(t)
	f.Change.Add = []access.Rule{{To: "account", From: []string{"mail"}}}
	_, err := access.Compare(f.Graph, f.Change)
	const want = "account is reached by mail and pay_password together, and would be by mail alone: take the whole way away, or keep all of it"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	f.Change.Add = nil
	f.Repairs[0].Rules = []access.Rule{{To: "wechat", From: []string{"device"}}}
	if _, err = access.Compare(f.Graph, f.Change); err == nil || !strings.Contains(err.Error(), "repairs[0].rules[0]: wechat is reached by number and device together") {
		t.Errorf("a repair that weakens: %v", err)
	}
}

// What is wrong with a file is said with its place, all at once.
func TestAccess_ABadFileIsToldWithItsPlace(t *testing.T) {
	good := string(access.Example())
	for name, tt := range map[string]struct{ from, to, want string }{
		"an unknown key":        {`"holds"`, `"hodls"`, `unknown field "hodls"`},
		"a wrong type":          {`"holds": [`, `"holds": 7, "losses": [`, "graph.json:25: holds wants []string and this is a number"},
		"cut off":               {"  \"repairs\"", "", "graph.json:"},
		"something afterwards":  {"\"QQ Wallet\"}}]\n  }\n}", "\"QQ Wallet\"}}]\n  }\n}{}", "after the end"},
		"a name of nothing":     {`"holds": ["sim"`, `"holds": ["smi"`, `holds[0]: "smi" is no vertex; write one of account, sim`},
		"twice the same name":   {`{"name": "sim_swap"`, `{"name": "leak"`, "attackers[4].name: \"leak\" is there already"},
		"a rule to itself":      {`"to": "number",  "from": ["sim"]`, `"to": "number",  "from": ["number"]`, `rules[0].from: "number" leads to itself`},
		"nothing is needed":     {`"to": "number",  "from": ["sim"]`, `"to": "number",  "from": []`, "rules[0].from: a rule needs something"},
		"nothing is lost":       {`"lost": ["pay_password"]`, `"lost": []`, "losses[4]: a loss takes something"},
		"the account goes":      {`"remove": ["qq"]`, `"remove": ["account"]`, "change.remove: the account itself stays"},
		"for nobody":            {`"to": "number",  "from": ["sim"]`, `"to": "number",  "from": ["sim"], "who": "me"`, `rules[0].who: "me" is not known here`},
		"an effort beyond nine": {`"effort": 1`, `"effort": 10`, "repairs[0].effort: is 10; write a number from 1 to 9"},
	} {
		t.Run(name, func(t *testing.T) {
			src := strings.Replace(good, tt.from, tt.to, 1)
			if src == good {
				t.Fatal("nothing was changed")
			}
			f, err := access.Read("graph.json", []byte(src))
			if err == nil {
				_, err = access.Compare(f.Graph, f.Change)
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
