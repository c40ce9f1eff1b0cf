package cloud

import (
	"encoding/json"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAddressRanges(t *testing.T) {
	t.Parallel()
	subnet := netip.MustParsePrefix("10.0.0.0/24")
	for text, want := range map[string][2]string{
		"10.0.0.5":            {"10.0.0.5", "10.0.0.5"},
		"10.0.0.5 - 10.0.0.9": {"10.0.0.5", "10.0.0.9"},
		"":                    {"10.0.0.10", "255.255.255.254"},
	} {
		first, last, err := addressRange(text, subnet)
		require.NoError(t, err, text)
		assert.Equal(t, want, [2]string{first.String(), last.String()}, text)
	}
	_, _, err := addressRange("10.0.0.x", subnet)
	require.ErrorContains(t, err, `static_ips "10.0.0.x"`)
	assert.Equal(t, "255.255.240.0", NIC{Subnet: netip.MustParsePrefix("10.0.0.0/20")}.Netmask())
}

func TestNextPage(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"servers":[],"servers_links":[{"rel":"next","href":"http://cloud/servers/detail?marker=x"}]}`: "http://cloud/servers/detail?marker=x",
		`{"servers":[],"next":"/v2/images?marker=x"}`:                                                   "/images?marker=x",
		`{"servers":[]}`: "",
	} {
		var page map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(body), &page))
		assert.Equal(t, want, nextPage(page, "servers"))
	}
}
