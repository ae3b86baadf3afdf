package jieling

import "time"

// ProviderNotice (渠道通知) is what a provider says happened to one login identity of its own. It is evidence, checked and dated, and
// never a command of the owner: what it leads to here is the engine's to say.
type ProviderNotice struct {
	ID      string     // the notice's own, 1..256 characters, unique at its provider: the same one again changes nothing
	Kind    NoticeKind //
	Subject string     // the identity it is about, exactly as the provider names it (S5)
	At      time.Time  // when it happened, by the provider's clock
	Ref     string     // of what else it speaks: the number of an approval; "" for most
}

// NoticeKind says what happened. The words are also the reasons that a sign-in is refused with.
type NoticeKind string

// What providers tell of.
const (
	ConsentWithdrawn      NoticeKind = "consent_withdrawn"      // the person took our permission back, or its tokens were revoked
	AccountDeleted        NoticeKind = "account_deleted"        // their account there is gone for good
	AccountDisabled       NoticeKind = "account_disabled"       // and may come back
	AccountHijacked       NoticeKind = "account_hijacked"       // disabled, because somebody else had it
	MemberLeft            NoticeKind = "member_left"            // the organisation that runs the login no longer has them
	NumberReassigned      NoticeKind = "number_reassigned"      // a number has a new holder since At (A4)
	AccountEnabled        NoticeKind = "account_enabled"        // what was disabled, or whoever had left, is back
	CredentialCompromised NoticeKind = "credential_compromised" // somebody else may know how to sign in there
	SessionsRevoked       NoticeKind = "sessions_revoked"       // everybody was signed out there
	ApprovalChanged       NoticeKind = "approval_changed"       // the approval Ref that Subject asked for wants to be read again
)

// NoticeKinds lists the closed list above.
var NoticeKinds = [...]NoticeKind{
	ConsentWithdrawn, AccountDeleted, AccountDisabled, AccountHijacked, MemberLeft, NumberReassigned, AccountEnabled, CredentialCompromised,
	SessionsRevoked, ApprovalChanged,
}

// Withdraws reports that a login is no way in any more once its provider has said this.
func (k NoticeKind) Withdraws() bool {
	switch k {
	case ConsentWithdrawn, AccountDeleted, AccountDisabled, AccountHijacked, MemberLeft:
		return true
	}
	return false
}

// Returns reports that a login of which its provider last said this is a way in again once its holder signs in with it anew. One that
// was stolen waits until the provider says that it is back, and one that was deleted is gone.
func (k NoticeKind) Returns() bool {
	switch k {
	case ConsentWithdrawn, AccountDisabled, MemberLeft, AccountEnabled:
		return true
	}
	return false
}
