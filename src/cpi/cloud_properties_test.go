package cpi

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// Every property without effect has a warning. With strict_cloud_properties it is
// an error, before anything is created.
func TestIgnoredCloudProperties(t *testing.T) {
	t.Parallel()
	type call func(e *env, c *CPI) error
	vm := func(properties string) call {
		return func(e *env, c *CPI) error {
			_, err := c.CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), properties))
			return err
		}
	}
	disk := func(properties string) call {
		return func(e *env, c *CPI) error {
			_, err := c.CreateDisk(e.Context(), bosh.CreateDiskArgs{SizeMiB: 1024, CloudProperties: json.RawMessage(properties)})
			return err
		}
	}
	for name, test := range map[string]struct {
		call    call
		ignored []string
	}{
		"VM": {vm(`{"instance_type":"m1.small","securty_groups":["bosh"],"config_drives":true,"vnic_typ":"normal"}`), []string{
			"cloud_properties.config_drives is unknown; did you mean config_drive?", "cloud_properties.securty_groups is unknown; did you mean security_groups?",
			"cloud_properties.vnic_typ is unknown; did you mean vnic_type?",
		}},
		"root disk": {vm(`{"instance_type":"m1.small","boot_from_volume":true,"root_disk":{"size":5,"typ":"hdd"}}`), []string{
			"cloud_properties.root_disk.typ is unknown; did you mean type?",
		}},
		"root disk without a boot volume": {vm(`{"instance_type":"m1.small","root_disk":{"size":5}}`), []string{
			"cloud_properties.root_disk has no effect: the VM does not boot from a volume (boot_from_volume)",
		}},
		"pool": {func(e *env, c *CPI) error {
			return vm(`{"instance_type":"m1.small","loadbalancer_pools":[{"name":"`+e.pool()+`","port":80,"weigth":1}]}`)(e, c)
		}, []string{"cloud_properties.loadbalancer_pools[0].weigth is unknown; did you mean weight?"}},
		"address pair": {func(e *env, c *CPI) error {
			e.vm("10.0.0.50")
			return vm(`{"instance_type":"m1.small","allowed_address_pairs":[{"ip_address":"10.0.0.50","mac":"fa:16:3e:00:00:50"}]}`)(e, c)
		}, []string{"cloud_properties.allowed_address_pairs[0].mac is unknown"}},
		"network": {func(e *env, c *CPI) error {
			args := e.newVM(e.networks(`{"private":{"type":"manual","ip":"10.0.0.10","cloud_properties":{"net_id":%q,"security_group":["x"]}}}`,
				e.cloud.Fixtures().Networks["private"]), smallVM)
			_, err := c.CreateVM(e.Context(), args)
			return err
		}, []string{"networks.private.cloud_properties.security_group is unknown; did you mean security_groups?"}},
		"disk": {disk(`{"typ":"hdd","a_zone":"z2"}`), []string{
			"cloud_properties.a_zone is unknown", "cloud_properties.typ is unknown; did you mean type?",
		}},
		"stemcell": {func(e *env, c *CPI) error {
			properties := strings.Replace(stemcellProperties, `"os_type"`, `"hw_disk_bus":"scsi","os_other":"x","architectur":"x86_64","os_type"`, 1)
			_, err := c.CreateStemcell(e.Context(), bosh.CreateStemcellArgs{ImagePath: e.stemcellArchive(1 << 10), CloudProperties: json.RawMessage(properties)})
			return err
		}, []string{"cloud_properties.architectur is unknown; did you mean architecture?"}},
		"light stemcell": {func(e *env, c *CPI) error {
			_, err := c.CreateStemcell(e.Context(), bosh.CreateStemcellArgs{CloudProperties: json.RawMessage(`{"image_id":"` + e.image() + `","nam":"x"}`)})
			return err
		}, []string{"cloud_properties.nam is unknown; did you mean name?"}},
		"nothing is ignored": {vm(`{"Instance_Type":"m1.small","security_groups":null,"scheduler_hints":{"any":{"thing":1}}}`), nil},
		"no properties":      {disk(`null`), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{}, func(e *env) {
				require.NoError(e, test.call(e, e.cpi()))
				assert.Equal(e, len(test.ignored), strings.Count(e.log.String(), "cloud property ignored"))
				for _, text := range test.ignored {
					assert.Contains(e, e.log.String(), text)
				}
			})
			inCloud(t, simulator.Options{}, func(e *env) {
				e.overrides["strict_cloud_properties"] = true
				err := test.call(e, e.cpi())
				if test.ignored == nil {
					require.NoError(e, err)
					return
				}
				text := e.requireKind(err, bosh.CPIError)
				assert.Equal(e, strings.Join(test.ignored, "; ")+" (openstack.strict_cloud_properties is true)", text)
				for _, call := range []string{"POST /ports", "POST /servers", "POST /volumes", "POST /images"} {
					if name != "address pair" { // whose other VM has a port
						assert.Zero(e, e.calls(call), call)
					}
				}
			})
		})
	}
}

// A value of the wrong type is named with its path in the document, before anything
// is requested.
func TestWrongTypesOfCloudProperties(t *testing.T) {
	t.Parallel()
	for properties, text := range map[string]string{
		`{"vnic_type":1}`:                              "cloud_properties.vnic_type must not be a number",
		`{"root_disk":{"size":"5"}}`:                   "cloud_properties.root_disk.size must not be a string",
		`{"security_groups":["a",1]}`:                  "cloud_properties.security_groups[1] must not be a number",
		`{"loadbalancer_pools":[{},{"port":[]}]}`:      "cloud_properties.loadbalancer_pools[1].port must not be an array",
		`{"config_drive":"yes"}`:                       "cloud_properties: config_drive must be true, false, disk or cdrom",
		`{"allowed_address_pairs":[{"ip_address":1}]}`: "cloud_properties: allowed_address_pairs must be an IP address, or a list of them",
		`[]`: "cloud_properties must not be an array",
	} {
		inCloud(t, simulator.Options{}, func(e *env) {
			_, err := e.cpi().CreateVM(e.Context(), e.newVM(e.manual("10.0.0.10"), properties))
			assert.Equal(e, text, e.requireKind(err, bosh.CPIError))
			assert.Empty(e, e.cloud.Journal())
		})
	}
	var networks bosh.Networks
	err := json.Unmarshal([]byte(`{"a":{"cloud_properties":{"tags":["x",1]}}}`), &networks)
	assert.EqualError(t, err, "a: cloud_properties.tags[1] must not be a number")
}
