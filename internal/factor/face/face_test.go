package face_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/factor/face"
	"github.com/jieling-id/jieling/internal/factor/factortest"
	"github.com/jieling-id/jieling/internal/tc3"
)

const (
	name = "林小舟"
	card = "11010519491231002X" // the worked example of GB 11643-1999
)

// vendor answers as Tencent Cloud's faceid does. Result is what the next GetDetectInfoEnhanced holds in Text.
type vendor struct {
	*httptest.Server
	t       *testing.T
	opened  map[string]map[string]string // by token
	results map[string]string
	raw     func(w http.ResponseWriter, r *http.Request) bool // bends the next answer
	last    *http.Request
}

func newVendor(t *testing.T) *vendor {
	v := &vendor{t: t, opened: map[string]map[string]string{}, results: map[string]string{}}
	v.Server = httptest.NewServer(http.HandlerFunc(v.serve))
	t.Cleanup(v.Close)
	return v
}

func (v *vendor) serve(w http.ResponseWriter, r *http.Request) {
	v.last = r
	if v.raw != nil && v.raw(w, r) {
		return
	}
	var in map[string]string
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		v.t.Error(err)
	}
	switch r.Header.Get("X-TC-Action") {
	case "DetectAuth":
		token := fmt.Sprintf("BIZ-%d", len(v.opened)+1)
		v.opened[token] = in
		fmt.Fprintf(w, `{"Response":{"Url":"https://vendor.example.test/%s","BizToken":"%s","RequestId":"r"}}`, token, token)
	case "GetDetectInfoEnhanced":
		text, ok := v.results[in["BizToken"]]
		if !ok {
			text = `{"ErrCode":null,"ErrMsg":null}`
		}
		fmt.Fprintf(w, `{"Response":{"Text":%s,"RequestId":"r"}}`, text)
	default:
		fmt.Fprint(w, `{"Response":{"Error":{"Code":"InvalidAction","Message":"no"},"RequestId":"r"}}`)
	}
}

// finish plays the person at the camera for the verification that was opened last.
func (v *vendor) finish(code int, name, card, extra string) {
	text, _ := json.Marshal(map[string]any{"ErrCode": code, "IdCard": card, "Name": name, "Extra": extra})
	v.results[fmt.Sprintf("BIZ-%d", len(v.opened))] = string(text)
}

func newExam(t *testing.T) (*vendor, factortest.Exam) {
	t.Helper()
	v := newVendor(t)
	f, err := face.New(face.Config{
		BaseURL: v.URL, Key: tc3.Key{ID: "AKIDtest", Secret: "hush-hush"}, RuleID: "1", Now: func() time.Time { return factortest.Now },
	})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := f.Enrol(t.Context(), jieling.Account{}, nil, []byte(`{"name":"林小舟","id_card":"11010519491231002x"}`))
	if err != nil || kept.Label != "林**" {
		t.Fatalf("%q, %v", kept.Label, err)
	}
	return v, factortest.Exam{
		Factor:   f,
		Enrolled: []factor.Enrolled{{Enrolment: jieling.Enrolment{ID: "fac_1"}, Open: kept.Secret}},
		Answer: func(_ *testing.T, ch jieling.Challenge, _ factor.Issued, right bool) factor.Answer {
			v.finish(map[bool]int{true: 0, false: 2004}[right], name, card, string(ch.ID))
			return factor.Answer{}
		},
		Down:     v.Close,
		MaxTTL:   10 * time.Minute,
		MaxLimit: 3,
	}
}

func TestFace(t *testing.T) {
	_, exam := newExam(t)
	factortest.Run(t, exam)
}

