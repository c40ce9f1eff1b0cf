package cpi

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/portsecurity"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func TestCreateVMReturnsTheNetworksForTheAgent(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		e.overrides["human_readable_vm_names"] = true
		created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), smallVM))
		require.NoError(e, err)
		server, err := e.cpi().compute.Server(e.Context(), string(created.CID))
		require.NoError(e, err)
		assert.Equal(e, "ACTIVE", server.Status)
		assert.Equal(e, map[string]string{
			"bosh_cpi": "openstack-bosh-cpi", "director_uuid": directorUUID, "deployment": "cf", "agent_id": "agent-1",
			"team": "blue", "registry_key": server.Name,
		}, server.Metadata)

		ports, err := e.cpi().network.PortsOfDevice(e.Context(), server.ID)
		require.NoError(e, err)
		require.Len(e, ports, 1)
		assert.Equal(e, server.Name+"-0", ports[0].Name)
		assert.Equal(e, "openstack-bosh-cpi director="+directorUUID+" deployment=cf agent=agent-1", ports[0].Description)

		answer, err := json.Marshal(created.AtVersion(2))
		require.NoError(e, err)
		assert.JSONEq(e, fmt.Sprintf(`[%q,{"private":{"type":"manual","ip":"10.0.0.10","netmask":"255.255.255.0","gateway":"10.0.0.1",
			"dns":["10.0.0.2"],"default":["dns","gateway"],"cloud_properties":{"net_id":%q},"use_dhcp":true,"mac":%q}}]`,
			server.ID, e.cloud.Fixtures().Networks["private"], ports[0].MACAddress), string(answer))
	})
}

// Directors send a prefix with every manual network, and a NIC group may have only
// one network.
func TestCreateVMAcceptsPrefixesOfSingleAddresses(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.networks(`{"private":{"type":"manual","ip":"10.0.0.10","prefix":"32","nic_group":"1",
			"netmask":"255.255.255.0","gateway":"10.0.0.1","default":["gateway"],"cloud_properties":{"net_id":%q}}}`, e.cloud.Fixtures().Networks["private"]), smallVM))
		require.NoError(e, err)
		networks := string(bosh.JSON(created.Networks))
		assert.Contains(e, networks, `"prefix":"32"`)
		assert.Contains(e, networks, `"nic_group":"1"`)
	})
}

func TestCreateVMKeepsTheOrderOfNetworks(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		e.overrides["use_dhcp"], e.overrides["config_drive"] = false, "cdrom"
		created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.twoNetworks(), smallVM))
		require.NoError(e, err)
		inventory := e.cloud.Inventory()
		server := inventory["server "+string(created.CID)].Fields
		assert.Equal(e, "true", server["config drive"])
		var addresses []string
		for port := range strings.SplitSeq(server["ports"], ", ") {
			addresses = append(addresses, inventory["port "+port].Fields["fixed ips"])
		}
		assert.Equal(e, []string{"10.0.0.10", "10.0.1.10"}, addresses)
	})
}

