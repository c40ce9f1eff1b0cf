package doctor

import (
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"strings"
)

// span is a range of addresses, both ends included.
type span struct{ first, last netip.Addr }

func (s span) String() string {
	if s.first == s.last {
		return s.first.String()
	}
	return s.first.String() + "-" + s.last.String()
}

func (s span) contains(address netip.Addr) bool {
	return s.first.BitLen() == address.BitLen() && s.first.Compare(address) <= 0 && address.Compare(s.last) <= 0
}

// meet returns the addresses in both ranges.
func (s span) meet(other span) (span, bool) {
	both := span{s.first, s.last}
	if both.first.Compare(other.first) < 0 {
		both.first = other.first
	}
	if both.last.Compare(other.last) > 0 {
		both.last = other.last
	}
	return both, s.first.BitLen() == other.first.BitLen() && both.first.Compare(both.last) <= 0
}

// without returns what is left of the ranges after the cut.
func without(all []span, cut span) (left []span) {
	for _, s := range all {
		both, meet := s.meet(cut)
		if !meet {
			left = append(left, s)
			continue
		}
		if s.first.Compare(both.first) < 0 {
			left = append(left, span{s.first, both.first.Prev()})
		}
		if both.last.Compare(s.last) < 0 {
			left = append(left, span{both.last.Next(), s.last})
		}
	}
	return left
}

// size returns the number of addresses in the ranges.
func size(all []span) *big.Int {
	total := new(big.Int)
	for _, s := range all {
		first, last := s.first.As16(), s.last.As16()
		count := new(big.Int).Sub(new(big.Int).SetBytes(last[:]), new(big.Int).SetBytes(first[:]))
		total.Add(total, count.Add(count, big.NewInt(1)))
	}
	return total
}

func list(all []span) string {
	texts := make([]string, len(all))
	for i, s := range all {
		texts[i] = s.String()
	}
	return strings.Join(texts, ", ")
}

// parseSpan reads an address, a CIDR, or a range as BOSH writes it:
// "10.0.0.1-10.0.0.20", with or without spaces.
func parseSpan(text string) (span, error) {
	if prefix, err := netip.ParsePrefix(strings.TrimSpace(text)); err == nil {
		return spanOf(prefix), nil
	}
	from, to, isRange := strings.Cut(text, "-")
	first, err := netip.ParseAddr(strings.TrimSpace(from))
	if err != nil || !isRange {
		return span{first, first}, err
	}
	last, err := netip.ParseAddr(strings.TrimSpace(to))
	if err == nil && (first.BitLen() != last.BitLen() || last.Less(first)) {
		err = fmt.Errorf("%q is not a range of addresses", text)
	}
	return span{first, last}, err
}

// spanOf returns the addresses of a prefix.
func spanOf(prefix netip.Prefix) span {
	first := prefix.Masked().Addr()
	bytes := first.AsSlice()
	for i := range bytes {
		if host := (i+1)*8 - prefix.Bits(); host > 0 {
			bytes[i] |= byte(1<<min(host, 8) - 1)
		}
	}
	last, _ := netip.AddrFromSlice(bytes)
	return span{first, last}
}

// assignable returns the addresses that BOSH can give to VMs in a subnet: its
// range without network, broadcast, gateway and reserved addresses, as the
// director has it.
func assignable(cidr, gateway string, reserved []string) ([]span, error) {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return nil, err
	}
	whole := spanOf(prefix)
	left := without(without([]span{whole}, span{whole.first, whole.first}), span{whole.last, whole.last})
	for _, text := range append(slices.Clone(reserved), gateway) {
		if text == "" {
			continue
		}
		cut, err := parseSpan(text)
		if err != nil {
			return nil, err
		}
		left = without(left, cut)
	}
	return left, nil
}
