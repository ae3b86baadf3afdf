package ui

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/lang"
)

func rendered(t *testing.T, name string, l lang.Lang) *html.Node {
	t.Helper()
	all := samples()
	i := slices.IndexFunc(all, func(s sample) bool { return s.name == name })
	if i < 0 {
		t.Fatalf("no page is called %s", name)
	}
	doc, _ := render(t, all[i], l)
	return doc
}

func withID(doc *html.Node, id string) *html.Node {
	for _, n := range elements(doc, func(n *html.Node) bool { return attr(n, "id") == id }) {
		return n
	}
	return nil
}

// Every row of the pictures is said in a sentence beside them, in either language, with what it rests on; before a case is
// begun, while it is decided, and in short in the centre.
func TestWhoGetsInIsDrawnAndSaid(t *testing.T) {
	for _, l := range []lang.Lang{lang.ZH, lang.EN} {
		for _, page := range []string{"unlink", "case-replace", "case-confirm"} {
			part := withID(rendered(t, page, l), "access")
			if part == nil {
				t.Fatalf("%s does not say who gets in", page)
			}
			a := sampleAccess(qq.ID, qq, phone)
			said := text(part)
			for _, e := range a.Exposure {
				if !strings.Contains(said, l.Read(e.Text)) {
					t.Errorf("%s does not say %q", page, l.Read(e.Text))
				}
			}
			for _, loss := range a.Lockout {
				if !strings.Contains(said, l.Read(loss.Text)) {
					t.Errorf("%s does not say %q", page, l.Read(loss.Text))
				}
			}
			if !strings.Contains(said, a.Template) || !strings.Contains(said, l.Read(a.Repair.Text)) || !strings.Contains(said, l.Read(a.Note)) {
				t.Errorf("%s does not say what it rests on, or what would help", page)
			}
			gates := elements(part, func(n *html.Node) bool { return n.Data == "path" && strings.HasPrefix(attr(n, "class"), "gate ") })
			rows := min(mapMost, len(a.Exposure)) + min(mapMost, len(a.Lockout))
			if len(gates) != 2*rows {
				t.Errorf("%s draws %d marks for %d rows", page, len(gates), rows)
			}
		}
		home := text(withID(rendered(t, "home", l), "access"))
		if now := sampleAccess("", qq, phone); !strings.Contains(home, l.Read(now.Exposure[0].Title)) || !strings.Contains(home, now.Template) {
			t.Errorf("the centre says %q", home)
		}
	}
}

// A picture draws what the verdict says: a stolen QQ gets in now, afterwards reaches what is left behind; a lost number locks
// the owner out afterwards.
func TestThePicturesDrawTheVerdict(t *testing.T) {
	p := samplePage(lang.EN)
	a := sampleAccess(qq.ID, qq, phone)
	find := func(rows []passage, title string) passage {
		i := slices.IndexFunc(rows, func(r passage) bool { return r.Title == title })
		if i < 0 {
			t.Fatalf("%q has no row in %+v", title, rows)
		}
		return rows[i]
	}
	if got := find(p.strangers(*a), "Somebody who stole your QQ"); got.Now != enters || got.Later != partly {
		t.Errorf("a stolen QQ is drawn as %+v", got)
	}
	if got := find(p.strangers(*a), "Somebody with your SIM card replaced in your name"); got.Now != enters || got.Later != enters {
		t.Errorf("a SIM swap is drawn as %+v", got)
	}
	if got := find(p.returnsAfter(*a), "Your number is no longer yours"); got.Now != returns || got.Later != locked {
		t.Errorf("a lost number is drawn as %+v", got)
	}
	if got := find(p.returnsAfter(*a), "Your phone is lost"); got.Later != returns {
		t.Errorf("a lost phone is drawn as %+v", got)
	}
	drawn := map[string]mark{}
	for _, m := range []mark{enters, stopped, returns, locked} {
		if path := m.drawn(20, 20); path == "" || drawn[path] != "" && m != returns {
			t.Errorf("%s is drawn like %s", m, drawn[path])
		} else {
			drawn[path] = m
		}
	}
}

