package client

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Probe is what a conformance check works with: an account and a binding of it, set aside for testing, that the
// participant knows and on which at least one dependent that is lost or changed should hang. The check unlinks and restores
// it many times and ends with a clean-up, which is not undone: never use a person's account.
type Probe struct {
	Account string
	Binding BindingRef
	// HTTP sends the requests; nil means a client that waits 10 seconds for an answer and follows no redirects.
	HTTP *http.Client
	// Now is the clock requests are signed with; nil means time.Now.
	Now func() time.Time
	// Patience is how often a pending answer is asked again before it counts as never final; 0 means 20.
	Patience int
	// Pause is the time between two such questions; 0 means 500 ms.
	Pause time.Duration
}

// Rule is one promise of the participant contract, with a stable ID.
type Rule struct {
	ID   string
	Says string
}

// Finding is a rule that the participant broke, and what was seen.
type Finding struct {
	Rule
	Saw string
}

// String gives the finding on one line.
func (f Finding) String() string { return f.ID + ": " + f.Says + ". Saw: " + f.Saw }

// CheckConformance asks the participant at baseURL everything the contract promises, over HTTP, and reports each broken
// rule once, in the order of [ConformanceRules]. No findings means conformant. A participant that cannot be reached, or that
// does not answer the first question, is reported as that one finding. Cancelling ctx ends the check with a finding for the
// rule it was at.
func CheckConformance(ctx context.Context, baseURL string, secret Secret, probe Probe) []Finding {
	x := newExaminer(ctx, baseURL, secret, probe)
	var findings []Finding
	for i, c := range conformanceChecks() {
		saw := c.run(x)
		if saw == "" {
			continue
		}
		findings = append(findings, Finding{c.Rule, saw})
		if i == 0 || ctx.Err() != nil {
			break // nothing further can be learnt
		}
	}
	return findings
}

// ConformanceRules lists what [CheckConformance] checks, in its order.
func ConformanceRules() []Rule {
	var rules []Rule
	for _, c := range conformanceChecks() {
		rules = append(rules, c.Rule)
	}
	return rules
}

// check is one rule with the way to find out. run gives what was seen when the rule is broken, and nothing otherwise.
type check struct {
	Rule
	run func(*examiner) string
}

func conformanceChecks() []check {
	return append([]check{
		{Rule{"describe", "describe answers 200 with well-formed dependents"}, describeAnswers},
		{Rule{"describe-pure", "describe changes nothing"}, describeTwice},
		{Rule{"describe-unknown", "an account it does not know has no dependents"}, describeUnknown},
		{Rule{"signature-missing", "an unsigned request is refused with 401"}, unsigned},
		{Rule{"signature-wrong", "a request signed with another secret is refused with 401"}, wrongSecret},
		{Rule{"signature-body", "a request changed after it was signed is refused with 401"}, changedBody},
		{Rule{"signature-old", "a request signed six minutes ago is refused with 401"}, signedAt(-6 * time.Minute)},
		{Rule{"signature-future", "a request signed six minutes ahead is refused with 401"}, signedAt(6 * time.Minute)},
		{Rule{"signature-rotation", "one accepted signature among several is enough"}, severalSignatures},
		{Rule{"method", "anything but POST is refused with 405"}, notPost},
		{Rule{"operation", "an unknown operation is refused with 404"}, unknownOperation},
		{Rule{"media-type", "anything but JSON is refused with 415"}, notJSON},
		{Rule{"body-limit", "a body above 1 MiB is refused with 413"}, largeBody},
		{Rule{"body-shape", "a body that is not one JSON object is refused with 400"}, brokenBody},
		{Rule{"unknown-field", "an unknown field is refused with 400, by name"}, unknownField},
		{Rule{"missing-field", "a missing field is refused with 400, by name"}, missingField},
		{Rule{"action", "an unknown action is refused with 400"}, unknownAction},
		{Rule{"prepare-harmless", "prepare takes nothing away"}, prepareHarmless},
		{Rule{"prepare-repeat", "a repeated prepare gets the same answer"}, prepareRepeat},
		{Rule{"step-mismatch", "a step that comes back in another case, or a case about another binding, is refused with 409"}, stepMismatch},
		{Rule{"commit-unprepared", "a commit without a prepare is refused with 409 and takes nothing"}, commitUnprepared},
		{Rule{"verify-before", "before the commit verify does not say clean while something hangs on the binding"}, verifyBefore},
		{Rule{"commit-acts", "after the commit describe lists nothing as lost or changed that verify does not name"}, commitActs},
		{Rule{"commit-repeat", "a repeated commit, under the same or a new step, is answered committed and does nothing again"}, commitRepeat},
		{Rule{"commit-parallel", "the same commit, asked eight times at once, is done once"}, commitParallel},
		{Rule{"compensate-restores", "compensate after a commit restores what describe listed before"}, compensateRestores},
		{Rule{"compensate-repeat", "a repeated compensate is answered compensated and does nothing again"}, compensateRepeat},
		{Rule{"compensate-prepared", "compensate after a prepare changes nothing"}, compensatePrepared},
		{Rule{"compensate-unknown", "compensate of an unknown case is answered compensated and changes nothing"}, compensateUnknown},
		{Rule{"compensate-poisons", "a prepare that arrives after its compensate is refused, under the same or a new step"}, compensatePoisons},
		{Rule{"commit-compensated", "a commit that arrives after its compensate is refused with 409 and takes nothing"}, commitCompensated},
		{Rule{"verify-pure", "verify changes nothing and says the same twice"}, verifyTwice},
		{Rule{"cleanup-unknown", "a residue it does not know is refused"}, cleanupUnknown},
		{Rule{"cleanup-clears", "a cleared residue is gone from verify, and cleaning it again is answered cleared"}, cleanupClears},
	}, careChecks()...)
}

