package ui

import (
	"time"

	"github.com/a-h/templ"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/casework"
)

// sampleDetours lets staff stand in for what a person cannot use.
func sampleDetours(v *CaseView) {
	v.Offered, v.Due = []jieling.Factor{jieling.DocumentReview, jieling.VideoInterview}, 72*time.Hour
	v.Decision.Detours = []jieling.Detour{{
		Rule: "V8", For: []jieling.Factor{jieling.PaymentPIN}, Require: jieling.AllOf(jieling.Need(jieling.DocumentReview), jieling.Need(jieling.VideoInterview)),
		Text: both("没有设置？可以再与工作人员视频面谈一次。", "Not set up? A video interview with staff will do instead."),
	}}
}

func sampleHandIn(f jieling.Factor) Challenge {
	return question(f, func(c *Challenge) {
		c.Limit, c.Consent = 3, Consent{Version: "document-1-7d", Text: both("我单独同意，最多保留 7 天。", "I consent, separately; kept for at most 7 days.")}
	})
}

func sampleReview(edit func(*ReviewView)) ReviewView {
	c := sampleCase(casework.MoveAwait, nil)
	v := ReviewView{
		Called: both("QQ 被盗", "Stolen QQ"), Said: both("账号被盗或疑似被盗", "Theft or the suspicion of it"),
		Review: jieling.Review{
			Challenge: "chl_1", Case: "case_1", Factor: jieling.DocumentReview, State: jieling.ReviewWaiting, Lang: "zh-CN", SubmittedAt: noon.Add(-time.Hour), DueAt: noon.Add(70 * time.Hour),
			Scenario: jieling.Stolen, Risk: jieling.High, FourEyes: true, Holder: "bo", HeldUntil: noon.Add(20 * time.Minute),
			Images: []jieling.Image{{Type: "image/png", Size: 70_000}, {Type: "image/jpeg", Size: 90_000}},
		},
		Left: 2, Case: c.Case, Binding: c.Binding, Signals: sampleSignals(), Now: noon,
	}
	if edit != nil {
		edit(&v)
	}
	return v
}

// reviewSamples are the console's pages of reviews.
func reviewSamples() []sample {
	return []sample{
		{"console-reviews", func(p Page) templ.Component {
			return Reviews(consolePage(p), ReviewsView{Last: "chl_9", Now: noon, Reviews: []ReviewView{
				sampleReview(nil), sampleReview(func(v *ReviewView) { v.Challenge, v.Own, v.FourEyes = "chl_2", true, false }),
				sampleReview(func(v *ReviewView) { v.Challenge, v.Holder = "chl_3", "" }), sampleReview(func(v *ReviewView) { v.Challenge, v.Mine = "chl_4", true }),
			}})
		}},
		{"console-reviews-none", func(p Page) templ.Component { return Reviews(consolePage(p), ReviewsView{Now: noon}) }},
		{"console-review", func(p Page) templ.Component {
			return Review(consolePage(p), sampleReview(func(v *ReviewView) { v.Mine = true }))
		}},
		{"console-review-held", func(p Page) templ.Component { return Review(consolePage(p), sampleReview(nil)) }},
		{"console-review-own", func(p Page) templ.Component {
			return Review(consolePage(p), sampleReview(func(v *ReviewView) { v.Own = true }))
		}},
		{"console-review-voted", func(p Page) templ.Component {
			return Review(consolePage(p), sampleReview(func(v *ReviewView) {
				v.Voted, v.Notes = true, []string{"✓"}
				v.Votes = []jieling.Vote{{By: "an", At: noon, Verdict: jieling.Pass}}
			}))
		}},
		{"console-review-free", func(p Page) templ.Component {
			return Review(consolePage(p), sampleReview(func(v *ReviewView) { v.Holder, v.Decides = "", true }))
		}},
		{"console-review-talk", func(p Page) templ.Component {
			return Review(consolePage(p), sampleReview(func(v *ReviewView) {
				v.Factor, v.Mine, v.Left, v.Images = jieling.VideoInterview, true, 0, nil
				v.Slots, v.MeetAt, v.Meeting = []time.Time{noon.Add(48 * time.Hour), noon.Add(72 * time.Hour)}, noon.Add(48*time.Hour), "https://meet.example.com/7"
			}))
		}},
		{"console-review-over", func(p Page) templ.Component {
			return Review(consolePage(p), sampleReview(func(v *ReviewView) { v.State, v.ErasedAt, v.Images = jieling.ReviewPassed, noon, nil }))
		}},
	}
}
