package factor_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
)

func pngOf(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The least that is a WebP: a lossless header of 100 by 80 pixels.
var tinyWebP = []byte("RIFF\x16\x00\x00\x00WEBPVP8L\x0a\x00\x00\x00\x2f\x63\xc0\x13\x00\x00\x00\x00\x00\x00")

func TestV2_ImagesAreKnownByTheirContent(t *testing.T) {
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, image.NewGray(image.Rect(0, 0, 120, 90)), nil); err != nil {
		t.Fatal(err)
	}
	for kind, content := range map[string][]byte{"image/jpeg": jpg.Bytes(), "image/png": pngOf(t, 64, 64), "image/webp": tinyWebP} {
		got, err := factor.ReadImage(content)
		if err != nil || got.Type != kind || got.Size != len(content) {
			t.Errorf("%s: %+v, %v", kind, got, err)
		}
	}
	bomb := pngOf(t, 64, 64)
	copy(bomb[16:20], []byte{0, 1, 0, 0}) // 65536 wide, says the header, and its checksum agrees
	binary.BigEndian.PutUint32(bomb[29:33], crc32.ChecksumIEEE(bomb[12:29]))
	for what, content := range map[string][]byte{
		"nothing": nil, "a text": []byte("<script>alert(1)</script>"), "an SVG": []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), "a GIF": []byte("GIF89a\x40\x00\x40\x00"),
		"a PDF": []byte("%PDF-1.7\n"), "half a JPEG": jpg.Bytes()[:40], "too many pixels": bomb, "too few": pngOf(t, 63, 64),
		"too many bytes": append(pngOf(t, 64, 64), make([]byte, factor.MaxImageBytes)...),
	} {
		_, err := factor.ReadImage(content)
		var told *jieling.Error
		if !errors.As(err, &told) || told.Code != jieling.CodeInvalid || told.Public.ZH == "" || told.Public.EN == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Whoever hands in reads for how long it is kept, in both languages; another length is another text, and its version says so.
func TestV2_TheConsentSaysHowLong(t *testing.T) {
	seen := map[string]bool{}
	for days, words := range map[int][2]string{7: {"7 天", "7 days"}, 30: {"30 天", "30 days"}, 0: {"一天之内", "within a day"}} {
		c := factor.Review{Of: jieling.DocumentReview, Retention: time.Duration(days) * 24 * time.Hour}.Consent()
		if !strings.Contains(c.ZH, words[0]) || !strings.Contains(c.EN, words[1]) || seen[c.Version] {
			t.Errorf("%d days: %+v", days, c)
		}
		seen[c.Version] = true
	}
}

func TestV8_AReviewIsAnsweredByStaffAlone(t *testing.T) {
	for _, of := range []jieling.Factor{jieling.DocumentReview, jieling.VideoInterview} {
		r := factor.Review{Of: of, Retention: 7 * 24 * time.Hour}
		issued, err := r.Issue(t.Context(), factor.Ask{})
		if err != nil {
			t.Fatal(err)
		}
		var p factor.ReviewPublic
		if err := json.Unmarshal(issued.Public, &p); err != nil || p.Consent != r.Consent() || (p.Images > 0) == (p.Slots > 0) || issued.Limit != 3 {
			t.Errorf("%s: %+v, %v", of, p, err)
		}
		for _, given := range [][]byte{nil, []byte("pass"), []byte(`{"decision":"pass"}`)} {
			if v, err := r.Check(t.Context(), jieling.Challenge{}, nil, nil, factor.Answer{Given: given}); v.Passed || jieling.CodeOf(err) != jieling.CodeConflict {
				t.Errorf("%s: %q is %+v, %v", of, given, v, err)
			}
		}
	}
}
