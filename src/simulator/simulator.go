// Package simulator is a stateful OpenStack in one process: Keystone, Glance,
// Cinder, Nova, Neutron and Octavia as far as a BOSH CPI uses them, over HTTP
// or in process.
//
// It is strict: what the real services would refuse or silently ignore is
// refused and recorded in Violations. It keeps the life cycles of the real
// services (a volume is "creating" before it is "available") on the clock of
// the caller, so that virtual time works. It answers errors with the bodies of
// the real services. It uses the standard library only and defines its own
// JSON, so that a mistake in the client's encoding is not repeated here.
package simulator

import (
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/cinder"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/glance"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/keystone"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/neutron"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/nova"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/octavia"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// The types of the API are defined beside the code that uses them.
type (
	// Options describe the simulated cloud.
	Options = world.Options
	// Latencies are the times that changes take.
	Latencies = world.Latencies
	// Fixtures are the ids of what the cloud has from the beginning.
	Fixtures = world.Fixtures
	// Fault is an injected failure of requests.
	Fault = world.Fault
	// Faults are the faults that requests suffer, for another cloud than the
	// simulated one.
	Faults = world.Faults
	// FaultKind is the way in which a request fails.
	FaultKind = world.FaultKind
	// StateFault makes an operation fail after it was accepted.
	StateFault = world.StateFault
	// Exchange is one request to the cloud and its result.
	Exchange = world.Exchange
	// Inventory is everything that exists.
	Inventory = world.Inventory
	// Object describes one entry of an Inventory.
	Object = world.Object
)

// The kinds of faults; see FaultKind.
const (
	Answered   = world.Answered
	LostAnswer = world.LostAnswer
	Unanswered = world.Unanswered
	Dropped    = world.Dropped
	Refused    = world.Refused
	Delayed    = world.Delayed
	Altered    = world.Altered
	Truncated  = world.Truncated
)

// LatencyNames lists the names that Latencies.Set accepts.
func LatencyNames() []string { return world.LatencyNames() }

// QuotaNames lists the quotas that the services check.
func QuotaNames() []string { return world.QuotaNames() }

// NoValidHost is the fault text of Nova's scheduler when no host fits a server.
const NoValidHost = world.NoValidHost

// NoValidBackend is the text of Cinder's scheduler when no back end fits a volume.
const NoValidBackend = world.NoValidBackend

// RateLimited returns the fault of a cloud that limits requests: 429 with
// Retry-After in whole seconds.
func RateLimited(on string, retryAfter time.Duration) Fault { return world.RateLimited(on, retryAfter) }

// Simulator is one cloud with its state. All methods may be called
// concurrently.
type Simulator struct {
	world      *world.World
	dispatcher *api.Dispatcher
	keystone   *keystone.Service
	glance     *glance.Service
	cinder     *cinder.Service
	nova       *nova.Service
}

// New returns a cloud that contains its fixtures only. The zero Options are one
// region with two zones, no quotas and life cycles of seconds.
func New(options Options) *Simulator {
	w := world.New(options)
	s := &Simulator{world: w, dispatcher: &api.Dispatcher{World: w}}
	s.keystone = keystone.New(w)
	admin, projects := s.keystone.Admin(), s.keystone.Projects()
	s.glance = glance.New(w, admin)
	s.cinder = cinder.New(w, s.glance)
	neutron := neutron.New(w, admin, projects)
	s.nova = nova.New(w, neutron, s.cinder, s.glance)
	octavia := octavia.New(w, neutron)
	s.dispatcher.Authenticate = s.keystone.Authenticate
	s.dispatcher.Frontends = append(s.dispatcher.Frontends,
		s.keystone.Frontend, s.glance.Frontend, s.cinder.Frontend, neutron.Frontend, s.nova.Frontend)
	s.dispatcher.Frontends = append(s.dispatcher.Frontends, octavia.Frontends...)
	return s
}

// Fixtures returns the ids of what the cloud has from the beginning. The maps
// must not be changed.
func (s *Simulator) Fixtures() Fixtures { return s.world.Fixtures }

// Inject adds a fault. When several select a request, the one injected first
// applies.
func (s *Simulator) Inject(f Fault) { s.locked(func() { s.world.Faults.Inject(f) }) }

// ClearFaults removes the faults that have not happened yet.
func (s *Simulator) ClearFaults() { s.locked(s.world.Faults.Clear) }

// InjectStateFault adds a state fault. When several select a resource, the one
// injected first applies.
func (s *Simulator) InjectStateFault(f StateFault) {
	s.locked(func() { s.world.InjectStateFault(f) })
}

// ClearStateFaults removes all state faults. A resource that is stuck stays
// stuck.
func (s *Simulator) ClearStateFaults() { s.locked(s.world.ClearStateFaults) }

// SetQuota sets a limit; a negative limit is no limit. Options.Quotas lists the
// names.
func (s *Simulator) SetQuota(name string, limit int) {
	s.locked(func() { s.world.SetQuota(name, limit) })
}

// AddVolumeType adds a volume type, as an administrator does. The extra spec
// multiattach: "<is> True" allows several attachments of its volumes. No back end
// has a volume_backend_name.
func (s *Simulator) AddVolumeType(name string, extraSpecs map[string]string) {
	s.locked(func() { s.cinder.AddType(name, extraSpecs) })
}

// RevokeTokens makes every token invalid, as a restart of Keystone with new
// keys does.
func (s *Simulator) RevokeTokens() { s.locked(s.keystone.RevokeTokens) }

// Fail puts the server or the volume with the id into its error state, as the
// death of its host or backend does. What a service is doing with it has no
// result any more.
func (s *Simulator) Fail(id string) {
	s.locked(func() {
		s.nova.Fail(id)
		s.cinder.Fail(id)
	})
}

// DeleteFlavor deletes the flavor with the name, as an administrator of the cloud
// does. Servers keep theirs.
func (s *Simulator) DeleteFlavor(name string) { s.locked(func() { s.nova.DeleteFlavor(name) }) }

// DeleteKeyPair deletes the key pair with the name, as its user does. Servers keep
// theirs.
func (s *Simulator) DeleteKeyPair(name string) { s.locked(func() { s.nova.DeleteKeyPair(name) }) }

// Stall ends what the services are doing without a result: an object in an
// intermediate state stays there until another request changes it.
func (s *Simulator) Stall() { s.locked(s.world.Stall) }

// Inventory returns what exists now.
func (s *Simulator) Inventory() (found Inventory) {
	s.locked(func() { found = s.world.Inventory() })
	return found
}

// Leaks lists what exists now and did not exist in an earlier inventory.
func (s *Simulator) Leaks(before Inventory) []string { return s.Inventory().Leaks(before) }

// Journal returns all exchanges so far, oldest first. Secrets are redacted.
func (s *Simulator) Journal() (exchanges []Exchange) {
	s.locked(func() { exchanges = s.world.Journal() })
	return exchanges
}

// ResetJournal removes the exchanges so far.
func (s *Simulator) ResetJournal() { s.locked(s.world.ResetJournal) }

// Violations lists the requests that a strict OpenStack would not accept:
// unknown routes, query parameters, body fields and microversions. A test that
// uses the simulator fails when this list is not empty.
func (s *Simulator) Violations() (violations []string) {
	s.locked(func() { violations = s.world.Violations() })
	return violations
}

// locked calls do in the present state of the cloud, between two requests.
func (s *Simulator) locked(do func()) {
	s.world.Lock()
	defer s.world.Unlock()
	s.world.Settle()
	do()
}
