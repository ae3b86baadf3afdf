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
// may be in other hands two reviewers look at it at the console, each at a browser of their own, and the removal goes through. On the way
// every page of it is looked at in every look.
func TestV2_ADocumentIsReviewedAtTheConsole(t *testing.T) {
	source := axeSource(t)
	h := openHouse(t)
	r := &tour{house: h, t: t, lang: "zh-CN"}
	r.look = func(v *visitor, state string) {
		e := &examination{visitor: v, state: state}
		if err := e.all(source); err != nil {
			t.Fatalf("%s, at %s: %v", state, v.here(), err)
		}
	}
	v := r.guest("sun")
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
	r.see(v, "handing-in", "#consent-document_review")
	v.do("choose pictures", chromedp.SetUploadFiles(chromedp.CSS("#pictures"), []string{photograph(t, "front"), photograph(t, "back")}))
	v.do("consent", chromedp.Click(chromedp.CSS("#consent-document_review")))
	v.press("#hand-in-go-document_review", "#take-back-document_review")
	r.see(v, "reviewing", "#take-back-document_review")
	at := v.here()

	for i, m := range h.sheet.Reviewers {
		r.lang = [...]string{"en", "zh-CN"}[i]
		c := r.guest("sun")
		c.open("/console?lang=" + r.lang)
		c.write("#staff-name", m.Name)
		c.write("#staff-password", m.Password)
		c.write("#staff-code", authenticator(t, m.TOTP))
		c.press("#staff-go", "#pack")
		c.open("/console/reviews")
		r.see(c, "console-reviews", "article.card a.button")
		c.press("article.card a.button", "#claim-go")
		r.see(c, "console-review", "#claim-go")
		c.press("#claim-go", "#decide-go")
		r.see(c, "console-review-mine", "#decide-go")
		if n := ask[int](c, `[...document.querySelectorAll("img.evidence")].filter(i => i.complete && i.naturalWidth > 0).length`); n != 2 {
			t.Errorf("%s sees %d of two pictures", m.Name, n)
		}
		c.do("pass", chromedp.Click(chromedp.CSS("#decide-pass")))
		c.submit("#decide-go")
		r.see(c, "console-review-decided", "#votes")
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
