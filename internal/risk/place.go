package risk

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/jieling-id/jieling"
)

// place compares where somebody is, and every sign-in of the last days, with the places the account is used to (V5).
func (f Facts) place() jieling.Signal {
	usual, enough := f.usualPlaces()
	elsewhere := func(p jieling.Place) bool { return len(usual) > 0 && p.Known() && !among(usual, p) }
	for _, s := range f.History {
		if f.Now.Sub(s.At) < settled && elsewhere(s.Place) {
			return observed("place", "other", SourceHistory)
		}
	}
	switch here := f.Present.Where.Place; {
	case f.Present.Blind:
		return jieling.Signal{Name: "place", Level: "unknown", Source: SourceGeo, Trust: jieling.Observed, Why: blind}
	case elsewhere(here):
		return observed("place", "other", SourceGeo)
	case here.Known() && enough:
		return observed("place", "usual", SourceGeo)
	}
	return unmeasured("place")
}

// usualPlaces are those of the sign-ins that are old enough, and where there are none, that of the oldest. A history that is
// full and still young could be one that somebody has filled: it says where others were, and is not enough to call a place usual.
func (f Facts) usualPlaces() (usual []jieling.Place, enough bool) {
	var first jieling.Place
	for _, s := range f.History {
		if s.Place.Known() {
			first = s.Place
			if f.Now.Sub(s.At) >= settled {
				usual = append(usual, s.Place)
			}
		}
	}
	if len(usual) > 0 {
		return usual, true
	}
	if first.Known() {
		return []jieling.Place{first}, len(f.History) < jieling.SignInsKept
	}
	return nil, false
}

func among(all []jieling.Place, p jieling.Place) bool {
	for _, other := range all {
		if p.Same(other) {
			return true
		}
	}
	return false
}

// Bounds of a journey: what is nearer may be one city seen by two carriers, what is slower may be an airliner.
const (
	nearKm = 300
	fastKm = 900 // an hour
)

// stop is a place at a moment.
type stop struct {
	at    time.Time
	point string
}

// travel looks for two sign-ins, or a sign-in and this moment, that lie too far apart for the time between them.
func (f Facts) travel() jieling.Signal {
	stops := make([]stop, 0, len(f.History)+1)
	if here := f.Present.Where.Place.Point; f.Present.Here && here != "" {
		stops = append(stops, stop{f.Now, here})
	}
	measured := len(stops) > 0
	for _, s := range f.History {
		if s.Place.Point != "" {
			stops = append(stops, stop{s.At, s.Place.Point})
		}
	}
	for i := 1; i < len(stops) && f.Now.Sub(stops[i-1].at) < recent; i++ {
		if !reachable(stops[i-1], stops[i]) {
			return observed("travel", "impossible", SourceHistory)
		}
	}
	if measured && len(stops) > 1 {
		return observed("travel", "possible", SourceHistory)
	}
	return unmeasured("travel")
}

func reachable(later, earlier stop) bool {
	km, ok := distance(later.point, earlier.point)
	if !ok || km <= nearKm {
		return true
	}
	return km <= fastKm*later.at.Sub(earlier.at).Hours()
}

// distance is that on a great circle (haversine), in kilometres.
func distance(a, b string) (km float64, ok bool) {
	lat1, lon1, ok1 := radians(a)
	lat2, lon2, ok2 := radians(b)
	if !ok1 || !ok2 {
		return 0, false
	}
	h := math.Pow(math.Sin((lat2-lat1)/2), 2) + math.Cos(lat1)*math.Cos(lat2)*math.Pow(math.Sin((lon2-lon1)/2), 2)
	const earth = 6371
	return 2 * earth * math.Asin(math.Sqrt(min(1, h))), true
}

func radians(point string) (lat, lon float64, ok bool) {
	a, b, found := strings.Cut(point, ",")
	lat, err1 := strconv.ParseFloat(a, 64)
	lon, err2 := strconv.ParseFloat(b, 64)
	return lat * math.Pi / 180, lon * math.Pi / 180, found && err1 == nil && err2 == nil
}

// Point writes a latitude and a longitude, in degrees, as a history keeps them: to a tenth, some ten kilometres.
func Point(lat, lon float64) string {
	return strconv.FormatFloat(lat, 'f', 1, 64) + "," + strconv.FormatFloat(lon, 'f', 1, 64)
}

// network is known when the account was on it a day ago or earlier.
func (f Facts) network() jieling.Signal {
	if f.Present.Where.Public {
		return observed("network", "public", SourceGeo)
	}
	if f.Present.Net == [32]byte{} {
		return unmeasured("network")
	}
	for _, s := range f.History {
		if s.Net == f.Present.Net && f.Now.Sub(s.At) >= familiar {
			return observed("network", "known", SourceHistory)
		}
	}
	return observed("network", "unknown", SourceHistory)
}
