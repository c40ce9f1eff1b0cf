package simulator_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func (c *client) attach(server, volume string, headers ...string) result {
	c.t.Helper()
	return c.send(http.MethodPost, compute+"/servers/"+server+"/os-volume_attachments",
		fmt.Sprintf(`{"volumeAttachment":{"volumeId":%q,"device":"/dev/sdx"}}`, volume), headers...)
}

func (c *client) detach(server, volume string) result {
	c.t.Helper()
	return c.send(http.MethodDelete, compute+"/servers/"+server+"/os-volume_attachments/"+volume, "")
}

// devices are the device names of the volumes of a server.
func (c *client) devices(server string) []any {
	c.t.Helper()
	names := []any{}
	r := c.send(http.MethodGet, compute+"/servers/"+server+"/os-volume_attachments", "")
	for _, attachment := range r.body["volumeAttachments"].([]any) {
		names = append(names, attachment.(map[string]any)["device"])
	}
	return names
}

func TestAttachment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		server, disk := c.server(""), c.volume("volume-1", 1)
		before := c.sim.Inventory()

		r := c.attach(server, disk)
		require.Equal(t, http.StatusOK, r.status, r.text)
		assert.Equal(t, "/dev/vdc", r.at("volumeAttachment.device"), "the ephemeral disk is vdb, the name asked for does not matter")
		status, _ := c.volumeState(disk)
		assert.Equal(t, "reserved", status)
		assert.Equal(t, []any{"/dev/vdc"}, c.devices(server))
		refused := c.detach(server, disk)
		assert.Equal(t, http.StatusBadRequest, refused.status)
		assert.Contains(t, refused.at("badRequest.message"), "Volume status must be 'in-use' and attach_status must be 'attached' to detach.")
		wait(500 * time.Millisecond)
		status, _ = c.volumeState(disk)
		assert.Equal(t, "in-use", status)
		assert.Equal(t, []any{map[string]any{"id": disk}}, c.show(server).at("server.os-extended-volumes:volumes_attached"))
		shown := c.send(http.MethodGet, compute+"/servers/"+server+"/os-volume_attachments/"+disk, "", version("2.89")...)
		assert.NotContains(t, shown.body["volumeAttachment"], "id")
		assert.NotEmpty(t, shown.at("volumeAttachment.attachment_id"))
		assert.NotEmpty(t, shown.at("volumeAttachment.bdm_uuid"))
		assert.Len(t, c.sim.Leaks(before), 1)

		assert.Equal(t, "Invalid volume: volume "+disk+" is already attached to instances: "+server,
			c.attach(server, disk).at("badRequest.message"))
		require.Equal(t, http.StatusAccepted, c.detach(server, disk).status)
		status, _ = c.volumeState(disk)
		assert.Equal(t, "detaching", status)
		wait(500 * time.Millisecond)
		status, _ = c.volumeState(disk)
		assert.Equal(t, "available", status)
		assert.Equal(t, "Instance "+server+" is not attached to volume "+disk, c.detach(server, disk).at("itemNotFound.message"))
		assert.Equal(t, "Volume "+nowhere+" could not be found.", c.attach(server, nowhere).at("itemNotFound.message"))
		assert.Equal(t, "Volume "+nowhere+" could not be found.", c.detach(server, nowhere).at("itemNotFound.message"))
		assert.Empty(t, c.sim.Leaks(before))
	})
}

func TestFreedDeviceNamesAreReused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		server := c.server("")
		disks := []string{}
		for i := range 3 {
			disks = append(disks, c.volume(fmt.Sprint("volume-", i), 1))
			require.Equal(t, http.StatusOK, c.attach(server, disks[i]).status)
			wait(time.Second)
		}
		assert.Equal(t, []any{"/dev/vdc", "/dev/vdd", "/dev/vde"}, c.devices(server))
		require.Equal(t, http.StatusAccepted, c.detach(server, disks[1]).status)
		wait(time.Second)
		assert.Equal(t, "/dev/vdd", c.attach(server, disks[1]).at("volumeAttachment.device"))
	})
}

func TestVolumesSurviveTheirServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		server, disk := c.server(""), c.volume("volume-1", 1)
		require.Equal(t, http.StatusOK, c.attach(server, disk).status)
		wait(time.Second)
		require.Equal(t, http.StatusNoContent, c.send(http.MethodDelete, compute+"/servers/"+server, "").status)
		assert.Equal(t, "Cannot 'detach_volume' instance "+server+" while it is in task_state deleting",
			c.detach(server, disk).at("conflictingRequest.message"))
		wait(time.Second)
		status, _ := c.volumeState(disk)
		assert.Equal(t, "available", status)
	})
}

