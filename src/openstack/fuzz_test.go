package openstack_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/snapshots"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/volumeattach"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/loadbalancer/v2/pools"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
	"github.com/piston/openstack-bosh-cpi/src/openstack/image"
	"github.com/piston/openstack-bosh-cpi/src/openstack/loadbalancer"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
	"github.com/piston/openstack-bosh-cpi/src/openstack/volume"
)

const (
	fuzzPassword = "canary-password-of-the-user"
	fuzzToken    = "canary-token-of-the-session"
	// longestCall is the longest time that an operation may take on a cloud that
	// always answers at once: the state timeout, and the retries after it.
	longestCall = 15 * time.Minute
	// mostRequests is more than any operation needs on such a cloud, except to
	// read an endless list.
	mostRequests = 200
)

// answering is a cloud that gives one response to every request but those for a
// token.
type answering struct {
	token    func() *http.Response
	response func() *http.Response
	requests []*http.Request
}

func (a *answering) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		if _, err := io.Copy(io.Discard, request.Body); err != nil {
			return nil, err
		}
	}
	answer := a.response
	if strings.HasSuffix(request.URL.Path, "/tokens") {
		answer = a.token
	} else {
		a.requests = append(a.requests, request)
	}
	if len(a.requests) > mostRequests {
		// The end of endless lists is the subject of TestEndlessList.
		answer = func() *http.Response { return respond(http.StatusForbidden, "") }
	}
	response := answer()
	response.Request = request
	return response, nil
}

// validToken returns Keystone's response with a token and a catalog of all
// services.
func validToken() *http.Response {
	entries := []string{}
	for name, path := range map[string]string{
		"compute": "/compute/v2.1", "network": "/network", "volumev3": "/volume/v3/p", "image": "/image", "load-balancer": "/load-balancer",
	} {
		entries = append(entries, fmt.Sprintf(`{"type":%q,"endpoints":[{"interface":"public","region":"r","url":"http://cloud%s"}]}`, name, path))
	}
	expires := time.Now().Add(24 * time.Hour).UTC().Format("2006-01-02T15:04:05.000000Z")
	body := fmt.Sprintf(`{"token":{"expires_at":%q,"project":{"id":"p"},"catalog":[%s]}}`, expires, strings.Join(entries, ","))
	return respond(http.StatusCreated, body, "X-Subject-Token", fuzzToken, "Content-Type", "application/json")
}

