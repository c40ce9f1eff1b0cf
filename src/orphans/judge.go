package orphans

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Verdict is what an object is found to be.
type Verdict string

// The verdicts. Only orphans and, on explicit demand, guarded objects are
// deleted.
const (
	// Orphan: no list has the object, and nothing uses it.
	Orphan Verdict = "orphan"
	// Guarded: no list has the object, but it was in use by BOSH or still is.
	// Perhaps the lists are incomplete.
	Guarded Verdict = "guarded"
	// KnownObject: a list has the object, or what it belongs to.
	KnownObject Verdict = "known"
	// Young: the object is younger than the minimum age; a CPI may be working
	// with it.
	Young Verdict = "young"
	// Foreign: the object belongs to a director that was not selected.
	Foreign Verdict = "foreign"
	// Undecided: a list that is needed to judge the object is missing.
	Undecided Verdict = "undecided"
)

// Judged is an object with its verdict.
type Judged struct {
	Object

	Verdict Verdict
	Reason  string
	Age     time.Duration
}

// Deletable reports whether the object may be deleted.
func (j Judged) Deletable(includeGuarded bool) bool {
	return j.Verdict == Orphan || includeGuarded && j.Verdict == Guarded
}

// Rules decide which objects are orphans.
type Rules struct {
	Known *Known
	// MinAge is the age from which on an object can be an orphan.
	MinAge time.Duration
	// Director is the UUID of the only director whose objects can be orphans,
	// "all", or "" for the directors that the lists belong to.
	Director string
	// NothingKnown says that the director is gone and knows nothing any more.
	NothingKnown bool
	Now          time.Time
}

// AllDirectors selects the objects of all directors.
const AllDirectors = "all"

// Judge returns all objects with their verdicts, in the same order.
func (r Rules) Judge(found Found) []Judged {
	b := bench{Rules: r, found: found, directors: r.selected(found.Objects), servers: map[string]Judged{}, ports: map[string]Judged{}}
	// What an object belongs to is judged before the object.
	for _, kind := range []Kind{Server, Port} {
		for _, object := range found.Objects {
			switch {
			case object.Kind == kind && kind == Server:
				b.servers[object.ID] = b.judge(object)
			case object.Kind == kind && kind == Port:
				b.ports[object.ID] = b.judge(object)
			}
		}
	}
	judged := make([]Judged, 0, len(found.Objects))
	for _, object := range found.Objects {
		judged = append(judged, b.judge(object))
	}
	return judged
}

// selected returns the directors whose objects can be orphans, nil for all.
func (r Rules) selected(found []Object) map[string]bool {
	switch {
	case r.Director == AllDirectors || r.Director == "" && r.Known.Empty():
		return nil
	case r.Director != "":
		return map[string]bool{r.Director: true}
	}
	return r.Known.Directors(found)
}

// bench is the state of one judgement.
type bench struct {
	Rules

	found     Found
	directors map[string]bool // nil for all
	servers   map[string]Judged
	ports     map[string]Judged
}

// judge decides about one object.
func (b bench) judge(o Object) Judged {
	j := Judged{Object: o}
	if !o.Created.IsZero() {
		j.Age = b.Now.Sub(o.Created)
	}
	j.Verdict, j.Reason = b.verdict(o)
	if j.Verdict != Orphan && j.Verdict != Guarded {
		return j
	}
	switch {
	case !b.selects(o):
		j.Verdict, j.Reason = Foreign, "belongs to another director"
	case o.Kind == ServerGroup:
	case o.Created.IsZero() && b.MinAge > 0:
		j.Verdict, j.Reason = Undecided, "the cloud does not report its age"
	case j.Age < b.MinAge:
		j.Verdict, j.Reason = Young, fmt.Sprintf("younger than %s", b.MinAge)
	}
	return j
}

// selects reports whether the object belongs to a selected director. An object
// that does not say whose it is belongs to it if the project has no other.
func (b bench) selects(o Object) bool {
	if b.directors == nil || b.directors[o.Owner.DirectorUUID] {
		return true
	}
	return o.Owner.DirectorUUID == "" && !slices.ContainsFunc(b.found.Objects, func(other Object) bool {
		return other.Owner.DirectorUUID != "" && !b.directors[other.Owner.DirectorUUID]
	})
}

