package client

import (
	"bytes"
	"context"
	"net/http"
	"testing"
	"time"
)

func (s *shop) Switches(_ context.Context, req AccountRequest) ([]Switch, error) {
	if req.Account != shopProbe.Account && !s.knowsAll {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	state := SwitchOn
	if s.silent {
		state = SwitchOff
	}
	all := []Switch{
		{ID: "find", Kind: SwitchFindMe, Title: someText, Detail: someText, State: state, Safer: SwitchOff},
		{ID: "signed", Kind: SwitchPasswordFree, Title: someText, Detail: someText, State: SwitchOn, Safer: SwitchOff, OneWay: true, Provider: "qq"},
	}
	if s.breakSwitches != nil {
		all = s.breakSwitches(all)
	}
	return all, nil
}

func (s *shop) Switch(_ context.Context, req SwitchRequest) (Answer, error) {
	switch {
	case s.breakSwitch != nil:
		return s.breakSwitch(s, req)
	case req.Switch == "signed" && req.To == SwitchOn:
		return Answer{State: StateSet}, nil
	case req.Switch != "find":
		return Answer{State: StateRefused, Reason: someText}, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = req.To == SwitchOff
	return Answer{State: StateSet}, nil
}

func (s *shop) Bills(_ context.Context, req AccountRequest) ([]Bill, error) {
	if req.Account != shopProbe.Account && !s.knowsAll {
		return nil, nil
	}
	all := []Bill{{ID: "b1", At: time.Date(2026, 3, 1, 3, 12, 0, 0, time.UTC), Title: someText, Amount: 12800, Currency: "CNY", Odd: someText}}
	if s.breakBills != nil {
		all = s.breakBills(all)
	}
	return all, nil
}

func brokenAbilities() []brokenShop {
	calls := 0
	return []brokenShop{
		{"switches", func(s *shop) {
			s.breakSwitches = func(all []Switch) []Switch { all[0].Kind = "shoes"; return all }
		}},
		{"switches", func(s *shop) {
			s.breakSwitches = func(all []Switch) []Switch { calls++; return all[:calls%2] }
		}},
		{"switches-unknown", func(s *shop) { s.knowsAll = true }},
		{"switch-sets", func(s *shop) {
			s.breakSwitch = func(_ *shop, req SwitchRequest) (Answer, error) {
				if req.Switch == "find" || req.Switch == "signed" {
					return Answer{State: StateSet}, nil // and does nothing
				}
				return Answer{State: StateRefused, Reason: someText}, nil
			}
		}},
		{"switch-sets", func(s *shop) {
			s.breakSwitch = func(s *shop, req SwitchRequest) (Answer, error) { // moves each time it is asked
				if req.Switch != "find" {
					return Answer{State: StateRefused, Reason: someText}, nil
				}
				s.mu.Lock()
				defer s.mu.Unlock()
				s.silent = !s.silent
				return Answer{State: StateSet}, nil
			}
		}},
		{"switch-unknown", func(s *shop) {
			s.breakSwitch = func(s *shop, req SwitchRequest) (Answer, error) {
				if req.Switch == "find" {
					s.mu.Lock()
					defer s.mu.Unlock()
					s.silent = req.To == SwitchOff
				}
				return Answer{State: StateSet}, nil
			}
		}},
		{"bills", func(s *shop) { s.breakBills = func(all []Bill) []Bill { all[0].Currency = "yuan"; return all } }},
		{"bills-unknown", func(s *shop) { s.knowsAll = true }},
	}
}

// A participant of before the abilities answers 404 to them, and is as good as it was.
func TestConformanceOfAParticipantWithoutAbilities(t *testing.T) {
	old := struct{ Participant }{newShop()}
	if broken := examine(t, Handler(mustSecret(t, vectorSecret), old, HandlerConfig{Log: quiet()})); broken != nil {
		t.Errorf("findings: %v", broken)
	}
}

// brokenTo takes anything for a state of a switch.
func brokenTo(good http.Handler, secret Secret) http.Handler {
	return rewriting(good, secret, func(_ *http.Request, body []byte) []byte {
		return bytes.Replace(body, []byte(`"to":"up"`), []byte(`"to":"off"`), 1)
	})
}
