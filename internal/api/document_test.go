package api_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/jieling-id/jieling/internal/api"
	"github.com/jieling-id/jieling/internal/gate"
)

// operation is one operation as the document describes it.
type operation struct {
	id, method, path, url, scope, example string
	idempotent                            bool
}

type document struct {
	Paths      map[string]map[string]any
	Components struct {
		Schemas map[string]map[string]any
	}
}

func readDocument(t testing.TB) document {
	t.Helper()
	var d document
	if err := yaml.Unmarshal(api.Document, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// fillIn are values for the parameters of every path.
var fillIn = strings.NewReplacer(
	"{account}", string(accountID), "{case}", string(caseID), "{org}", string(orgID), "{challenge}", "chl"+tail, "{device}", "dev"+tail, "{session}", "ses"+tail, "{step}", "freeze-qq", "{code}", "0123456789abcdef0123456789", "{image}", "0", "{webhook}", "whk"+tail, "{event}", "evt"+tail,
)

func operationsOf(t testing.TB) []operation {
	t.Helper()
	var out []operation
	for path, item := range readDocument(t).Paths {
		for method, v := range item {
			op, ok := v.(map[string]any)
			if !ok || method == "parameters" || strings.HasPrefix(path, "/providers/") { // which providers call, in their own form
				continue
			}
			o := operation{id: op["operationId"].(string), method: strings.ToUpper(method), path: path, url: "/v1" + fillIn.Replace(path)}
			o.scope, _ = op["x-jieling-scope"].(string)
			if o.id == "findAccount" {
				o.url += "?external_id=u-10086"
			}
			for _, p := range list(op["parameters"]) {
				o.idempotent = o.idempotent || p.(map[string]any)["$ref"] == "#/components/parameters/IdempotencyKey"
			}
			if body := content(op["requestBody"]); body != nil {
				b, err := json.Marshal(body["example"])
				if err != nil {
					t.Fatal(err)
				}
				o.example = string(b)
			}
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b operation) int { return strings.Compare(a.id, b.id) })
	if len(out) < 30 {
		t.Fatalf("the document has only %d operations", len(out))
	}
	return out
}

func list(v any) []any { l, _ := v.([]any); return l }

// content is the application/json of a request body; nil where there is none.
func content(body any) map[string]any {
	b, ok := body.(map[string]any)
	if !ok {
		return nil
	}
	is, _ := b["content"].(map[string]any)["application/json"].(map[string]any) // nil: a body of somebody else's form
	return is
}

// Calls that change nothing take no key, and neither does a claim, which its device makes idempotent.
func TestEveryChangeTakesAKey(t *testing.T) {
	without := []string{"resolve", "planUnbinding", "enrolmentOptions", "claimApproval", "claimReview", "signInStaff", "testWebhook"}
	for _, op := range operationsOf(t) {
		want := op.method == "POST" && !slices.Contains(without, op.id)
		if op.idempotent != want {
			t.Errorf("%s: takes a key %v, want %v", op.id, op.idempotent, want)
		}
		if !want {
			continue
		}
		h := newHouse(t, nil)
		p := refusal(t, h.ask(op.method, op.url, op.example, drop("Idempotency-Key")))
		if p.Code != "invalid_argument" || len(p.Errors) != 1 || p.Errors[0].Field != "Idempotency-Key" || len(h.calls) != 0 {
			t.Errorf("%s without a key: %+v, %d verbs", op.id, p, len(h.calls))
		}
	}
}

func TestRequestsRefuseUnknownFields(t *testing.T) {
	d := readDocument(t)
	for _, item := range d.Paths {
		for _, v := range item {
			op, ok := v.(map[string]any)
			if !ok {
				continue
			}
			body := content(op["requestBody"])
			if body == nil {
				continue
			}
			name := strings.TrimPrefix(body["schema"].(map[string]any)["$ref"].(string), "#/components/schemas/")
			if d.Components.Schemas[name]["additionalProperties"] != false {
				t.Errorf("%s takes unknown fields", name)
			}
		}
	}
}

func TestEveryOperationIsMounted(t *testing.T) {
	for _, op := range operationsOf(t) {
		h := newHouse(t, nil)
		if w := h.ask(op.method, op.url, op.example); w.Code/100 != 2 || len(h.calls) != 1 {
			t.Errorf("%s %s: %d, %d verbs", op.method, op.url, w.Code, len(h.calls))
		}
		if !strings.Contains(h.log.String(), `"route":"/v1`+op.path+`"`) {
			t.Errorf("%s is not known by its route in the log: %s", op.id, h.log)
		}
	}
}

func TestEveryOperationIsDescribed(t *testing.T) {
	for path, item := range readDocument(t).Paths {
		for method, v := range item {
			op, ok := v.(map[string]any)
			if !ok {
				continue
			}
			for _, key := range []string{"summary", "tags", "x-jieling-scope"} {
				if op[key] == nil {
					t.Errorf("%s %s has no %s", method, path, key)
				}
			}
			if responses := op["responses"].(map[string]any); responses["default"] == nil {
				t.Errorf("%s %s does not say how it refuses", method, path)
			}
			if body := content(op["requestBody"]); body != nil && body["example"] == nil {
				t.Errorf("%s %s has no example", method, path)
			}
		}
	}
}

// Whatever a caller can be told stands in the documentation, by the anchor that problems point at, with its status.
func TestEveryCodeIsDocumented(t *testing.T) {
	b, err := os.ReadFile("../../docs/reference/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^### ([a-z_]+)\n\n\\*\\*(\\d{3})").FindAllStringSubmatch(string(b), -1) {
		rows[m[1]] = m[2]
	}
	for _, code := range gate.Codes() {
		if got, want := rows[string(code)], gate.Status(code); got != jsonNumber(want) {
			t.Errorf("%s: documented with status %q, is %d", code, got, want)
		}
		delete(rows, string(code))
	}
	for code := range rows {
		t.Errorf("%s is documented and does not exist", code)
	}
}

func jsonNumber(n int) string { b, _ := json.Marshal(n); return string(b) }

// The page that introduces the API names every operation.
func TestReferenceNamesEveryOperation(t *testing.T) {
	b, err := os.ReadFile("../../docs/reference/http-api.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range operationsOf(t) {
		if !strings.Contains(string(b), "`"+op.method+" "+op.path+"`") {
			t.Errorf("docs/reference/http-api.md does not name `%s %s`", op.method, op.path)
		}
	}
}
