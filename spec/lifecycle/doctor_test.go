package lifecycle_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// finding is a finding in the JSON output of the command doctor.
type finding struct{ Check, Level, Subject, Text, Advice string }

// doctor runs the command doctor with a cloud config and returns its exit code
// and the findings.
func (s *scenario) doctor(cloudConfig object, arguments ...string) (code int, found []finding) {
	s.Helper()
	text, err := json.Marshal(cloudConfig) // JSON is YAML
	require.NoError(s, err)
	arguments = append([]string{"doctor", "-json", "-config", s.director.CPI.Config, "-cloud-config", "-"}, arguments...)
	command := exec.CommandContext(s.Context(), s.director.CPI.Executable, arguments...)
	command.Env, command.Stdin = director.WipedEnvironment(), bytes.NewReader(text)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err = command.Run()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
		require.NoError(s, err)
	}
	s.assertNoSecrets(stdout.String() + stderr.String())
	var document struct{ Findings []finding }
	require.NoError(s, json.Unmarshal(stdout.Bytes(), &document), "%s%s", &stdout, &stderr)
	return command.ProcessState.ExitCode(), document.Findings
}

// cloudConfig returns a cloud config with a VM type and a network of the cloud.
func (s *scenario) cloudConfig(flavor string) object {
	s.Helper()
	nic := s.chooseNIC("private")
	address := nic.Address.String()
	return object{
		"vm_types": []object{{"name": "default", "cloud_properties": object{"instance_type": flavor}}},
		"networks": []object{{"name": "default", "type": "manual", "subnets": []object{{
			"range": nic.Subnet.String(), "gateway": nic.Gateway, "cloud_properties": object{"net_id": nic.NetworkID},
			"reserved": []string{nic.Subnet.Masked().Addr().String() + "-" + address},
		}}}},
	}
}

// problems returns the problems, as texts.
func problems(found []finding) (texts []string) {
	for _, f := range found {
		if f.Level == "problem" {
			texts = append(texts, f.Subject+": "+f.Text)
		}
	}
	return texts
}

// The command doctor finds nothing wrong with a working cloud, and what is wrong
// with a cloud config.
func TestDoctor(t *testing.T) {
	s := newScenario(t)
	_, found := s.doctor(s.cloudConfig(s.fixtures.PlainFlavor()))
	expected := []string{"configuration", "connection", "identity", "access-rules", "versions", "extensions", "cloud-config", "flavors", "key-pairs", "zones", "networks", "security-groups", "volume-types", "images", "quotas"}
	for _, check := range expected {
		assert.True(t, slices.ContainsFunc(found, func(f finding) bool { return f.Check == check && f.Level == "ok" }), "%s: %+v", check, found)
	}
	for _, f := range found {
		assert.NotEqual(t, "unknown", f.Level, "%+v", f)
		// Ports of other scenarios can have addresses of the network.
		if f.Level == "problem" {
			assert.Contains(t, f.Text, "BOSH assigns addresses that the cloud uses")
		}
	}

	code, found := s.doctor(s.cloudConfig("no-such-flavor"))
	assert.Equal(t, 2, code)
	assert.True(t, slices.ContainsFunc(problems(found), func(text string) bool {
		return strings.HasPrefix(text, "VM type default: flavor no-such-flavor does not exist; there are: ")
	}), "%+v", found)

	s.configure(object{"region": "Mars"})
	code, found = s.doctor(s.cloudConfig(s.fixtures.PlainFlavor()))
	assert.Equal(t, 2, code)
	assert.NotEmpty(t, problems(found))
}

// The trial of the command doctor creates, uses and deletes everything.
func TestDoctorDeep(t *testing.T) {
	s := newScenario(t)
	others := []string{"-skip", "flavors,versions,networks,zones,extensions,quotas,volume-types,security-groups", "-deep"}
	_, found := s.doctor(s.cloudConfig(s.fixtures.PlainFlavor()), others...)
	var steps []string
	for _, f := range found {
		if f.Check == "trial" {
			assert.Equal(t, "ok", f.Level, "%+v", f)
			steps = append(steps, f.Subject)
		}
	}
	assert.Equal(t, []string{"create_stemcell", "create_vm", "create_disk", "attach_disk", "detach_disk", "delete_disk", "delete_vm", "delete_stemcell"}, steps)
	for _, name := range s.inventory().Leftovers(nil, []string{"openstack-cpi-doctor"}) {
		assert.Fail(t, "left behind", name)
	}
}
