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

// hook is a party's side of telling the product what happened to somebody's account there.
type hook struct {
	http *http.Client
	log  *slog.Logger
	mu   sync.Mutex
	to   string // "" tells nobody
}

func newHook(log *slog.Logger) *hook {
	return &hook{http: &http.Client{Timeout: 5 * time.Second}, log: log}
}

// toward says where notices go.
func (x *hook) toward(address string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.to = address
}

// tell sends what build makes for an address, and tries up to three times, as they do. It returns once it was answered, so that whoever
// played the part sees what came of it.
func (x *hook) tell(ctx context.Context, build func(to string) (*http.Request, error)) {
	x.mu.Lock()
	to := x.to
	x.mu.Unlock()
	if to == "" {
		return
	}
	var err error
	for range 3 {
		if err = x.once(ctx, to, build); err == nil {
			return
		}
	}
	x.log.Warn("a notice was not taken", "error", err)
}

func (x *hook) once(ctx context.Context, to string, build func(to string) (*http.Request, error)) error {
	req, err := build(to)
	if err != nil {
		return err
	}
	res, err := x.http.Do(req.WithContext(ctx))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(io.LimitReader(res.Body, bodyLimit))
	if err == nil && (res.StatusCode/100 != 2 || len(said) > 0 && string(said) != "success") {
		err = fmt.Errorf("answered %s", res.Status)
	}
	return err
}

// push is a hook of WeChat's or WeCom's, with what it signs and seals with.
type push struct {
	*hook
	token, aesKey, receiver string
}

func newPush(token, aesKey, receiver string, log *slog.Logger) *push {
	return &push{newHook(log), token, aesKey, receiver}
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

// tell sends a message.
func (x *push) tell(ctx context.Context, now time.Time, message string) {
	x.hook.tell(ctx, func(to string) (*http.Request, error) {
		sealed, err := x.sealMessage(message)
		if err != nil {
			return nil, err
		}
		timestamp, nonce := strconv.FormatInt(now.Unix(), 10), rand.Text()[:10]
		query := url.Values{
			"timestamp": {timestamp}, "nonce": {nonce}, "signature": {sorted(x.token, timestamp, nonce)}, "encrypt_type": {"aes"},
			"msg_signature": {sorted(x.token, timestamp, nonce, sealed)},
		}
		body := "<xml><ToUserName><![CDATA[" + x.receiver + "]]></ToUserName><Encrypt><![CDATA[" + sealed + "]]></Encrypt></xml>"
		req, err := http.NewRequest(http.MethodPost, to+"?"+query.Encode(), strings.NewReader(body))
		if err == nil {
			req.Header.Set("Content-Type", "text/xml")
		}
		return req, err
	})
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
