package wxpush_test

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/jieling-id/jieling/internal/wxpush"
)

// The vector: made with other code than ours.
const (
	token     = "bowline-token"
	key       = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
	receiver  = "wx0000000000000001"
	timestamp = "1700000000"
	nonce     = "nonce123"
	message   = "<xml><ToUserName><![CDATA[gh_bowline000001]]></ToUserName><FromUserName><![CDATA[platform_push]]></FromUserName><CreateTime>1700000000</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[user_authorization_revoke]]></Event><OpenID><![CDATA[oBowlineUser0001]]></OpenID><AppID><![CDATA[wx0000000000000001]]></AppID><RevokeInfo><![CDATA[301]]></RevokeInfo></xml>"
	sealed    = "4j/AuRx71kQlxVlzbpsMWB+3xKbT9WMnrkxs35ZNSir6fJJxWH97KR0lthPDK04Mgp3rCLim/q0u5ySRL48xa5Bi678dUBeOSbkrCxSbTkeCold53EU+SyiQw0whAnGgoAVcxWIZxVTiQEzT2u41RS+oLmTzpcYmonqgazdVifAnfi+04AvHQLfw3R36VEp41PTxJVH2d/9fI4MoSCNJSiaAiVSQehd/TJBnU2swGdOchc0i02d0jWdYA2ces4glybOVHqx6B50Dn6UIJUd0XTHVM1Y1cCMCXKf7AzNUMy8Tl0p7jUchxgXlNSrXLqeGZWx5xZF5Gpos7n+KiAW0R5sK1M8zo7Y+RUb8VpHjgn/2VMmtuz6YHv/7r7g0Mabg1XA6lF9sE2MeM611o7fYbezNZSIZ5dCSG+hfiwxIEKh3ohoHUGWeZoNeBjh0osivfLVKA1P/ONKov/DL5hQ1ZqByHf3OlXvqJWQ2Sms5ixwMkhOtWRM9hLBI5QVZkaF8CExVDDg2palBkZD2pJpCv9clZAtCFa1yzPkUUY7oK8k="
)

func newKey(t *testing.T) wxpush.Key {
	t.Helper()
	k, err := wxpush.NewKey(token, key, receiver)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTheVector(t *testing.T) {
	k := newKey(t)
	if !k.Signed("4b4082bc76a0e5e35532988e7f5be4a66cd11d47", timestamp, nonce, sealed) {
		t.Errorf("msg_signature: %s", k.Sign(timestamp, nonce, sealed))
	}
	if !k.Signed("71b19a7f9b09743259e223a6284e65eac5a38c63", timestamp, nonce, "") {
		t.Errorf("signature: %s", k.Sign(timestamp, nonce, ""))
	}
	if got, err := k.Open(sealed); err != nil || string(got) != message {
		t.Errorf("%q, %v", got, err)
	}
}

func TestASignatureCoversEverything(t *testing.T) {
	k := newKey(t)
	good := k.Sign(timestamp, nonce, sealed)
	for what, ok := range map[string]bool{
		"the time": k.Signed(good, "1700000001", nonce, sealed), "the nonce": k.Signed(good, timestamp, "nonce124", sealed),
		"what is sealed": k.Signed(good, timestamp, nonce, "5"+sealed[1:]), "none": k.Signed("", timestamp, nonce, sealed),
		"upper case": k.Signed(strings.ToUpper(good), timestamp, nonce, sealed), "no time": k.Signed(k.Sign("", nonce, sealed), "", nonce, sealed),
		"no nonce": k.Signed(k.Sign(timestamp, "", sealed), timestamp, "", sealed),
	} {
		if ok {
			t.Errorf("%s: taken", what)
		}
	}
}

// seal makes what Open opens, with each part as given: length is what is written, pad the padding's bytes.
func seal(t *testing.T, length int, msg, to string, pad []byte) string {
	t.Helper()
	secret, err := base64.StdEncoding.DecodeString(key + "=")
	if err != nil {
		t.Fatal(err)
	}
	text := binary.BigEndian.AppendUint32([]byte("0123456789abcdef"), uint32(length))
	text = append(append(append(text, msg...), to...), pad...)
	if len(text)%aes.BlockSize != 0 {
		t.Fatalf("%d bytes are no whole blocks", len(text))
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCBCEncrypter(block, secret[:16]).CryptBlocks(text, text)
	return base64.StdEncoding.EncodeToString(text)
}

func TestS30_WhatIsNotSealedForUsIsNotOpened(t *testing.T) {
	k := newKey(t)
	const msg = "0123456789" // 16 + 4 + 10 + 18 is 48
	padding := func(n, b int) []byte { return []byte(strings.Repeat(string(rune(b)), n)) }
	if got, err := k.Open(seal(t, 10, msg, receiver, padding(16, 16))); err != nil || string(got) != msg {
		t.Fatalf("a good one: %q, %v", got, err)
	}
	if got, err := k.Open(seal(t, 10, msg, receiver, padding(32, 32))); err != nil || string(got) != msg {
		t.Fatalf("a padding of 32: %q, %v", got, err)
	}
	for what, bad := range map[string]string{
		"another receiver":      seal(t, 10, msg, "wx0000000000000002", padding(16, 16)),
		"no receiver":           seal(t, 10, msg, "", append(padding(2, 7), padding(16, 16)...)),
		"a padding of 0":        seal(t, 10, msg, receiver, make([]byte, 16)),
		"a padding of 33":       seal(t, 10, msg, receiver, padding(48, 33)),
		"a padding of two":      seal(t, 10, msg, receiver, append(padding(15, 7), 16)),
		"a length beyond":       seal(t, 1<<31, msg, receiver, padding(16, 16)),
		"a length a bit beyond": seal(t, 29, msg, receiver, padding(16, 16)),
		"too short":             seal(t, 0, "", "", padding(12, 12)),
		"half a block":          base64.StdEncoding.EncodeToString(make([]byte, 17)),
		"nothing":               "", "no base64": "***",
	} {
		if got, err := k.Open(bad); err == nil {
			t.Errorf("%s: %q", what, got)
		}
	}
}

func TestAKeyIsWhole(t *testing.T) {
	for what, bad := range map[string][3]string{
		"a short token": {"ab", key, receiver}, "a token with signs": {"a b c", key, receiver}, "a short key": {token, key[:42], receiver},
		"no base64": {token, key[:42] + "*", receiver}, "nobody": {token, key, ""},
	} {
		if _, err := wxpush.NewKey(bad[0], bad[1], bad[2]); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
}
