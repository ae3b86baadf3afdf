package wecom

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/wxpush"
)

var _ provider.Listener = (*Provider)(nil)

// Push is what the app and WeCom's callbacks share, as set up under the app's "receive messages" (接收消息).
type Push struct {
	Token  string // 3 to 32 letters and digits; "" listens to nothing
	AESKey string // EncodingAESKey, 43 characters
}

func (c Config) listening() (*wxpush.Key, error) {
	if c.Push == (Push{}) {
		return nil, nil
	}
	key, err := wxpush.NewKey(c.Push.Token, c.Push.AESKey, c.CorpID)
	if err != nil {
		return nil, fmt.Errorf("wecom: callbacks: %w", err)
	}
	return &key, nil
}

// Listens reports whether the token and the key of the callbacks are set up.
func (p *Provider) Listens() bool { return p.push != nil }

// Hear reads a callback, which is always sealed: who joined, left or was disabled, and that an approval wants to be read again. What an
// approval is now is not taken from here, since it can be taken back after it was given.
func (p *Provider) Hear(_ context.Context, in provider.Call) (provider.Heard, error) {
	if p.push == nil {
		return provider.Heard{}, provider.Forged(name, "no token is set up")
	}
	timestamp, nonce, sealed := in.Query.Get("timestamp"), in.Query.Get("nonce"), in.Query.Get("echostr")
	if in.Method != http.MethodGet {
		var around struct{ Encrypt string }
		if xml.Unmarshal(in.Body, &around) != nil {
			return provider.Heard{}, provider.Forged(name, "the callback is not XML")
		}
		sealed = around.Encrypt
	}
	switch {
	case !provider.Timely(timestamp, p.config.Now()):
		return provider.Heard{}, provider.Forged(name, "the timestamp is not near now")
	case !p.push.Signed(in.Query.Get("msg_signature"), timestamp, nonce, sealed):
		return provider.Heard{}, provider.Forged(name, "the signature does not fit")
	}
	message, err := p.push.Open(sealed)
	if err != nil {
		return provider.Heard{}, provider.Forged(name, err.Error())
	}
	if in.Method == http.MethodGet {
		return provider.Heard{Reply: say(string(message))}, nil
	}
	return p.read(message)
}

// callback is an event as WeCom writes it. ToUserName is the corp.
type callback struct {
	ToUserName, Event, ChangeType, UserID string
	CreateTime                            int64
	Status                                int
	ApprovalInfo                          struct {
		SpNoStr, SpNo, ThirdNo string
		SpStatus               int
		ApplyUserID            string `xml:"ApplyUserId"` // of an approval that another app's flow began
		Applyer                struct {
			UserID string `xml:"UserId"`
		}
	}
}

// The states of a member, where a callback tells them.
const (
	memberActive   = 1
	memberDisabled = 2
	memberLeft     = 5
)

func (p *Provider) read(message []byte) (provider.Heard, error) {
	var c callback
	if err := xml.Unmarshal(message, &c); err != nil {
		return provider.Heard{}, provider.Unreadable(name, errors.New("the message is not XML"))
	}
	if c.ToUserName != p.config.CorpID {
		return provider.Heard{}, provider.Forged(name, "the message is about another corp")
	}
	out := provider.Heard{Other: 1, Reply: say("success")}
	kind, userid, ref := c.means()
	switch {
	case kind == "":
		return out, nil
	case userid == "" || c.CreateTime == 0:
		return provider.Heard{}, provider.Unreadable(name, errors.New("the event has no time, or names nobody"))
	}
	out.Other = 0
	out.Notices = []jieling.ProviderNotice{{
		ID: c.id(userid, ref), Kind: kind, Subject: p.config.CorpID + "/" + userid, Ref: ref, At: time.Unix(c.CreateTime, 0).UTC(),
	}}
	return out, nil
}

// means says what an event is about; "" for what is no matter here, as a change of departments is. Callbacks that were set up since August
// 2022 tell of no status, so that nobody learns from one that a member was disabled: that is asked when they sign in.
func (c callback) means() (kind jieling.NoticeKind, userid, ref string) {
	switch {
	case c.Event == "sys_approval_change":
		info := c.ApprovalInfo
		if ref = info.SpNoStr; ref == "" {
			ref = info.SpNo
		}
		return jieling.ApprovalChanged, info.Applyer.UserID, ref
	case c.Event == "open_approval_change":
		return jieling.ApprovalChanged, c.ApprovalInfo.ApplyUserID, c.ApprovalInfo.ThirdNo
	case c.Event != "change_contact":
		return "", "", ""
	case c.ChangeType == "delete_user", c.ChangeType == "update_user" && c.Status == memberLeft:
		return jieling.MemberLeft, c.UserID, ""
	case c.ChangeType == "update_user" && c.Status == memberDisabled:
		return jieling.AccountDisabled, c.UserID, ""
	case c.ChangeType == "create_user", c.ChangeType == "update_user" && c.Status == memberActive:
		return jieling.AccountEnabled, c.UserID, ""
	}
	return "", "", ""
}

// id names an event: WeCom gives it no number, and sends one up to three times with the same of these.
func (c callback) id(userid, ref string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{
		c.Event, c.ChangeType, userid, strconv.FormatInt(c.CreateTime, 10), strconv.Itoa(c.Status), ref, strconv.Itoa(c.ApprovalInfo.SpStatus),
	}, "\n")))
	return hex.EncodeToString(sum[:])
}

func say(body string) provider.Reply {
	return provider.Reply{Status: http.StatusOK, ContentType: "text/plain; charset=utf-8", Body: []byte(body)}
}
