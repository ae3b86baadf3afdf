package transfer

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/jieling-id/jieling"
)

// errShutOut is of a user whom the other server lets in no more: an import must not open a door that was closed.
var errShutOut = errors.New("is disabled there")

// Writer writes people down in a format.
type Writer struct {
	out    *bufio.Writer
	format Format
	n      int
}

// NewWriter begins a file. Casdoor's format is only read.
func NewWriter(f Format, w io.Writer) (*Writer, error) {
	if f != JSONLines && f != Kratos && f != Keycloak {
		return nil, fmt.Errorf("%s is not a format that can be written", f)
	}
	return &Writer{out: bufio.NewWriter(w), format: f}, nil
}

// Add writes one person down.
func (w *Writer) Add(p Person) error {
	var body any = p
	switch w.format {
	case Kratos:
		body = kratosOf(p)
	case Keycloak:
		body = keycloakOf(p)
	}
	line, err := json.Marshal(body)
	if err != nil {
		return err
	}
	w.separate()
	w.n++
	_, err = w.out.Write(line)
	if w.format == JSONLines {
		err = w.out.WriteByte('\n')
	}
	return err
}

// separate writes what stands before the next entry.
func (w *Writer) separate() {
	switch {
	case w.format == JSONLines:
	case w.n > 0:
		w.out.WriteString(",\n")
	case w.format == Kratos:
		w.out.WriteString("[\n")
	case w.format == Keycloak:
		w.out.WriteString(`{"ifResourceExists":"SKIP","users":[` + "\n")
	}
}

// Close ends the file. Errors of writing that were not told yet are told here.
func (w *Writer) Close() error {
	if w.n == 0 {
		w.separate()
	}
	w.out.WriteString(map[Format]string{Kratos: "\n]\n", Keycloak: "\n]}\n"}[w.format])
	return w.out.Flush()
}

// kratosOf makes the body that creates an identity. Its traits hold the first mailbox, as the presets of Kratos name it; a schema that asks
// for more refuses it there.
func kratosOf(p Person) kratos {
	k := kratos{ExternalID: p.ExternalID, SchemaID: "default", State: "active"}
	traits := map[string]string{}
	for _, l := range p.Logins {
		switch l.Provider {
		case jieling.Email, jieling.Phone:
			via := map[jieling.Provider]string{jieling.Email: "email", jieling.Phone: "sms"}[l.Provider]
			k.Addresses = append(k.Addresses, kratosAddress{Value: l.Subject, Via: via, Verified: true, Status: "completed"})
			if trait := map[string]string{"email": "email", "sms": "phone"}[via]; traits[trait] == "" {
				traits[trait] = l.Subject
			}
		default:
			if k.Credentials.OIDC == nil {
				k.Credentials.OIDC = &kratosOIDC{}
			}
			at := &k.Credentials.OIDC.Config
			at.Providers = append(at.Providers, kratosProvider{string(l.Provider), l.Subject})
		}
	}
	k.Traits = traits
	return k
}

// uuid is the form of Keycloak's own IDs.
var uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// keycloakOf makes a user of a partial import. Keycloak has one mailbox and one number a user: the first of each.
func keycloakOf(p Person) keycloak {
	enabled := true
	k := keycloak{Username: p.ExternalID, Enabled: &enabled, Attributes: map[string][]string{}}
	if uuid.MatchString(p.ExternalID) {
		k.ID = p.ExternalID
	}
	if p.Locale != "" {
		k.Attributes[keycloakLocale] = []string{p.Locale}
	}
	for _, l := range p.Logins {
		switch {
		case l.Provider == jieling.Email && k.Email == "":
			k.Email, k.EmailVerified = l.Subject, true
		case l.Provider == jieling.Phone && k.Attributes[keycloakPhone] == nil:
			k.Attributes[keycloakPhone], k.Attributes[keycloakPhoneVerified] = []string{l.Subject}, []string{"true"}
		case l.Provider != jieling.Email && l.Provider != jieling.Phone:
			k.Federated = append(k.Federated, keycloakFederated{string(l.Provider), l.Subject, l.Subject})
		}
	}
	return k
}

// Flush hands on what was written so far, so that an interruption loses nothing of it.
func (w *Writer) Flush() error { return w.out.Flush() }

// LastLine finds the last whole line of JSON lines, and where it ends: what is behind it was cut off while it was written. An empty
// file, and one without a whole line, has nobody and ends at 0. An error is a line that is nobody's.
func LastLine(file io.ReadSeeker) (last Person, end int64, err error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return last, 0, err
	}
	in := bufio.NewReader(file)
	var line []byte
	for {
		next, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return last, 0, err
		}
		line, end = next, end+int64(len(next))
	}
	if end == 0 {
		return last, 0, nil
	}
	last, _, err = readLine(line, Options{})
	if err == nil && last.ExternalID == "" {
		err = errors.New("its last line names no account")
	}
	return last, end, err
}
