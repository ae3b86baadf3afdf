package jieling

// ActorKind says who is asking.
type ActorKind string

// The kinds of actor.
const (
	ActorPerson  ActorKind = "person"  // the account's owner, through a session
	ActorProduct ActorKind = "product" // a product back end, through an API key
	ActorStaff   ActorKind = "staff"
	ActorClock   ActorKind = "clock" // time, through the worker
	ActorParty   ActorKind = "party" // a participant or provider reporting
)

// Actor is who a move is done for. It comes from proof (a session, an API key, a lease), never from a request field (S3).
type Actor struct {
	Kind    ActorKind `json:"kind"`
	Name    string    `json:"name"`              // session, key or participant name; never a secret
	Account AccountID `json:"account,omitempty"` // a person's own account: the only one they may touch
	Device  DeviceID  `json:"device,omitempty"`  // a person's device, where it is known
	Scopes  []string  `json:"-"`                 // what an API key may do
	Address string    `json:"-"`                 // the IP address a person's request came from, as the gate saw it; never kept
}
