package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jieling-id/jieling/internal/policy"
)

// TestReload_WholeOrNotAtAll lets a pack's file change under a service: a good one is taken, a broken and an unproven one are
// refused with an alarm while the one before stays in force.
func TestReload_WholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "pack.yaml")
	src, err := policy.ShippedSource("qq-wechat")
	if err != nil {
		t.Fatal(err)
	}
	version := func(v string, edits ...string) []byte {
		return []byte(strings.NewReplacer(append(edits, `version: "2"`, `version: "`+v+`"`)...).Replace(string(src)))
	}
	write := func(text []byte) {
		t.Helper()
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(src)
	var log bytes.Buffer
	c := config{BaseURL: "http://localhost", DB: "sqlite:" + filepath.Join(dir, "jieling.db"), Keys: filepath.Join(dir, "keys.json"), Pack: file, Name: "test"}
	a, err := assemble(t.Context(), c, assembly{log: slog.New(slog.NewJSONHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	seen := src
	for _, step := range []struct {
		name    string
		text    []byte
		inForce string
		says    string // in the log
		refused int
		shown   string // in the console, of what was refused
	}{
		{"as it was", src, "qq-wechat@2", "", 0, ""},
		{"a new version", version("3"), "qq-wechat@3", `"level":"INFO","msg":"the policy pack is in force","pack":"qq-wechat@3","before":"qq-wechat@2"`, 0, ""},
		{"broken", version("4", "platforms:", "platform:"), "qq-wechat@3", `"level":"ERROR","msg":"the policy pack was refused`, 1, "platform"},
		{"not proven", version("5", `place == "other"`, `place == "unknown"`), "qq-wechat@3", "a riskier situation never asks for less", 2, "a riskier situation never asks for less"},
		{"still not", version("5", `place == "other"`, `place == "unknown"`), "qq-wechat@3", "", 2, "a riskier situation never asks for less"},
		{"mended", version("6"), "qq-wechat@6", `"pack":"qq-wechat@6","before":"qq-wechat@3"`, 2, ""},
	} {
		log.Reset()
		write(step.text)
		seen = a.rereadPack(file, seen)
		if got := a.engine.PackInForce().ID(); got != step.inForce {
			t.Errorf("%s: in force %s, want %s", step.name, got, step.inForce)
		}
		if !strings.Contains(log.String(), step.says) || step.says == "" && log.Len() > 0 {
			t.Errorf("%s: the log says %q, want %q", step.name, log.String(), step.says)
		}
		if got := refusedPacks(t, a); got != step.refused {
			t.Errorf("%s: %d refused are counted, want %d", step.name, got, step.refused)
		}
		if got := *a.reading.Load(); !strings.Contains(got.Refused.EN, step.shown) || (step.shown == "") != got.RefusedAt.IsZero() || got.At.IsZero() {
			t.Errorf("%s: the console is told %+v, want %q", step.name, got, step.shown)
		}
	}
}

// refusedPacks reads the operators' counter.
func refusedPacks(t *testing.T, a *app) int {
	t.Helper()
	w := httptest.NewRecorder()
	a.metrics.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(body), `jieling_pack_reloads_total{outcome="refused"} `)
	if rest == "" {
		return 0
	}
	return int(rest[0] - '0')
}
