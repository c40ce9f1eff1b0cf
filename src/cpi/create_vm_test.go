package cpi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/portsecurity"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func TestCreateVMAnswersWhatTheAgentNeeds(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		w.overrides["human_readable_vm_names"] = true
		created, err := w.cpi().CreateVM(w.Context(), w.newVM(w.manual("10.0.0.10"), smallVM))
		require.NoError(w, err)
		server, err := w.cpi().compute.Server(w.Context(), string(created.CID))
		require.NoError(w, err)
		assert.Equal(w, "ACTIVE", server.Status)
		assert.Equal(w, map[string]string{
			"bosh_cpi": "openstack-bosh-cpi", "director_uuid": directorUUID, "deployment": "cf", "agent_id": "agent-1",
			"team": "blue", "registry_key": server.Name,
		}, server.Metadata)

		ports, err := w.cpi().network.PortsOfDevice(w.Context(), server.ID)
		require.NoError(w, err)
		require.Len(w, ports, 1)
		assert.Equal(w, server.Name+"-0", ports[0].Name)
		assert.Equal(w, "openstack-bosh-cpi director="+directorUUID+" deployment=cf agent=agent-1", ports[0].Description)

		answer, err := json.Marshal(created.AtVersion(2))
		require.NoError(w, err)
		assert.JSONEq(w, fmt.Sprintf(`[%q,{"private":{"type":"manual","ip":"10.0.0.10","netmask":"255.255.255.0","gateway":"10.0.0.1",
			"dns":["10.0.0.2"],"default":["dns","gateway"],"cloud_properties":{"net_id":%q},"use_dhcp":true,"mac":%q}}]`,
			server.ID, w.cloud.Fixtures().Networks["private"], ports[0].MACAddress), string(answer))
	})
}

func TestCreateVMKeepsTheOrderOfNetworks(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		w.overrides["use_dhcp"], w.overrides["config_drive"] = false, "cdrom"
		created, err := w.cpi().CreateVM(w.Context(), w.newVM(w.twoNetworks(), smallVM))
		require.NoError(w, err)
		inventory := w.cloud.Inventory()
		server := inventory["server "+string(created.CID)].Fields
		assert.Equal(w, "true", server["config drive"])
		var addresses []string
		for port := range strings.SplitSeq(server["ports"], ", ") {
			addresses = append(addresses, inventory["port "+port].Fields["fixed ips"])
		}
		assert.Equal(w, []string{"10.0.0.10", "10.0.1.10"}, addresses)
	})
}

