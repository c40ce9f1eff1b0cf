package cache_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/piston/openstack-bosh-cpi/src/openstack/internal/cache"
)

const canary = "canary-7c1b"

func open(t *testing.T, dir, identity, secret string) *cache.Cache {
	t.Helper()
	opened, err := cache.New(dir, []byte(identity), []byte(secret))
	require.NoError(t, err)
	return opened
}

// found returns the value, "" if there is none.
func found(c *cache.Cache) string {
	var value string
	if _, err := c.Load("value", &value); err != nil {
		return ""
	}
	return value
}

// file returns the only file in the directory that is not a lock.
func file(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*-value"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	return files[0]
}

func TestSavedValuesAreLoaded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "of", "the", "job")
		first, second := open(t, dir, "me", "secret"), open(t, dir, "me", "secret")
		assert.Empty(t, found(first))
		require.NoError(t, first.Save("value", canary))
		time.Sleep(time.Minute) //nolint:forbidigo // virtual time
		var value string
		age, err := second.Load("value", &value)
		require.NoError(t, err)
		assert.Equal(t, canary, value)
		assert.Equal(t, time.Minute, age)
		require.NoError(t, second.Save("value", "later"))
		assert.Equal(t, "later", found(first))
		require.NoError(t, first.Remove("value"))
		require.NoError(t, first.Remove("value"), "not found counts as success")
		assert.Empty(t, found(second))
	})
}

// Another user, project or password finds nothing, and the files do not contain
// the value, the identity or the secret.
func TestOtherCredentials(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/cache"
	require.NoError(t, open(t, dir, "user "+canary, "secret "+canary).Save("value", canary))
	for _, other := range []*cache.Cache{open(t, dir, "user other", "secret "+canary), open(t, dir, "user "+canary, "secret other")} {
		assert.Empty(t, found(other))
	}
	assert.Equal(t, canary, found(open(t, dir, "user "+canary, "secret "+canary)))
	content, err := os.ReadFile(file(t, dir))
	require.NoError(t, err)
	assert.NotContains(t, string(content)+file(t, dir), canary)
	// A file cannot be used in the place of another one.
	require.NoError(t, os.Rename(file(t, dir), strings.TrimSuffix(file(t, dir), "value")+"other"))
	var value string
	_, err = open(t, dir, "user "+canary, "secret "+canary).Load("other", &value)
	require.Error(t, err)
}

func TestFilesArePrivate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/cache"
	c := open(t, dir, "me", "secret")
	require.NoError(t, c.Save("value", canary))
	unlock, err := c.TryLock("value")
	require.NoError(t, err)
	unlock()
	info, err := os.Stat(dir)
	require.NoError(t, err)
	assert.Equal(t, os.ModeDir|0o700, info.Mode())
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 2)
	for _, entry := range entries {
		info, err := entry.Info()
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode(), entry.Name())
	}
}

// What another user or an accident put in the place of a file is not read.
func TestUnusableFiles(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, file string) error{
		"truncated": func(_ *testing.T, file string) error { return os.Truncate(file, 20) },
		"empty":     func(_ *testing.T, file string) error { return os.Truncate(file, 0) },
		"changed": func(t *testing.T, file string) error {
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			content[len(content)-1] ^= 1
			return os.WriteFile(file, content, 0o600)
		},
		"too long":            func(_ *testing.T, file string) error { return os.Truncate(file, 1<<30) },
		"readable by a group": func(_ *testing.T, file string) error { return os.Chmod(file, 0o640) },
		"of another user": func(t *testing.T, file string) error {
			if os.Geteuid() != 0 {
				t.Skip("only root can change the owner of a file")
			}
			return os.Chown(file, 12345, 12345)
		},
		"a symbolic link": func(_ *testing.T, file string) error {
			return joined(os.Rename(file, file+"-target"), os.Symlink(filepath.Base(file)+"-target", file))
		},
		"a directory": func(_ *testing.T, file string) error { return joined(os.Remove(file), os.Mkdir(file, 0o700)) },
		"a pipe":      func(_ *testing.T, file string) error { return joined(os.Remove(file), syscall.Mkfifo(file, 0o600)) },
		"from the future": func(t *testing.T, file string) error {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(100 * 365 * 24 * time.Hour) //nolint:forbidigo // virtual time
				require.NoError(t, open(t, filepath.Dir(file), "me", "secret").Save("value", canary))
			})
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir() + "/cache"
			require.NoError(t, open(t, dir, "me", "secret").Save("value", canary))
			require.NoError(t, spoil(t, file(t, dir)))
			c := open(t, dir, "me", "secret")
			assert.Empty(t, found(c))
			if name == "a directory" {
				require.Error(t, c.Save("value", "new"))
				return
			}
			require.NoError(t, c.Save("value", "new"))
			assert.Equal(t, "new", found(c), "it is replaced")
		})
	}
}

