package face_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/factor/face"
	"github.com/jieling-id/jieling/internal/factor/factortest"
	"github.com/jieling-id/jieling/internal/sandbox"
	"github.com/jieling-id/jieling/internal/tc3"
)

// inSandbox is the exam at the sandbox's vendor, which checks signatures and parameters for itself.
func inSandbox(t *testing.T) (fault func(mode string), exam factortest.Exam) {
	t.Helper()
	w, err := sandbox.Start(t.Context(), sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	c := sandbox.DefaultCredentials()
	f, err := face.New(face.Config{BaseURL: w.URL(sandbox.Face), Key: tc3.Key{ID: c.TencentID, Secret: c.TencentKey}, RuleID: c.FaceRuleID})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := f.Enrol(t.Context(), jieling.Account{}, nil, []byte(`{"name":"林小满","id_card":"11010519491231002X"}`))
	if err != nil {
		t.Fatal(err)
	}
	post := func(path, body string) {
		t.Helper()
		resp, err := http.Post(w.URL(sandbox.Face)+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s", path, resp.Status)
		}
	}
	return func(mode string) { post("/_fault", `{"mode":"`+mode+`"}`) }, factortest.Exam{
		Factor:   f,
		Enrolled: []factor.Enrolled{{Enrolment: jieling.Enrolment{ID: "fac_1"}, Open: kept.Secret}},
		Answer: func(t *testing.T, _ jieling.Challenge, issued factor.Issued, right bool) factor.Answer {
			var public face.Public
			if err := json.Unmarshal(issued.Public, &public); err != nil {
				t.Fatal(err)
			}
			_, token, _ := strings.Cut(public.URL, "/detect/")
			post("/_play", fmt.Sprintf(`{"biz_token":%q,"outcome":%q}`, token, map[bool]string{true: "pass", false: "fail"}[right]))
			return factor.Answer{}
		},
		Down:     w.Close,
		MaxTTL:   10 * time.Minute,
		MaxLimit: 3,
	}
}

func TestFaceAtTheSandboxsVendor(t *testing.T) {
	_, exam := inSandbox(t)
	factortest.Run(t, exam)
}

func TestS30_TheSandboxVendorsFaults(t *testing.T) {
	fault, exam := inSandbox(t)
	p := exam.Put(t, 1)
	check := func() (factor.Verdict, error) {
		return exam.Factor.Check(t.Context(), p.Challenge, p.Issued.Secret, exam.Enrolled, factor.Answer{})
	}
	if verdict, err := check(); err != nil || !verdict.Pending {
		t.Fatalf("before the camera: %+v, %v", verdict, err)
	}
	exam.Answer(t, p.Challenge, p.Issued, true)
	for _, mode := range []string{"error", "refuse"} {
		fault(mode)
		if verdict, err := check(); jieling.CodeOf(err) != jieling.CodeDependency || verdict.Passed || verdict.Pending {
			t.Errorf("%s: %+v, %v", mode, verdict, err)
		}
	}
	fault("none")
	if verdict, err := check(); err != nil || !verdict.Passed {
		t.Errorf("after the faults: %+v, %v", verdict, err)
	}
}
