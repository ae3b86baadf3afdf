package lang

import "github.com/jieling-id/jieling"

// Provider names a provider as people know it. A provider we have no word for keeps its own name.
func (l Lang) Provider(p jieling.Provider) string {
	switch p {
	case jieling.QQ:
		return "QQ"
	case jieling.WeChat:
		return l.Say(ProviderWeChat)
	case jieling.WeCom:
		return l.Say(ProviderWeCom)
	case jieling.Phone:
		return l.Say(ProviderPhone)
	case jieling.Email:
		return l.Say(ProviderEmail)
	}
	return string(p)
}

// The names of providers.
const (
	ProviderWeChat Sentence = `微信 ‖ WeChat`
	ProviderWeCom  Sentence = `企业微信 ‖ WeCom`
	ProviderPhone  Sentence = `手机 ‖ Phone`
	ProviderEmail  Sentence = `邮箱 ‖ E-mail`
)

// Reason words a reason of row F6.
func Reason(r jieling.Reason) Sentence {
	switch r {
	case jieling.ReasonPrivacy:
		return ReasonPrivacy
	case jieling.ReasonSeparate:
		return ReasonSeparate
	case jieling.ReasonConflict:
		return ReasonConflict
	case jieling.ReasonTheft:
		return ReasonTheft
	case jieling.ReasonOrganisation:
		return ReasonWork
	case jieling.ReasonAbroad:
		return ReasonAbroad
	}
	return ReasonOther
}

// Platform words a platform.
func Platform(p jieling.Platform) Sentence {
	switch p {
	case jieling.Android:
		return PlatformAndroid
	case jieling.IOS:
		return PlatformIOS
	}
	return PlatformWeb
}

// Level words a step of the three-step scale.
func Level(v jieling.Level) Sentence {
	switch v {
	case jieling.Low:
		return LevelLow
	case jieling.Medium:
		return LevelMedium
	}
	return LevelHigh
}

// Binding words the state of a binding.
func Binding(s jieling.BindingState) Sentence {
	switch s {
	case jieling.BindingPending:
		return BindingPending
	case jieling.BindingSuspended:
		return BindingSuspended
	case jieling.BindingRemoved:
		return BindingRemoved
	}
	return BindingActive
}

// Leg words how far a participant is.
func Leg(s jieling.LegState) Sentence {
	switch s {
	case jieling.LegPrepared:
		return LegPrepared
	case jieling.LegCommitted:
		return LegCommitted
	case jieling.LegVerified:
		return LegVerified
	case jieling.LegResidue:
		return LegResidue
	case jieling.LegRefused:
		return LegRefused
	case jieling.LegCompensated:
		return LegPutBack
	case jieling.LegUnanswered:
		return LegSilent
	}
	return LegPlanned
}

// Ended words how a case ended.
func Ended(s jieling.Stage) Sentence {
	switch s {
	case jieling.StageCancelled:
		return EndedCancelled
	case jieling.StageRefused:
		return EndedRefused
	case jieling.StageExpired:
		return EndedExpired
	case jieling.StageCompensated:
		return EndedCompensated
	}
	return EndedClosed
}

// Upstream words what is known of the provider's side.
func Upstream(u jieling.UpstreamTruth) Sentence {
	switch u {
	case jieling.UpstreamNoGrant:
		return UpstreamNone
	case jieling.UpstreamUserAction:
		return UpstreamYours
	case jieling.UpstreamConfirmed:
		return UpstreamGone
	}
	return UpstreamOpen
}

// Factor titles a factor where the policy pack does not.
func (l Lang) Factor(f jieling.Factor) string {
	switch f {
	case jieling.PaymentPIN:
		return l.Say(PINTitle)
	case jieling.SMSCode:
		return l.Say(SMSTitle)
	case jieling.EmailCode:
		return l.Say(MailTitle)
	case jieling.DeviceUnlock:
		return l.Say(UnlockTitle)
	case jieling.Face:
		return l.Say(FaceTitle)
	case jieling.QRApproval:
		return l.Say(QRTitle)
	case jieling.AccountFreeze:
		return l.Say(FreezeCaseTitle)
	case jieling.DeviceLock:
		return l.Say(LockTitle)
	case jieling.DocumentReview:
		return l.Say(DocumentTitle)
	case jieling.VideoInterview:
		return l.Say(TalkTitle)
	}
	return string(f)
}

