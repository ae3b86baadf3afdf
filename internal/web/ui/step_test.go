package ui

import (
	"maps"
	"math"
	"regexp"
	"strconv"
	"testing"
	"time"

	"rsc.io/qr"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
)

// The number of steps never grows under a person's feet, and there is always exactly one they are at.
func TestTheStepsStayTheSameAllTheWay(t *testing.T) {
	moves := []casework.Move{
		casework.MoveReplace, casework.MoveBackUp, casework.MoveVerify, casework.MoveConfirm, casework.MoveWait, casework.MoveWatch, casework.MoveClean, casework.MoveDone,
	}
	for i, m := range moves {
		all := steps(sampleCase(m, nil))
		if len(all) != 7 {
			t.Errorf("%s: %d steps, want 7", m, len(all))
		}
		if want := min(i+1, 7); at(all) != want {
			t.Errorf("%s is step %d, want %d", m, at(all), want)
		}
	}
	plain := sampleCase(casework.MoveConfirm, func(v *CaseView) { v.Decision = jieling.Decision{} })
	if all := steps(plain); len(all) != 3 || at(all) != 1 {
		t.Errorf("where nothing is asked: %d steps, at %d; want 3, at 1", len(all), at(all))
	}
}

// Only the factors that still help are asked for.
func TestWantedLeavesOutWhatIsMet(t *testing.T) {
	v := sampleCase(casework.MoveVerify, func(v *CaseView) {
		v.Decision.Requirement = jieling.AllOf(jieling.AnyOf(jieling.Need(jieling.Face), jieling.Need(jieling.DeviceUnlock)), jieling.Need(jieling.SMSCode), jieling.Need(jieling.PaymentPIN))
		v.Proofs = proofs(jieling.DeviceUnlock, jieling.SMSCode)
	})
	if got := v.wanted(); len(got) != 1 || got[0] != jieling.PaymentPIN {
		t.Errorf("wanted %v", got)
	}
}

// A question that ran out is not offered any more.
func TestAnExpiredChallengeIsNotOpen(t *testing.T) {
	v := sampleCase(casework.MoveVerify, func(v *CaseView) {
		v.Open = []Challenge{question(jieling.SMSCode, func(c *Challenge) { c.ExpiresAt = v.Now })}
	})
	if v.open(jieling.SMSCode, jieling.ForCase) != nil {
		t.Error("it is offered at the moment it runs out")
	}
	v.Now = v.Now.Add(-time.Second)
	if v.open(jieling.SMSCode, jieling.ForCase) == nil {
		t.Error("it is not offered a second before")
	}
}

// The picture has the modules of the code, no more and no fewer, inside its margin.
func TestTheQRPictureIsTheCode(t *testing.T) {
	const address = "https://id.example.test/approve/7k2m9q3tv8x1c5b0n4dfgh6jrs"
	pic, err := draw(address)
	if err != nil {
		t.Fatal(err)
	}
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	dark := map[[2]int]bool{}
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(pic.Path, -1) {
		x, y, run := digitsOf(t, m[1]), digitsOf(t, m[2]), digitsOf(t, m[3])
		for i := range run {
			dark[[2]int{x + i, y}] = true
		}
	}
	if pic.Size != code.Size+8 {
		t.Errorf("the picture is %d modules wide, want %d", pic.Size, code.Size+8)
	}
	for y := range pic.Size {
		for x := range pic.Size {
			if dark[[2]int{x, y}] != code.Black(x-quiet, y-quiet) {
				t.Fatalf("module %d,%d differs", x, y)
			}
		}
	}
}

func digitsOf(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// WCAG 2.2, 1.4.3 and 1.4.11: text 4.5:1, edges of controls and the focus ring 3:1, in both schemes.
func TestContrast(t *testing.T) {
	css, err := assetFiles.ReadFile("asset/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	palettes := palettesOf(string(css))
	if len(palettes) != 4 {
		t.Fatalf("%d palettes, want light and dark, each plain and in care mode", len(palettes))
	}
	pairs := []struct {
		ink, ground string
		least       float64
	}{
		{"ink", "page", 4.5},
		{"ink", "card", 4.5},
		{"soft", "page", 4.5},
		{"soft", "card", 4.5},
		{"link", "page", 4.5},
		{"link", "card", 4.5},
		{"danger", "page", 4.5},
		{"danger", "card", 4.5},
		{"on-primary", "primary", 4.5},
		{"on-good", "good-ground", 4.5},
		{"on-good", "page", 4.5},
		{"on-warn", "warn-ground", 4.5},
		{"on-warn", "page", 4.5},
		{"on-bad", "bad-ground", 4.5},
		{"on-bad", "page", 4.5},
		{"on-tag", "tag-ground", 4.5},
		{"edge", "page", 3},
		{"edge", "card", 3},
		{"focus", "page", 3},
		{"focus", "card", 3},
		{"primary", "card", 3},
		{"primary", "tag-ground", 3},
		{"ink", "page", 7},
		{"brass", "page", 3},
		{"on-good", "card", 4.5},
		{"on-warn", "card", 4.5},
		{"on-bad", "card", 4.5},
	}
	for name, scheme := range palettes {
		for _, p := range pairs {
			if got := contrast(scheme[p.ink], scheme[p.ground]); got < p.least {
				t.Errorf("%s: --%s on --%s is %.2f, want %.1f", name, p.ink, p.ground, got, p.least)
			}
		}
	}
}

// palettesOf reads the palettes in the order of the file. What care mode does not name it takes from the plain one.
func palettesOf(css string) map[string]map[string]float64 {
	out := map[string]map[string]float64{}
	plain := map[string]float64{}
	names := []string{"light", "light, care", "dark", "dark, care"}
	for i, block := range regexp.MustCompile(`:root(?:\.care)? \{[^}]*\}`).FindAllString(css, -1) {
		own := luminances(block)
		if i == 0 {
			plain = own
		}
		whole := maps.Clone(plain)
		maps.Copy(whole, own)
		out[names[i]] = whole
		if i == 2 {
			plain = whole
		}
	}
	return out
}

var colour = regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`)

// luminances reads the relative luminance of every colour (WCAG 2.2).
func luminances(css string) map[string]float64 {
	out := map[string]float64{}
	for _, m := range colour.FindAllStringSubmatch(css, -1) {
		l := 0.0
		for i, weight := range [...]float64{0.2126, 0.7152, 0.0722} {
			n, _ := strconv.ParseUint(m[2][2*i:2*i+2], 16, 8)
			c := float64(n) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			l += weight * c
		}
		out[m[1]] = l
	}
	return out
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }
