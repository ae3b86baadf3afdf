package ui

import (
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
