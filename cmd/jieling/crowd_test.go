package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	sdk "github.com/jieling-id/jieling/client/api"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// walker is one person of a crowd and the product's back end that speaks for them. Every step has an idempotency key of its
// own and is sent again under the same key until the service has answered it.
type walker struct {
	*testing.T
	jl      *sdk.Client
	sms     string // the sandbox's
	name    string
	qq      string
	phone   string
	bound   bool // the phone is bound from the start, and not by the case
	account sdk.AccountID
	binding sdk.BindingID
	id      sdk.CaseID
	acks    []ack
	shut    bool // every guess was used up by kills, and the case was cancelled
}

// ack is a step that the service acknowledged, and how to see in the case that it was taken.
type ack struct {
	step string
	seen func(*sdk.Case) bool
}

const (
	crowdPIN   = "204816"
	crowdWidth = 4 // how many ask at a time
)

// crowd makes n walkers who have nothing in common.
func crowd(t *testing.T, s *process, world *sandbox.World, n int) []*walker {
	t.Helper()
	jl, err := sdk.New(s.config.BaseURL, s.key)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]*walker, n)
	for i := range out {
		out[i] = &walker{
			T: t, jl: jl, sms: world.URL(sandbox.SMS), name: fmt.Sprintf("user-%03d", i), qq: fmt.Sprintf("OPENID%026d", i),
			phone: fmt.Sprintf("+86139%08d", i), bound: i%4 != 0,
		}
	}
	return out
}

// ask takes the person from nothing to a confirmation that the service acknowledged. It returns an error where the service
// refuses what it must not.
func (w *walker) ask(ctx context.Context) error {
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"register", w.register}, {"open", w.open}, {"replace", w.replace}, {"back up", w.backUp}, {"prove", w.prove}, {"confirm", w.confirm},
	} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %s: %w", w.name, step.name, err)
		}
	}
	return nil
}

// insist asks until there is an answer. Only a refusal is one: a lost connection, an answer cut short and a 5xx are not.
func insist[A any](ctx context.Context, ask func(key string) (A, error)) (A, error) {
	for key := sdk.NewKey(); ; {
		out, err := ask(key)
		var told *sdk.Problem
		if err == nil || errors.As(err, &told) && told.Status < 500 {
			return out, err
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return out, fmt.Errorf("no answer until the end: %w", err)
		}
	}
}

// pause leaves the processor to the others for a while.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// acknowledged notes an acknowledged step, and looks at once whether all that were acknowledged so far stand.
func (w *walker) acknowledged(ctx context.Context, step string, seen func(*sdk.Case) bool) error {
	w.acks = append(w.acks, ack{step, seen})
	c, err := w.look(ctx)
	if err != nil {
		return err
	}
	return w.stand(c)
}

// stand checks every acknowledged step against the case.
func (w *walker) stand(c *sdk.Case) error {
	for _, a := range w.acks {
		if !a.seen(c) {
			return fmt.Errorf("%q was acknowledged, and the case in stage %s does not show it", a.step, c.Stage)
		}
	}
	return nil
}

func (w *walker) look(ctx context.Context) (*sdk.Case, error) {
	return insist(ctx, func(string) (*sdk.Case, error) { return w.jl.GetCase(ctx, sdk.GetCaseParams{Case: w.id}) })
}

func (w *walker) register(ctx context.Context) error {
	a, err := insist(ctx, func(key string) (*sdk.Account, error) {
		in := &sdk.NewAccount{ExternalID: w.name, Kind: "personal"}
		if !w.bound {
			in.RegisteredThrough = sdk.NewOptProvider("qq")
		}
		return w.jl.RegisterAccount(ctx, in, sdk.RegisterAccountParams{IdempotencyKey: key})
	})
	if err != nil {
		return err
	}
	w.account = a.ID
	if w.binding, err = w.bind(ctx, "qq", w.qq); err != nil {
		return err
	}
	if w.bound {
		if _, err := w.bind(ctx, "phone", w.phone); err != nil {
			return err
		}
	}
	_, err = insist(ctx, func(key string) (*sdk.Enrolment, error) {
		return w.jl.EnrolFactor(ctx, &sdk.NewFactor{Factor: "payment_pin", Answer: sdk.NewOptString(crowdPIN)},
			sdk.EnrolFactorParams{IdempotencyKey: key, Account: w.account})
	})
	return err
}

func (w *walker) bind(ctx context.Context, provider sdk.Provider, subject string) (sdk.BindingID, error) {
	b, err := insist(ctx, func(key string) (*sdk.Binding, error) {
		return w.jl.AddBinding(ctx, &sdk.NewBinding{Provider: provider, Subject: subject}, sdk.AddBindingParams{IdempotencyKey: key, Account: w.account})
	})
	if err != nil {
		return "", fmt.Errorf("bind %s: %w", provider, err)
	}
	return b.ID, nil
}

func (w *walker) open(ctx context.Context) error {
	c, err := insist(ctx, func(key string) (*sdk.Case, error) {
		return w.jl.OpenCase(ctx, &sdk.NewCase{Account: w.account, Goal: "unlink", Binding: w.binding, Platform: "android", Reason: "privacy"},
			sdk.OpenCaseParams{IdempotencyKey: key})
	})
	if err != nil {
		return err
	}
	w.id = c.ID
	return w.acknowledged(ctx, "open", func(c *sdk.Case) bool { return c.Binding == w.binding })
}

