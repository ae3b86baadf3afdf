package web

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// Reading is when the policy's file was read, and when it was last refused.
type Reading = ui.Reading

// Bounds of a simulation: how many of the newest cases are read, how long a pack's text may be in bytes, and how many cases stand on a page.
const (
	simulatedCases = 10_000
	packSize       = 256 << 10
	casesOnPage    = 25
)

// showPack shows what is in force.
func showPack(v *visit, pack *policy.Pack) {
	view := ui.PackView{Pack: pack}
	if v.Reading != nil {
		view.Reading = v.Reading()
	}
	v.show(http.StatusOK, lang.PackTitle, func(p ui.Page) templ.Component { return ui.Pack(p, view) })
}

// showProofs offers to prove the policy in force, and does when it is asked to.
func showProofs(v *visit, pack *policy.Pack) {
	view := ui.ProofsView{Pack: pack}
	if v.r.Method == http.MethodPost {
		view.Proofs = v.prove(view.Pack)
	}
	v.page.Path = "/console/proofs"
	v.show(http.StatusOK, lang.ProofsTitle, func(p ui.Page) templ.Component { return ui.Proofs(p, view) })
}

// prove walks every claim of a pack. One at a time is proven in this process: a pack may be wide.
func (v *visit) prove(pack *policy.Pack) (out []ui.TimedProof) {
	v.proving.Lock()
	defer v.proving.Unlock()
	for _, claim := range pack.Claims() {
		began := time.Now()
		proof := claim.Prove()
		out = append(out, ui.TimedProof{Proof: proof, Took: time.Since(began)})
	}
	return out
}

// showExplain says what a chosen situation asks, on every platform. It reads and changes nothing, so that it may be a GET as well:
// the language switch carries the situation along.
func showExplain(v *visit, pack *policy.Pack) {
	view := ui.ExplainView{Pack: pack, Given: map[string]string{}}
	_ = v.r.ParseForm() // what cannot be read was not chosen
	for _, f := range view.Pack.Levels() {
		view.Given[f.Name] = v.r.Form.Get("fact." + f.Name)
	}
	v.page.Path, v.page.Keep = "/console/explain", "explain"
	if view.Given["platform"] != "" {
		if err := explain(&view); err != nil {
			v.page.Notice = v.refusal(err)
			v.show(gate.Status(jieling.CodeOf(err)), lang.ExplainTitle, func(p ui.Page) templ.Component { return ui.Explain(p, view) })
			return
		}
	}
	v.show(http.StatusOK, lang.ExplainTitle, func(p ui.Page) templ.Component { return ui.Explain(p, view) })
}

// explain asks the pack about the situation, and about the same on the other platforms.
func explain(v *ui.ExplainView) error {
	here := jieling.Platform(v.Given["platform"])
	facts, err := v.Pack.FactsOf(func(fact string) string { return v.Given[fact] })
	if err != nil {
		return err
	}
	v.Rules = v.Pack.Explain(facts)
	v.Sheets = []ui.PlatformSheet{{Platform: here, Sheet: v.Pack.Sheet(facts)}}
	for _, there := range jieling.Platforms {
		if there == here {
			continue
		}
		facts, err := v.Pack.FactsOf(func(fact string) string {
			if fact == "platform" {
				return string(there)
			}
			return v.Given[fact]
		})
		if err == nil { // a pack need not know every platform
			v.Sheets = append(v.Sheets, ui.PlatformSheet{Platform: there, Sheet: v.Pack.Sheet(facts)})
		}
	}
	return nil
}