// Wrong input of every kind gets one clear error of a kind, and leaves nothing.
func TestCreateVMRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(w *world, args *bosh.CreateVM)
		kind   bosh.Kind
		words  []string
	}{
		"no instance type": {kind: bosh.CPIError, words: []string{"cloud_properties.instance_type"}, change: func(_ *world, args *bosh.CreateVM) {
			args.CloudProperties = []byte(`{}`)
		}},
		"a number for a name": {kind: bosh.CPIError, words: []string{"cloud_properties.instance_type", "number"}, change: func(_ *world, args *bosh.CreateVM) {
			args.CloudProperties = []byte(`{"instance_type":5}`)
		}},
		"unknown flavor": {kind: bosh.CloudError, words: []string{"Flavor `m9.huge' not found"}, change: func(_ *world, args *bosh.CreateVM) {
			args.CloudProperties = []byte(`{"instance_type":"m9.huge"}`)
		}},
		"unknown image": {kind: bosh.CloudError, words: []string{"Image `5a2c9d1e-0000-4000-8000-000000000000' not found"}, change: func(_ *world, args *bosh.CreateVM) {
			args.Stemcell = "5a2c9d1e-0000-4000-8000-000000000000"
		}},
		"unknown key pair": {kind: bosh.CloudError, words: []string{"Key-pair `nobody' not found"}, change: func(_ *world, args *bosh.CreateVM) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","key_name":"nobody"}`)
		}},
		"unknown security group": {kind: bosh.CloudError, words: []string{"Security group `nothing' not found"}, change: func(_ *world, args *bosh.CreateVM) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","security_groups":["nothing"]}`)
		}},
		"security groups that are no list": {kind: bosh.CPIError, words: []string{"cloud_properties.security_groups"}, change: func(_ *world, args *bosh.CreateVM) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","security_groups":"default"}`)
		}},
		"unknown network, manual": {kind: bosh.VMCreationFailed, words: []string{"5a2c9d1e-0000-4000-8000-000000000000", "networks.private.cloud_properties.net_id"}, change: func(w *world, args *bosh.CreateVM) {
			args.Networks = w.networks(`{"private":{"ip":"10.0.0.10","cloud_properties":{"net_id":"5a2c9d1e-0000-4000-8000-000000000000"}}}`)
		}},
		"unknown network, dynamic": {kind: bosh.VMCreationFailed, words: []string{"5a2c9d1e-0000-4000-8000-000000000000", "subnet IDs"}, change: func(w *world, args *bosh.CreateVM) {
			args.Networks = w.networks(`{"private":{"type":"dynamic","cloud_properties":{"net_id":"5a2c9d1e-0000-4000-8000-000000000000"}}}`)
		}},
		"no net_id": {kind: bosh.CloudError, words: []string{"Manual network must have net_id", "networks.private"}, change: func(w *world, args *bosh.CreateVM) {
			args.Networks = w.networks(`{"private":{"ip":"10.0.0.10","cloud_properties":{}}}`)
		}},
		"IP outside of the subnet": {kind: bosh.CloudError, words: []string{"network 'private' with ip 10.9.9.9"}, change: func(w *world, args *bosh.CreateVM) {
			args.Networks = w.manual("10.9.9.9")
		}},
		"IP taken": {kind: bosh.CloudError, words: []string{"network 'private' with ip 10.0.0.99", "10.0.0.99"}, change: func(w *world, args *bosh.CreateVM) {
			w.vm("10.0.0.99")
			args.Networks = w.manual("10.0.0.99")
		}},
		"two dynamic networks": {kind: bosh.CloudError, words: []string{"Only one dynamic network"}, change: func(w *world, args *bosh.CreateVM) {
			args.Networks = w.networks(`{"a":{"type":"dynamic"},"b":{"type":"dynamic"}}`)
		}},
		"unknown network type": {kind: bosh.CloudError, words: []string{"Invalid network type `odd'"}, change: func(w *world, args *bosh.CreateVM) {
			args.Networks = w.networks(`{"a":{"type":"odd"}}`)
		}},
		"only a vip": {kind: bosh.CloudError, words: []string{"At least one dynamic or manual network"}, change: func(w *world, args *bosh.CreateVM) {
			args.Networks = w.networks(`{"a":{"type":"vip","ip":"172.24.4.10"}}`)
		}},
		"two networks with DHCP": {kind: bosh.VMCreationFailed, words: []string{"openstack.use_dhcp=false"}, change: func(w *world, args *bosh.CreateVM) {
			args.Networks = w.twoNetworks()
		}},
		"unknown floating IP": {kind: bosh.VMCreationFailed, words: []string{"Floating IP '255.255.255.255' not allocated"}, change: func(w *world, args *bosh.CreateVM) {
			args.Networks = append(args.Networks, w.networks(`{"v":{"type":"vip","ip":"255.255.255.255"}}`)...)
		}},
		"unknown zone": {kind: bosh.CloudError, words: []string{"nowhere"}, change: func(_ *world, args *bosh.CreateVM) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","availability_zone":"nowhere"}`)
		}},
		"zones without the switch": {kind: bosh.CloudError, words: []string{"ignore_server_availability_zone"}, change: func(_ *world, args *bosh.CreateVM) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","availability_zones":["z1","z2"]}`)
		}},
		"zone and zones": {kind: bosh.CloudError, words: []string{"only one property"}, change: func(_ *world, args *bosh.CreateVM) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","availability_zone":"z1","availability_zones":["z1","z2"]}`)
		}},
		"root disk of nothing": {kind: bosh.CPIError, words: []string{"Minimum root_disk size is 1 GiB"}, change: func(_ *world, args *bosh.CreateVM) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","root_disk":{"size":0}}`)
		}},
		"a pool without a port": {kind: bosh.VMCreationFailed, words: []string{"Load balancer pool 'web' has no port definition"}, change: func(_ *world, args *bosh.CreateVM) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":"web"}]}`)
		}},
		"unknown pool": {kind: bosh.VMCreationFailed, words: []string{"Load balancer pool 'no-pool' does not exist"}, change: func(_ *world, args *bosh.CreateVM) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":"no-pool","port":1}]}`)
		}},
		"address pair nobody reserved": {kind: bosh.CloudError, words: []string{"Configured VRRP port with ip '10.0.0.77' does not exist"}, change: func(_ *world, args *bosh.CreateVM) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","allowed_address_pairs":"10.0.0.77"}`)
		}},
		"address pair on a dynamic network": {kind: bosh.CloudError, words: []string{"VRRP is not supported for dynamic networks"}, change: func(w *world, args *bosh.CreateVM) {
			args.Networks = w.dynamic()
			args.CloudProperties = []byte(`{"instance_type":"m1.small","allowed_address_pairs":"10.0.0.77"}`)
		}},
		"an env that does not fit": {kind: bosh.VMCreationFailed, words: []string{"65535"}, change: func(_ *world, args *bosh.CreateVM) {
			args.Env = []byte(`{"bosh":{"x":"` + strings.Repeat("a", 60000) + `"}}`)
		}},
		"a disk that is gone": {kind: bosh.DiskNotFound, words: []string{"Volume `5a2c9d1e-0000-4000-8000-000000000000' not found"}, change: func(_ *world, args *bosh.CreateVM) {
			args.Disks = []bosh.DiskCID{"5a2c9d1e-0000-4000-8000-000000000000"}
		}},
		"registry missing": {kind: bosh.CPIError, words: []string{"the registry has to be configured"}, change: func(w *world, _ *bosh.CreateVM) {
			w.stemcell = 1
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(w *world) {
				args := w.newVM(w.manual("10.0.0.10"), smallVM)
				test.change(w, &args)
				before := w.cloud.Inventory()
				_, err := w.cpi().CreateVM(w.Context(), args)
				text := w.kind(err, test.kind)
				for _, word := range test.words {
					assert.Contains(w, text, word)
				}
				assert.Empty(w, w.cloud.Inventory().Diff(before))
			})
		})
	}
}

