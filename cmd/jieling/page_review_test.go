package main

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// V2 on android, in a browser: somebody whose QQ was stolen proves what can be proven at once and hands in a document. Because the login
// may be in other hands two reviewers look at it at the console, each at a browser of their own, and the removal goes through.
func TestV2_ADocumentIsReviewedAtTheConsole(t *testing.T) {
	h := openHouse(t)
	v := h.visitor(t, "sun")
	v.arrive("phone", "/", "zh-CN")
	v.press("#handoff-go", `[data-unlink="qq"]`)
	v.press(`[data-unlink="qq"]`, "#unlink-go")
	v.press("#reason-theft", "#unlink-go")
	v.press("#unlink-go", "#stolen-anyway")
	v.press("#stolen-anyway", "#do-step-done")
	v.press("#do-step-done", "#backup-declined")
	v.press("#backup-declined", "#pin-given")
	v.write("#pin-given", v.who.PIN)
	v.press("#pin-go", "#challenge-face")
	v.press("#challenge-face", "#face-open")
	v.press("#face-open", `button[value="pass"]`)
	v.press(`button[value="pass"]`, "#face-go")
	v.press("#face-go", "#challenge-document_review")
	v.press("#challenge-document_review", "#pictures")
	v.do("choose pictures", chromedp.SetUploadFiles(chromedp.CSS("#pictures"), []string{photograph(t, "front"), photograph(t, "back")}))
	v.do("consent", chromedp.Click(chromedp.CSS("#consent-document_review")))
	v.press("#hand-in-go-document_review", "#take-back-document_review")
	at := v.here()

	for _, m := range h.sheet.Reviewers {
		r := h.visitor(t, "sun")
		r.open("/console?lang=en")
		r.write("#staff-name", m.Name)
		r.write("#staff-password", m.Password)
		r.write("#staff-code", authenticator(t, m.TOTP))
		r.press("#staff-go", "#pack")
		r.open("/console/reviews")
		r.press("#reviews tbody a", "#claim-go")
		r.press("#claim-go", "#decide-go")
		if n := ask[int](r, `[...document.querySelectorAll("img.evidence")].filter(i => i.complete && i.naturalWidth > 0).length`); n != 2 {
			r.t.Errorf("%s sees %d of two pictures", m.Name, n)
		}
		r.do("pass", chromedp.Click(chromedp.CSS("#decide-pass")))
		r.submit("#decide-go")
		r.sees("#votes")
	}

	v.do("look again", chromedp.Navigate(at))
	v.finish()
	v.gone()
}

// photograph is a picture somebody took, as a file.
func photograph(t *testing.T, name string) string {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 120, 80))); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), name+".png")
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
