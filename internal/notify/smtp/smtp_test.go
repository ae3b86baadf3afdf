package smtp_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	relay "github.com/emersion/go-smtp"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/notify"
	"github.com/jieling-id/jieling/internal/notify/smtp"
	"github.com/jieling-id/jieling/internal/sandbox"
)

const (
	near = "lin@mail.example"
	far  = "lin@far.example"
)

var code = jieling.Message{Channel: jieling.ByEmail, To: near, Code: "402817", Minutes: 10, Text: jieling.Text{ZH: "验证码 402817", EN: "Code 402817"}}

func world(t *testing.T) *sandbox.World {
	t.Helper()
	w, err := sandbox.Start(t.Context(), sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

func config(w *sandbox.World) smtp.Config {
	addr, roots := w.MailRelay()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(roots)
	c := sandbox.DefaultCredentials()
	return smtp.Config{Addr: addr, From: "解铃 <no-reply@id.example.test>", Username: c.MailUser, Password: c.MailPassword, Roots: pool}
}

func sender(t *testing.T, c smtp.Config) *smtp.Sender {
	t.Helper()
	s, err := smtp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type letter struct{ ID, Subject, Text, Code string }

func inbox(t *testing.T, w *sandbox.World, address string) (letters []letter, waiting int) {
	t.Helper()
	var box struct {
		Letters []letter
		Waiting int
	}
	resp, err := http.Get(w.URL(sandbox.Mail) + "/inbox/" + address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&box); err != nil {
		t.Fatal(err)
	}
	return box.Letters, box.Waiting
}

func fault(t *testing.T, w *sandbox.World, mode string) {
	t.Helper()
	resp, err := http.Post(w.URL(sandbox.Mail)+"/_fault", "application/json", strings.NewReader(`{"mode":"`+mode+`","times":1}`))
	if err != nil || resp.StatusCode >= 300 {
		t.Fatalf("fault: %v, %v", resp, err)
	}
	resp.Body.Close()
}

func TestACodeArrivesAndItsSubjectGivesNothingAway(t *testing.T) {
	w := world(t)
	s := sender(t, config(w))
	for range 2 { // the answer to the first may have been lost
		if err := s.Send(t.Context(), "eff_1", code); err != nil {
			t.Fatal(err)
		}
	}
	notice := jieling.Message{To: near, Text: jieling.Text{ZH: "账号安全提醒：登录方式 QQ 已解绑。", EN: "Security notice: the login QQ was unlinked."}, About: "QQ"}
	if err := s.Send(t.Context(), "eff_2", notice); err != nil {
		t.Fatal(err)
	}
	letters, _ := inbox(t, w, near)
	if len(letters) != 2 || letters[1].Code != code.Code || !strings.Contains(letters[1].Text, code.Text.ZH) || !strings.Contains(letters[1].Text, code.Text.EN) {
		t.Fatalf("%+v", letters)
	}
	if letters[1].ID != "<eff_1@id.example.test>" || !strings.Contains(letters[0].Text, notice.Text.ZH) {
		t.Errorf("%+v", letters)
	}
	for _, l := range letters {
		if strings.Contains(l.Subject, code.Code) || strings.Contains(l.Subject, "QQ") || l.Subject == "" {
			t.Errorf("subject %q", l.Subject)
		}
	}
}

// A6: what is sent elsewhere is sent, whenever it arrives.
func TestA6_WhatIsOnItsWayIsSent(t *testing.T) {
	w := world(t)
	m := code
	m.To = far
	if err := sender(t, config(w)).Send(t.Context(), "eff_1", m); err != nil {
		t.Fatal(err)
	}
	if letters, waiting := inbox(t, w, far); len(letters) != 0 || waiting != 1 {
		t.Fatalf("%d arrived, %d on their way", len(letters), waiting)
	}
	resp, err := http.PostForm(w.URL(sandbox.Mail)+"/arrive", map[string][]string{"address": {far}})
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
	if letters, waiting := inbox(t, w, far); len(letters) != 1 || waiting != 0 || letters[0].Code != m.Code {
		t.Fatalf("%+v arrived, %d on their way", letters, waiting)
	}
}

// What a relay says of the message ends it; what it says of us, or does not say, can be mended. No error names the mailbox.
func TestWhatCanBeMendedIsTold(t *testing.T) {
	w := world(t)
	good := config(w)
	wrongPassword, strangers, nobody := good, good, good
	wrongPassword.Password = "wrong"
	strangers.Roots = x509.NewCertPool()
	nobody.Addr = "127.0.0.1:1"
	for name, c := range map[string]struct {
		config smtp.Config
		to     string
		fault  string
		final  bool
	}{
		"a mailbox that is not there":    {good, "nobody@mail.example", "none", true},
		"two mailboxes":                  {good, near + "," + far, "none", true},
		"a mailbox with a name":          {good, "Lin <" + near + ">", "none", true},
		"none":                           {good, "", "none", true},
		"greylisted":                     {good, near, "error", false},
		"our mail is refused as a whole": {good, near, "refuse", false},
		"a wrong password":               {wrongPassword, near, "none", false},
		"a certificate nobody vouches":   {strangers, near, "none", false},
		"nobody listens":                 {nobody, near, "none", false},
	} {
		fault(t, w, c.fault)
		m := code
		m.To = c.to
		err := sender(t, c.config).Send(t.Context(), "eff_"+name, m)
		switch {
		case err == nil:
			t.Errorf("%s: sent", name)
			continue
		case notify.Final(err) != c.final:
			t.Errorf("%s: final %v: %v", name, notify.Final(err), err)
		case !c.final && jieling.CodeOf(err) != jieling.CodeDependency:
			t.Errorf("%s: %s", name, jieling.CodeOf(err))
		}
		var told *jieling.Error
		text := err.Error()
		if errors.As(err, &told) && told.Err != nil {
			text += told.Err.Error()
		}
		for _, secret := range []string{near, far, "nobody@", code.Code, good.Password} {
			if strings.Contains(text, secret) {
				t.Errorf("%s: the error says %q", name, text)
			}
		}
		fault(t, w, "none")
	}
	if letters, _ := inbox(t, w, near); len(letters) != 0 {
		t.Errorf("%d letters arrived", len(letters))
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sender(t, good).Send(gone, "eff_1", code); jieling.CodeOf(err) != jieling.CodeDependency {
		t.Errorf("nobody waits any more: %v", err)
	}
}

// open is a relay without TLS that writes down whatever it is told.
type open struct{ heard chan string }

func (o open) NewSession(*relay.Conn) (relay.Session, error) { return o, nil }
func (o open) Mail(string, *relay.MailOptions) error         { o.heard <- "mail"; return nil }
func (o open) Rcpt(string, *relay.RcptOptions) error         { return nil }
func (o open) Data(r io.Reader) error                        { _, err := io.Copy(io.Discard, r); return err }
func (o open) Reset()                                        {}
func (o open) Logout() error                                 { return nil }

// A code is never sent over a line that others can read.
func TestNothingIsSentWithoutTLS(t *testing.T) {
	o := open{make(chan string, 1)}
	server := relay.NewServer(o)
	server.AllowInsecureAuth = true
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	for _, implicit := range []bool{false, true} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		s := sender(t, smtp.Config{Addr: l.Addr().String(), From: "no-reply@id.example.test", Implicit: implicit})
		if err := s.Send(ctx, "eff_1", code); jieling.CodeOf(err) != jieling.CodeDependency {
			t.Errorf("implicit %v: %v", implicit, err)
		}
		cancel()
	}
	select {
	case <-o.heard:
		t.Error("a mail was begun in the clear")
	default:
	}
}

func TestABadConfigurationIsTold(t *testing.T) {
	for name, c := range map[string]smtp.Config{
		"no port":  {Addr: "mail.example", From: "a@b.example"},
		"no from":  {Addr: "mail.example:587"},
		"bad from": {Addr: "mail.example:587", From: "nobody"},
		"a word":   {Addr: "mail.example:smtp", From: "a@b.example"},
	} {
		if _, err := smtp.New(c); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
