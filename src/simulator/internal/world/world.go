// Package world holds what all simulated services share: the clock with the
// changes that are due, ids, quotas, injected faults, the journal and the
// inventory.
package world

import (
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"sync"
	"time"
)

// World is the shared state of one simulated cloud. Its lock also protects the
// state of the services. Except for Lock, all methods need it.
type World struct {
	sync.Mutex
	Options  Options
	Fixtures Fixtures
	Faults   Faults

	now         time.Time // time of the request or of the change being handled
	random      *rand.Rand
	events      eventQueue
	quotas      map[string]int
	stateFaults []*StateFault
	journal     []Exchange
	violations  []string
	inventory   []func(Describe)
}

// New returns an empty world.
func New(options Options) *World {
	options = options.withDefaults()
	w := &World{
		Options:  options,
		Fixtures: newFixtures(),
		now:      time.Now(),
		random:   rand.New(rand.NewPCG(options.Seed, options.Seed)),
		quotas:   map[string]int{},
	}
	maps.Copy(w.quotas, options.Quotas)
	return w
}

// Now returns the time of the request or of the change being handled.
func (w *World) Now() time.Time { return w.now }

// Violate records a request that breaks the contract of a service.
func (w *World) Violate(what string) { w.violations = append(w.violations, what) }

// Violations returns what Violate recorded.
func (w *World) Violations() []string { return append([]string(nil), w.violations...) }

// NewID returns an RFC 4122 version 4 UUID. The sequence is the same for the
// same Options.Seed.
func (w *World) NewID() string { return formatUUID(w.random.Uint64(), w.random.Uint64()) }

// NewHexID returns an id in the form of Keystone: 32 hexadecimal digits.
func (w *World) NewHexID() string {
	id := w.NewID()
	return id[0:8] + id[9:13] + id[14:18] + id[19:23] + id[24:]
}

// RandomBytes returns n bytes of the same sequence.
func (w *World) RandomBytes(n int) []byte {
	bytes := []byte{}
	for len(bytes) < n {
		bytes = binary.BigEndian.AppendUint64(bytes, w.random.Uint64())
	}
	return bytes[:n]
}
