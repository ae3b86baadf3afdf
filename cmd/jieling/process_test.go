package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/jackc/pgx/v5"

	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
	"github.com/jieling-id/jieling/internal/sandbox"
	"github.com/jieling-id/jieling/internal/store"
)

// databases make a fresh database of each kind and give its URL.
var databases = map[string]func(testing.TB) string{
	"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "jieling.db") },
	"postgres": postgresDatabase,
}

// postgresDatabase makes an empty database for one test, dropped when it ends.
func postgresDatabase(t testing.TB) string {
	t.Helper()
	admin := os.Getenv("JIELING_TEST_PG")
	if admin == "" {
		t.Fatal("JIELING_TEST_PG is not set. Run the tests by scripts/with-postgres go test ./cmd/jieling, " +
			"or give it the URL of a throw-away server whose user may create databases.")
	}
	name := "jieling_" + strings.ToLower(rand.Text())
	execute(t, admin, "create database "+name)
	t.Cleanup(func() { execute(t, admin, "drop database "+name+" with (force)") })
	at, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	at.Path = "/" + name
	return at.String()
}

func execute(t testing.TB, database, sql string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatal(err)
	}
}

// built is the command as it is shipped: built once, by the go command, without what a test binary carries.
func built(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "jieling")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", binary, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// process is `jieling serve` as a process of its own, which a test may kill and start again at the same address.
type process struct {
	t      *testing.T
	binary string
	file   string // the configuration
	config config
	key    string // an API key with every scope
	log    string
	cmd    *exec.Cmd
}

// newProcess writes a configuration that points at a sandbox world, and makes the database, its API key and the keyring's
// place. Nothing runs yet.
func newProcess(t *testing.T, binary, database string, world *sandbox.World, change func(*config)) *process {
	t.Helper()
	dir := t.TempDir()
	s := &process{t: t, binary: binary, file: filepath.Join(dir, "jieling.yaml"), log: filepath.Join(dir, "log")}
	listen, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	s.config, err = (&demo{world: world, sheet: demoSheet{BaseURL: strings.Replace(listen, "127.0.0.1", "http://localhost", 1)}}).config(demoCommand{DB: database}, dir)
	if err != nil {
		t.Fatal(err)
	}
	s.config.Listen = listen
	if change != nil {
		change(&s.config)
	}
	text, err := yaml.Marshal(s.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	st := s.open()
	defer st.Close()
	secret, key, err := gate.NewKey("crowd", []string{engine.ScopeAdmin}, time.Now(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.PutKey(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	s.key = secret
	t.Cleanup(func() {
		if s.cmd != nil {
			s.kill()
		}
	})
	return s
}

// open opens the service's database beside it.
func (s *process) open() store.Store {
	s.t.Helper()
	st, err := openStore(s.t.Context(), s.config.DB, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return st
}

// start runs the service and waits until it says that it is ready.
func (s *process) start() {
	s.t.Helper()
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	s.cmd = exec.Command(s.binary, "serve", "--config", s.file)
	s.cmd.Stderr = log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), 2*time.Minute)
	defer cancel()
	for !s.ready(ctx) {
		select {
		case <-ctx.Done():
			s.t.Fatalf("the service did not become ready:\n%s", s.tail())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (s *process) ready(ctx context.Context) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.config.BaseURL+"/readyz", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// kill ends the service as a power cut would.
func (s *process) kill() {
	_ = s.cmd.Process.Kill() // it may have ended by itself, which Wait tells
	_ = s.cmd.Wait()
	s.cmd = nil
}

// stop ends the service as an operator would, and fails the test where it does not end well.
func (s *process) stop() {
	s.t.Helper()
	cmd := s.cmd
	s.cmd = nil
	err := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait())
	if err != nil {
		s.t.Errorf("after SIGTERM the service ended with %v:\n%s", err, s.tail())
	}
}

// tail is the end of the service's log.
func (s *process) tail() string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return fmt.Sprint(err)
	}
	return string(text[max(0, len(text)-4096):])
}