// Wrong arguments lead to a clear error, and nothing is created.
func TestCreateVMRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(e *env, args *bosh.CreateVMArgs)
		kind   bosh.Kind
		words  []string
	}{
		"no instance type": {kind: bosh.CPIError, words: []string{"cloud_properties.instance_type"}, change: func(_ *env, args *bosh.CreateVMArgs) {
			args.CloudProperties = []byte(`{}`)
		}},
		"a number instead of a name": {kind: bosh.CPIError, words: []string{"cloud_properties.instance_type", "number"}, change: func(_ *env, args *bosh.CreateVMArgs) {
			args.CloudProperties = []byte(`{"instance_type":5}`)
		}},
		"unknown flavor": {kind: bosh.CloudError, words: []string{"Flavor `m9.huge' not found (cloud_properties.instance_type); there are: ", "m1.small"}, change: func(_ *env, args *bosh.CreateVMArgs) {
			args.CloudProperties = []byte(`{"instance_type":"m9.huge"}`)
		}},
		"misspelt flavor": {kind: bosh.CloudError, words: []string{"did you mean m1.small?"}, change: func(_ *env, args *bosh.CreateVMArgs) {
			args.CloudProperties = []byte(`{"instance_type":"m1.smal"}`)
		}},
		"a pool without a gateway": {kind: bosh.VMCreationFailed, words: []string{"cannot be attached to load balancer pool 'web'", "no network's 'default' contains 'gateway'"}, change: func(e *env, args *bosh.CreateVMArgs) {
			e.overrides["use_dhcp"], e.overrides["config_drive"] = false, "cdrom"
			args.Networks = e.networks(`{"a":{"ip":"10.0.0.10","cloud_properties":{"net_id":"x"}},"b":{"ip":"10.0.1.10","cloud_properties":{"net_id":"y"}}}`)
			args.CloudProperties = []byte(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":"web","port":80}]}`)
		}},
		"unknown image": {kind: bosh.CloudError, words: []string{"Image `5a2c9d1e-0000-4000-8000-000000000000' not found", "bosh upload-stemcell --fix"}, change: func(_ *env, args *bosh.CreateVMArgs) {
			args.Stemcell = "5a2c9d1e-0000-4000-8000-000000000000"
		}},
		"unknown key pair": {kind: bosh.CloudError, words: []string{"Key-pair `nobody' not found"}, change: func(_ *env, args *bosh.CreateVMArgs) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","key_name":"nobody"}`)
		}},
		"unknown security group": {kind: bosh.CloudError, words: []string{"Security group `nothing' not found"}, change: func(_ *env, args *bosh.CreateVMArgs) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","security_groups":["nothing"]}`)
		}},
		"security groups that are no list": {kind: bosh.CPIError, words: []string{"cloud_properties.security_groups"}, change: func(_ *env, args *bosh.CreateVMArgs) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","security_groups":"default"}`)
		}},
		"unknown network, manual": {kind: bosh.VMCreationFailed, words: []string{"5a2c9d1e-0000-4000-8000-000000000000", "networks.private.cloud_properties.net_id"}, change: func(e *env, args *bosh.CreateVMArgs) {
			args.Networks = e.networks(`{"private":{"ip":"10.0.0.10","cloud_properties":{"net_id":"5a2c9d1e-0000-4000-8000-000000000000"}}}`)
		}},
		"unknown network, dynamic": {kind: bosh.VMCreationFailed, words: []string{"5a2c9d1e-0000-4000-8000-000000000000", "subnet IDs"}, change: func(e *env, args *bosh.CreateVMArgs) {
			args.Networks = e.networks(`{"private":{"type":"dynamic","cloud_properties":{"net_id":"5a2c9d1e-0000-4000-8000-000000000000"}}}`)
		}},
		"no net_id": {kind: bosh.CloudError, words: []string{"Manual network must have net_id", "networks.private"}, change: func(e *env, args *bosh.CreateVMArgs) {
			args.Networks = e.networks(`{"private":{"ip":"10.0.0.10","cloud_properties":{}}}`)
		}},
		"IP outside of the subnet": {kind: bosh.CloudError, words: []string{"network 'private' with ip 10.9.9.9"}, change: func(e *env, args *bosh.CreateVMArgs) {
			args.Networks = e.manual("10.9.9.9")
		}},
		"IP taken": {kind: bosh.CloudError, words: []string{"network 'private' with ip 10.0.0.99", "10.0.0.99"}, change: func(e *env, args *bosh.CreateVMArgs) {
			e.vm("10.0.0.99")
			args.AgentID = "agent-2" // a VM of the same agent would be replaced
			args.Networks = e.manual("10.0.0.99")
		}},
		"unknown network type": {kind: bosh.CloudError, words: []string{"Invalid network type `odd'"}, change: func(e *env, args *bosh.CreateVMArgs) {
			args.Networks = e.networks(`{"a":{"type":"odd"}}`)
		}},
		"only a vip": {kind: bosh.CloudError, words: []string{"At least one dynamic or manual network"}, change: func(e *env, args *bosh.CreateVMArgs) {
			args.Networks = e.networks(`{"a":{"type":"vip","ip":"172.24.4.10"}}`)
		}},
		"unknown floating IP": {kind: bosh.VMCreationFailed, words: []string{"Floating IP '255.255.255.255' not allocated"}, change: func(e *env, args *bosh.CreateVMArgs) {
			args.Networks = append(args.Networks, e.networks(`{"v":{"type":"vip","ip":"255.255.255.255"}}`)...)
		}},
		"unknown zone": {kind: bosh.CloudError, words: []string{"nowhere"}, change: func(_ *env, args *bosh.CreateVMArgs) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","availability_zone":"nowhere"}`)
		}},
		"zones without the property": {kind: bosh.CloudError, words: []string{"ignore_server_availability_zone"}, change: func(_ *env, args *bosh.CreateVMArgs) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","availability_zones":["z1","z2"]}`)
		}},
		"zone and zones": {kind: bosh.CloudError, words: []string{"only one property"}, change: func(_ *env, args *bosh.CreateVMArgs) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","availability_zone":"z1","availability_zones":["z1","z2"]}`)
		}},
		"root disk of size 0": {kind: bosh.CPIError, words: []string{"Minimum root_disk size is 1 GiB"}, change: func(_ *env, args *bosh.CreateVMArgs) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","root_disk":{"size":0}}`)
		}},
		"a pool without a port": {kind: bosh.VMCreationFailed, words: []string{"Load balancer pool 'web' has no port definition"}, change: func(_ *env, args *bosh.CreateVMArgs) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":"web"}]}`)
		}},
		"unknown pool": {kind: bosh.VMCreationFailed, words: []string{"Load balancer pool 'no-pool' does not exist"}, change: func(_ *env, args *bosh.CreateVMArgs) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":"no-pool","port":1}]}`)
		}},
		"address pair without a port": {kind: bosh.CloudError, words: []string{"Configured VRRP port with ip '10.0.0.77' does not exist"}, change: func(_ *env, args *bosh.CreateVMArgs) {
			args.CloudProperties = []byte(`{"instance_type":"m1.small","allowed_address_pairs":"10.0.0.77"}`)
		}},
		"address pair on a dynamic network": {kind: bosh.CloudError, words: []string{"VRRP is not supported for dynamic networks"}, change: func(e *env, args *bosh.CreateVMArgs) {
			args.Networks = e.dynamic()
			args.CloudProperties = []byte(`{"instance_type":"m1.small","allowed_address_pairs":"10.0.0.77"}`)
		}},
		"an env that is too large": {kind: bosh.VMCreationFailed, words: []string{"65535"}, change: func(_ *env, args *bosh.CreateVMArgs) {
			args.Env = []byte(`{"bosh":{"x":"` + strings.Repeat("a", 60000) + `"}}`)
		}},
		"a disk that does not exist": {kind: bosh.DiskNotFound, words: []string{"Volume `5a2c9d1e-0000-4000-8000-000000000000' not found"}, change: func(_ *env, args *bosh.CreateVMArgs) {
			args.Disks = []bosh.DiskCID{"5a2c9d1e-0000-4000-8000-000000000000"}
		}},
		"registry missing": {kind: bosh.CPIError, words: []string{"the registry has to be configured"}, change: func(e *env, _ *bosh.CreateVMArgs) {
			e.stemcell = 1
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				args := e.newVM(e.manual("10.0.0.10"), smallVM)
				test.change(e, &args)
				before := e.cloud.Inventory()
				_, err := e.cpi().CreateVM(e.Context(), args)
				text := e.requireKind(err, test.kind)
				for _, word := range test.words {
					assert.Contains(e, text, word)
				}
				assert.Empty(e, e.cloud.Inventory().Diff(before))
			})
		})
	}
}

