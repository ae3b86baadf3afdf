package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite" // opens the file as a tamperer would, beside the store

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
)

// TestCLI runs the scripts of testdata: the command line as the manual describes it.
func TestCLI(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			// The test's own binary, under the command's name, is the command.
			if err := os.Symlink(self, filepath.Join(env.WorkDir, "jieling")); err != nil {
				return err
			}
			env.Setenv("PATH", env.WorkDir+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Setenv(asCommand, "1")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
			"edit": func(ts *testscript.TestScript, _ bool, args []string) {
				edited := strings.ReplaceAll(ts.ReadFile(args[0]), args[1], args[2])
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(edited), 0o600))
			},
			"cases": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(makeCases(t, ts.MkAbs(args[0]), ts.MkAbs(args[1])))
			},
			"history": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(makeHistory(t, ts.MkAbs(args[0]), ts.MkAbs(args[1])))
			},
		},
	})
}

// exits checks the status a command ends with: exits 2 jieling serve.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if ended, ok := err.(interface{ ExitCode() int }); ok {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("ended with %d, want %s", got, args[0])
	}
}

// makeCases opens a case on each platform in a database of its own.
func makeCases(t *testing.T, file, keys string) error {
	a, err := assemble(t.Context(), config{BaseURL: "http://localhost", DB: "sqlite:" + file, Keys: keys, Pack: "qq-wechat", Name: "test"}, assembly{})
	if err != nil {
		return err
	}
	defer a.store.Close()
	for _, on := range jieling.Platforms {
		acc, err := a.engine.RegisterAccount(t.Context(), bySeed, engine.Idem{}, engine.NewAccount{ExternalID: "on-" + string(on), Kind: jieling.Personal})
		if err != nil {
			return err
		}
		var binding jieling.BindingID
		for _, provider := range []jieling.Provider{jieling.WeChat, jieling.QQ} {
			b, err := a.engine.AddBinding(t.Context(), bySeed, engine.Idem{}, acc.ID, engine.NewBinding{Provider: provider, Subject: "subject-" + string(on)})
			if err != nil {
				return err
			}
			binding = b.ID
		}
		in := engine.NewCase{Account: acc.ID, Goal: jieling.Unlink, Binding: binding, Platform: on, Reason: jieling.ReasonPrivacy}
		if _, err := a.engine.OpenCase(t.Context(), bySeed, engine.Idem{}, in); err != nil {
			return err
		}
	}
	return nil
}

// makeHistory makes a database with a short history of its own and the keyring that signed it.
func makeHistory(t *testing.T, file, keys string) error {
	a, err := assemble(t.Context(), config{BaseURL: "http://localhost", DB: "sqlite:" + file, Keys: keys, Pack: "qq-wechat", Name: "test"}, assembly{})
	if err != nil {
		return err
	}
	defer a.store.Close()
	for _, name := range []string{"one", "two"} {
		acc, err := a.engine.RegisterAccount(t.Context(), bySeed, engine.Idem{}, engine.NewAccount{ExternalID: name, Kind: "personal"})
		if err != nil {
			return err
		}
		for _, provider := range []string{"qq", "wechat"} {
			in := engine.NewBinding{Provider: "qq", Subject: provider + name}
			if _, err := a.engine.AddBinding(t.Context(), bySeed, engine.Idem{}, acc.ID, in); err != nil {
				return err
			}
		}
	}
	_, err = a.engine.SequenceAudit(t.Context(), 100)
	return err
}

// tamper changes one row of a database file behind the store's back: what guards the table from programs is taken away, as
// whoever holds the file can.
func tamper(file, statement string) error {
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Exec("DROP TRIGGER audit_stands"); err != nil {
		return err
	}
	done, err := db.Exec(statement)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return errors.Join(fmt.Errorf("%d rows were changed", n), err)
	}
	return nil
}
