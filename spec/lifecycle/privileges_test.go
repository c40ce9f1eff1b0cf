package lifecycle_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
)

// accessRule is an access rule of an application credential.
type accessRule struct {
	ID      string `json:"id,omitempty"`
	Service string `json:"service"`
	Method  string `json:"method"`
	Path    string `json:"path"`
}

// serviceOf returns the name of the service in package cloud.
func (r accessRule) serviceOf() string {
	return map[string]string{"block-storage": "volume", "volumev3": "volume"}[r.Service]
}

var apiVersion = regexp.MustCompile(`/v\d.*$`)

// documentedRules returns the rules of docs/access-rules.json. If the endpoints
// of the cloud have a prefix before the API version, so have the paths.
func (s *scenario) documentedRules() (rules []accessRule) {
	s.Helper()
	document, err := os.ReadFile("../../docs/access-rules.json")
	require.NoError(s, err)
	require.NoError(s, json.Unmarshal(document, &rules))
	for i, rule := range rules {
		service := rule.Service
		if name := rule.serviceOf(); name != "" {
			service = name
		}
		address, err := url.Parse(s.cloud.Service(service).URL)
		require.NoError(s, err)
		rules[i].Path = apiVersion.ReplaceAllString(address.Path, "") + rule.Path
	}
	return rules
}

// accessRules is held while access rules are created or deleted. All credentials of
// a user share rules that are equal, and Keystone fails (500) to create a
// credential while one of its rules is deleted.
var accessRules sync.Mutex

// restricted creates an application credential with roles and access rules,
// configures the CPI with it and returns its session.
func (s *scenario) restricted(rules []accessRule, roles ...string) *cloud.Cloud {
	s.Helper()
	wanted := object{"name": s.director.UUID, "access_rules": rules, "roles": []object{}}
	for _, role := range roles {
		wanted["roles"] = append(wanted["roles"].([]object), object{"name": role})
	}
	user := "/users/" + s.cloud.Token.User.ID
	var made struct {
		Credential struct {
			ID, Secret string
			Rules      []accessRule `json:"access_rules"`
		} `json:"application_credential"`
	}
	accessRules.Lock()
	err := s.cloud.Send(s.Context(), http.MethodPost, "identity", user+"/application_credentials",
		object{"application_credential": wanted}, &made)
	accessRules.Unlock()
	require.NoError(s, err)
	s.Cleanup(func() {
		accessRules.Lock()
		defer accessRules.Unlock()
		// Keystone keeps the rules of a deleted credential.
		require.NoError(s, s.cloud.Delete(s.cleanupContext(), "identity", user+"/application_credentials/"+made.Credential.ID))
		for _, rule := range made.Credential.Rules {
			err := s.cloud.Delete(s.cleanupContext(), "identity", user+"/access_rules/"+rule.ID)
			if refused, ok := errors.AsType[*cloud.StatusError](err); !ok || refused.Status != http.StatusForbidden { // in use by another scenario, which deletes it
				require.NoError(s, err)
			}
		}
	})
	s.configure(byApplicationCredential(made.Credential.ID, made.Credential.Secret))
	session, err := cloud.Open(s.Context(), s.director.CPI.Config)
	require.NoError(s, err)
	return session
}

// status returns the status of the response to a request with the session.
func (s *scenario) status(session *cloud.Cloud, service, method, path string) int {
	s.Helper()
	response, err := session.Service(service).Do(s.Context(), method, path, nil)
	require.NoError(s, err)
	return response.Status
}