func TestTheVendorIsAskedAboutThePersonEnrolled(t *testing.T) {
	v, exam := newExam(t)
	p := exam.Put(t, 1)
	in := v.opened["BIZ-1"]
	if in["Name"] != name || in["IdCard"] != card || in["RuleId"] != "1" || in["Extra"] != string(p.Challenge.ID) || in["RedirectUrl"] != exam.Ask(1).Return {
		t.Errorf("asked %v", in)
	}
	if string(p.Issued.Public) != `{"url":"https://vendor.example.test/BIZ-1"}` {
		t.Errorf("Public is %s", p.Issued.Public)
	}
	for header, want := range map[string]string{"X-TC-Version": "2018-03-01", "X-TC-Timestamp": "1772366400"} {
		if got := v.last.Header.Get(header); got != want {
			t.Errorf("%s: %s", header, got)
		}
	}
	if a := v.last.Header.Get("Authorization"); !strings.Contains(a, "AKIDtest/2026-03-01/faceid/tc3_request") {
		t.Errorf("Authorization: %s", a)
	}
}

func TestNotFinishedIsPendingAndCostsNothing(t *testing.T) {
	v, exam := newExam(t)
	p := exam.Put(t, 1)
	for _, text := range []string{`{"ErrCode":null}`, `{}`, `null`} {
		v.results["BIZ-1"] = text
		verdict, err := exam.Factor.Check(t.Context(), p.Challenge, p.Issued.Secret, exam.Enrolled, factor.Answer{})
		if err != nil || !verdict.Pending || verdict.Passed {
			t.Errorf("%s: got %+v, %v", text, verdict, err)
		}
	}
}

func TestS30_OnlyAPassForThisPersonAndChallengeCounts(t *testing.T) {
	v, exam := newExam(t)
	p := exam.Put(t, 1)
	id := string(p.Challenge.ID)
	for what, finish := range map[string]func(){
		"another document":   func() { v.finish(0, name, "110101199003077758", id) },
		"another name":       func() { v.finish(0, "王大海", card, id) },
		"no document named":  func() { v.finish(0, "", "", id) },
		"another challenge":  func() { v.finish(0, name, card, "chl_other") },
		"no challenge named": func() { v.finish(0, name, card, "") },
		"a negative code":    func() { v.finish(-1, name, card, id) },
	} {
		finish()
		verdict, err := exam.Factor.Check(t.Context(), p.Challenge, p.Issued.Secret, exam.Enrolled, factor.Answer{})
		if err != nil || verdict.Passed || verdict.Pending {
			t.Errorf("%s: got %+v, %v", what, verdict, err)
		}
	}
	// What the browser brings back is not looked at.
	v.finish(2004, name, card, id)
	verdict, _ := exam.Factor.Check(t.Context(), p.Challenge, p.Issued.Secret, exam.Enrolled, factor.Answer{Given: []byte(`{"ErrCode":0}`)})
	if verdict.Passed {
		t.Error("passed on the browser's word")
	}
}

func TestS30_NonsenseFromTheVendorIsNeverAPass(t *testing.T) {
	for what, answer := range map[string]string{
		"refused":       `{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure","Message":"hush-hush 11010519491231002X"},"RequestId":"r"}}`,
		"not JSON":      `<html>busy</html>`,
		"cut off":       `{"Response":{"Text":{"ErrCode":0`,
		"no envelope":   `{"Text":{"ErrCode":0}}`,
		"a text result": `{"Response":{"Text":{"ErrCode":"0"},"RequestId":"r"}}`,
		"empty":         ``,
	} {
		t.Run(what, func(t *testing.T) {
			v, exam := newExam(t)
			p := exam.Put(t, 1)
			v.raw = func(w http.ResponseWriter, _ *http.Request) bool { fmt.Fprint(w, answer); return true }
			verdict, err := exam.Factor.Check(t.Context(), p.Challenge, p.Issued.Secret, exam.Enrolled, factor.Answer{})
			if jieling.CodeOf(err) != jieling.CodeDependency || verdict.Passed || verdict.Pending {
				t.Errorf("Check: got %+v, %v", verdict, err)
			}
			_, issueErr := exam.Factor.Issue(t.Context(), exam.Ask(2))
			if jieling.CodeOf(issueErr) != jieling.CodeDependency {
				t.Errorf("Issue: %v", issueErr)
			}
			for _, secret := range []string{"hush-hush", card, name, "BIZ-1"} {
				if strings.Contains(err.Error()+issueErr.Error(), secret) {
					t.Errorf("an error tells %q", secret)
				}
			}
		})
	}
}