func respond(status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func fuzzSession(t *testing.T, transport http.RoundTripper, change func(*config.OpenStack)) *openstack.Session {
	t.Helper()
	cfg := config.OpenStack{
		AuthURL: "http://keystone", Username: "u", APIKey: fuzzPassword, Project: "p", EndpointType: "public",
		StateTimeout: 5 * time.Minute, PollInterval: 5 * time.Second,
		Connection: config.Connection{VerifyPeer: true, ConnectTimeout: time.Minute, ReadTimeout: time.Minute, WriteTimeout: time.Minute},
	}
	if change != nil {
		change(&cfg)
	}
	session, err := openstack.NewSession(cfg, slog.New(slog.DiscardHandler), openstack.WithTransport(transport))
	require.NoError(t, err)
	return session
}

// operation is a call of a service package. It returns the ids of the objects
// in its result.
type operation struct {
	name string
	// isList is whether the result may be no object.
	isList bool
	call   func(ctx context.Context, s *openstack.Session) (ids []string, err error)
}

// ids returns the ids of the results of a call.
func ids[T any](id func(T) string) func([]T, error) ([]string, error) {
	return func(objects []T, err error) ([]string, error) {
		all := make([]string, len(objects))
		for i, object := range objects {
			all[i] = id(object)
		}
		return all, err
	}
}

const (
	fuzzID      = "5a2c9d1e-0000-4000-8000-000000000000"
	fuzzName    = "only"
	fuzzAddress = "10.0.0.10"
)

// operations are the calls whose responses are decoded: one for each kind of
// object and of list, creations, and calls that wait.
func operations() []operation {
	return []operation{
		{"server", false, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			found, err := compute.New(s).Server(ctx, fuzzID)
			return []string{found.ID}, err
		}},
		{"servers", true, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			return ids(func(o servers.Server) string { return o.ID })(compute.New(s).Servers(ctx))
		}},
		{"create server", false, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			made, err := compute.New(s).CreateServer(ctx, compute.CreateOpts{Name: fuzzName, FlavorID: "1", ImageID: fuzzID})
			return []string{made.ID}, err
		}},
		{"wait for server", false, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			found, err := compute.New(s).WaitActive(ctx, fuzzID)
			return []string{found.ID}, err
		}},
		{"flavors", true, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			return ids(func(o flavors.Flavor) string { return o.ID })(compute.New(s).Flavors(ctx))
		}},
		{"key pair", false, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			found, err := compute.New(s).KeyPair(ctx, fuzzName)
			return []string{found.Name}, err
		}},
		{"zones", true, func(ctx context.Context, s *openstack.Session) ([]string, error) { return compute.New(s).Zones(ctx) }},
		{"attachments", true, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			return ids(func(o volumeattach.VolumeAttachment) string { return o.ID })(compute.New(s).Attachments(ctx, fuzzID))
		}},
		{"attach", false, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			made, err := compute.New(s).Attach(ctx, fuzzID, fuzzID)
			return []string{made.ID}, err
		}},
		{"port", false, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			found, err := network.New(s).Port(ctx, fuzzID)
			return []string{found.ID}, err
		}},
		{"ports", true, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			return ids(func(o ports.Port) string { return o.ID })(network.New(s).PortsWithIP(ctx, fuzzAddress, ""))
		}},
		{"create port", false, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			made, err := network.New(s).CreatePort(ctx, network.PortCreateOpts{Name: fuzzName, NetworkID: fuzzID, FixedIPs: []string{fuzzAddress}})
			return []string{made.ID}, err
		}},
		{"network", false, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			found, err := network.New(s).Network(ctx, fuzzID)
			return []string{found.ID}, err
		}},
		{"networks", true, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			return ids(func(o networks.Network) string { return o.ID })(network.New(s).ProjectNetworks(ctx))
		}},
		{"security groups", true, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			return ids(func(o groups.SecGroup) string { return o.ID })(network.New(s).SecurityGroups(ctx, []string{"", fuzzName}))
		}},
		{"floating IP", false, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			found, err := network.New(s).FloatingIP(ctx, fuzzID)
			return []string{found.ID}, err
		}},
		{"floating IPs", true, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			return ids(func(o floatingips.FloatingIP) string { return o.ID })(network.New(s).FloatingIPs(ctx, []string{fuzzAddress}))
		}},
		{"volume", false, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			found, err := volume.New(s).Volume(ctx, fuzzID)
			return []string{found.ID}, err
		}},
		{"volumes", true, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			return ids(func(o volumes.Volume) string { return o.ID })(volume.New(s).Volumes(ctx))
		}},
		{"create volume", false, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			made, err := volume.New(s).CreateVolume(ctx, volume.CreateOpts{Name: fuzzName, SizeGiB: 1})
			return []string{made.ID}, err
		}},
		{"snapshot", false, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			found, err := volume.New(s).Snapshot(ctx, fuzzID)
			return []string{found.ID}, err
		}},
		{"snapshots", true, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			return ids(func(o snapshots.Snapshot) string { return o.ID })(volume.New(s).Snapshots(ctx))
		}},
		{"image", false, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			found, err := image.New(s).Image(ctx, fuzzID)
			return []string{found.ID}, err
		}},
		{"images", true, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			return ids(func(o images.Image) string { return o.ID })(image.New(s).FindImages(ctx, fuzzName, nil))
		}},
		{"pool", false, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			found, err := loadbalancer.New(s).Pool(ctx, fuzzName)
			return []string{found.ID}, err
		}},
		{"add member", false, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			id, err := loadbalancer.New(s).AddMember(ctx, loadbalancer.Member{PoolID: fuzzID, Address: fuzzAddress, Port: 80})
			return []string{id}, err
		}},
		{"members", true, func(ctx context.Context, s *openstack.Session) ([]string, error) {
			return ids(func(o pools.Member) string { return o.ID })(loadbalancer.New(s).ProjectMembers(ctx))
		}},
	}
}

