package target

import (
	"context"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
)

// sweepAge is the age at which objects of another run are deleted; those of a
// younger run may still be in use.
const sweepAge = 30 * time.Minute

// sweep deletes objects of aborted runs of a suite: those with the CPI's mark and
// the uuid of such a run.
func sweep(ctx context.Context, in *cloud.Cloud, suite string) error {
	// The uuid is in the metadata, or in a port's description.
	ofRun := regexp.MustCompile(`\b` + suite + `-([0-9a-f]+)-[0-9a-z]{4}-\d+`)
	found, err := in.Inventory(ctx)
	if err != nil {
		return err
	}
	for _, kind := range []struct{ name, service, path string }{
		{"server", "compute", "/servers/"},
		{"port", "network", "/ports/"},
		{"snapshot", "volume", "/snapshots/"},
		{"volume", "volume", "/volumes/"},
		{"image", "image", "/images/"},
	} {
		for _, name := range slices.Sorted(maps.Keys(found)) {
			words := strings.Fields(strings.TrimPrefix(name, kind.name+" "))
			if !strings.HasPrefix(name, kind.name+" ") || !abandoned(ofRun.FindStringSubmatch(found[name]), found[name]) {
				continue
			}
			fmt.Fprintln(os.Stderr, "sweeping", name, "of an older run") //nolint:forbidigo // TestMain has no test to log to
			if err := Remove(ctx, in, kind.service, kind.path+words[0]); err != nil {
				return err
			}
		}
	}
	return nil
}

// abandoned reports whether a document with this match of the run's uuid belongs
// to a run that has certainly ended.
func abandoned(match []string, document string) bool {
	if match == nil || !strings.Contains(document, "openstack-bosh-cpi") {
		return false
	}
	began, err := strconv.ParseInt(match[1], 16, 64)
	return err == nil && time.Since(time.Unix(began, 0)) > sweepAge
}

// Remove deletes an object and waits until it no longer exists.
func Remove(ctx context.Context, in *cloud.Cloud, service, path string) error {
	if err := in.Delete(ctx, service, path); err != nil {
		return err
	}
	for range 240 {
		if err := in.Get(ctx, service, path, nil); cloud.IsNotFound(err) {
			return nil
		}
		<-time.After(250 * time.Millisecond)
	}
	return fmt.Errorf("%s %s still exists a minute after its deletion", service, path)
}

// checkRunLeaks fails if an object with the uuid of the run exists.
func checkRunLeaks(ctx context.Context, in *cloud.Cloud, run string) error {
	found, err := in.Inventory(ctx)
	if err != nil {
		return fmt.Errorf("list the objects of the run: %w", err)
	}
	if left := found.Leftovers(nil, []string{run}); len(left) > 0 {
		return fmt.Errorf("leaked objects of the run:\n  %s", strings.Join(left, "\n  "))
	}
	return nil
}
