package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// cinder keeps volumes and snapshots.
type cinder struct {
	*Simulator
	images    images
	service   *service
	types     []volumeType // the first is the default
	volumes   []*volume    // oldest first
	snapshots []*snapshot
}

type volumeType struct{ id, name, description string }

// Microversions from which Cinder answers more fields, or asks for less.
const (
	volumeGroups         = 13
	volumeServiceUUID    = 48
	extendInUse          = 42
	snapshotUser         = 41
	volumeTypeID         = 63
	consumesQuota        = 65
	snapshotWithoutForce = 66
	cinderMicroversions  = 70
)

// images are the calls to Glance.
type images interface {
	Image(caller caller, id string) (img image, found bool)
}

func startCinder(s *Simulator, images images) *cinder {
	d := &cinder{Simulator: s, images: images}
	d.service = &service{
		name: "volume", root: "/volume", version: "/v3/{project_id}",
		refuse:           refuseWSGI,
		unknownRoute:     func(c *call, _ []string) answer { return webobError(c, http.StatusNotFound, webobNotFound) },
		unknownField:     unknownCinderField,
		badType:          badCinderBody,
		requestIDHeaders: []string{"X-Compute-Request-Id", "X-Openstack-Request-Id"},
		microversions: &microversions{
			major: 3, min: 0, max: cinderMicroversions, known: cinderMicroversions, kind: "volume",
		},
	}
	for _, name := range append(slices.Clone(s.options.VolumeTypes), "__DEFAULT__") {
		kind := volumeType{s.newID(), name, "volume type " + name}
		d.types = append(d.types, kind)
		s.fixtures.VolumeTypes[name] = kind.id
	}
	d.addRoutes()
	s.inventory = append(s.inventory, d.listAll)
	return d
}

func (d *cinder) addRoutes() {
	d.on("POST /volumes", d.createVolume)
	d.on("GET /volumes", d.listVolumes, "name", "status", "availability_zone", "bootable", "limit", "marker", "all_tenants")
	d.on("GET /volumes/detail", d.listVolumesDetail, "name", "status", "availability_zone", "bootable", "limit", "marker", "all_tenants")
	d.on("GET /volumes/{id}", d.showVolume)
	d.on("PUT /volumes/{id}", d.updateVolume)
	d.on("DELETE /volumes/{id}", d.deleteVolume, "cascade", "force")
	d.on("POST /volumes/{id}/action", d.volumeAction)
	d.onMetadata("/volumes/{id}", keysOfVolumes, d.volumeMetadata)
	d.on("POST /snapshots", d.createSnapshot)
	d.on("GET /snapshots", d.listSnapshots, "name", "status", "volume_id", "limit", "marker", "all_tenants")
	d.on("GET /snapshots/detail", d.listSnapshotsDetail, "name", "status", "volume_id", "limit", "marker", "all_tenants")
	d.on("GET /snapshots/{id}", d.showSnapshot)
	d.on("DELETE /snapshots/{id}", d.deleteSnapshot)
	// From release 2026.1 on; before, Cinder took any key here, but not at the creation of the snapshot.
	d.onMetadata("/snapshots/{id}", keysOfServers, d.snapshotMetadata)
	d.on("GET /types", d.listTypes, "is_public")
	d.on("GET /os-availability-zone", d.listZones)
	d.on("GET /limits", d.showLimits)
	for _, path := range []string{"", "/", "/v3", "/v3/"} {
		d.handleRoot(d.service, "GET "+path, d.versions)
	}
}

// on adds an operation that refuses a project in the path that is not the token's.
func (d *cinder) on(pattern string, h handler, queries ...string) {
	d.handle(d.service, pattern, func(c *call) (answer, error) {
		if c.path["project_id"] != c.Project {
			return answer{}, refuse(http.StatusBadRequest, "Malformed request url")
		}
		a, err := h(c)
		if a.body == nil && err == nil {
			a = a.withHeader("Content-Type", emptyType(c))
		}
		return a, err
	}, queries...)
}

// emptyType is the type that Cinder gives an answer without a body.
func emptyType(c *call) string {
	if c.request.Method == http.MethodDelete {
		return "text/html; charset=UTF-8"
	}
	return "application/json"
}

// overQuota is Cinder's answer to a request that needs more than the quota allows; nil when there is no problem.
func (d *cinder) overQuota(problem string) error {
	if problem == "" {
		return nil
	}
	a := answer{status: http.StatusRequestEntityTooLarge, body: object{"overLimit": object{
		"code": http.StatusRequestEntityTooLarge, "message": problem, "retryAfter": "0",
	}}}
	return &answerError{a.withHeader("Retry-After", "0")}
}

// tooManyGigabytes tells why a volume, a snapshot or a growth does not fit into the quota, "" when it does.
func (d *cinder) tooManyGigabytes(project string, more int) string {
	used := d.usedGigabytes(project)
	if !d.exceeds("gigabytes", used+more) {
		return ""
	}
	return fmt.Sprintf("VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. "+
		"Requested %dG, quota is %dG and %dG has been consumed.", more, d.quota("gigabytes"), used)
}

func (d *cinder) usedGigabytes(project string) int {
	used := 0
	for _, v := range ofProject(d.volumes, project) {
		used += v.size
	}
	for _, snap := range ofProject(d.snapshots, project) {
		used += snap.size
	}
	return used
}

// unknownCinderField: the schema of a new volume lets unknown fields pass, the others do not.
func unknownCinderField(_ *call, f unknownField) error {
	if f.Path == "volume" {
		return nil
	}
	return additionalProperty(f)
}

func badCinderBody(_ *call, bad badValue) error {
	if bad.Path == "" && bad.Wanted == "" {
		return refuse(http.StatusBadRequest, "Malformed request body")
	}
	problem := pythonRepr(bad.Value) + " is not of type '" + bad.Wanted + "'"
	switch {
	case bad.Path == "":
		return refuse(http.StatusBadRequest, problem)
	case bad.Wanted == "string":
		problem += ", 'null'"
	}
	return invalidField(lastSegment(bad.Path), bad.Value, problem)
}

// changed is the time of the last change, null before the first.
func changed(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return microseconds(t.Truncate(time.Second))
}

// listAll is Cinder's part of the inventory.
func (d *cinder) listAll(add describe) {
	for _, v := range d.volumes {
		servers := []string{}
		for _, a := range v.attachments {
			servers = append(servers, a.serverID)
			add("attachment", v.id+" to "+a.serverID, v.title(), object{"device": a.device})
		}
		fields := object{
			"description": v.description, "status": v.status, "size": v.size, "type": v.kind.name, "zone": v.zone,
			"bootable": v.bootable, "multiattach": v.multiattach, "snapshot": v.snapshotID, "source": v.sourceID,
			"metadata": v.metadata, "attachments": servers,
		}
		if v.image != nil {
			fields["image"] = v.image.id
		}
		add("volume", v.id, v.title(), fields)
	}
	for _, snap := range d.snapshots {
		add("snapshot", snap.id, deref(snap.name), object{
			"description": snap.description, "status": snap.status, "size": snap.size, "volume": snap.volumeID,
			"metadata": snap.metadata,
		})
	}
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
