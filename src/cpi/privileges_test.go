package cpi

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/orphans"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const (
	privilegesFile  = "../../docs/privileges.md"
	accessRulesFile = "../../docs/access-rules.json"
	// embeddedRulesFile is the copy that the command doctor compares with.
	embeddedRulesFile = "../doctor/access-rules.json"
)

// accessRule is an access rule of an application credential. Its path is that
// of a service without a prefix in its endpoint; "*" is one segment.
type accessRule struct {
	Service string `json:"service"`
	Method  string `json:"method"`
	Path    string `json:"path"`
}

// versionPath returns the part of the path before a route.
func versionPath(service string) string {
	return map[string]string{"compute": "/v2.1", "image": "/v2", "network": "/v2.0", "volume": "/v3/*", "load-balancer": "/v2.0"}[service]
}

var placeholders = regexp.MustCompile(`{[^}]*}`)

// ruleFor returns the access rule that allows a request.
func ruleFor(e simulator.Exchange) accessRule {
	return accessRule{e.Service, e.Method, versionPath(e.Service) + placeholders.ReplaceAllString(e.Route, "*")}
}

// role returns the smallest of Keystone's and Octavia's usual roles for the
// requests of the rule.
func (r accessRule) role() string {
	roles := map[bool]string{false: "member", true: "reader"}
	if r.Service == "load-balancer" {
		roles = map[bool]string{false: "load-balancer_member", true: "load-balancer_observer"}
	}
	return roles[r.Method == http.MethodGet]
}

// types returns the types that the catalog may have for the service of the rule.
// Which of them Cinder compares with the rules is a setting of Cinder.
func (r accessRule) types() []string {
	if r.Service == "volume" {
		return []string{"block-storage", "volumev3"}
	}
	return []string{r.Service}
}

func (r accessRule) compare(other accessRule) int {
	return cmp.Or(cmp.Compare(r.Service, other.Service), cmp.Compare(r.Path, other.Path), cmp.Compare(r.Method, other.Method))
}

// privileges are the access rules that the methods need, and whether a method
// needs the rule only after a failure.
type privileges map[accessRule]map[string]bool

func (p privileges) add(s scenario, failure bool, requests []simulator.Exchange) {
	method, variant, _ := strings.Cut(s.name, " ")
	if method == "orphans" { // a command and its subcommand
		method = strings.TrimSpace(method + " " + variant)
	}
	for _, request := range requests {
		if request.Service == "identity" {
			continue // a token is issued without a token
		}
		rule := ruleFor(request)
		if p[rule] == nil {
			p[rule] = map[string]bool{}
		}
		onlyAfter, known := p[rule][method]
		p[rule][method] = failure && (onlyAfter || !known)
	}
}

func (p privileges) rules() []accessRule {
	return slices.SortedFunc(maps.Keys(p), accessRule.compare)
}

// collectPrivileges makes the call of every scenario, without a fault and with
// each of its requests failing.
func collectPrivileges(t *testing.T) privileges {
	t.Helper()
	needed := privileges{
		// Octavia reads the subnet of a new member with the token of its caller.
		{"network", http.MethodGet, "/v2.0/subnets/*"}: {"create_vm (by Octavia)": false},
	}
	for _, s := range slices.Concat(readers(), scenarios(), variants(), orphanSearches()) {
		faults := []simulator.Fault{}
		inCloud(t, simulator.Options{}, func(e *env) {
			requests := requestsWith(e, s, nil)
			needed.add(s, false, requests)
			faults = faultsOf(requests)
		})
		for _, fault := range faults {
			inCloud(t, simulator.Options{}, func(e *env) { needed.add(s, true, requestsWith(e, s, &fault)) })
		}
	}
	return needed
}

// requestsWith returns the requests of the scenario's call, which may fail.
func requestsWith(e *env, s scenario, fault *simulator.Fault) []simulator.Exchange {
	call := s.prepare(e)
	e.cloud.ResetJournal()
	if fault != nil {
		e.cloud.Inject(*fault)
	}
	if err := call(e.Context(), e.cpi()); err != nil && fault == nil {
		e.Logf("%s: %s", s.name, err)
	}
	return e.cloud.Journal()
}

