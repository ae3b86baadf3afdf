package risk_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/policy"
	"github.com/jieling-id/jieling/internal/risk"
)

var now = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

const (
	hour = time.Hour
	day  = 24 * hour
)

var (
	beijing  = jieling.Place{Country: "CN", Region: "BJ", Point: "39.9,116.4"}
	tianjin  = jieling.Place{Country: "CN", Region: "TJ", Point: "39.1,117.2"}
	shanghai = jieling.Place{Country: "CN", Region: "SH", Point: "31.2,121.5"}
	sydney   = jieling.Place{Country: "AU", Region: "NSW", Point: "-33.9,151.2"}
	auckland = jieling.Place{Country: "NZ", Region: "AUK", Point: "-36.8,174.8"}
	china    = jieling.Place{Country: "CN"}
	nowhere  = jieling.Place{}
)

func came(ago time.Duration, p jieling.Place) jieling.SignIn {
	return jieling.SignIn{At: now.Add(-ago), Place: p, Network: "unknown"}
}

func at(p jieling.Place) risk.Presence {
	return risk.Presence{Here: true, Where: risk.Where{Place: p}}
}

// level assesses facts at now and gives one signal's level.
func level(f risk.Facts, name string) string {
	f.Now = now
	return risk.Level(risk.Assess(f), name)
}

