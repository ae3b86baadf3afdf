package wecom

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/jieling-id/jieling/internal/provider"
)

var _ provider.Approver = (*Provider)(nil)

// Approves reports whether an approval template is set up.
func (p *Provider) Approves() bool { return p.config.Template != "" }

// AskApproval begins the organisation's own flow for one of its members: who approves is what its template says. WeCom takes no key that
// would make a repeat the same request, so the caller keeps the number it is given, and the newest counts.
func (p *Provider) AskApproval(ctx context.Context, in provider.Petition) (string, error) {
	userid, ours := strings.CutPrefix(in.Member, p.config.CorpID+"/")
	if !ours || p.config.Template == "" {
		return "", provider.Away(name, errors.New("applyevent: not a member of this corp, or no template is set up"))
	}
	type text struct {
		Text string `json:"text"`
		Lang string `json:"lang,omitempty"`
	}
	type content struct {
		Control string `json:"control"`
		ID      string `json:"id"`
		Value   text   `json:"value"`
	}
	body := map[string]any{
		"creator_userid": userid, "template_id": p.config.Template, "use_template_approver": 1,
		"apply_data":   map[string]any{"contents": []content{{"Text", p.config.Control, text{Text: in.What.ZH}}}},
		"summary_list": []any{map[string]any{"summary_info": []text{{short(in.What.ZH), "zh_CN"}, {short(in.What.EN), "en"}}}},
	}
	var told struct {
		Number string `json:"sp_no"`
	}
	e := p.call(ctx, http.MethodPost, "/cgi-bin/oa/applyevent", url.Values{}, body, &told)
	if e.err == nil && told.Number == "" {
		e.err = errors.New("applyevent: the answer has no number")
	}
	if e.err != nil {
		return "", provider.Away(name, e.err)
	}
	return told.Number, nil
}

// short keeps a summary within the twenty characters that WeCom shows.
func short(s string) string {
	if r := []rune(s); len(r) > 20 {
		return string(r[:20])
	}
	return s
}

// ApprovalState reads the approval anew. Whoever approved is named, so that a member's own yes can be told (S12). The words that WeCom has
// for who must sign (1 is "all" in a request, and "any" in an event) do not matter here: sp_status is of the whole flow.
func (p *Provider) ApprovalState(ctx context.Context, number string) (provider.Approval, error) {
	var told struct {
		Info struct {
			Number  string `json:"sp_no"`
			Status  int    `json:"sp_status"`
			Records []struct {
				Details []struct {
					Approver struct {
						UserID string `json:"userid"`
					} `json:"approver"`
					Speech string `json:"speech"`
					Status int    `json:"sp_status"`
				} `json:"details"`
			} `json:"sp_record"`
		} `json:"info"`
	}
	e := p.call(ctx, http.MethodPost, "/cgi-bin/oa/getapprovaldetail", url.Values{}, map[string]string{"sp_no": number}, &told)
	if e.err == nil && told.Info.Number != number {
		e.err = errors.New("getapprovaldetail: the answer is of another approval")
	}
	if e.err != nil {
		return provider.Approval{}, provider.Away(name, e.err)
	}
	var out provider.Approval
	for _, r := range told.Info.Records {
		for _, d := range r.Details {
			if d.Status == approved && !slices.Contains(out.By, p.config.CorpID+"/"+d.Approver.UserID) {
				out.By = append(out.By, p.config.CorpID+"/"+d.Approver.UserID)
			}
			if d.Speech != "" {
				out.Said = d.Speech
			}
		}
	}
	switch told.Info.Status {
	case pending:
		out.State = provider.ApprovalPending
	case approved:
		out.State = provider.ApprovalGiven
	case refused:
		out.State = provider.ApprovalRefused
	case takenBack, takenBackAfterwards, deleted:
		out.State = provider.ApprovalWithdrawn
	default:
		return provider.Approval{}, provider.Away(name, errors.New("getapprovaldetail: a status that is not known"))
	}
	return out, nil
}

// The states of an approval at WeCom.
const (
	pending             = 1
	approved            = 2
	refused             = 3
	takenBack           = 4
	takenBackAfterwards = 6 // it had been approved
	deleted             = 7
)