func TestCreateVMTellsWhyTheServerFailed(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		w.cloud.Afflict(simulator.Ailment{Resource: "server", Phase: "create", Zone: "z1", Reason: simulator.NoValidHost, Times: -1})
		before := w.cloud.Inventory()
		_, err := w.cpi().CreateVM(w.Context(), w.newVM(w.manual("10.0.0.10"), `{"instance_type":"m1.small","availability_zone":"z1"}`))
		assert.Contains(w, w.kind(err, bosh.VMCreationFailed), "No valid host was found")
		assert.True(w, bosh.AsError(err).OKToRetry)
		assert.Empty(w, w.cloud.Inventory().Diff(before))
	})
}

// No zone of an old cloud can do what its Nova cannot.
func TestCloudIsTooOldForTheTypeOfARootDisk(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{NovaMicroversion: 60}, func(w *world) {
		w.overrides["ignore_server_availability_zone"] = true
		before := w.cloud.Inventory()
		properties := `{"instance_type":"m1.small","availability_zones":["z1","z2"],"boot_from_volume":true,"root_disk":{"size":5%s}}`
		_, err := w.cpi().CreateVM(w.Context(), w.newVM(w.manual("10.0.0.10"), fmt.Sprintf(properties, `,"type":"hdd"`)))
		assert.Contains(w, w.kind(err, bosh.CloudError), "cloud_properties.root_disk.type needs Nova API 2.67, which came with OpenStack Stein")
		assert.Empty(w, w.cloud.Inventory().Diff(before))
		posts := slices.DeleteFunc(w.cloud.Journal(), func(e simulator.Exchange) bool { return e.Call() != "POST /servers" })
		assert.Len(w, posts, 1)

		_, err = w.cpi().CreateVM(w.Context(), w.newVM(w.manual("10.0.0.10"), fmt.Sprintf(properties, "")))
		require.NoError(w, err)
	})
}

