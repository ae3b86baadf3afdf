package main

import (
	"strings"
	"testing"
)

func TestColumnsKnowHowWideChineseIs(t *testing.T) {
	c := columns{before: "  ", gap: 2}
	c.row("要求", "V1", "支付密码")
	c.row("wait", "none")
	c.row("因为", "V5", "")
	var out strings.Builder
	if err := c.write(&out); err != nil {
		t.Fatal(err)
	}
	if want := "  要求  V1  支付密码\n  wait  none\n  因为  V5\n"; out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	narrow := columns{gap: 1}
	narrow.row("a（全角）", "x")
	narrow.row("12345678901", "y")
	out.Reset()
	if err := narrow.write(&out); err != nil {
		t.Fatal(err)
	}
	if want := "a（全角）   x\n12345678901 y\n"; out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
