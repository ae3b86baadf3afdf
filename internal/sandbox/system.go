package sandbox

import (
	"context"
	"net/http"
	"sync"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling/client"
)

// system is one of the product's own systems that take part in unbindings. They differ in what they hold, and in that WeChat
// Pay leaves a residue; some have switches besides ([careful]); the rest is the same for all of them.
type system struct {
	*party
	ledger   client.Ledger
	mu       sync.Mutex
	holdings map[string][]*holding // by QQ openid
	taken    map[string][]*holding // by case: what its commit let go of
	estates  map[string]*estate    // by person: switches and bills
}

// holding is one thing of one person that hangs on their QQ.
type holding struct {
	client.Dependent
	gone bool
	// lingers, where it is set on something that is kept, is a trace that a commit leaves behind: it stays until this residue
	// is cleaned up.
	lingers *client.Residue
}

// removable reports whether a commit lets go of the holding.
func (h *holding) removable() bool { return h.Effect != client.EffectKept }

// residue is how the holding shows as long as it points at the binding.
func (h *holding) residue() client.Residue {
	if h.lingers != nil {
		return *h.lingers
	}
	return client.Residue{
		ID: h.ID, Title: h.Title, Detail: h.Detail, Cleanable: true,
		Cleanup: client.Text{ZH: "再清理一次；我们会重新解除。", EN: "Clean it up once more; we will let go of it again."},
	}
}

func newSystem(name string, secret client.Secret, c Config, l *looks) *system {
	title, about := systemTitle(name)
	ops := []string{"describe", "prepare", "commit", "compensate", "verify", "cleanup"}
	if cares(name) {
		ops = append(ops, "switches", "switch", "bills")
	}
	s := &system{
		party:    newParty(name, title, about, ops, c, l),
		holdings: map[string][]*holding{}, taken: map[string][]*holding{}, estates: map[string]*estate{},
	}
	for _, p := range People() {
		s.holdings[p.QQOpenID], s.estates[p.Key] = holdingsOf(name, p), estateOf(name, p, s.now())
	}
	s.state = func() any { return s.rows() }
	var taking client.Participant = s
	if cares(name) {
		taking = careful{s}
	}
	contract := client.Handler(secret, taking, client.HandlerConfig{Now: c.Now, Log: c.Log})
	s.wire("/{op}", contract.ServeHTTP) // any method: the contract itself answers those it does not take
	s.mux.HandleFunc("GET /_ledger", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.ledger.Entries()) })
	s.page("GET /{$}", func(r *http.Request, v view) templ.Component {
		return v.system(only(r, s.rows(), func(row systemRow) string { return row.Person }), s.ledger.Entries())
	})
	return s
}

// of gives what a binding's owner holds here; nothing for a stranger. The caller holds the lock.
func (s *system) of(b client.BindingRef) []*holding {
	if b.Provider != QQ {
		return nil
	}
	return s.holdings[b.Subject]
}

// Describe implements [client.Participant].
func (s *system) Describe(_ context.Context, req client.DescribeRequest) ([]client.Dependent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []client.Dependent
	for _, h := range s.of(req.Binding) {
		if !h.gone {
			all = append(all, h.Dependent)
		}
	}
	return all, nil
}

// Prepare implements [client.Participant].
func (s *system) Prepare(ctx context.Context, req client.StepRequest) (client.Answer, error) {
	if has(ctx, FaultLie) {
		return client.Answer{State: client.StatePrepared}, nil
	}
	return s.ledger.Prepare(req, func() *client.Text {
		if !has(ctx, FaultRefuse) {
			return nil
		}
		return busy()
	})
}

func busy() *client.Text {
	return &client.Text{ZH: "有一笔操作正在处理。请等它结束，明天再试。", EN: "An operation is still being processed. Wait for it to finish and try again tomorrow."}
}

func refusedNow() error {
	return &client.Problem{Type: "about:blank", Title: "Conflict", Status: http.StatusConflict, Code: "refused", Detail: "this system refuses at the moment"}
}

// Commit implements [client.Participant].
func (s *system) Commit(ctx context.Context, req client.StepRequest) (client.Answer, error) {
	switch {
	case has(ctx, FaultLie):
		return client.Answer{State: client.StateCommitted}, nil
	case has(ctx, FaultRefuse):
		return client.Answer{}, refusedNow()
	}
	return s.ledger.Commit(req, func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, h := range s.of(req.Binding) {
			if h.removable() && !h.gone {
				h.gone = true
				s.taken[req.Case] = append(s.taken[req.Case], h)
			}
		}
		return nil
	})
}

// Compensate implements [client.Participant].
func (s *system) Compensate(ctx context.Context, req client.StepRequest) (client.Answer, error) {
	switch {
	case has(ctx, FaultLie):
		return client.Answer{State: client.StateCompensated}, nil
	case has(ctx, FaultRefuse):
		return client.Answer{}, refusedNow()
	}
	return s.ledger.Compensate(req, func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, h := range s.taken[req.Case] {
			h.gone = false
		}
		delete(s.taken, req.Case)
		return nil
	})
}

// Verify implements [client.Participant].
func (s *system) Verify(ctx context.Context, req client.StepRequest) (client.Verification, error) {
	switch {
	case has(ctx, FaultLie):
		return client.Verification{State: client.StateClean}, nil
	case has(ctx, FaultRefuse):
		return client.Verification{}, refusedNow()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var left []client.Residue
	for _, h := range s.of(req.Binding) {
		if !h.gone && (h.lingers != nil || h.removable()) {
			left = append(left, h.residue())
		}
	}
	if len(left) == 0 {
		return client.Verification{State: client.StateClean}, nil
	}
	return client.Verification{State: client.StateResidue, Residues: left}, nil
}

// Cleanup implements [client.Participant].
func (s *system) Cleanup(ctx context.Context, req client.CleanupRequest) (client.Answer, error) {
	switch {
	case has(ctx, FaultLie):
		return client.Answer{State: client.StateCleared}, nil
	case has(ctx, FaultRefuse):
		return client.Answer{State: client.StateRefused, Reason: *busy()}, nil
	}
	return s.ledger.Cleanup(req, func() (*client.Text, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, h := range s.of(req.Binding) {
			if h.residue().ID == req.Residue {
				h.gone = true
				return nil, nil
			}
		}
		return &client.Text{ZH: "这里没有这一项残留。", EN: "There is no such residue here."}, nil
	})
}

// systemRow is what one person holds, for the page and for /_state.
type systemRow struct {
	Person   string       `json:"person"`
	Name     client.Text  `json:"name"`
	Holdings []holdingRow `json:"holdings"`
	Switches []switchRow  `json:"switches,omitempty"`
}

// switchRow is one switch as it stands.
type switchRow struct {
	ID    string             `json:"id"`
	Title client.Text        `json:"title"`
	State client.SwitchState `json:"state"`
}

type holdingRow struct {
	ID     string        `json:"id"`
	Title  client.Text   `json:"title"`
	Count  int           `json:"count"`
	Effect client.Effect `json:"effect"`
	Gone   bool          `json:"gone"`
}

func (s *system) rows() []systemRow {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []systemRow
	for _, p := range People() {
		row := systemRow{Person: p.Key, Name: p.Name, Holdings: []holdingRow{}}
		for _, h := range s.holdings[p.QQOpenID] {
			row.Holdings = append(row.Holdings, holdingRow{h.ID, h.Title, h.Count, h.Effect, h.gone})
		}
		for _, w := range s.estates[p.Key].switches {
			row.Switches = append(row.Switches, switchRow{w.ID, w.Title, w.State})
		}
		rows = append(rows, row)
	}
	return rows
}
