package cpi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// A server that could not be deleted keeps what it uses. Without its port, the
// next attempt would create a second VM with the same address.
func TestServerThatIsLeftKeepsWhatItUses(t *testing.T) {
	t.Parallel()
	for name, properties := range map[string]string{
		"image":       smallVM,
		"boot volume": `{"instance_type":"m1.small","boot_from_volume":true}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				e.overrides["use_dhcp"], e.overrides["config_drive"] = false, "cdrom"
				clean := e.cloud.Inventory()
				args := e.newVM(append(e.twoNetworks(), e.networks(`{"v":{"type":"vip","ip":%q}}`, e.floatingIP())...), properties)
				before := e.cloud.Inventory()
				e.cloud.Inject(simulator.Fault{On: "PUT /floatingips/{id}", Status: http.StatusForbidden})
				e.cloud.Inject(simulator.Fault{On: "DELETE /servers/{id}", Status: http.StatusForbidden})
				_, err := e.cpi().CreateVM(e.Context(), args)
				text := e.requireKind(err, bosh.VMCreationFailed)
				left := e.cloud.Inventory().Diff(before)
				kinds := map[string]int{}
				for _, line := range left {
					fields := strings.Fields(line)
					kinds[fields[1]]++
					assert.Contains(e, text, fields[2], line)
				}
				assert.Equal(e, 1, kinds["server"])
				assert.Equal(e, 2, kinds["port"])
				assert.Equal(e, 2, strings.Count(text, "kept because it is in use by server vm-"))
				if name == "boot volume" {
					assert.Equal(e, 1, kinds["volume"])
				}

				again, err := e.cpi().CreateVM(e.Context(), args)
				require.NoError(e, err, "the repetition for the same agent replaces the server")
				_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: again.CID})
				require.NoError(e, err)
				assert.Empty(e, e.cloud.Inventory().Diff(clean))
			})
		})
	}
}
