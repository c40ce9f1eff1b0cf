package lifecycle_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
)

// network is an entry of create_vm's networks, as a director sends it.
type network struct {
	Name string
	Spec object
}

// networks keep their order on the wire, which a map would not.
type networks []network

// MarshalJSON writes an object with the names in order.
func (n networks) MarshalJSON() ([]byte, error) {
	var document bytes.Buffer
	document.WriteByte('{')
	for i, one := range n {
		if i > 0 {
			document.WriteByte(',')
		}
		for j, value := range []any{one.Name, one.Spec} {
			part, err := json.Marshal(value)
			if err != nil {
				return nil, err
			}
			if j > 0 {
				document.WriteByte(':')
			}
			document.Write(part)
		}
	}
	document.WriteByte('}')
	return document.Bytes(), nil
}

// UnmarshalJSON reads an object in its order.
func (n *networks) UnmarshalJSON(document []byte) error {
	tokens := json.NewDecoder(bytes.NewReader(document))
	if _, err := tokens.Token(); err != nil {
		return err
	}
	for tokens.More() {
		name, err := tokens.Token()
		if err != nil {
			return err
		}
		one := network{Name: fmt.Sprint(name)}
		if err := tokens.Decode(&one.Spec); err != nil {
			return err
		}
		*n = append(*n, one)
	}
	return nil
}

// mac is what create_vm told of a network's interface.
func (n networks) mac(name string) any {
	for _, one := range n {
		if one.Name == name {
			return one.Spec["mac"]
		}
	}
	return nil
}

// network finds a network of the fixtures, or skips the scenario.
func (s *scenario) network(duty string) fixtures.Network {
	s.Helper()
	found := s.fixtures.Networks[duty]
	s.needs(found.ID != "", "a network for the duty "+duty)
	return found
}

// place takes a free address on a network of the fixtures.
func (s *scenario) place(duty string) cloud.NIC {
	s.Helper()
	place, err := s.placements.take(s.Context(), s.network(duty))
	require.NoError(s, err)
	return place
}

// manual is a network with a free address, as a director describes it.
func (s *scenario) manual(duty string) network {
	s.Helper()
	return manualAt(duty, s.place(duty))
}

func manualAt(name string, place cloud.NIC) network {
	spec := object{
		"type": "manual", "ip": place.Address.String(), "netmask": place.Netmask(), "gateway": place.Gateway,
		"dns": []string{"192.0.2.53"}, "default": []string{"dns", "gateway"},
		"cloud_properties": object{"net_id": place.NetworkID},
	}
	return network{name, spec}
}

// dynamic is a network on which Neutron chooses the address.
func (s *scenario) dynamic(duty string) network {
	s.Helper()
	return network{duty, object{
		"type": "dynamic", "dns": []string{"192.0.2.53"}, "default": []string{"dns", "gateway"},
		"cloud_properties": object{"net_id": s.network(duty).ID},
	}}
}

func vip(address string) network {
	return network{"public", object{"type": "vip", "ip": address, "cloud_properties": object{}}}
}

// newVM are the arguments of create_vm.
type newVM struct {
	stemcell   string // default: an image of the fixtures, as a light stemcell
	properties object // beside the flavor
	networks   networks
	disks      []string
}

// createdVM is what became of them.
type createdVM struct {
	cid      string
	networks networks
}

// arguments are those of create_vm, with secrets in the places where BOSH has them.
func (s *scenario) arguments(vm newVM) []any {
	s.Helper()
	if vm.stemcell == "" {
		vm.stemcell = s.fixtures.Image() + " light"
	}
	properties := object{"instance_type": s.fixtures.PlainFlavor()}
	maps.Copy(properties, vm.properties)
	if vm.disks == nil {
		vm.disks = []string{}
	}
	env := object{"bosh": object{
		"group": "director-deployment-job", "groups": []string{"director", "deployment", "job"}, "password": "canary-vcap",
		"mbus": object{"cert": object{"ca": "a CA", "certificate": "a certificate", "private_key": "canary-key"}},
		"tags": object{"team": "blue"},
	}}
	return []any{"agent-of-" + s.director.UUID, vm.stemcell, properties, vm.networks, vm.disks, env}
}

// createVM makes a VM that is deleted when the scenario ends.
func (s *scenario) createVM(vm newVM) createdVM {
	s.Helper()
	var result json.RawMessage
	s.call(&result, "create_vm", s.arguments(vm)...)
	created := s.createdVM(result)
	s.cids = append(s.cids, created.cid)
	s.Cleanup(func() { s.call(nil, "delete_vm", created.cid) })
	return created
}

// createdVM reads the answer: [cid, networks], of version 1 only the cid.
func (s *scenario) createdVM(result json.RawMessage) (created createdVM) {
	s.Helper()
	if s.api < 2 {
		require.NoError(s, json.Unmarshal(result, &created.cid), string(result))
		return created
	}
	var pair []json.RawMessage
	require.NoError(s, json.Unmarshal(result, &pair), string(result))
	require.Len(s, pair, 2)
	require.NoError(s, json.Unmarshal(pair[0], &created.cid))
	require.NoError(s, json.Unmarshal(pair[1], &created.networks))
	return created
}

// noVM is a create_vm that must fail and leave nothing.
func (s *scenario) noVM(kind string, words []string, vm newVM) {
	s.Helper()
	before := s.everything()
	s.refused(kind, words, "create_vm", s.arguments(vm)...)
	assert.Empty(s, s.everything().Leftovers(before, s.marks()), "left behind")
}

// createDisk makes a disk that is deleted when the scenario ends.
func (s *scenario) createDisk(mib int, properties object, vm ...string) (cid string) {
	s.Helper()
	arguments := []any{mib, properties}
	for _, one := range vm {
		arguments = append(arguments, one)
	}
	s.call(&cid, "create_disk", arguments...)
	s.Cleanup(func() { s.call(nil, "delete_disk", cid) })
	return cid
}
