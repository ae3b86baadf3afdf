package sandbox

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling/client"
)

// The domains of the cast's mailboxes. Mail to FarDomain stays on its way until somebody lets it arrive.
const (
	NearDomain = "mail.example"
	FarDomain  = "far.example"
)

// mail plays a mail relay (SMTP over STARTTLS, RFC 5321 and 3207, with a sign-in) and everybody's mailbox behind it.
type mail struct {
	*party
	user, password string
	server         *smtp.Server
	roots          []byte // PEM
	log            *slog.Logger
	mu             sync.Mutex
	boxes          map[string][]letter // by address, oldest first
}

// letter is a mail in a mailbox, or on its way to it.
type letter struct {
	ID       string    `json:"id"` // its Message-ID
	At       time.Time `json:"at"`
	Subject  string    `json:"subject"`
	Text     string    `json:"text"`
	Code     string    `json:"code,omitempty"`
	OnItsWay bool      `json:"on_its_way"`
}

// mailbox is what GET /inbox/{address} answers, newest letter first. What is on its way is not in it.
type mailbox struct {
	Address string   `json:"address"`
	Letters []letter `json:"letters"`
	Waiting int      `json:"waiting"` // letters on their way
}

// mailOwner is a person with their two mailboxes.
type mailOwner struct {
	Key   string      `json:"person"`
	Name  client.Text `json:"name"`
	Boxes []mailbox   `json:"boxes"`
}

// Mailboxes are a person's: one that is reached at once, and one that is not.
func (p Person) Mailboxes() []string {
	return []string{p.Key + "@" + NearDomain, p.Key + "@" + FarDomain}
}

func newMail(c Config, l *looks) (*mail, error) {
	m := &mail{
		party: newParty(Mail, client.Text{ZH: "邮箱", EN: "Mail"},
			client.Text{ZH: "邮件服务器，以及每个人的邮箱。发往 far.example 的邮件会停在路上，直到你放行。", EN: "The mail relay, and everybody's mailboxes. Mail to far.example stays on its way until you let it arrive."},
			[]string{"deliver"}, c, l),
		user: c.Credentials.MailUser, password: c.Credentials.MailPassword, log: c.Log, boxes: map[string][]letter{},
	}
	m.state = func() any { return m.all() }
	m.mux.HandleFunc("GET /inbox/{address}", func(w http.ResponseWriter, r *http.Request) { writeJSON(w, m.inbox(r.PathValue("address"))) })
	m.mux.HandleFunc("POST /arrive", m.arrive)
	m.page("GET /{$}", func(r *http.Request, v view) templ.Component {
		return v.mail(only(r, m.all(), func(o mailOwner) string { return o.Key }))
	})
	certificate, roots, err := ownCertificate(c.Host)
	if err != nil {
		return nil, err
	}
	m.roots, m.server = roots, smtp.NewServer(smtp.BackendFunc(func(conn *smtp.Conn) (smtp.Session, error) { return &mailSession{m: m, conn: conn}, nil }))
	m.server.Domain, m.server.MaxRecipients, m.server.MaxMessageBytes = "mail.example", 1, 1<<20
	m.server.ReadTimeout, m.server.WriteTimeout = time.Minute, time.Minute
	m.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	return m, nil
}

// ownCertificate makes a certificate for a host that signs itself.
func ownCertificate(host string) (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("mail's key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Sandbox mail"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = append(template.IPAddresses, ip)
	} else {
		template.DNSNames = append(template.DNSNames, host)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("mail's certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

func (m *mail) serve(l net.Listener) {
	if err := m.server.Serve(l); err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		m.log.Error("sandbox mail stopped", "err", err)
	}
}

func (m *mail) all() []mailOwner {
	var all []mailOwner
	for _, p := range People() {
		o := mailOwner{Key: p.Key, Name: p.Name}
		for _, address := range p.Mailboxes() {
			o.Boxes = append(o.Boxes, m.inbox(address))
		}
		all = append(all, o)
	}
	return all
}

func (m *mail) inbox(address string) mailbox {
	m.mu.Lock()
	defer m.mu.Unlock()
	box := mailbox{Address: address, Letters: []letter{}}
	for _, l := range slices.Backward(m.boxes[address]) {
		if l.OnItsWay {
			box.Waiting++
			continue
		}
		box.Letters = append(box.Letters, l)
	}
	return box
}

// arrive lets everything that is on its way to a mailbox arrive.
func (m *mail) arrive(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	for i := range m.boxes[r.PostFormValue("address")] {
		m.boxes[r.PostFormValue("address")][i].OnItsWay = false
	}
	m.mu.Unlock()
	back(w, r, "/?who="+r.PostFormValue("who"))
}

// take puts a letter into a mailbox of the cast. One that is there already, by its Message-ID, is not put there twice.
func (m *mail) take(to string, l letter) error {
	known := slices.ContainsFunc(People(), func(p Person) bool { return slices.Contains(p.Mailboxes(), to) })
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case !known:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox"}
	case l.ID != "" && slices.ContainsFunc(m.boxes[to], func(x letter) bool { return x.ID == l.ID }):
		return nil
	}
	l.OnItsWay = strings.HasSuffix(to, "@"+FarDomain)
	m.boxes[to] = append(m.boxes[to], l)
	return nil
}

// mailSession is one client's conversation with the relay.
type mailSession struct {
	m    *mail
	conn *smtp.Conn
	in   bool // signed in
	to   string
}

var _ smtp.AuthSession = (*mailSession)(nil)

func (s *mailSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *mailSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.m.user || password != s.m.password {
			return smtp.ErrAuthFailed
		}
		s.in = true
		return nil
	}), nil
}

func (s *mailSession) Mail(string, *smtp.MailOptions) error {
	if !s.in {
		return smtp.ErrAuthRequired
	}
	return s.fault()
}

// fault plays the party's faults in SMTP's own words.
func (s *mailSession) fault() error {
	switch f := s.m.faults.take("deliver"); f.Mode {
	case FaultSlow:
		wait(context.Background(), f.MS)
	case FaultError, FaultSilent:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Greylisted, try again later"}
	case FaultRefuse:
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Refused"}
	}
	return nil
}

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = strings.ToLower(to)
	if !slices.ContainsFunc(People(), func(p Person) bool { return slices.Contains(p.Mailboxes(), s.to) }) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox"}
	}
	return nil
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

func (s *mailSession) Data(r io.Reader) error {
	message, err := netmail.ReadMessage(r)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "Not a message"}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	if err != nil {
		subject = message.Header.Get("Subject")
	}
	text, err := plainText(message)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "A text nobody can read"}
	}
	return s.m.take(s.to, letter{ID: message.Header.Get("Message-Id"), At: s.m.now(), Subject: subject, Text: text, Code: sixDigits.FindString(text)})
}

func (s *mailSession) Reset() { s.to = "" }

func (s *mailSession) Logout() error { return nil }

// plainText undoes a message's transfer encoding.
func plainText(message *netmail.Message) (string, error) {
	body := message.Body
	switch strings.ToLower(message.Header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	return strings.TrimSpace(string(text)), err
}
