package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jieling-id/jieling/internal/lang"
)

// An import that breaks off goes on where it stopped: nothing is left out, nothing is done twice, and another file is not gone on with.
func TestAnImportGoesOnWhereItStopped(t *testing.T) {
	dir := t.TempDir()
	c := importCommand{
		File: filepath.Join(dir, "accounts.jsonl"), DB: "sqlite:" + filepath.Join(dir, "jieling.db"), Keys: filepath.Join(dir, "keys.json"), From: "jsonl",
		Refused: filepath.Join(dir, "refused.jsonl"),
	}
	var lines []string
	for i := range 300 {
		lines = append(lines, fmt.Sprintf(`{"external_id": "u%03d", "logins": [{"provider": "qq", "subject": "S%03d"}]}`, i, i%290)) // the last ten are others' logins
	}
	whole := strings.Join(lines, "\n") + "\n"
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(c.File, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(whole[:len(whole)/2+9])
	if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "ends in the middle") {
		t.Fatalf("half a file: %v", err)
	}
	half := c.done(t)
	if half < 100 || half > 200 {
		t.Fatalf("%d records are done", half)
	}
	write(strings.Replace(whole, "u000", "v000", 1))
	var wrong *misuseError
	if err := c.Run(t.Context()); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "another file") {
		t.Errorf("another file: %v", err)
	}
	write(whole)
	if out, err := c.imports(t.Context()); err != nil || out.Skipped != half || out.Read != 300-half || out.Added != 290-half || out.Refused != 10 {
		t.Errorf("after %d the rest: %+v, %v", half, out, err)
	}
	if _, err := os.Stat(c.File + ".progress"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("how far it came is still written: %v", err)
	}
	refused, err := os.ReadFile(c.Refused)
	if err != nil || bytes.Count(refused, []byte("binding_exists")) != 10 || bytes.Contains(refused, []byte("S00")) {
		t.Errorf("%v: %s", err, refused)
	}
	out := filepath.Join(dir, "out.jsonl")
	x := exportCommand{DB: c.DB, Keys: existing(c.Keys), To: "jsonl", Out: out}
	if err := x.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := os.ReadFile(out)
	if err != nil || bytes.Count(all, []byte("\n")) != 290 {
		t.Fatalf("%d accounts came out (%v)", bytes.Count(all, []byte("\n")), err)
	}
	if err := os.Truncate(out, int64(len(all)/3)); err != nil {
		t.Fatal(err)
	}
	if err := x.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(out); err != nil || !bytes.Equal(all, again) {
		t.Errorf("an export that goes on is not the same (%v)", err)
	}
	if about, err := os.Stat(out); err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("%v may be read by %v", about.Name(), about.Mode())
	}
	if log, err := os.ReadFile(out); err == nil && !bytes.Contains(log, []byte(`"subject":"S000"`)) {
		t.Error("there is no login in it")
	}
}

// done reads how many records of an interrupted import are done.
func (c importCommand) done(t *testing.T) int {
	t.Helper()
	file, err := os.Open(c.File)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	m, err := c.bookmark(file)
	if err != nil {
		t.Fatal(err)
	}
	return m.Done
}

// What an import says adds up, in both languages.
func TestAnImportSaysWhatBecameOfEverybody(t *testing.T) {
	for l, says := range map[lang.Lang]string{lang.EN: "7 records read in 12 ms: 4 accounts added, 1 there already", lang.ZH: "读取 7 条记录，用时 12 毫秒：新建 4 个账号"} {
		var said bytes.Buffer
		out := imported{Read: 7, Added: 4, There: 1, Differs: 1, Refused: 1, Skipped: 3, Milliseconds: 12, Left: map[string]int{"a mailbox": 2}}
		if err := out.say(io.Writer(&said), l, false); err != nil || !strings.Contains(said.String(), says) || strings.Count(said.String(), "\n") != 3 {
			t.Errorf("%v: %s", err, said.String())
		}
	}
}
