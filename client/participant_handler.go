package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// BodyLimit is the largest request body a participant reads, in bytes.
const BodyLimit = 1 << 20

const maxFieldBytes = 256

// HandlerConfig adjusts [Handler]. The zero value is good.
type HandlerConfig struct {
	// OldSecrets are accepted beside the current one while a secret is being changed.
	OldSecrets []Secret
	// Now is the clock that signatures are checked against; nil means time.Now.
	Now func() time.Time
	// Log receives the errors of the participant, which callers never see; nil means slog.Default().
	Log *slog.Logger
}

// Handler serves a participant: POST {base}/{op}, where the operation is the last segment of the path, so it can be mounted
// under any base. Before the participant is asked, the request must have a known operation (404), the method POST (405),
// JSON (415) of at most [BodyLimit] bytes (413), an accepted signature (401), and known, complete fields (400, by name).
// Errors are RFC 9457 problems; an error of the participant that is not a [*Problem] is logged and answered 503.
func Handler(secret Secret, p Participant, cfg HandlerConfig) http.Handler {
	h := &handler{
		secrets:    append([]Secret{secret}, cfg.OldSecrets...),
		operations: operations(p),
		now:        cfg.Now,
		log:        cfg.Log,
	}
	if h.now == nil {
		h.now = time.Now
	}
	if h.log == nil {
		h.log = slog.Default()
	}
	return h
}

type handler struct {
	secrets    []Secret
	operations map[Op]operation
	now        func() time.Time
	log        *slog.Logger
}

// operation decodes a body, asks the participant and gives the value to be sent.
type operation func(ctx context.Context, body []byte) (any, error)

func operations(p Participant) map[Op]operation {
	step := func(act func(context.Context, StepRequest) (Answer, error), final ...State) operation {
		return serve(act, answers(final...))
	}
	all := abilities(p)
	maps.Copy(all, map[Op]operation{
		OpDescribe: serve(func(ctx context.Context, req DescribeRequest) (description, error) {
			dependents, err := p.Describe(ctx, req)
			return description{append([]Dependent{}, dependents...)}, err
		}, checkDescription),
		OpPrepare:    step(p.Prepare, StatePrepared, StateRefused),
		OpCommit:     step(p.Commit, StateCommitted),
		OpCompensate: step(p.Compensate, StateCompensated),
		OpVerify:     serve(p.Verify, checkVerification),
		OpCleanup:    serve(p.Cleanup, answers(StateCleared, StateRefused)),
	})
	return all
}

type request interface{ fieldErrors() []FieldError }

// serve joins one method of the participant to the wire. It also checks the participant's own answer, so that a mistake in a
// product shows up in its log instead of as a wrong fact in a person's case.
func serve[Req request, Ans any](act func(context.Context, Req) (Ans, error), check func(Ans) string) operation {
	return func(ctx context.Context, body []byte) (any, error) {
		var req Req
		if err := decodeStrictly(body, &req); err != nil {
			return nil, err
		}
		if errs := req.fieldErrors(); len(errs) > 0 {
			return nil, invalid(errs...)
		}
		answer, err := act(ctx, req)
		if err != nil {
			return nil, err
		}
		if wrong := check(answer); wrong != "" {
			return nil, errors.New("the participant's answer breaks the contract: " + wrong)
		}
		return answer, nil
	}
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := h.answer(w, r)
	if err == nil {
		writeJSON(w, http.StatusOK, "application/json", answer)
		return
	}
	problem, ok := errors.AsType[*Problem](err)
	if !ok {
		h.log.ErrorContext(r.Context(), "participant", "op", path.Base(r.URL.Path), "effect", r.Header.Get(HeaderID), "err", err)
		problem = newProblem(http.StatusServiceUnavailable, "dependency_unavailable", "this system cannot answer at the moment; ask again later")
	}
	writeProblem(w, problem)
}

func (h *handler) answer(w http.ResponseWriter, r *http.Request) (any, error) {
	name := path.Base(r.URL.Path)
	act, known := h.operations[Op(name)]
	if !known {
		return nil, newProblem(http.StatusNotFound, "not_found", "there is no such operation in the participant contract")
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "every operation is a POST")
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, newProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", "send application/json")
	}
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	if err := Verify(r.Header, body, h.now(), h.secrets...); err != nil {
		return nil, newProblem(http.StatusUnauthorized, "unauthenticated", err.Error())
	}
	return act(r.Context(), body)
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, BodyLimit))
	if err == nil {
		return body, nil
	}
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, newProblem(http.StatusRequestEntityTooLarge, "body_too_large", fmt.Sprintf("the body may have at most %d bytes", BodyLimit))
	}
	return nil, newProblem(http.StatusBadRequest, "invalid_argument", "the body ended early; send it again")
}

// decodeStrictly reads exactly one JSON value without fields the contract does not know.
func decodeStrictly(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, err := d.Token(); !errors.Is(err, io.EOF) {
			return newProblem(http.StatusBadRequest, "invalid_argument", "the body must hold one JSON object and nothing after it")
		}
		return nil
	}
	// The standard library names an unknown field only in the text of its error.
	if quoted, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if name, unquoteErr := strconv.Unquote(quoted); unquoteErr == nil {
			return invalid(FieldError{Field: name, Detail: "unknown field"})
		}
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return invalid(FieldError{Field: wrong.Field, Detail: "must not be a JSON " + wrong.Value})
	}
	return newProblem(http.StatusBadRequest, "invalid_argument", "the body is not a JSON object of this operation")
}

func (r DescribeRequest) fieldErrors() []FieldError {
	return append(checkText("account", r.Account), r.Binding.fieldErrors()...)
}

func (r StepRequest) fieldErrors() []FieldError {
	errs := slices.Concat(checkText("step", r.Step), checkText("case", r.Case), checkText("account", r.Account), r.Binding.fieldErrors())
	if r.Action != ActionUnlink {
		errs = append(errs, FieldError{"action", "must be " + string(ActionUnlink)})
	}
	return errs
}

func (r CleanupRequest) fieldErrors() []FieldError {
	return append(r.StepRequest.fieldErrors(), checkText("residue", r.Residue)...)
}

func (b BindingRef) fieldErrors() []FieldError {
	return slices.Concat(checkText("binding.id", b.ID), checkText("binding.provider", b.Provider), checkText("binding.subject", b.Subject))
}

func checkText(field, value string) []FieldError {
	switch {
	case value == "":
		return []FieldError{{field, "required"}}
	case len(value) > maxFieldBytes || !utf8.ValidString(value):
		return []FieldError{{field, fmt.Sprintf("must be UTF-8 of at most %d bytes", maxFieldBytes)}}
	}
	return nil
}
