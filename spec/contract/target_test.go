package contract_test

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	openstack "github.com/piston/openstack-bosh-cpi/spec/cloud"
	shared "github.com/piston/openstack-bosh-cpi/spec/fixtures"
	"github.com/piston/openstack-bosh-cpi/spec/serve"
	"github.com/piston/openstack-bosh-cpi/spec/settings"
)

// runPrefix is the prefix of the name of every object that a run creates.
const runPrefix = "contract-"

// target is the cloud that the claims are checked on.
type target struct {
	release string // of the cloud; empty for the simulator
	run     string // prefix of the names of this run
	// check runs the check of a claim and passes on the response it returns.
	check func(t *testing.T, claim claim, deciding func(response))
}

// openTarget returns the target that CPI_TARGET selects.
func openTarget(t *testing.T) target {
	t.Helper()
	switch kind := os.Getenv("CPI_TARGET"); kind {
	case "", "simulator":
		return simulatorTarget()
	case "openstack":
		return openstackTarget(t)
	default:
		t.Fatalf("CPI_TARGET is %q; it can be simulator or openstack", kind)
		return target{}
	}
}

// fixtures are the objects that a cloud must have before a run: networks and
// images by id, all others by name. The tags say where the fixtures file has
// them.
type fixtures struct {
	Network             string `file:"networks.private.id"`                    // with a DHCP-enabled IPv4 subnet and a router to external
	ExternalNetwork     string `file:"networks.external.id"`                   // floating IPs come from here
	Image               string `file:"images"`                                 // a server can boot from it
	Flavor              string `file:"flavors with a disk only"`               // neither ephemeral disk nor swap
	FlavorWithSwap      string `file:"flavors with swap"`                      // and with a root disk
	FlavorWithEphemeral string `file:"flavors with a root and ephemeral disk"` // no swap
	FlavorWithoutDisk   string `file:"flavors without any disk"`               // for servers that boot from a volume
	KeyPair             string `file:"key_pair.name"`
	VolumeType          string `file:"volume_types"`               // the default one
	OtherVolumeType     string `file:"volume_types, a second one"` // of the same backend
	Zone                string `file:"availability_zones.compute"`
	OtherZone           string `file:"availability_zones.compute, a second one"`
}

// missing returns what the fixtures file lacks, sorted.
func (f fixtures) missing() []string {
	var names []string
	fields := reflect.ValueOf(f)
	for i := range fields.NumField() {
		if fields.Field(i).IsZero() {
			names = append(names, fields.Type().Field(i).Tag.Get("file"))
		}
	}
	slices.Sort(names)
	return names
}

// openstackTarget logs in to the cloud of the environment. If settings are
// missing, the run fails with a list of all of them.
func openstackTarget(t *testing.T) target {
	t.Helper()
	var problems []string
	need := func(name string) string {
		value := os.Getenv(name)
		if value == "" {
			problems = append(problems, name+" is not set")
		}
		return value
	}
	user := openstack.Properties{
		AuthURL: need("OS_AUTH_URL"), Username: need("OS_USERNAME"), APIKey: need("OS_PASSWORD"),
		Project: need("OS_PROJECT_NAME"), UserDomainName: need("OS_USER_DOMAIN_NAME"),
		ProjectDomainName: need("OS_PROJECT_DOMAIN_NAME"), Region: need("OS_REGION_NAME"),
		ConnectionOptions: openstack.ConnectionOptions{CAFile: settings.Path("OS_CACERT")},
	}
	release, confirmed := need("CPI_RELEASE"), need("CPI_PROJECT")
	need("CPI_FIXTURES")
	given, err := readFixtures(settings.Path("CPI_FIXTURES"))
	if err != nil {
		problems = append(problems, "CPI_FIXTURES: "+err.Error())
	}
	for _, name := range given.missing() {
		problems = append(problems, "CPI_FIXTURES has no "+name)
	}
	client, err := user.Client()
	if err != nil {
		problems = append(problems, "OS_CACERT: "+err.Error())
	}
	if len(problems) > 0 {
		t.Fatalf("CPI_TARGET=openstack cannot be used:\n  %s", strings.Join(problems, "\n  "))
	}

	session := authenticate(t, client, user)
	if confirmed != user.Project {
		t.Fatalf("the token is for project %q, but CPI_PROJECT is %q: nothing was changed", user.Project, confirmed)
	}
	given = given.withDefaultVolumeType(session)
	run := runPrefix + fmt.Sprintf("%x-%s", time.Now().Unix(), strings.ToLower(rand.Text()[:4]))
	session.sweep(run)
	t.Cleanup(func() { session.expectNothingOf(run) })

	return target{release: release, run: run, check: func(t *testing.T, claim claim, deciding func(response)) {
		t.Parallel()
		c := session.withT(t)
		c.run, c.fixtures, c.admin, c.withQuota = run, given, administrator(t, client, user), c.projectWithQuota
		c.withVolumeType = c.typeOfAdministrator
		if serve.Possible() {
			c.offer = func(data []byte, begin <-chan struct{}) string { return serve.Data(t, data, begin) }
		}
		deciding(claim.check(c))
	}}
}

