package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling/client"
)

// numberState is where a number is in its life.
type numberState string

// A number's life, in its order; a closed list.
const (
	numberActive    numberState = "active"    // its holder has it
	numberCancelled numberState = "cancelled" // given up: nobody has it
	numberCooling   numberState = "cooling"   // kept back for a while, as carriers must
	numberReissued  numberState = "reissued"  // handed out again, to somebody else
)

// text words the state.
func (s numberState) text() client.Text {
	switch s {
	case numberActive:
		return client.Text{ZH: "正常使用，机主没有变。", EN: "In use, by the same holder."}
	case numberCancelled:
		return client.Text{ZH: "已注销，没有机主。", EN: "Given up. Nobody has it."}
	case numberCooling:
		return client.Text{ZH: "冷却中，还没有重新放号。", EN: "Kept back, not handed out again yet."}
	default:
		return client.Text{ZH: "已重新放号，现在是别人的号码。", EN: "Handed out again. It is somebody else's now."}
	}
}

// carrier plays the carriers behind Alibaba Cloud's number service (dytnsapi), the operator behind CAMARA's SIM Swap, and is where
// a number's life is moved on.
type carrier struct {
	*party
	id, key, code string
	client        string // of SIM Swap
	hook          *hook
	secret        client.Secret // by which it signs what it tells
	mu            sync.Mutex
	numbers       map[string]*numberLife   // by E.164
	tokens        map[string]operatorToken // given out
	seen          map[string]bool          // assertions
}

// numberLife is one number: its state, and since when its present holder has it, and its SIM is the one it is.
type numberLife struct {
	Number string      `json:"number"`
	State  numberState `json:"state"`
	Since  time.Time   `json:"since"`
	SIM    time.Time   `json:"sim"`
}

// newSIM is how long the carrier's own page calls a SIM new.
const newSIM = 72 * time.Hour

// numberOwner is a number with whose it was at first.
type numberOwner struct {
	Key  string      `json:"person"`
	Name client.Text `json:"name"`
	Life numberLife  `json:"life"`
	New  bool        `json:"new_sim"` // their SIM was replaced lately
}

func newCarrier(c Config, l *looks) (*carrier, error) {
	secret, err := client.ParseSecret(c.Credentials.CarrierSecret)
	if err != nil {
		return nil, fmt.Errorf("sandbox party %s: %w", Carrier, err)
	}
	x := &carrier{
		party: newParty(Carrier, client.Text{ZH: "运营商", EN: "Carrier"},
			client.Text{ZH: "运营商：号码注销、冷却、重新放号，补换 SIM 卡，以及这些事的查询。", EN: "The carrier: numbers are given up, kept back and handed out again, SIMs are replaced, and it says so when asked."},
			[]string{twiceTelVerify, "token", "check", "retrieve-date"}, c, l),
		id: c.Credentials.AliyunID, key: c.Credentials.AliyunKey, code: c.Credentials.AliyunAuthCode, client: c.Credentials.OperatorClient,
		hook: newHook(c.Log), secret: secret,
		numbers: map[string]*numberLife{}, tokens: map[string]operatorToken{}, seen: map[string]bool{},
	}
	for _, p := range People() {
		x.numbers[p.Phone] = &numberLife{Number: p.Phone, State: numberActive, Since: c.Now().AddDate(-3, 0, 0), SIM: c.Now().AddDate(-1, 0, 0)}
	}
	x.state = func() any { return x.all() }
	x.wire("POST /{$}", x.answer)
	x.page("GET /{$}", func(r *http.Request, v view) templ.Component {
		return v.carrier(only(r, x.all(), func(o numberOwner) string { return o.Key }))
	})
	x.mux.HandleFunc("POST /number", x.move)
	x.wire("POST /oauth2/token", x.token)
	x.wire("POST /sim-swap/v2/check", x.simCheck)
	x.wire("POST /sim-swap/v2/retrieve-date", x.simDate)
	x.mux.HandleFunc("POST /sim", x.replaceSIM)
	return x, nil
}

func (x *carrier) all() (all []numberOwner) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, p := range People() {
		life := *x.numbers[p.Phone]
		all = append(all, numberOwner{p.Key, p.Name, life, x.now().Sub(life.SIM) < newSIM})
	}
	return all
}

func (x *carrier) signs(number string) []sign {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch life := x.numbers[number]; life.State {
	case numberActive:
		if x.now().Sub(life.SIM) < newSIM {
			return []sign{{"warn", client.Text{ZH: "SIM 卡刚补换过", EN: "the SIM was just replaced"}}}
		}
		return []sign{{"good", client.Text{ZH: "号码还是本人的", EN: "the number is still theirs"}}}
	case numberReissued:
		return []sign{{"bad", client.Text{ZH: "号码已换机主", EN: "the number is somebody else's"}}}
	}
	return []sign{{"warn", client.Text{ZH: "号码没有机主", EN: "nobody has the number"}}}
}

