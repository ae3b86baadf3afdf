package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/lang"
	"github.com/jieling-id/jieling/internal/web/ui"
)

// calendar is the moment a case waits for as a calendar file (RFC 5545), in UTC and to the second as the server has it.
func calendar(v *visit) {
	c, err := v.Engine.Case(v.ctx(), v.by, v.caseID())
	if err != nil {
		v.problem(err)
		return
	}
	at, said := c.CommitAfter, lang.CalendarWait
	if c.Stage == jieling.StageGuarded {
		at, said = c.GuardUntil, lang.CalendarGuard
	} else if c.Stage != jieling.StageCoolingOff {
		nowhere(v)
		return
	}
	v.w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="jieling.ics"`)
	_, _ = v.w.Write([]byte(event(string(c.ID)+"-"+string(c.Stage), at, c.Now, v.page.Say(said, "name", v.page.Name(c.Binding)),
		v.page.Say(lang.CalendarAbout, "url", v.BaseURL+"/cases/"+string(c.ID)))))
}

// event writes one calendar with one event and a reminder an hour before.
func event(uid string, at, now time.Time, title, about string) string {
	const form = "20060102T150405Z"
	lines := []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Jieling//Security centre//EN", "METHOD:PUBLISH", "BEGIN:VEVENT",
		"UID:" + uid + "@jieling", "DTSTAMP:" + now.UTC().Format(form), "DTSTART:" + at.UTC().Format(form), "DTEND:" + at.UTC().Format(form),
		"SUMMARY:" + plainText(title), "DESCRIPTION:" + plainText(about),
		"BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT1H", "DESCRIPTION:" + plainText(title), "END:VALARM", "END:VEVENT", "END:VCALENDAR",
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(folded(line))
	}
	return b.String()
}

// plainText escapes a value of type TEXT (RFC 5545, 3.3.11).
func plainText(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(s)
}

// folded ends a line, and breaks one longer than 75 octets between two characters (RFC 5545, 3.1).
func folded(line string) string {
	var b strings.Builder
	n := 0
	for _, r := range line {
		size := len(string(r))
		if n+size > 75 {
			b.WriteString("\r\n ")
			n = 1
		}
		b.WriteRune(r)
		n += size
	}
	return b.String() + "\r\n"
}

// showReport shows a case for keeping: what happened, what came of it, and what seals it.
func showReport(v *visit) {
	r, err := v.Engine.Report(v.ctx(), v.by, v.caseID())
	if err != nil {
		v.problem(err)
		return
	}
	view := ui.ReportView{Case: v.caseView(r.Case)}
	if a, err := v.Engine.Account(v.ctx(), v.by, r.Case.Account); err == nil {
		view.Case.Account = mask(a.ExternalID)
	}
	for _, d := range r.Deeds {
		view.Rows = append(view.Rows, ui.ReportRow{Seq: d.Seq, At: d.At, Said: v.written(d), By: v.doer(d, r.Devices), Hash: d.Hash})
	}
	v.page.Title = v.page.Say(lang.ReportTitle, "name", v.page.Name(view.Case.Binding))
	v.show(http.StatusOK, lang.ReportOpen, func(p ui.Page) templ.Component { return ui.Report(p, view) })
}

// written words a row of a report, where every row stands: what parties answered and what time did among them.
func (v *visit) written(d engine.Deed) string {
	if s := said(d); s != "" {
		return v.page.Say(s)
	}
	return v.page.Say(lang.DeedStep)
}
