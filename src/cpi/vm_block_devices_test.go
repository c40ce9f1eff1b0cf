package cpi

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// sentServer collects the server that is requested.
type sentServer struct {
	cloud http.RoundTripper
	body  *requestedServer
}

type requestedServer struct {
	Server struct {
		UserData string           `json:"user_data"`
		Devices  []map[string]any `json:"block_device_mapping_v2"`
	} `json:"server"`
}

func (s sentServer) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method == http.MethodPost && strings.HasSuffix(request.URL.Path, "/servers") {
		body, err := request.GetBody()
		if err != nil {
			return nil, err
		}
		if err := json.NewDecoder(body).Decode(s.body); err != nil {
			return nil, err
		}
	}
	return s.cloud.RoundTrip(request)
}

// The agent puts /var/vcap/data on the disk that the VM type asks for.
func TestBlockDevices(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		properties string
		data       any      // the device in the agent's settings
		devices    []string // source, destination, size
	}{
		"none":                       {`"instance_type":"m1.tiny"`, nil, nil},
		"of the flavor":              {`"instance_type":"m1.small"`, "/dev/sdb", nil},
		"volume":                     {`"instance_type":"m1.tiny","block_devices":[{"type":"volume","size":7}]`, "/dev/sdb", []string{"image local 0", "blank volume 7"}},
		"volume after the ephemeral": {`"instance_type":"m1.small","block_devices":[{"type":"volume","size":7}]`, "/dev/sdc", []string{"image local 0", "blank volume 7"}},
		"boot volume":                {`"instance_type":"m1.tiny","boot_from_volume":true,"root_disk":{"size":5},"block_devices":[{"type":"volume","size":7}]`, "/dev/sdb", []string{"image volume 5", "blank volume 7"}},
		"smaller ephemeral disk":     {`"instance_type":"m1.small","block_devices":[{"type":"ephemeral","size":6}]`, "/dev/sdb", []string{"image local 0", "blank local 6"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				sent := sentServer{body: &requestedServer{}}
				e.wrapTransport = func(cloud http.RoundTripper) http.RoundTripper { sent.cloud = cloud; return sent }
				before := e.cloud.Inventory()
				created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), "{"+test.properties+"}"))
				require.NoError(e, err)
				var devices []string
				for _, device := range sent.body.Server.Devices {
					size, _ := device["volume_size"].(float64)
					devices = append(devices, strings.Join([]string{device["source_type"].(string), device["destination_type"].(string), string(bosh.JSON(size))}, " "))
					assert.Equal(e, true, device["delete_on_termination"])
				}
				assert.Equal(e, test.devices, devices)
				userData, err := base64.StdEncoding.DecodeString(sent.body.Server.UserData)
				require.NoError(e, err)
				var settings struct{ Disks struct{ Ephemeral any } }
				require.NoError(e, json.Unmarshal(userData, &settings))
				assert.Equal(e, test.data, settings.Disks.Ephemeral)

				disks, err := e.cpi().GetDisks(e.Context(), bosh.VMArgs{VM: created.CID})
				require.NoError(e, err)
				assert.Empty(e, disks, "none of them is a persistent disk")
				_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: created.CID})
				require.NoError(e, err)
				assert.Empty(e, e.cloud.Leaks(before))
			})
		})
	}
}

// The data volume has the device in the settings of the agent, and its owner. delete_vm
// deletes it if Nova does not, and keeps the persistent disks.
func TestDataVolume(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		created, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.tiny","block_devices":[{"type":"volume","size":7,"volume_type":"ssd"}]}`))
		require.NoError(e, err)
		server, err := e.nova().Server(e.Context(), string(created.CID))
		require.NoError(e, err)
		require.Len(e, server.AttachedVolumes, 1)
		volume := e.cloud.Inventory()["volume "+server.AttachedVolumes[0].ID].Fields
		assert.Equal(e, "7", volume["size"])
		assert.Equal(e, "ssd", volume["type"])
		assert.Equal(e, string(created.CID), volume["metadata."+mark.BootVolumeOf])
		assert.Equal(e, directorUUID, volume["metadata.director_uuid"])
		attachments, err := e.nova().Attachments(e.Context(), string(created.CID))
		require.NoError(e, err)
		assert.Equal(e, "/dev/vdb", attachments[0].Device)

		disk := e.disk()
		_, err = e.cpi().AttachDisk(e.Context(), bosh.VMDiskArgs{VM: created.CID, Disk: disk})
		require.NoError(e, err)
		disks, err := e.cpi().GetDisks(e.Context(), bosh.VMArgs{VM: created.CID})
		require.NoError(e, err)
		assert.Equal(e, []bosh.DiskCID{disk}, disks)
		_, err = e.cpi().DeleteVM(e.Context(), bosh.VMArgs{VM: created.CID})
		require.NoError(e, err)
		inventory := e.cloud.Inventory()
		assert.NotContains(e, inventory, "volume "+server.AttachedVolumes[0].ID)
		assert.Contains(e, inventory, "volume "+string(disk))
	})
}

// What cannot be done is refused before anything is created.
func TestRefusedBlockDevices(t *testing.T) {
	t.Parallel()
	for devices, text := range map[string]string{
		`[{"type":"floppy","size":1}]`:                            "cloud_properties.block_devices[0].type is 'floppy', which must be volume, ephemeral or swap",
		`[{"type":"volume"}]`:                                     "cloud_properties.block_devices[0].size is 0, which must be 1 GiB or more",
		`[{"type":"volume","size":1},{"type":"volume","size":2}]`: "cloud_properties.block_devices has two disks of type volume: the agent can use one",
		`[{"type":"ephemeral","size":1,"volume_type":"ssd"}]`:     "cloud_properties.block_devices[0].volume_type is for the type volume, but the type is ephemeral",
		`[{"type":"ephemeral","size":99}]`:                        "the ephemeral disk in cloud_properties.block_devices has 99 GiB, flavor 'm1.small' allows 10",
		`[{"type":"swap","size":9}]`:                              "the swap disk in cloud_properties.block_devices has 9 GiB, flavor 'm1.small' allows 0 MiB",
		`[{"type":"volume","size":"1"}]`:                          "cloud_properties.block_devices[0].size must not be a string",
		`[{"type":"volume","size":1,"typ":"x"}]`:                  "cloud_properties.block_devices[0].typ is unknown; did you mean type? (openstack.strict_cloud_properties is true)",
	} {
		inCloud(t, simulator.Options{}, func(e *env) {
			e.overrides["strict_cloud_properties"] = true
			before := e.cloud.Inventory()
			_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), `{"instance_type":"m1.small","block_devices":`+devices+`}`))
			require.EqualError(e, err, text)
			assert.Empty(e, e.cloud.Inventory().Diff(before))
		})
	}
}