// faultsOf returns the faults after which methods look for, repeat or undo what
// the requests did.
func faultsOf(requests []simulator.Exchange) []simulator.Fault {
	faults := []simulator.Fault{}
	writes, read := 0, map[string]bool{}
	for _, request := range requests {
		if !request.Write {
			if !read[request.Call()] {
				read[request.Call()] = true
				faults = append(faults, simulator.Fault{On: request.Call(), Status: http.StatusForbidden})
			}
			continue
		}
		writes++
		for _, fault := range []simulator.Fault{
			{Kind: simulator.Dropped}, {Status: http.StatusBadRequest}, {Status: http.StatusPreconditionFailed},
		} {
			fault.Match, fault.Nth = func(e simulator.Exchange) bool { return e.Write }, writes
			faults = append(faults, fault)
		}
	}
	return faults
}

// variants are calls that send requests which no scenario sends: they meet what
// earlier calls or others have left, or have rare properties.
func variants() []scenario {
	creatingOn := func(prepare func(e *env)) func(e *env) func(context.Context, *CPI) error {
		return func(e *env) func(context.Context, *CPI) error {
			prepare(e)
			return creating(e, func() bosh.CreateVMArgs { return e.newVM(e.manual(contested), smallVM) })
		}
	}
	return []scenario{
		{name: "create_vm on the address of a lost VM", prepare: creatingOn(func(e *env) {
			e.lostVM()
			e.pass(16 * time.Minute)
		})},
		{name: "create_vm on the address of another port", prepare: creatingOn(func(e *env) { e.operatorsPort(ports.CreateOpts{}) })},
		{name: "create_vm with the floating IP of another VM", prepare: func(e *env) func(context.Context, *CPI) error {
			args := e.newVM(e.networks(`{"private":{"type":"dynamic","default":["gateway"],"cloud_properties":{"net_id":%q}},"vip":{"type":"vip","ip":%q}}`,
				e.cloud.Fixtures().Networks["private"], e.floatingIP()), smallVM)
			_, err := e.cpi().CreateVM(e.Context(), args)
			require.NoError(e, err)
			return creating(e, func() bosh.CreateVMArgs { return args })
		}},
		{name: "create_vm with a QoS policy", prepare: func(e *env) func(context.Context, *CPI) error {
			return creating(e, func() bosh.CreateVMArgs {
				return e.newVM(e.networks(`{"private":{"ip":"10.0.0.10","default":["gateway"],"cloud_properties":{"net_id":%q,"qos_policy":"limited"}}}`,
					e.net("private")), smallVM)
			})
		}},
		{name: "create_vm in another zone than its disk", prepare: func(e *env) func(context.Context, *CPI) error {
			args := e.newVM(e.manual(contested), `{"instance_type":"m1.small","availability_zone":"z2"}`)
			args.Disks = []bosh.DiskCID{e.disk()}
			return creating(e, func() bosh.CreateVMArgs { return args })
		}},
		{name: "create_disk in a zone that Cinder does not have", prepare: func(*env) func(context.Context, *CPI) error {
			return func(ctx context.Context, c *CPI) error {
				_, err := c.CreateDisk(ctx, bosh.CreateDiskArgs{SizeMiB: 1024, CloudProperties: []byte(`{"availability_zone":"nowhere"}`)})
				return err
			}
		}},
		{name: "create_stemcell again", prepare: func(e *env) func(context.Context, *CPI) error {
			args := bosh.CreateStemcellArgs{ImagePath: e.stemcellArchive(1 << 10), CloudProperties: []byte(stemcellProperties)}
			e.upload(args)
			return func(ctx context.Context, c *CPI) error {
				_, err := c.CreateStemcell(ctx, args)
				return err
			}
		}},
	}
}

