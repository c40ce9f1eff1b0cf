package lifecycle_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// orphan is an object in the JSON output of the command orphans.
type orphan struct {
	Kind, ID, State, Director, Verdict, Reason string
	Deleted                                    bool
}

// orphans runs the command orphans for the director of the scenario and returns
// its exit code and the objects.
func (s *scenario) orphans(arguments ...string) (code int, found []orphan) {
	s.Helper()
	arguments = append(arguments, "-config", s.director.CPI.Config, "-director", s.director.UUID, "-min-age", "0s", "-json")
	command := exec.CommandContext(s.Context(), s.director.CPI.Executable, append([]string{"orphans"}, arguments...)...)
	command.Env = director.WipedEnvironment()
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
		require.NoError(s, err)
	}
	s.assertNoSecrets(stdout.String() + stderr.String())
	var document struct{ Objects []orphan }
	require.NoError(s, json.Unmarshal(stdout.Bytes(), &document), "%s%s", &stdout, &stderr)
	if stderr.Len() > 0 {
		s.Log(stderr.String())
	}
	return command.ProcessState.ExitCode(), document.Objects
}

// killed starts a call and kills its process when an object of the kind has
// appeared in the cloud. The director never receives the object's CID, even if
// the process was faster.
func (s *scenario) killed(kind, method string, arguments ...any) {
	s.Helper()
	before := s.inventory()
	running, err := s.director.CPI.Start(s.Context(), s.document(method, arguments...))
	require.NoError(s, err)
	s.waitUntil(method+" has created its "+kind, func() bool {
		for _, name := range s.inventory().Leftovers(before, []string{s.director.UUID}) {
			if strings.HasPrefix(name, kind+" ") {
				return true
			}
		}
		return false
	})
	if err := running.Kill(); !errors.Is(err, os.ErrProcessDone) {
		require.NoError(s, err)
	}
	if _, err = running.Wait(); err == nil {
		s.Logf("%s had ended before it was killed", method)
	}
}

// known writes the output of a bosh command with --json and returns the options
// that name it.
func (s *scenario) known(content string, columns []string, rows ...object) []string {
	s.Helper()
	header := object{}
	for _, column := range columns {
		header[column] = column
	}
	if rows == nil {
		rows = []object{}
	}
	document, err := json.Marshal(object{"Tables": []object{{"Content": content, "Header": header, "Rows": rows, "Notes": nil}}, "Blocks": nil, "Lines": []string{"Succeeded"}})
	require.NoError(s, err)
	file := filepath.Join(s.TempDir(), content+".json")
	require.NoError(s, os.WriteFile(file, document, 0o600))
	return []string{"-known", file}
}

// A CPI process that is killed cannot undo anything. The command orphans finds
// what it has left beside the VM, disk and stemcell that the director knows,
// and deletes it.
func TestOrphans(t *testing.T) {
	s := newScenario(t)
	var stemcell string
	s.call(&stemcell, "create_stemcell", s.archive(1), s.stemcellProperties())
	s.Cleanup(func() { s.call(nil, "delete_stemcell", stemcell) })
	vm := s.createVM(vmArguments{networks: networks{s.manual("private")}})
	s.call(nil, "set_vm_metadata", vm.cid, object{"director": "lifecycle", "deployment": "d", "job": "j", "index": "0", "id": "i", "name": "j/i"})
	disk := s.createDisk(1024, object{})
	known := append(s.known("instances", []string{"vm_cid", "disk_cids"}, object{"vm_cid": vm.cid, "disk_cids": disk}), s.known("disks", []string{"disk_cid"})...)
	known = append(known, s.known("stemcells", []string{"cid"}, object{"cid": stemcell})...)
	code, found := s.orphans(known...)
	assert.Equal(t, 0, code, "%+v", found)

	if s.simulator != nil {
		s.simulator.InjectStateFault(slowServer())
	}
	s.killed("server", "create_vm", s.arguments(vmArguments{networks: networks{s.manual("private")}})...)
	s.killed("volume", "create_disk", 1024, object{})
	properties := s.stemcellProperties()
	properties["name"] = "bosh-openstack-kvm-lifecycle-killed"
	s.killed("image", "create_stemcell", s.archive(2), properties)

	code, found = s.orphans(known...)
	assert.Equal(t, 3, code)
	verdicts := map[string][]string{}
	for _, o := range found {
		if o.Director != s.director.UUID { // other scenarios use the project, too
			assert.Equal(t, "foreign", o.Verdict, "%+v", o)
			continue
		}
		verdicts[o.Kind] = append(verdicts[o.Kind], o.Verdict)
	}
	for _, kind := range []string{"server", "port", "volume", "image"} {
		assert.ElementsMatch(t, []string{"known", "orphan"}, verdicts[kind], kind)
	}

	code, found = s.orphans(append([]string{"delete", "-yes"}, known...)...)
	assert.Equal(t, 0, code, "%+v", found)
	for _, o := range found {
		assert.Equal(t, o.Verdict == "orphan", o.Deleted, "%+v", o)
	}
	code, found = s.orphans(known...)
	assert.Equal(t, 0, code, "%+v", found)
	assert.True(t, s.has("has_vm", vm.cid))
	assert.True(t, s.has("has_disk", disk))
}
