package doctor

import (
	"math/big"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAssignable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cidr, gateway string
		reserved      []string
		want          string
	}{
		{"10.0.0.0/29", "10.0.0.1", nil, "10.0.0.2-10.0.0.6"},
		{"10.0.0.0/29", "10.0.0.6", []string{"10.0.0.1 - 10.0.0.2", "10.0.0.4"}, "10.0.0.3, 10.0.0.5"},
		{"10.0.0.0/28", "", []string{"10.0.0.8/29"}, "10.0.0.1-10.0.0.7"},
		{"10.0.0.4/31", "", nil, ""},
		{"fd00::/125", "fd00::1", []string{"fd00::3-fd00::5"}, "fd00::2, fd00::6"},
	} {
		free, err := assignable(test.cidr, test.gateway, test.reserved)
		require.NoError(t, err)
		assert.Equal(t, test.want, list(free))
	}
	for _, wrong := range []string{"10.0.0.0-fd00::1", "10.0.0.9-10.0.0.8", "x", "10.0.0.1-", ""} {
		_, err := parseSpan(wrong)
		assert.Error(t, err, wrong)
	}
}

// Ranges are cut and counted as if their addresses were listed.
func TestWithout(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func() span {
			ends := rapid.SliceOfN(rapid.ByteRange(0, 40), 2, 2).Draw(t, "ends")
			return span{netip.AddrFrom4([4]byte{10, 0, 0, min(ends[0], ends[1])}), netip.AddrFrom4([4]byte{10, 0, 0, max(ends[0], ends[1])})}
		}
		whole := draw()
		left, cuts := []span{whole}, []span{}
		for range rapid.IntRange(0, 5).Draw(t, "cuts") {
			cut := draw()
			left, cuts = without(left, cut), append(cuts, cut)
		}
		count := int64(0)
		for last := range byte(42) {
			address, found := netip.AddrFrom4([4]byte{10, 0, 0, last}), 0
			expected := whole.contains(address)
			for _, cut := range cuts {
				expected = expected && !cut.contains(address)
			}
			for _, part := range left {
				if part.contains(address) {
					found++
				}
			}
			assert.Equal(t, expected, found == 1)
			assert.LessOrEqual(t, found, 1)
			if expected {
				count++
			}
		}
		assert.Zero(t, size(left).Cmp(big.NewInt(count)))
	})
}
