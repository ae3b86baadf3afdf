package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
	"github.com/jieling-id/jieling/internal/casework"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/keyring"
	"github.com/jieling-id/jieling/internal/store"
)

// service is one side of a comparison: it listens on loopback.
type service struct {
	app  *app   // nil for the bare program
	key  string // of the API; a secret
	addr string
	stop func() error
}

func (s *service) close() error { return s.stop() }

// listen serves a handler on a free port until it is stopped; then ends what is behind it.
func listen(h http.Handler, behind func() error) (*service, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	return &service{addr: ln.Addr().String(), stop: func() error {
		err := srv.Close()
		<-served
		return errors.Join(err, behind())
	}}, nil
}

// startService brings the whole service up, as serve does, but for its worker: what it does after a commit is no part of the
// commit. Its access log is written, to nowhere.
func startService(ctx context.Context, db, keys string) (*service, error) {
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	c := config{BaseURL: "http://localhost", DB: db, Keys: keys, Pack: "qq-wechat", Name: "Jieling"}
	a, err := assemble(ctx, c, assembly{log: slog.New(slog.NewJSONHandler(nowhere, nil))})
	if err != nil {
		return nil, errors.Join(err, nowhere.Close())
	}
	secret, err := benchKey(ctx, a.store)
	if err != nil {
		return nil, errors.Join(err, a.store.Close(), nowhere.Close())
	}
	s, err := listen(a.handler, func() error { return errors.Join(a.store.Close(), nowhere.Close()) })
	if err != nil {
		return nil, errors.Join(err, a.store.Close(), nowhere.Close())
	}
	s.app, s.key = a, secret
	return s, nil
}

func benchKey(ctx context.Context, st store.Store) (secret string, err error) {
	secret, key, err := gate.NewKey("bench", []string{engine.ScopeAdmin}, time.Now(), rand.Reader)
	if err != nil {
		return "", err
	}
	return secret, st.PutKey(ctx, key)
}

// seeding says what to fill a store with.
type seeding struct {
	accounts int
	ways     []jieling.Provider // the login identities of each
	cases    int                // how many of them have a case that only wants confirming
}

var commitWays = []jieling.Provider{jieling.QQ, jieling.WeChat, jieling.Phone}

// stocked is one account as both sides have it.
type stocked struct {
	account jieling.AccountID
	ways    []stockedWay
}

type stockedWay struct {
	binding  jieling.BindingID
	provider jieling.Provider
	subject  string
	c        jieling.CaseID // "" where none is open
}

