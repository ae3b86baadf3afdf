package event

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
)

// recorded finds every verb that the engine writes into the record: what is handed to transition and its kin, and what is kept in
// a variable for it.
func recorded(t *testing.T) []string {
	t.Helper()
	form := regexp.MustCompile(`^[a-z_]+(\.[a-z_]+)*$`)
	found := map[string]bool{}
	keep := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if verb, err := strconv.Unquote(lit.Value); err == nil && form.MatchString(verb) {
				found[verb] = true
			}
		}
	}
	files, err := filepath.Glob("../engine/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				switch name := calledName(n); name {
				case "transition", "onReview":
					keep(n.Args[0])
				case "putAside":
					keep(n.Args[len(n.Args)-1])
				}
			case *ast.AssignStmt:
				for i, to := range n.Lhs {
					if name := nameOf(to); name == "verb" && len(n.Rhs) == len(n.Lhs) {
						keep(n.Rhs[i])
					}
				}
			}
			return true
		})
	}
	if len(found) < 50 {
		t.Fatalf("only %d verbs were found in the engine", len(found))
	}
	return slices.Sorted(maps.Keys(found))
}

func calledName(c *ast.CallExpr) string { return nameOf(c.Fun) }

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// Every verb of the record is told of, or is named here with the reason why not. A new one makes this fail.
func TestProject_KnowsEveryVerbOfTheRecord(t *testing.T) {
	if diff := cmp.Diff(recorded(t), slices.Sorted(maps.Keys(verbs))); diff != "" {
		t.Errorf("verbs of the engine (-) and of the projection (+):\n%s", diff)
	}
}

func entry(verb string, detail any) audit.Entry {
	b, err := json.Marshal(detail)
	if err != nil {
		panic(err)
	}
	return audit.Entry{
		Account: "acc_1", Seq: 7, Case: "case_1", Actor: "person/ses_secret-name", Verb: verb, At: time.Unix(1767225600, 0), Detail: b,
	}.After([32]byte{1})
}

type bag = map[string]any

// Samples are rows as the engine writes them, and what is told of each.
func samples() []struct {
	verb   string
	detail bag
	told   []Type
} {
	link := func(was, is jieling.BindingState) []Link {
		return []Link{{Binding: "bnd_1", Provider: jieling.QQ, Was: was, Is: is}}
	}
	return []struct {
		verb   string
		detail bag
		told   []Type
	}{
		{"account.register", bag{"kind": "personal"}, []Type{AccountRegistered}},
		{"account.import", bag{"logins": 1, FactLinks: link("", jieling.BindingActive)}, []Type{AccountRegistered, BindingLinked}},
		{"account.freeze", bag{"why": "planted", FactFrozen: true, FactSignedOut: SignedOutAll}, []Type{AccountFrozen, SessionsEnded}},
		{"account.freeze", bag{"why": "again", FactSignedOut: SignedOutAll}, []Type{SessionsEnded}},
		{"account.unfreeze", bag{FactFrozen: false}, []Type{AccountThawed}},
		{"account.hold", bag{"binding": "bnd_1"}, []Type{AccountHeld}},
		{"account.settings", bag{"device_lock": true, "named_only": false, "devices": 0}, []Type{SettingsChanged}},
		{"binding.add", bag{"binding": "bnd_1", FactLinks: link("", jieling.BindingActive)}, []Type{BindingLinked}},
		{"binding.add", bag{"binding": "bnd_1", FactLinks: link("", jieling.BindingPending)}, nil},
		{"binding.prove", bag{FactLinks: link(jieling.BindingPending, jieling.BindingActive)}, []Type{BindingLinked}},
		{"case.cancel", bag{FactLinks: link(jieling.BindingPending, jieling.BindingRemoved), FactStage: jieling.StageCancelled}, []Type{CaseCancelled}},
		{
			"number.changed",
			bag{"binding": "bnd_1", FactLinks: link(jieling.BindingActive, jieling.BindingSuspended), FactSignedOut: SignedOutLogin},
			[]Type{NumberRecycled, BindingSuspended, SessionsEnded},
		},
		{"binding.prove", bag{FactLinks: link(jieling.BindingSuspended, jieling.BindingActive)}, []Type{BindingResumed}},
		{"case.open", bag{"binding": "bnd_1", FactStage: jieling.StageOpen}, []Type{CaseOpened}},
		{"case.prove", bag{FactStage: jieling.StageReady}, []Type{CaseMoved}},
		{"case.prove", bag{"factor": "face"}, nil},
		{"case.leg", bag{
			"participant": "wallet", "report": "prepared", "binding": "bnd_1", FactStage: jieling.StageGuarded, FactSignedOut: SignedOutLogin,
			FactLinks: link(jieling.BindingActive, jieling.BindingRemoved),
		}, []Type{BindingUnlinked, SessionsEnded, CaseMoved}},
		{"case.leg", bag{"participant": "wallet", "report": "residue"}, []Type{ResidueFound}},
		{"case.cleanup", bag{"participant": "wallet", "residue": "real_name", FactStage: jieling.StageClosed}, []Type{ResidueCleared, CaseClosed}},
		{"case.undo", bag{FactLinks: link(jieling.BindingRemoved, jieling.BindingActive)}, []Type{UndoUsed, BindingRestored}},
		{"case.time", bag{FactStage: jieling.StageExpired}, []Type{CaseExpired}},
		{"case.time", bag{FactStage: jieling.StageRefused}, []Type{CaseRefused}},
		{"case.leg", bag{"report": "compensated", FactStage: jieling.StageCompensated}, []Type{CaseCompensated}},
		{"case.probe", bag{"upstream": jieling.UpstreamConfirmed}, []Type{GrantWithdrawn}},
		{"case.probe", bag{"upstream": jieling.UpstreamUserAction}, nil},
		{"device.add", bag{"added": "dev_1", "trusted": true}, []Type{DeviceAdded}},
		{"device.change", bag{"device_id": "dev_1", "trusted": false, "lost": true}, []Type{DeviceChanged}},
		{
			"device.remove",
			bag{"removed": "dev_1", FactDropped: []Dropped{{jieling.DeviceUnlock, "fac_1"}}, FactSignedOut: SignedOutSome},
			[]Type{DeviceRemoved, FactorRemoved, SessionsEnded},
		},
		{"device.managed", bag{"managed": "dev_1", "compliant": false, "was": true}, []Type{DeviceCompliance}},
		{"device.managed", bag{"managed": "dev_1", "compliant": true, "was": true}, nil},
		{"factor.enrol", bag{"factor": "face", "id": "fac_1"}, []Type{FactorEnrolled}},
		{"number.swapped", bag{"binding": "bnd_1"}, []Type{NumberSwapped}},
		{"provider.warning", bag{"binding": "bnd_1", "provider": "qq"}, []Type{ProviderWarned}},
		{"organisation.member", bag{"organisation": "org_1", "role": "admin"}, []Type{MemberJoined}},
		{"organisation.found", bag{"organisation": "org_1"}, []Type{MemberJoined}},
		{"organisation.leave", bag{"organisation": "org_1"}, []Type{MemberLeft}},
		{"login.warned", bag{"binding": "bnd_1", "provider": "qq", "said": "credential_compromised"}, []Type{ProviderWarned}},
		{
			"login.withdrawn",
			bag{"binding": "bnd_1", "provider": "wecom", "said": "member_left", "left": "org_1", FactLinks: link(jieling.BindingActive, jieling.BindingSuspended)},
			[]Type{ProviderTook, MemberLeft, BindingSuspended},
		},
		{"sign_in", bag{"binding": "bnd_1", "provider": "qq"}, nil},
		{"a verb of another day", bag{FactFrozen: true}, []Type{AccountFrozen}},
	}
}

