package event

import (
	"encoding/json"
	"strings"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/audit"
)

// Most is the most events that one audit row yields.
const Most = 16

// told is an audit row as it is read here: who and where, the facts, and what single verbs say beside them.
type told struct {
	Frozen       *bool                  `json:"frozen"`
	Stage        jieling.Stage          `json:"stage"`
	Links        []Link                 `json:"links"`
	Dropped      []Dropped              `json:"dropped"`
	SignedOut    SignedOut              `json:"signed_out"`
	Binding      jieling.BindingID      `json:"binding"`
	Provider     jieling.Provider       `json:"provider"`
	Added        jieling.DeviceID       `json:"added"`     // device.add
	Removed      jieling.DeviceID       `json:"removed"`   // device.remove
	Changed      jieling.DeviceID       `json:"device_id"` // device.change
	Managed      jieling.DeviceID       `json:"managed"`   // device.managed
	Trusted      *bool                  `json:"trusted"`
	Lost         *bool                  `json:"lost"`
	Compliant    *bool                  `json:"compliant"`
	Was          *bool                  `json:"was"`
	Factor       jieling.Factor         `json:"factor"`
	ID           jieling.FactorID       `json:"id"` // factor.enrol
	Participant  string                 `json:"participant"`
	Report       string                 `json:"report"`
	Upstream     jieling.UpstreamTruth  `json:"upstream"`
	DeviceLock   *bool                  `json:"device_lock"`
	NamedOnly    *bool                  `json:"named_only"`
	Organisation jieling.OrganisationID `json:"organisation"`
	Role         jieling.OrgRole        `json:"role"`
	Said         jieling.NoticeKind     `json:"said"`
	Left         jieling.OrganisationID `json:"left"` // login.withdrawn
}

// Project says what there is to tell of an audit row, in the order in which it should be told. externalID is the product's name
// for the row's account. A row of a verb nobody knows, or whose detail cannot be read, yields what its facts say or nothing:
// it is told by a later version's words, never by a guess.
func Project(e audit.Entry, externalID string) []Event {
	var t told
	if err := json.Unmarshal(e.Detail, &t); err != nil {
		return nil
	}
	kind, _, _ := strings.Cut(e.Actor, "/")
	p := projection{entry: e, base: Data{
		Account: e.Account, ExternalID: externalID, Version: e.Seq, By: jieling.ActorKind(kind), Case: e.Case,
	}}
	if say := verbs[e.Verb]; say != nil {
		say(&p, t)
	}
	p.links(t)
	p.frozen(t)
	for _, f := range t.Dropped {
		p.tell(FactorRemoved, func(d *Data) { d.Factor, d.Enrolment = f.Factor, f.ID })
	}
	if t.SignedOut != "" {
		p.tell(SessionsEnded, func(d *Data) {
			d.Sessions = t.SignedOut
			if t.SignedOut == SignedOutLogin {
				d.Binding, d.Provider = p.login(t)
			}
		})
	}
	p.stage(t)
	return p.events
}

// projection gathers the events of one row.
type projection struct {
	entry  audit.Entry
	base   Data
	events []Event
}

func (p *projection) tell(t Type, say func(*Data)) {
	if len(p.events) == Most {
		return
	}
	d := p.base
	if say != nil {
		say(&d)
	}
	p.events = append(p.events, Event{ID: id(p.entry, len(p.events)), Type: t, At: p.entry.At.UTC(), Data: d})
}

// links tells of logins that are in another state than before.
func (p *projection) links(t told) {
	live := func(s jieling.BindingState) bool { return s == jieling.BindingActive || s == jieling.BindingSuspended }
	for _, l := range t.Links {
		var is Type
		switch {
		case l.Is == jieling.BindingRemoved && live(l.Was):
			is = BindingUnlinked
		case live(l.Is) && l.Was == jieling.BindingRemoved:
			is = BindingRestored
		case l.Is == jieling.BindingActive && l.Was == jieling.BindingSuspended:
			is = BindingResumed
		case l.Is == jieling.BindingSuspended:
			is = BindingSuspended
		case l.Is == jieling.BindingActive:
			is = BindingLinked
		default: // named and not proven, or forgotten before it was
			continue
		}
		p.tell(is, func(d *Data) { d.Binding, d.Provider = l.Binding, l.Provider })
	}
}

