// Package maxmind looks addresses up in files of the MaxMind DB format (2.0): a City or Country file, an ASN file and an
// Anonymous-IP file, each of them optional. No file is shipped and nobody is asked over the network; the operator puts the
// files there and keeps them current.
package maxmind

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/oschwald/maxminddb-golang/v2"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/risk"
)

// Config names the files, and networks that count as public beside what the files say.
type Config struct {
	City           string // GeoLite2-City, GeoLite2-Country, or another of their form; "" means places stay unknown
	ASN            string // GeoLite2-ASN; needed for PublicASNs
	Anonymous      string // GeoIP2-Anonymous-IP
	PublicASNs     []uint // autonomous systems whose addresses are public networks: those of airports, cafés, hosters
	PublicNetworks []netip.Prefix
}

// Locator implements [risk.Locator]. It is safe for concurrent use.
type Locator struct {
	city, asn, anonymous *maxminddb.Reader
	asns                 []uint
	networks             []netip.Prefix
}

// New opens the files. They stay open, mapped into memory, until Close.
func New(c Config) (*Locator, error) {
	if len(c.PublicASNs) > 0 && c.ASN == "" {
		return nil, errors.New("public_asns need the file of autonomous systems: set geoip.asn")
	}
	l := &Locator{asns: c.PublicASNs, networks: c.PublicNetworks}
	for _, f := range [...]struct {
		path string
		into **maxminddb.Reader
	}{{c.City, &l.city}, {c.ASN, &l.asn}, {c.Anonymous, &l.anonymous}} {
		if f.path == "" {
			continue
		}
		var err error
		if *f.into, err = maxminddb.Open(f.path); err != nil {
			return nil, errors.Join(fmt.Errorf("open the GeoIP file %s: %w", f.path, err), l.Close())
		}
	}
	return l, nil
}

// Close gives the files back.
func (l *Locator) Close() error {
	var all []error
	for _, r := range [...]*maxminddb.Reader{l.city, l.asn, l.anonymous} {
		if r != nil {
			all = append(all, r.Close())
		}
	}
	return errors.Join(all...)
}

// Locate implements [risk.Locator]. An address that no file has is nowhere, which is no error.
func (l *Locator) Locate(addr netip.Addr) (risk.Where, error) {
	place, err := l.place(addr)
	if err != nil {
		return risk.Where{}, err
	}
	public, err := l.public(addr)
	return risk.Where{Place: place, Public: public}, err
}

// cityRecord is the part of a City or Country record that is read.
type cityRecord struct {
	Country struct {
		Code string `maxminddb:"iso_code"`
	} `maxminddb:"country"`
	Subdivisions []struct {
		Code string `maxminddb:"iso_code"`
	} `maxminddb:"subdivisions"`
	Location struct {
		Lat *float64 `maxminddb:"latitude"`
		Lon *float64 `maxminddb:"longitude"`
	} `maxminddb:"location"`
}

func (l *Locator) place(addr netip.Addr) (jieling.Place, error) {
	var p jieling.Place
	if l.city == nil {
		return p, nil
	}
	var r cityRecord
	if err := l.city.Lookup(addr).Decode(&r); err != nil {
		return p, errors.New("the GeoIP file of places cannot be read")
	}
	p.Country = r.Country.Code
	if len(r.Subdivisions) > 0 {
		p.Region = r.Subdivisions[0].Code
	}
	if r.Location.Lat != nil && r.Location.Lon != nil {
		p.Point = risk.Point(*r.Location.Lat, *r.Location.Lon)
	}
	return p, nil
}

// anonymousRecord is the part of an Anonymous-IP record that is read.
type anonymousRecord struct {
	Anonymous bool `maxminddb:"is_anonymous"`
	Hosting   bool `maxminddb:"is_hosting_provider"`
	Proxy     bool `maxminddb:"is_public_proxy"`
	Tor       bool `maxminddb:"is_tor_exit_node"`
}

func (l *Locator) public(addr netip.Addr) (bool, error) {
	if slices.ContainsFunc(l.networks, func(p netip.Prefix) bool { return p.Contains(addr) }) {
		return true, nil
	}
	if l.anonymous != nil {
		var r anonymousRecord
		if err := l.anonymous.Lookup(addr).Decode(&r); err != nil {
			return false, errors.New("the GeoIP file of anonymous networks cannot be read")
		}
		if r.Anonymous || r.Hosting || r.Proxy || r.Tor {
			return true, nil
		}
	}
	if l.asn == nil {
		return false, nil
	}
	var r struct {
		Number uint `maxminddb:"autonomous_system_number"`
	}
	if err := l.asn.Lookup(addr).Decode(&r); err != nil {
		return false, errors.New("the GeoIP file of autonomous systems cannot be read")
	}
	return r.Number != 0 && slices.Contains(l.asns, r.Number), nil
}