func TestCreateVMTriesTheNextZone(t *testing.T) {
	t.Parallel()
	for range 4 { // the order is random
		inCloud(t, simulator.Options{}, func(w *world) {
			w.overrides["ignore_server_availability_zone"] = true
			w.cloud.Afflict(simulator.Ailment{Resource: "server", Phase: "create", Zone: "z1", Reason: simulator.NoValidHost, Times: -1})
			before := w.cloud.Inventory()
			created, err := w.cpi().CreateVM(w.Context(), w.newVM(w.manual("10.0.0.10"), `{"instance_type":"m1.small","availability_zones":["z1","z2"]}`))
			require.NoError(w, err)
			server, err := w.cpi().compute.Server(w.Context(), string(created.CID))
			require.NoError(w, err)
			assert.Equal(w, "z2", server.AvailabilityZone)
			assert.ElementsMatch(w, []string{"+ server", "+ port"}, kindsOf(w.cloud.Inventory().Diff(before)))
		})
	}
}

// Every attempt creates ports of its own, whose MAC addresses the agent needs.
func TestMACAddressesAreThoseOfTheLastAttempt(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		w.overrides["ignore_server_availability_zone"], w.overrides["use_dhcp"], w.overrides["config_drive"] = true, false, "cdrom"
		w.cloud.Afflict(simulator.Ailment{Resource: "server", Phase: "create", Reason: simulator.NoValidHost, Times: 1})
		args := w.newVM(w.twoNetworks(), `{"instance_type":"m1.small","availability_zones":["z1","z2"]}`)
		arguments := string(bosh.JSON(args.Networks))
		created, err := w.cpi().CreateVM(w.Context(), args)
		require.NoError(w, err)
		assert.Contains(w, w.log.String(), "trying the next one")
		assert.Equal(w, arguments, string(bosh.JSON(args.Networks)), "the arguments are unchanged")

		ports, err := w.cpi().network.PortsOfDevice(w.Context(), string(created.CID))
		require.NoError(w, err)
		macs := map[string]string{}
		for _, port := range ports {
			macs[port.FixedIPs[0].IPAddress] = port.MACAddress
		}
		var networks map[string]struct{ IP, MAC string }
		require.NoError(w, json.Unmarshal(bosh.JSON(created.Networks), &networks))
		require.Len(w, networks, 2)
		for name, network := range networks {
			assert.Equal(w, macs[network.IP], network.MAC, name)
		}
	})
}

func TestPlanIsNotChangedByAnAttempt(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		c := w.cpi()
		plan, err := c.planVM(w.Context(), w.newVM(w.manual("10.0.0.10"), `{"instance_type":"m1.small","boot_from_volume":true}`))
		require.NoError(w, err)
		before := fmt.Sprintf("%+v %s", plan, bosh.JSON(plan.settings.Networks))
		created, err := c.buildVM(w.Context(), plan, "z1")
		require.NoError(w, err)
		assert.Contains(w, string(bosh.JSON(created.Networks)), `"mac":`)
		assert.Equal(w, before, fmt.Sprintf("%+v %s", plan, bosh.JSON(plan.settings.Networks)))
	})
}

// A network without port security accepts no security groups. The VM is created
// without them, and the operator is warned.
func TestCreateVMOnANetworkWithoutPortSecurity(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		client := w.neutron()
		enabled := false
		open, err := networks.Create(w.Context(), client, portsecurity.NetworkCreateOptsExt{
			CreateOptsBuilder: networks.CreateOpts{Name: "open"}, PortSecurityEnabled: &enabled,
		}).Extract()
		require.NoError(w, err)
		_, err = subnets.Create(w.Context(), client, subnets.CreateOpts{NetworkID: open.ID, CIDR: "192.168.7.0/24", IPVersion: 4}).Extract()
		require.NoError(w, err)

		args := w.newVM(w.networks(`{"open":{"type":"manual","ip":"192.168.7.7","cloud_properties":{"net_id":%q}}}`, open.ID), smallVM)
		created, err := w.cpi().CreateVM(w.Context(), args)
		require.NoError(w, err)
		ports, err := w.cpi().network.PortsOfDevice(w.Context(), string(created.CID))
		require.NoError(w, err)
		require.Len(w, ports, 1)
		assert.Empty(w, ports[0].SecurityGroups)
		assert.Regexp(w, `level=WARN msg="port is created without security groups.* network=`+open.ID, w.log.String())
	})
}