// tell says that a number was handed out again, by the channel that a platform has for it.
func (x *carrier) tell(ctx context.Context, number string, since time.Time) {
	x.hook.tell(ctx, func(to string) (*http.Request, error) {
		id := rand.Text()
		body, err := json.Marshal(map[string]any{"phone": number, "holder_since": since.UTC().Truncate(time.Second), "evidence": "sandbox", "request_id": number + "/" + since.UTC().Format(time.RFC3339Nano)})
		if err != nil {
			return nil, err
		}
		req, err := http.NewRequest(http.MethodPost, to, bytes.NewReader(body))
		if err == nil {
			req.Header.Set("Content-Type", "application/json")
			client.Sign(req.Header, id, x.now(), body, x.secret)
		}
		return req, err
	})
}

// move takes a number to a state of its life: number and to, from a form. That one was handed out again is told where it is asked for (tell):
// carriers lag, and most numbers are only found out about when they are asked.
func (x *carrier) move(w http.ResponseWriter, r *http.Request) {
	number, to := r.FormValue("number"), numberState(r.FormValue("to"))
	x.mu.Lock()
	life := x.numbers[number]
	known := life != nil && slices.Contains([]numberState{numberActive, numberCancelled, numberCooling, numberReissued}, to)
	if known {
		if to == numberReissued {
			life.Since, life.SIM = x.now(), x.now() // a new subscription has a new SIM
		} else if to == numberActive {
			life.Since, life.SIM = x.now().AddDate(-3, 0, 0), x.now().AddDate(-1, 0, 0) // as if nothing had been
		}
		life.State = to
	}
	since := x.now()
	x.mu.Unlock()
	if known && to == numberReissued && r.FormValue("tell") != "" {
		x.tell(r.Context(), number, since)
	}
	if !known {
		http.Error(w, "say which number of the cast, and to: active, cancelled, cooling or reissued", http.StatusBadRequest)
		return
	}
	back(w, r, "/")
}

const twiceTelVerify = "DescribePhoneTwiceTelVerify"

// answer is the front of the service: the signature, then the action.
func (x *carrier) answer(w http.ResponseWriter, r *http.Request) {
	code, data := x.verify(r.Context(), r)
	out := map[string]any{"RequestId": requestID(), "Code": code, "Message": code}
	if data != nil {
		out["Data"] = data
	}
	writeJSON(w, out)
}

func (x *carrier) verify(ctx context.Context, r *http.Request) (code string, data map[string]any) {
	query := r.URL.Query()
	since, err := time.ParseInLocation(time.DateTime, query.Get("StartTime"), time.FixedZone("UTC+8", 8*60*60))
	switch {
	case !x.signed(r):
		return "SignatureDoesNotMatch", nil
	case r.Header.Get("X-Acs-Action") != twiceTelVerify || r.Header.Get("X-Acs-Version") != "2020-02-17":
		return "InvalidAction.NotFound", nil
	case query.Get("AuthCode") != x.code:
		return "isv.AUTH_CODE_ILLEGAL", nil
	case err != nil || since.Year() < 1970:
		return "isv.INVALID_PARAMETERS", nil
	case has(ctx, FaultRefuse):
		return "isp.OPERATOR_LIMIT", nil
	}
	return "OK", map[string]any{"Carrier": "CMCC", "VerifyResult": x.result(ctx, query.Get("InputNumber"), query.Get("Mask"), since)}
}

// result is 0 where the carrier cannot tell, 1 handed out again since, 2 not, 3 nobody's.
func (x *carrier) result(ctx context.Context, input, mask string, since time.Time) int {
	if has(ctx, FaultLie) {
		return 2
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for number, life := range x.numbers {
		local := strings.TrimPrefix(number, "+86")
		if input != local && (mask != "SHA256" || input != sha256Hex([]byte(local))) {
			continue
		}
		switch {
		case life.State == numberCancelled, life.State == numberCooling:
			return 3
		case life.Since.After(since):
			return 1
		}
		return 2
	}
	return 0
}

// signed verifies the signature method ACS3-HMAC-SHA256: host and every x-acs- header must be among the signed ones, and the date
// within fifteen minutes.
func (x *carrier) signed(r *http.Request) bool {
	m := regexp.MustCompile(`^ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([a-z0-9;-]+),Signature=([0-9a-f]{64})$`).
		FindStringSubmatch(r.Header.Get("Authorization"))
	at, err := time.Parse("2006-01-02T15:04:05Z", r.Header.Get("X-Acs-Date"))
	if m == nil || m[1] != x.id || err != nil || x.now().Sub(at).Abs() > 15*time.Minute || r.Header.Get("X-Acs-Signature-Nonce") == "" {
		return false
	}
	names := strings.Split(m[2], ";")
	for _, needed := range []string{"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"} {
		if !slices.Contains(names, needed) {
			return false
		}
	}
	var headers strings.Builder
	for _, name := range names {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	body := r.Header.Get("X-Acs-Content-Sha256")
	canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, headers.String(), m[2], body}, "\n")
	want := hex.EncodeToString(hmacSHA256([]byte(x.key), "ACS3-HMAC-SHA256\n"+sha256Hex([]byte(canonical))))
	return body == sha256Hex(nil) && hmac.Equal([]byte(want), []byte(m[3]))
}
