package sandbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// The carrier's second face: the SIM Swap API (2) of CAMARA, as operators publish it under GSMA Open Gateway. Access tokens are for
// clients that sign for themselves (private_key_jwt), as CAMARA's security profile asks.

// operatorKey is the key pair of the client's onboarding. It is the same in every world, and protects nothing.
func operatorKey() *ecdsa.PrivateKey {
	scalar := sha256.Sum256([]byte("sandbox operator client"))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	if err != nil {
		panic(err) // a fixed number in the curve's range
	}
	return key
}

// operatorKeyPEM is what the client signs with.
func operatorKeyPEM() string {
	der, err := x509.MarshalPKCS8PrivateKey(operatorKey())
	if err != nil {
		panic(err) // a key that was just made
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// operatorToken is an access token that was given out.
type operatorToken struct {
	until  time.Time
	scopes []string
}

const (
	operatorTokenLife = time.Hour
	assertionType     = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
)

// token gives an access token out (RFC 6749, 4.4) for an assertion that was not seen before.
func (x *carrier) token(w http.ResponseWriter, r *http.Request) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	refuse := func(status int, code string) { refuseWith(w, status, map[string]string{"error": code}) }
	switch id, err := x.vouched(r); {
	case has(r.Context(), FaultRefuse), kind != "application/x-www-form-urlencoded":
		refuse(http.StatusBadRequest, "invalid_request")
	case err != nil:
		refuse(http.StatusUnauthorized, "invalid_client")
	case r.PostFormValue("grant_type") != "client_credentials":
		refuse(http.StatusBadRequest, "unsupported_grant_type")
	case r.PostFormValue("scope") == "":
		refuse(http.StatusBadRequest, "invalid_scope")
	default:
		token := rand.Text()
		x.mu.Lock()
		x.seen[id] = true
		x.tokens[token] = operatorToken{x.now().Add(operatorTokenLife), strings.Fields(r.PostFormValue("scope"))}
		x.mu.Unlock()
		writeJSON(w, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": int(operatorTokenLife / time.Second), "scope": r.PostFormValue("scope")})
	}
}

// vouched verifies the assertion of a request for a token, and gives its jti.
func (x *carrier) vouched(r *http.Request) (id string, err error) {
	part := strings.Split(r.PostFormValue("client_assertion"), ".")
	if r.PostFormValue("client_assertion_type") != assertionType || len(part) != 3 {
		return "", errors.New("no assertion")
	}
	var head struct{ Alg string }
	var claims struct {
		Iss, Sub, Aud, Jti string
		Iat, Exp           int64
	}
	signature, err := base64.RawURLEncoding.DecodeString(part[2])
	if err = errors.Join(err, decodeJWT(part[0], &head), decodeJWT(part[1], &claims)); err != nil {
		return "", err
	}
	sum, now := sha256.Sum256([]byte(part[0]+"."+part[1])), x.now().Unix()
	x.mu.Lock()
	used := x.seen[claims.Jti]
	x.mu.Unlock()
	switch {
	case head.Alg != "ES256" || len(signature) != 64,
		!ecdsa.Verify(&operatorKey().PublicKey, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])):
		return "", errors.New("not signed by the client's key")
	case claims.Iss != x.client || claims.Sub != x.client || claims.Aud != "http://"+r.Host+r.URL.Path:
		return "", errors.New("somebody else's, or for somebody else")
	case claims.Jti == "" || used || claims.Exp <= now || claims.Exp > now+300 || claims.Exp > claims.Iat+300:
		return "", errors.New("used, or too old, or good for too long")
	}
	return claims.Jti, nil
}

func decodeJWT(part string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

// numberForm is the phone number of the API's description.
var numberForm = regexp.MustCompile(`^\+[1-9][0-9]{4,14}$`)

// simAsked is the body of both questions.
type simAsked struct {
	PhoneNumber string `json:"phoneNumber"`
	MaxAge      *int   `json:"maxAge"`
}

// simCheck answers whether a SIM was replaced within maxAge hours.
func (x *carrier) simCheck(w http.ResponseWriter, r *http.Request) {
	asked, since, ok := x.simOf(w, r, "sim-swap:check")
	if !ok {
		return
	}
	hours := 240
	if asked.MaxAge != nil {
		hours = *asked.MaxAge
	}
	if hours < 1 || hours > 2400 {
		refuseSIM(w, http.StatusBadRequest, "OUT_OF_RANGE")
		return
	}
	swapped := x.now().Sub(since) < time.Duration(hours)*time.Hour
	writeJSON(w, map[string]bool{"swapped": swapped && !has(r.Context(), FaultLie)})
}

// simDate answers when a SIM was replaced last.
func (x *carrier) simDate(w http.ResponseWriter, r *http.Request) {
	if _, since, ok := x.simOf(w, r, "sim-swap:retrieve-date"); ok {
		writeJSON(w, map[string]string{"latestSimChange": since.UTC().Format(time.RFC3339)})
	}
}

// simOf is the front of both questions: the token, the body, the number. Where something is wrong it has answered.
func (x *carrier) simOf(w http.ResponseWriter, r *http.Request, scope string) (asked simAsked, since time.Time, ok bool) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit)).Decode(&asked)
	x.mu.Lock()
	defer x.mu.Unlock()
	given, known := x.tokens[token]
	life := x.numbers[asked.PhoneNumber]
	allowed := false
	for _, s := range given.scopes {
		allowed = allowed || s == scope || s == "sim-swap"
	}
	switch {
	case !known || !x.now().Before(given.until):
		refuseSIM(w, http.StatusUnauthorized, "UNAUTHENTICATED")
	case !allowed:
		refuseSIM(w, http.StatusForbidden, "PERMISSION_DENIED")
	case has(r.Context(), FaultRefuse):
		refuseSIM(w, http.StatusTooManyRequests, "QUOTA_EXCEEDED")
	case err != nil:
		refuseSIM(w, http.StatusBadRequest, "INVALID_ARGUMENT")
	case asked.PhoneNumber == "":
		refuseSIM(w, http.StatusUnprocessableEntity, "MISSING_IDENTIFIER")
	case !numberForm.MatchString(asked.PhoneNumber):
		refuseSIM(w, http.StatusBadRequest, "INVALID_ARGUMENT")
	case life == nil:
		refuseSIM(w, http.StatusNotFound, "IDENTIFIER_NOT_FOUND")
	case life.State == numberCancelled, life.State == numberCooling:
		refuseSIM(w, http.StatusUnprocessableEntity, "SERVICE_NOT_APPLICABLE")
	default:
		return asked, life.SIM, true
	}
	return asked, time.Time{}, false
}

func refuseSIM(w http.ResponseWriter, status int, code string) {
	refuseWith(w, status, map[string]any{"status": status, "code": code, "message": "The question was refused."})
}

func refuseWith(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	writeJSON(w, body)
}

// replaceSIM puts a new SIM behind a number: number and to, from a form. Its holder stays, and need not be who asked for it.
func (x *carrier) replaceSIM(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	life := x.numbers[r.FormValue("number")]
	known := life != nil && (life.State == numberActive || life.State == numberReissued)
	if known {
		life.SIM = x.now()
	}
	x.mu.Unlock()
	if !known {
		http.Error(w, "say which number of the cast; it must be in use", http.StatusBadRequest)
		return
	}
	back(w, r, "/")
}
