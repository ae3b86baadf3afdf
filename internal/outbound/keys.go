package outbound

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Keys are the public keys that a party signs with, as it publishes them (RFC 7517). They are safe for concurrent use.
type Keys struct {
	from   *url.URL
	client *Client
	now    func() time.Time
	held   chan keySet // one: whoever has taken it out asks, and the others wait
}

type keySet struct {
	keys  jose.JSONWebKeySet
	asked time.Time
}

const (
	keysLast  = time.Hour        // how long keys are gone by: one that is withdrawn is not taken for longer
	keysAgain = 30 * time.Second // how often an unknown name may have them asked for, whoever sends such names
)

// ErrNoKey says that the party publishes no key of this name.
var ErrNoKey = errors.New("the party has no key of this name")

// Keys makes the keeper of a party's keys; it asks nobody yet.
func (c *Client) Keys(from *url.URL, now func() time.Time) *Keys {
	k := &Keys{from: from, client: c, now: now, held: make(chan keySet, 1)}
	k.held <- keySet{}
	return k
}

// Key gives an RSA key by its name. One that is not known has the keys asked for again, at most twice a minute. ErrNoKey where the
// party does not publish it; any other error is one of asking, and no verdict.
func (k *Keys) Key(ctx context.Context, name string) (any, error) {
	var set keySet
	select {
	case set = <-k.held:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { k.held <- set }()
	key, age := set.find(name), k.now().Sub(set.asked)
	if key != nil && age < keysLast || key == nil && age < keysAgain && age >= 0 {
		if key == nil {
			return nil, ErrNoKey
		}
		return key, nil
	}
	fresh, err := k.ask(ctx)
	if err != nil {
		return nil, err
	}
	set = keySet{fresh, k.now()}
	if key = set.find(name); key == nil {
		return nil, ErrNoKey
	}
	return key, nil
}

// find looks for a key that signs; one for sealing, or that is not RSA, is none.
func (s keySet) find(name string) any {
	for _, k := range s.keys.Key(name) {
		if name != "" && k.Valid() && k.IsPublic() && k.Use != "enc" {
			return k.Key
		}
	}
	return nil
}

func (k *Keys) ask(ctx context.Context) (set jose.JSONWebKeySet, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, k.from.String(), http.NoBody)
	if err != nil {
		return set, errors.New("keys: the request cannot be made")
	}
	req.Header.Set("Accept", "application/json")
	reply, err := k.client.Do(req)
	switch {
	case err != nil:
		return set, fmt.Errorf("keys: %w", err)
	case reply.Status != http.StatusOK:
		return set, fmt.Errorf("keys: %s answered %d", k.from.Host, reply.Status)
	case json.Unmarshal(reply.Body, &set) != nil || len(set.Keys) == 0:
		return set, fmt.Errorf("keys: %s gave none", k.from.Host)
	}
	return set, nil
}