func TestFailedAttachment(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		server, disk := c.server(""), c.volume("volume-1", 1)
		c.sim.InjectStateFault(simulator.StateFault{Resource: "volume", Phase: "attach"})
		require.Equal(t, http.StatusOK, c.attach(server, disk).status)
		wait(time.Second)
		status, _ := c.volumeState(disk)
		assert.Equal(t, "available", status)
		assert.Empty(t, c.devices(server))
	})
}

// bootFromVolume requests a server whose root disk is a volume that Nova
// creates.
func (c *client) bootFromVolume(mapping string, headers ...string) result {
	c.t.Helper()
	f := c.sim.Fixtures()
	return c.send(http.MethodPost, compute+"/servers", fmt.Sprintf(`{"server":{"name":"vm-1","flavorRef":%q,"networks":%s,
		"block_device_mapping_v2":[{"uuid":%q,"source_type":"image","destination_type":"volume",%s}]}}`,
		f.Flavors["m1.bfv"], c.nic("private"), f.Images["tiny-public"], mapping), headers...)
}

func TestBootFromVolume(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		before := c.sim.Inventory()
		r := c.bootFromVolume(`"volume_size":3,"boot_index":"0","delete_on_termination":"1","volume_type":"hdd"`, version("2.67")...)
		require.Equal(t, http.StatusAccepted, r.status, r.text)
		id := r.id("server")
		wait(time.Second)
		assert.Equal(t, []any{"BUILD", "building", "block_device_mapping"}, c.states(id))
		assert.Empty(t, c.show(id).at("server.os-extended-volumes:volumes_attached"))
		wait(3 * time.Second)
		assert.Equal(t, []any{"ACTIVE", "active", nil}, c.states(id))
		assert.Empty(t, c.show(id).at("server.image"))
		assert.Equal(t, []any{"/dev/vda"}, c.devices(id))
		attached := c.show(id, version("2.3")...).at("server.os-extended-volumes:volumes_attached").([]any)[0].(map[string]any)
		assert.Equal(t, true, attached["delete_on_termination"])
		root := c.send(http.MethodGet, c.volumes("/volumes/"+attached["id"].(string)), "")
		assert.Equal(t, "in-use", root.at("volume.status"))
		assert.Equal(t, "hdd", root.at("volume.volume_type"))
		assert.InDelta(t, 3, root.at("volume.size"), 0)
		assert.Equal(t, "Cannot detach a root device volume", c.detach(id, attached["id"].(string)).at("badRequest.message"))
		c.delete(id)
		wait(time.Second)
		assert.Empty(t, c.sim.Leaks(before))
	})
}

func TestBootVolumeFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, simulator.Options{})
		before := c.sim.Inventory()
		c.sim.InjectStateFault(simulator.StateFault{Resource: "volume", Phase: "create"})
		id := c.bootFromVolume(`"volume_size":3,"boot_index":0,"delete_on_termination":true`).id("server")
		wait(5 * time.Second)
		assert.Equal(t, "ERROR", c.show(id).at("server.status"))
		assert.Contains(t, c.show(id).at("server.fault.message"), "did not finish being created even after we waited")
		assert.Len(t, c.sim.Leaks(before), 1)
	})
}

func TestBlockDevicesAreRefused(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]struct{ mapping, microversion, message string }{
		"no size":         {`"boot_index":0`, "2.1", "Images with destination_type 'volume' need to have a non-zero size specified"},
		"odd size":        {`"volume_size":"x","boot_index":0`, "2.1", "Invalid input for field/attribute volume_size. Value: x. 'x' does not match '^[0-9]+$'"},
		"no root":         {`"volume_size":1,"boot_index":1`, "2.1", "Block Device Mapping is Invalid: Boot sequence for the instance and image/block device mapping combination is not valid."},
		"unknown type":    {`"volume_size":1,"boot_index":0,"volume_type":"x"`, "2.67", "Volume type x could not be found."},
		"unknown boolean": {`"volume_size":1,"boot_index":0,"delete_on_termination":"x"`, "2.1", "Invalid input for field/attribute delete_on_termination. Value: x. 'x' is not one of [True, 'True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes', False, 'False', 'FALSE', 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no']"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, simulator.Options{})
			r := c.bootFromVolume(refused.mapping, version(refused.microversion)...)
			assert.Equal(t, http.StatusBadRequest, r.status)
			assert.Equal(t, refused.message, r.at("badRequest.message"))
		})
	}
}

func TestFlavorWithoutDiskNeedsAVolume(t *testing.T) {
	t.Parallel()
	c := newCloud(t, simulator.Options{})
	f := c.sim.Fixtures()
	r := c.send(http.MethodPost, compute+"/servers", fmt.Sprintf(`{"server":{"name":"vm","flavorRef":%q,"imageRef":%q,"networks":%s}}`,
		f.Flavors["m1.bfv"], f.Images["tiny-public"], c.nic("private")))
	assert.Equal(t, "Only volume-backed servers are allowed for flavors with zero disk.", r.at("forbidden.message"))
}