// login is the one a row is about: the one that changed, or the one it names.
func (p *projection) login(t told) (jieling.BindingID, jieling.Provider) {
	if len(t.Links) > 0 {
		return t.Links[0].Binding, t.Links[0].Provider
	}
	return t.Binding, t.Provider
}

func (p *projection) frozen(t told) {
	switch {
	case t.Frozen == nil:
	case *t.Frozen:
		p.tell(AccountFrozen, nil)
	default:
		p.tell(AccountThawed, nil)
	}
}

// stage tells how far a case is. One that stands where it stood before is not told of.
func (p *projection) stage(t told) {
	if t.Stage == "" || p.entry.Case == "" {
		return
	}
	is, ended := ends[t.Stage]
	switch {
	case ended:
	case p.entry.Verb == "case.open":
		is = CaseOpened
	default:
		is = CaseMoved
	}
	p.tell(is, func(d *Data) { d.Stage, d.Binding = t.Stage, t.Binding })
}

var ends = map[jieling.Stage]Type{
	jieling.StageClosed: CaseClosed, jieling.StageCancelled: CaseCancelled, jieling.StageRefused: CaseRefused,
	jieling.StageExpired: CaseExpired, jieling.StageCompensated: CaseCompensated,
}

// only tells one event that needs no more words than the row has.
func only(t Type) func(*projection, told) {
	return func(p *projection, _ told) { p.tell(t, nil) }
}

// silent is for verbs of which there is nothing to tell beside their facts. Each says why.
func silent(string) func(*projection, told) { return nil }

