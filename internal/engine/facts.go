package engine

import (
	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/event"
	"github.com/jieling-id/jieling/internal/store"
)

// before is how things stood when a verb began: what its facts are measured by.
type before struct {
	frozen bool
	stage  jieling.Stage
	states []state
}

type state struct {
	id jieling.BindingID
	is jieling.BindingState
}

func standing(s store.Snapshot) before {
	var b before
	if s.Account != nil {
		b.frozen = s.Account.Frozen
	}
	if s.Case != nil {
		b.stage = s.Case.Stage
	}
	b.states = make([]state, len(s.Bindings))
	for i, is := range s.Bindings {
		b.states[i] = state{is.ID, is.State}
	}
	return b
}

// of is the state that a binding was in; "" where there was none.
func (b before) of(id jieling.BindingID) jieling.BindingState {
	for _, s := range b.states {
		if s.id == id {
			return s.is
		}
	}
	return ""
}

// facts says in the audit row what a transition changed, whichever verb it was. The log is what others are told from, so what they
// are to be told of stands in it, and in this one place.
func (w *work) facts() {
	if w.Account.Frozen != w.was.frozen {
		w.note(event.FactFrozen, w.Account.Frozen)
	}
	if c := w.change.Case; c != nil && c.Stage != w.was.stage {
		w.note(event.FactStage, c.Stage)
	}
	var links []event.Link
	for _, b := range w.change.Bindings {
		if was := w.was.of(b.ID); was != b.State {
			links = append(links, event.Link{Binding: b.ID, Provider: b.Provider, Was: was, Is: b.State})
		}
	}
	if links != nil {
		w.note(event.FactLinks, links)
	}
	var dropped []event.Dropped
	for _, f := range w.change.Enrolments {
		if !f.RemovedAt.IsZero() {
			dropped = append(dropped, event.Dropped{Factor: f.Factor, ID: f.ID})
		}
	}
	if dropped != nil {
		w.note(event.FactDropped, dropped)
	}
	if out := w.signedOut(); out != "" {
		w.note(event.FactSignedOut, out)
	}
}

// signedOut says which sessions a change ends; "" where none.
func (w *work) signedOut() event.SignedOut {
	ended, kept, others := 0, 0, 0
	for _, s := range w.change.Sessions {
		switch {
		case !s.EndedAt.IsZero():
			ended++
		case s.ID == w.session():
			kept++
		default:
			others++
		}
	}
	switch {
	case w.change.EndAllSessions && others > 0:
		return event.SignedOutSome
	case w.change.EndAllSessions && kept > 0:
		return event.SignedOutOthers
	case w.change.EndAllSessions:
		return event.SignedOutAll
	case w.change.EndSessions != "":
		return event.SignedOutLogin
	case ended > 0:
		return event.SignedOutSome
	}
	return ""
}
