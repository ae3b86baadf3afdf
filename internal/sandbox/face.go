package sandbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling/client"
)

// faceLife is how long a BizToken can be used for a check.
const faceLife = 2 * time.Hour

// faceOutcome is what the person in front of the camera did.
type faceOutcome string

// The outcomes, a closed list.
const (
	faceWaiting faceOutcome = ""
	facePass    faceOutcome = "pass"
	faceFail    faceOutcome = "fail"
	faceLeave   faceOutcome = "leave" // walked away: nothing is decided
)

// face plays Tencent Cloud's face verification (faceid) and the page a person is sent to.
type face struct {
	*party
	ruleID, base string
	mu           sync.Mutex
	sessions     map[string]*faceSession // by BizToken
	order        []string
}

type faceSession struct {
	Token    string      `json:"biz_token"`
	Outcome  faceOutcome `json:"outcome"`
	Extra    string      `json:"extra"`
	Begun    time.Time   `json:"begun"`
	redirect string
	idCard   string
	name     string
}

// open reports whether nothing is decided yet.
func (s *faceSession) open() bool { return s.Outcome == faceWaiting || s.Outcome == faceLeave }

func newFace(c Config, l *looks, base string) *face {
	f := &face{
		party: newParty(Face, client.Text{ZH: "人脸核身", EN: "Face check"},
			client.Text{ZH: "人脸核身服务。在它的页面上，你来扮演镜头前的人。", EN: "The face verification vendor. On its page you play the person in front of the camera."},
			[]string{"DetectAuth", "GetDetectInfoEnhanced"}, c, l),
		ruleID: c.Credentials.FaceRuleID, base: base, sessions: map[string]*faceSession{},
	}
	f.state = func() any { return f.list() }
	front := &cloud{service: "faceid", version: "2018-03-01", id: c.Credentials.TencentID, key: c.Credentials.TencentKey, now: c.Now}
	front.actions = map[string]func(context.Context, []byte) (map[string]any, error){
		"DetectAuth": f.detectAuth, "GetDetectInfoEnhanced": f.detectInfo,
	}
	f.wire("POST /{$}", front.ServeHTTP)
	f.page("GET /{$}", func(_ *http.Request, v view) templ.Component { return v.face(f.list()) })
	f.mux.HandleFunc("GET /detect/{token}", f.detectPage)
	f.mux.HandleFunc("POST /detect/{token}", f.detectPlay)
	f.mux.HandleFunc("POST /_play", f.playJSON)
	return f
}

// list is every session, newest first.
func (f *face) list() []faceSession {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := []faceSession{}
	for i := len(f.order) - 1; i >= 0; i-- {
		all = append(all, *f.sessions[f.order[i]])
	}
	return all
}

type detectAuth struct {
	RuleId, IdCard, Name, RedirectUrl, Extra string //nolint:revive // the wire's spelling
}

func (f *face) detectAuth(ctx context.Context, body []byte) (map[string]any, error) {
	var in detectAuth
	if err := readParameters(body, &in); err != nil {
		return nil, err
	}
	target, err := url.Parse(in.RedirectUrl)
	switch {
	case has(ctx, FaultRefuse):
		return nil, failed("UnauthorizedOperation.Arrears", "The account is in arrears.")
	case in.RuleId != f.ruleID:
		return nil, failed("InvalidParameterValue.RuleIdNotExist", "The RuleId does not exist.")
	case err != nil || (in.RedirectUrl != "" && target.Scheme != "http" && target.Scheme != "https"):
		return nil, failed("InvalidParameter", "RedirectUrl is not a web address.")
	}
	s := &faceSession{Token: requestID(), Extra: in.Extra, Begun: f.now(), redirect: in.RedirectUrl, idCard: in.IdCard, name: in.Name}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sessions[s.Token] = s
	f.order = append(f.order, s.Token)
	return map[string]any{"Url": f.base + "/detect/" + s.Token, "BizToken": s.Token}, nil
}

