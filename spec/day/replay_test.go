package day

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

func arguments(values ...string) (found []json.RawMessage) {
	for _, value := range values {
		found = append(found, json.RawMessage(value))
	}
	return found
}

func TestJudge(t *testing.T) {
	t.Parallel()
	refused := &director.Error{Type: "Bosh::Clouds::NotSupported", Message: "m"}
	for name, test := range map[string]struct {
		step     Step
		result   string
		failure  *director.Error
		accepted bool
		problem  string
	}{
		"success":           {step: Step{}, result: `null`, accepted: true},
		"error":             {step: Step{}, failure: refused, problem: "NotSupported: m"},
		"expected error":    {step: Step{Error: "NotSupported"}, failure: refused},
		"another error":     {step: Step{Error: "CloudError"}, failure: refused, problem: "expected the error CloudError"},
		"no error":          {step: Step{Error: "CloudError"}, result: `"cid"`, problem: `the result is "cid", expected the error CloudError`},
		"refusable":         {step: Step{Refusable: true}, failure: refused},
		"refused in vain":   {step: Step{Refusable: true}, failure: &director.Error{Type: "Bosh::Clouds::CloudError"}, problem: "CloudError"},
		"expected answer":   {step: Step{Answer: []byte(`true`)}, result: `true`, accepted: true},
		"unexpected answer": {step: Step{Answer: []byte(`true`)}, result: `false`, problem: "the result is false, expected true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			accepted, err := test.step.judge(json.RawMessage(test.result), test.failure)
			assert.Equal(t, test.accepted, accepted)
			if test.problem == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.problem)
			}
		})
	}
}

// A director repeats create_vm after VMCreationFailed with ok_to_retry, and nothing
// else.
func TestRepeatedCalls(t *testing.T) {
	t.Parallel()
	busy := &director.Error{Type: "Bosh::Clouds::VMCreationFailed", OKToRetry: true}
	creation := Step{Method: "create_vm"}
	assert.True(t, creation.repeated(busy))
	assert.False(t, creation.repeated(nil))
	assert.False(t, creation.repeated(&director.Error{Type: "Bosh::Clouds::VMCreationFailed"}))
	assert.False(t, creation.repeated(&director.Error{Type: "Bosh::Clouds::CloudError", OKToRetry: true}))
	assert.False(t, Step{Method: "create_disk"}.repeated(busy))
}

// When update_disk changes a disk, the director does not copy it.
func TestDiskChangedInPlace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ result, cid string }{
		"same CID": {"null", "volume"}, "another CID": {`"moved"`, "moved"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &Replay{
				names: &names{values: map[string]any{"$disk-1": "volume"}}, state: newState(), changed: map[string]bool{},
			}
			r.state.disks["volume"] = &disk{mib: 1024, kind: "ssd", zone: "z1"}
			copying := Step{Method: "create_disk", Copy: []string{"$disk-1", "$disk-2"}}
			deletion := Step{Method: "delete_disk", Arguments: arguments(`"$disk-1"`)}
			assert.False(t, r.omitted(copying))
			assert.False(t, r.omitted(deletion))

			update := Step{Method: "update_disk", Arguments: arguments(`"$disk-1"`)}
			require.NoError(t, r.apply(update, arguments(`"volume"`, `2048`, `{"type":"hdd"}`), json.RawMessage(test.result)))
			assert.True(t, r.omitted(copying))
			assert.True(t, r.omitted(deletion), "the other name of the disk is in use")
			assert.Equal(t, test.cid, r.names.text("$disk-2"))
			assert.Equal(t, map[string]*disk{test.cid: {mib: 2048, kind: "hdd", zone: "z1"}}, r.state.disks)
		})
	}
}

// A disk is deleted after its snapshots, also if the recording does not say so.
func TestSnapshotsAreDeletedFirst(t *testing.T) {
	t.Parallel()
	r := &Replay{names: &names{values: map[string]any{"$disk-1": "volume", "$snapshot-1": "a", "$snapshot-2": "b"}}, state: newState()}
	r.state.snapshots["a"], r.state.snapshots["b"] = "volume", "another"
	operation := Operation{Steps: []Step{
		{Method: "delete_disk", Arguments: arguments(`"$disk-1"`)},
		{Method: "delete_snapshot", Arguments: arguments(`"$snapshot-1"`)},
		{Method: "delete_snapshot", Arguments: arguments(`"$snapshot-2"`)},
	}}
	assert.Equal(t, []int{1}, r.snapshotsOf(operation.Steps[0], operation))
	assert.Empty(t, r.snapshotsOf(operation.Steps[1], operation))
}

// The first failure ends an operation, and names its step.
func TestFailureEndsTheOperation(t *testing.T) {
	t.Parallel()
	var configured []string
	r := &Replay{names: &names{values: map[string]any{}}, state: newState(), configure: func(properties map[string]any) error {
		configured = append(configured, properties["key"].(string))
		return nil
	}}
	configure := func(at int, value string) Step {
		return Step{At: at, Duration: 1, Outside: "configure", Properties: map[string]any{"key": value}}
	}
	err := r.run(context.WithoutCancel(t.Context()), Operation{Steps: []Step{
		configure(2, "second"), configure(0, "first"), {At: 5, Duration: 1, Outside: "reboot", Arguments: arguments(`"$vm-1"`)}, configure(9, "never"),
	}})
	require.EqualError(t, err, `step 3, reboot ["$vm-1"]: no call has returned $vm-1`)
	assert.Equal(t, []string{"first", "second"}, configured)
}
