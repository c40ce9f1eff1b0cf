// Package contract_test contains this project's claims about OpenStack and
// their checks. README.md describes how to read, run and add claims.
package contract_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// claim is one statement about OpenStack that the CPI and its simulator rely
// on.
type claim struct {
	id        string                  // service-subject-outcome; never changes: the key of observations
	statement string                  // one sentence
	proof     string                  // the line of OpenStack's source, or its documentation
	check     func(c *cloud) response // checks it and returns the deciding response

	// invalid marks a claim about requests that a client must not send: unknown
	// fields, filters, microversions. The simulator responds as OpenStack does
	// and also reports a violation.
	invalid bool

	// varies marks a claim whose deciding response depends on the cloud's
	// configuration. The simulator's need not equal an observed one.
	varies bool
}

// The sources of release 2025.1 that proofs refer to, each at a commit of its
// stable branch.
const (
	keystone = "https://github.com/openstack/keystone/blob/b896b71557ce8370c442fe05818a74d7a9a623a8/"
	nova     = "https://github.com/openstack/nova/blob/ce37978276744e92d91251210a1d9c2784eea375/"
	neutron  = "https://github.com/openstack/neutron/blob/b3e5fb647d14a2e8b1bd5bb78a712550f8fe6007/"
	libs     = "https://github.com/openstack/neutron-lib/blob/89473fdcb1e931c929572233a01194563c458d50/"
	cinder   = "https://github.com/openstack/cinder/blob/6cefd2f133d10627a667d56d806d4ca40534a6cb/"
	glance   = "https://github.com/openstack/glance/blob/f1366dff052625bd70f7eff50d97417e114ea7da/"
	octavia  = "https://github.com/openstack/octavia/blob/fa4fc311e34d96269969a3d68aaa1d4c71deb0a2/"
)

// allClaims returns the claims by subject.
func allClaims() map[string][]claim {
	return map[string][]claim{
		"keystone":         keystoneClaims,
		"every-service":    everyServiceClaims,
		"access-rules":     accessRuleClaims,
		"glance":           glanceClaims,
		"glance-import":    glanceImportClaims,
		"nova-catalog":     novaCatalogClaims,
		"nova-create":      novaCreateClaims,
		"nova-servers":     novaServerClaims,
		"nova-metadata":    novaMetadataClaims,
		"nova-actions":     novaActionClaims,
		"nova-groups":      novaGroupClaims,
		"nova-volumes":     novaVolumeClaims,
		"nova-boot":        novaBootClaims,
		"nova-network":     novaNetworkClaims,
		"cinder-volumes":   cinderVolumeClaims,
		"cinder-actions":   cinderActionClaims,
		"neutron-ports":    neutronPortClaims,
		"neutron-networks": neutronNetworkClaims,
		"neutron-routers":  neutronRouterClaims,
		"neutron-trunks":   neutronTrunkClaims,
		"octavia":          octaviaClaims,
		"lists":            listClaims,
	}
}

// TestContract checks every claim on the target.
func TestContract(t *testing.T) {
	target := openTarget(t)
	log, observed := newLog(target.release), observedReleases(t)
	t.Cleanup(func() { log.save(t) })

	for subject, claims := range allClaims() {
		t.Run(subject, func(t *testing.T) {
			for _, claim := range claims {
				t.Run(claim.id, func(t *testing.T) {
					var decided response
					t.Cleanup(func() { log.add(t, claim.id, decided) })
					target.check(t, claim, func(r response) { decided = r })
					if target.release == "" && !claim.varies {
						requireObserved(t, observed, claim.id, decided)
					}
				})
			}
		})
	}
}

// TestClaimsAreWellFormed checks that ids are unique and that every claim has a
// statement and a proof.
func TestClaimsAreWellFormed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, claims := range allClaims() {
		for _, claim := range claims {
			assert.Falsef(t, seen[claim.id], "two claims have the id %s", claim.id)
			seen[claim.id] = true
			assert.Regexp(t, `^[a-z0-9.-]+$`, claim.id)
			assert.Regexp(t, `^[A-Z].*\.$`, claim.statement, claim.id)
			assert.Regexp(t, `^https://(github\.com/openstack/.+\.(py|ini|rst|inc|json|ya?ml)#L\d+|docs\.openstack\.org/.+)$`, claim.proof, claim.id)
			require.NotNil(t, claim.check, claim.id)
		}
	}
}
