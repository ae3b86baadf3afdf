package sandbox

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // what WeChat's signatures are defined over
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// push is a party's side of telling the product what happened to somebody's account there: where to, and what it is signed with.
type push struct {
	token, aesKey, receiver string
	http                    *http.Client
	log                     *slog.Logger
	mu                      sync.Mutex
	to                      string // "" tells nobody
}

func newPush(token, aesKey, receiver string, log *slog.Logger) *push {
	return &push{token: token, aesKey: aesKey, receiver: receiver, http: &http.Client{Timeout: 5 * time.Second}, log: log}
}

// toward says where notices go.
func (x *push) toward(address string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.to = address
}

// sorted is the signature of WeChat and WeCom: SHA-1 over the parts in order.
func sorted(parts ...string) string {
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

// sealMessage puts a message into their envelope: random bytes, its length, itself, whom it is for, padded to 32 bytes, AES-256-CBC.
func (x *push) sealMessage(message string) (string, error) {
	key, err := base64.StdEncoding.DecodeString(x.aesKey + "=")
	if err != nil {
		return "", err
	}
	text := make([]byte, 16, 64+len(message))
	if _, err := rand.Read(text); err != nil {
		return "", err
	}
	text = binary.BigEndian.AppendUint32(text, uint32(len(message)))
	text = append(append(text, message...), x.receiver...)
	pad := 32 - len(text)%32
	text = append(text, strings.Repeat(string(rune(pad)), pad)...)
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	cipher.NewCBCEncrypter(block, key[:aes.BlockSize]).CryptBlocks(text, text)
	return base64.StdEncoding.EncodeToString(text), nil
}

// tell sends a message, and tries up to three times, as they do. It returns once it was answered, so that whoever played the part sees what
// came of it.
func (x *push) tell(ctx context.Context, now time.Time, message string) {
	x.mu.Lock()
	to := x.to
	x.mu.Unlock()
	if to == "" {
		return
	}
	var err error
	for range 3 {
		if err = x.once(ctx, to, now, message); err == nil {
			return
		}
	}
	x.log.Warn("a notice was not taken", "for", x.receiver, "error", err)
}

func (x *push) once(ctx context.Context, to string, now time.Time, message string) error {
	sealed, err := x.sealMessage(message)
	if err != nil {
		return err
	}
	timestamp, nonce := strconv.FormatInt(now.Unix(), 10), rand.Text()[:10]
	query := url.Values{
		"timestamp": {timestamp}, "nonce": {nonce}, "signature": {sorted(x.token, timestamp, nonce)}, "encrypt_type": {"aes"},
		"msg_signature": {sorted(x.token, timestamp, nonce, sealed)},
	}
	body := "<xml><ToUserName><![CDATA[" + x.receiver + "]]></ToUserName><Encrypt><![CDATA[" + sealed + "]]></Encrypt></xml>"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to+"?"+query.Encode(), strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "text/xml")
	res, err := x.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(io.LimitReader(res.Body, bodyLimit))
	if err == nil && (res.StatusCode != http.StatusOK || len(said) > 0 && string(said) != "success") {
		err = fmt.Errorf("answered %s", res.Status)
	}
	return err
}

// eventXML writes a message: names and values in turn.
func eventXML(now time.Time, fields ...string) string {
	var b strings.Builder
	b.WriteString("<xml><CreateTime>" + strconv.FormatInt(now.Unix(), 10) + "</CreateTime>")
	for i := 0; i+1 < len(fields); i += 2 {
		b.WriteString("<" + fields[i] + "><![CDATA[" + fields[i+1] + "]]></" + fields[i] + ">")
	}
	b.WriteString("</xml>")
	return b.String()
}