func (f *face) detectInfo(ctx context.Context, body []byte) (map[string]any, error) {
	var in struct{ BizToken, RuleId, InfoType, BestFramesCount, IsCutIdCardImage, IsNeedIdCardAvatar any }
	if err := readParameters(body, &in); err != nil {
		return nil, err
	}
	token, _ := in.BizToken.(string)
	f.mu.Lock()
	defer f.mu.Unlock()
	s, known := f.sessions[token]
	switch {
	case !known:
		return nil, failed("InvalidParameterValue.BizTokenIllegal", "The BizToken is illegal.")
	case in.RuleId != f.ruleID:
		return nil, failed("InvalidParameterValue.RuleIdNotExist", "The RuleId does not exist.")
	case s.open() && f.now().Sub(s.Begun) > faceLife:
		return nil, failed("InvalidParameterValue.BizTokenExpired", "The BizToken is expired.")
	case has(ctx, FaultRefuse):
		return nil, failed("UnauthorizedOperation.Arrears", "The account is in arrears.")
	}
	outcome := s.Outcome
	if has(ctx, FaultLie) {
		outcome = facePass
	}
	return map[string]any{"Text": faceText(s, outcome)}, nil
}

// faceText is the textual result. Until the person has finished there is no error code and no attempt in it.
func faceText(s *faceSession, outcome faceOutcome) map[string]any {
	text := map[string]any{"ErrCode": nil, "ErrMsg": nil, "IdCard": s.idCard, "Name": s.name, "Extra": s.Extra, "Sim": nil, "LivenessDetail": []any{}}
	switch outcome {
	case facePass:
		text["ErrCode"], text["ErrMsg"], text["Sim"] = 0, "成功", "96.40"
	case faceFail:
		text["ErrCode"], text["ErrMsg"], text["Sim"] = 1004, "比对相似度未达到通过标准", "31.07"
	default:
		return text
	}
	text["LivenessDetail"] = []any{map[string]any{
		"ReqTime": s.Begun.UnixMilli(), "Seq": rand.Text(), "Idcard": s.idCard, "Name": s.name, "Sim": text["Sim"],
		"Errcode": text["ErrCode"], "Errmsg": text["ErrMsg"], "IsNeedCharge": outcome == facePass,
	}}
	return text
}

func (f *face) detectPage(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	_, known := f.sessions[r.PathValue("token")]
	f.mu.Unlock()
	if !known {
		http.NotFound(w, r)
		return
	}
	f.ask(w, r, view.detect)
}

// detectPlay is the person's decision on the page. Whoever walks away is not sent back to the app.
func (f *face) detectPlay(w http.ResponseWriter, r *http.Request) {
	outcome := faceOutcome(r.FormValue("outcome"))
	redirect, problem := f.play(r.PathValue("token"), outcome)
	switch {
	case problem.ZH != "":
		f.tell(w, r, http.StatusConflict, problem)
	case outcome == faceLeave || redirect == "":
		f.tell(w, r, http.StatusOK, client.Text{ZH: "可以关闭这个页面了。", EN: "You can close this page."})
	default:
		redirectWith(w, r, redirect, "BizToken", r.PathValue("token"))
	}
}

func (f *face) play(token string, outcome faceOutcome) (redirect string, problem client.Text) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, known := f.sessions[token]
	switch {
	case !known:
		return "", client.Text{ZH: "没有这次核身。", EN: "There is no such check."}
	case outcome != facePass && outcome != faceFail && outcome != faceLeave:
		return "", client.Text{ZH: "结果只能是 pass、fail 或 leave。", EN: "The outcome must be pass, fail or leave."}
	case !s.open():
		return "", client.Text{ZH: "这次核身已经结束。请回到应用重新发起。", EN: "This check is over. Go back to the app and start a new one."}
	case f.now().Sub(s.Begun) > faceLife:
		return "", client.Text{ZH: "这次核身已过期。请回到应用重新发起。", EN: "This check has expired. Go back to the app and start a new one."}
	}
	s.Outcome = outcome
	return s.redirect, client.Text{}
}

// playJSON is POST /_play for scripts: {"biz_token","outcome"} → {"redirect"}, the address the person would be sent to.
func (f *face) playJSON(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Token   string      `json:"biz_token"`
		Outcome faceOutcome `json:"outcome"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, bodyLimit)).Decode(&in); err != nil {
		http.Error(w, "send biz_token and outcome as JSON", http.StatusBadRequest)
		return
	}
	redirect, problem := f.play(in.Token, in.Outcome)
	if problem.ZH != "" {
		http.Error(w, problem.EN, http.StatusConflict)
		return
	}
	writeJSON(w, map[string]string{"redirect": withToken(redirect, in.Token)})
}

func withToken(redirect, token string) string {
	u, err := url.Parse(redirect)
	if err != nil || redirect == "" {
		return redirect
	}
	q := u.Query()
	q.Set("BizToken", token)
	u.RawQuery = q.Encode()
	return u.String()
}
