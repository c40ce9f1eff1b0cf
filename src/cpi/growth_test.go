package cpi

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// The bytes of one of those objects of which calls may read all.
const (
	bytesOfFlavor      = 512
	bytesOfServerGroup = 256
)

// A call sends the same requests, and reads as many bytes, whether the project has
// few or many objects. Nova has no filter for the names of flavors and server
// groups: a call that looks one up reads all of them. create_vm does so with
// flavors once in ten minutes.
func TestCallsDoNotGrow(t *testing.T) {
	t.Parallel()
	project := func(objects int) simulator.Population {
		return simulator.Population{
			Networks: objects, SecurityGroups: objects, Ports: objects, Flavors: objects, KeyPairs: objects, ServerGroups: objects,
			Servers: objects, Volumes: objects, Snapshots: objects, Images: objects,
		}
	}
	const few, many = 2, 50
	for _, s := range append(readers(), scenarios()...) {
		for _, state := range []string{"cold", "warm"} {
			if !sampled(1, s.name+state) {
				continue
			}
			t.Run(s.name+" "+state, func(t *testing.T) {
				t.Parallel()
				recordedIn := func(objects int) recorded {
					if state == "cold" {
						return recordIn(t, project(objects), s, "")
					}
					return recordIn(t, project(objects), s, filepath.Join(t.TempDir(), "cache"))
				}
				before, after := recordedIn(few), recordedIn(many)
				bytes := before.bytes
				if s.name == "calculate_vm_cloud_properties" || state == "cold" && strings.HasPrefix(s.name, "create_vm ") {
					bytes += many * bytesOfFlavor
				}
				if strings.Contains(s.name, "server group") {
					bytes += int64(len(before.calls) * many * bytesOfServerGroup)
				}
				assert.Equal(t, len(before.calls)+before.polls, len(after.calls)+after.polls, "requests: %v", after.calls)
				assert.LessOrEqual(t, float64(after.bytes), 1.02*float64(bytes), "bytes")
			})
		}
	}
}
