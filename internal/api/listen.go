package api

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/provider"
)

// providerOf is the provider whose notices come to this address.
func providerOf(path string) (jieling.Provider, bool) {
	name, ok := strings.CutPrefix(path, "/v1/providers/")
	if !ok {
		return "", false
	}
	name, ok = strings.CutSuffix(name, "/notices")
	return jieling.Provider(name), ok && name != "" && !strings.Contains(name, "/")
}

// hear takes what a provider sends in its own signature and format. Nobody has a key here: who it is shows in the signature alone, which the
// provider's connector checks, so a stranger is bounded by their address as everywhere.
func (f *front) hear(w http.ResponseWriter, r *http.Request, name jieling.Provider) {
	gate.VisitOf(r.Context()).Route = "/v1/providers/{provider}/notices"
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		f.methodNotAllowed(w, r, "GET, POST")
		return
	}
	reply, err := f.heard(w, r, name)
	if reply.Status == 0 {
		if err == nil {
			err = errors.New("a provider was heard and has no answer")
		}
		f.Gate.Refuse(w, r, err)
		return
	}
	if reply.ContentType != "" {
		w.Header().Set("Content-Type", reply.ContentType)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(reply.Status)
	_, _ = w.Write(reply.Body) // the caller has gone
}

func (f *front) heard(w http.ResponseWriter, r *http.Request, name jieling.Provider) (provider.Reply, error) {
	if _, err := f.Gate.Caller(r, gate.ScopeOpen, nil); err != nil {
		return provider.Reply{}, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, provider.MaxCall))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return provider.Reply{}, &jieling.Error{Code: jieling.CodeTooLarge}
	case err != nil:
		return provider.Reply{}, jieling.Refuse(jieling.CodeInvalid, "请求内容没有完整到达。", "The body did not arrive whole.")
	}
	return f.Engine.HearProvider(r.Context(), name, provider.Call{Method: r.Method, Query: r.URL.Query(), Header: r.Header, Body: body})
}
