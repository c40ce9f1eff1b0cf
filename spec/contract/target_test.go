package contract_test

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	shared "github.com/piston/openstack-bosh-cpi/spec/fixtures"
)

// runPrefix begins the name of everything any run makes in a cloud.
const runPrefix = "contract-"

// target is where the claims are put to the test.
type target struct {
	release string // of the cloud; empty for the simulator
	run     string // begins the names of this run
	try     func(t *testing.T, claim claim, verdict func(answer))
}

// openTarget opens the simulator, or the cloud the environment asks for.
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

// fixtures are what a cloud must have before a run, by the name of their duty. Networks, subnets
// and images by id, everything else by name. The tags tell where the fixtures file has them.
type fixtures struct {
	Network             string `file:"networks.private.id"`                    // with a DHCP-enabled IPv4 subnet, routed to external
	ExternalNetwork     string `file:"networks.external.id"`                   // floating IPs come from here
	Image               string `file:"images"`                                 // any server boots from it
	Flavor              string `file:"flavors with a disk only"`               // neither ephemeral disk nor swap
	FlavorWithSwap      string `file:"flavors with swap"`                      // and with a root disk
	FlavorWithEphemeral string `file:"flavors with a root and ephemeral disk"` // no swap
	FlavorWithoutDisk   string `file:"flavors without any disk"`               // boot from volume
	KeyPair             string `file:"key_pair.name"`
	VolumeType          string `file:"volume_types"`               // the default one
	OtherVolumeType     string `file:"volume_types, a second one"` // of the same backend
	Zone                string `file:"availability_zones.compute"`
	OtherZone           string `file:"availability_zones.compute, a second one"`
}

// missing names what the fixtures file lacks, sorted.
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

// openstackTarget logs into the cloud of the environment. Asked for and unusable is fatal, and
// everything that is missing is said at once.
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
	user := login{
		authURL: versioned(need("OS_AUTH_URL")), username: need("OS_USERNAME"), password: need("OS_PASSWORD"),
		project: need("OS_PROJECT_NAME"), userDomain: need("OS_USER_DOMAIN_NAME"),
		projectDomain: need("OS_PROJECT_DOMAIN_NAME"), region: need("OS_REGION_NAME"),
	}
	release, confirmed := need("CPI_RELEASE"), need("CPI_PROJECT")
	given, err := readFixtures(need("CPI_FIXTURES"))
	if err != nil {
		problems = append(problems, "CPI_FIXTURES: "+err.Error())
	}
	for _, name := range given.missing() {
		problems = append(problems, "CPI_FIXTURES has no "+name)
	}
	client, err := clientTrusting(os.Getenv("OS_CACERT"))
	if err != nil {
		problems = append(problems, "OS_CACERT: "+err.Error())
	}
	if len(problems) > 0 {
		t.Fatalf("CPI_TARGET=openstack cannot be used:\n  %s", strings.Join(problems, "\n  "))
	}

	session := authenticate(t, client, user)
	if confirmed != user.project {
		t.Fatalf("the token is for project %q, but CPI_PROJECT names %q: nothing was touched", user.project, confirmed)
	}
	given = given.withDefaultVolumeType(session)
	run := runPrefix + fmt.Sprintf("%x-%s", time.Now().Unix(), strings.ToLower(rand.Text()[:4]))
	session.sweep(run)
	t.Cleanup(func() { session.wantsNothingOf(run) })

	return target{release: release, run: run, try: func(t *testing.T, claim claim, verdict func(answer)) {
		t.Parallel()
		c := session.lentTo(t)
		c.run, c.fixtures, c.admin, c.withQuota = run, given, administrator(t, client, user), c.projectWith
		verdict(claim.check(c))
	}}
}

// lentTo returns the session for the use of one claim.
func (c *cloud) lentTo(t *testing.T) *cloud {
	t.Helper()
	lent := *c
	lent.t = t
	for _, s := range []*service{
		&lent.identity, &lent.compute, &lent.network, &lent.volume, &lent.image, &lent.loadBalancer,
	} {
		s.t = t
	}
	return &lent
}

// administrator returns how to become the cloud's administrator, nil when the environment names none.
func administrator(t *testing.T, client *http.Client, user login) func() *cloud {
	t.Helper()
	admin := user
	admin.username, admin.password = os.Getenv("CPI_ADMIN_USERNAME"), os.Getenv("CPI_ADMIN_PASSWORD")
	admin.project = os.Getenv("CPI_ADMIN_PROJECT_NAME")
	if admin.username == "" {
		return nil
	}
	return func() *cloud { return authenticate(t, client, admin) }
}

// versioned returns the Keystone URL with its version segment.
func versioned(authURL string) string {
	return strings.TrimSuffix(strings.TrimSuffix(authURL, "/"), "/v3") + "/v3"
}

// readFixtures finds the fixtures in the file that all suites share.
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

// withDefaultVolumeType puts the type that the cloud gives to volumes without a wish in its place.
func (f fixtures) withDefaultVolumeType(c *cloud) fixtures {
	name := c.volume.get("/types/default").wants(http.StatusOK).text("volume_type.name")
	if name != f.VolumeType {
		f.VolumeType, f.OtherVolumeType = name, f.VolumeType
	}
	return f
}

// clientTrusting returns an HTTP client that trusts the CA of the file as well, when one is given.
func clientTrusting(caFile string) (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true // a service may close an idle connection just when a POST goes out on it
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, fmt.Errorf("read CA: %w", err)
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			return nil, fmt.Errorf("load system CAs: %w", err)
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("no certificate in %s", caFile)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: transport, Timeout: time.Minute}, nil
}
