// Package transfer is how accounts and their logins are written down on the way from one identity server to another: as Jieling's own
// JSON lines, and as Ory Kratos, Keycloak and Casdoor write them. Values in, values out: it reads a file of any length record by
// record, and knows nothing of where a record goes.
//
// Only what was proven crosses over. A mailbox that the other server does not hold for verified, a user it has shut out, and a field
// that means nothing here are left out, and the record says so ([Record].Left).
package transfer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
)

// Format is a way of writing accounts down.
type Format string

// The formats. Kratos is what `GET /admin/identities?include_credential=oidc` answers, and what it takes to make identities; Keycloak
// is a realm's export, and a partial import; Casdoor is what `GET /api/get-users` answers, and is only read.
const (
	JSONLines Format = "jsonl"
	Kratos    Format = "kratos"
	Keycloak  Format = "keycloak"
	Casdoor   Format = "casdoor"
)

// Person is an account with its logins.
type Person struct {
	ExternalID        string              `json:"external_id"` // 1..128 characters
	Kind              jieling.AccountKind `json:"kind,omitempty"`
	Region            string              `json:"region,omitempty"`
	Locale            string              `json:"locale,omitempty"`
	RegisteredThrough jieling.Provider    `json:"registered_through,omitempty"`
	Logins            []Login             `json:"logins,omitempty"`
}

// Login is one login identity in the clear: whoever has the file can name it.
type Login struct {
	Provider   jieling.Provider `json:"provider"`
	Subject    string           `json:"subject"`
	Union      string           `json:"union_id,omitempty"`
	VerifiedAt time.Time        `json:"verified_at,omitzero"`
}

// Record is one entry of a file.
type Record struct {
	Person
	N    int      // 1, 2, 3 … as they stand in the file
	Left []string // what was left out and why, in English; no subject, number or name in it
	Err  error    // this record cannot be read; those after it can
}

// Options says how to read.
type Options struct {
	Unverified bool              // take addresses, too, that the other server does not hold for verified
	Rename     map[string]string // the other server's name for a provider, and ours
}

// most is how many bytes one record may have.
const most = 1 << 20

// Read gives a file's records in order. An error beside a record ends it: the file cannot be read on.
func Read(f Format, r io.Reader, o Options) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		n := 0
		for raw, err := range entries(r, listOf[f]) {
			n++
			if err != nil {
				yield(Record{N: n}, fmt.Errorf("record %d: %w", n, err))
				return
			}
			rec := Record{N: n}
			if len(raw) > most {
				rec.Err = fmt.Errorf("is longer than %d bytes", most)
			} else {
				rec.Person, rec.Left, rec.Err = readers[f](raw, o)
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// readers turn one entry of a format into a person.
var readers = map[Format]func([]byte, Options) (Person, []string, error){
	JSONLines: readLine, Kratos: readKratos, Keycloak: readKeycloak, Casdoor: readCasdoor,
}

// listOf is the field that holds the entries, where the file is one object.
var listOf = map[Format]string{Keycloak: "users", Casdoor: "data"}

// Formats lists what can be read.
func Formats() []string {
	return []string{string(JSONLines), string(Kratos), string(Keycloak), string(Casdoor)}
}

// entries gives the elements of a file that is one list, the elements of the list under a name of a file that is one object, or
// else the values that stand one after another.
func entries(r io.Reader, list string) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		in := bufio.NewReader(r)
		first, err := skipSpace(in)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				yield(nil, err)
			}
			return
		}
		dec := json.NewDecoder(in)
		switch {
		case first == '[':
			_, err = dec.Token()
		case list != "":
			err = descend(dec, list)
		default:
			each(dec, func() bool { return true }, yield)
			return
		}
		if err != nil {
			yield(nil, plainly(err))
			return
		}
		each(dec, dec.More, yield)
	}
}

func each(dec *json.Decoder, more func() bool, yield func(json.RawMessage, error) bool) {
	for more() {
		var raw json.RawMessage
		err := dec.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return
		}
		if !yield(raw, plainly(err)) || err != nil {
			return
		}
	}
	if _, err := dec.Token(); err != nil { // the bracket at the end: a file that was cut off has none
		yield(nil, plainly(err))
	}
}

func skipSpace(in *bufio.Reader) (byte, error) {
	for {
		b, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		if !bytes.ContainsRune([]byte(" \t\r\n\ufeff"), rune(b)) && b != 0xef && b != 0xbb && b != 0xbf {
			return b, in.UnreadByte()
		}
	}
}

// descend goes to the first element of the list under a name.
func descend(dec *json.Decoder, name string) error {
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		if key != name {
			var skipped json.RawMessage
			if err := dec.Decode(&skipped); err != nil {
				return err
			}
			continue
		}
		if open, err := dec.Token(); err != nil || open != json.Delim('[') {
			return fmt.Errorf("%q is not a list", name)
		}
		return nil
	}
	if _, err := dec.Token(); err != nil {
		return err
	}
	return fmt.Errorf("there is no list %q in it", name)
}

// plainly words what is wrong with a file without quoting it: it is full of names and numbers.
func plainly(err error) error {
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON at byte %d", syntax.Offset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the file ends in the middle of it")
	}
	return err
}

func decode(raw []byte, into any) error {
	var wrong *json.UnmarshalTypeError
	err := json.Unmarshal(raw, into)
	if errors.As(err, &wrong) {
		return fmt.Errorf("%q cannot be a %s", wrong.Field, wrong.Value)
	}
	return plainly(err)
}

func readLine(raw []byte, _ Options) (Person, []string, error) {
	var p Person
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var wrong *json.UnmarshalTypeError
	err := dec.Decode(&p)
	if errors.As(err, &wrong) {
		err = fmt.Errorf("%q cannot be a %s", wrong.Field, wrong.Value)
	}
	return p, nil, err
}

// named is our name for a provider of theirs.
func (o Options) named(theirs string) jieling.Provider {
	if ours, ok := o.Rename[theirs]; ok {
		return jieling.Provider(ours)
	}
	return jieling.Provider(strings.ToLower(theirs))
}
