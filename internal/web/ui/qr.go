package ui

import (
	"fmt"
	"strconv"
	"strings"

	"rsc.io/qr"
)

// quiet is the margin a scanner needs around a code, in modules (ISO/IEC 18004).
const quiet = 4

// picture is a QR code as one SVG path over a square of Size modules: crisp at every size, and nothing in it that a content
// security policy forbids.
type picture struct {
	Size int
	Path string
}

// viewBox frames the picture.
func (p picture) viewBox() string { return fmt.Sprintf("0 0 %d %d", p.Size, p.Size) }

// draw encodes an address. Runs of dark modules in a row become one rectangle each.
func draw(address string) (picture, error) {
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		return picture{}, fmt.Errorf("draw a QR code: %w", err)
	}
	var b strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			if !code.Black(x, y) {
				continue
			}
			run := 1
			for code.Black(x+run, y) {
				run++
			}
			b.WriteString("M" + strconv.Itoa(x+quiet) + " " + strconv.Itoa(y+quiet) + "h" + strconv.Itoa(run) + "v1h-" + strconv.Itoa(run) + "z")
			x += run - 1
		}
	}
	return picture{Size: code.Size + 2*quiet, Path: b.String()}, nil
}
