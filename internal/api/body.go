package api

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-faster/jx"
	"golang.org/x/text/unicode/norm"

	"github.com/jieling-id/jieling"
)

// maxDepth is how deep a body may nest; no body of the document needs more than a few levels.
const maxDepth = 32

// checkBody refuses JSON that two programs could read differently: bytes that are not UTF-8, a field that stands twice, text
// that looks like another (not in NFC) or that hides something (control characters). An empty body passes; whether one is
// needed is the document's to say.
func checkBody(body []byte, lang string) error {
	if len(body) == 0 {
		return nil
	}
	if !utf8.Valid(body) {
		return invalid(lang, "body", wantUTF8)
	}
	c := checker{lang: lang}
	d := jx.DecodeBytes(body)
	err := c.value(d)
	if err == nil && d.Next() != jx.Invalid {
		err = errors.New("more than one value")
	}
	var found *jieling.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &found):
		return found
	}
	return invalid(lang, c.at(), wantJSON)
}

// checker walks one body and knows where it is.
type checker struct {
	lang string
	path []string
}

func (c *checker) at() string {
	if len(c.path) == 0 {
		return "body"
	}
	return strings.Join(c.path, ".")
}

func (c *checker) value(d *jx.Decoder) error {
	if len(c.path) > maxDepth {
		return invalid(c.lang, c.at(), wantFlat)
	}
	switch d.Next() {
	case jx.Object:
		return c.object(d)
	case jx.Array:
		return c.array(d)
	case jx.String:
		s, err := d.StrBytes()
		if err != nil {
			return err
		}
		return c.text(s)
	}
	return d.Skip()
}

func (c *checker) object(d *jx.Decoder) error {
	seen := make([]string, 0, 8)
	return d.ObjBytes(func(d *jx.Decoder, k []byte) error {
		key := string(k)
		c.path = append(c.path, clip(key))
		if err := c.text(k); err != nil {
			return err
		}
		if slices.Contains(seen, key) {
			return invalid(c.lang, c.at(), wantOnce)
		}
		if seen = append(seen, key); len(seen) > maxFields {
			return invalid(c.lang, c.at(), wantFlat)
		}
		if err := c.value(d); err != nil {
			return err
		}
		c.path = c.path[:len(c.path)-1]
		return nil
	})
}

// maxFields is how many fields one object may have: it keeps the look for duplicates short.
const maxFields = 64

func (c *checker) array(d *jx.Decoder) error {
	i := 0
	return d.Arr(func(d *jx.Decoder) error {
		c.path = append(c.path, fmt.Sprint(i))
		if err := c.value(d); err != nil {
			return err
		}
		c.path, i = c.path[:len(c.path)-1], i+1
		return nil
	})
}

func (c *checker) text(s []byte) error {
	if want := faultOf(s); !want.Empty() {
		return invalid(c.lang, c.at(), want)
	}
	return nil
}

// faultOf holds one string to what the document promises of every string, and says what is wrong with it; the empty text
// means nothing. Half of a surrogate pair has no meaning of its own and arrives as U+FFFD, so that is refused as well.
func faultOf(s []byte) jieling.Text {
	ascii := true
	for _, b := range s {
		if b < ' ' || b == 0x7f {
			return wantNoControl
		}
		ascii = ascii && b < utf8.RuneSelf
	}
	switch {
	case ascii:
		return jieling.Text{}
	case !utf8.Valid(s), bytes.ContainsRune(s, utf8.RuneError):
		return wantUTF8
	case bytes.ContainsFunc(s, unicode.IsControl):
		return wantNoControl
	case !norm.NFC.IsNormal(s):
		return wantNFC
	}
	return jieling.Text{}
}

// checkQuery holds the parameters in the address to the same, and refuses one that the document does not know or that
// stands twice.
func checkQuery(r *http.Request, lang string) error {
	if want := faultOf([]byte(r.URL.Path)); !want.Empty() {
		return invalid(lang, "path", want)
	}
	if r.URL.RawQuery == "" {
		return nil
	}
	for name, values := range r.URL.Query() {
		want := faultOf([]byte(values[0]))
		switch {
		case !slices.Contains(parameters, name):
			want = wantKnown
		case len(values) > 1:
			want = wantOnce
		}
		if !want.Empty() {
			return invalid(lang, clip(name), want)
		}
	}
	return nil
}

// parameters are those of the document that stand in the query, whatever the operation.
var parameters = []string{"after", "external_id"}

// emptyObject reports whether a body that checkBody let pass is {}.
func emptyObject(body []byte) bool {
	empty := true
	err := jx.DecodeBytes(body).ObjBytes(func(d *jx.Decoder, _ []byte) error {
		empty = false
		return d.Skip()
	})
	return err == nil && empty
}

// clip shortens a name that came from outside before it is said back.
func clip(name string) string {
	const most = 64
	if len(name) <= most {
		return name
	}
	cut := most
	for !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut] + "…"
}
