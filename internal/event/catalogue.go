package event

// Type names a kind of event: the thing, a dot, and what happened to it. Names are for ever; an event that comes to mean
// something else gets another one.
type Type string

// The types.
const (
	AccountRegistered Type = "account.registered"
	AccountFrozen     Type = "account.frozen"
	AccountThawed     Type = "account.thawed"
	AccountHeld       Type = "account.held"
	SettingsChanged   Type = "account.settings_changed"

	BindingLinked    Type = "binding.linked"
	BindingUnlinked  Type = "binding.unlinked"
	BindingRestored  Type = "binding.restored"
	BindingSuspended Type = "binding.suspended"
	BindingResumed   Type = "binding.resumed"

	CaseOpened      Type = "case.opened"
	CaseMoved       Type = "case.moved"
	CaseClosed      Type = "case.closed"
	CaseCancelled   Type = "case.cancelled"
	CaseRefused     Type = "case.refused"
	CaseExpired     Type = "case.expired"
	CaseCompensated Type = "case.compensated"
	UndoUsed        Type = "undo.used"
	ResidueFound    Type = "residue.found"
	ResidueCleared  Type = "residue.cleared"
	GrantWithdrawn  Type = "grant.withdrawn"

	SessionsEnded    Type = "sessions.ended"
	DeviceAdded      Type = "device.added"
	DeviceChanged    Type = "device.changed"
	DeviceRemoved    Type = "device.removed"
	DeviceCompliance Type = "device.compliance_changed"
	FactorEnrolled   Type = "factor.enrolled"
	FactorRemoved    Type = "factor.removed"

	NumberRecycled Type = "number.recycled"
	NumberSwapped  Type = "number.sim_swapped"
	ProviderWarned Type = "provider.warned"
	ProviderTook   Type = "provider.withdrew"
	MemberJoined   Type = "member.joined"
	MemberLeft     Type = "member.left"
)

// Test is no event of an account: it is what a receiver's owner sends to see whether it arrives.
const Test Type = "webhook.test"

// Kind is a type with what it means, for people.
type Kind struct {
	Type    Type
	Meaning string
}

// Catalogue lists every type there is to be told of, in the order of the page that describes them.
func Catalogue() []Kind {
	return []Kind{
		{AccountRegistered, "The account is known to Jieling now; it may have come from elsewhere by an import."},
		{AccountFrozen, "Nobody signs in to the account until it is thawed, and every open case stands still or begins again."},
		{AccountThawed, "The freeze is over."},
		{AccountHeld, "Whoever reads the owner's messages holds the account: nothing about it changes until the hold ends or is lifted."},
		{SettingsChanged, "How the account may be entered was changed: `device_lock`, `named_only`, or the list of devices."},
		{BindingLinked, "A login opens the account that did not before."},
		{BindingUnlinked, "A login does not open the account any more. What it opened ended with it."},
		{BindingRestored, "A login that had gone opens the account again, exactly as before: its removal was undone or taken back."},
		{BindingSuspended, "A login still belongs to the account and opens nothing for now."},
		{BindingResumed, "A suspended login opens the account again."},
		{CaseOpened, "Somebody began to have a login removed. Nothing has changed yet."},
		{CaseMoved, "A case stands in another `stage`, and has not ended."},
		{CaseClosed, "A case has ended well: the login is gone, its guarded window is over, and no residue stands."},
		{CaseCancelled, "A case was given up by its owner. Nothing was removed."},
		{CaseRefused, "A case was refused. Nothing was removed."},
		{CaseExpired, "A case was not finished in time. Nothing was removed."},
		{CaseCompensated, "A case was taken back as a whole, at every participant."},
		{UndoUsed, "The owner took a removal back inside the undo window. `binding.restored` tells of the login."},
		{ResidueFound, "A participant still has something of a login that was removed. The case stays open until it is cleared."},
		{ResidueCleared, "A residue was looked for again and is gone."},
		{GrantWithdrawn, "The provider says that its user's grant to us is gone."},
		{SessionsEnded, "Sessions of the security centre are over; `sessions` says which. End the product's own likewise."},
		{DeviceAdded, "A device belongs to the account now."},
		{DeviceChanged, "A device was renamed, trusted or not, lost or found: `trusted` and `lost` say how it is now."},
		{DeviceRemoved, "A device does not belong to the account any more, and nothing that came of it is worth anything."},
		{DeviceCompliance, "An organisation's device management says otherwise than before whether a member's device complies."},
		{FactorEnrolled, "A way to verify was set up."},
		{FactorRemoved, "A way to verify is gone."},
		{NumberRecycled, "A carrier says that a bound number has another holder now. It opens nothing any more."},
		{NumberSwapped, "An operator says that the SIM of a bound number was replaced lately."},
		{ProviderWarned, "A provider warned of one of its identities that opens the account."},
		{ProviderTook, "A provider says that one of its identities is no way in any more; `said` says why. If it was one here, `binding.suspended` tells of it."},
		{MemberJoined, "The account is a member of an organisation now, or has another role in it."},
		{MemberLeft, "The account is not a member of that organisation any more."},
	}
}

// Known reports that a type is in the catalogue.
func Known(t Type) bool {
	for _, k := range Catalogue() {
		if k.Type == t {
			return true
		}
	}
	return false
}