func joined(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// A directory that others can use is not used.
func TestUnusableDirectories(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, dir string) error{
		"readable by a group": func(_ *testing.T, dir string) error { return os.Chmod(dir, 0o750) },
		"a symbolic link": func(_ *testing.T, dir string) error {
			return joined(os.Rename(dir, dir+"-target"), os.Symlink(dir+"-target", dir))
		},
		"a file": func(_ *testing.T, dir string) error { return joined(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600)) },
		"of another user": func(t *testing.T, dir string) error {
			if os.Geteuid() != 0 {
				t.Skip("only root can change the owner of a directory")
			}
			return os.Chown(dir, 12345, 12345)
		},
		"below a file": func(_ *testing.T, dir string) error {
			return joined(os.RemoveAll(filepath.Dir(dir)), os.WriteFile(filepath.Dir(dir), nil, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir() + "/job/cache"
			require.NoError(t, open(t, dir, "me", "secret").Save("value", canary))
			require.NoError(t, spoil(t, dir))
			c := open(t, dir, "me", "secret")
			assert.Empty(t, found(c))
			require.Error(t, c.Save("value", "new"))
			require.Error(t, c.Remove("value"))
			_, err := c.TryLock("value")
			require.Error(t, err)
			require.NotErrorIs(t, err, cache.ErrLocked)
		})
	}
}

// A file that cannot be written leaves the earlier value and nothing else.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/cache"
	c := open(t, dir, "me", "secret")
	require.NoError(t, c.Save("value", canary))
	// The name of the temporary file would be too long, which is an error of the
	// file system, as a full disk is.
	require.Error(t, c.Save(strings.Repeat("v", 240), "new"))
	require.NoError(t, c.Save("value", "new"))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 1)
}

// Files that no process has used for a day are removed.
func TestOldFilesAreRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/cache"
	require.NoError(t, open(t, dir, "old", "secret").Save("value", canary))
	old := time.Now().Add(-25 * time.Hour)
	require.NoError(t, os.Chtimes(file(t, dir), old, old))
	operators := filepath.Join(dir, "an operator's")
	require.NoError(t, os.WriteFile(operators, nil, 0o600))
	require.NoError(t, os.Chtimes(operators, old, old))
	me := open(t, dir, "me", "secret")
	require.NoError(t, me.Save("value", canary))
	me.Sweep()
	assert.Empty(t, found(open(t, dir, "old", "secret")))
	assert.FileExists(t, operators)
	file(t, dir)
}

func TestOneHasTheLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/cache"
	first, second := open(t, dir, "me", "secret"), open(t, dir, "me", "secret")
	unlock, err := first.TryLock("value")
	require.NoError(t, err)
	_, err = second.TryLock("value")
	require.ErrorIs(t, err, cache.ErrLocked)
	other, err := open(t, dir, "other", "secret").TryLock("value")
	require.NoError(t, err, "each credential has its own lock")
	other()
	unlock()
	unlock, err = second.TryLock("value")
	require.NoError(t, err)
	unlock()
}

// Readers always find a complete value while others write.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/cache"
	require.NoError(t, open(t, dir, "me", "secret").Save("value", "0"))
	var all errgroup.Group
	for i := range 64 {
		c := open(t, dir, "me", "secret")
		all.Go(func() error { return c.Save("value", strings.Repeat("x", i*100)) })
		all.Go(func() error {
			var value string
			if _, err := c.Load("value", &value); err != nil {
				return fmt.Errorf("no value while others write: %w", err)
			}
			return nil
		})
	}
	require.NoError(t, all.Wait())
}

// A nil cache is empty.
func TestNoCache(t *testing.T) {
	t.Parallel()
	var none *cache.Cache
	require.NoError(t, none.Save("value", canary))
	assert.Empty(t, found(none))
	require.NoError(t, none.Remove("value"))
	none.Sweep()
	unlock, err := none.TryLock("value")
	require.NoError(t, err)
	unlock()
}
