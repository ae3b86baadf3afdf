package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"
)

// TestV1_DemoWalksEveryPlatformByItself is the walk that a newcomer sees, and CI asks for: exit 0 when every side is as it
// should be.
func TestV1_DemoWalksEveryPlatformByItself(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "demo", "--once", "--json", "--addr", "127.0.0.1:0", "--data", t.TempDir())
	cmd.Env = append(os.Environ(), asCommand+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var summary onceSummary
	if err := json.Unmarshal(out, &summary); err != nil {
		t.Fatal(err)
	}
	if !summary.OK || len(summary.Walks) != 3 || !summary.Audit.OK || summary.Audit.Rows+summary.Audit.Waiting == 0 {
		t.Errorf("%s", out)
	}
}