// replace binds the phone where the case asks for one, by the code that was sent to it.
func (w *walker) replace(ctx context.Context) error {
	if w.bound {
		return nil
	}
	ch, err := insist(ctx, func(key string) (*sdk.Challenge, error) {
		return w.jl.NameReplacement(ctx, &sdk.NewReplacement{Provider: "phone", Subject: w.phone}, sdk.NameReplacementParams{IdempotencyKey: key, Case: w.id})
	})
	if err != nil {
		return err
	}
	code, err := w.code(ctx)
	if err != nil {
		return err
	}
	if err := w.answer(ctx, ch.ID, code); err != nil {
		return err
	}
	return w.acknowledged(ctx, "replace", func(c *sdk.Case) bool { return c.Replaced })
}

// code waits for the code in the person's own inbox.
func (w *walker) code(ctx context.Context) (string, error) {
	for {
		var in struct {
			Messages []struct {
				Code string `json:"code"`
			} `json:"messages"`
		}
		if err := getJSON(ctx, w.sms+"/inbox/"+url.PathEscape(w.phone), &in); err != nil {
			return "", err
		}
		if len(in.Messages) > 0 && in.Messages[0].Code != "" {
			return in.Messages[0].Code, nil
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return "", fmt.Errorf("no code came: %w", err)
		}
	}
}

func (w *walker) answer(ctx context.Context, id sdk.ChallengeID, digits string) error {
	_, err := insist(ctx, func(key string) (*sdk.Answered, error) {
		return w.jl.AnswerChallenge(ctx, &sdk.NewAnswer{Answer: sdk.NewOptString(digits)}, sdk.AnswerChallengeParams{IdempotencyKey: key, Challenge: id})
	})
	return err
}

func (w *walker) backUp(ctx context.Context) error {
	_, err := insist(ctx, func(key string) (*sdk.Case, error) {
		return w.jl.SettleBackup(ctx, &sdk.Backup{Choice: "declined"}, sdk.SettleBackupParams{IdempotencyKey: key, Case: w.id})
	})
	if err != nil {
		return err
	}
	return w.acknowledged(ctx, "back up", func(c *sdk.Case) bool { return c.Backup.Value == "declined" })
}

// prove passes the PIN. A guess is counted before it is made, so that a kill between the two costs one. When those of a
// challenge are used up a person asks for a new one, and when those of the account are, which is the safe side, they cancel.
func (w *walker) prove(ctx context.Context) error {
	for {
		ch, err := insist(ctx, func(key string) (*sdk.Challenge, error) {
			return w.jl.AskChallenge(ctx, &sdk.NewChallenge{Factor: "payment_pin"}, sdk.AskChallengeParams{IdempotencyKey: key, Case: w.id})
		})
		if usedUp(err) {
			return w.cancel(ctx)
		}
		if err != nil {
			return fmt.Errorf("ask: %w", err)
		}
		err = w.answer(ctx, ch.ID, crowdPIN)
		if usedUp(err) {
			continue
		}
		if err != nil {
			return err
		}
		return w.acknowledged(ctx, "prove", func(c *sdk.Case) bool {
			return slices.ContainsFunc(c.Proofs, func(p sdk.Proof) bool { return p.Challenge == ch.ID })
		})
	}
}

func usedUp(err error) bool {
	var told *sdk.Problem
	return errors.As(err, &told) && told.Code == "too_many_attempts"
}

func (w *walker) cancel(ctx context.Context) error {
	w.shut = true
	_, err := insist(ctx, func(key string) (*sdk.Case, error) {
		return w.jl.CancelCase(ctx, sdk.CancelCaseParams{IdempotencyKey: key, Case: w.id})
	})
	if err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	return w.acknowledged(ctx, "cancel", func(c *sdk.Case) bool { return c.Stage == "cancelled" })
}

func (w *walker) confirm(ctx context.Context) error {
	if w.shut {
		return nil
	}
	_, err := insist(ctx, func(key string) (*sdk.Case, error) {
		return w.jl.ConfirmCase(ctx, sdk.ConfirmCaseParams{IdempotencyKey: key, Case: w.id})
	})
	if err != nil {
		return err
	}
	return w.acknowledged(ctx, "confirm", func(c *sdk.Case) bool { return c.ConfirmedAt.Set })
}

// carriedOut waits until the removal was carried out everywhere, or taken back everywhere.
func (w *walker) carriedOut(ctx context.Context) error {
	for {
		c, err := w.look(ctx)
		if err != nil {
			return err
		}
		if c.Stage == "guarded" || c.Stage == "closed" || c.Stage == "compensated" || c.Stage == "cancelled" {
			return w.stand(c)
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return fmt.Errorf("%s: stuck in %s with %+v: %w", w.name, c.Stage, c.Legs, err)
		}
	}
}

// all walks the whole crowd, each when it is let go, and gathers what went wrong. Few ask at a time: checking a PIN is slow
// on purpose, and a service that never lives long enough to check one would shut them out.
func all(ctx context.Context, crowd []*walker, begin func(ctx context.Context, i int) error) error {
	errs := make([]error, len(crowd))
	asking := make(chan struct{}, crowdWidth)
	var walking sync.WaitGroup
	for i, w := range crowd {
		walking.Go(func() {
			if errs[i] = begin(ctx, i); errs[i] != nil {
				return
			}
			asking <- struct{}{}
			errs[i] = w.ask(ctx)
			<-asking
			if errs[i] == nil {
				errs[i] = w.carriedOut(ctx)
			}
		})
	}
	walking.Wait()
	return errors.Join(errs...)
}