// showSimulation offers a form for a changed pack, and says what it would have done.
func showSimulation(v *visit, inForce *policy.Pack) {
	view := ui.SimulationView{Limit: simulatedCases}
	status := http.StatusOK
	v.page.Path = "/console/simulate"
	if v.r.Method == http.MethodPost {
		var err error
		if view.Text, err = v.packText(); err == nil {
			err = v.simulate(&view, inForce)
		}
		var broken *policy.LoadError
		switch {
		case errors.As(err, &broken):
			view.Broken, status = broken.Problems, http.StatusUnprocessableEntity
		case err != nil:
			v.page.Notice, status = v.refusal(err), gate.Status(jieling.CodeOf(err))
		}
	}
	v.show(status, lang.SimTitle, func(p ui.Page) templ.Component { return ui.Simulation(p, view) })
}

// packText takes the text that was pasted, or the file that was chosen, which goes before.
func (v *visit) packText() (string, error) {
	if err := v.r.ParseMultipartForm(packSize); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return "", &jieling.Error{Code: jieling.CodeTooLarge, Public: lang.SimTooLarge.Text()}
	}
	text := v.r.PostFormValue("pack")
	if file, _, err := v.r.FormFile("file"); err == nil {
		defer file.Close()
		read, err := io.ReadAll(io.LimitReader(file, packSize+1))
		if err != nil {
			return "", err
		}
		text = cmp.Or(string(read), text)
	}
	text = strings.ReplaceAll(text, "\r\n", "\n") // as browsers send lines
	switch {
	case len(text) > packSize:
		return "", &jieling.Error{Code: jieling.CodeTooLarge, Public: lang.SimTooLarge.Text()}
	case strings.TrimSpace(text) == "":
		return "", &jieling.Error{Code: jieling.CodeInvalid, Public: lang.SimEmpty.Text()}
	}
	return text, nil
}

// simulate asks the changed pack about the newest cases. It reads; nothing is changed by it. What is claimed of the pack is proven once, with the
// first answer, and not again for each page.
func (v *visit) simulate(view *ui.SimulationView, inForce *policy.Pack) error {
	began := time.Now()
	pack, err := policy.Load("pack.yaml", []byte(view.Text))
	if err != nil {
		return err
	}
	choice, chosen := choiceOf(v.r.PostFormValue("show"))
	out := ui.Simulated{Pack: pack, Tally: &policy.Tally{Choice: choice}}
	if chosen {
		out.Newest = jieling.CaseID(v.r.PostFormValue("newest"))
	}
	if err := v.replay(&out, inForce, view.Limit); err != nil {
		return err
	}
	if !chosen {
		out.Proofs, out.Remarks = v.prove(pack), pack.Remarks()
	}
	out.Took = time.Since(began)
	view.Outcome = &out
	return nil
}

// choiceOf reads which cases to list: an outcome, the rules behind it and the case that was the last before, as [ui.Show] writes them. What cannot
// be read chooses nothing.
func choiceOf(show string) (c policy.Choice, chosen bool) {
	c.Size = casesOnPage
	parts := strings.Split(show, "|")
	if len(parts) != 3 || parts[0] != "" && !slices.Contains(policy.Outcomes[:], parts[0]) {
		return c, false
	}
	c.Outcome, c.Rules, c.After = parts[0], parts[1], jieling.CaseID(parts[2])
	return c, true
}

// replay asks the pack about page after page of recorded cases, and keeps none but those on the page to be shown. Cases that came since the first
// answer are left out, so that its counts stand while somebody leafs.
func (v *visit) replay(out *ui.Simulated, inForce *policy.Pack, limit int) error {
	for last := jieling.CaseID(""); ; {
		page, err := v.Engine.Recorded(v.ctx(), v.by, last, min(engine.RecordedPage, limit-out.Tally.Cases-out.Without))
		if err != nil {
			return err
		}
		for _, c := range page.Cases {
			if out.Newest == "" {
				out.Newest = c.Case
			}
			if c.Case <= out.Newest {
				out.Tally.Add(c.Case, c.Situation, c.Decision, out.Pack.Try(c.Situation, c.Decision, inForce))
			}
		}
		out.Without += page.Without
		if last = page.Last; last == "" || out.Tally.Cases+out.Without >= limit {
			return nil
		}
	}
}
