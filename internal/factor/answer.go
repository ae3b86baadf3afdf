package factor

import (
	"encoding/binary"

	"github.com/jieling-id/jieling"
)

// sixDigits reads an answer that must be exactly six ASCII digits.
func sixDigits(given []byte) (string, error) {
	ok := len(given) == 6
	for _, c := range given {
		ok = ok && '0' <= c && c <= '9'
	}
	if !ok {
		return "", Malformed("请输入 6 位数字。", "Please enter six digits.")
	}
	return string(given), nil
}

// Malformed is the error of an answer that cannot be right or wrong because it has not the shape of one: CodeInvalid on the
// field "answer".
func Malformed(zh, en string) *jieling.Error {
	return jieling.Malformed("answer", zh, en)
}

// uniform draws a number below n, each equally likely: draws from the incomplete last stretch of the range, which would
// favour small numbers, are thrown away.
func uniform(n uint32, random func(int) []byte) uint32 {
	whole := (1 << 32) / uint64(n) * uint64(n)
	for {
		if v := binary.BigEndian.Uint32(random(4)); uint64(v) < whole {
			return v % n
		}
	}
}
