package keyring

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// A token is verified by the published keys, also after another key signs, and by no key of another ring. A ring without one says so.
func TestTokens_AreVerifiedByWhatIsPublished(t *testing.T) {
	bare, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bare.SignToken("secevent+jwt", []byte("{}")); !errors.Is(err, ErrNoTokenKey) {
		t.Errorf("without a key: %v", err)
	}
	if _, err := bare.TokenKeys(); !errors.Is(err, ErrNoTokenKey) {
		t.Errorf("without a key: %v", err)
	}
	file := filepath.Join(t.TempDir(), "keys.json")
	old, err := Create(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	now, err := old.RotateTokens()
	if err != nil {
		t.Fatal(err)
	}
	if err := now.Save(file); err != nil {
		t.Fatal(err)
	}
	if now, err = Open(file, nil); err != nil {
		t.Fatal(err)
	}
	keys := func(k *Keyring) (set jose.JSONWebKeySet) {
		t.Helper()
		text, err := k.TokenKeys()
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &set); err != nil {
			t.Fatal(err)
		}
		for _, key := range set.Keys {
			if !key.IsPublic() || !key.Valid() {
				t.Errorf("a key that is published: %+v", key)
			}
		}
		return set
	}
	if before, after := keys(old), keys(now); len(before.Keys) != 1 || len(after.Keys) != 2 || after.Keys[0].KeyID != before.Keys[0].KeyID {
		t.Errorf("%d and %d keys are published", len(before.Keys), len(after.Keys))
	}
	for name, k := range map[string]*Keyring{"the key before": old, "the key that signs": now} {
		text, err := k.SignToken("secevent+jwt", []byte(`{"a":1}`))
		if err != nil {
			t.Fatal(err)
		}
		signed, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.RS256})
		if err != nil {
			t.Fatal(err)
		}
		head := signed.Signatures[0].Protected
		published := keys(now)
		found := published.Key(head.KeyID)
		if len(found) != 1 || head.ExtraHeaders[jose.HeaderType] != "secevent+jwt" {
			t.Fatalf("%s: %+v", name, head)
		}
		if claims, err := signed.Verify(found[0]); err != nil || string(claims) != `{"a":1}` {
			t.Errorf("%s: %s, %v", name, claims, err)
		}
		stranger, err := bare.RotateTokens()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := signed.Verify(keys(stranger).Keys[0]); err == nil {
			t.Errorf("%s: a stranger's key verifies it", name)
		}
	}
}
