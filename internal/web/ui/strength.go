package ui

import (
	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/lang"
)

// strength is how hard it is for somebody else to come in this way. It is the other side of the security cost of rows A1–A3: a
// mailbox leaks and an organisation reads along; a number can be swindled out of a carrier; what another company vouches for is
// as strong as the account there.
func strength(of jieling.Provider) jieling.Level {
	switch of {
	case jieling.Email, jieling.WeCom:
		return jieling.Low
	}
	return jieling.Medium
}

func strengthWord(v jieling.Level) lang.Sentence {
	switch v {
	case jieling.Low:
		return lang.StrengthLow
	case jieling.Medium:
		return lang.StrengthMedium
	}
	return lang.StrengthHigh
}

// because says why a way in is as strong as it is.
func because(of jieling.Provider) lang.Sentence {
	switch of {
	case jieling.Phone:
		return lang.StrengthPhone
	case jieling.Email:
		return lang.StrengthEmail
	case jieling.WeCom:
		return lang.StrengthWeCom
	}
	return lang.StrengthVouched
}
