package cpi

import (
	"encoding/json"
	"log/slog"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/mark"
)

// FuzzCloudProperties checks that cloud_properties of VMs, networks and disks are
// decoded, or refused with an error that names a key of the document. What was
// decoded is not changed by encoding it, and every unknown key is reported.
func FuzzCloudProperties(f *testing.F) {
	targets := []reflect.Type{reflect.TypeFor[vmProperties](), reflect.TypeFor[diskProperties](), reflect.TypeFor[bosh.NetworkProperties]()}
	for i, seed := range []string{
		`{"instance_type":"m1.small","availability_zone":"z1","key_name":"bosh","security_groups":["a","b"],"boot_from_volume":true,"root_disk":{"size":20,"type":"ssd"}}`,
		`{"type":"ssd","name":"d"}`,
		`{"net_id":"5a2c9d1e-0000-4000-8000-000000000000","security_groups":["bosh"],"vrrp_port_check":false}`,
		`{"Instance_Type":"m1.small","availability_zones":["z1","z2"],"scheduler_hints":{"group":"g","same_host":["h",1.5]},"allowed_address_pairs":"10.0.0.5"}`,
		`{"type":null,"typ":"ssd"}`,
		`{"net_id":5,"security_groups":"bosh"}`,
		`{"allowed_address_pairs":[{"ip_address":"10.0.0.5","mac_address":"fa:16:3e:00:00:05"},"10.0.0.6/32"],"loadbalancer_pools":[{"name":"p","port":80,"monitoring_port":81,"weigth":1}]}`,
		`{"type":["ssd"]}`,
		`null`,
		`{"root_disk":{"size":1.5},"loadbalancer_pools":[{"port":"80"}]}`,
	} {
		f.Add(uint8(i), []byte(seed))
	}
	f.Fuzz(func(t *testing.T, which uint8, document []byte) {
		target := targets[int(which)%len(targets)]
		decoded := reflect.New(target).Interface()
		if !json.Valid(document) {
			assert.True(t, len(document) == 0 || decode(document, decoded) != nil, "%q was decoded", document)
			return
		}
		if err := decode(document, decoded); err != nil {
			namesKeyOf(t, err, document)
			return
		}
		encoded, err := json.Marshal(decoded)
		require.NoError(t, err)
		again := reflect.New(target).Interface()
		require.NoError(t, decode(encoded, again), "%s", encoded)
		assert.Equal(t, decoded, again, "%s", encoded)
		assert.Empty(t, unknownKeys(cloudProperties, encoded, target), "%s", encoded)
		unknown := unknownKeys(cloudProperties, document, target)
		for key := range members(document) {
			known := slices.ContainsFunc(keysOfType(target), func(name string) bool { return strings.EqualFold(name, key) })
			reported := slices.ContainsFunc(unknown, func(text string) bool {
				return strings.HasPrefix(text, cloudProperties+"."+config.ShownKey(key)+" is unknown")
			})
			assert.True(t, known || reported, "%q is neither known nor reported", key)
		}
		if properties, ok := decoded.(*vmProperties); ok {
			checkVMProperties(t, *properties)
		}
	})
}

// keysOfType returns the keys of a type of cloud_properties.
func keysOfType(of reflect.Type) (names []string) {
	for field := range of.Fields() {
		names = append(names, field.Tag.Get("json"))
	}
	return names
}

// namesKeyOf checks that the error is one of the contract, and that the key that
// it names is in the document.
func namesKeyOf(t *testing.T, err error, document []byte) {
	t.Helper()
	assert.Equal(t, bosh.CPIError, bosh.AsError(err).Kind)
	_, rest, found := strings.Cut(err.Error(), cloudProperties)
	require.True(t, found, err.Error())
	if members(document) == nil {
		return
	}
	key := regexp.MustCompile(`^(?:\.|: )([a-z_]+)`).FindStringSubmatch(rest)
	require.NotNil(t, key, err.Error())
	present := func(name string) bool { return strings.EqualFold(name, key[1]) }
	assert.True(t, slices.ContainsFunc(slices.Collect(maps.Keys(members(document))), present), "%s, in %s", err, document)
}

func checkVMProperties(t *testing.T, properties vmProperties) {
	t.Helper()
	for _, pair := range properties.AllowedAddressPairs {
		assert.NotEmpty(t, pair.IPAddress)
	}
	if properties.check(true) != nil {
		return
	}
	assert.NotEmpty(t, properties.InstanceType)
	for _, pool := range properties.LoadBalancerPools {
		assert.NotEmpty(t, pool.Name)
		assert.NotZero(t, pool.Port)
	}
	if properties.RootDisk != nil && properties.RootDisk.Size != nil {
		assert.Positive(t, *properties.RootDisk.Size)
	}
}

// FuzzTags checks that tags and the properties of a stemcell become metadata that
// the services accept, always the same, and without keys of the CPI.
func FuzzTags(f *testing.F) {
	for _, seed := range []string{
		`{"name":"bosh-openstack-kvm","version":"1.2","disk_format":"qcow2","hypervisor":"kvm","hw_disk_bus":"scsi","auto_disk_config":true}`,
		`{"deployment":"cf","job":"router","index":0,"id":"x","created_at":"2026-01-01T00:00:00Z","nested":{"a":[1,null]},"":"empty","null":null}`,
		`{"a/b":1,"bosh_cpi":"other","lbaas_pool_1":"x","director_uuid":"d","ünï":1e21}`,
	} {
		f.Add([]byte(seed))
	}
	c := &CPI{log: slog.New(slog.DiscardHandler)}
	f.Fuzz(func(t *testing.T, document []byte) {
		var metadata bosh.Metadata
		if json.Unmarshal(document, &metadata) != nil {
			return
		}
		for _, refused := range []*regexp.Regexp{refusedByNova, refusedByCinder} {
			tags := c.tags(metadata, refused, slog.String("server", "x"))
			assert.Equal(t, tags, c.tags(metadata, refused, slog.String("server", "x")), "the result does not depend on chance")
			for key, value := range tags {
				assert.False(t, key == "" || refused.MatchString(key) || mark.Reserved(key), key)
				assert.LessOrEqual(t, utf8.RuneCountInString(key), 255)
				assert.LessOrEqual(t, utf8.RuneCountInString(value), 255)
			}
		}
		properties := imageProperties(metadata, metadata)
		assert.Equal(t, properties, imageProperties(metadata, metadata), "the result does not depend on chance")
		for key, value := range properties {
			assert.NotContains(t, []string{"", "name", "id", "visibility", "disk_format", "container_format", "status", "owner", "protected", "tags"}, key)
			assert.LessOrEqual(t, utf8.RuneCountInString(key), 255)
			assert.LessOrEqual(t, utf8.RuneCountInString(value), 255)
		}
	})
}
