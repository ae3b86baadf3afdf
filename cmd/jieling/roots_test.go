package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jieling-id/jieling/internal/sandbox"
)

// Roots are named by a file or written down, and what is no certificate is told by its key: nothing is trusted by mistake.
func TestRootsInAConfiguration(t *testing.T) {
	world, err := sandbox.Start(t.Context(), sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	_, pem := world.MailRelay()
	dir := t.TempDir()
	file, empty := filepath.Join(dir, "roots.pem"), filepath.Join(dir, "empty.pem")
	for name, content := range map[string][]byte{file: pem, empty: []byte("no certificate")} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if pool, err := readRoots("mail.roots", ""); pool != nil || err != nil {
		t.Errorf("none named: %v, %v", pool, err)
	}
	for _, source := range []string{file, string(pem)} {
		if pool, err := readRoots("mail.roots", source); err != nil || pool == nil {
			t.Errorf("%.20s: %v, %v", source, pool, err)
		}
	}
	for _, source := range []string{empty, filepath.Join(dir, "none.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"} {
		if pool, err := readRoots("device_unlock.makers", source); pool != nil || err == nil || !strings.Contains(err.Error(), "device_unlock.makers") {
			t.Errorf("%.20s: %v, %v", source, pool, err)
		}
	}
}
