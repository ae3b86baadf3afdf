package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/jieling-id/jieling/internal/sandbox"
)

// notice reads the link out of the newest text message to somebody that has one, as a phone would show it.
func (h *house) notice(t *testing.T, to string) string {
	t.Helper()
	var link string
	err := eventually(t.Context(), func() (bool, error) {
		var in struct{ Messages []struct{ Text string } }
		if err := getJSON(t.Context(), h.sheet.Sandbox[sandbox.SMS]+"/inbox/"+url.PathEscape(to), &in); err != nil {
			return false, err
		}
		for _, m := range in.Messages {
			if i := strings.Index(m.Text, h.sheet.BaseURL+"/u/"); i >= 0 {
				link = m.Text[i:]
			}
		}
		return link != "", nil
	})
	if err != nil {
		t.Fatalf("no notice with a link: %v", err)
	}
	return link
}

// unlinked takes QQ off sun's account, with scripts or without.
func (h *house) unlinked(v *visitor) {
	v.t.Helper()
	v.arrive("phone", "/", "en")
	v.submit("#handoff-go")
	v.submit(`[data-unlink="qq"]`)
	v.do("say why", chromedp.Click(chromedp.CSS("#reason-separate")))
	v.submit("#unlink-go")
	v.submit("#backup-made")
	v.write("#pin-given", v.who.PIN)
	v.submit("#pin-go")
	v.confirm()
}

// TestPages_ANoticeIsDeniedWithoutSigningIn follows the link of the message on a phone that is not signed in: looking changes nothing,
// the keyboard finishes it, a second press is the same, and afterwards everybody is out, the login is back and the link is dead.
func TestPages_ANoticeIsDeniedWithoutSigningIn(t *testing.T) {
	h := openHouse(t)
	thief := h.visitor(t, "sun")
	h.unlinked(thief)
	link := h.notice(t, thief.who.Phone)[len(h.sheet.BaseURL):]
	owner, tab := h.visitor(t, "sun"), (*visitor)(nil)
	for range 2 {
		owner.open(link + "?lang=en")
	}
	owner.sees("#do-notme")
	tab = h.beside(owner)
	tab.open(link)
	owner.strikes("#do-notme", kb.Enter)
	owner.sees("#notme-done")
	thief.open("/")
	thief.sees("#signin-qq")
	tab.submit("#do-notme") // a page that had stood open: the same answer, and nothing more
	tab.sees("#notme-done")
	owner.open(link)
	owner.sees("#notme-dead")
	a, err := h.app.engine.Account(t.Context(), bySeed, owner.who.ID)
	if err != nil || !a.Frozen || a.WaysIn != 2 || len(a.Sessions) != 0 {
		t.Errorf("frozen %v, %d ways in, %d sessions (%v)", a.Frozen, a.WaysIn, len(a.Sessions), err)
	}
}

// denied looks at the pages behind the link of a notice.
func (r *tour) denied() {
	v := r.guest("sun")
	v.open(r.notice(r.t, v.who.Phone)[len(r.sheet.BaseURL):])
	r.see(v, "notme", "#do-notme")
	v.open("/u/a-link-that-never-was")
	r.see(v, "notme-dead", "#notme-dead")
}