// orphanSearches are runs of the command orphans, on a project that has an
// orphan of every kind.
func orphanSearches() []scenario {
	search := func(e *env) (*orphans.Cloud, orphans.Found, []orphans.Judged, error) {
		e.Helper()
		_, session, _ := e.session()
		cloud := orphans.New(session)
		found, err := cloud.Find(e.Context())
		return cloud, found, orphans.Rules{Known: &orphans.Known{}, NothingKnown: true, Now: time.Now()}.Judge(found), err
	}
	return []scenario{
		{name: "orphans", prepare: func(e *env) func(context.Context, *CPI) error {
			e.leaveOrphans()
			return func(context.Context, *CPI) error {
				_, _, _, err := search(e)
				return err
			}
		}},
		{name: "orphans delete", prepare: func(e *env) func(context.Context, *CPI) error {
			e.leaveOrphans()
			return func(ctx context.Context, _ *CPI) error {
				cloud, found, judged, err := search(e)
				cloud.Delete(ctx, found, orphans.Confirmed(judged, judged, true), func(_ orphans.Judged, failed error) {
					err = errors.Join(err, failed)
				})
				return err
			}
		}},
	}
}

// leaveOrphans creates an object of every kind that the command orphans finds.
func (e *env) leaveOrphans() {
	e.Helper()
	args := e.newVM(e.networks(`{"private":{"type":"manual","ip":"10.0.0.10","default":["gateway"],"cloud_properties":{"net_id":%q}},"vip":{"type":"vip","ip":%q}}`,
		e.cloud.Fixtures().Networks["private"], e.floatingIP()),
		fmt.Sprintf(`{"instance_type":"m1.small","boot_from_volume":true,"loadbalancer_pools":[{"name":%q,"port":8080}]}`, e.pool()))
	_, err := e.cpi().CreateVM(e.Context(), args)
	require.NoError(e, err)
	_, err = e.cpi().SnapshotDisk(e.Context(), bosh.SnapshotDiskArgs{Disk: e.disk()})
	require.NoError(e, err)
	e.upload(bosh.CreateStemcellArgs{ImagePath: e.stemcellArchive(1 << 10), CloudProperties: []byte(stemcellProperties)})
	owner := mark.Owner{DirectorUUID: directorUUID}
	_, err = networks.Create(e.Context(), e.neutron(), networks.CreateOpts{Name: "made", Description: owner.Description()}).Extract()
	require.NoError(e, err)
}

// matches reports whether the rule allows the request of the other rule.
func (r accessRule) matches(request accessRule) bool {
	pattern := "^" + strings.ReplaceAll(r.Path, "*", "[^/]+") + "$"
	return r.Service == request.Service && r.Method == request.Method && regexp.MustCompile(pattern).MatchString(request.Path)
}

// guarded fails the test for requests that docs/access-rules.json does not
// allow. Rules are compared as Keystone's middleware compares them.
type guarded struct {
	*env

	cloud http.RoundTripper
}

// endpoint are the types of the services by the first part of the path of their
// simulated endpoints.
var endpoint = regexp.MustCompile(`^/(compute|image|networking|volume|load-balancer)(/.*)$`)

// RoundTrip implements http.RoundTripper.
func (g guarded) RoundTrip(request *http.Request) (*http.Response, error) {
	if found := endpoint.FindStringSubmatch(request.URL.Path); found != nil {
		service := map[string]string{"networking": "network", "volume": "volumev3"}[found[1]]
		rule := accessRule{cmp.Or(service, found[1]), request.Method, found[2]}
		if !*update && !slices.ContainsFunc(accessRules(), func(allowed accessRule) bool { return allowed.matches(rule) }) {
			g.Errorf("docs/access-rules.json does not allow %s %s: add a scenario that sends it, and run TestPrivilegesAreDocumented with -update",
				request.Method, request.URL.Path)
		}
	}
	return g.cloud.RoundTrip(request)
}

