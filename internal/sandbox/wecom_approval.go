package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/jieling-id/jieling/client"
)

// Codes of approvals.
const (
	wecomBadParameter wecomError = 301025
	wecomNoTemplate   wecomError = 301055
)

// The states of an approval.
const (
	wecomPending        = 1
	wecomApproved       = 2
	wecomRefused        = 3
	wecomWithdrawn      = 4
	wecomWithdrawnAfter = 6 // it had been approved
)

// wecomApproval is a form of the approval app.
type wecomApproval struct {
	Number  string
	Creator string
	Text    string
	Status  int
	By      string // who decided, by userid
	Speech  string
}

// Says words the state.
func (a wecomApproval) Says() client.Text {
	return map[int]client.Text{
		wecomPending: {ZH: "审批中", EN: "pending"}, wecomApproved: {ZH: "已同意", EN: "approved"}, wecomRefused: {ZH: "已驳回", EN: "refused"},
		wecomWithdrawn: {ZH: "已撤销", EN: "withdrawn"}, wecomWithdrawnAfter: {ZH: "通过后撤销", EN: "withdrawn after it was approved"},
	}[a.Status]
}

func (x *wecom) asked() (all []wecomApproval) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, a := range x.approvals {
		all = append(all, *a)
	}
	return all
}

// apply is oa/applyevent. A repeat is another form, as at WeCom.
func (x *wecom) apply(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Creator  string `json:"creator_userid"`
		Template string `json:"template_id"`
		Data     struct {
			Contents []struct {
				Control, ID string
				Value       struct{ Text string }
			}
		} `json:"apply_data"`
	}
	err := json.NewDecoder(io.LimitReader(r.Body, bodyLimit)).Decode(&in)
	x.mu.Lock()
	defer x.mu.Unlock()
	e := x.allowed(r, wecomNoTemplate)
	switch {
	case e != wecomOK:
	case err != nil || len(in.Data.Contents) != 1 || in.Data.Contents[0].ID != x.control:
		e = wecomBadParameter
	case in.Template != x.template || x.status[in.Creator] != wecomActive:
		e = wecomNoTemplate
	}
	if e != wecomOK {
		writeWeCom(w, e, nil)
		return
	}
	a := &wecomApproval{Number: fmt.Sprintf("2026%08d", len(x.approvals)+1), Creator: in.Creator, Text: in.Data.Contents[0].Value.Text, Status: wecomPending}
	x.approvals = append(x.approvals, a)
	writeWeCom(w, wecomOK, map[string]any{"sp_no": a.Number})
}

func (x *wecom) detail(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Number string `json:"sp_no"`
	}
	err := json.NewDecoder(io.LimitReader(r.Body, bodyLimit)).Decode(&in)
	x.mu.Lock()
	defer x.mu.Unlock()
	i := slices.IndexFunc(x.approvals, func(a *wecomApproval) bool { return a.Number == in.Number })
	if e := x.allowed(r, wecomNoTemplate); e != wecomOK || err != nil || i < 0 {
		writeWeCom(w, max(e, wecomBadParameter), nil)
		return
	}
	a := x.approvals[i]
	status, detail := a.Status, wecomPending
	if has(r.Context(), FaultLie) {
		status = wecomApproved
	}
	if a.By != "" {
		detail = min(a.Status, wecomRefused)
		if a.Status == wecomWithdrawnAfter {
			detail = wecomApproved
		}
	}
	writeWeCom(w, wecomOK, map[string]any{"info": map[string]any{
		"sp_no": a.Number, "sp_status": status, "template_id": x.template, "applyer": map[string]any{"userid": a.Creator},
		"sp_record": []any{map[string]any{"sp_status": detail, "approverattr": 1, "details": []any{
			map[string]any{"approver": map[string]any{"userid": a.By}, "speech": a.Speech, "sp_status": detail},
		}}},
	}})
}

// decide is whoever has the form before them at WeCom: an approver, or its creator who takes it back. WeCom tells the app that began it.
func (x *wecom) decide(w http.ResponseWriter, r *http.Request) {
	a, known := x.settle(r)
	if !known {
		http.Error(w, "no such approval or act", http.StatusBadRequest)
		return
	}
	event := eventXML(x.now(), "ToUserName", x.corpID, "FromUserName", "sys", "MsgType", "event", "Event", "sys_approval_change")
	x.push.tell(r.Context(), x.now(), strings.Replace(event, "</xml>", fmt.Sprintf(
		"<ApprovalInfo><SpNo>%s</SpNo><SpNoStr>%s</SpNoStr><SpStatus>%d</SpStatus><Applyer><UserId><![CDATA[%s]]></UserId></Applyer></ApprovalInfo></xml>",
		a.Number, a.Number, a.Status, a.Creator), 1))
	back(w, r, "/")
}

// settle moves the form on, and reports whether there is one that can be moved so.
func (x *wecom) settle(r *http.Request) (wecomApproval, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	i := slices.IndexFunc(x.approvals, func(a *wecomApproval) bool { return a.Number == r.PathValue("number") })
	if i < 0 {
		return wecomApproval{}, false
	}
	a := x.approvals[i]
	switch act := r.FormValue("act"); {
	case act == "approve" && a.Status == wecomPending:
		a.Status, a.By = wecomApproved, r.FormValue("as")
	case act == "refuse" && a.Status == wecomPending:
		a.Status, a.By, a.Speech = wecomRefused, r.FormValue("as"), r.FormValue("speech")
	case act == "withdraw" && a.Status == wecomPending:
		a.Status = wecomWithdrawn
	case act == "withdraw" && a.Status == wecomApproved:
		a.Status = wecomWithdrawnAfter
	default:
		return wecomApproval{}, false
	}
	return *a, true
}
