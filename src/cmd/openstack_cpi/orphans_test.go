package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// orphans runs the command on the installation.
func (i *installation) orphans(answer string, args ...string) (code int, stdout, stderr string) {
	i.Helper()
	var out, logs bytes.Buffer
	chosen, args, found := find(append([]string{"orphans"}, args...))
	require.True(i, found)
	s := streams{strings.NewReader(answer), &out, &logs}
	chosen.create = func(s streams) tool {
		orphans := newOrphansCommand(s, chosen.name == "orphans delete")
		orphans.transport, orphans.interactive = i, answer != ""
		return orphans
	}
	code = chosen.execute(i.Context(), append([]string{"-config", i.config}, args...), s)
	assert.NotContains(i, out.String()+logs.String(), "canary")
	return code, out.String(), logs.String()
}

// file writes a file and returns its path.
func (i *installation) file(name, content string) string {
	i.Helper()
	path := filepath.Join(i.TempDir(), name)
	require.NoError(i, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// disks makes two disks, of which the first is in the list of known CIDs.
func (i *installation) disks() (known, unknown, list string) {
	i.Helper()
	i.must(&known, "create_disk", 1024, map[string]any{})
	i.must(&unknown, "create_disk", 1024, map[string]any{})
	<-time.After(2 * time.Hour)
	return known, unknown, i.file("cids", known+"\n")
}

func TestOrphansAreListed(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		code, stdout, stderr := i.orphans("")
		assert.Equal(t, 0, code, stderr)
		assert.True(t, strings.HasPrefix(stdout, "0 orphans"), stdout)

		known, unknown, list := i.disks()
		code, stdout, stderr = i.orphans("", "-known", list)
		assert.Equal(t, exitOrphans, code, stderr)
		assert.Empty(t, stderr)
		assert.Contains(t, stdout, unknown)
		assert.NotContains(t, stdout, known)
		assert.Contains(t, stdout, "1 orphan, 0 guarded; 1 other marked objects: 1 known")

		code, stdout, _ = i.orphans("", "-known", list, "-json")
		assert.Equal(t, exitOrphans, code)
		var document struct {
			Objects []struct{ ID, Verdict string }
		}
		require.NoError(t, json.Unmarshal([]byte(stdout), &document))
		assert.Equal(t, "[{"+known+" known} {"+unknown+" orphan}]", fmt.Sprint(document.Objects))

		code, stdout, _ = i.orphans("", "-known", list, "-min-age", "3h")
		assert.Equal(t, 0, code)
		assert.Contains(t, stdout, "1 young")
	})
}

func TestOrphansAreDeleted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer string
		args   []string
		code   int
		stderr string
		left   int
	}{
		"asked, yes":       {"yes\n", nil, 0, "Delete 1 objects? Type yes to continue: ", 1},
		"asked, no":        {"no\n", nil, 1, "nothing was deleted", 2},
		"asked, no answer": {"\x04", nil, 1, "nothing was deleted", 2},
		"not asked":        {"", []string{"-yes"}, 0, "", 1},
		"no terminal":      {"", nil, 2, "delete needs -yes if stdin is not a terminal", 2},
		"another director": {"", []string{"-yes", "-director", "another"}, 0, "", 2},
		"too young":        {"", []string{"-yes", "-min-age", "24h"}, 0, "", 2},
		"as JSON":          {"", []string{"-yes", "-json"}, 0, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			installed(t, simulator.Options{}, func(i *installation) {
				before := i.cloud.Inventory()
				_, unknown, list := i.disks()
				code, stdout, stderr := i.orphans(test.answer, append([]string{"delete", "-known", list}, test.args...)...)
				assert.Equal(t, test.code, code, stderr)
				assert.Contains(t, stderr, test.stderr)
				assert.Len(t, i.cloud.Leaks(before), test.left)
				if test.left == 1 && name != "as JSON" {
					assert.Contains(t, stdout, "deleted volume "+unknown+" (volume-")
				}
				if name == "as JSON" {
					assert.Contains(t, stdout, `"deleted": true`)
					assert.True(t, json.Valid([]byte(stdout)), stdout)
				}
			})
		})
	}
}

func TestDeletionThatFails(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		_, unknown, list := i.disks()
		i.cloud.Inject(simulator.Fault{On: "DELETE /volumes/{id}", Status: http.StatusForbidden, Times: -1})
		code, _, stderr := i.orphans("", "delete", "-yes", "-known", list)
		assert.Equal(t, 1, code)
		assert.Contains(t, stderr, "volume "+unknown)
		assert.Contains(t, stderr, "was not deleted: delete volume "+unknown+": OpenStack API Forbidden")
	})
}

func TestDirectorIsGone(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		before := i.cloud.Inventory()
		i.disks()
		code, _, stderr := i.orphans("", "delete", "-yes", "-all-of-director", "d-uuid")
		assert.Equal(t, 0, code, stderr)
		assert.Empty(t, i.cloud.Leaks(before))
	})
}

func TestWrongUseOfOrphans(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		i.disks()
		nothing := i.file("cids", "5a2c9d1e-0000-4000-8000-000000000000\n")
		for words, test := range map[string]struct {
			code int
			args []string
		}{
			`unknown argument "remove"`:                 {2, []string{"remove"}},
			"delete needs -known, or -all-of-director":  {2, []string{"delete", "-yes"}},
			"-all-of-director replaces -known":          {2, []string{"delete", "-yes", "-all-of-director", "d", "-known", nothing}},
			"-min-age is negative":                      {2, []string{"-min-age", "-1h"}},
			"known CIDs: open /absent":                  {1, []string{"-known", "/absent"}},
			"unknown format":                            {1, []string{"-known", i.config}},
			"the known CIDs name nothing in this proje": {1, []string{"delete", "-yes", "-known", nothing}},
			"there is no option -yes":                   {2, []string{"-yes"}},
		} {
			code, stdout, stderr := i.orphans("", test.args...)
			assert.Equal(t, test.code, code, words)
			assert.Contains(t, stderr, words)
			assert.Empty(t, stdout, words)
		}
		i.configure(map[string]any{"api_key": "canary-wrong"})
		code, _, stderr := i.orphans("")
		assert.Equal(t, 1, code)
		assert.Contains(t, stderr, "401")
	})
}

func TestListThatFails(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		i.disks()
		i.cloud.Inject(simulator.Fault{On: "GET /images", Status: http.StatusForbidden, Times: -1})
		code, stdout, stderr := i.orphans("")
		assert.Equal(t, 1, code)
		assert.Contains(t, stderr, "openstack_cpi orphans: the list of images failed: list images of project ")
		assert.Contains(t, stdout, "2 undecided")
	})
}

func TestHelpOfOrphans(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"orphans", "delete", "-help"}, streams{strings.NewReader(""), &stdout, &stderr})
	assert.Equal(t, 0, code)
	assert.Empty(t, stderr.String())
	assert.Contains(t, stdout.String(), "openstack_cpi orphans delete [OPTION]...")
	assert.Contains(t, stdout.String(), "-all-of-director UUID")
}
