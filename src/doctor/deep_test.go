package doctor_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/doctor"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// onlyTrial skips all other checks.
func onlyTrial() (others []string) {
	for _, name := range doctor.Checks() {
		if name != "trial" {
			others = append(others, name)
		}
	}
	return others
}

// steps are the calls of a trial.
var steps = []string{"create_stemcell", "create_vm", "create_disk", "attach_disk", "detach_disk", "delete_disk", "delete_vm", "delete_stemcell"}

func TestTrial(t *testing.T) {
	t.Parallel()
	for name, wanted := range map[string]string{
		"by cloud config": "{vm_types: [{name: v, cloud_properties: {instance_type: m1.bfv, boot_from_volume: true, root_disk: {size: 5}, loadbalancer_pools: [{name: none, port: 1}]}}], networks: [{name: n, type: manual, subnets: [{cloud_properties: {net_id: $private, security_groups: [default]}}]}]}",
		"smallest flavor": "networks: [{name: n, type: dynamic, cloud_properties: {net_id: $private}}]",
		"by create-env":   "{resource_pools: [{name: v, cloud_properties: {instance_type: m1.small}}], networks: [{name: v, type: vip}, {name: n, subnets: [{cloud_properties: {net_id: $dual}}]}]}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := patient{wanted: wanted, skip: onlyTrial(), trial: &doctor.Trial{}}.examine(t)
			done := []string{}
			for _, finding := range report.Findings {
				assert.Equal(t, doctor.OK, finding.Level, "%+v", finding)
				done = append(done, finding.Subject)
			}
			assert.Equal(t, steps, done)
		})
	}
}

func TestTrialWithoutNetwork(t *testing.T) {
	t.Parallel()
	report := patient{skip: onlyTrial(), trial: &doctor.Trial{}}.examine(t)
	require.Len(t, report.Findings, 1)
	assert.Equal(t, doctor.Unknown, report.Findings[0].Level)
	assert.Contains(t, report.Findings[0].Text, "the project has no network, or several")
	assert.Contains(t, report.Findings[0].Advice, "-network")

	report = patient{skip: onlyTrial(), trial: &doctor.Trial{}, properties: object{"api_key": "wrong"}}.examine(t)
	require.Len(t, report.Findings, 1)
	assert.Contains(t, report.Findings[0].Text, "the login failed")
}

const inPrivate = "networks: [{name: n, type: dynamic, cloud_properties: {net_id: $private}}]"

// A step that fails is a problem, and nothing is left.
func TestTrialThatFails(t *testing.T) {
	t.Parallel()
	for on, step := range map[string]string{
		"POST /images": "create_stemcell", "POST /servers": "create_vm", "POST /volumes": "create_disk",
		"POST /servers/{id}/os-volume_attachments": "attach_disk",
	} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			report := patient{wanted: inPrivate, skip: onlyTrial(), trial: &doctor.Trial{}, seed: func(cloud *simulator.Simulator) {
				cloud.Inject(simulator.Fault{On: on, Status: http.StatusBadRequest, Times: -1})
			}}.examine(t)
			found := of(report, "trial", step)
			require.Len(t, found, 1)
			assert.Equal(t, doctor.Problem, found[0].Level)
			assert.Equal(t, doctor.ExitProblems, report.ExitCode())
		})
	}
}

// What cannot be deleted is named.
func TestTrialThatLeavesSomething(t *testing.T) {
	t.Parallel()
	report, left := patient{wanted: inPrivate, skip: onlyTrial(), trial: &doctor.Trial{Flavor: "m1.small"}, seed: func(cloud *simulator.Simulator) {
		cloud.Inject(simulator.Fault{On: "DELETE /volumes/{id}", Status: http.StatusForbidden, Times: -1})
	}}.examineLeaving(t)
	require.Len(t, left, 1)
	found := of(report, "trial", "delete_disk")
	require.Len(t, found, 1)
	assert.Equal(t, doctor.Problem, found[0].Level)
	assert.Contains(t, found[0].Text, "left behind: volume ")
	assert.Contains(t, found[0].Text, "orphans -director openstack-cpi-doctor")
	assert.NotEmpty(t, of(report, "trial", "delete_vm"), "the others are deleted")
}

// A trial is interrupted at each of its requests. Nothing is left.
func TestInterruptedTrial(t *testing.T) {
	t.Parallel()
	for nth := range 70 {
		t.Run(fmt.Sprint(nth+1), func(t *testing.T) {
			t.Parallel()
			report := patient{wanted: inPrivate, skip: onlyTrial(), trial: &doctor.Trial{Flavor: "m1.small"}, interrupted: nth + 1}.examine(t)
			assert.NotEmpty(t, report.Findings)
		})
	}
}