func describeAnswers(x *examiner) string {
	var wrong string
	x.first, wrong = x.describe()
	return wrong
}

func describeTwice(x *examiner) string {
	return x.unchangedBy(func() string { return "" })
}

func describeUnknown(x *examiner) string {
	stranger := DescribeRequest{Account: x.id("account"), Binding: BindingRef{x.id("binding"), x.probe.Binding.Provider, x.id("subject")}}
	d, wrong := ask[description](x, OpDescribe, stranger)
	if wrong == "" && d.Dependents == nil {
		return "no dependents field; it must be there and empty"
	}
	if wrong == "" && len(d.Dependents) > 0 {
		return fmt.Sprintf("%d dependents", len(d.Dependents))
	}
	return wrong
}

func unsigned(x *examiner) string {
	r := x.newRequest(OpDescribe, x.describeRequest())
	r.sign = func(http.Header, []byte) {}
	return x.refused(r, http.StatusUnauthorized, "")
}

func wrongSecret(x *examiner) string {
	r := x.newRequest(OpDescribe, x.describeRequest())
	r.sign = func(h http.Header, body []byte) { Sign(h, x.id("msg"), x.now(), body, otherSecret()) }
	return x.refused(r, http.StatusUnauthorized, "")
}

func changedBody(x *examiner) string {
	r := x.newRequest(OpDescribe, x.describeRequest())
	r.sign = func(h http.Header, body []byte) {
		Sign(h, x.id("msg"), x.now(), append([]byte(" "), body...), x.secret)
	}
	return x.refused(r, http.StatusUnauthorized, "")
}

func signedAt(offset time.Duration) func(*examiner) string {
	return func(x *examiner) string {
		r := x.newRequest(OpDescribe, x.describeRequest())
		r.sign = func(h http.Header, body []byte) { Sign(h, x.id("msg"), x.now().Add(offset), body, x.secret) }
		return x.refused(r, http.StatusUnauthorized, "")
	}
}

func severalSignatures(x *examiner) string {
	r := x.newRequest(OpDescribe, x.describeRequest())
	r.sign = func(h http.Header, body []byte) {
		Sign(h, x.id("msg"), x.now(), body, otherSecret(), x.secret)
		h.Set(HeaderSignature, "v1a,AAAA "+h.Get(HeaderSignature))
	}
	if reply := x.send(r); reply.status != http.StatusOK {
		return reply.String()
	}
	return ""
}

func notPost(x *examiner) string {
	r := x.newRequest(OpDescribe, x.describeRequest())
	r.method = http.MethodPut
	return x.refused(r, http.StatusMethodNotAllowed, "")
}

func unknownOperation(x *examiner) string {
	return x.refused(x.newRequest("obliterate", x.describeRequest()), http.StatusNotFound, "")
}

func notJSON(x *examiner) string {
	r := x.newRequest(OpDescribe, x.describeRequest())
	r.contentType = "text/plain"
	return x.refused(r, http.StatusUnsupportedMediaType, "")
}