// docs/access-rules.json lists the requests that the CPI may send, as access
// rules of an application credential, and docs/privileges.md says which method
// needs which of them.
func TestPrivilegesAreDocumented(t *testing.T) {
	notWithRaceDetector(t)
	needed := collectPrivileges(t)
	document := accessRulesDocument(needed.rules())
	written, err := os.ReadFile(privilegesFile)
	require.NoError(t, err)
	page := withTables(t, string(written), needed)
	if *update {
		require.NoError(t, os.WriteFile(accessRulesFile, []byte(document), 0o644))
		require.NoError(t, os.WriteFile(embeddedRulesFile, []byte(document), 0o644))
		require.NoError(t, os.WriteFile(privilegesFile, []byte(page), 0o644))
	}
	rules, err := os.ReadFile(accessRulesFile)
	require.NoError(t, err)
	assert.Equal(t, string(rules), document, "run this test with -update and review the difference")
	embedded, err := os.ReadFile(embeddedRulesFile)
	require.NoError(t, err)
	assert.Equal(t, string(rules), string(embedded), "run this test with -update")
	assert.True(t, *update || string(written) == page, "the tables of %s differ: run this test with -update and review the difference", privilegesFile)
}

// accessRulesDocument returns the rules as JSON, one on each line.
func accessRulesDocument(rules []accessRule) string {
	lines := []string{}
	for _, rule := range rules {
		for _, name := range rule.types() {
			lines = append(lines, fmt.Sprintf(`  {"service": %q, "method": %q, "path": %q}`, name, rule.Method, rule.Path))
		}
	}
	return "[\n" + strings.Join(lines, ",\n") + "\n]\n"
}

// accessRules returns the rules of docs/access-rules.json.
var accessRules = sync.OnceValue(func() (rules []accessRule) {
	document, err := os.ReadFile(accessRulesFile)
	if err == nil {
		err = json.Unmarshal(document, &rules)
	}
	if err != nil {
		panic(err)
	}
	return rules
})

const beginTables, endTables = "<!-- generated: begin -->\n", "<!-- generated: end -->\n"

// withTables returns the page with the tables of what is needed.
func withTables(t *testing.T, page string, needed privileges) string {
	t.Helper()
	before, rest, begins := strings.Cut(page, beginTables)
	_, after, ends := strings.Cut(rest, endTables)
	require.True(t, begins && ends, "%s has no generated part", privilegesFile)
	return before + beginTables + "\n" + methodsTable(needed) + "\n" + callsTable(needed) + "\n" + endTables + after
}

// methodsTable lists the roles of every method.
func methodsTable(needed privileges) string {
	roles := map[string][]string{}
	for rule, methods := range needed {
		for name := range methods {
			method, _, _ := strings.Cut(name, " (")
			roles[method] = append(roles[method], rule.role())
		}
	}
	lines := []string{"| CPI method | roles |", "|---|---|", "| info, ping | none |"}
	for _, method := range slices.Sorted(maps.Keys(roles)) {
		all := slices.Compact(slices.Sorted(slices.Values(roles[method])))
		if slices.Contains(all, "member") {
			all = slices.DeleteFunc(all, func(role string) bool { return role == "reader" })
		}
		if slices.Contains(all, "load-balancer_member") {
			all = slices.DeleteFunc(all, func(role string) bool { return role == "load-balancer_observer" })
		}
		lines = append(lines, fmt.Sprintf("| %s | `%s` |", method, strings.Join(all, "`, `")))
	}
	return strings.Join(lines, "\n") + "\n"
}

// callsTable lists the access rules and the methods that need them.
func callsTable(needed privileges) string {
	lines := []string{"| service | request | role | CPI methods |", "|---|---|---|---|"}
	for _, rule := range needed.rules() {
		methods := []string{}
		for _, method := range slices.Sorted(maps.Keys(needed[rule])) {
			if needed[rule][method] {
				method = "*" + method + "*"
			}
			methods = append(methods, method)
		}
		lines = append(lines, fmt.Sprintf("| %s | `%s %s` | `%s` | %s |", rule.Service, rule.Method, rule.Path, rule.role(), strings.Join(methods, ", ")))
	}
	return strings.Join(lines, "\n") + "\n"
}
