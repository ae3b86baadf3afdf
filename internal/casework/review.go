package casework

import (
	"slices"

	"github.com/jieling-id/jieling"
)

// The laws of a review: when one pair of eyes is not enough, what votes amount to, and what a person reads.

// ReviewRisk words how risky a situation is for whoever reviews it. riskiest counts the signals that were measured at their riskiest.
func ReviewRisk(s jieling.Scenario, riskiest int) jieling.Level {
	switch {
	case s == jieling.Stolen || s == jieling.Recycled || riskiest >= 2:
		return jieling.High
	case s == jieling.Abnormal || riskiest == 1:
		return jieling.Medium
	}
	return jieling.Low
}

// FourEyes reports that two reviewers must agree: an identity in other hands, a number that changed hands, or two signals at their
// riskiest. One who could be bribed or fooled is then not enough.
func FourEyes(s jieling.Scenario, riskiest int) bool { return ReviewRisk(s, riskiest) == jieling.High }

// Ruling is what the votes about one evidence amount to: one that refuses, or asks for more, is enough; passes have to come from two
// where fourEyes says so. "" means that another vote is needed.
func Ruling(votes []jieling.Vote, fourEyes bool) jieling.Verdict {
	var passed []string
	for _, v := range votes {
		if v.Verdict != jieling.Pass {
			return v.Verdict
		}
		if !slices.Contains(passed, v.By) {
			passed = append(passed, v.By)
		}
	}
	if len(passed) >= 2 || len(passed) == 1 && !fourEyes {
		return jieling.Pass
	}
	return ""
}

// ReviewReason is why a review was refused, or what is still wanted, as the person reads it: what it was, and what would change
// the answer.
type ReviewReason struct {
	Code     string
	Verdicts []jieling.Verdict // it can go with
	Factors  []jieling.Factor  // it is about; empty: all
	Text     jieling.Text
}

// ReviewReasons lists the closed list of them.
func ReviewReasons() []ReviewReason {
	refuse, more := []jieling.Verdict{jieling.Refusal}, []jieling.Verdict{jieling.AskForMore}
	either := []jieling.Verdict{jieling.Refusal, jieling.AskForMore}
	papers, talk := []jieling.Factor{jieling.DocumentReview}, []jieling.Factor{jieling.VideoInterview}
	return []ReviewReason{
		{"unreadable", either, papers, jieling.Text{
			ZH: "照片看不清。请在光线充足处重拍，四角完整、文字清晰、没有反光，再提交一次。",
			EN: "The picture cannot be read. Take it again in good light, with all four corners, sharp text and no glare, and hand it in once more.",
		}},
		{"incomplete", more, papers, jieling.Text{
			ZH: "材料不完整。请补上证件的另一面，以及你手持证件的照片。",
			EN: "Something is missing. Add the other side of the document and a picture of yourself holding it.",
		}},
		{"expired", refuse, papers, jieling.Text{
			ZH: "证件已过有效期。请换一份有效的证件再提交。",
			EN: "The document is no longer valid. Hand in one that is.",
		}},
		{"kind", either, papers, jieling.Text{
			ZH: "这种证件不能用于审核。请使用身份证、护照、港澳台居民居住证或外国人永久居留证。",
			EN: "This kind of document cannot be used. Use an identity card, a passport or a residence permit.",
		}},
		{"mismatch", refuse, nil, jieling.Text{
			ZH: "提供的信息与账号登记的不一致。如果你改过姓名或证件，请先在产品的 App 里更新实名信息。",
			EN: "What we saw does not agree with what the account has on record. If your name or document changed, update your real-name record in the product's app first.",
		}},
		{"doubt", refuse, nil, jieling.Text{
			ZH: "我们不能确认这是你本人。你可以换一种验证方式，或带更多证件联系客服。",
			EN: "We could not make sure that it is you. Use another way of verifying, or contact support with further documents.",
		}},
		{"no_show", refuse, talk, jieling.Text{
			ZH: "约好的时间没有等到你。可以重新提交几个方便的时间。",
			EN: "We did not meet you at the time agreed. Propose new times and we try again.",
		}},
		{"slots", more, talk, jieling.Text{
			ZH: "你给的时间都约不上。请再给几个方便的时间。",
			EN: "None of the times you gave could be arranged. Please give a few others.",
		}},
	}
}

// ReasonFor finds a reason by its code, where it goes with a verdict about a factor.
func ReasonFor(code string, v jieling.Verdict, f jieling.Factor) (ReviewReason, bool) {
	for _, r := range ReviewReasons() {
		if r.Code == code && slices.Contains(r.Verdicts, v) && (r.Factors == nil || slices.Contains(r.Factors, f)) {
			return r, true
		}
	}
	return ReviewReason{}, false
}
