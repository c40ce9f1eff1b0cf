package contract_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// simulatorURL is where the simulator answers; its in-process door takes any host.
const simulatorURL = "http://openstack.test"

// simulatorTarget gives every claim a simulator of its own, and a clock of its own that waits for nobody.
func simulatorTarget() target {
	return target{run: runPrefix + "simulator", try: func(t *testing.T, claim claim, verdict func(answer)) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			simulated := simulator.New(simulator.Options{})
			before := simulated.Inventory()
			t.Cleanup(func() { // runs last, after the claim has removed what it made
				<-time.After(time.Minute) // what goes with its owner goes a little later
				assert.Empty(t, simulated.Leaks(before), "left behind")
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
			verdict(claim.check(c))
			if claim.offends {
				assert.NotEmpty(t, simulated.Violations(), "the simulator must notice what no client should send")
			} else {
				assert.Empty(t, simulated.Violations(), "the simulator takes offence at an ordinary request")
			}
		})
	}}
}

// simulatorQuotas are the simulator's names of the quotas that the services call otherwise.
var simulatorQuotas = map[string]string{
	"instances": "instances", "metadata_items": "metadata_items", "server_groups": "server_groups",
	"volumes": "volumes", "gigabytes": "gigabytes", "snapshots": "snapshots", "port": "ports",
}

func simulatorLogin(simulated *simulator.Simulator) login {
	return login{
		authURL: simulated.AuthURL(simulatorURL), username: "bosh", password: "simulator", project: "bosh",
		userDomain: "Default", projectDomain: "Default", region: "RegionOne",
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
