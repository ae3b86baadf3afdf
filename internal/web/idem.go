package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"

	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
)

// idem makes the idempotency of a form: from its token, its path and what was filled in. The same form sent twice is one
// request; the same form with another answer is another. part tells apart the calls of a form that makes two.
//
// The key is a MAC under the session's secret, of which the service keeps only a hash: what was filled in may be six digits,
// and a plain hash of them in the store would give them away.
func (v *visit) idem(part string) engine.Idem {
	return idemOf(v.Gate.SessionToken(v.r), part, v.r)
}

func idemOf(secret, part string, r *http.Request) engine.Idem {
	mac := hmac.New(sha256.New, []byte(secret))
	content := gate.Fingerprint(r.Method, r.URL.Path, []byte(r.PostForm.Encode()))
	mac.Write(content[:])
	mac.Write([]byte(part))
	var sum [32]byte
	mac.Sum(sum[:0])
	return engine.Idem{Key: "page-" + base64.RawURLEncoding.EncodeToString(sum[:]), Fingerprint: sum}
}
