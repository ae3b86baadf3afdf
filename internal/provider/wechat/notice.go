package wechat

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/wxpush"
)

var _ provider.Listener = (*Provider)(nil)

// Listens reports whether the token and the key of the message push are set up.
func (p *Provider) Listens() bool { return p.push != nil }

// Hear reads a message push: XML or JSON, sealed unless the operator lets plain ones in. Of the three events about permissions a revocation
// takes the login away only where it names everything that the person had allowed this app (301): a single datum is no login.
func (p *Provider) Hear(_ context.Context, in provider.Call) (provider.Heard, error) {
	if p.push == nil {
		return provider.Heard{}, provider.Forged(name, "no token is set up")
	}
	timestamp, nonce := in.Query.Get("timestamp"), in.Query.Get("nonce")
	if !provider.Timely(timestamp, p.config.Now()) {
		return provider.Heard{}, provider.Forged(name, "the timestamp is not near now")
	}
	if in.Method == http.MethodGet {
		if !p.push.Signed(in.Query.Get("signature"), timestamp, nonce, "") {
			return provider.Heard{}, provider.Forged(name, "the signature does not fit")
		}
		return provider.Heard{Reply: say(in.Query.Get("echostr"))}, nil
	}
	message, err := p.unseal(in, timestamp, nonce)
	if err != nil {
		return provider.Heard{}, err
	}
	event, err := fields(message)
	if err != nil {
		return provider.Heard{}, provider.Unreadable(name, err)
	}
	if app := event["AppID"]; app != "" && app != p.config.AppID {
		return provider.Heard{}, provider.Forged(name, "the message is about another app")
	}
	out := provider.Heard{Reply: say("success")}
	notice, told, err := read(event)
	switch {
	case err != nil:
		return provider.Heard{}, provider.Unreadable(name, err)
	case told:
		out.Notices = []jieling.ProviderNotice{notice}
	default:
		out.Other = 1
	}
	return out, nil
}

// unseal checks the signature and gives the message. Where it is sealed, that is signed and the plain part beside it is not.
func (p *Provider) unseal(in provider.Call, timestamp, nonce string) ([]byte, error) {
	if in.Query.Get("encrypt_type") != "aes" {
		if !p.config.Push.Plain || !p.push.Signed(in.Query.Get("signature"), timestamp, nonce, "") {
			return nil, provider.Forged(name, "the signature does not fit, or the message is not sealed")
		}
		return in.Body, nil
	}
	around, err := fields(in.Body)
	if err != nil || !p.push.Signed(in.Query.Get("msg_signature"), timestamp, nonce, around["Encrypt"]) {
		return nil, provider.Forged(name, "the signature does not fit")
	}
	message, err := p.push.Open(around["Encrypt"])
	if err != nil {
		return nil, provider.Forged(name, err.Error())
	}
	return message, nil
}

// everything is what a revocation names where the person took back all that they had allowed a website or an app.
const everything = "301"

// read makes a notice of an event. told is false for one that says nothing about a login.
func read(event map[string]string) (notice jieling.ProviderNotice, told bool, err error) {
	var kind jieling.NoticeKind
	switch event["Event"] {
	case "user_authorization_revoke":
		if !slices.Contains(strings.Split(event["RevokeInfo"], ","), everything) {
			return notice, false, nil
		}
		kind = jieling.ConsentWithdrawn
	case "user_authorization_cancellation":
		kind = jieling.AccountDeleted
	default:
		return notice, false, nil
	}
	seconds, err := strconv.ParseInt(event["CreateTime"], 10, 64)
	switch {
	case err != nil:
		return notice, false, errors.New("CreateTime is no time")
	case event["OpenID"] == "":
		return notice, false, errors.New("the event names nobody")
	}
	return jieling.ProviderNotice{
		ID: idOf(event), Kind: kind, Subject: event["OpenID"], At: time.Unix(seconds, 0).UTC(),
	}, true, nil
}

// idOf names a message: WeChat gives events no number, and sends one up to three times with the same of these.
func idOf(event map[string]string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{event["OpenID"], event["CreateTime"], event["Event"], event["RevokeInfo"]}, "\n")))
	return hex.EncodeToString(sum[:])
}

func say(body string) provider.Reply {
	return provider.Reply{Status: http.StatusOK, ContentType: "text/plain; charset=utf-8", Body: []byte(body)}
}

// fields reads the flat message, which is XML or JSON as the app's console says.
func fields(message []byte) (map[string]string, error) {
	if trimmed := bytes.TrimSpace(message); bytes.HasPrefix(trimmed, []byte("{")) {
		return fromJSON(trimmed)
	}
	return fromXML(message)
}

// trailing is the comma that WeChat's own samples have before the brace that ends them.
var trailing = regexp.MustCompile(`,\s*}\s*$`)

// fromJSON takes names with spaces around them and a comma too many, as WeChat's own samples have them.
func fromJSON(message []byte) (map[string]string, error) {
	decoder := json.NewDecoder(bytes.NewReader(trailing.ReplaceAll(message, []byte("}"))))
	decoder.UseNumber()
	var all map[string]any
	if err := decoder.Decode(&all); err != nil {
		return nil, errors.New("the message is not JSON")
	}
	out := make(map[string]string, len(all))
	for key, value := range all {
		if key = strings.TrimSpace(key); out[key] != "" {
			return nil, fmt.Errorf("the message says a thing twice")
		}
		switch v := value.(type) {
		case string:
			out[key] = v
		case json.Number:
			out[key] = v.String()
		}
	}
	return out, nil
}

// fromXML reads the elements right below the root.
func fromXML(message []byte) (map[string]string, error) {
	decoder, out := xml.NewDecoder(bytes.NewReader(message)), map[string]string{}
	for depth, key := 0, ""; ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) && depth == 0 && len(out) > 0 {
			return out, nil
		}
		if err != nil {
			return nil, errors.New("the message is not XML")
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth == 2 {
				if key = t.Name.Local; out[key] != "" {
					return nil, fmt.Errorf("the message says a thing twice")
				}
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth == 2 {
				out[key] += string(t)
			}
		}
	}
}

// Push is what an app and WeChat's message push share, as set up at WeChat.
type Push struct {
	Token  string // 3 to 32 letters and digits; "" listens to nothing
	AESKey string // EncodingAESKey, 43 characters
	Plain  bool   // lets messages in that are not sealed; their content is not signed, so leave it off
}

func (c Config) listening() (*wxpush.Key, error) {
	if c.Push == (Push{}) {
		return nil, nil
	}
	key, err := wxpush.NewKey(c.Push.Token, c.Push.AESKey, c.AppID)
	if err != nil {
		return nil, fmt.Errorf("wechat: message push: %w", err)
	}
	return &key, nil
}