// verbs says of every verb of the record what is told of it beside the facts. A test holds it against the engine.
var verbs = map[string]func(*projection, told){
	"account.register": only(AccountRegistered),
	"account.import":   only(AccountRegistered),
	"account.hold":     only(AccountHeld),
	"account.settings": func(p *projection, t told) {
		p.tell(SettingsChanged, func(d *Data) { d.DeviceLock, d.NamedOnly = t.DeviceLock, t.NamedOnly })
	},
	"case.undo": only(UndoUsed),
	"case.leg": func(p *projection, t told) {
		if t.Report == "residue" {
			p.tell(ResidueFound, func(d *Data) { d.Participant, d.Binding = t.Participant, t.Binding })
		}
	},
	"case.cleanup": func(p *projection, t told) {
		p.tell(ResidueCleared, func(d *Data) { d.Participant, d.Binding = t.Participant, t.Binding })
	},
	"case.probe": func(p *projection, t told) {
		if t.Upstream == jieling.UpstreamConfirmed {
			p.tell(GrantWithdrawn, func(d *Data) { d.Binding = t.Binding })
		}
	},
	"device.add": func(p *projection, t told) {
		p.tell(DeviceAdded, func(d *Data) { d.Device, d.Trusted = t.Added, t.Trusted })
	},
	"device.change": func(p *projection, t told) {
		p.tell(DeviceChanged, func(d *Data) { d.Device, d.Trusted, d.Lost = t.Changed, t.Trusted, t.Lost })
	},
	"device.remove": func(p *projection, t told) { p.tell(DeviceRemoved, func(d *Data) { d.Device = t.Removed }) },
	"device.managed": func(p *projection, t told) {
		if t.Was == nil || t.Compliant == nil || *t.Was != *t.Compliant {
			p.tell(DeviceCompliance, func(d *Data) { d.Device, d.Compliant, d.Was = t.Managed, t.Compliant, t.Was })
		}
	},
	"factor.enrol": func(p *projection, t told) {
		p.tell(FactorEnrolled, func(d *Data) { d.Factor, d.Enrolment = t.Factor, t.ID })
	},
	"number.changed": func(p *projection, t told) { p.tell(NumberRecycled, func(d *Data) { d.Binding = t.Binding }) },
	"number.swapped": func(p *projection, t told) { p.tell(NumberSwapped, func(d *Data) { d.Binding = t.Binding }) },
	"provider.warning": func(p *projection, t told) {
		p.tell(ProviderWarned, func(d *Data) { d.Binding, d.Provider = t.Binding, t.Provider })
	},
	"login.warned": func(p *projection, t told) {
		p.tell(ProviderWarned, func(d *Data) { d.Binding, d.Provider, d.Said = t.Binding, t.Provider, t.Said })
	},
	"login.withdrawn": func(p *projection, t told) {
		p.tell(ProviderTook, func(d *Data) { d.Binding, d.Provider, d.Said = t.Binding, t.Provider, t.Said })
		if t.Left != "" {
			p.tell(MemberLeft, func(d *Data) { d.Organisation = t.Left })
		}
	},
	"organisation.member": func(p *projection, t told) {
		p.tell(MemberJoined, func(d *Data) { d.Organisation, d.Role = t.Organisation, t.Role })
	},
	"organisation.found": func(p *projection, t told) {
		p.tell(MemberJoined, func(d *Data) { d.Organisation, d.Role = t.Organisation, jieling.OrgAdmin })
	},
	"organisation.leave": func(p *projection, t told) { p.tell(MemberLeft, func(d *Data) { d.Organisation = t.Organisation }) },

	"account.freeze":       silent("the fact tells it"),
	"account.unfreeze":     silent("the fact tells it"),
	"account.export":       silent("somebody read, and nothing changed"),
	"account.region":       silent("the product said it"),
	"account.remind":       silent("a message to the owner"),
	"account.review":       silent("the owner looked, and nothing changed"),
	"approval.reject":      silent("the case goes on; a freeze has a row of its own"),
	"bill.judge":           silent("the owner's own note"),
	"binding.add":          silent("the fact tells it, once the login opens the account"),
	"binding.prove":        silent("the fact tells it"),
	"card.aside":           silent("the owner's own note"),
	"case.ask_again":       silent("the fact tells where the case stands"),
	"case.attest":          silent("a step towards a decision"),
	"case.backup":          silent("a step towards a decision"),
	"case.cancel":          silent("the fact tells it"),
	"case.cleanup.ask":     silent("asked for, and not done yet"),
	"case.confirm":         silent("the fact tells it"),
	"case.describe":        silent("participants were asked, and nothing changed"),
	"case.open":            silent("the fact tells it"),
	"case.prove":           silent("a step towards a decision"),
	"case.replacement":     silent("named, and not proven yet"),
	"case.restart":         silent("the fact tells where the case stands"),
	"case.step":            silent("the case tells it"),
	"case.step.decline":    silent("the case tells it"),
	"case.step.fail":       silent("the case tells it"),
	"case.submit":          silent("a step towards a decision"),
	"case.time":            silent("the fact tells it"),
	"case.waive":           silent("a step towards a decision"),
	"keyring.reseal":       silent("the same values under other keys"),
	"login.enabled":        silent("it is a way in again once its holder has signed in"),
	"login.renewed":        silent("the fact tells it"),
	"login.signed_out":     silent("the fact tells it"),
	"number.holder":        silent("asked, and as it was"),
	"number.sim":           silent("asked, and as it was"),
	"organisation.change":  silent("of the organisation, and not of the account"),
	"organisation.decide":  silent("a step towards a decision"),
	"organisation.reset":   silent("the fact tells it"),
	"organisation.restart": silent("the fact tells where cases stand"),
	"review.decide":        silent("a step towards a decision"),
	"review.erase":         silent("evidence is nobody else's business"),
	"review.meet":          silent("a step towards a decision"),
	"review.submit":        silent("a step towards a decision"),
	"review.view":          silent("evidence is nobody else's business"),
	"review.withdraw":      silent("a step towards a decision"),
	"session.end":          silent("the fact tells it"),
	"session.end_others":   silent("the fact tells it"),
	"sign_in":              silent("the product lets people in, and knows"),
	"switch.ask":           silent("asked for, and not seen yet"),
	"switch.set":           silent("the participant said it"),
}
