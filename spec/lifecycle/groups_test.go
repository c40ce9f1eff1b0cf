package lifecycle_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/piston/openstack-bosh-cpi/spec/target"
)

// groups returns the default security group of cpi.json and another one.
func (s *scenario) groups() (standard, name, id string) {
	s.Helper()
	defaults := fmt.Sprint(target.Properties(s.config)["default_security_groups"])
	for _, group := range slices.Sorted(maps.Keys(s.fixtures.SecurityGroups)) {
		if "["+group+"]" == defaults {
			standard = s.fixtures.SecurityGroups[group]
		} else {
			name, id = group, s.fixtures.SecurityGroups[group]
		}
	}
	s.needs(standard != "" && id != "", "two security groups, one of which is default_security_groups of cpi.json")
	return standard, name, id
}

func TestSecurityGroups(t *testing.T) {
	onManualAndDynamic(t, func(s *scenario, newNetwork func() network) {
		standard, name, id := s.groups()
		in := func(properties object, ofNetwork ...string) []string {
			chosen := newNetwork()
			if len(ofNetwork) > 0 {
				chosen.Spec["cloud_properties"].(object)["security_groups"] = ofNetwork
			}
			vm := s.createVM(vmArguments{networks: networks{chosen}, properties: properties})
			return s.portOf(vm.cid).SecurityGroups
		}
		assert.Equal(s, []string{standard}, in(nil), "of cpi.json")
		assert.Equal(s, []string{id}, in(nil, name), "of the network, by name")
		assert.Equal(s, []string{id}, in(nil, id), "of the network, by id")
		assert.Equal(s, []string{id}, in(object{"security_groups": []string{name}}, standard), "the VM's, by name, override the network's")
		assert.Equal(s, []string{id}, in(object{"security_groups": []string{id}}), "the VM's, by id")
	})
}

func TestUnknownSecurityGroup(t *testing.T) {
	s := newScenario(t)
	s.createVMFails("CloudError", []string{"Security group `no-such-group' not found"}, vmArguments{
		networks: networks{s.manual("private")}, properties: object{"security_groups": []string{"no-such-group"}},
	})
}
