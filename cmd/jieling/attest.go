package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/risk"
	"github.com/jieling-id/jieling/internal/risk/appattest"
	"github.com/jieling-id/jieling/internal/risk/playintegrity"
	"github.com/jieling-id/jieling/internal/sandbox"
)

// attestConfig says which makers of platforms are listened to, and about which app.
type attestConfig struct {
	PlayIntegrity *playConfig `yaml:"play_integrity"` // Google, on android
	AppAttest     *appConfig  `yaml:"app_attest"`     // Apple, on ios
}

// playConfig names Google, or the two keys that open the tokens of classic requests without it.
type playConfig struct {
	URL             string        `yaml:"url"`              // https://playintegrity.googleapis.com
	ServiceAccount  string        `yaml:"service_account"`  // the JSON key file
	DecryptionKey   string        `yaml:"decryption_key"`   // base64, from the Play Console
	VerificationKey string        `yaml:"verification_key"` // base64, from there too
	Package         string        `yaml:"package"`          // com.example.app
	Certificates    []string      `yaml:"certificates"`     // SHA-256 of what the app is signed by, hex or base64
	MaxAge          time.Duration `yaml:"max_age"`          // of a token; 0 means five minutes
}

type appConfig struct {
	AppID       string `yaml:"app_id"`      // TEAMID.com.example.app
	Root        string `yaml:"root"`        // a PEM file: Apple's App Attestation Root CA
	Development bool   `yaml:"development"` // take builds of the development environment too
}

// attesters opens what reads statements of platforms; without any, nothing vouches for a device.
func (c config) attesters(e *engine.Config, now func() time.Time) error {
	e.Attesters = map[string]risk.Attester{}
	if p := c.Attest.PlayIntegrity; p != nil {
		r, err := p.reader(now)
		if err != nil {
			return misuse("attest.play_integrity: %w", err)
		}
		e.Attesters[risk.PlayIntegrity] = r
	}
	if a := c.Attest.AppAttest; a != nil {
		r, err := a.reader()
		if err != nil {
			return misuse("attest.app_attest: %w", err)
		}
		e.Attesters[risk.AppAttest] = r
	}
	return nil
}

func (p playConfig) reader(now func() time.Time) (*playintegrity.Reader, error) {
	c := playintegrity.Config{
		BaseURL: p.URL, DecryptionKey: p.DecryptionKey, VerificationKey: p.VerificationKey,
		Package: p.Package, Certificates: p.Certificates, MaxAge: p.MaxAge, Now: now,
	}
	if p.ServiceAccount != "" {
		var err error
		if c.ServiceAccount, err = os.ReadFile(p.ServiceAccount); err != nil {
			return nil, fmt.Errorf("service_account: %w", err)
		}
	}
	return playintegrity.New(c)
}

func (a appConfig) reader() (*appattest.Reader, error) {
	root, err := os.ReadFile(a.Root)
	if err != nil {
		return nil, fmt.Errorf("root: %w", err)
	}
	return appattest.New(appattest.Config{AppID: a.AppID, Roots: root, Development: a.Development})
}

// attest looks at the papers of the makers, and whether Google lets us in.
func (doctorCommand) attest(ctx context.Context, c config) (out []finding) {
	if p := c.Attest.PlayIntegrity; p != nil {
		r, err := p.reader(nil)
		if err == nil {
			err = r.Ready(ctx)
		}
		out = append(out, check("google play integrity", err, "tokens of "+p.Package+" can be opened",
			"see that attest.play_integrity names the key file of a service account with the Play Integrity API, and that this machine may reach Google; or the two keys"))
	}
	if a := c.Attest.AppAttest; a != nil {
		_, err := a.reader()
		out = append(out, check("apple app attest", err, "root read; listens to "+a.AppID,
			"name Apple's App Attestation Root CA, from apple.com/certificateauthority, and the app's team and bundle"))
	}
	return out
}

// demoApp is the app on the iPhones of the demo.
const demoApp = "SANDBOX001.com.example.jieling"

// makers has the sandbox's Google and Apple hand out what a configuration names, into files.
func (d *demo) makers(dir string) (attestConfig, error) {
	account, err := d.world.GoogleAccount()
	if err != nil {
		return attestConfig{}, err
	}
	if d.apple, err = sandbox.NewApple(d.now); err != nil {
		return attestConfig{}, err
	}
	key, root := filepath.Join(dir, "google-service-account.json"), filepath.Join(dir, "apple-root.pem")
	if err := os.WriteFile(key, account, 0o600); err != nil {
		return attestConfig{}, err
	}
	if err := os.WriteFile(root, d.apple.Root(), 0o600); err != nil {
		return attestConfig{}, err
	}
	known := sandbox.DefaultCredentials()
	return attestConfig{
		PlayIntegrity: &playConfig{URL: d.world.URL(sandbox.Google), ServiceAccount: key, Package: known.GooglePackage, Certificates: []string{known.GoogleCertificate}},
		AppAttest:     &appConfig{AppID: demoApp, Root: root},
	}, nil
}
