// Package smtp delivers messages as mail: to one mailbox each, in plain text, in both languages, over TLS and nothing less. Subjects
// hold no code and no name of a login, since previews show them on locked screens.
//
// A relay that takes the same message twice has the same Message-ID twice: a repeat whose answer was lost can be told.
package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/notify"
)

// Config says which relay takes our mail, and whom it is from.
type Config struct {
	Addr     string         // host:port: 587 for STARTTLS, 465 with Implicit
	Implicit bool           // TLS from the first byte (RFC 8314)
	From     string         // "Jieling <no-reply@id.example.com>"
	Username string         // "" where the relay asks for none
	Password string         //
	Roots    *x509.CertPool // nil means the system's
}

// timeout bounds a delivery whose context allows more.
const timeout = 20 * time.Second

// Sender is the relay.
type Sender struct {
	client *mail.Client
	from   *netmail.Address
	domain string // of From: what Message-IDs end in
}

var _ notify.Sender = (*Sender)(nil)

// New checks the configuration. It connects to nobody.
func New(c Config) (*Sender, error) {
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return nil, errors.New("mail: the relay's address must be host:port")
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, errors.New("mail: the relay's port must be a number")
	}
	from, err := netmail.ParseAddress(c.From)
	if err != nil {
		return nil, errors.New("mail: from must be a mailbox, like Jieling <no-reply@id.example.com>")
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	options := []mail.Option{
		mail.WithPort(number), mail.WithTimeout(timeout), mail.WithHELO(domain), mail.WithTLSPolicy(mail.TLSMandatory), mail.WithoutNoop(),
		mail.WithTLSConfig(&tls.Config{ServerName: host, RootCAs: c.Roots, MinVersion: tls.VersionTLS12}),
	}
	if c.Implicit {
		options = append(options, mail.WithSSL())
	}
	if c.Username != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(c.Username), mail.WithPassword(c.Password))
	}
	client, err := mail.NewClient(host, options...)
	if err != nil {
		return nil, errors.New("mail: the relay's address or port cannot be used")
	}
	return &Sender{client, from, domain}, nil
}

// Send hands one message to the relay. An error that wraps [notify.ErrFinal] cannot be mended by another try: the mailbox does not
// exist, or its host will not have the message. Everything else is CodeDependency. No error says whom the message was for.
func (s *Sender) Send(ctx context.Context, id string, m jieling.Message) error {
	letter := mail.NewMsg(mail.WithNoDefaultUserAgent())
	letter.FromMailAddress(s.from)
	to := &netmail.Address{Address: m.To}
	if parsed, err := netmail.ParseAddress(m.To); err != nil || parsed.Address != m.To || parsed.Name != "" {
		return fmt.Errorf("mail: what is kept is not one mailbox: %w", notify.ErrFinal) // S11
	}
	letter.ToMailAddress(to)
	letter.SetMessageIDWithValue(id + "@" + s.domain)
	letter.SetDate()
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday reply
	letter.Subject(subject(m))
	letter.SetBodyString(mail.TypeTextPlain, m.Text.ZH+"\r\n\r\n"+m.Text.EN+"\r\n")
	return judge(s.client.DialAndSendWithContext(ctx, letter))
}

func subject(m jieling.Message) string {
	if m.Code != "" {
		return "邮件验证码 · Your verification code"
	}
	return "账号安全提醒 · Security notice"
}

// judge tells what cannot be mended from what can. The library's own error names the mailbox, and is not passed on.
func judge(err error) error {
	var failed *mail.SendError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &failed) && !failed.IsTemp() && failed.ErrorCode() >= 500 && aboutTheMailbox(failed.Reason):
		return fmt.Errorf("mail: refused with %d %s: %w", failed.ErrorCode(), failed.EnhancedStatusCode(), notify.ErrFinal)
	case failed != nil && failed.ErrorCode() != 0:
		return away(fmt.Errorf("the relay answers %d %s", failed.ErrorCode(), failed.EnhancedStatusCode()))
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return away(errors.New("the relay did not answer in time"))
	}
	return away(errors.New("the relay cannot be reached, its certificate is not trusted, or it does not take our name and password"))
}

// aboutTheMailbox reports that a refusal is of this message. What is refused before, the sender or the sign-in, is the operator's to
// mend, and the message can wait for it.
func aboutTheMailbox(r mail.SendErrReason) bool {
	return r == mail.ErrSMTPRcptTo || r == mail.ErrSMTPData || r == mail.ErrSMTPDataClose
}

func away(err error) error {
	e := jieling.Refuse(jieling.CodeDependency, "邮件暂时发不出去，请稍后再试，或换一种方式。", "Mail cannot be sent at the moment. Try again later, or choose another way.")
	e.Err = fmt.Errorf("mail: %w", err)
	return e
}