// Event words an entry of a case's history by its kind and the stage it led to; "" where it means nothing to a person.
func Event(kind string, to jieling.Stage) Sentence {
	switch kind {
	case "opened":
		return EventOpened
	case "proved":
		return EventProved
	case "submitted":
		return EventSubmitted
	case "returned":
		return EventReturned
	case "replaced":
		return EventReplaced
	case "backed_up":
		return EventBackedUp
	case "waived":
		return EventWaived
	case "attested":
		return EventAttested
	case "step_done":
		return EventStepDone
	case "step_declined":
		return EventStepDeclined
	case "confirmed":
		return EventConfirmed
	case "cleanup_asked":
		return EventCleanup
	case "residue_cleared":
		return EventCleared
	case "time_reached":
		return eventOfTime(to)
	}
	return eventOfStop(kind)
}

// eventOfTime words what time itself did.
func eventOfTime(to jieling.Stage) Sentence {
	switch to {
	case jieling.StageExecuting:
		return EventStarted
	case jieling.StageExpired:
		return EventExpired
	case jieling.StageClosed:
		return EventClosed
	}
	return ""
}

// eventOfStop words what stopped a case, or let it go on.
func eventOfStop(kind string) Sentence {
	switch kind {
	case "cancelled":
		return EventCancelled
	case "undone":
		return EventUndone
	case "frozen":
		return EventFrozen
	case "thawed":
		return EventThawed
	case "carried":
		return EventCarried
	}
	return ""
}

// Means says what a refusal means for the account.
func Means(c jieling.Code) Sentence {
	switch c {
	case jieling.CodeFrozen:
		return MeansFrozen
	case jieling.CodeInternal, jieling.CodeDependency:
		return MeansUncertain
	}
	return MeansUnchanged
}

// Next says what a person can do after a refusal.
func Next(c jieling.Code) Sentence {
	switch c {
	case jieling.CodeInvalid, jieling.CodeTooLarge:
		return NextCheck
	case jieling.CodeUnauthenticated:
		return NextSignIn
	case jieling.CodeForbidden:
		return NextOwn
	case jieling.CodeNotFound:
		return NextHome
	case jieling.CodeConflict, jieling.CodeStale, jieling.CodeBindingExists, jieling.CodeIdempotency:
		return NextReload
	case jieling.CodeCaseClosed:
		return NextNewCase
	case jieling.CodeLastWayIn, jieling.CodeReplacement, jieling.CodeLockout:
		return NextAnotherWay
	case jieling.CodeBackup:
		return NextBackup
	case jieling.CodeStep, jieling.CodeStepUnseen:
		return NextStep
	case jieling.CodeVerification, jieling.CodeNotAsked:
		return NextVerify
	}
	return nextOf(c)
}

// nextOf continues Next with the refusals of factors and of the world outside.
func nextOf(c jieling.Code) Sentence {
	switch c {
	case jieling.CodeNotEnrolled:
		return NextOtherFactor
	case jieling.CodeNotOnPlatform:
		return NextPlatform
	case jieling.CodeProviderUnknown:
		return NextProvider
	case jieling.CodeFrozen:
		return NextThaw
	case jieling.CodeGuarded:
		return NextGuarded
	case jieling.CodeWrongAnswer:
		return NextRetry
	case jieling.CodeChallengeExpired, jieling.CodeChallengeUsed:
		return NextFresh
	case jieling.CodeSameDevice:
		return NextOtherPhone
	case jieling.CodeTooMany:
		return NextWait
	}
	return NextLater
}