func TestCreateVMFollowsItsDisks(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		created, err := w.cpi().CreateVM(w.Context(), w.newVM(w.manual("10.0.0.10"), `{"instance_type":"m1.small","availability_zone":"z2"}`))
		require.NoError(w, err)
		disk, err := w.cpi().CreateDisk(w.Context(), bosh.CreateDisk{SizeMiB: 1024, VM: created.CID})
		require.NoError(w, err)

		args := w.newVM(w.manual("10.0.0.11"), smallVM)
		args.Disks = []bosh.DiskCID{disk}
		follower, err := w.cpi().CreateVM(w.Context(), args)
		require.NoError(w, err)
		server, err := w.cpi().compute.Server(w.Context(), string(follower.CID))
		require.NoError(w, err)
		assert.Equal(w, "z2", server.AvailabilityZone)

		args = w.newVM(w.manual("10.0.0.12"), `{"instance_type":"m1.small","availability_zone":"z1"}`)
		args.Disks = []bosh.DiskCID{disk}
		_, err = w.cpi().CreateVM(w.Context(), args)
		assert.Contains(w, w.kind(err, bosh.CloudError), "can't use multiple availability zones: VM is created in AZ 'z1', disk '"+string(disk)+"' is in AZ 'z2'")
	})
}

func TestCreateVMTakesTheAddressFromAStalePort(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		vm := w.vm("10.0.0.10")
		ports, err := w.cpi().network.PortsOfDevice(w.Context(), string(vm))
		require.NoError(w, err)
		require.NoError(w, w.cpi().compute.DeleteServer(w.Context(), string(vm)), "Nova leaves the port, as after a crash of the CPI")
		again := w.vm("10.0.0.10")
		assert.NotContains(w, w.cloud.Inventory(), "port "+ports[0].ID)
		found, err := w.cpi().network.PortsOfDevice(w.Context(), string(again))
		require.NoError(w, err)
		assert.Equal(w, "10.0.0.10", found[0].FixedIPs[0].IPAddress)
	})
}

func TestFloatingIPGoesBackWhenTheVMIsGivenUp(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(w *world) {
		ip := w.floatingIP()
		withVIP := func(address string) bosh.CreateVM {
			return w.newVM(append(w.manual(address), w.networks(`{"v":{"type":"vip","ip":%q}}`, ip)...),
				fmt.Sprintf(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":%q,"port":80}]}`, w.pool()))
		}
		first, err := w.cpi().CreateVM(w.Context(), withVIP("10.0.0.10"))
		require.NoError(w, err)
		holder := func() string {
			found, err := w.cpi().network.FloatingIPs(w.Context(), ip)
			require.NoError(w, err)
			return found[0].FixedIP
		}
		require.Equal(w, "10.0.0.10", holder())

		w.cloud.Inject(simulator.Fault{On: "POST /servers/{id}/metadata", Status: http.StatusForbidden})
		before := w.cloud.Inventory()
		_, err = w.cpi().CreateVM(w.Context(), withVIP("10.0.0.11"))
		w.kind(err, bosh.VMCreationFailed)
		assert.Equal(w, "10.0.0.10", holder())
		assert.Empty(w, w.cloud.Inventory().Diff(before))

		_, err = w.cpi().CreateVM(w.Context(), withVIP("10.0.0.12"))
		require.NoError(w, err)
		assert.Equal(w, "10.0.0.12", holder(), "a VM that lives keeps it")
		_, err = w.cpi().DeleteVM(w.Context(), bosh.VM{VM: first.CID})
		require.NoError(w, err)
	})
}

func TestAddressPairs(t *testing.T) {
	t.Parallel()
	for properties, want := range map[string][]string{
		`"10.0.0.50"`:               {"10.0.0.50"},
		`["10.0.0.50","10.0.0.51"]`: {"10.0.0.50", "10.0.0.51"},
		`[{"ip_address":"10.0.0.50","mac_address":"fa:16:3e:00:00:50"}]`: {"10.0.0.50"},
	} {
		inCloud(t, simulator.Options{}, func(w *world) {
			w.vm("10.0.0.50")
			w.vm("10.0.0.51")
			created, err := w.cpi().CreateVM(w.Context(), w.newVM(w.manual("10.0.0.10"), `{"instance_type":"m1.small","allowed_address_pairs":`+properties+`}`))
			require.NoError(w, err)
			ports, err := w.cpi().network.PortsOfDevice(w.Context(), string(created.CID))
			require.NoError(w, err)
			var got []string
			for _, pair := range ports[0].AllowedAddressPairs {
				got = append(got, pair.IPAddress)
			}
			assert.Equal(w, want, got)
		})
	}
}