// seed writes the accounts straight into the store, many at a time. The cases are copies of one that the engine opened, with
// everything proven that its decision asks.
func seed(ctx context.Context, a *app, what seeding) ([]stocked, error) {
	stock := make([]stocked, what.accounts)
	for i := range stock {
		stock[i] = newStocked(i, what)
	}
	pattern, err := openedPattern(ctx, a, what)
	if err != nil {
		return nil, fmt.Errorf("open a case to copy: %w", err)
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	failed := make([]error, 32*runtime.NumCPU())
	for i := range failed {
		wait.Go(func() {
			for n := int(next.Add(1)) - 1; n < len(stock) && failed[i] == nil; n = int(next.Add(1)) - 1 {
				failed[i] = stock[n].put(ctx, a, pattern)
			}
		})
	}
	wait.Wait()
	return stock, errors.Join(failed...)
}

func drawID[T ~string](prefix string) T {
	var random [10]byte
	_, _ = rand.Read(random[:]) // never fails (crypto/rand)
	return jieling.NewID[T](prefix, time.Now(), random)
}

func newStocked(n int, what seeding) stocked {
	s := stocked{account: drawID[jieling.AccountID]("acc")}
	for i, p := range what.ways {
		way := stockedWay{binding: drawID[jieling.BindingID]("bnd"), provider: p, subject: fmt.Sprintf("%032X", n*len(what.ways)+i+1)}
		if p == jieling.Phone {
			way.subject = fmt.Sprintf("+8613%09d", n)
		}
		if i < what.cases {
			way.c = drawID[jieling.CaseID]("case")
		}
		s.ways = append(s.ways, way)
	}
	return s
}

// openedPattern has the engine open a case on an account of the same shape, and proves all that is asked.
func openedPattern(ctx context.Context, a *app, what seeding) (jieling.Case, error) {
	like := newStocked(1<<30, what)
	for i := range like.ways {
		like.ways[i].c = ""
	}
	if err := like.put(ctx, a, jieling.Case{}); err != nil || what.cases == 0 {
		return jieling.Case{}, err
	}
	by := jieling.Actor{Kind: jieling.ActorProduct, Name: "bench", Scopes: []string{engine.ScopeAdmin}}
	v, err := a.engine.OpenCase(ctx, by, engine.Idem{}, engine.NewCase{
		Account: like.account, Goal: jieling.Unlink, Binding: like.ways[0].binding, Platform: jieling.Android, Reason: jieling.ReasonPrivacy,
	})
	if err != nil {
		return jieling.Case{}, err
	}
	c := v.Case
	c.Stage, c.Version, c.Backup, c.ExpiresAt = jieling.StageReady, 1, jieling.BackupDeclined, c.OpenedAt.Add(24*time.Hour)
	for _, f := range c.Decision.Requirement.Factors() {
		c.Proofs = append(c.Proofs, jieling.Proof{Factor: f, Challenge: drawID[jieling.ChallengeID]("chl"), At: c.OpenedAt, Epoch: c.Epoch})
	}
	return c, nil
}

// put writes an account with its login identities, then its cases: one transition for each, as a change carries one case.
func (s stocked) put(ctx context.Context, a *app, pattern jieling.Case) error {
	now := time.Now().UTC().Truncate(time.Microsecond)
	account := jieling.Account{ID: s.account, ExternalID: string(s.account), Kind: jieling.Personal, Region: "CN", Locale: "zh-CN", CreatedAt: now, WaysIn: len(s.ways)}
	var bindings []jieling.Binding
	for i, way := range s.ways {
		sealed, err := a.keys.Seal(keyring.Place{Owner: string(way.binding), Field: "subject"}, []byte(way.subject))
		if err != nil {
			return err
		}
		bindings = append(bindings, jieling.Binding{
			ID: way.binding, Account: s.account, Provider: way.provider, State: jieling.BindingActive, Label: "12****4821", VerifiedAt: now,
			CreatedAt: now.Add(time.Duration(i) * time.Microsecond), Subject: sealed, Index: a.keys.BlindIndex("binding", string(way.provider), way.subject),
		})
	}
	ch := seeded(&account, "account.register")
	ch.Bindings = bindings
	if err := s.take(ctx, a, &ch, 0, pattern); err != nil {
		return err
	}
	for i := 1; i < len(s.ways) && s.ways[i].c != ""; i++ {
		ch := seeded(&account, "case.open")
		if err := s.take(ctx, a, &ch, i, pattern); err != nil {
			return err
		}
	}
	return nil
}

// take commits a change, with the case of one of the ways where it has one.
func (s stocked) take(ctx context.Context, a *app, ch *store.Change, way int, pattern jieling.Case) error {
	if w := s.ways[way]; w.c != "" {
		c := pattern
		c.ID, c.Account, c.Binding, c.Provider = w.c, s.account, w.binding, w.provider
		by := jieling.Actor{Kind: jieling.ActorProduct, Name: "bench"}
		event, err := casework.Record(c, c.OpenedAt, by, casework.Opened{Case: c})
		if err != nil {
			return err
		}
		ch.Case, ch.Events = &c, []jieling.Event{event}
	}
	return a.store.Update(ctx, store.Need{Account: s.account}, func(store.Snapshot) (store.Change, error) { return *ch, nil })
}

// seeded moves an account on by one transition.
func seeded(a *jieling.Account, verb string) store.Change {
	a.Version++
	entry := audit.Entry{Account: a.ID, Seq: a.Version, Actor: "product/bench", Verb: verb, At: a.CreatedAt, Detail: []byte("{}")}.After(a.AuditHead)
	a.AuditHead = entry.Hash
	row := *a
	return store.Change{Account: &row, Audit: &entry}
}

// asks puts the service's requests together.
func (s *service) asks(stock []stocked) map[string]asking {
	headers := "Authorization: Bearer " + s.key + "\r\nContent-Type: application/json\r\n"
	return map[string]asking{
		"resolve": {s.addr, func(n int) []byte {
			way := spread(stock, n).ways[0]
			return request("POST", "/v1/resolve", headers, fmt.Sprintf(`{"provider":%q,"subject":%q,"network":"known"}`, way.provider, way.subject))
		}},
		"list": {s.addr, func(n int) []byte {
			return request("GET", "/v1/accounts/"+string(spread(stock, n).account)+"/bindings", headers, "")
		}},
		"commit": {s.addr, func(n int) []byte { return s.confirm(headers, stock[n].ways[0]) }},
	}
}

func (s *service) confirm(headers string, way stockedWay) []byte {
	return request("POST", "/v1/cases/"+string(way.c)+"/confirm", headers+"Idempotency-Key: "+string(way.c)+"\r\n", "")
}

// spread walks over all accounts without ever asking for neighbours one after the other.
func spread(stock []stocked, n int) stocked { return stock[n*7919%len(stock)] }
