package gate

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/jieling-id/jieling"
)

// Codes that only a door has: the engine never sees these requests.
const (
	CodeMethod    jieling.Code = "method_not_allowed"
	CodeMediaType jieling.Code = "unsupported_media_type"
)

// docs is where each code is explained, by its name as the fragment.
const docs = "https://github.com/jieling-id/jieling/blob/main/docs/reference/errors.md#"

// Problem is an RFC 9457 problem: how every refusal leaves the house.
type Problem struct {
	Type   string               `json:"type"`
	Title  string               `json:"title"`
	Status int                  `json:"status"`
	Code   jieling.Code         `json:"code"`
	Detail string               `json:"detail"`
	Next   string               `json:"next,omitempty"`
	Errors []jieling.FieldError `json:"errors,omitempty"`
	After  int                  `json:"retry_after,omitempty"` // seconds, also in the header; zero means that it is not known
}

// Status gives the HTTP status of a code; a code that is not in the table is a failure of ours.
func Status(code jieling.Code) int { return entryOf(code).status }

// Codes lists every code a caller can meet, for the test that the documentation has each.
func Codes() []jieling.Code {
	codes := make([]jieling.Code, 0, len(table))
	for code := range table {
		codes = append(codes, code)
	}
	return codes
}

// NewProblem tells an error to a caller in their language ("zh-CN" or "en"). Of an error that is not a [jieling.Error]
// nothing is told but that it was ours. What was not found and who was not recognised are told in constant words, so that
// nobody learns which of two reasons it was.
func NewProblem(err error, lang string) Problem {
	code := jieling.CodeOf(err)
	e := entryOf(code)
	if e.status == http.StatusInternalServerError {
		code = jieling.CodeInternal
	}
	p := Problem{
		Type: docs + string(code), Title: e.title.In(lang), Status: e.status, Code: code, Detail: e.detail.In(lang), Next: e.next.In(lang),
	}
	var told *jieling.Error
	if errors.As(err, &told) && !e.constant {
		if !told.Public.Empty() {
			p.Detail = told.Public.In(lang)
		}
		p.Errors = told.Fields
	}
	if told != nil {
		p.After = seconds(told.After)
	}
	return p
}

// seconds rounds up, because a caller who comes back a moment early is refused again.
func seconds(after time.Duration) int {
	if after <= 0 {
		return 0
	}
	return int(math.Ceil(after.Seconds()))
}

// Refuse answers a request with the problem of err, and logs what is ours to repair.
func (g *Gate) Refuse(w http.ResponseWriter, r *http.Request, err error) {
	visit := VisitOf(r.Context())
	g.Complain(visit, err)
	p := NewProblem(err, visit.Lang())
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	if p.After > 0 {
		h.Set("Retry-After", strconv.Itoa(p.After))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the caller has gone
}

// Complain logs an error that an operator should see: a failure of the service or of something it depends on. Refusals are
// everyday life and stand in the access log by their status.
func (g *Gate) Complain(visit *Visit, err error) {
	if errors.Is(err, context.Canceled) {
		return // the caller has gone; nobody failed
	}
	switch entryOf(jieling.CodeOf(err)).status {
	case http.StatusInternalServerError:
		g.log.Error("request failed", slog.String("id", visit.ID), slog.String("route", visit.Route), slog.Any("error", err))
	case http.StatusServiceUnavailable:
		g.log.Warn("a dependency is unavailable", slog.String("id", visit.ID), slog.String("route", visit.Route), slog.Any("error", err))
	}
}