func TestCreateVMReportsTheFaultOfTheServer(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		e.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Zone: "z1", Reason: simulator.NoValidHost, Times: -1})
		before := e.cloud.Inventory()
		_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","availability_zone":"z1"}`))
		assert.Contains(e, e.requireKind(err, bosh.VMCreationFailed), "No valid host was found")
		assert.True(e, bosh.AsError(err).OKToRetry)
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}

// A Nova that is too old refuses the request in all zones, so only one is tried.
func TestCloudIsTooOldForTheTypeOfARootDisk(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{NovaMicroversion: 60}, func(e *env) {
		e.overrides["ignore_server_availability_zone"] = true
		before := e.cloud.Inventory()
		properties := `{"instance_type":"m1.small","availability_zones":["z1","z2"],"boot_from_volume":true,"root_disk":{"size":5%s}}`
		_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), fmt.Sprintf(properties, `,"type":"hdd"`)))
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "cloud_properties.root_disk.type needs Nova API 2.67, which came with OpenStack Stein")
		assert.Empty(e, e.cloud.Inventory().Diff(before))
		posts := slices.DeleteFunc(e.cloud.Journal(), func(e simulator.Exchange) bool { return e.Call() != "POST /servers" })
		assert.Len(e, posts, 1)

		_, err = e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), fmt.Sprintf(properties, "")))
		require.NoError(e, err)
	})
}

