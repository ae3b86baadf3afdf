package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/web/ui"
)

const (
	recentDeeds = 3  // on the centre
	pageOfDeeds = 20 // on their own page
)

// deedKinds are what people can look for alone.
var deedKinds = []ui.DeedKind{
	{Value: string(engine.DeedSignIn), Name: lang.KindSignIn},
	{Value: string(engine.DeedLink), Name: lang.KindLink},
	{Value: string(engine.DeedCheck), Name: lang.KindCheck},
	{Value: string(engine.DeedGuard), Name: lang.KindGuard},
	{Value: string(engine.DeedOthers), Name: lang.KindOthers},
}

// showActivity shows a stretch of what happened.
func showActivity(v *visit) {
	q := v.r.URL.Query()
	before, err := strconv.ParseInt(q.Get("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	kind := engine.DeedKind(q.Get("kind"))
	if !slices.Contains(engine.DeedKinds[:], kind) {
		kind = ""
	}
	a, err := v.Engine.Activity(v.ctx(), v.by, v.by.Account, kind, before, pageOfDeeds)
	if err != nil {
		v.problem(err)
		return
	}
	view := ui.ActivityView{Kinds: deedKinds, Kind: string(kind), Deeds: v.deeds(a), Before: a.Before, Paged: before > 0, Now: a.Now}
	v.show(http.StatusOK, lang.ActivityTitle, func(p ui.Page) templ.Component { return ui.Activity(p, view) })
}

// recent is the latest that happened. The centre can do without.
func (v *visit) recent() []ui.Deed {
	a, err := v.Engine.Activity(v.ctx(), v.by, v.by.Account, "", 0, recentDeeds)
	if err != nil {
		v.Gate.Complain(gate.VisitOf(v.ctx()), err)
		return nil
	}
	return v.deeds(a)
}

// deeds words what happened.
func (v *visit) deeds(a engine.Activity) []ui.Deed {
	out := make([]ui.Deed, 0, len(a.Deeds))
	for _, d := range a.Deeds {
		w := ui.Deed{
			Seq: d.Seq, At: d.At, Verb: d.Verb, Said: v.page.Say(said(d)), By: v.doer(d, a.Devices),
			Mine: d.By == jieling.ActorPerson || d.Verb == "sign_in",
		}
		switch {
		case d.Verb == "sign_in" && d.Binding.ID != "":
			w.Said = v.page.Say(lang.SessionBy, "name", v.page.Name(d.Binding))
		case d.Binding.ID != "":
			w.About = v.page.Name(d.Binding)
		case d.Factor != "":
			w.About = v.page.Lang.Factor(d.Factor)
		}
		if w.Said != "" {
			out = append(out, w)
		}
	}
	return out
}

// said words a deed. That a binding went or came back counts for more than the move with which it did.
func said(d engine.Deed) lang.Sentence {
	switch {
	case d.Unlinked:
		return lang.DeedUnlinked
	case d.Restored:
		return lang.DeedRestored
	case d.Verb == "sign_in":
		return lang.SessionFromApp
	}
	return lang.Deed(d.Verb)
}

// doer says by whom something was done, and on which device.
func (v *visit) doer(d engine.Deed, devices []jieling.Device) string {
	switch {
	case d.Verb == "sign_in" || d.By == jieling.ActorPerson:
		return v.where(d, devices)
	case d.By == jieling.ActorProduct:
		return v.page.Say(lang.ByProduct)
	case d.By == jieling.ActorStaff:
		return v.page.Say(lang.ByStaff)
	}
	return v.page.Say(lang.ByItself)
}

func (v *visit) where(d engine.Deed, devices []jieling.Device) string {
	i := slices.IndexFunc(devices, func(x jieling.Device) bool { return x.ID == d.Device })
	switch {
	case d.Device == "" || i < 0:
		return v.page.Say(lang.ByUnknown)
	case d.Device == v.by.Device:
		return v.page.Say(lang.ByHere)
	}
	return v.page.Say(lang.ByDevice, "device", devices[i].Name)
}
