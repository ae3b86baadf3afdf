package main

import (
	"crypto/rand"
	"sync"
	"time"

	"github.com/jieling-id/jieling/client"
	"github.com/jieling-id/jieling/client/api"
)

// user is a customer as the shop knows them.
type user struct {
	ID             string // what Jieling calls external_id; it never changes
	Name, Password string
	Phone, PIN     string // PIN is the payment password, until Jieling has it
	Since          time.Time
	Account        api.AccountID // "" until Jieling knows the user
	Points         int           // earned in the shop itself
	QQ             earned
	Paying         bool // an order is being paid at this moment
}

// earned is what came to a user through a QQ, and hangs on it.
type earned struct {
	Subject       string // the openid; "" is none
	Points, Carts int
}

// shop is everything the shop knows. It lives in memory.
type shop struct {
	mu       sync.Mutex
	users    map[string]*user   // by ID
	sessions map[string]session // by the cookie's value
	detached map[string]earned  // by case: what its commit took, for compensate to put back
	ledger   client.Ledger      // what Jieling asked, so that nothing is done twice
}

// session is a browser that is signed in, or half so: with a step-up still to come.
type session struct {
	user   string
	stepUp bool
}

func newShop() *shop {
	return &shop{users: map[string]*user{}, sessions: map[string]session{}, detached: map[string]earned{}}
}

// signUp makes a user, with something to lose. It fails if the name is taken.
func (s *shop) signUp(u user) (user, bool) {
	if _, taken := s.find(func(other user) bool { return other.Name == u.Name }); taken {
		return u, false
	}
	u.ID, u.Since = "shop-"+rand.Text(), time.Now().UTC().Truncate(time.Second)
	u.Points, u.QQ.Points, u.QQ.Carts = 80, 320, 2
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.ID] = &u
	return u, true
}

// find gives a copy of the user for whom match says yes.
func (s *shop) find(match func(user) bool) (user, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.users {
		if match(*u) {
			return *u, true
		}
	}
	return user{}, false
}

// change changes a user in place; a user the shop does not know is not changed.
func (s *shop) change(id string, do func(*user)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.users[id]; u != nil {
		do(u)
	}
}

// open puts a session under the value of a new cookie.
func (s *shop) open(in session) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	token := rand.Text()
	s.sessions[token] = in
	return token
}

func (s *shop) close(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, token)
}

// who gives the user behind a cookie, and whether a step-up is still to come.
func (s *shop) who(token string) (u user, stepUp, ok bool) {
	s.mu.Lock()
	in, ok := s.sessions[token]
	s.mu.Unlock()
	u, found := s.find(func(u user) bool { return u.ID == in.user })
	return u, in.stepUp, ok && found
}