func TestCreateVMTriesTheNextZone(t *testing.T) {
	t.Parallel()
	for range 4 { // the order is random
		inCloud(t, simulator.Options{}, func(e *env) {
			e.overrides["ignore_server_availability_zone"] = true
			e.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Zone: "z1", Reason: simulator.NoValidHost, Times: -1})
			before := e.cloud.Inventory()
			created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","availability_zones":["z1","z2"]}`))
			require.NoError(e, err)
			server, err := e.cpi().compute.Server(e.Context(), string(created.CID))
			require.NoError(e, err)
			assert.Equal(e, "z2", server.AvailabilityZone)
			assert.ElementsMatch(e, []string{"+ server", "+ port"}, withoutFields(e.changes(before)))
		})
	}
}

// Every attempt creates ports of its own, whose MAC addresses the agent needs.
func TestMACAddressesAreThoseOfTheLastAttempt(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		e.overrides["ignore_server_availability_zone"], e.overrides["use_dhcp"], e.overrides["config_drive"] = true, false, "cdrom"
		e.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Reason: simulator.NoValidHost, Times: 1})
		args := e.newVM(e.twoNetworks(), `{"instance_type":"m1.small","availability_zones":["z1","z2"]}`)
		arguments := string(bosh.JSON(args.Networks))
		created, err := e.cpi().CreateVM(e.Context(), args)
		require.NoError(e, err)
		assert.Contains(e, e.log.String(), "VM could not be created in this zone")
		assert.Equal(e, arguments, string(bosh.JSON(args.Networks)), "the arguments are unchanged")

		ports, err := e.cpi().network.PortsOfDevice(e.Context(), string(created.CID))
		require.NoError(e, err)
		require.Len(e, ports, 2)
		macs := map[string]string{}
		for _, port := range ports {
			macs[port.FixedIPs[0].IPAddress] = port.MACAddress
		}
		var networks map[string]struct{ IP, MAC string }
		require.NoError(e, json.Unmarshal(bosh.JSON(created.Networks), &networks))
		require.Len(e, networks, 2)
		for name, network := range networks {
			assert.Equal(e, macs[network.IP], network.MAC, name)
		}
	})
}

func TestPlanIsNotChangedByAnAttempt(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		c := e.cpi()
		plan, err := c.planVM(e.Context(), e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","boot_from_volume":true}`), &openstack.Memory{})
		require.NoError(e, err)
		before := fmt.Sprintf("%+v %s", plan, bosh.JSON(plan.settings.Networks))
		created, err := c.buildVM(e.Context(), plan, "z1")
		require.NoError(e, err)
		assert.Contains(e, string(bosh.JSON(created.Networks)), `"mac":`)
		assert.Equal(e, before, fmt.Sprintf("%+v %s", plan, bosh.JSON(plan.settings.Networks)))
	})
}

// A network without port security accepts no security groups. The VM is created
// without them, and the operator is warned.
func TestCreateVMOnANetworkWithoutPortSecurity(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		client := e.neutron()
		enabled := false
		open, err := networks.Create(e.Context(), client, portsecurity.NetworkCreateOptsExt{
			CreateOptsBuilder: networks.CreateOpts{Name: "open"}, PortSecurityEnabled: &enabled,
		}).Extract()
		require.NoError(e, err)
		_, err = subnets.Create(e.Context(), client, subnets.CreateOpts{NetworkID: open.ID, CIDR: "192.168.7.0/24", IPVersion: 4}).Extract()
		require.NoError(e, err)

		args := e.newVM(e.networks(`{"open":{"type":"manual","ip":"192.168.7.7","cloud_properties":{"net_id":%q}}}`, open.ID), smallVM)
		created, err := e.cpi().CreateVM(e.Context(), args)
		require.NoError(e, err)
		ports, err := e.cpi().network.PortsOfDevice(e.Context(), string(created.CID))
		require.NoError(e, err)
		require.Len(e, ports, 1)
		assert.Empty(e, ports[0].SecurityGroups)
		assert.Regexp(e, `level=WARN msg="port is created without security groups.* network=`+open.ID, e.log.String())
	})
}

