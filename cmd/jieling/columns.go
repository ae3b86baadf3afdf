package main

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/width"
)

// columns lines cells up for a terminal, where a Chinese character is two cells wide. The last cell of a row is as long as it is.
type columns struct {
	before string // every row
	gap    int
	rows   [][]string
}

func (c *columns) row(cells ...string) { c.rows = append(c.rows, cells) }

func (c *columns) write(to io.Writer) error {
	var widths []int
	for _, row := range c.rows {
		for i, cell := range row[:len(row)-1] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], cellsOf(cell))
		}
	}
	for _, row := range c.rows {
		last := len(row) - 1
		var line strings.Builder
		line.WriteString(c.before)
		for i, cell := range row[:last] {
			line.WriteString(cell + strings.Repeat(" ", widths[i]-cellsOf(cell)+c.gap))
		}
		if _, err := fmt.Fprintln(to, strings.TrimRight(line.String()+row[last], " ")); err != nil {
			return err
		}
	}
	return nil
}

// cellsOf is how wide a text is on a terminal (Unicode annex 11).
func cellsOf(text string) (n int) {
	for _, r := range text {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}
