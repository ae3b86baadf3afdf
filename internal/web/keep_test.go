package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/lang"
)

// The calendar has the server's moment to the second, in lines of at most 75 octets (RFC 5545).
func TestTheCalendarHasTheServersMoment(t *testing.T) {
	h := newHouse(t, false)
	for stage, want := range map[jieling.Stage]string{jieling.StageCoolingOff: "20261122T063015Z", jieling.StageGuarded: "20261123T043015Z"} {
		h.view.Stage, h.view.CommitAfter, h.view.GuardUntil = stage, noon.Add(2*time.Hour+30*time.Minute+15*time.Second), noon.Add(24*time.Hour+30*time.Minute+15*time.Second)
		w := h.ask("/cases/case_1/calendar.ics", nil, signedInAs)
		file := w.Body.String()
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/calendar; charset=utf-8" || !strings.Contains(file, "DTSTART:"+want+"\r\n") {
			t.Errorf("%s: %d %s\n%s", stage, w.Code, w.Header().Get("Content-Type"), file)
		}
		lines := strings.Split(strings.TrimSuffix(file, "\r\n"), "\r\n")
		for _, line := range lines {
			if len(line) > 75 {
				t.Errorf("%d octets: %s", len(line), line)
			}
		}
		if whole := strings.ReplaceAll(file, "\r\n ", ""); lines[0] != "BEGIN:VCALENDAR" || !strings.Contains(whole, "https://id.example.test/cases/case_1") {
			t.Errorf("no way back to the case: %s", whole)
		}
	}
	h.view.Stage = jieling.StageReady
	if w := h.ask("/cases/case_1/calendar.ics", nil, signedInAs); w.Code != http.StatusNotFound {
		t.Errorf("with nothing to wait for: %d", w.Code)
	}
	if got := folded(strings.Repeat("a", 76)); got != strings.Repeat("a", 75)+"\r\n a\r\n" { // 75 octets are a line
		t.Errorf("%q", got)
	}
	if got := folded("SUMMARY:" + plainText("a,b;c\\d\n")); got != "SUMMARY:a\\,b\\;c\\\\d\\n\r\n" {
		t.Errorf("%q", got)
	}
}

func TestTheReportHasWhatSealsIt(t *testing.T) {
	h := newHouse(t, false)
	h.deeds = append(someDeeds(), engine.Deed{Seq: 9, At: noon, Verb: "case.leg", By: jieling.ActorParty, Hash: [32]byte{0xab, 0xcd}})
	h.view.Stage, h.view.RemovedAt = jieling.StageGuarded, noon
	page := h.ask("/cases/case_1/report?lang=en", nil, signedInAs).Body.String()
	for _, want := range []string{"case_1", "us****42", "abcd00", lang.ReportGuarded.In(lang.EN), lang.DeedStep.In(lang.EN), lang.DeedPassed.In(lang.EN), lang.DoneTruths.In(lang.EN), `href="/cases/case_1"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	if w := h.ask("/cases/case_2/report", nil, signedInAs); w.Code != http.StatusNotFound {
		t.Errorf("of a case of nobody's: %d", w.Code)
	}
}

// Whoever says that something was stolen is offered the freeze before anything is begun, and may go on all the same.
func TestATheftLeadsToTheFreezeFirst(t *testing.T) {
	h := newHouse(t, false)
	w := h.ask("/bindings/bnd_qq/unlink", url.Values{"reason": {"theft"}}, signedInAs)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/bindings/bnd_qq/stolen" || h.verbs() != "" {
		t.Fatalf("%d to %q, did %q", w.Code, w.Header().Get("Location"), h.verbs())
	}
	page := h.ask("/bindings/bnd_qq/stolen", nil, signedInAs).Body.String()
	if !strings.Contains(page, `action="/freeze"`) || !strings.Contains(page, `name="anyway"`) || strings.Index(page, `action="/freeze"`) > strings.Index(page, `name="anyway"`) {
		t.Error("the freeze is not offered, or not first")
	}
	w = h.ask("/bindings/bnd_qq/replace", url.Values{"reason": {"theft"}}, signedInAs)
	if to := w.Header().Get("Location"); to != "/bindings/bnd_qq/stolen?goal=replace" || !strings.Contains(h.ask(to, nil, signedInAs).Body.String(), `action="/bindings/bnd_qq/replace"`) {
		t.Errorf("whoever replaces it is led to %s, and not back", to)
	}
	if w := h.ask("/bindings/bnd_qq/replace", url.Values{"reason": {"other"}}, signedInAs); w.Code != http.StatusSeeOther || h.verbs() != "open" || h.open.Goal != jieling.Replace {
		t.Errorf("a replacement: %d, did %q for %s", w.Code, h.verbs(), h.open.Goal)
	}
	if w := h.ask("/bindings/bnd_qq/unlink", url.Values{"reason": {"theft"}, "anyway": {"yes"}}, signedInAs); w.Code != http.StatusSeeOther || h.verbs() != "open open" || h.open.Reason != jieling.ReasonTheft || h.open.Goal != jieling.Unlink {
		t.Errorf("all the same: %d, did %q for %s", w.Code, h.verbs(), h.open.Reason)
	}
	if w := h.ask("/bindings/bnd_none/stolen", nil, signedInAs); w.Code != http.StatusNotFound {
		t.Errorf("a method of nobody's: %d", w.Code)
	}
}