// withT returns the session for use in one claim's test.
func (c *cloud) withT(t *testing.T) *cloud {
	t.Helper()
	session := *c
	session.t = t
	for _, s := range []*service{
		&session.identity, &session.compute, &session.network, &session.volume, &session.image, &session.loadBalancer,
	} {
		s.t = t
	}
	return &session
}

// administrator returns a function that logs in as the cloud's administrator,
// or nil if the environment has no credentials of one.
func administrator(t *testing.T, client *http.Client, user openstack.Properties) func() *cloud {
	t.Helper()
	admin := user
	admin.Username, admin.APIKey = os.Getenv("CPI_ADMIN_USERNAME"), os.Getenv("CPI_ADMIN_PASSWORD")
	admin.Project = os.Getenv("CPI_ADMIN_PROJECT_NAME")
	if admin.Username == "" {
		return nil
	}
	return func() *cloud { return authenticate(t, client, admin) }
}

// readFixtures takes the fixtures from the file that all suites share.
func readFixtures(path string) (fixtures, error) {
	if path == "" {
		return fixtures{}, nil
	}
	file, err := shared.Read(path)
	if err != nil {
		return fixtures{}, err
	}
	given := fixtures{
		Network: file.Networks["private"].ID, ExternalNetwork: file.Networks["external"].ID, Image: file.Image(),
		KeyPair:             file.KeyPair.Name,
		Flavor:              file.SmallestFlavor(func(f shared.Flavor) bool { return f.Disk > 0 && f.Ephemeral == 0 && f.Swap == 0 }),
		FlavorWithSwap:      file.SmallestFlavor(func(f shared.Flavor) bool { return f.Disk > 0 && f.Swap > 0 }),
		FlavorWithEphemeral: file.SmallestFlavor(func(f shared.Flavor) bool { return f.Disk > 0 && f.Ephemeral > 0 && f.Swap == 0 }),
		FlavorWithoutDisk:   file.DisklessFlavor(),
	}
	if types := slices.Sorted(maps.Keys(file.VolumeTypes)); len(types) > 1 {
		given.VolumeType, given.OtherVolumeType = types[0], types[1]
	}
	if zones := file.AvailabilityZones.Compute; len(zones) > 1 {
		given.Zone, given.OtherZone = zones[0], zones[1]
	}
	return given, nil
}

// withDefaultVolumeType makes the cloud's default volume type VolumeType.
func (f fixtures) withDefaultVolumeType(c *cloud) fixtures {
	name := c.volume.get("/types/default").expect(http.StatusOK).text("volume_type.name")
	if name != f.VolumeType {
		f.VolumeType, f.OtherVolumeType = name, f.VolumeType
	}
	return f
}
