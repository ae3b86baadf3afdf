package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"
)

// examiner sends the requests of a conformance check and reads the answers. Its methods give what was wrong, or nothing.
type examiner struct {
	ctx    context.Context
	base   string
	secret Secret
	probe  Probe
	now    func() time.Time
	http   *http.Client
	first  description // what hung on the binding before anything was done
}

func newExaminer(ctx context.Context, baseURL string, secret Secret, probe Probe) *examiner {
	x := &examiner{ctx: ctx, base: strings.TrimRight(baseURL, "/"), secret: secret, probe: probe, now: probe.Now, http: probe.HTTP}
	if x.now == nil {
		x.now = time.Now
	}
	if x.http == nil {
		x.http = &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
	}
	if x.probe.Patience == 0 {
		x.probe.Patience = 20
	}
	if x.probe.Pause == 0 {
		x.probe.Pause = 500 * time.Millisecond
	}
	return x
}

// exchange is one request about to be sent. The checks bend one part of it and leave the rest as it should be.
type exchange struct {
	method, op, contentType string
	body                    []byte
	sign                    func(http.Header, []byte)
}

type reply struct {
	status      int
	contentType string
	body        []byte
	err         error
}

func (r reply) String() string {
	if r.err != nil {
		return "no answer: " + r.err.Error()
	}
	const enough = 300
	return fmt.Sprintf("%d %s", r.status, bytes.TrimSpace(r.body[:min(len(r.body), enough)]))
}

func (x *examiner) newRequest(op Op, body any) exchange {
	raw, err := json.Marshal(body)
	if err != nil {
		raw = nil // impossible for the request types of the contract
	}
	return exchange{
		method: http.MethodPost, op: string(op), contentType: "application/json", body: raw,
		sign: func(h http.Header, body []byte) { Sign(h, x.id("msg"), x.now(), body, x.secret) },
	}
}

func (x *examiner) send(e exchange) reply {
	req, err := http.NewRequestWithContext(x.ctx, e.method, x.base+"/"+e.op, bytes.NewReader(e.body))
	if err != nil {
		return reply{err: err}
	}
	req.Header.Set("Content-Type", e.contentType)
	e.sign(req.Header, e.body)
	res, err := x.http.Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, BodyLimit))
	return reply{res.StatusCode, res.Header.Get("Content-Type"), body, err}
}

// refused sends e and expects a problem with this status; with a field, one that names it.
func (x *examiner) refused(e exchange, status int, field string) string {
	got := x.send(e)
	if got.err != nil || got.status != status {
		return got.String()
	}
	var p Problem
	if !strings.HasPrefix(got.contentType, problemType) || json.Unmarshal(got.body, &p) != nil {
		return fmt.Sprintf("%d, but not as %s: %s", status, problemType, got.contentType)
	}
	if p.Status != status || p.Code == "" {
		return "a problem without its status or code: " + got.String()
	}
	if field == "" {
		return ""
	}
	for _, e := range p.Errors {
		if e.Field == field {
			return ""
		}
	}
	return fmt.Sprintf("errors[] does not name %q: %s", field, got)
}

// ask sends a request and reads an answer of the contract.
func ask[Ans any](x *examiner, op Op, body any) (Ans, string) {
	var answer Ans
	got := x.send(x.newRequest(op, body))
	if got.err != nil || got.status != http.StatusOK {
		return answer, fmt.Sprintf("%s answered %s", op, got)
	}
	if err := decodeStrictly(got.body, &answer); err != nil {
		return answer, fmt.Sprintf("%s: the answer does not have the shape of the contract (%v): %s", op, err, got)
	}
	var wrong string
	switch a := any(answer).(type) {
	case description:
		wrong = checkDescription(a)
	case Verification:
		wrong = checkVerification(a)
	case switchList:
		wrong = checkSwitches(a)
	case billList:
		wrong = checkBills(a)
	}
	if wrong != "" {
		return answer, string(op) + ": " + wrong
	}
	return answer, ""
}

