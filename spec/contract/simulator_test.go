package contract_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	openstack "github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// simulatorURL is the simulator's URL; its in-process transport accepts any
// host.
const simulatorURL = "http://openstack.test"

// simulatorTarget gives every claim a simulator of its own, and a clock of its
// own that waits for unknownID.
func simulatorTarget() target {
	return target{run: runPrefix + "simulator", check: func(t *testing.T, claim claim, deciding func(response)) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			offered := map[string][]byte{}
			simulated := simulator.New(simulator.Options{Download: func(url string) (io.ReadCloser, error) {
				data, known := offered[url]
				if !known {
					return nil, errors.New(url + " returned 404 Not Found")
				}
				return io.NopCloser(bytes.NewReader(data)), nil
			}})
			before := simulated.Inventory()
			t.Cleanup(func() { // runs last, after the claim's own clean-up
				<-time.After(time.Minute) // dependent objects are removed asynchronously
				assert.Empty(t, simulated.Leaks(before), "leaked objects")
			})

			c := authenticate(t, &http.Client{Transport: simulated.Transport()}, simulatorLogin(simulated))
			c.run, c.fixtures = runPrefix+"simulator", simulatorFixtures(simulated)
			made := simulated.Fixtures()
			c.credential = credential{id: made.ApplicationCredentialID, secret: made.ApplicationCredentialSecret}
			c.withQuota = func(limits quotas) *cloud {
				for _, service := range []object{limits.compute, limits.volume, limits.network} {
					for name, limit := range service {
						simulated.SetQuota(simulatorQuotas[name], limit.(int))
					}
				}
				return c
			}
			c.withVolumeType = func(extraSpecs object) string {
				specs := map[string]string{}
				for key, value := range extraSpecs {
					specs[key] = value.(string)
				}
				simulated.AddVolumeType("a-type", specs)
				return "a-type"
			}
			c.offer = func(data []byte, _ <-chan struct{}) string { // an import takes a second anyway
				url := fmt.Sprintf("http://offered.test/%d", len(offered))
				offered[url] = data
				return url
			}
			deciding(claim.check(c))
			if claim.invalid {
				assert.NotEmpty(t, simulated.Violations(), "the simulator must report an invalid request")
			} else {
				assert.Empty(t, simulated.Violations(), "the simulator reports a valid request as invalid")
			}
		})
	}}
}

// simulatorQuotas maps the services' names of quotas to the simulator's.
var simulatorQuotas = map[string]string{
	"instances": "instances", "metadata_items": "metadata_items", "server_groups": "server_groups", "server_group_members": "server_group_members",
	"volumes": "volumes", "gigabytes": "gigabytes", "snapshots": "snapshots", "port": "ports",
}

func simulatorLogin(simulated *simulator.Simulator) openstack.Properties {
	return openstack.Properties{
		AuthURL: simulated.AuthURL(simulatorURL), Username: "bosh", APIKey: "simulator", Project: "bosh",
		UserDomainName: "Default", ProjectDomainName: "Default", Region: "RegionOne",
	}
}

func simulatorFixtures(simulated *simulator.Simulator) fixtures {
	made := simulated.Fixtures()
	return fixtures{
		Network: made.Networks["private"], ExternalNetwork: made.Networks["external"], Image: made.Images["tiny-public"],
		Flavor: "m1.tiny", FlavorWithSwap: "m1.medium", FlavorWithEphemeral: "m1.small", FlavorWithoutDisk: "m1.bfv",
		KeyPair: made.KeyPair, VolumeType: "ssd", OtherVolumeType: "hdd", Zone: "z1", OtherZone: "z2",
	}
}