// An application credential with the documented access rules is sufficient for
// all methods and for the command orphans, and allows nothing else.
func TestLeastPrivilege(t *testing.T) {
	s := newScenario(t)
	session := s.restricted(s.documentedRules(), "member", "load-balancer_member")
	for service, paths := range map[string]struct{ allowed, refused string }{
		"compute": {"/flavors/detail", "/flavors"}, "network": {"/ports", "/security-groups/" + unknownID}, "volume": {"/volumes/detail", "/limits"},
		"load-balancer": {"/pools", "/loadbalancers"},
	} {
		if session.Has(service) {
			s.needsAccessRules(session, service, paths.allowed)
			assert.Equal(t, http.StatusUnauthorized, s.status(session, service, http.MethodGet, paths.refused), "%s %s", service, paths.refused)
		}
	}

	var stemcell, again string
	archive := s.archive(1)
	s.call(&stemcell, "create_stemcell", archive, s.stemcellProperties())
	s.Cleanup(func() { s.call(nil, "delete_stemcell", stemcell) })
	s.call(&again, "create_stemcell", archive, s.stemcellProperties())
	assert.Equal(t, stemcell, again)

	properties := object{}
	if s.cloud.Has("load-balancer") && s.fixtures.LoadBalancer.Pool.ID != "" {
		properties["loadbalancer_pools"] = []object{{"name": s.pool(), "port": 4443}}
	}
	_, address := s.lockFloatingIP()
	s.runLifeCycle(vmArguments{stemcell: stemcell, networks: networks{s.manual("private"), vip(address)}, properties: properties}, "")
	disk := s.createDisk(1024, object{})
	s.call(nil, "resize_disk", disk, 2048)
	assert.Equal(t, 2, s.volume(disk).SizeGiB)
	vm := s.createVM(vmArguments{
		stemcell: stemcell, networks: networks{s.dynamic("private")}, disks: []string{disk},
		properties: object{"boot_from_volume": true, "root_disk": object{"size": 2}},
	})
	s.call(nil, "reboot_vm", vm.cid)
	var found calculated
	s.call(&found, "calculate_vm_cloud_properties", object{"cpu": 1, "ram": 512, "ephemeral_disk_size": 1024})

	s.createNetwork(object{"range": "10.215.0.0/24", "gateway": "10.215.0.1", "cloud_properties": object{
		"external_network": s.network("external").ID, "tags": []string{"managed"},
	}})
	// A director that knows nothing: everything is an orphan.
	s.call(nil, "snapshot_disk", disk, object{})
	lists := slices.Concat(s.known("instances", []string{"vm_cid", "disk_cids"}), s.known("disks", []string{"disk_cid"}),
		s.known("stemcells", []string{"cid"}), s.known("snapshots", []string{"cid"}))
	code, left := s.orphans(slices.Concat([]string{"delete", "-yes", "-include-announced"}, lists)...)
	assert.Equal(t, 0, code, "%+v", left)
	code, left = s.orphans(lists...)
	assert.Equal(t, 0, code, "%+v", left)
	assert.False(t, s.has("has_vm", vm.cid))
	assert.False(t, s.has("has_disk", disk))
}

// Methods that change nothing need the role reader and access rules for GET.
func TestPrivilegesOfReadingMethods(t *testing.T) {
	s := newScenario(t)
	vm := s.createVM(vmArguments{networks: networks{s.manual("private")}})
	disk := s.createDisk(1024, object{}, vm.cid)
	reading := slices.DeleteFunc(s.documentedRules(), func(rule accessRule) bool { return rule.Method != http.MethodGet })
	session := s.restricted(reading, "reader")
	for service, paths := range map[string]struct{ allowed, refused string }{
		"compute": {"/flavors/detail", "/servers/"}, "network": {"/ports", "/ports/"}, "volume": {"/volumes/detail", "/volumes/"},
		"image": {"/images", "/images/"},
	} {
		s.needsAccessRules(session, service, paths.allowed)
		assert.Equal(t, http.StatusUnauthorized, s.status(session, service, http.MethodDelete, paths.refused+unknownID), service)
	}
	assert.True(t, s.has("has_vm", vm.cid))
	assert.True(t, s.has("has_disk", disk))
	var disks []string
	s.call(&disks, "get_disks", vm.cid)
	assert.Empty(t, disks)
	var found calculated
	s.call(&found, "calculate_vm_cloud_properties", object{"cpu": 1, "ram": 512, "ephemeral_disk_size": 1024})
	var light string
	s.call(&light, "create_stemcell", "/nonexistent", object{"image_id": s.fixtures.Image()})
	assert.Equal(t, s.fixtures.Image()+" light", light)
	s.refused("CloudError", []string{"check the access rules", "HTTP 401"}, "delete_disk", disk)
	s.configure(nil)
}

// needsAccessRules skips the scenario if a service does not compare requests
// with access rules: it then refuses all requests of the credential.
func (s *scenario) needsAccessRules(session *cloud.Cloud, service, allowed string) {
	s.Helper()
	status := s.status(session, service, http.MethodGet, allowed)
	s.needs(status != http.StatusUnauthorized, "service_type in [keystone_authtoken] of the service "+service)
	require.Equal(s, http.StatusOK, status, "%s %s", service, allowed)
}