// Whatever is drawn stays inside the drawing, no row covers another or a mark, and what becomes worse stands before the rest.
func TestGatesStayInTheirDrawing(t *testing.T) {
	rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) passage {
		return passage{
			Title: rapid.StringOfN(rapid.RuneFrom([]rune("有人拿到你的手机QQ abcW。")), 1, 60, -1).Draw(t, "title"),
			Now:   rapid.SampledFrom([]mark{enters, stopped}).Draw(t, "now"), Later: rapid.SampledFrom([]mark{enters, stopped, partly}).Draw(t, "later"),
		}
	}), 0, 12)
	rapid.Check(t, func(t *rapid.T) {
		all := rows.Draw(t, "rows")
		g := pass(all, rapid.Bool().Draw(t, "care"))
		if len(g.Rows) != min(mapMost, len(all)) {
			t.Fatalf("%d rows of %d", len(g.Rows), len(all))
		}
		for i, r := range g.Rows {
			if r.X < 0 || r.box.Y < g.Head || r.box.Y+r.H > g.H || r.X+r.W > g.At[0]-13 || g.At[0]+11 > g.At[1]-13 || g.At[1]+11 > g.W {
				t.Fatalf("%+v is out of its place in %+v", r, g)
			}
			if i > 0 && g.Rows[i-1].box.Y+r.H > r.box.Y {
				t.Fatalf("%+v covers the row before it", r)
			}
			for _, line := range r.Lines {
				if breadth(line) > g.lines || len(r.Lines) > 2 {
					t.Fatalf("%q is wider than %d, or one of too many", line, g.lines)
				}
			}
			worse := func(r gateRow) bool {
				return r.Marks == [2]mark{stopped, enters} || r.Marks == [2]mark{stopped, partly}
			}
			if i > 0 && worse(r) && !worse(g.Rows[i-1]) {
				t.Fatal("what becomes worse stands behind")
			}
		}
	})
}

// S14: while something must be waived the page says what and why, offers what would help, and has no button that removes;
// once it is waived it says so, and has.
func TestS14_ThePageAsksForTheWaiverBeforeTheConfirmation(t *testing.T) {
	for _, l := range []lang.Lang{lang.ZH, lang.EN} {
		doc := rendered(t, "case-confirm-unsafe", l)
		part := withID(doc, "waive")
		if part == nil || withID(doc, "do-confirm") != nil {
			t.Fatal("an unsafe removal can be confirmed without a word")
		}
		losses := elements(part, func(n *html.Node) bool { return n.Data == "input" && attr(n, "name") == "loss" })
		if len(losses) != 2 || attr(losses[0], "value") != "nothing" || attr(losses[1], "value") != "phone_lost" {
			t.Errorf("%d losses are named", len(losses))
		}
		if withID(part, "reason") == nil || withID(part, "do-waive") == nil || withID(part, "do-replace") == nil {
			t.Error("there is no reason to give, or no other way")
		}
		if doc := rendered(t, "case-confirm-waived", l); withID(doc, "waive") != nil || withID(doc, "do-confirm") == nil || !strings.Contains(text(doc), l.Say(lang.WaiveSaid, "why", "138****8000")) {
			t.Error("what was waived cannot be confirmed, or is not said")
		}
		if doc := rendered(t, "case-confirm", l); withID(doc, "waive") != nil || withID(doc, "do-confirm") == nil {
			t.Error("a safe removal asks for a word")
		}
	}
	v := sampleCase(casework.MoveConfirm, func(v *CaseView) { v.Access = sampleAccess(qq.ID, qq, stale(phone)) })
	v.Waiver = &jieling.Waiver{Losses: []string{"phone_lost"}, Template: "older@1"}
	if len(v.mustWaive()) != 2 {
		t.Error("a waiver under other assumptions counts")
	}
}

// After the removal a residue is an open door, and the page says for whom; with nothing left behind it says nothing of the kind.
func TestAResidueIsSaidToBeADoor(t *testing.T) {
	for _, l := range []lang.Lang{lang.ZH, lang.EN} {
		part := withID(rendered(t, "case-clean", l), "still-reach")
		if part == nil || !strings.Contains(text(part), l.Read(jieling.Text{ZH: "有人盗了你的 QQ", EN: "Somebody who stole your QQ"})) || !strings.Contains(text(part), l.Read(both("QQ 钱包", "QQ Wallet"))) {
			t.Error("nobody is told who still reaches what is left")
		}
	}
	a := sampleAccess(qq.ID, qq, phone)
	for i := range a.Exposure {
		a.Exposure[i].During = a.Exposure[i].After
	}
	if len(reaching(a)) != 0 || len(reaching(nil)) != 0 {
		t.Errorf("%v reach something where nothing is left", reaching(a))
	}
}