func TestCreateVMFollowsItsDisks(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","availability_zone":"z2"}`))
		require.NoError(e, err)
		disk, err := e.cpi().CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1024, VM: created.CID})
		require.NoError(e, err)

		args := e.newVM(e.manual("10.0.0.11"), smallVM)
		args.Disks = []bosh.DiskCID{disk}
		follower, err := e.cpi().CreateVM(e.Context(), args)
		require.NoError(e, err)
		server, err := e.cpi().compute.Server(e.Context(), string(follower.CID))
		require.NoError(e, err)
		assert.Equal(e, "z2", server.AvailabilityZone)

		args = e.newVM(e.manual("10.0.0.12"), `{"instance_type":"m1.small","availability_zone":"z1"}`)
		args.Disks = []bosh.DiskCID{disk}
		_, err = e.cpi().CreateVM(e.Context(), args)
		assert.Contains(e, e.requireKind(err, bosh.CloudError), "can't use multiple availability zones: VM is created in AZ 'z1', disk '"+string(disk)+"' is in AZ 'z2'")
	})
}

func TestCreateVMDeletesAnUnusedPortWithItsAddress(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		vm := e.vm("10.0.0.10")
		ports, err := e.cpi().network.PortsOfDevice(e.Context(), string(vm))
		require.NoError(e, err)
		require.NoError(e, e.cpi().compute.DeleteServer(e.Context(), string(vm)), "Nova keeps the port, as after a crash of the CPI")
		again := e.vm("10.0.0.10")
		assert.NotContains(e, e.cloud.Inventory(), "port "+ports[0].ID)
		found, err := e.cpi().network.PortsOfDevice(e.Context(), string(again))
		require.NoError(e, err)
		assert.Equal(e, "10.0.0.10", found[0].FixedIPs[0].IPAddress)
	})
}

func TestFailedCreateVMRestoresTheFloatingIP(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		ip := e.floatingIP()
		withVIP := func(address string) bosh.CreateVMArgs {
			return e.newVM(append(e.manual(address), e.networks(`{"v":{"type":"vip","ip":%q}}`, ip)...),
				fmt.Sprintf(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":%q,"port":80}]}`, e.pool()))
		}
		first, err := e.cpi().CreateVM(e.Context(), withVIP("10.0.0.10"))
		require.NoError(e, err)
		holder := func() string {
			found, err := e.cpi().network.FloatingIPs(e.Context(), []string{ip})
			require.NoError(e, err)
			return found[0].FixedIP
		}
		require.Equal(e, "10.0.0.10", holder())

		e.cloud.Inject(simulator.Fault{On: "POST /servers/{id}/metadata", Status: http.StatusForbidden})
		before := e.cloud.Inventory()
		_, err = e.cpi().CreateVM(e.Context(), withVIP("10.0.0.11"))
		e.requireKind(err, bosh.VMCreationFailed)
		assert.Equal(e, "10.0.0.10", holder())
		assert.Empty(e, e.cloud.Inventory().Diff(before))

		_, err = e.cpi().CreateVM(e.Context(), withVIP("10.0.0.12"))
		require.NoError(e, err)
		assert.Equal(e, "10.0.0.12", holder(), "a VM that is created keeps it")
		_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: first.CID})
		require.NoError(e, err)
	})
}

// Of several VMs that are created with the same floating IP at the same time one
// gets it.
func TestConcurrentVMsWithOneFloatingIP(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		ip := e.floatingIP()
		var created atomic.Int32
		var all sync.WaitGroup
		for i := range 4 {
			args := e.newVM(append(e.manual(fmt.Sprintf("10.0.0.%d", 10+i)), e.networks(`{"v":{"type":"vip","ip":%q}}`, ip)...), smallVM)
			c := e.cpi()
			c.log = slog.New(slog.DiscardHandler)
			all.Go(func() {
				_, err := c.CreateVM(e.Context(), args)
				if err == nil {
					created.Add(1)
					return
				}
				assert.Contains(e, e.requireKind(err, bosh.VMCreationFailed), "by another call at the same time")
				assert.False(e, bosh.AsError(err).OKToRetry, "the repetition would take it")
			})
		}
		all.Wait()
		assert.EqualValues(e, 1, created.Load())
	})
}