// objectSeeds are responses of real services, cut to what identifies an object.
func objectSeeds() []string {
	object := func(key, fields string) []string {
		one := fmt.Sprintf(`{"id":%q,"name":"only",%s}`, fuzzID, fields)
		return []string{fmt.Sprintf(`{%q:%s}`, key, one), fmt.Sprintf(`{"%ss":[%s],"%ss_links":[{"rel":"next","href":"http://cloud/x?marker=m"}]}`, key, one, key)}
	}
	seeds := slices.Concat(
		object("server", `"status":"ACTIVE","OS-EXT-STS:task_state":null,"metadata":{"bosh_cpi":"x"},"created":"2026-01-01T00:00:00Z","addresses":{"n":[{"addr":"10.0.0.10","version":4}]},"fault":{"code":500,"message":"No valid host"}`),
		object("flavor", `"vcpus":1,"ram":512,"disk":1,"swap":"","OS-FLV-EXT-DATA:ephemeral":0,"OS-FLV-DISABLED:disabled":false,"rxtx_factor":1.0`),
		object("volume", `"status":"available","size":1,"attachments":[{"server_id":"s","device":"/dev/vdb"}],"created_at":"2026-01-01T00:00:00.000000","bootable":"false","metadata":{}`),
		object("snapshot", `"status":"available","volume_id":"v","size":1,"created_at":"2026-01-01T00:00:00.000000"`),
		object("port", `"network_id":"n","device_id":"d","fixed_ips":[{"ip_address":"10.0.0.10","subnet_id":"s"}],"project_id":"p","created_at":"2026-01-01T00:00:00Z","allowed_address_pairs":[]`),
		object("network", `"status":"ACTIVE","project_id":"p","shared":false,"subnets":["s"]`),
		object("security_group", `"project_id":"p"`),
		object("floatingip", `"floating_ip_address":"10.0.0.10","port_id":null,"fixed_ip_address":null,"revision_number":1,"project_id":"p"`),
		object("image", `"status":"active","size":1024,"visibility":"private","os_hash_algo":"sha512","os_hash_value":"x","created_at":"2026-01-01T00:00:00Z"`),
		object("pool", `"project_id":"p","loadbalancers":[{"id":"l"}],"listeners":[{"id":"l"}]`),
		object("member", `"address":"10.0.0.10","protocol_port":80,"provisioning_status":"ACTIVE"`),
		object("volumeAttachment", `"serverId":"s","volumeId":"5a2c9d1e-0000-4000-8000-000000000000","device":"/dev/vdb"`),
	)
	return append(seeds,
		`{"id":"`+fuzzID+`","name":"only","status":"active","size":1,"created_at":"2026-01-01T00:00:00Z"}`,
		`{"images":[{"id":"`+fuzzID+`","name":"only"}],"next":"/v2/images?marker=x"}`,
		`{"keypair":{"name":"only","fingerprint":"x"}}`,
		`{"availabilityZoneInfo":[{"zoneName":"nova","zoneState":{"available":true}}]}`,
	)
}

// errorSeeds are the forms of the services' errors.
func errorSeeds() []string {
	return []string{
		`{"itemNotFound":{"code":404,"message":"Instance could not be found."}}`,
		`{"NeutronError":{"type":"PortNotFound","message":"Port could not be found","detail":""}}`,
		`{"error":{"code":401,"title":"Unauthorized","message":"x"}}`,
		`{"faultcode":"Client","faultstring":"immutable","debuginfo":null}`,
		`{"code":"404 Not Found","title":"Not Found","message":"No image found<br /><br />"}`,
		`{"overLimit":{"code":413,"message":"limited","retryAfter":"2"}}`,
		`{"computeFault":{"code":500,"message":"unusual request: canary-token-of-the-session"}}`,
		`<html><head><title>502</title></head><body>Bad Gateway</body></html>`,
		``, `{}`, `null`, `[]`,
	}
}

