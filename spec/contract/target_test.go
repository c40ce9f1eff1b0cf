package contract_test

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
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
// and images by id, everything else by name.
type fixtures struct {
	Network             string `json:"network"`          // with a DHCP-enabled IPv4 subnet, routed to external_network
	ExternalNetwork     string `json:"external_network"` // floating IPs come from here
	Image               string `json:"image"`            // any server boots from it
	Flavor              string `json:"flavor"`           // with a root disk, without swap
	FlavorWithSwap      string `json:"flavor_with_swap"`
	FlavorWithEphemeral string `json:"flavor_with_ephemeral"`
	FlavorWithoutDisk   string `json:"flavor_without_disk"` // root disk 0: boot from volume
	KeyPair             string `json:"key_pair"`
	VolumeType          string `json:"volume_type"`       // the default one
	OtherVolumeType     string `json:"other_volume_type"` // another one of the same backend
	Zone                string `json:"zone"`
	OtherZone           string `json:"other_zone"`
}

// missing names the empty fields as the fixtures file spells them, sorted.
func (f fixtures) missing() []string {
	var names []string
	fields := reflect.ValueOf(f)
	for i := range fields.NumField() {
		if fields.Field(i).IsZero() {
			names = append(names, fields.Type().Field(i).Tag.Get("json"))
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

func readFixtures(path string) (fixtures, error) {
	var given fixtures
	if path == "" {
		return given, nil
	}
	document, err := os.ReadFile(path)
	if err != nil {
		return given, fmt.Errorf("read fixtures: %w", err)
	}
	if err := json.Unmarshal(document, &given); err != nil {
		return given, fmt.Errorf("parse fixtures %s: %w", path, err)
	}
	return given, nil
}

// clientTrusting returns an HTTP client that trusts the CA of the file as well, when one is given.
func clientTrusting(caFile string) (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
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
