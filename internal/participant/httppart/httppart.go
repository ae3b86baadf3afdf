// Package httppart reaches a participant over the signed HTTP contract that package client publishes (and
// docs/reference/participant-contract.md describes): POST {URL}/{op}, Standard Webhooks signatures, RFC 9457 problems.
//
// A participant is not believed more than it says: an answer that the contract does not allow for the operation, that lacks
// a part, or that comes under a wrong status is an error, which means "not known" and is never a yes (S30). It repeats
// nothing that a participant sent in an error.
package httppart

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/client"
	"github.com/jieling-id/jieling/internal/outbound"
	"github.com/jieling-id/jieling/internal/participant"
)

// Connector is one participant over HTTP.
type Connector struct {
	name   string
	title  jieling.Text
	base   *url.URL
	secret client.Secret
	now    func() time.Time
	client *outbound.Client
}

var _ participant.Participant = (*Connector)(nil)

var nameForm = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)

// New checks the configuration: a name in [a-z0-9_]{1,32}, an https URL (or http to this machine), a whsec_ secret. now
// stamps signatures; nil means time.Now.
func New(c participant.Config, now func() time.Time) (*Connector, error) {
	if !nameForm.MatchString(c.Name) {
		return nil, fmt.Errorf("participant %q: the name must be 1 to 32 of a to z, 0 to 9 and _", c.Name)
	}
	base, err := outbound.Base(c.URL)
	if err != nil {
		return nil, fmt.Errorf("participant %s: %w", c.Name, err)
	}
	secret, err := client.ParseSecret(c.Secret)
	if err != nil {
		return nil, fmt.Errorf("participant %s: %w", c.Name, err)
	}
	if now == nil {
		now = time.Now
	}
	return &Connector{name: c.Name, title: c.Title, base: base, secret: secret, now: now, client: outbound.New()}, nil
}

// Describe asks what hangs on the binding. An answer without a list is an error: it is not "nothing" (I6).
func (c *Connector) Describe(ctx context.Context, who participant.Who) ([]jieling.Dependent, error) {
	var answer struct {
		Dependents *[]client.Dependent `json:"dependents"`
	}
	ask := client.DescribeRequest{Account: who.Account, Binding: binding(who)}
	if err := c.post(ctx, client.OpDescribe, "describe-"+rand.Text(), ask, &answer); err != nil {
		return nil, err
	}
	if answer.Dependents == nil {
		return nil, c.unknown(client.OpDescribe, errors.New("the answer holds no list"))
	}
	out, err := dependents(c.name, *answer.Dependents)
	if err != nil {
		return nil, c.unknown(client.OpDescribe, err)
	}
	return out, nil
}

// good are the final answers the contract allows to each step; pending is allowed to all.
var good = map[participant.Op][]client.State{
	participant.Prepare:    {client.StatePrepared, client.StateRefused},
	participant.Commit:     {client.StateCommitted},
	participant.Compensate: {client.StateCompensated},
	participant.Verify:     {client.StateClean, client.StateResidue},
	participant.Cleanup:    {client.StateCleared, client.StateRefused},
}

// Do carries out one step. The effect names the ask, in every repeat of it; the case ties the asks of one unbinding together.
func (c *Connector) Do(ctx context.Context, op participant.Op, step participant.Step) (participant.Outcome, error) {
	allowed, ok := good[op]
	if !ok {
		return participant.Outcome{}, fmt.Errorf("participant %s: there is no step %q", c.name, op)
	}
	wire := client.StepRequest{
		Step: string(step.Effect), Case: string(step.Case), Account: step.Who.Account, Binding: binding(step.Who), Action: client.ActionUnlink,
	}
	var ask any = wire
	if op == participant.Cleanup {
		ask = client.CleanupRequest{StepRequest: wire, Residue: step.Residue}
	}
	var answer struct {
		client.Answer
		Residues []client.Residue `json:"residues"`
	}
	if err := c.post(ctx, client.Op(op), string(step.Effect), ask, &answer); err != nil {
		return participant.Outcome{}, err
	}
	if answer.State != client.StatePending && !slices.Contains(allowed, answer.State) {
		return participant.Outcome{}, c.unknown(client.Op(op), errors.New("the answer has a state that this step does not know"))
	}
	left, err := residues(c.name, answer.State, answer.Residues)
	if err == nil && answer.State == client.StateRefused && !complete(answer.Reason) {
		err = errors.New("the answer refuses without a reason in both languages")
	}
	if err != nil {
		return participant.Outcome{}, c.unknown(client.Op(op), err)
	}
	return participant.Outcome{State: participant.State(answer.State), Reason: jieling.Text(answer.Reason), Residues: left}, nil
}

