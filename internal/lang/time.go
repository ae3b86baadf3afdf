package lang

import (
	"strconv"
	"time"
)

// Moment says a moment to the minute in China Standard Time, the zone of the default deployment, and names the zone.
func (l Lang) Moment(t time.Time) string {
	t = t.In(time.FixedZone("UTC+8", 8*60*60))
	if l == EN {
		return t.Format("2 Jan 2006, 15:04") + " (UTC+8)"
	}
	return t.Format("2006年1月2日 15:04") + "（北京时间）"
}

// Ago says how far a moment lies from now, in the largest unit that fits: "3 hours ago", "in 2 days".
func (l Lang) Ago(t, now time.Time) string {
	d := t.Sub(now)
	switch {
	case d > 0 && d < time.Minute:
		return l.Say(TimeSoon)
	case d > -time.Minute && d <= 0:
		return l.Say(TimeNow)
	case d > 0:
		return l.Say(TimeAhead, "span", l.Span(d))
	default:
		return l.Say(TimeBefore, "span", l.Span(-d))
	}
}

// Span says a length of time in the largest unit that fits, rounded down to it, but never as less than a minute.
func (l Lang) Span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return l.count(int(d/(24*time.Hour)), TimeDay, TimeDays)
	case d >= time.Hour:
		return l.count(int(d/time.Hour), TimeHour, TimeHours)
	default:
		return l.count(max(1, int(d/time.Minute)), TimeMinute, TimeMinutes)
	}
}

// Size says a number of bytes in the largest unit that fits, to two digits: "640 B", "3.6 MB". The units are the same in both
// languages.
func (l Lang) Size(n int64) string {
	size, unit := float64(n), 0
	for size >= 999.5 && unit < len(sizes)-1 {
		size, unit = size/1000, unit+1
	}
	digits := 0
	if unit > 0 && size < 9.95 {
		digits = 1
	}
	return strconv.FormatFloat(size, 'f', digits, 64) + " " + sizes[unit]
}

var sizes = [...]string{"B", "kB", "MB", "GB", "TB"}

// count says a number with its noun in the right number.
func (l Lang) count(n int, one, many Sentence) string {
	if n == 1 {
		return l.Say(one)
	}
	return l.Say(many, "n", strconv.Itoa(n))
}

// The words of time.
const (
	TimeNow     Sentence = `刚刚 ‖ just now`
	TimeSoon    Sentence = `1 分钟内 ‖ within a minute`
	TimeAhead   Sentence = `{span}后 ‖ in {span}`
	TimeBefore  Sentence = `{span}前 ‖ {span} ago`
	TimeMinute  Sentence = `1 分钟 ‖ 1 minute`
	TimeMinutes Sentence = `{n} 分钟 ‖ {n} minutes`
	TimeHour    Sentence = `1 小时 ‖ 1 hour`
	TimeHours   Sentence = `{n} 小时 ‖ {n} hours`
	TimeDay     Sentence = `1 天 ‖ 1 day`
	TimeDays    Sentence = `{n} 天 ‖ {n} days`
)