func TestNobodyIsSentToAnUnsafePage(t *testing.T) {
	for _, page := range []string{"http://vendor.example.test/x", "javascript:alert(1)", "", "//vendor.example.test"} {
		v, exam := newExam(t)
		v.raw = func(w http.ResponseWriter, _ *http.Request) bool {
			fmt.Fprintf(w, `{"Response":{"Url":%q,"BizToken":"b","RequestId":"r"}}`, page)
			return true
		}
		if _, err := exam.Factor.Issue(t.Context(), exam.Ask(1)); jieling.CodeOf(err) != jieling.CodeDependency {
			t.Errorf("%q: %v", page, err)
		}
	}
}

func TestS30_SilenceIsNotAPass(t *testing.T) {
	v, exam := newExam(t)
	p := exam.Put(t, 1)
	v.raw = func(_ http.ResponseWriter, r *http.Request) bool {
		_, _ = io.Copy(io.Discard, r.Body) // a server notices that the caller left only once it has read everything
		<-r.Context().Done()
		return true
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	verdict, err := exam.Factor.Check(ctx, p.Challenge, p.Issued.Secret, exam.Enrolled, factor.Answer{})
	if jieling.CodeOf(err) != jieling.CodeDependency || verdict.Passed {
		t.Errorf("got %+v, %v", verdict, err)
	}
}

func TestAnExpiredTokenIsSaidSo(t *testing.T) {
	v, exam := newExam(t)
	p := exam.Put(t, 1)
	v.raw = func(w http.ResponseWriter, _ *http.Request) bool {
		fmt.Fprint(w, `{"Response":{"Error":{"Code":"InvalidParameter.BizTokenExpired"},"RequestId":"r"}}`)
		return true
	}
	if _, err := exam.Factor.Check(t.Context(), p.Challenge, p.Issued.Secret, exam.Enrolled, factor.Answer{}); jieling.CodeOf(err) != jieling.CodeChallengeExpired {
		t.Errorf("got %v", err)
	}
}

func TestEnrolNeedsAPerson(t *testing.T) {
	_, exam := newExam(t)
	for _, given := range []string{
		``, `{}`, `{"name":"林小舟"}`, `{"name":"","id_card":"11010519491231002X"}`, `{"name":"林小舟","id_card":"110105194912310021"}`,
		`{"name":"林小舟","id_card":"1101051949123100X2"}`, `{"name":"` + strings.Repeat("长", 33) + `","id_card":"11010519491231002X"}`,
	} {
		_, err := exam.Factor.(factor.Enroller).Enrol(t.Context(), jieling.Account{}, nil, []byte(given))
		if jieling.CodeOf(err) != jieling.CodeInvalid {
			t.Errorf("%s: %v", given, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	good := face.Config{BaseURL: "https://faceid.example.test", Key: tc3.Key{ID: "i", Secret: "s"}, RuleID: "1"}
	if _, err := face.New(good); err != nil {
		t.Error(err)
	}
	for what, change := range map[string]func(*face.Config){
		"plain http": func(c *face.Config) { c.BaseURL = "http://faceid.example.test" },
		"no key":     func(c *face.Config) { c.Key.Secret = "" },
		"no rule":    func(c *face.Config) { c.RuleID = "" },
	} {
		c := good
		change(&c)
		if _, err := face.New(c); err == nil {
			t.Errorf("%s passes", what)
		}
	}
}

func TestS8_TheTokenOfAnotherChallengeIsNotEvenAsked(t *testing.T) {
	v, exam := newExam(t)
	a, b := exam.Put(t, 1), exam.Put(t, 2)
	v.raw = func(http.ResponseWriter, *http.Request) bool { t.Error("the vendor was asked"); return false }
	verdict, err := exam.Factor.Check(t.Context(), a.Challenge, b.Issued.Secret, exam.Enrolled, factor.Answer{})
	if err != nil || verdict.Passed || verdict.Pending {
		t.Errorf("got %+v, %v", verdict, err)
	}
}
