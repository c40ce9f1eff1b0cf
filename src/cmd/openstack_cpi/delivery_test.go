package main

import (
	"encoding/json"
	"errors"
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// brokenPipe accepts a number of bytes and fails then.
type brokenPipe struct{ accepts int }

func (p *brokenPipe) Write(data []byte) (int, error) {
	n := min(p.accepts, len(data))
	p.accepts -= n
	if n < len(data) {
		return n, errors.New("broken pipe")
	}
	return n, nil
}

// A caller that does not get the CID cannot delete the object, so the call
// deletes it.
func TestUndeliveredAnswersAreUndone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		openstack map[string]any
		prepare   func(i *installation) (method string, arguments []any)
	}{
		"create_stemcell": {prepare: func(i *installation) (string, []any) {
			return "create_stemcell", []any{stemcellArchive(i.T), map[string]any{"name": "s", "version": "1", "disk_format": "qcow2", "container_format": "bare"}}
		}},
		"create_vm": {prepare: newVM},
		"create_vm from a volume": {
			openstack: map[string]any{"boot_from_volume": true}, prepare: newVM,
		},
		"create_disk": {prepare: func(*installation) (string, []any) {
			return "create_disk", []any{1024, map[string]any{}}
		}},
		"attach_disk": {prepare: func(i *installation) (string, []any) {
			var disk string
			i.must(&disk, "create_disk", 1024, map[string]any{})
			method, arguments := newVM(i)
			var created []json.RawMessage
			i.must(&created, method, arguments...)
			var vm string
			require.NoError(i, json.Unmarshal(created[0], &vm))
			return "attach_disk", []any{vm, disk}
		}},
		"snapshot_disk": {prepare: func(i *installation) (string, []any) {
			var disk string
			i.must(&disk, "create_disk", 1024, map[string]any{})
			return "snapshot_disk", []any{disk, map[string]any{}}
		}},
	} {
		for where, accepts := range map[string]int{"reader gone": 0, "pipe broken after 5 bytes": 5} {
			t.Run(name+", "+where, func(t *testing.T) {
				t.Parallel()
				installed(t, simulator.Options{}, func(i *installation) {
					i.configure(maps.Clone(test.openstack))
					method, arguments := test.prepare(i)
					before := i.cloud.Inventory()

					assert.Equal(t, 1, i.serve(&brokenPipe{accepts}, i.request(method, arguments...)))
					assert.Empty(t, i.cloud.Inventory().Diff(before))
				})
			})
		}
	}
}

// What cannot be undone is named in the log.
func TestUndeliveredAnswersNameWhatIsLeft(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		before := i.cloud.Inventory()
		i.cloud.Inject(simulator.Fault{On: "DELETE /volumes/{id}", Status: 403, Times: -1})

		assert.Equal(t, 1, i.serve(&brokenPipe{}, i.request("create_disk", 1024, map[string]any{})))
		left := i.cloud.Leaks(before)
		require.Len(t, left, 1)
		var volume string
		for key := range i.cloud.Inventory() {
			if _, known := before[key]; !known {
				volume = key
			}
		}
		require.NotEmpty(t, volume)
		assert.Contains(t, i.stderr.String(), "left behind, delete by hand: "+"volume volume-")
		assert.Contains(t, i.stderr.String(), volume[len("volume "):])
	})
}

func newVM(i *installation) (method string, arguments []any) {
	return "create_vm", []any{"agent", i.image(), map[string]any{"instance_type": "m1.small"}, i.network("10.0.0.10"), []string{}, env}
}
