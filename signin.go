package jieling

import "time"

// SignIn (登录记录) is one time somebody came in: an entry of an account's history, which is appended to and never changed. It
// holds no address, only what a later sign-in can be compared with. A store keeps the newest [SignInsKept] of an account, and
// none that is older than [SignInsFor].
type SignIn struct {
	ID       SignInID
	Account  AccountID
	At       time.Time
	Binding  BindingID // the login that was used; "" for a hand-off from the product
	Device   DeviceID  // "" where it is not one of the account's
	Platform Platform  // "" where it was not said
	Network  string    // known, unknown or public, as it was judged then
	Net      [32]byte  // keyed hash of the network (an IPv4 /24, an IPv6 /64); zero where no address was seen
	Place    Place
}

// Place (地点) is where an address is, roughly. The zero Place is not known.
type Place struct {
	Country string // ISO 3166-1 alpha-2
	Region  string // ISO 3166-2, without the country; "" where only the country is known
	Point   string // degrees to a tenth, "39.9,116.4"; "" where not known
}

// Known reports that at least the country is known.
func (p Place) Known() bool { return p.Country != "" }

// Same reports that two known places are one as far as can be told: the region where both have one, else the country.
func (p Place) Same(other Place) bool {
	return p.Known() && p.Country == other.Country && (p.Region == other.Region || p.Region == "" || other.Region == "")
}

// Bounds of an account's sign-in history.
const (
	SignInsKept = 64
	SignInsFor  = 180 * 24 * time.Hour
)

// Holder (机主) is what a carrier last said of who holds a bound number.
type Holder string

// What a carrier can say. Nothing said is unknown, and unknown is never taken for the same.
const (
	HolderUnknown Holder = ""
	HolderSame    Holder = "same"    // whoever bound the number still holds it
	HolderNew     Holder = "new"     // handed to its holder shortly before it was bound: theirs, and young
	HolderChanged Holder = "changed" // handed out again since it was bound (二次放号, A4)
	HolderInvalid Holder = "invalid" // not a number in service
)

// SIM (手机卡) is what an operator last said of the SIM card behind a bound number.
type SIM string

// What an operator can say. Nothing said is unknown, and unknown is never taken for the same.
const (
	SIMUnknown SIM = ""
	SIMSame    SIM = "same"    // not replaced lately
	SIMSwapped SIM = "swapped" // replaced lately (补换卡): what is sent to the number may reach somebody else
)

// SIMSwapFor is how long a replaced SIM is held against what is sent to its number. Somebody who has a SIM replaced in another's name
// uses it within hours, before its owner finds the phone dead and has it blocked; three days span a weekend, in which nobody
// might. Longer would mostly meet people with a new phone.
const SIMSwapFor = 72 * time.Hour

// Trust says how far a signal's source is trusted, rising.
type Trust string

// The degrees of trust.
const (
	Claimed  Trust = "claimed"  // somebody says so: it can raise what is asked and never lower it
	Observed Trust = "observed" // this service saw it, or has it in its rows
	Attested Trust = "attested" // a third party that can know vouches for it: a carrier, a platform's signature
)

// Signal (风险信号) is one thing known about a situation, in the words a pack asks in: a fact's name and its level.
type Signal struct {
	Name   string `json:"name"`
	Level  string `json:"level"`
	Source string `json:"source,omitempty"` // where it comes from; "" where nothing was measured
	Trust  Trust  `json:"trust,omitempty"`
	Why    Text   `json:"why,omitzero"`
}

// Levels of the signal integrity, from the safest.
const (
	Sound      = "attested"   // the maker vouches for the device and the app
	Unattested = "unattested" // nothing does
	Rooted     = "rooted"     // rooted, jailbroken, or the app was changed
)

// Attestation (设备证明) is what the maker of a platform said, within one case, of a device and the app on it.
type Attestation struct {
	Device DeviceID  `json:"device,omitempty"`
	Format string    `json:"format"` // play_integrity, app_attest, webauthn
	Level  string    `json:"level"`  // of the signal integrity
	At     time.Time `json:"at"`
}
