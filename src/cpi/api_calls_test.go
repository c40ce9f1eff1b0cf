package cpi

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

var update = flag.Bool("update", false, "rewrite docs/api-calls.md")

const apiCallsFile = "../../docs/api-calls.md"

// readers are the scenarios that do not change the cloud.
func readers() []scenario {
	return []scenario{
		{name: "has_vm", prepare: func(e *env) func(context.Context, *CPI) error {
			vm := e.vm("10.0.0.10")
			return func(ctx context.Context, c *CPI) error {
				_, err := c.HasVM(ctx, bosh.VMArgs{VM: vm})
				return err
			}
		}},
		{name: "has_disk", prepare: func(e *env) func(context.Context, *CPI) error {
			disk := e.disk()
			return func(ctx context.Context, c *CPI) error {
				_, err := c.HasDisk(ctx, bosh.DiskArgs{Disk: disk})
				return err
			}
		}},
		{name: "get_disks", prepare: func(e *env) func(context.Context, *CPI) error {
			vm := e.vm("10.0.0.10")
			return func(ctx context.Context, c *CPI) error {
				_, err := c.GetDisks(ctx, bosh.VMArgs{VM: vm})
				return err
			}
		}},
		{name: "calculate_vm_cloud_properties", prepare: func(*env) func(context.Context, *CPI) error {
			return func(ctx context.Context, c *CPI) error {
				_, err := c.CalculateVMCloudProperties(ctx, calculate(1, 512, 1024))
				return err
			}
		}},
		{name: "create_stemcell light", prepare: func(e *env) func(context.Context, *CPI) error {
			return func(ctx context.Context, c *CPI) error {
				_, err := c.CreateStemcell(ctx, bosh.CreateStemcellArgs{CloudProperties: fmt.Appendf(nil, `{"image_id":%q}`, e.image())})
				return err
			}
		}},
	}
}

func calculate(cpu, ram, disk int) bosh.CalculateVMArgs {
	return bosh.CalculateVMArgs{Requirements: bosh.Requirements{CPU: &cpu, RAM: &ram, EphemeralDiskSize: &disk}}
}

// recorded are the requests of a call.
type recorded struct {
	name  string
	calls []string
	polls int
	took  time.Duration
}

// record makes the scenario's call and returns its requests. Concurrent requests
// are sorted. Repeated reads of one object are polls.
func record(t *testing.T, s scenario) (r recorded) {
	t.Helper()
	r.name = s.name
	inCloud(t, simulator.Options{}, func(e *env) {
		call := s.prepare(e)
		e.cloud.ResetJournal()
		begun := time.Now()
		require.NoError(e, call(e.Context(), e.cpi()))
		r.took = time.Since(begun)
		seen, at := "", time.Time{}
		journal := slices.DeleteFunc(e.cloud.Journal(), func(e simulator.Exchange) bool {
			poll := describe(e) == seen && !e.Write && !e.Time.Equal(at) // otherwise they are concurrent
			if seen, at = describe(e), e.Time; poll {
				r.polls++
			}
			return poll
		})
		for from := 0; from < len(journal); {
			to := from + 1
			for to < len(journal) && !journal[from].Write && !journal[to].Write && journal[to].Time.Equal(journal[from].Time) {
				to++
			}
			slices.SortStableFunc(journal[from:to], func(a, b simulator.Exchange) int {
				return cmp.Or(cmp.Compare(after(a), after(b)), cmp.Compare(describe(a), describe(b)))
			})
			from = to
		}
		for _, exchange := range journal {
			r.calls = append(r.calls, describe(exchange))
		}
	})
	return r
}

// after returns the sort key that puts the token, which all other requests need,
// first.
func after(e simulator.Exchange) int {
	if e.Service == "identity" {
		return 0
	}
	return 1
}

func describe(e simulator.Exchange) string {
	line := e.Service + " " + e.Method + " " + e.Route
	keys := []string{}
	for pair := range strings.SplitSeq(e.Query, "&") {
		if key, _, ok := strings.Cut(pair, "="); ok {
			keys = append(keys, key)
		}
	}
	if len(keys) > 0 {
		slices.Sort(keys)
		line += "?" + strings.Join(slices.Compact(keys), "&")
	}
	return line
}

// docs/api-calls.md lists the requests of every method, so that an additional
// request shows in a review.
func TestAPICallsAreDocumented(t *testing.T) {
	var page strings.Builder
	page.WriteString(`# API calls

Every request that a method sends, in order, as recorded by the simulator (its
default timings; a slower cloud is polled more often). Concurrent requests are
sorted. "Polls" are further reads of the last object until it is in the expected
state; they are not included in the calls.

Generated: ` + "`go test ./src/cpi -run TestAPICallsAreDocumented -update`" + `.

| method | calls | polls |
|---|---:|---:|
| info, ping | 0 | 0 |
`)
	var all []recorded
	for _, s := range append(readers(), scenarios()...) {
		all = append(all, record(t, s))
	}
	slices.SortStableFunc(all, func(a, b recorded) int { return cmp.Compare(a.name, b.name) })
	for _, r := range all {
		fmt.Fprintf(&page, "| %s | %d | %d |\n", r.name, len(r.calls), r.polls)
	}
	for _, r := range all {
		fmt.Fprintf(&page, "\n## %s\n\n", r.name)
		for i, line := range r.calls {
			fmt.Fprintf(&page, "%d. `%s`\n", i+1, line)
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(apiCallsFile, []byte(page.String()), 0o644))
	}
	written, err := os.ReadFile(apiCallsFile)
	require.NoError(t, err)
	assert.Equal(t, string(written), page.String(), "run this test with -update and review the difference")
}

// The number of requests, without polls, and the duration that users can expect.
func TestBudgets(t *testing.T) {
	t.Parallel()
	budgets := map[string]struct {
		calls int
		took  time.Duration
	}{
		// The simulated cloud takes 2 s to build a server, 0.5 s to attach.
		"create_vm manual": {calls: 7, took: 2500 * time.Millisecond},
		"attach_disk":      {calls: 4, took: time.Second},
		"has_vm":           {calls: 2},
		"has_disk":         {calls: 2},
		"create_disk":      {calls: 3, took: 1500 * time.Millisecond},
	}
	for _, s := range append(readers(), scenarios()...) {
		budget, promised := budgets[s.name]
		if !promised {
			continue
		}
		r := record(t, s)
		calls := len(r.calls)
		if s.name == "create_vm manual" {
			calls-- // the first poll
		}
		assert.LessOrEqual(t, calls, budget.calls, "%s: %v", r.name, r.calls)
		assert.LessOrEqual(t, r.took, budget.took, r.name)
	}
}