// A change of the floating IP that is no association does not matter, nor does a
// lost response.
func TestFloatingIPChangesDuringTheCreation(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		ip := e.floatingIP()
		args := e.newVM(append(e.manual("10.0.0.10"), e.networks(`{"v":{"type":"vip","ip":%q}}`, ip)...), smallVM)
		found, err := e.cpi().network.FloatingIPs(e.Context(), []string{ip})
		require.NoError(e, err)
		time.AfterFunc(time.Second, func() {
			description := "changed"
			_, err := floatingips.Update(e.Context(), e.neutron(), found[0].ID, floatingips.UpdateOpts{Description: &description}).Extract()
			assert.NoError(e, err)
		})
		e.cloud.Inject(simulator.Fault{On: "PUT /floatingips/{id}", Nth: 3, Kind: simulator.LostAnswer})
		_, err = e.cpi().CreateVM(e.Context(), args)
		require.NoError(e, err)
		found, err = e.cpi().network.FloatingIPs(e.Context(), []string{ip})
		require.NoError(e, err)
		assert.Equal(e, "10.0.0.10", found[0].FixedIP)
	})
}

// A floating IP of others is not moved.
func TestFloatingIPOfOthers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		hold func(e *env) (portID string)
		word string
	}{
		"an operator's port": {word: "was not created by this CPI", hold: func(e *env) string {
			return e.portWith("10.0.0.20", ports.CreateOpts{Name: "bastion"}).ID
		}},
		"a VM of another director": {word: "belongs to the director another-director", hold: func(e *env) string {
			c := e.cpi()
			c.request.Context.DirectorUUID = "another-director"
			created, err := c.CreateVM(e.Context(), e.newVM(e.manual("10.0.0.20"), smallVM))
			require.NoError(e, err)
			found, err := c.network.PortsOfDevice(e.Context(), string(created.CID))
			require.NoError(e, err)
			return found[0].ID
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				ip, holder := e.floatingIP(), test.hold(e)
				found, err := e.cpi().network.FloatingIPs(e.Context(), []string{ip})
				require.NoError(e, err)
				require.NoError(e, e.cpi().network.AssociateFloatingIP(e.Context(), found[0].ID, holder, ""))
				before := e.cloud.Inventory()
				_, err = e.cpi().CreateVM(e.Context(), e.newVM(append(e.manual("10.0.0.10"), e.networks(`{"v":{"type":"vip","ip":%q}}`, ip)...), smallVM))
				text := e.requireKind(err, bosh.VMCreationFailed)
				assert.Contains(e, text, holder)
				assert.Contains(e, text, test.word)
				assert.Empty(e, e.cloud.Inventory().Diff(before))
			})
		})
	}
}

func TestAddressPairs(t *testing.T) {
	t.Parallel()
	for properties, want := range map[string][]string{
		`"10.0.0.50"`:               {"10.0.0.50"},
		`["10.0.0.50","10.0.0.51"]`: {"10.0.0.50", "10.0.0.51"},
		`[{"ip_address":"10.0.0.50","mac_address":"fa:16:3e:00:00:50"}]`: {"10.0.0.50"},
	} {
		inCloud(t, simulator.Options{}, func(e *env) {
			e.vm("10.0.0.50")
			e.vm("10.0.0.51")
			created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","allowed_address_pairs":`+properties+`}`))
			require.NoError(e, err)
			ports, err := e.cpi().network.PortsOfDevice(e.Context(), string(created.CID))
			require.NoError(e, err)
			var got []string
			for _, pair := range ports[0].AllowedAddressPairs {
				got = append(got, pair.IPAddress)
			}
			assert.Equal(e, want, got)
		})
	}
}

// A director repeats a creation that failed because a service, or a gateway
// before it, did not answer. Nothing is left of the first try.
func TestDirectorRepeatsCreateVMAfterTransientErrors(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"port, 504":          {On: "POST /ports", Status: http.StatusGatewayTimeout},
		"port, time-out":     {On: "POST /ports", Kind: simulator.Dropped},
		"port, 503 always":   {On: "POST /ports", Status: http.StatusServiceUnavailable, Times: -1},
		"server, 504":        {On: "POST /servers", Status: http.StatusGatewayTimeout},
		"server, 503 always": {On: "POST /servers", Status: http.StatusServiceUnavailable, Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				before := e.cloud.Inventory()
				e.cloud.Inject(fault)
				args := e.newVM(e.manual("10.0.0.10"), smallVM)
				_, err := e.cpi().CreateVM(e.Context(), args)
				e.requireKind(err, bosh.VMCreationFailed)
				assert.True(e, bosh.AsError(err).OKToRetry, err)
				assert.Empty(e, e.cloud.Inventory().Diff(before))
			})
		})
	}
}
