package day

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadChapters(t *testing.T) {
	t.Parallel()
	chapters, err := ReadChapters(fstest.MapFS{
		"02-b/10-y.jsonl": {Data: []byte(`{"at":0,"ms":5,"method":"has_vm","arguments":["$vm-1"],"answer":true}` + "\n")},
		"01-a/09-x.jsonl": {Data: []byte(`{"at":0,"ms":5,"outside":"stop_server","arguments":["$vm-1"]}`)},
		"README.md":       {},
	})
	require.NoError(t, err)
	require.Len(t, chapters, 2)
	assert.Equal(t, "01-a", chapters[0].Name)
	assert.Equal(t, "09-x", chapters[0].Operations[0].Name)
	assert.Equal(t, "has_vm", chapters[1].Operations[0].Steps[0].Method)

	for line, problem := range map[string]string{
		`{"at":0,"method":"has_vm","argument":[]}`: `x.jsonl:1: json: unknown field "argument"`,
		`{"at":0,"arguments":[]}`:                  "x.jsonl:1: a step has either a method or something outside",
	} {
		_, err := ReadChapters(fstest.MapFS{"a/x.jsonl": {Data: []byte(line)}})
		assert.ErrorContains(t, err, problem)
	}
}

// A step waits for those that had ended before it began, and for no others.
func TestPredecessors(t *testing.T) {
	t.Parallel()
	steps := []Step{{At: 0, Duration: 100}, {At: 50, Duration: 100}, {At: 100, Duration: 10}, {At: 200, Duration: 1}}
	assert.Equal(t, [][]int{nil, nil, {0}, {0, 1, 2}}, predecessors(steps))
}

// TestRecordings checks statements of their README.
func TestRecordings(t *testing.T) {
	t.Parallel()
	chapters, err := ReadChapters(os.DirFS("testdata"))
	require.NoError(t, err)
	methods, numbers, recorded, most := map[string]bool{}, map[string]bool{}, 0, 0
	for _, chapter := range chapters {
		created := map[string]bool{}
		for _, operation := range chapter.Operations {
			number, _, _ := strings.Cut(operation.Name, "-")
			for _, step := range operation.Steps {
				methods[step.Method] = true
				if step.Method != "" && !step.Added {
					numbers[number] = true
					recorded++
				}
				assert.False(t, created[step.Result], "%s: %s is the result of two calls", operation.Name, step.Result)
				created[step.Result] = step.Result != ""
			}
			most = max(most, overlapping(operation.Steps))
		}
	}
	assert.Equal(t, 583, recorded)
	assert.Len(t, numbers, 56)
	assert.Greater(t, most, 9, "the director made ten calls at a time")
	for _, method := range []string{
		"create_stemcell", "delete_stemcell", "create_vm", "delete_vm", "has_vm", "reboot_vm", "set_vm_metadata",
		"create_disk", "delete_disk", "has_disk", "attach_disk", "detach_disk", "resize_disk", "update_disk", "set_disk_metadata",
		"snapshot_disk", "delete_snapshot", "calculate_vm_cloud_properties", "create_network", "delete_network",
	} {
		assert.True(t, methods[method], method)
	}
}

// overlapping returns how many steps overlap at most.
func overlapping(steps []Step) (most int) {
	for _, step := range steps {
		count := 0
		for _, other := range steps {
			if other.At <= step.At && step.At < other.At+other.Duration {
				count++
			}
		}
		most = max(most, count)
	}
	return most
}