func binding(who participant.Who) client.BindingRef {
	return client.BindingRef{ID: string(who.Binding), Provider: string(who.Provider), Subject: who.Subject}
}

// post signs and sends one ask and decodes the answer, which must be a 200 in JSON.
func (c *Connector) post(ctx context.Context, op client.Op, id string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("participant %s: %s: %w", c.name, op, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base.JoinPath(string(op)).String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("participant %s: %s: the request cannot be made", c.name, op)
	}
	req.Header.Set("Content-Type", "application/json")
	client.Sign(req.Header, id, c.now(), body, c.secret)
	reply, err := c.client.Do(req)
	switch {
	case err != nil:
		return c.unknown(op, err)
	case reply.Status != http.StatusOK:
		return c.problem(op, reply)
	case kind(reply) != "application/json":
		return c.unknown(op, errors.New("the answer is not JSON"))
	case json.Unmarshal(reply.Body, out) != nil:
		return c.unknown(op, errors.New("the answer has another shape"))
	}
	return nil
}

func kind(reply outbound.Reply) string {
	kind, _, _ := mime.ParseMediaType(reply.Header.Get("Content-Type"))
	return kind
}

// problem is the error of an answer that is none: its status, the problem's code where the contract knows it, and when to
// ask again where the participant says so.
func (c *Connector) problem(op client.Op, reply outbound.Reply) error {
	var told client.Problem
	code := "no problem document"
	if kind(reply) == "application/problem+json" && json.Unmarshal(reply.Body, &told) == nil {
		code = known(told.Code)
	}
	if reply.Status == http.StatusNotFound && code == "not_found" && slices.Contains(abilities, op) {
		return participant.ErrUnable // a participant of before there were abilities says so, too
	}
	e := c.unknown(op, fmt.Errorf("answered %d with %s", reply.Status, code))
	if seconds, err := strconv.Atoi(reply.Header.Get("Retry-After")); err == nil && seconds > 0 {
		e.After = min(time.Duration(seconds)*time.Second, maxAfter)
	}
	return e
}

// abilities are the operations that not every participant has.
var abilities = []client.Op{client.OpSwitches, client.OpSwitch, client.OpBills}

// maxAfter bounds how long a participant can have itself left alone.
const maxAfter = time.Hour

// codes are the problem codes of the contract. Another is not repeated: a participant may put anything there.
var codes = []string{
	"invalid_argument", "unauthenticated", "not_found", "method_not_allowed", "unsupported_media_type", "body_too_large",
	"dependency_unavailable", "case_compensated", "not_prepared", "step_mismatch", "unknown_step", "refused",
}

func known(code string) string {
	if slices.Contains(codes, code) {
		return code
	}
	return "another code"
}

// unknown is "neither a yes nor a no". err must hold nothing the participant sent.
func (c *Connector) unknown(op client.Op, err error) *jieling.Error {
	title := c.title
	if title.Empty() {
		title = jieling.Text{ZH: c.name, EN: c.name}
	}
	e := jieling.Refuse(jieling.CodeDependency,
		title.ZH+"暂时没有回应，我们会自动重试。", title.EN+" is not answering at the moment. We will ask again.")
	e.Err = fmt.Errorf("participant %s: %s: %w", c.name, op, err)
	return e
}
