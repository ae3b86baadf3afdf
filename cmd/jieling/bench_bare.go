package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// bare is the ceiling: a program that knows no accounts' rights, no policy, no history; tables, and the least SQL for each
// path. naive is the control of the race: it counts, then deletes.
type bare struct {
	fill    func(ctx context.Context, stock []stocked) error
	resolve func(ctx context.Context, provider, subject string) (bareResolved, error)
	list    func(ctx context.Context, account string) ([]bareBinding, error)
	unlink  func(ctx context.Context, account, binding string) error
	naive   func(ctx context.Context, account, binding string) error
	left    func(ctx context.Context, account string) (int, error)
	close   func() error
}

var errBare = errors.New("nothing was removed")

type bareResolved struct {
	Account string    `json:"account"`
	Binding string    `json:"binding"`
	State   string    `json:"outcome"`
	Frozen  bool      `json:"frozen"`
	Epoch   int64     `json:"epoch"`
	Guarded time.Time `json:"guarded_until,omitzero"`
}

type bareBinding struct {
	ID        string    `json:"id"`
	Account   string    `json:"account"`
	Provider  string    `json:"provider"`
	State     string    `json:"state"`
	Label     string    `json:"label"`
	Verified  time.Time `json:"verified_at"`
	CreatedAt time.Time `json:"created_at"`
}

// handler is net/http and encoding/json, and nothing else. It does not watch for callers who leave, which would cost it time.
func (b *bare) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /resolve", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Provider, Subject, Network string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		out, err := b.resolve(context.WithoutCancel(r.Context()), in.Provider, in.Subject)
		bareAnswer(w, out, err)
	})
	mux.HandleFunc("GET /accounts/{account}/bindings", func(w http.ResponseWriter, r *http.Request) {
		items, err := b.list(context.WithoutCancel(r.Context()), r.PathValue("account"))
		bareAnswer(w, map[string]any{"items": items}, err)
	})
	for path, remove := range map[string]func(context.Context, string, string) error{"POST /unlink": b.unlink, "POST /naive": b.naive} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			var in struct{ Account, Binding string }
			if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			err := remove(context.WithoutCancel(r.Context()), in.Account, in.Binding)
			bareAnswer(w, map[string]any{"account": in.Account, "binding": in.Binding, "state": "removed"}, err)
		})
	}
	return mux
}

func bareAnswer(w http.ResponseWriter, out any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out) // the caller has gone
}

// bareAsks puts the requests together that the bare program answers.
func bareAsks(addr string, stock []stocked) map[string]asking {
	const headers = "Content-Type: application/json\r\n"
	return map[string]asking{
		"resolve": {addr, func(n int) []byte {
			way := spread(stock, n).ways[0]
			return request("POST", "/resolve", headers, fmt.Sprintf(`{"provider":%q,"subject":%q,"network":"known"}`, way.provider, way.subject))
		}},
		"list": {addr, func(n int) []byte {
			return request("GET", "/accounts/"+string(spread(stock, n).account)+"/bindings", headers, "")
		}},
		"commit": {addr, func(n int) []byte { return bareRemoval("/unlink", stock[n], 0) }},
	}
}

func bareRemoval(path string, s stocked, way int) []byte {
	return request("POST", path, "Content-Type: application/json\r\n", fmt.Sprintf(`{"account":%q,"binding":%q}`, s.account, s.ways[way].binding))
}
