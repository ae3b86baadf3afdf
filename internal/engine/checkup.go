package engine

import (
	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/store"
)

// checkUp judges a snapshot that holds bindings, open cases, enrolments, devices and sessions. The sign-in that asks is the
// actor's own.
func checkUp(s store.Snapshot, by jieling.Actor) aftercare.CheckUp {
	f := aftercare.Facts{Account: *s.Account, Bindings: s.Bindings, Cases: s.Cases, Enrolments: s.Enrolments, Devices: s.Devices, Now: s.Now}
	for _, in := range s.Sessions {
		f.SignIns = append(f.SignIns, aftercare.SignIn{Device: in.Device, Here: by.Kind == jieling.ActorPerson && string(in.ID) == by.Name})
	}
	return aftercare.Check(f)
}
