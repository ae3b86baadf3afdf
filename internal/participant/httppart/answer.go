package httppart

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/client"
)

// Bounds on one answer, so that a participant cannot fill a person's page or a case's row.
const (
	maxItems = 200
	maxID    = 256  // bytes
	maxText  = 2000 // characters in one language
)

var modules = []client.Module{
	client.ModuleSignIn, client.ModulePayment, client.ModuleGames, client.ModuleFiles, client.ModuleMiniProgram,
	client.ModuleOfficialAccount, client.ModuleMerchant, client.ModuleOther,
}

var changes = map[client.Effect]jieling.Change{
	client.EffectLost: jieling.Lost, client.EffectChanged: jieling.Changed, client.EffectKept: jieling.Kept,
}

// dependents turns a description into ours, or says what is wrong with it by position, without repeating it.
func dependents(name string, wire []client.Dependent) ([]jieling.Dependent, error) {
	if len(wire) > maxItems {
		return nil, fmt.Errorf("the answer lists more than %d dependents", maxItems)
	}
	out := make([]jieling.Dependent, 0, len(wire))
	seen := map[string]bool{}
	for i, d := range wire {
		change, ok := changes[d.Effect]
		switch {
		case !plausibleID(d.ID) || seen[d.ID]:
			return nil, fmt.Errorf("dependent %d: its ID is missing, too long or used twice", i)
		case !ok || !slices.Contains(modules, d.Module) || d.Count < 0 || d.Bytes < 0 || len(d.Rule) > 32:
			return nil, fmt.Errorf("dependent %d: its module, effect, count, bytes or rule is not one of the contract", i)
		case !complete(d.Title) || !complete(d.Detail) || !complete(d.Remedy):
			return nil, fmt.Errorf("dependent %d: a sentence is missing in one language, or too long", i)
		}
		seen[d.ID] = true
		out = append(out, jieling.Dependent{
			ID: d.ID, Participant: name, Module: string(d.Module), Title: jieling.Text(d.Title), Detail: jieling.Text(d.Detail),
			Count: d.Count, Change: change, Irreversible: d.Irreversible, Remedy: jieling.Text(d.Remedy), Backup: d.Backup,
			Bytes: d.Bytes, Rule: d.Rule,
		})
	}
	return out, nil
}

// residues turns a verification into ours, without the moment it was found, which is the case's to say. Clean has none and residue has some; a yes that contradicts itself is none.
func residues(name string, state client.State, wire []client.Residue) ([]jieling.Residue, error) {
	if (state == client.StateResidue) != (len(wire) > 0) {
		return nil, errors.New("the answer's state and its list of residues contradict each other")
	}
	if len(wire) > maxItems {
		return nil, fmt.Errorf("the answer lists more than %d residues", maxItems)
	}
	var out []jieling.Residue
	seen := map[string]bool{}
	for i, r := range wire {
		switch {
		case !plausibleID(r.ID) || seen[r.ID]:
			return nil, fmt.Errorf("residue %d: its ID is missing, too long or used twice", i)
		case !complete(r.Title) || !complete(r.Detail) || !complete(r.Cleanup):
			return nil, fmt.Errorf("residue %d: a sentence is missing in one language, or too long", i)
		}
		seen[r.ID] = true
		out = append(out, jieling.Residue{
			ID: r.ID, Participant: name, Title: jieling.Text(r.Title), Detail: jieling.Text(r.Detail), Cleanable: r.Cleanable,
			Cleanup: jieling.Text(r.Cleanup),
		})
	}
	return out, nil
}

func plausibleID(id string) bool { return id != "" && len(id) <= maxID }

func complete(t client.Text) bool {
	return t.ZH != "" && t.EN != "" && utf8.RuneCountInString(t.ZH) <= maxText && utf8.RuneCountInString(t.EN) <= maxText
}
