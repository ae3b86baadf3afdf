package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

const problemType = "application/problem+json"

// Problem is an RFC 9457 problem: how every refusal of a request travels. Code is stable and meant for programs, Detail
// says what happened and what to do. It is an error, so that a [Participant] can return one.
type Problem struct {
	Type   string       `json:"type"`
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Detail string       `json:"detail,omitempty"`
	Code   string       `json:"code"`
	Errors []FieldError `json:"errors,omitempty"` // by field, when Code is invalid_argument
}

// FieldError says what is wrong with one field of a request, named by its path such as "binding.subject".
type FieldError struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// Error gives the code and what happened.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

func newProblem(status int, code, detail string) *Problem {
	return &Problem{Type: "urn:jieling:problem:" + code, Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

func invalid(errs ...FieldError) *Problem {
	names := make([]string, 0, len(errs))
	for _, e := range errs {
		names = append(names, e.Field)
	}
	p := newProblem(http.StatusBadRequest, "invalid_argument", "these fields are not accepted: "+strings.Join(names, ", "))
	p.Errors = errs
	return p
}

// conflict is the answer to a step that comes out of order or contradicts itself. Repeating it does not help.
func conflict(code, format string, args ...any) *Problem {
	return newProblem(http.StatusConflict, code, fmt.Sprintf(format, args...))
}

func writeProblem(w http.ResponseWriter, p *Problem) { writeJSON(w, p.Status, problemType, p) }

func writeJSON(w http.ResponseWriter, status int, contentType string, value any) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // the peer has gone; it will ask again
}
