package wecom_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/provider/providertest"
	"github.com/jieling-id/jieling/internal/provider/wecom"
)

const corp = "ww0000000000000001"

var push = providertest.Push{Token: "bowline-token", AESKey: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", Receiver: corp}

func listening(t *testing.T, p wecom.Push) *wecom.Provider {
	t.Helper()
	out, err := wecom.New(wecom.Config{
		LoginURL: "https://login.work.weixin.qq.com", APIURL: "https://qyapi.weixin.qq.com", CorpID: corp, AgentID: "1", Secret: "secret", Push: p,
		Now: func() time.Time { return providertest.At },
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func event(to, rest string) string {
	return fmt.Sprintf("<xml><ToUserName><![CDATA[%s]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName><CreateTime>1699999990</CreateTime><MsgType><![CDATA[event]]></MsgType>%s</xml>", to, rest)
}

func contact(change, rest string) string {
	return event(corp, "<Event><![CDATA[change_contact]]></Event><ChangeType><![CDATA["+change+"]]></ChangeType>"+rest)
}

func TestNotices(t *testing.T) {
	const zhang = "<UserID><![CDATA[zhangsan]]></UserID>"
	said := func(k jieling.NoticeKind, ref string) *jieling.ProviderNotice {
		return &jieling.ProviderNotice{Kind: k, Subject: corp + "/zhangsan", At: time.Unix(1699999990, 0).UTC(), Ref: ref}
	}
	approval := func(number string) string {
		return event(corp, "<Event><![CDATA[sys_approval_change]]></Event><AgentID>3010040</AgentID><ApprovalInfo><SpNo>1</SpNo>"+number+
			"<SpStatus>2</SpStatus><Applyer><UserId><![CDATA[zhangsan]]></UserId><Party><![CDATA[1]]></Party></Applyer><StatuChangeEvent>2</StatuChangeEvent></ApprovalInfo>")
	}
	providertest.NoticeExam{
		Listener: listening(t, wecom.Push{Token: push.Token, AESKey: push.AESKey}), Deaf: listening(t, wecom.Push{}), Sign: push.Call,
		Reply: provider.Reply{Status: http.StatusOK, ContentType: "text/plain; charset=utf-8", Body: []byte("success")},
		Good: map[string]providertest.Told{
			"left or deleted":           providertest.Says(contact("delete_user", zhang), said(jieling.MemberLeft, "")),
			"left, by status":           providertest.Says(contact("update_user", zhang+"<Status>5</Status>"), said(jieling.MemberLeft, "")),
			"disabled, by status":       providertest.Says(contact("update_user", zhang+"<Status>2</Status>"), said(jieling.AccountDisabled, "")),
			"active again, by status":   providertest.Says(contact("update_user", zhang+"<Status>1</Status>"), said(jieling.AccountEnabled, "")),
			"joined":                    providertest.Says(contact("create_user", zhang), said(jieling.AccountEnabled, "")),
			"an approval":               providertest.Says(approval("<SpNoStr><![CDATA[202601010001]]></SpNoStr>"), said(jieling.ApprovalChanged, "202601010001")),
			"an approval of old":        providertest.Says(approval(""), said(jieling.ApprovalChanged, "1")),
			"another app's approval":    providertest.Says(event(corp, "<Event>open_approval_change</Event><ApprovalInfo><ThirdNo>T1</ThirdNo><ApplyUserId>zhangsan</ApplyUserId></ApprovalInfo>"), said(jieling.ApprovalChanged, "T1")),
			"another department":        providertest.Says(contact("update_user", zhang+"<Department>3</Department>"), nil),
			"a department":              providertest.Says(contact("create_party", "<Id>2</Id>"), nil),
			"a tag":                     providertest.Says(contact("update_tag", "<TagId>2</TagId>"), nil),
			"an event of tomorrow":      providertest.Says(event(corp, "<Event>dissolve</Event>"), nil),
			"a message of another kind": providertest.Says(event(corp, "<Content>hello</Content>"), nil),
		},
		Foreign: map[string]string{"another corp": event("ww0000000000000002", "<Event>change_contact</Event><ChangeType>delete_user</ChangeType>"+zhang)},
		Unreadable: map[string]string{
			"words": "hello", "nothing": "", "half": "<xml><ToUserName>" + corp, "nobody": contact("delete_user", ""),
			"no time": "<xml><ToUserName>" + corp + "</ToUserName><Event>change_contact</Event><ChangeType>delete_user</ChangeType>" + zhang + "</xml>",
		},
		Check: func(t *testing.T, at time.Time) (provider.Call, string) {
			sealed := push.Seal(t, "1616140317555161061")
			q := push.Query(t, sealed, at)
			return provider.Call{Method: http.MethodGet, Query: url.Values{
				"msg_signature": q["msg_signature"], "timestamp": q["timestamp"], "nonce": q["nonce"], "echostr": {sealed},
			}}, "1616140317555161061"
		},
		Tampered: map[string]func(*provider.Call){
			"another signature": func(c *provider.Call) { c.Query.Set("msg_signature", c.Query.Get("signature")) },
			"another nonce":     func(c *provider.Call) { c.Query.Set("nonce", "nonce124") },
			"another time":      func(c *provider.Call) { c.Query.Set("timestamp", "1700000001") },
			"not sealed":        func(c *provider.Call) { c.Body = []byte(contact("delete_user", zhang)) },
		},
	}.Notices(t)
}
