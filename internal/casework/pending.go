package casework

import (
	"slices"

	"github.com/jieling-id/jieling"
)

// waiting reports a stage in which the person has done their part and others have not.
func waiting(s jieling.Stage) bool {
	return s == jieling.StageReviewing || s == jieling.StageAwaitingApproval
}

// submit lays something before those who decide on it. What of the factor lay there before is replaced.
func (m *move) submit(in Submitted) error {
	switch {
	case !m.gathering():
		return outOfOrder()
	case in.Challenge == "" || in.To != jieling.ByStaff && in.To != jieling.ByOrganisation || !in.Until.After(m.at) || in.TTL <= 0:
		return jieling.Invalid("until", "must name a challenge, who decides, a moment ahead, and the time left afterwards")
	case !m.Decision.Asks(in.Factor):
		return jieling.Refuse(jieling.CodeNotAsked, "这次解绑不需要这种验证。", "This case does not ask for that factor.")
	case m.Proved(in.Factor):
		return jieling.Refuse(jieling.CodeChallengeUsed, "这种验证已经通过，不需要再提交。", "This factor was verified already; there is nothing more to hand in.")
	}
	m.drop(in.Factor)
	m.Pending = append(m.Pending, jieling.Pending{Factor: in.Factor, Challenge: in.Challenge, To: in.To, At: m.at, Until: in.Until})
	m.timer("pending", in.Until)
	if last := in.Until.Add(in.TTL); last.After(m.ExpiresAt) {
		m.ExpiresAt = last
		m.timer("expire", last)
	}
	if m.Stage == jieling.StageOpen {
		m.Stage = jieling.StageVerifying
	}
	m.settle()
	return nil
}

// comeBack gives what was handed in back to the person. What comes back twice, or was replaced meanwhile, changes nothing any more.
func (m *move) comeBack(in Returned) error {
	i := slices.IndexFunc(m.Pending, func(p jieling.Pending) bool { return p.Factor == in.Factor && p.Challenge == in.Challenge })
	if !m.gathering() || i < 0 {
		return outOfOrder()
	}
	m.giveBack(m.Pending[i], in.Reason)
	m.settle()
	return nil
}

func (m *move) giveBack(p jieling.Pending, why jieling.Text) {
	m.drop(p.Factor)
	if !why.Empty() {
		m.Returned = append(m.Returned, jieling.Returned{Factor: p.Factor, Challenge: p.Challenge, Reason: why, At: m.at})
	}
	if waiting(m.Stage) {
		m.Stage = jieling.StageVerifying
	}
}

// lapse gives back what nobody decided on in time.
func (m *move) lapse() error {
	late := slices.DeleteFunc(slices.Clone(m.Pending), func(p jieling.Pending) bool { return m.at.Before(p.Until) })
	if len(late) == 0 {
		return outOfOrder()
	}
	for _, p := range late {
		m.giveBack(p, jieling.Text{
			ZH: "没有在期限内得到答复。你可以重新提交，或换一种方式。", EN: "Nobody answered in time. Hand it in again, or use another way.",
		})
	}
	m.settle()
	return nil
}

// drop forgets what is pending of a factor, and what of it came back.
func (m *move) drop(f jieling.Factor) {
	m.Pending = slices.DeleteFunc(m.Pending, func(p jieling.Pending) bool { return p.Factor == f })
	m.Returned = slices.DeleteFunc(m.Returned, func(r jieling.Returned) bool { return r.Factor == f })
}

// await says with whom the case lies once everything that is asked is there or with others. Staff come first: who reads "with your
// organisation" turns there, and would find that it cannot help yet.
func (m *move) await() {
	if waiting(m.Stage) {
		m.Stage = jieling.StageVerifying
	}
	if len(m.Pending) == 0 || missingBut(func(f jieling.Factor) bool { return m.Proved(f) || m.Waits(f) }, m.Case, m.Decision, m.Replaced) != nil {
		return
	}
	m.Stage = jieling.StageAwaitingApproval
	if slices.ContainsFunc(m.Pending, func(p jieling.Pending) bool { return p.To == jieling.ByStaff }) {
		m.Stage = jieling.StageReviewing
	}
}
