// Package simulator is a stateful OpenStack in one process: Keystone, Glance, Cinder, Nova, Neutron and Octavia as far as a
// BOSH CPI uses them, over HTTP or in process.
//
// It is strict (what the real services would refuse or silently ignore is refused and noted in Violations), it keeps the
// life cycles of the real services (a volume is "creating" before it is "available") by the clock of the caller, so that
// virtual time works, and it answers errors with the bodies of the real services. It depends on the standard library only and
// defines its own JSON, so that a mistake of the client's encoding cannot cancel itself out.
package simulator

import (
	"maps"
	"math/rand/v2"
	"sync"
	"time"
)

// Simulator is one cloud with its state. All methods may be called concurrently.
type Simulator struct {
	options Options
	router  router

	mu          sync.Mutex
	now         time.Time // time of the request or of the event being handled
	random      *rand.Rand
	events      eventQueue
	cloud       cloud
	fixtures    Fixtures
	quotas      map[string]int
	faults      []*armedFault
	stateFaults []*StateFault
	journal     []Exchange
	violations  []string
	inventory   []func(describe)
}

// New makes a cloud that has nothing but its fixtures, which Fixtures names. The zero Options give one region with two zones,
// no quotas and life cycles of seconds.
func New(options Options) *Simulator {
	options = options.withDefaults()
	s := &Simulator{
		options: options,
		now:     time.Now(),
		random:  rand.New(rand.NewPCG(options.Seed, options.Seed)),
		quotas:  map[string]int{},
	}
	maps.Copy(s.quotas, options.Quotas)
	s.fixtures = newFixtures()
	s.startServices()
	return s
}

// Violations lists the requests that a strict OpenStack would not have understood: unknown routes, query parameters, body
// fields and microversions. A test that uses the simulator fails when this list is not empty.
func (s *Simulator) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.violations...)
}

// violate notes a request that breaks the contract of a service.
func (s *Simulator) violate(c *call, what string) {
	s.violations = append(s.violations, c.request.Method+" "+c.request.URL.Path+": "+what)
}

// newID returns an RFC 4122 version 4 UUID; the sequence is the same for the same Options.Seed.
func (s *Simulator) newID() string {
	return formatUUID(s.random.Uint64(), s.random.Uint64())
}

// newHexID returns an id in the form of Keystone: 32 hexadecimal digits.
func (s *Simulator) newHexID() string {
	id := s.newID()
	return id[0:8] + id[9:13] + id[14:18] + id[19:23] + id[24:]
}