// want asks until the answer is final and expects this state.
func (x *examiner) want(op Op, body any, state State) string {
	for range x.probe.Patience {
		a, wrong := ask[Answer](x, op, body)
		if wrong != "" {
			return wrong
		}
		if a.State != StatePending {
			if a.State != state {
				return fmt.Sprintf("%s answered %q instead of %q", op, a.State, state)
			}
			return checkAnswer(a, []State{state})
		}
		if !x.pause() {
			return x.ctx.Err().Error()
		}
	}
	return fmt.Sprintf("%s is still pending after %d questions", op, x.probe.Patience)
}

type asks []struct {
	op    Op
	state State
}

// wantAll asks several operations of one case, each under a step of its own as Jieling does. The first keeps the step given.
func (x *examiner) wantAll(step StepRequest, all asks) string {
	for i, a := range all {
		if i > 0 {
			step.Step = x.id("step")
		}
		if wrong := x.want(a.op, step, a.state); wrong != "" {
			return wrong
		}
	}
	return ""
}

func (x *examiner) settledVerification(step StepRequest) (Verification, string) {
	for range x.probe.Patience {
		v, wrong := ask[Verification](x, OpVerify, step)
		if wrong != "" || v.State != StatePending {
			return v, wrong
		}
		if !x.pause() {
			return v, x.ctx.Err().Error()
		}
	}
	return Verification{}, fmt.Sprintf("verify is still pending after %d questions", x.probe.Patience)
}

func (x *examiner) pause() bool {
	t := time.NewTimer(x.probe.Pause)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-x.ctx.Done():
		return false
	}
}

// prepared runs see on a prepared step and releases it, so that each check finds the account as the first one did.
func (x *examiner) prepared(see func(step StepRequest) string) string {
	return x.bracketed(asks{{OpPrepare, StatePrepared}}, see)
}

// committed runs see on a committed step and restores it.
func (x *examiner) committed(see func(step StepRequest) string) string {
	return x.bracketed(asks{{OpPrepare, StatePrepared}, {OpCommit, StateCommitted}}, see)
}

func (x *examiner) bracketed(before asks, see func(step StepRequest) string) string {
	step := x.step()
	wrong := x.wantAll(step, before)
	if wrong == "" {
		wrong = see(step)
	}
	release := step
	release.Step = x.id("step")
	if released := x.want(OpCompensate, release, StateCompensated); wrong == "" {
		wrong = released
	}
	return wrong
}

// unchangedBy expects describe to say the same before and after do.
func (x *examiner) unchangedBy(do func() string) string {
	before, wrong := x.describe()
	if wrong != "" {
		return wrong
	}
	if wrong := do(); wrong != "" {
		return wrong
	}
	return x.still(before)
}

func (x *examiner) still(before description) string {
	after, wrong := x.describe()
	if wrong == "" && !reflect.DeepEqual(before, after) {
		return fmt.Sprintf("describe listed %s before and %s after", listed(before), listed(after))
	}
	return wrong
}

func (x *examiner) describe() (description, string) {
	return ask[description](x, OpDescribe, x.describeRequest())
}

func (x *examiner) describeRequest() DescribeRequest {
	return DescribeRequest{x.probe.Account, x.probe.Binding}
}

// step is a request of a new step in a new case.
func (x *examiner) step() StepRequest {
	return StepRequest{x.id("step"), x.id("case"), x.probe.Account, x.probe.Binding, ActionUnlink}
}

func (x *examiner) id(kind string) string { return kind + "_conformance_" + rand.Text() }

func otherSecret() Secret { return Secret{[]byte(rand.Text())} }

// takenAway names the dependents that a commit takes away or alters.
func takenAway(d description) []string {
	var ids []string
	for _, dep := range d.Dependents {
		if dep.Effect != EffectKept {
			ids = append(ids, dep.ID)
		}
	}
	return ids
}

func listed(d description) string {
	parts := []string{}
	for _, dep := range d.Dependents {
		parts = append(parts, fmt.Sprintf("%s×%d", dep.ID, dep.Count))
	}
	return "[" + strings.Join(parts, " ") + "]"
}
