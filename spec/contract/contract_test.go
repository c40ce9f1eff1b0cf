// Package contract_test holds what this project claims about OpenStack. README.md tells how to read,
// run and add claims.
package contract_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// claim is one statement about OpenStack that the CPI and its simulator rest on.
type claim struct {
	id    string                // service-subject-outcome, for ever: observations refer to it
	says  string                // the statement, one sentence
	proof string                // where OpenStack's source or API reference says so
	check func(c *cloud) answer // tries it; returns the answer that decides

	// offends marks what a client must never send: unknown fields, filters, microversions. The
	// simulator answers as OpenStack does, and also reports it.
	offends bool

	// varies marks what clouds decide differently, so that the simulator need not decide it as one of
	// those that were observed did.
	varies bool
}

// Where proofs point to: the sources of release 2025.1, each at a commit of its stable branch.
const (
	keystone = "https://github.com/openstack/keystone/blob/b896b71557ce8370c442fe05818a74d7a9a623a8/"
	nova     = "https://github.com/openstack/nova/blob/ce37978276744e92d91251210a1d9c2784eea375/"
	neutron  = "https://github.com/openstack/neutron/blob/b3e5fb647d14a2e8b1bd5bb78a712550f8fe6007/"
	libs     = "https://github.com/openstack/neutron-lib/blob/89473fdcb1e931c929572233a01194563c458d50/"
	cinder   = "https://github.com/openstack/cinder/blob/6cefd2f133d10627a667d56d806d4ca40534a6cb/"
	glance   = "https://github.com/openstack/glance/blob/f1366dff052625bd70f7eff50d97417e114ea7da/"
	octavia  = "https://github.com/openstack/octavia/blob/fa4fc311e34d96269969a3d68aaa1d4c71deb0a2/"
)

// chapters are all claims, by the subject they are about.
func chapters() map[string][]claim {
	return map[string][]claim{
		"keystone":         keystoneClaims,
		"every-service":    everyServiceClaims,
		"glance":           glanceClaims,
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
		"octavia":          octaviaClaims,
	}
}

// TestContract puts every claim to the test of the target.
func TestContract(t *testing.T) {
	target := openTarget(t)
	log, observed := newLog(target.release), observedReleases(t)
	t.Cleanup(func() { log.save(t) })

	for chapter, claims := range chapters() {
		t.Run(chapter, func(t *testing.T) {
			for _, claim := range claims {
				t.Run(claim.id, func(t *testing.T) {
					var decided answer
					t.Cleanup(func() { log.add(t, claim.id, decided) })
					target.try(t, claim, func(a answer) { decided = a })
					if target.release == "" && !claim.varies {
						requireObserved(t, observed, claim.id, decided)
					}
				})
			}
		})
	}
}

// TestClaimsAreWellFormed keeps ids unique and every claim with its sentence and its proof.
func TestClaimsAreWellFormed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, claims := range chapters() {
		for _, claim := range claims {
			assert.Falsef(t, seen[claim.id], "two claims are called %s", claim.id)
			seen[claim.id] = true
			assert.Regexp(t, `^[a-z0-9.-]+$`, claim.id)
			assert.Regexp(t, `^[A-Z].*\.$`, claim.says, claim.id)
			assert.Regexp(t, `^https://(github\.com/openstack/.+\.(py|ini|rst|inc|json|ya?ml)#L\d+|docs\.openstack\.org/.+)$`, claim.proof, claim.id)
			require.NotNil(t, claim.check, claim.id)
		}
	}
}
