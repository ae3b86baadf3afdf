package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling/client"
)

// qqRow is a person with their settings, as the pages show them.
type qqRow struct {
	Person
	Settings qqPerson
}

func (q *qq) cast() ([]qqRow, qqSwitches) {
	q.mu.Lock()
	defer q.mu.Unlock()
	rows := []qqRow{}
	for _, p := range People() {
		rows = append(rows, qqRow{p, *q.people[p.Key]})
	}
	return rows, q.switches
}

func (q *qq) snapshot() any {
	q.mu.Lock()
	defer q.mu.Unlock()
	people := map[string]qqPerson{}
	for key, p := range q.people {
		people[key] = *p
	}
	return struct {
		People   map[string]qqPerson `json:"people"`
		Switches qqSwitches          `json:"switches"`
	}{people, q.switches}
}

// authorizePage asks who is signing in, and whether they agree.
func (q *qq) authorizePage(w http.ResponseWriter, r *http.Request) {
	if code, wrong := q.authorizeError(r.URL.Query()); wrong {
		q.tell(w, r, http.StatusOK, qqMessage(code))
		return
	}
	q.ask(w, r, func(v view) templ.Component {
		return v.consent(consent{
			Ask:    client.Text{ZH: "应用想用你的 QQ 登录，并读取昵称。你是谁？", EN: "The app wants to sign you in with QQ and read your nickname. Who are you?"},
			Action: r.URL.RequestURI(), People: People(),
		})
	})
}

// consent is the data of the authorise pages of QQ and WeChat.
type consent struct {
	Ask    client.Text
	Action string
	People []Person
}

func qqMessage(e qqError) client.Text {
	return client.Text{
		ZH: fmt.Sprintf("登录出错：%s（错误码 %d）", e.text(), int(e)),
		EN: fmt.Sprintf("Sign-in failed: %s (error %d)", e.text(), int(e)),
	}
}

func (q *qq) personPage(w http.ResponseWriter, r *http.Request) {
	p, known := personByKey(r.PathValue("key"))
	if !known {
		http.NotFound(w, r)
		return
	}
	q.mu.Lock()
	row := qqRow{p, *q.people[p.Key]}
	q.mu.Unlock()
	q.show(w, r, func(v view) templ.Component { return v.qqPerson(row) })
}

// personAct is a person changing their own settings at QQ: form field "act", or the same in the query for scripts.
func (q *qq) personAct(w http.ResponseWriter, r *http.Request) {
	key := r.PathValue("key")
	q.mu.Lock()
	defer q.mu.Unlock()
	p, known := q.people[key]
	if !known {
		http.NotFound(w, r)
		return
	}
	switch r.FormValue("act") {
	case "withdraw": // the app's next call is answered 100015
		p.Granted = false
		for _, t := range q.tokens {
			t.revoked = t.revoked || t.person == key
		}
	case "remove": // get_user_info is answered 100030
		p.ProfileRemoved = true
	case "allow":
		p.ProfileRemoved = false
	case "freeze": // whoever is signed in anywhere is signed out: the app's next call is answered 100015
		p.Frozen = true
		for _, t := range q.tokens {
			t.revoked = t.revoked || t.person == key
		}
	case "unfreeze":
		p.Frozen = false
	case "protect":
		p.LoginProtection = true
	case "unprotect":
		p.LoginProtection = false
	default:
		http.Error(w, "act must be withdraw, remove, allow, freeze, unfreeze, protect or unprotect", http.StatusBadRequest)
		return
	}
	back(w, r, "/people/"+key)
}

// flip is POST /_switch: the app's settings in QQ's console, as JSON; fields left out stay as they are.
func (q *qq) flip(w http.ResponseWriter, r *http.Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	next := q.switches
	d := json.NewDecoder(io.LimitReader(r.Body, bodyLimit))
	d.DisallowUnknownFields()
	if err := d.Decode(&next); err != nil {
		http.Error(w, "switches are unionid, online and profile: "+err.Error(), http.StatusBadRequest)
		return
	}
	q.switches = next
	writeJSON(w, next)
}
