package providertest

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling/internal/provider"
	"github.com/jieling-id/jieling/internal/wxpush"
)

// Push is WeChat's or WeCom's side of a message push.
type Push struct{ Token, AESKey, Receiver string }

// Seal is the envelope of a message.
func (p Push) Seal(t *testing.T, message string) string {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(p.AESKey + "=")
	if err != nil {
		t.Fatal(err)
	}
	text := binary.BigEndian.AppendUint32([]byte("0123456789abcdef"), uint32(len(message)))
	text = append(append(text, message...), p.Receiver...)
	pad := 32 - len(text)%32
	text = append(text, strings.Repeat(string(rune(pad)), pad)...)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(text, text)
	return base64.StdEncoding.EncodeToString(text)
}

// Query signs what is sealed.
func (p Push) Query(t *testing.T, sealed string, at time.Time) url.Values {
	t.Helper()
	k, err := wxpush.NewKey(p.Token, p.AESKey, p.Receiver)
	if err != nil {
		t.Fatal(err)
	}
	timestamp := strconv.FormatInt(at.Unix(), 10)
	return url.Values{
		"timestamp": {timestamp}, "nonce": {"nonce123"}, "encrypt_type": {"aes"}, "signature": {k.Sign(timestamp, "nonce123", "")},
		"msg_signature": {k.Sign(timestamp, "nonce123", sealed)},
	}
}

// Call sends a message, sealed and in XML.
func (p Push) Call(t *testing.T, message string, at time.Time) provider.Call {
	t.Helper()
	sealed := p.Seal(t, message)
	return provider.Call{
		Method: http.MethodPost, Query: p.Query(t, sealed, at), Header: http.Header{"Content-Type": {"text/xml"}},
		Body: []byte("<xml><ToUserName><![CDATA[" + p.Receiver + "]]></ToUserName><Encrypt><![CDATA[" + sealed + "]]></Encrypt></xml>"),
	}
}
