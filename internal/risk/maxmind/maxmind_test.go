package maxmind_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/risk"
	"github.com/jieling-id/jieling/internal/risk/maxmind"
)

// file writes a database of the MaxMind DB format 2.0: an IPv6 tree with 32-bit records, in which IPv4 stands under ::/96.
func file(t *testing.T, kind string, networks map[string]any) string {
	t.Helper()
	type node [2]uint32 // 0: nothing; otherwise a node's number plus one, or, with the top bit, an offset into the data
	const data = 1 << 31
	tree := []node{{}}
	var section bytes.Buffer
	for text, record := range networks {
		p := netip.MustParsePrefix(text)
		bits, addr := p.Bits(), p.Addr().As16()
		if p.Addr().Is4() {
			four := p.Addr().As4()
			addr = [16]byte{12: four[0], 13: four[1], 14: four[2], 15: four[3]}
			bits += 96
		}
		at := uint32(section.Len())
		section.Write(value(t, record))
		n := 0
		for i := range bits {
			side := addr[i/8] >> (7 - i%8) & 1
			if i == bits-1 {
				tree[n][side] = data | at
				break
			}
			if tree[n][side] == 0 {
				tree = append(tree, node{})
				tree[n][side] = uint32(len(tree))
			}
			n = int(tree[n][side]) - 1
		}
	}
	var out bytes.Buffer
	for _, n := range tree {
		for _, r := range n {
			switch {
			case r == 0:
				r = uint32(len(tree))
			case r&data != 0:
				r = r&^data + uint32(len(tree)) + 16
			default:
				r--
			}
			binary.Write(&out, binary.BigEndian, r)
		}
	}
	out.Write(make([]byte, 16))
	out.Write(section.Bytes())
	out.WriteString("\xab\xcd\xefMaxMind.com")
	out.Write(value(t, map[string]any{
		"node_count": uint32(len(tree)), "record_size": uint16(32), "ip_version": uint16(6), "database_type": kind,
		"binary_format_major_version": uint16(2), "binary_format_minor_version": uint16(0), "build_epoch": uint64(1),
		"languages": []any{}, "description": map[string]any{},
	}))
	path := filepath.Join(t.TempDir(), kind+".mmdb")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// value encodes a value of the data section.
func value(t *testing.T, v any) []byte {
	t.Helper()
	var out bytes.Buffer
	head := func(kind, size int) {
		if size >= 29 {
			t.Fatal("longer values are not needed here")
		}
		if kind > 7 {
			out.Write([]byte{byte(size), byte(kind - 7)})
			return
		}
		out.WriteByte(byte(kind<<5 | size))
	}
	number := func(kind, size int, n uint64) {
		head(kind, size)
		for i := range size {
			out.WriteByte(byte(n >> (8 * (size - 1 - i))))
		}
	}
	switch v := v.(type) {
	case string:
		head(2, len(v))
		out.WriteString(v)
	case float64:
		number(3, 8, math.Float64bits(v))
	case uint16:
		number(5, 2, uint64(v))
	case uint32:
		number(6, 4, uint64(v))
	case uint64:
		number(9, 8, v)
	case bool:
		head(14, map[bool]int{true: 1}[v])
	case []any:
		head(11, len(v))
		for _, e := range v {
			out.Write(value(t, e))
		}
	case map[string]any:
		head(7, len(v))
		for k, e := range v {
			out.Write(value(t, k))
			out.Write(value(t, e))
		}
	default:
		t.Fatalf("no encoding for %T", v)
	}
	return out.Bytes()
}

func city(country, region string, lat, lon float64) map[string]any {
	return map[string]any{
		"country":      map[string]any{"iso_code": country},
		"subdivisions": []any{map[string]any{"iso_code": region}},
		"location":     map[string]any{"latitude": lat, "longitude": lon},
	}
}

func TestV5_AnAddressIsPlaced(t *testing.T) {
	l, err := maxmind.New(maxmind.Config{
		City: file(t, "GeoLite2-City", map[string]any{
			"203.0.113.0/24": city("CN", "BJ", 39.9042, 116.4074), "2001:db8:1::/48": city("CN", "SH", 31.2304, 121.4737),
			"198.51.100.0/24": map[string]any{"country": map[string]any{"iso_code": "US"}},
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for addr, want := range map[string]jieling.Place{
		"203.0.113.7":     {Country: "CN", Region: "BJ", Point: "39.9,116.4"},
		"2001:db8:1:2::3": {Country: "CN", Region: "SH", Point: "31.2,121.5"},
		"198.51.100.1":    {Country: "US"}, // a Country file: no region and no point
		"192.0.2.1":       {},              // in no network of the file
		"2001:db9::1":     {},
	} {
		got, err := l.Locate(netip.MustParseAddr(addr))
		if err != nil || got != (risk.Where{Place: want}) {
			t.Errorf("%s is at %+v (%v), want %+v", addr, got, err, want)
		}
	}
}

func TestR5_PublicNetworks(t *testing.T) {
	l, err := maxmind.New(maxmind.Config{
		ASN:        file(t, "GeoLite2-ASN", map[string]any{"203.0.113.0/24": map[string]any{"autonomous_system_number": uint32(64500)}, "198.51.100.0/24": map[string]any{"autonomous_system_number": uint32(64501)}}),
		Anonymous:  file(t, "GeoIP2-Anonymous-IP", map[string]any{"192.0.2.0/28": map[string]any{"is_anonymous": true}, "192.0.2.16/28": map[string]any{"is_tor_exit_node": true}, "192.0.2.32/28": map[string]any{"is_anonymous": false}, "192.0.2.48/28": map[string]any{"is_hosting_provider": true}, "192.0.2.64/28": map[string]any{"is_public_proxy": true}}),
		PublicASNs: []uint{64500}, PublicNetworks: []netip.Prefix{netip.MustParsePrefix("2001:db8:cafe::/48")},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for addr, want := range map[string]bool{
		"203.0.113.9": true, "198.51.100.9": false, "192.0.2.1": true, "192.0.2.17": true, "192.0.2.33": false, "192.0.2.49": true, "192.0.2.65": true, "192.0.2.99": false,
		"2001:db8:cafe::1": true, "2001:db8:beef::1": false,
	} {
		if got, err := l.Locate(netip.MustParseAddr(addr)); err != nil || got.Public != want || got.Place.Known() {
			t.Errorf("%s: %+v (%v), want public %v", addr, got, err, want)
		}
	}
}

// S30: a file that is not one, and a record of another shape, are errors and never a place.
func TestS30_WhatCannotBeReadIsNoPlace(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.mmdb")
	if err := os.WriteFile(broken, []byte("not a database"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]maxmind.Config{
		"a broken file": {City: broken}, "a missing file": {ASN: broken + "x"}, "numbers without a file": {PublicASNs: []uint{1}},
	} {
		if _, err := maxmind.New(c); err == nil {
			t.Errorf("%s was opened", name)
		}
	}
	for name, c := range map[string]maxmind.Config{
		"City":         {City: file(t, "City", map[string]any{"203.0.113.0/24": map[string]any{"country": "CN"}})},
		"Anonymous-IP": {Anonymous: file(t, "Anonymous-IP", map[string]any{"203.0.113.0/24": map[string]any{"is_anonymous": "yes"}})},
		"ASN":          {ASN: file(t, "ASN", map[string]any{"203.0.113.0/24": map[string]any{"autonomous_system_number": "AS1"}}), PublicASNs: []uint{1}},
	} {
		l, err := maxmind.New(c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		if where, err := l.Locate(netip.MustParseAddr("203.0.113.7")); err == nil || where != (risk.Where{}) {
			t.Errorf("%s: a record of another shape is at %+v (%v)", name, where, err)
		}
	}
}
