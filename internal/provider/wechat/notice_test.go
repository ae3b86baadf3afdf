package wechat_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/provider/providertest"
	"github.com/jieling-id/jieling/internal/provider/wechat"
)

var push = providertest.Push{Token: "bowline-token", AESKey: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", Receiver: "wx0000000000000001"}

func listening(t *testing.T, p wechat.Push) *wechat.Provider {
	t.Helper()
	out, err := wechat.New(wechat.Config{
		OpenURL: "https://open.weixin.qq.com", APIURL: "https://api.weixin.qq.com", AppID: push.Receiver, Secret: "secret", Push: p,
		Now: func() time.Time { return providertest.At },
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func event(fields ...string) string {
	out := "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[platform_push]]></FromUserName><MsgType><![CDATA[event]]></MsgType>"
	for i := 0; i+1 < len(fields); i += 2 {
		out += fmt.Sprintf("<%s><![CDATA[%s]]></%s>", fields[i], fields[i+1], fields[i])
	}
	return out + "</xml>"
}

func TestNotices(t *testing.T) {
	when := "1699999990"
	said := func(k jieling.NoticeKind) *jieling.ProviderNotice {
		return &jieling.ProviderNotice{Kind: k, Subject: "oUser1", At: time.Unix(1699999990, 0).UTC()}
	}
	who := []string{"CreateTime", when, "OpenID", "oUser1", "AppID", push.Receiver, "Event"}
	providertest.NoticeExam{
		Listener: listening(t, wechat.Push{Token: push.Token, AESKey: push.AESKey}), Deaf: listening(t, wechat.Push{}), Sign: push.Call,
		Reply: provider.Reply{Status: http.StatusOK, ContentType: "text/plain; charset=utf-8", Body: []byte("success")},
		Good: map[string]providertest.Told{
			"everything taken back":          providertest.Says(event(append(who, "user_authorization_revoke", "RevokeInfo", "301")...), said(jieling.ConsentWithdrawn)),
			"and more":                       providertest.Says(event(append(who, "user_authorization_revoke", "RevokeInfo", "205,301")...), said(jieling.ConsentWithdrawn)),
			"the account deleted":            providertest.Says(event(append(who, "user_authorization_cancellation")...), said(jieling.AccountDeleted)),
			"a datum taken back":             providertest.Says(event(append(who, "user_authorization_revoke", "RevokeInfo", "205")...), nil),
			"no 301 but 3010":                providertest.Says(event(append(who, "user_authorization_revoke", "RevokeInfo", "3010")...), nil),
			"a profile cleaned, of nobody":   providertest.Says(event("CreateTime", when, "AppID", push.Receiver, "Event", "user_info_modified"), nil),
			"an event of tomorrow":           providertest.Says(event(append(who, "user_authorization_transferred")...), nil),
			"a message of another kind":      providertest.Says(event("CreateTime", when, "Content", "hello"), nil),
			"in JSON, as the samples are":    providertest.Says(`{"ToUserName":"gh_1","FromUserName":"platform_push","CreateTime":1699999991,"MsgType":"Event"," Event":"user_authorization_revoke"," OpenID":"oUser1"," AppID":"wx0000000000000001"," RevokeInfo":"301", }`, &jieling.ProviderNotice{Kind: jieling.ConsentWithdrawn, Subject: "oUser1", At: time.Unix(1699999991, 0).UTC()}),
			"in JSON, with numbers for both": providertest.Says(`{"CreateTime":1699999992,"Event":"user_authorization_revoke","OpenID":"oUser1","RevokeInfo":301}`, &jieling.ProviderNotice{Kind: jieling.ConsentWithdrawn, Subject: "oUser1", At: time.Unix(1699999992, 0).UTC()}),
		},
		Foreign: map[string]string{"another app": event("CreateTime", when, "OpenID", "oUser1", "AppID", "wx0000000000000002", "Event", "user_authorization_cancellation")},
		Unreadable: map[string]string{
			"a page": "<html>", "words": "hello", "nothing": "", "half": "<xml><Event>user_authorization_revoke</Event>", "half of JSON": `{"Event":`,
			"nobody": event("CreateTime", when, "Event", "user_authorization_cancellation"), "no time": event("OpenID", "oUser1", "Event", "user_authorization_cancellation"),
			"two of one": event(append(who, "user_authorization_cancellation", "OpenID", "oUser2")...), "two of one in JSON": `{"OpenID":"a"," OpenID":"b"}`,
		},
		Check: func(t *testing.T, at time.Time) (provider.Call, string) {
			q := push.Query(t, "", at)
			return provider.Call{Method: http.MethodGet, Query: url.Values{"signature": q["signature"], "timestamp": q["timestamp"], "nonce": q["nonce"], "echostr": {"6180"}}}, "6180"
		},
		Tampered: map[string]func(*provider.Call){
			"another signature": func(c *provider.Call) { c.Query.Set("msg_signature", c.Query.Get("signature")) },
			"another nonce":     func(c *provider.Call) { c.Query.Set("nonce", "nonce124") },
			"another time":      func(c *provider.Call) { c.Query.Set("timestamp", "1700000001") },
			"as if it were plain": func(c *provider.Call) {
				c.Query.Del("encrypt_type")
				c.Body = []byte(event(append(who, "user_authorization_cancellation")...))
			},
		},
	}.Notices(t)
}

// Plain messages are heard where the operator lets them in, and nowhere else.
func TestPlainMessagesAreLetInByTheOperator(t *testing.T) {
	call := func() provider.Call {
		c := push.Call(t, "", providertest.At)
		c.Query = maps.Clone(c.Query)
		c.Query.Del("encrypt_type")
		c.Body = []byte(event("CreateTime", "1699999990", "OpenID", "oUser1", "Event", "user_authorization_cancellation"))
		return c
	}
	if got, err := listening(t, wechat.Push{Token: push.Token, AESKey: push.AESKey, Plain: true}).Hear(t.Context(), call()); err != nil || len(got.Notices) != 1 {
		t.Errorf("let in: %+v, %v", got, err)
	}
	if got, err := listening(t, wechat.Push{Token: push.Token, AESKey: push.AESKey}).Hear(t.Context(), call()); jieling.CodeOf(err) != jieling.CodeSignature || len(got.Notices) > 0 {
		t.Errorf("not let in: %+v, %v", got, err)
	}
	bad := call()
	bad.Query.Set("signature", "71b19a7f9b09743259e223a6284e65eac5a38c64")
	if _, err := listening(t, wechat.Push{Token: push.Token, AESKey: push.AESKey, Plain: true}).Hear(t.Context(), bad); jieling.CodeOf(err) != jieling.CodeSignature {
		t.Errorf("with another signature: %v", err)
	}
}

func TestAPushIsSetUpWhole(t *testing.T) {
	for what, bad := range map[string]wechat.Push{"no key": {Token: push.Token}, "no token": {AESKey: push.AESKey}, "plain alone": {Plain: true}} {
		if _, err := wechat.New(wechat.Config{OpenURL: "https://a.example", APIURL: "https://a.example", AppID: "wx1", Secret: "s", Push: bad}); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
}
