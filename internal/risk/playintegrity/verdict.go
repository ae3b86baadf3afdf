package playintegrity

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/risk"
)

// payload is the part of tokenPayloadExternal that is read.
type payload struct {
	Request struct {
		Package string      `json:"requestPackageName"`
		Hash    string      `json:"requestHash"` // of a standard request
		Nonce   string      `json:"nonce"`       // of a classic one
		Millis  json.Number `json:"timestampMillis"`
	} `json:"requestDetails"`
	App struct {
		Verdict      string   `json:"appRecognitionVerdict"`
		Package      string   `json:"packageName"` // this and the digests are there where the app was evaluated
		Certificates []string `json:"certificateSha256Digest"`
	} `json:"appIntegrity"`
	Device *struct {
		Labels []string `json:"deviceRecognitionVerdict"`
	} `json:"deviceIntegrity"`
	Testing struct {
		Is bool `json:"isTestingResponse"`
	} `json:"testingDetails"`
}

// app is ours, as Google should see it.
type app struct {
	name    string
	signers map[[32]byte]bool
	maxAge  time.Duration
}

// misfit says why a token is not what was asked for, or nothing. A recognised app of another signer is a certificate that is
// missing in the configuration, so it is no statement rather than an accusation.
func (a app) misfit(p payload, s risk.Statement) string {
	made := p.Request.Hash
	if made == "" {
		made = strings.TrimRight(p.Request.Nonce, "=")
	}
	millis, err := p.Request.Millis.Int64()
	age := s.Now.Sub(time.UnixMilli(millis))
	switch {
	case p.Request.Package != a.name, p.App.Package != a.name && p.evaluated():
		return "was made for another app"
	case p.App.Verdict == "PLAY_RECOGNIZED" && !a.ours(p.App.Certificates):
		return "was made for an app that is signed by a certificate nobody named"
	case made != s.Nonce:
		return "was made for another nonce"
	case err != nil || age > a.maxAge:
		return "is too old"
	case age < -skew:
		return "is of the future"
	}
	return ""
}

// evaluated reports whether Google looked at the app itself.
func (p payload) evaluated() bool {
	return p.App.Verdict == "PLAY_RECOGNIZED" || p.App.Verdict == "UNRECOGNIZED_VERSION"
}

// level weighs the verdicts, as the package comment argues.
func (a app) level(p payload) string {
	if p.Device == nil {
		return jieling.Unattested
	}
	has := func(label string) bool { return slices.Contains(p.Device.Labels, label) }
	switch {
	case !slices.ContainsFunc(p.Device.Labels, func(label string) bool { return label != "" }):
		return jieling.Rooted
	case p.App.Verdict == "UNRECOGNIZED_VERSION" && !a.ours(p.App.Certificates):
		return jieling.Rooted
	case p.App.Verdict == "PLAY_RECOGNIZED" && (has("MEETS_DEVICE_INTEGRITY") || has("MEETS_STRONG_INTEGRITY")) && !p.Testing.Is:
		return jieling.Sound
	}
	return jieling.Unattested
}

func (a app) ours(digests []string) bool {
	return slices.ContainsFunc(digests, func(text string) bool {
		digest, ok := parseDigest(text)
		return ok && a.signers[digest]
	})
}

// parseDigest reads a SHA-256 as keytool prints it (hex with colons), as hex, or as base64 of either alphabet.
func parseDigest(text string) (digest [32]byte, ok bool) {
	text = strings.TrimSpace(text)
	raw, err := hex.DecodeString(strings.ReplaceAll(text, ":", ""))
	if err != nil {
		raw, err = base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(text, "=")))
	}
	if err != nil || len(raw) != len(digest) {
		return digest, false
	}
	return [32]byte(raw), true
}