func TestV5_APlaceIsComparedWithTheHistory(t *testing.T) {
	var full []jieling.SignIn // somebody has filled the history within a day
	for i := range jieling.SignInsKept {
		full = append(full, came(time.Duration(i)*20*time.Minute, shanghai))
	}
	for name, c := range map[string]struct {
		history []jieling.SignIn // newest first
		present risk.Presence
		want    string
	}{
		"where they have been for long":      {[]jieling.SignIn{came(30*day, beijing)}, at(beijing), "usual"},
		"elsewhere":                          {[]jieling.SignIn{came(30*day, beijing)}, at(shanghai), "other"},
		"one of two usual ones":              {[]jieling.SignIn{came(9*day, shanghai), came(30*day, beijing)}, at(shanghai), "usual"},
		"a sign-in from elsewhere lately":    {[]jieling.SignIn{came(2*day, shanghai), came(30*day, beijing)}, at(beijing), "other"},
		"the same while nobody acts":         {[]jieling.SignIn{came(2*day, shanghai), came(30*day, beijing)}, risk.Presence{}, "other"},
		"an account of today":                {[]jieling.SignIn{came(2*hour, beijing)}, at(beijing), "usual"},
		"elsewhere on its first day":         {[]jieling.SignIn{came(1*hour, shanghai), came(2*hour, beijing)}, at(beijing), "other"},
		"nothing to compare with":            {nil, at(beijing), "unknown"},
		"a history without places":           {[]jieling.SignIn{came(30*day, nowhere)}, at(beijing), "unknown"},
		"an address nobody can place":        {[]jieling.SignIn{came(30*day, beijing)}, at(nowhere), "unknown"},
		"only the country is known":          {[]jieling.SignIn{came(30*day, beijing)}, at(china), "usual"},
		"a history that was filled in a day": {full, at(shanghai), "unknown"},
	} {
		if got := level(risk.Facts{History: c.history, Present: c.present}, "place"); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestV5_NobodyTravelsThatFast(t *testing.T) {
	for name, c := range map[string]struct {
		history []jieling.SignIn
		present risk.Presence
		want    string
	}{
		"Beijing to Shanghai in an hour":           {[]jieling.SignIn{came(hour, beijing)}, at(shanghai), "impossible"}, // 1,070 km
		"Beijing to Shanghai in two":               {[]jieling.SignIn{came(2*hour, beijing)}, at(shanghai), "possible"},
		"next door at once":                        {[]jieling.SignIn{came(0, beijing)}, at(tianjin), "possible"},
		"across the antimeridian is not far":       {[]jieling.SignIn{came(3*hour, auckland)}, at(sydney), "possible"}, // 2,150 km
		"two sign-ins before":                      {[]jieling.SignIn{came(3*hour, beijing), came(4*hour, sydney)}, at(beijing), "impossible"},
		"the same while nobody acts":               {[]jieling.SignIn{came(3*hour, beijing), came(4*hour, sydney)}, risk.Presence{}, "impossible"},
		"a sign-in without a place between":        {[]jieling.SignIn{came(hour/2, nowhere), came(hour, beijing)}, at(shanghai), "impossible"},
		"long ago":                                 {[]jieling.SignIn{came(3*day, beijing), came(3*day+hour, sydney)}, at(beijing), "possible"},
		"no earlier sign-in":                       {nil, at(beijing), "unknown"},
		"no place now":                             {[]jieling.SignIn{came(hour, beijing)}, at(nowhere), "unknown"},
		"only a country":                           {[]jieling.SignIn{came(hour, china)}, at(sydney), "unknown"},
		"a point that is none, from a broken file": {[]jieling.SignIn{came(hour, jieling.Place{Country: "CN", Point: "x"})}, at(sydney), "possible"},
	} {
		if got := level(risk.Facts{History: c.history, Present: c.present}, "travel"); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestR5_NetworksAreKnownByUse(t *testing.T) {
	home, cafe := [32]byte{1}, [32]byte{2}
	history := []jieling.SignIn{{At: now.Add(-hour), Net: cafe}, {At: now.Add(-2 * day), Net: home}}
	for name, c := range map[string]struct {
		present risk.Presence
		want    string
	}{
		"used before":         {risk.Presence{Here: true, Net: home}, "known"},
		"used an hour ago":    {risk.Presence{Here: true, Net: cafe}, "unknown"}, // perhaps by a thief
		"never used":          {risk.Presence{Here: true, Net: [32]byte{3}}, "unknown"},
		"no address":          {risk.Presence{Here: true}, "unknown"},
		"known, but a public": {risk.Presence{Here: true, Net: home, Where: risk.Where{Public: true}}, "public"},
	} {
		if got := level(risk.Facts{History: history, Present: c.present}, "network"); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestDevicesAreThoseOfTheAccount(t *testing.T) {
	devices := []jieling.Device{{ID: "phone", Trusted: true}, {ID: "desk"}, {ID: "sold", Trusted: true, RemovedAt: now}}
	for id, want := range map[jieling.DeviceID]string{"phone": "trusted", "desk": "known", "sold": "new", "strange": "new", "": "new"} {
		if got := level(risk.Facts{Devices: devices, Present: risk.Presence{Here: true, Device: id}}, "device"); got != want {
			t.Errorf("%q: %s, want %s", id, got, want)
		}
	}
	if got := level(risk.Facts{Devices: devices, Present: risk.Presence{Device: "phone"}}, "device"); got != "new" {
		t.Errorf("nobody acts, and the device is %s", got)
	}
}

// R2: a platform's word is about one device, for an hour; a bad one stands.
func TestR2_WhatAPlatformSaysOfADevice(t *testing.T) {
	said := func(level string, ago time.Duration) []jieling.Attestation {
		return []jieling.Attestation{{Device: "other", Format: risk.AppAttest, Level: jieling.Rooted, At: now}, {Device: "phone", Format: risk.PlayIntegrity, Level: level, At: now.Add(-ago)}}
	}
	for name, c := range map[string]struct {
		all     []jieling.Attestation
		present risk.Presence
		want    string
	}{
		"a good word":               {said(jieling.Sound, hour/2), risk.Presence{Here: true, Device: "phone"}, jieling.Sound},
		"a good word, too long ago": {said(jieling.Sound, hour), risk.Presence{Here: true, Device: "phone"}, jieling.Unattested},
		"a bad word, long ago":      {said(jieling.Rooted, 20*hour), risk.Presence{Here: true, Device: "phone"}, jieling.Rooted},
		"of another device":         {said(jieling.Sound, 0), risk.Presence{Here: true, Device: "desk"}, jieling.Unattested},
		"of nobody's device":        {said(jieling.Sound, 0), risk.Presence{Here: true}, jieling.Unattested},
		"while nobody acts":         {said(jieling.Sound, 0), risk.Presence{Device: "phone"}, jieling.Unattested},
	} {
		if got := level(risk.Facts{Attestations: c.all, Present: c.present}, "integrity"); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// S30: who is silent about themselves loses no bad word that was seen of them before, and keeps no good one.
func TestS30_SilenceTakesNothingBack(t *testing.T) {
	for name, c := range map[string]struct {
		kept    jieling.Signal
		present risk.Presence
		want    string
	}{
		"seen elsewhere, then silent":        {jieling.Signal{Name: "place", Level: "other", Source: risk.SourceGeo, Trust: jieling.Observed}, risk.Presence{Here: true, Device: "phone"}, "other"},
		"seen elsewhere, then nobody":        {jieling.Signal{Name: "place", Level: "other", Source: risk.SourceGeo, Trust: jieling.Observed}, risk.Presence{}, "other"},
		"seen elsewhere, then at home":       {jieling.Signal{Name: "place", Level: "other", Source: risk.SourceGeo, Trust: jieling.Observed}, at(beijing), "usual"},
		"seen at home, then silent":          {jieling.Signal{Name: "place", Level: "usual", Source: risk.SourceGeo, Trust: jieling.Observed}, risk.Presence{Here: true, Device: "phone"}, "unknown"},
		"seen at home, then nobody":          {jieling.Signal{Name: "place", Level: "usual", Source: risk.SourceGeo, Trust: jieling.Observed}, risk.Presence{}, "usual"},
		"rooted, then another silent device": {jieling.Signal{Name: "integrity", Level: jieling.Rooted, Source: risk.PlayIntegrity, Trust: jieling.Attested}, risk.Presence{Here: true, Device: "desk"}, jieling.Rooted},
	} {
		f := risk.Facts{History: []jieling.SignIn{came(30*day, beijing)}, Present: c.present, Kept: []jieling.Signal{c.kept}}
		if got := level(f, c.kept.Name); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func phone(edit func(*jieling.Binding)) []jieling.Binding {
	b := jieling.Binding{ID: "p", Provider: jieling.Phone, State: jieling.BindingActive, CreatedAt: now.Add(-90 * day), VerifiedAt: now.Add(-90 * day)}
	edit(&b)
	return []jieling.Binding{{ID: "qq", Provider: jieling.QQ, State: jieling.BindingActive}, b}
}

func TestA4_WhoHoldsTheNumberAndSinceWhen(t *testing.T) {
	for name, c := range map[string]struct {
		edit        func(*jieling.Binding)
		holder, age string
	}{
		"never asked":        {func(*jieling.Binding) {}, "unknown", "old"},
		"the same":           {func(b *jieling.Binding) { b.Holder, b.HolderAt = jieling.HolderSame, now.Add(-day) }, "same", "old"},
		"the same, long ago": {func(b *jieling.Binding) { b.Holder, b.HolderAt = jieling.HolderSame, now.Add(-31*day) }, "unknown", "old"},
		"changed hands":      {func(b *jieling.Binding) { b.Holder, b.HolderAt = jieling.HolderChanged, now.Add(-60*day) }, "changed", "old"},
		"changed and suspended": {func(b *jieling.Binding) {
			b.Holder, b.HolderAt, b.State = jieling.HolderChanged, now, jieling.BindingSuspended
		}, "changed", "unknown"},
		"handed out lately":              {func(b *jieling.Binding) { b.Holder, b.HolderAt = jieling.HolderNew, now.Add(-day) }, "unknown", "recent"},
		"not in service":                 {func(b *jieling.Binding) { b.Holder, b.HolderAt = jieling.HolderInvalid, now }, "unknown", "old"},
		"bound lately":                   {func(b *jieling.Binding) { b.CreatedAt, b.VerifiedAt = now.Add(-2*day), now.Add(-2*day) }, "unknown", "recent"},
		"proven again lately":            {func(b *jieling.Binding) { b.VerifiedAt = now.Add(-day) }, "unknown", "old"},
		"brought along, proven long ago": {func(b *jieling.Binding) { b.CreatedAt = now.Add(-day) }, "unknown", "old"},
		"not proven":                     {func(b *jieling.Binding) { b.State = jieling.BindingPending }, "unknown", "unknown"},
	} {
		f := risk.Facts{Account: jieling.Account{CreatedAt: now.Add(-200 * day)}, Bindings: phone(c.edit), Leaving: "qq"}
		if holder, age := level(f, "holder"), level(f, "number_age"); holder != c.holder || age != c.age {
			t.Errorf("%s: holder %s, number %s; want %s and %s", name, holder, age, c.holder, c.age)
		}
	}
	young := risk.Facts{Account: jieling.Account{CreatedAt: now.Add(-2 * day)}, Bindings: phone(func(b *jieling.Binding) { b.CreatedAt, b.VerifiedAt = now.Add(-2*day), now.Add(-2*day) })}
	if got := level(young, "number_age"); got != "unknown" {
		t.Errorf("a number as old as its account is %s", got)
	}
	own := risk.Facts{Account: jieling.Account{CreatedAt: now.Add(-200 * day)}, Since: now.Add(-hour), Bindings: phone(func(b *jieling.Binding) { b.CreatedAt, b.VerifiedAt = now, now })}
	if got := level(own, "number_age"); got != "unknown" {
		t.Errorf("the number a case has brought along is %s", got)
	}
}

func TestA1_WhetherTheSIMWasReplacedLately(t *testing.T) {
	said := func(what jieling.SIM, ago time.Duration) func(*jieling.Binding) {
		return func(b *jieling.Binding) { b.SIM, b.SIMAt = what, now.Add(-ago) }
	}
	for name, c := range map[string]struct {
		edit func(*jieling.Binding)
		want string
	}{
		"never asked":                 {func(*jieling.Binding) {}, "unknown"},
		"not replaced":                {said(jieling.SIMSame, hour/2), "same"},
		"not replaced, an hour ago":   {said(jieling.SIMSame, hour), "unknown"},
		"replaced":                    {said(jieling.SIMSwapped, 0), "swapped"},
		"replaced, three days ago":    {said(jieling.SIMSwapped, 72*hour), "unknown"},
		"replaced, almost three days": {said(jieling.SIMSwapped, 72*hour-time.Second), "swapped"},
		"replaced and suspended": {func(b *jieling.Binding) {
			b.SIM, b.SIMAt, b.State = jieling.SIMSwapped, now, jieling.BindingSuspended
		}, "swapped"},
		"replaced and gone": {func(b *jieling.Binding) {
			b.SIM, b.SIMAt, b.State = jieling.SIMSwapped, now, jieling.BindingRemoved
		}, "unknown"},
	} {
		f := risk.Facts{Now: now, Bindings: phone(c.edit), Leaving: "qq"}
		all := risk.Assess(f)
		i := slices.IndexFunc(all, func(s jieling.Signal) bool { return s.Name == "sim" })
		if all[i].Level != c.want || c.want != "unknown" && (all[i].Trust != jieling.Attested || all[i].Source != risk.SourceCarrier) {
			t.Errorf("%s: %+v, want %s", name, all[i], c.want)
		}
	}
	two := append(phone(said(jieling.SIMSame, 0)), jieling.Binding{ID: "other", Provider: jieling.Phone, State: jieling.BindingActive})
	if got := level(risk.Facts{Bindings: two}, "sim"); got != "unknown" {
		t.Errorf("of two numbers one was asked about, and the SIM is %s", got)
	}
}

func TestV4_AFactorSetUpJustNow(t *testing.T) {
	registered := jieling.Account{CreatedAt: now.Add(-90 * day)}
	for name, c := range map[string]struct {
		account jieling.Account
		ago     time.Duration
		since   time.Time
		want    string
	}{
		"an hour ago":                      {registered, hour, time.Time{}, "recent"},
		"two days ago":                     {registered, 2 * day, time.Time{}, "none"},
		"with the registration":            {jieling.Account{CreatedAt: now.Add(-2 * hour)}, hour, time.Time{}, "none"},
		"before the case":                  {registered, hour, now.Add(-hour / 2), "recent"},
		"in the case, which counts it not": {registered, hour, now.Add(-2 * hour), "none"},
	} {
		f := risk.Facts{Account: c.account, Since: c.since, Enrolments: []jieling.Enrolment{{Factor: jieling.PaymentPIN, CreatedAt: now.Add(-c.ago)}}}
		if got := level(f, "factor_change"); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestV4_AFactorRemovedJustNow(t *testing.T) {
	for name, c := range map[string]struct {
		registered, ago time.Duration
		since           time.Time
		want            string
	}{
		"an hour ago":           {90 * day, hour, time.Time{}, "recent"},
		"a day ago":             {90 * day, day, time.Time{}, "none"},
		"with the registration": {2 * hour, hour, time.Time{}, "none"},
		"a day after it":        {25 * hour, hour, time.Time{}, "recent"},
		"before the case":       {90 * day, hour, now.Add(-hour / 2), "recent"},
		"in the case":           {90 * day, hour, now.Add(-2 * hour), "recent"},
	} {
		f := risk.Facts{Since: c.since, Account: jieling.Account{CreatedAt: now.Add(-c.registered), FactorRemovedAt: now.Add(-c.ago)}}
		if got := level(f, "factor_change"); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if got := level(risk.Facts{Account: jieling.Account{CreatedAt: now.Add(-day)}}, "factor_change"); got != "none" {
		t.Errorf("nothing was ever removed, and it is %s", got)
	}
}

func TestProviderRiskIsWhatTheProviderSaid(t *testing.T) {
	for name, c := range map[string]struct {
		b    jieling.Binding
		want string
	}{
		"silent":               {jieling.Binding{ID: "qq"}, "unknown"},
		"let them in":          {jieling.Binding{ID: "qq", Grant: []byte{1}, LastUsedAt: now.Add(-hour)}, "none"},
		"let them in long ago": {jieling.Binding{ID: "qq", Grant: []byte{1}, LastUsedAt: now.Add(-9 * day)}, "unknown"},
		"warned":               {jieling.Binding{ID: "qq", RiskAt: now.Add(-2 * day)}, "reported"},
		"warned, then let in":  {jieling.Binding{ID: "qq", RiskAt: now.Add(-2 * day), Grant: []byte{1}, LastUsedAt: now.Add(-hour)}, "reported"},
		"warned long ago":      {jieling.Binding{ID: "qq", RiskAt: now.Add(-8 * day)}, "unknown"},
		"another's warning":    {jieling.Binding{ID: "wx", RiskAt: now}, "unknown"},
	} {
		if got := level(risk.Facts{Bindings: []jieling.Binding{c.b}, Leaving: "qq"}, "provider_risk"); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// S30: of a situation nobody measured, or whose source failed, no signal is at its safest. That nothing was set up lately is
// measured: the rows are at hand.
func TestS30_UnknownIsNeverSafe(t *testing.T) {
	for name, f := range map[string]risk.Facts{
		"nothing": {Now: now}, "a source that failed": {Now: now, Present: risk.Presence{Here: true, Blind: true}, History: []jieling.SignIn{came(30*day, beijing)}},
	} {
		all := risk.Assess(f)
		for _, s := range policy.Signals {
			i := slices.IndexFunc(all, func(m jieling.Signal) bool { return m.Name == s.Name })
			if i < 0 {
				continue // not about risk, or filled in by the engine
			}
			if all[i].Level == s.Levels[0] && s.Name != "factor_change" {
				t.Errorf("%s: %s is %s", name, s.Name, all[i].Level)
			}
			if all[i].Why.ZH == "" || all[i].Why.EN == "" {
				t.Errorf("%s: %s says nothing in one language", name, s.Name)
			}
		}
	}
}

// V4: whatever is claimed, no signal falls below what was measured; a person's claim lowers nothing at all; and what is kept
// raises in the same way.
func TestV4_ClaimsRaiseAndNeverLower(t *testing.T) {
	places := []jieling.Place{nowhere, china, beijing, shanghai, sydney}
	rapid.Check(t, func(t *rapid.T) {
		f := risk.Facts{Now: now, Account: jieling.Account{CreatedAt: now.Add(-90 * day)}, Leaving: "qq", Devices: []jieling.Device{{ID: "phone", Trusted: true}}}
		for range rapid.IntRange(0, 4).Draw(t, "sign-ins") {
			f.History = append(f.History, came(time.Duration(rapid.IntRange(0, 20).Draw(t, "days"))*day, rapid.SampledFrom(places).Draw(t, "place")))
		}
		slices.SortFunc(f.History, func(a, b jieling.SignIn) int { return b.At.Compare(a.At) })
		f.Present = risk.Presence{
			Here: rapid.Bool().Draw(t, "here"), Device: rapid.SampledFrom([]jieling.DeviceID{"", "phone", "strange"}).Draw(t, "device"),
			Where: risk.Where{Place: rapid.SampledFrom(places).Draw(t, "now"), Public: rapid.Bool().Draw(t, "public")}, Blind: rapid.Bool().Draw(t, "blind"),
		}
		f.Bindings = phone(func(b *jieling.Binding) {
			b.Holder = rapid.SampledFrom([]jieling.Holder{"", jieling.HolderSame, jieling.HolderChanged}).Draw(t, "holder")
			b.HolderAt = now
		})
		before := risk.Assess(f)
		s := rapid.SampledFrom(policy.Signals[2:]).Draw(t, "signal")
		claim := rapid.SampledFrom(s.Levels).Draw(t, "claim")
		f.Claims, f.Vouched = map[string]string{s.Name: claim}, rapid.Bool().Draw(t, "vouched")
		after := risk.Assess(f)
		for i := range before {
			if before[i].Name != s.Name {
				if before[i] != after[i] {
					t.Fatalf("a claim about %s changed %+v to %+v", s.Name, before[i], after[i])
				}
				continue
			}
			was, is, said := slices.Index(s.Levels, before[i].Level), slices.Index(s.Levels, after[i].Level), slices.Index(s.Levels, claim)
			if is < was && (before[i].Source != "" || !f.Vouched) || is < said {
				t.Fatalf("%s was %+v, claimed %s (vouched %v), is %+v", s.Name, before[i], claim, f.Vouched, after[i])
			}
			kept := f
			kept.Claims, kept.Kept, kept.Present = nil, risk.Kept(after), risk.Presence{}
			if later := risk.Assess(kept)[i]; slices.Index(s.Levels, later.Level) < is && after[i].Source != "" {
				t.Fatalf("kept as %+v, and later it is %+v", after[i], later)
			}
		}
	})
}

// A case tells what it kept, and names what was never measured as not known: never as the safest.
func TestS30_WhatACaseDidNotMeasureIsToldAsUnknown(t *testing.T) {
	kept := []jieling.Signal{{Name: "sim", Level: "swapped", Source: risk.SourceCarrier, Trust: jieling.Attested}}
	told, fresh := risk.Explained(kept), risk.Assess(risk.Facts{Now: now})
	if len(told) != len(fresh) {
		t.Fatalf("%d signals told, %d measured", len(told), len(fresh))
	}
	for i, s := range told {
		switch {
		case s.Name != fresh[i].Name || s.Why.ZH == "" || s.Why.EN == "":
			t.Errorf("told in another order, or without a sentence: %+v", s)
		case s.Name == "sim" && (s.Level != "swapped" || s.Trust != jieling.Attested):
			t.Errorf("%+v", s)
		case s.Name != "sim" && (s.Source != "" || s.Level == policy.Signals[slices.IndexFunc(policy.Signals[:], func(p policy.Signal) bool { return p.Name == s.Name })].Levels[0]):
			t.Errorf("%+v", s)
		}
	}
}

// BenchmarkAssess measures a situation with a full history: what every plan, confirmation and commit point pays.
func BenchmarkAssess(b *testing.B) {
	f := risk.Facts{Now: now, Leaving: "qq", Present: at(beijing), Bindings: phone(func(*jieling.Binding) {}), Devices: []jieling.Device{{ID: "phone", Trusted: true}}}
	for i := range jieling.SignInsKept {
		f.History = append(f.History, came(time.Duration(i)*2*day, beijing))
	}
	b.ReportAllocs()
	for b.Loop() {
		risk.Assess(f)
	}
}
