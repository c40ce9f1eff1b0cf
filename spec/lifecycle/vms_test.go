package lifecycle_test

import (
	"bytes"
	"cmp"
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

// networks is a JSON object whose keys keep their order.
type networks []network

// MarshalJSON encodes the networks in order.
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

// UnmarshalJSON decodes the networks in order.
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

// mac returns the MAC address of a network, or nil.
func (n networks) mac(name string) any {
	for _, one := range n {
		if one.Name == name {
			return one.Spec["mac"]
		}
	}
	return nil
}

// network returns a network of the fixtures, or skips the scenario.
func (s *scenario) network(name string) fixtures.Network {
	s.Helper()
	found := s.fixtures.Networks[name]
	s.needs(found.ID != "", "the network "+name)
	return found
}

// chooseNIC returns a NIC with a free address on a network of the fixtures.
func (s *scenario) chooseNIC(name string) cloud.NIC {
	s.Helper()
	nic, err := s.addresses.chooseNIC(s.Context(), s.network(name))
	require.NoError(s, err)
	return nic
}

// manual returns a manual network with a free address.
func (s *scenario) manual(name string) network {
	s.Helper()
	return manualAt(name, s.chooseNIC(name))
}

func manualAt(name string, nic cloud.NIC) network {
	spec := object{
		"type": "manual", "ip": nic.Address.String(), "netmask": nic.Netmask(), "gateway": nic.Gateway,
		"dns": []string{"192.0.2.53"}, "default": []string{"dns", "gateway"},
		"cloud_properties": object{"net_id": nic.NetworkID},
	}
	return network{name, spec}
}

// dynamic returns a network on which Neutron assigns the address.
func (s *scenario) dynamic(name string) network {
	s.Helper()
	return network{name, object{
		"type": "dynamic", "dns": []string{"192.0.2.53"}, "default": []string{"dns", "gateway"},
		"cloud_properties": object{"net_id": s.network(name).ID},
	}}
}

func vip(address string) network {
	return network{"public", object{"type": "vip", "ip": address, "cloud_properties": object{}}}
}

// vmArguments are the arguments of create_vm.
type vmArguments struct {
	stemcell   string // default: a light stemcell with an image of the fixtures
	properties object // in addition to the flavor
	networks   networks
	disks      []string
	agent      string // default: one agent per scenario
	env        object // in addition to what BOSH sends
}

// createdVM is the result of create_vm.
type createdVM struct {
	cid      string
	networks networks
}

// arguments returns the arguments of create_vm, with secrets where BOSH has
// them.
func (s *scenario) arguments(vm vmArguments) []any {
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
	maps.Copy(env, vm.env)
	return []any{cmp.Or(vm.agent, "agent-of-"+s.director.UUID), vm.stemcell, properties, vm.networks, vm.disks, env}
}

// createVM creates a VM that is deleted when the scenario ends.
func (s *scenario) createVM(vm vmArguments) createdVM {
	s.Helper()
	var result json.RawMessage
	s.call(&result, "create_vm", s.arguments(vm)...)
	created := s.createdVM(result)
	s.cids = append(s.cids, created.cid)
	s.Cleanup(func() { s.call(nil, "delete_vm", created.cid) })
	return created
}

// createdVM decodes the result: [cid, networks], in version 1 only the cid.
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

// createVMFails calls create_vm, which must fail and leave no objects.
func (s *scenario) createVMFails(kind string, words []string, vm vmArguments) {
	s.Helper()
	before := s.inventory()
	s.refused(kind, words, "create_vm", s.arguments(vm)...)
	assert.Empty(s, s.inventory().Leftovers(before, s.marks()), "leaked objects")
}

// createDisk creates a disk that is deleted when the scenario ends.
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