func TestProject_TellsWhatARowSays(t *testing.T) {
	told := map[Type]bool{}
	for _, s := range samples() {
		var got []Type
		for _, e := range Project(entry(s.verb, s.detail), "u-1") {
			got = append(got, e.Type)
			told[e.Type] = true
			d := e.Data
			if !Known(e.Type) || d.Account != "acc_1" || d.ExternalID != "u-1" || d.Version != 7 || d.By != jieling.ActorPerson || !e.At.Equal(time.Unix(1767225600, 0)) {
				t.Errorf("%s: %+v", s.verb, e)
			}
			text, err := json.Marshal(e)
			if err != nil || strings.Contains(string(text), "planted") || strings.Contains(string(text), "secret-name") {
				t.Errorf("%s: %s, %v", s.verb, text, err)
			}
		}
		if diff := cmp.Diff(s.told, got); diff != "" {
			t.Errorf("%s %v:\n%s", s.verb, s.detail, diff)
		}
	}
	for _, k := range Catalogue() {
		if !told[k.Type] || k.Meaning == "" {
			t.Errorf("%s is in the catalogue and no row leads to it, or nobody says what it means", k.Type)
		}
	}
}

// An event has one name however often its row is read, and no two have the same.
func TestProject_NamesAreStableAndUnique(t *testing.T) {
	seen := map[string]bool{}
	for i, s := range samples() {
		e := entry(s.verb, s.detail)
		e.Seq = int64(i + 1)
		e = e.After([32]byte{byte(i)})
		first, second := Project(e, "u-1"), Project(e, "u-1")
		if !cmp.Equal(first, second) {
			t.Errorf("%s is told otherwise the second time", s.verb)
		}
		for _, ev := range first {
			if seen[ev.ID] || !jieling.ValidID("evt", ev.ID) {
				t.Errorf("%s: %s is taken, or no ID", ev.Type, ev.ID)
			}
			seen[ev.ID] = true
		}
	}
}

// A row that says more than anybody could be told yields no more than has room, and one that cannot be read yields nothing.
func TestProject_IsBounded(t *testing.T) {
	var many []Dropped
	for i := range 3 * Most {
		many = append(many, Dropped{jieling.Face, jieling.FactorID(fmt.Sprint("fac_", i))})
	}
	if got := Project(entry("device.remove", bag{FactDropped: many}), "u-1"); len(got) != Most {
		t.Errorf("%d events of one row", len(got))
	}
	e := entry("account.register", nil)
	e.Detail = []byte("{")
	if got := Project(e, "u-1"); got != nil {
		t.Errorf("a row that cannot be read is told as %+v", got)
	}
	e.Detail = []byte("null")
	if got := Project(e, "u-1"); len(got) != 1 {
		t.Errorf("a row without detail is told as %+v", got)
	}
}