func (b bench) verdict(o Object) (Verdict, string) {
	if b.Known.has(o.ID) {
		return KnownObject, "in a list of known CIDs"
	}
	switch o.Kind {
	case Server:
		return b.serverVerdict(o)
	case Port, PoolMember, BootVolume:
		return b.partVerdict(o)
	case FloatingIP:
		return b.ports[o.Port].Verdict, sharedReason("port", b.ports[o.Port])
	case Volume:
		return b.volumeVerdict(o)
	case Snapshot:
		return b.snapshotVerdict(o)
	case ServerGroup:
		return Orphan, "no server is in it"
	default:
		return b.unknown(o)
	}
}

// serverVerdict needs no list to decide about a server that was never announced:
// every create_vm that is answered is followed by set_vm_metadata.
func (b bench) serverVerdict(o Object) (Verdict, string) {
	verdict, reason := b.unknown(o)
	switch {
	case !o.Announced && b.Known.Empty() && !b.NothingKnown:
		return Orphan, "create_vm has not ended: set_vm_metadata was never called"
	case verdict != Orphan:
		return verdict, reason
	case !o.Announced:
		return Orphan, reason + ", and set_vm_metadata was never called"
	}
	return Guarded, reason + ", but set_vm_metadata was called"
}

// partVerdict decides about an object that belongs to a server. It shares the
// server's fate, and is an orphan if the server is gone.
func (b bench) partVerdict(o Object) (Verdict, string) {
	server, marked := b.servers[o.Server]
	name, exists := b.found.servers[o.Server]
	switch {
	case marked:
		return server.Verdict, sharedReason("server", server)
	case exists:
		return Undecided, fmt.Sprintf("belongs to server %s (%s), which no CPI created", o.Server, name)
	case b.found.failed(Server):
		return Undecided, "the list of servers failed"
	case o.Server == "":
		return Orphan, "no server has it"
	}
	return Orphan, fmt.Sprintf("its server %s is gone", o.Server)
}

// sharedReason is the reason of an object that shares the verdict of another one.
func sharedReason(kind string, of Judged) string {
	if of.Verdict == Orphan || of.Verdict == Guarded {
		return fmt.Sprintf("belongs to %s %s", kind, of.ID)
	}
	return fmt.Sprintf("its %s is %s", kind, of.Verdict)
}

// volumeVerdict decides about a persistent disk.
func (b bench) volumeVerdict(o Object) (Verdict, string) {
	verdict, reason := b.unknown(o)
	switch {
	case verdict != Orphan:
		return verdict, reason
	case o.Server != "":
		return Guarded, reason + ", but attached to server " + o.Server
	case o.Announced:
		return Guarded, reason + ", but set_disk_metadata was called"
	}
	return verdict, reason
}

// snapshotVerdict guards the snapshots of a deployment of which the lists have
// none: bosh lists snapshots one deployment at a time.
func (b bench) snapshotVerdict(o Object) (Verdict, string) {
	verdict, reason := b.unknown(o)
	if verdict != Orphan || o.State != "available" || b.NothingKnown {
		return verdict, reason
	}
	listed := slices.ContainsFunc(b.found.Objects, func(other Object) bool {
		return other.Kind == Snapshot && other.Owner.Deployment == o.Owner.Deployment && b.Known.has(other.ID)
	})
	if listed {
		return verdict, reason
	}
	return Guarded, fmt.Sprintf("%s, and the lists have none of deployment %q", reason, o.Owner.Deployment)
}

// unknown decides about an object that no list has. It is an orphan if the lists
// would have it.
func (b bench) unknown(o Object) (Verdict, string) {
	if b.NothingKnown {
		return Orphan, "the director knows nothing any more"
	}
	if unfinished(o) {
		return Orphan, fmt.Sprintf("its creation has not ended, its state is %s", o.State)
	}
	parts := partsOf(o.Kind)
	if len(parts) == 0 && !slices.ContainsFunc(b.Known.lists, func(l list) bool { return l.isAbout(o.Kind, b.found.Objects) }) {
		return Undecided, "no list of its kind"
	}
	if missing := b.Known.missing(o.Kind, o.Owner.DirectorUUID, b.found.Objects); len(missing) > 0 {
		return Undecided, "no list of " + joined(missing)
	}
	return Orphan, "in no list of " + joined(parts)
}

// unfinished reports whether the creation of an image or a snapshot has not
// ended. The director never received its CID, so that no list is needed.
func unfinished(o Object) bool {
	switch o.Kind {
	case Image:
		return slices.Contains([]string{"queued", "saving", "uploading", "importing", "killed"}, o.State)
	case Snapshot:
		return o.State == "creating" || o.State == "error"
	default:
		return false
	}
}

func joined(parts []part) string {
	words := make([]string, len(parts))
	for i, p := range parts {
		words[i] = string(p)
	}
	return strings.Join(words, " and ")
}
