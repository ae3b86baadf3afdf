package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jieling-id/jieling/internal/store"
)

// openTo says which rooms of the console a role opens; the documentation has the same table.
var openTo = map[store.Role]map[string]bool{
	store.Reviewer: {"/console": true, "/console/proofs": false, "/console/explain": true, "/console/simulate": false},
	store.Operator: {"/console": true, "/console/proofs": true, "/console/explain": true, "/console/simulate": true},
	store.Auditor:  {"/console": true, "/console/proofs": true, "/console/explain": true, "/console/simulate": false},
}

// did are what each room shows once it has done what its form asks.
var did = map[string]string{"/console/proofs": `data-claim="monotone"`, "/console/explain": `id="decision"`, "/console/simulate": `id="totals"`}

// TestStaff_ARoleOpensItsRooms goes through every room with every role on each store, looking and doing: what a role is not there for is refused with
// whom to ask, in both languages, and no page leads there.
func TestStaff_ARoleOpensItsRooms(t *testing.T) {
	forms := map[string]url.Values{
		"/console/proofs":   {},
		"/console/explain":  {"fact.platform": {"ios"}, "fact.goal": {"unlink"}, "fact.provider": {"qq"}, "fact.account_kind": {"personal"}, "fact.registered_through": {"true"}, "fact.last_way_in": {"false"}},
		"/console/simulate": {"pack": {weakened(t)}},
	}
	for name, database := range databases {
		t.Run(name, func(t *testing.T) {
			c := openCounter(t, database(t))
			c.add("the operator", store.Operator)
			for _, role := range store.Roles {
				m := c.add("a "+string(role), role)
				if status, _ := c.signIn(m.Row.Name, m.Password, authenticator(t, m.TOTP)); status != http.StatusOK {
					t.Fatalf("%s: %d", role, status)
				}
				for room, open := range openTo[role] {
					c.room(role, room, open, nil)
					if form := forms[room]; form != nil {
						c.room(role, room, open, form)
					}
				}
			}
		})
	}
}

// room looks into a room, or does what its form asks.
func (c *counter) room(role store.Role, room string, open bool, form url.Values) {
	c.Helper()
	status, page := c.ask(room, form)
	refused := status == http.StatusForbidden && strings.Contains(page, `data-code="forbidden"`)
	switch {
	case open && (status != http.StatusOK || refused):
		c.Errorf("%s at %s: %d", role, room, status)
	case open && form != nil && !strings.Contains(page, did[room]):
		c.Errorf("%s at %s: it does nothing", role, room)
	case !open && (!refused || strings.Contains(page, did[room])):
		c.Errorf("%s at %s: %d, want a refusal", role, room, status)
	case !open && !(strings.Contains(page, "Your role: "+string(role)) && strings.Contains(page, "the operator")):
		c.Errorf("%s at %s: not told whom to ask", role, room)
	}
	for other, opens := range openTo[role] {
		if leads := strings.Contains(page, `href="`+other+`"`); leads != opens {
			c.Errorf("%s at %s: leads to %s: %t", role, room, other, leads)
		}
	}
}

// A refusal says in each language whose room it is and whom to ask, and what was there a moment ago is gone when the role is.
func TestStaff_ARefusalNamesWhomToAsk(t *testing.T) {
	c := openCounter(t, databases["sqlite"](t))
	m := c.add("wu", store.Operator)
	if status, _ := c.signIn("wu", m.Password, authenticator(t, m.TOTP)); status != http.StatusOK {
		t.Fatal(status)
	}
	c.shows("as an operator", "/console/simulate", `id="simulate-go"`)
	if err := (staffRoleCommand{Name: "wu", Role: "auditor", DB: c.db}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.shows("as an auditor", "/console/proofs", `id="prove-go"`)
	c.shows("nobody to ask", "/console/simulate?lang=en", "Nobody has that role at the moment")
	c.add("lin", store.Operator)
	c.add("sun", store.Reviewer)
	c.shows("in English", "/console/simulate?lang=en", "The roles that this page is for: operator. Your role: auditor.")
	c.shows("in English", "/console/simulate?lang=en", "Ask lin, or ask whoever runs the server")
	c.shows("in Chinese", "/console/simulate?lang=zh-CN", "这一页的角色是：运维。你的角色是：审计员。")
	c.shows("in Chinese", "/console/simulate?lang=zh-CN", "可以请 lin 帮你看")
	if err := (staffDisableCommand{Name: "lin", DB: c.db}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.shows("whoever left is not named", "/console/simulate?lang=en", "Nobody has that role at the moment")
}
