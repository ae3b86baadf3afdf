package engine

import (
	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/store"
)

// checkUp judges a snapshot that holds bindings, open cases, enrolments, devices and sessions. The sign-in that asks is the
// actor's own; c is what other services told, nil where nobody asked them.
func checkUp(s store.Snapshot, by jieling.Actor, c *Care) aftercare.CheckUp {
	return aftercare.Check(facts(s, by, c))
}

// facts puts a snapshot, and what other services told where they were asked, into the law's words.
func facts(s store.Snapshot, by jieling.Actor, c *Care) aftercare.Facts {
	f := aftercare.Facts{Account: *s.Account, Bindings: s.Bindings, Cases: s.Cases, Enrolments: s.Enrolments, Devices: s.Devices, Now: s.Now}
	for _, in := range s.Sessions {
		f.SignIns = append(f.SignIns, aftercare.SignIn{Device: in.Device, Here: by.Kind == jieling.ActorPerson && string(in.ID) == by.Name})
	}
	tell(&f, c)
	return f
}

// tell adds what other services told.
func tell(f *aftercare.Facts, c *Care) {
	if c == nil {
		return
	}
	f.Heard = len(c.Silent) == 0
	for _, w := range c.Switches {
		f.Switches = append(f.Switches, w.Switch)
	}
}
