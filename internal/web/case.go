package web

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/web/ui"
)

func (v *visit) caseID() jieling.CaseID { return jieling.CaseID(v.r.PathValue("case")) }

// showCase shows whatever comes next.
func showCase(v *visit) { v.casePage(http.StatusOK) }

// casePage reads the case anew: what a page shows is never older than its request.
func (v *visit) casePage(status int) {
	c, err := v.Engine.Case(v.ctx(), v.by, v.caseID())
	if err != nil {
		v.problem(err)
		return
	}
	view := v.caseView(c)
	v.page.Title = v.page.Say(ui.TitleOf(c.Goal), "name", v.page.Name(view.Binding))
	v.page.Path = "/cases/" + string(c.ID)
	if view.Next != casework.MoveEnded {
		v.page.Follow = v.page.Path + "/events?seen=" + outline(c)
	}
	for _, ch := range view.Open {
		if ch.Factor == jieling.DeviceUnlock {
			v.page.Script = "webauthn.js"
		}
	}
	v.show(status, ui.TitleOf(c.Goal), func(p ui.Page) templ.Component { return ui.Case(p, view) })
}

// moveCase does what the form says, and shows the case again.
func moveCase(v *visit) {
	pending, err := v.move(v.r.PostForm.Get("do"))
	switch {
	case err != nil:
		v.page.Notice = v.refusal(err)
		v.casePage(statusOf(err))
	case pending:
		v.page.Notice = &ui.Notice{Text: v.page.Say(lang.VerifyPending)}
		v.casePage(http.StatusOK)
	default:
		v.then("/cases/" + string(v.caseID()))
	}
}

// move makes one of the person's moves. Pending means that somebody else has not finished, and nothing was used up.
func (v *visit) move(do string) (pending bool, err error) {
	form, id := v.r.PostForm, v.caseID()
	switch do {
	case "ask":
		_, err = v.Engine.Describe(v.ctx(), v.by, v.idem(""), id)
	case "challenge":
		_, err = v.challenge(v.idem(""), jieling.Factor(form.Get("factor")))
	case "answer":
		return v.answer()
	case "replace":
		err = v.replace()
	case "backup":
		_, err = v.Engine.BackUp(v.ctx(), v.by, v.idem(""), id, jieling.BackupChoice(form.Get("choice")))
	case "step-done", "step-skip":
		_, err = v.Engine.TakeStep(v.ctx(), v.by, v.idem(""), id, engine.StepAnswer{Step: form.Get("step"), Declined: do == "step-skip"})
	case "waive":
		_, err = v.Engine.Waive(v.ctx(), v.by, v.idem(""), id, engine.NewWaiver{Losses: form["loss"], Reason: strings.TrimSpace(form.Get("reason"))})
	case "confirm":
		err = v.confirm()
	case "cancel":
		_, err = v.Engine.Cancel(v.ctx(), v.by, v.idem(""), id)
	case "take_back":
		_, err = v.Engine.TakeBack(v.ctx(), v.by, v.idem(""), jieling.ChallengeID(form.Get("challenge")))
	case "undo":
		_, err = v.Engine.Undo(v.ctx(), v.by, v.idem(""), id)
	case "clean":
		_, err = v.Engine.CleanUp(v.ctx(), v.by, v.idem(""), id, form.Get("participant"), form.Get("residue"))
	case "aside":
		err = v.Engine.PutAside(v.ctx(), v.by, v.idem(""), v.by.Account, id, aftercare.AfterName(form.Get("card")))
	case "probe":
		_, err = v.Engine.Probe(v.ctx(), v.by, v.idem(""), id)
	default:
		err = jieling.Invalid("do", "is not a move of a case")
	}
	return false, err
}

// challenge asks for a factor. A vendor with a page of its own sends the person back to the case.
func (v *visit) challenge(idem engine.Idem, f jieling.Factor) (engine.ChallengeView, error) {
	return v.Engine.Challenge(v.ctx(), v.by, idem, engine.NewChallenge{
		Case: v.caseID(), Factor: f, Lang: string(v.page.Lang), Return: v.BaseURL + "/cases/" + string(v.caseID()),
	})
}

// answer answers a challenge. A factor that is answered from memory needs none to be shown first: it is made on the way.
func (v *visit) answer() (pending bool, err error) {
	id := jieling.ChallengeID(v.r.PostForm.Get("challenge"))
	if id == "" {
		made, err := v.challenge(v.idem("challenge"), jieling.Factor(v.r.PostForm.Get("factor")))
		if err != nil {
			return false, err
		}
		id = made.ID
	}
	given := []byte(strings.TrimSpace(v.r.PostForm.Get("given")))
	answered, err := v.Engine.Answer(v.ctx(), v.by, v.idem("answer"), engine.NewAnswer{Challenge: id, Given: given})
	return answered.Pending, err
}

// confirm carries the person's yes to the engine. Where something cannot be brought back that has to be ticked, and the login's
// last characters typed; both are asked here again, because a page can be sent without what the browser insists on.
func (v *visit) confirm() error {
	c, err := v.Engine.Case(v.ctx(), v.by, v.caseID())
	if err != nil {
		return err
	}
	if len(ui.Irreversible(c.Impact)) > 0 {
		if v.r.PostForm.Get("known") != "yes" {
			return &jieling.Error{Code: jieling.CodeInvalid, Public: lang.ConfirmUnticked.Text()}
		}
		if tail := ui.Tail(c.Binding); tail != "" && !strings.EqualFold(strings.TrimSpace(v.r.PostForm.Get("tail")), tail) {
			return &jieling.Error{Code: jieling.CodeInvalid, Public: jieling.Text{
				ZH: lang.ZH.Say(lang.TailWrong, "name", lang.ZH.Provider(c.Provider)+" "+c.Binding.Label),
				EN: lang.EN.Say(lang.TailWrong, "name", lang.EN.Provider(c.Provider)+" "+c.Binding.Label),
			}}
		}
	}
	_, err = v.Engine.Confirm(v.ctx(), v.by, v.idem(""), v.caseID())
	return err
}

// replace names a phone, or a mailbox where one was typed, as the login that will stay.
func (v *visit) replace() error {
	in := engine.NewBinding{Provider: jieling.Email, Subject: strings.TrimSpace(v.r.PostForm.Get("mailbox"))}
	if in.Subject == "" {
		phone, ok := number(v.r.PostForm.Get("phone"))
		if !ok {
			return &jieling.Error{Code: jieling.CodeInvalid, Public: lang.ReplaceMalformed.Text()}
		}
		in = engine.NewBinding{Provider: jieling.Phone, Subject: phone}
	}
	_, err := v.Engine.Replacement(v.ctx(), v.by, v.idem(""), v.caseID(), in, string(v.page.Lang))
	return err
}

// number reads a phone number as people write it: E.164 with or without gaps, or the eleven digits of a mobile number of
// mainland China.
func number(typed string) (string, bool) {
	n := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", "\u3000", "").Replace(strings.TrimSpace(typed))
	if rest, ok := strings.CutPrefix(n, "00"); ok {
		n = "+" + rest
	}
	if mainland.MatchString(n) {
		n = "+86" + n
	}
	return n, e164.MatchString(n)
}

var (
	mainland = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
	e164     = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
)
