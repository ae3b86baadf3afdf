package main

import (
	"github.com/chromedp/chromedp"

	"github.com/jieling-id/jieling/internal/sandbox"
)

// organisation is a member's case that takes what only an organisation gives, and the office of whoever decides on it.
func (r *tour) organisation() {
	member, admin := r.guest("zhou"), r.guest("wu")
	admin.arrive("phone", "/org", r.lang)
	admin.submit("#handoff-go")
	r.see(admin, "office-empty", "#requests .empty")

	member.arrive("phone", "/", r.lang)
	member.submit("#handoff-go")
	member.submit(`[data-unlink="wecom"]`)
	member.sees("#reason-organisation")
	member.do("give the reason", chromedp.Click(chromedp.CSS("#reason-organisation")))
	member.submit("#unlink-go")
	if member.has("#backup-declined") {
		member.submit("#backup-declined")
	}
	r.see(member, "organisation-asked-for", "#challenge-admin_approval")
	member.submit("#challenge-admin_approval")
	r.see(member, "organisation-waits", "#factor-admin_approval .remark")

	admin.open("/")
	r.see(admin, "centre-office", "#office")
	admin.submit("#office a")
	r.see(admin, "office", "#requests a.button")
	admin.submit("#requests a.button")
	r.see(admin, "request", "#decide")
	admin.write("#decision-reason", "8")
	admin.write("#decision-pin", "246813")
	admin.submit("#do-refuse")
	r.see(admin, "request-wrong", `#notice[data-code="wrong_answer"]`)
	admin.write("#decision-reason", "8")
	admin.write("#decision-pin", admin.who.PIN)
	admin.submit("#do-refuse")
	admin.sees("#requests .empty")
	member.open(member.here()[len(r.sheet.BaseURL):])
	r.see(member, "organisation-refused", "#factor-admin_approval .remark")

	r.acts(r.t, sandbox.WeCom, "/members/zhouke", "leave")
	member.open("/")
	r.see(member, "centre-withdrawn", `[data-said="member_left"]`)
	member.submit(`li:has([data-said]) a.way-in`)
	r.see(member, "binding-withdrawn", `#actions [data-renew="wecom"]`)
}
