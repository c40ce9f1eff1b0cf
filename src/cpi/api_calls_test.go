package cpi

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
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
		{name: "create_stemcell that exists", prepare: func(e *env) func(context.Context, *CPI) error {
			args := bosh.CreateStemcellArgs{ImagePath: e.stemcellArchive(1 << 16), CloudProperties: []byte(stemcellProperties)}
			e.upload(args)
			return func(ctx context.Context, c *CPI) error {
				_, err := c.CreateStemcell(ctx, args)
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
	bytes int64 // of the bodies of requests and responses, those of polls too
	took  time.Duration
}

// record makes the scenario's call and returns its requests. Concurrent requests
// are sorted. Repeated reads of one object are polls. With a directory, earlier
// calls have filled the cache there.
func record(t *testing.T, s scenario, cache string) recorded {
	t.Helper()
	return recordIn(t, simulator.Population{}, s, cache)
}

// recordIn is like record, in a project with further objects.
func recordIn(t *testing.T, project simulator.Population, s scenario, cache string) (r recorded) {
	t.Helper()
	r.name = s.name
	inCloud(t, simulator.Options{}, func(e *env) {
		require.NoError(e, e.cloud.Populate(project))
		e.cache = cache
		call := s.prepare(e)
		if cache != "" {
			e.warmUp(s, call)
		}
		e.cloud.ResetJournal()
		begun := time.Now()
		require.NoError(e, call(e.Context(), e.cpi()))
		r.took = time.Since(begun)
		for _, exchange := range e.cloud.Journal() {
			r.bytes += exchange.RequestBytes + exchange.AnswerBytes
		}
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

// warmUp fills the cache with a login, and for create_vm with its look-ups.
func (e *env) warmUp(s scenario, call func(context.Context, *CPI) error) {
	e.Helper()
	_, session, _ := e.session()
	_, err := session.ProjectID(e.Context())
	require.NoError(e, err)
	if strings.HasPrefix(s.name, "create_vm") {
		c := e.cpi()
		require.NoError(e, call(e.Context(), c))
		require.NoError(e, c.Undo(e.Context()))
	}
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

// recordAll records all scenarios, without a cache and with a full one.
func recordAll(t *testing.T) (cold, warm []recorded) {
	t.Helper()
	all := append(readers(), scenarios()...)
	slices.SortStableFunc(all, func(a, b scenario) int { return cmp.Compare(a.name, b.name) })
	for _, s := range all {
		cold = append(cold, record(t, s, ""))
		warm = append(warm, record(t, s, filepath.Join(t.TempDir(), "cache")))
	}
	return cold, warm
}

// docs/api-calls.md lists the requests of every method, so that an additional
// request shows in a review.
func TestAPICallsAreDocumented(t *testing.T) {
	notWithRaceDetector(t)
	var page strings.Builder
	page.WriteString(`# API calls

Every request that a method sends, in order, as recorded by the simulator (its
default timings; a slower cloud is polled more often). Concurrent requests are
sorted. "Polls" are further reads of the last object until it is in the expected
state; they are not included in the calls.

"Warm" are the calls if earlier calls have filled the
[cache](decisions/0015-what-calls-share.md), "cold" without a cache. Requests that
a warm call omits have the mark *(cold)*. The warm calls of create_vm also know how
long a server takes; those of other methods do not know how long their change takes.
The warm calls of delete_vm are for a VM that was created in the last day.

What looks dispensable and is not:

- delete_vm lists the ports of the server, because Nova removes its id from them when
  it deletes it, and deletes them itself, because Nova keeps ports that it has not
  created.
- With human_readable_vm_names, set_vm_metadata sends two requests: Nova has none that
  changes both the metadata and the name.

Generated: ` + "`go test ./src/cpi -run TestAPICallsAreDocumented -update`" + `.

| method | cold | polls | warm | polls |
|---|---:|---:|---:|---:|
| info, ping | 0 | 0 | 0 | 0 |
`)
	cold, warm := recordAll(t)
	for i, r := range cold {
		fmt.Fprintf(&page, "| %s | %d | %d | %d | %d |\n", r.name, len(r.calls), r.polls, len(warm[i].calls), warm[i].polls)
	}
	for i, r := range cold {
		fmt.Fprintf(&page, "\n## %s\n\n", r.name)
		left := slices.Clone(warm[i].calls)
		for number, line := range r.calls {
			mark := " *(cold)*"
			if at := slices.Index(left, line); at >= 0 {
				left, mark = slices.Delete(left, at, at+1), ""
			}
			fmt.Fprintf(&page, "%d. `%s`%s\n", number+1, line, mark)
		}
		assert.Empty(t, left, "%s: requests that only a warm call sends", r.name)
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
		cold, warm int
		took       time.Duration
	}{
		// The simulated cloud takes 2 s to build a server, 0.5 s to attach. The
		// first poll counts as a call.
		"create_vm manual":  {cold: 8, warm: 3, took: 2500 * time.Millisecond},
		"attach_disk":       {cold: 3, warm: 2, took: time.Second},
		"detach_disk":       {cold: 3, warm: 2, took: time.Second},
		"has_vm":            {cold: 2, warm: 1},
		"has_disk":          {cold: 2, warm: 1},
		"create_disk":       {cold: 3, warm: 2, took: 1500 * time.Millisecond},
		"delete_disk":       {cold: 3, warm: 2, took: time.Second},
		"set_disk_metadata": {cold: 2, warm: 1},
		"set_vm_metadata":   {cold: 2, warm: 1},
		"delete_vm":         {cold: 6, warm: 4, took: 2 * time.Second},
		"create_stemcell":   {cold: 5, warm: 4},
	}
	for _, s := range append(readers(), scenarios()...) {
		budget, promised := budgets[s.name]
		if !promised {
			continue
		}
		delete(budgets, s.name)
		for cache, calls := range map[string]int{"": budget.cold, filepath.Join(t.TempDir(), "cache"): budget.warm} {
			r := record(t, s, cache)
			assert.LessOrEqual(t, len(r.calls), calls, "%s: %v", r.name, r.calls)
			assert.LessOrEqual(t, r.took, budget.took, r.name)
		}
	}
	assert.Empty(t, budgets, "no such scenarios")
}
