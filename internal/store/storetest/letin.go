package storetest

import (
	"slices"
	"strings"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// letIn looks at one account with devices of every kind: with the lock on, those it knows; with the list on, those that are named;
// with neither, nobody looks. A device that is lost or gone is never among them (H1, H5).
func letIn(x exam) {
	a, b := x.register(2)
	device := func(named, lost, gone bool) jieling.Device {
		d := jieling.Device{ID: newID[jieling.DeviceID]("dev"), Account: a.ID, Platform: jieling.IOS, CreatedAt: epoch(), Named: named}
		if lost {
			d.LostAt = epoch()
		}
		if gone {
			d.RemovedAt = epoch()
		}
		return d
	}
	known, named := device(false, false, false), device(true, false, false)
	all := []jieling.Device{known, named, device(true, true, false), device(true, false, true)}
	for _, tt := range []struct {
		lock, list bool
		want       []jieling.DeviceID
	}{
		{false, false, nil},
		{true, false, []jieling.DeviceID{known.ID, named.ID}},
		{false, true, []jieling.DeviceID{named.ID}},
		{true, true, []jieling.DeviceID{named.ID}},
		{false, false, nil},
	} {
		x.must(x.write(store.Need{Account: a.ID}, func(sn store.Snapshot) store.Change {
			ch := begin(*sn.Account, "account.settings")
			ch.Account.Settings.DeviceLock, ch.Account.Settings.NamedOnly, ch.Devices = tt.lock, tt.list, all
			return ch
		}))
		r, err := x.s.Resolve(x.ctx(), b[0].Provider, b[0].Index)
		got := strings.Fields(r.LetIn)
		slices.Sort(got)
		var want []string
		for _, id := range tt.want {
			want = append(want, string(id))
		}
		slices.Sort(want)
		if err != nil || r.DeviceLock != tt.lock || r.NamedOnly != tt.list || !slices.Equal(got, want) {
			x.t.Errorf("lock %v, list %v: %+v (%v), want %v", tt.lock, tt.list, r, err, want)
		}
	}
}