// FuzzResponse checks that every response of a service becomes an object with an
// id, or an error: within a limited time, and after a limited number of requests,
// which all go to the service itself.
func FuzzResponse(f *testing.F) {
	all := operations()
	for i, seed := range objectSeeds() {
		f.Add(uint8(i), uint16(http.StatusOK), "", []byte(seed))
	}
	for i := range all {
		f.Add(uint8(i), uint16(http.StatusOK), "", []byte(objectSeeds()[i%len(objectSeeds())]))
		f.Add(uint8(i), uint16(http.StatusAccepted), "", []byte(`{}`))
	}
	for i, seed := range errorSeeds() {
		for j, status := range []uint16{200, 204, 302, 400, 401, 404, 409, 413, 429, 500, 503} {
			f.Add(uint8(i*11+j), status, []string{"", "2", "1e300", "Fri, 31 Dec 9999 23:59:59 GMT"}[j%4], []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, status uint16, retryAfter string, body []byte) {
		if status < 200 || status > 599 { // net/http returns no such response
			status = 200 + status%400
		}
		synctest.Test(t, func(t *testing.T) {
			op := all[int(which)%len(all)]
			cloud := &answering{token: validToken, response: func() *http.Response {
				return respond(int(status), string(body), "Content-Type", "application/json", "Retry-After", retryAfter)
			}}
			start := time.Now()
			ids, err := op.call(t.Context(), fuzzSession(t, cloud, nil))
			assert.Less(t, time.Since(start), longestCall, op.name)
			assert.Less(t, len(cloud.requests), mostRequests+10, op.name)
			for _, request := range cloud.requests {
				assert.Equal(t, "http://cloud", request.URL.Scheme+"://"+request.URL.Host, "the token is sent to the service only")
			}
			if err != nil {
				checkErrorText(t, err, int(status))
				return
			}
			assert.Less(t, status, uint16(http.StatusMultipleChoices), "%s: an error response is not a result", op.name)
			assert.True(t, json.Valid(body), "%s: the result comes from JSON", op.name)
			assert.True(t, op.isList || len(ids) == 1, op.name)
			assert.NotContains(t, ids, "", "%s: every object has an id", op.name)
		})
	})
}

// checkErrorText checks that an error is for people: short, complete and without
// a secret of the session that the cloud did not know before.
func checkErrorText(t *testing.T, err error, status int) {
	t.Helper()
	text := err.Error()
	assert.NotEmpty(t, text)
	assert.Less(t, len(text), 8<<10, "an error is not a page")
	assert.NotContains(t, text, fuzzPassword)
	if openstack.IsNotFound(err) {
		_, missing := errors.AsType[*openstack.MissingError](err)
		assert.True(t, status == http.StatusNotFound || missing, "only a 404 or a complete list is evidence for an absence: %v", err)
	}
}

// FuzzCatalog checks that every response of Keystone becomes a session with usable
// endpoints, or an error that names the service.
func FuzzCatalog(f *testing.F) {
	seed, err := io.ReadAll(validToken().Body)
	require.NoError(f, err)
	f.Add(false, "", "token", seed)
	f.Add(false, "r", "token", seed)
	f.Add(false, "", "token", []byte(`{"token":{"expires_at":"2027-01-01T00:00:00.000000Z","catalog":[{"type":"compute","endpoints":[{"interface":"public","region_id":"r","url":"ftp://nova"}]}]}}`))
	f.Add(false, "", "token", []byte(`{"token":{"expires_at":"2027-01-01T00:00:00.000000Z","catalog":[{"type":"compute","endpoints":[{"interface":"public","region":"a","url":"http://n/v2.1/%"},{"interface":"public","region":"b","url":"http://n"}]}]}}`))
	f.Add(false, "", "", []byte(`{"token":{}}`))
	f.Add(true, "", "", []byte(`{"access":{"token":{"id":"t","expires":"2027-01-01T00:00:00Z","tenant":{"id":"p"}},"serviceCatalog":[{"type":"volume","endpoints":[{"region":"r","publicURL":"http://c:8776/v1/p"}]},{"type":"image","endpoints":[{"region":"r","publicURL":"https://g"}]}]}}`))
	f.Fuzz(func(t *testing.T, v2 bool, region, token string, body []byte) {
		if strings.ContainsAny(token, "\r\n\x00") {
			t.Skip("net/http returns no such header")
		}
		synctest.Test(t, func(t *testing.T) {
			keystone := &answering{token: func() *http.Response {
				return respond(http.StatusCreated, string(body), "X-Subject-Token", token, "Content-Type", "application/json")
			}}
			session := fuzzSession(t, keystone, func(o *config.OpenStack) { o.IdentityV2, o.Tenant, o.Region = v2, "t", region })
			for _, client := range map[string]func(context.Context) (*gophercloud.ServiceClient, error){
				"Nova": session.Compute, "Neutron": session.Network, "Cinder": session.Volume, "Glance": session.Image, "Octavia": session.LoadBalancer,
			} {
				found, err := client(t.Context())
				if err != nil {
					checkErrorText(t, err, http.StatusCreated)
					continue
				}
				assert.True(t, json.Valid(body))
				assert.NotEmpty(t, found.Token(), "a session without a token")
				base, err := url.Parse(found.Endpoint)
				require.NoError(t, err)
				assert.Contains(t, []string{"http", "https"}, base.Scheme)
				assert.NotEmpty(t, base.Host)
				assert.True(t, strings.HasSuffix(found.Endpoint, "/"), found.Endpoint)
				assert.True(t, bytes.Contains(body, []byte("ndpoints")), "an endpoint that the catalog does not have")
				_, err = url.Parse(found.ServiceURL("things", fuzzID))
				require.NoError(t, err)
			}
		})
	})
}
