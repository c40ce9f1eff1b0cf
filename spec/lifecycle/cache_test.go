package lifecycle_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// cost returns the number of requests of a call.
func (s *scenario) cost(method string, arguments ...any) int {
	s.Helper()
	_, cost, err := s.director.Ask(s.Context(), s.director.Request(s.api, method, arguments...))
	require.NoError(s, err, cost.Stderr)
	s.assertNoSecrets(cost.Stderr)
	return cost.APICalls
}

// Calls share a login, in files that only their user can read.
func TestCallsShareALogin(t *testing.T) {
	s := newScenario(t)
	assert.Equal(t, 4, s.cost("has_vm", unknownID), "a login, and three reads to be sure that the VM does not exist")
	assert.Equal(t, 3, s.cost("has_vm", unknownID))
	info, err := os.Stat(s.cache)
	require.NoError(t, err)
	assert.Equal(t, os.ModeDir|0o700, info.Mode())
	files, err := os.ReadDir(s.cache)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		info, err := file.Info()
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode(), file.Name())
		content, err := os.ReadFile(filepath.Join(s.cache, file.Name()))
		require.NoError(t, err)
		assert.NotContains(t, string(content), "http", file.Name())
	}
}

// Of many processes that start together, one logs in. On a busy machine some wait
// for it in vain.
func TestProcessesThatStartTogether(t *testing.T) {
	s := newScenario(t)
	const processes = 64
	costs := make([]int, processes)
	var all errgroup.Group
	for i := range processes {
		request := s.document("has_disk", unknownID)
		all.Go(func() error {
			run, err := s.director.CPI.Run(s.Context(), request)
			if err != nil {
				return err
			}
			costs[i] = run.APICalls
			_, err = director.ReadResponse(run.Stdout)
			return err
		})
	}
	require.NoError(t, all.Wait())
	total := 0
	for _, cost := range costs {
		total += cost
	}
	assert.Greater(t, total, 3*processes, "three reads each, and a login")
	assert.LessOrEqual(t, total, 3*processes+processes/8, "three reads each, and few logins")
}

// A cache that cannot be used is left out.
func TestUnusableCache(t *testing.T) {
	for name, spoil := range map[string]func(s *scenario) error{
		"directory for others": func(s *scenario) error { return os.Chmod(s.cache, 0o755) },
		"truncated files": func(s *scenario) error {
			files, err := filepath.Glob(filepath.Join(s.cache, "*"))
			for _, file := range files {
				require.NoError(s, os.Truncate(file, 5))
			}
			return err
		},
		"a file in its place": func(s *scenario) error {
			require.NoError(s, os.RemoveAll(s.cache))
			return os.WriteFile(s.cache, nil, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScenario(t)
			assert.False(t, s.has("has_vm", unknownID))
			require.NoError(t, spoil(s))
			assert.False(t, s.has("has_vm", unknownID))
			assert.False(t, s.has("has_disk", unknownID))
		})
	}
}
