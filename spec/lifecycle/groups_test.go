package lifecycle_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// groups returns the default security group of cpi.json and another one.
func (s *scenario) groups() (standard, name, id string) {
	s.Helper()
	defaults := fmt.Sprint(section(s.config)["default_security_groups"])
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
	for kind, choose := range map[string]func(s *scenario) network{
		"manual":  func(s *scenario) network { return s.manual("private") },
		"dynamic": func(s *scenario) network { return s.dynamic("private") },
	} {
		t.Run(kind, func(t *testing.T) {
			s := newScenario(t)
			standard, name, id := s.groups()
			in := func(properties object, ofNetwork ...string) []string {
				chosen := choose(s)
				if len(ofNetwork) > 0 {
					chosen.Spec["cloud_properties"].(object)["security_groups"] = ofNetwork
				}
				vm := s.createVM(vmArguments{networks: networks{chosen}, properties: properties})
				return s.portOf(vm.cid).SecurityGroups
			}
			assert.Equal(t, []string{standard}, in(nil), "of cpi.json")
			assert.Equal(t, []string{id}, in(nil, name), "of the network, by name")
			assert.Equal(t, []string{id}, in(nil, id), "of the network, by id")
			assert.Equal(t, []string{id}, in(object{"security_groups": []string{name}}, standard), "the VM's, by name, override the network's")
			assert.Equal(t, []string{id}, in(object{"security_groups": []string{id}}), "the VM's, by id")
		})
	}
}

func TestUnknownSecurityGroup(t *testing.T) {
	s := newScenario(t)
	s.createVMFails("CloudError", []string{"Security group `no-such-group' not found"}, vmArguments{
		networks: networks{s.manual("private")}, properties: object{"security_groups": []string{"no-such-group"}},
	})
}
