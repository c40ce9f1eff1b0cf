// Package cinder simulates Cinder: volumes and snapshots.
package cinder

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/glance"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// Service is Cinder: volumes and snapshots.
type Service struct {
	world     *world.World
	images    images
	Frontend  *api.Frontend
	types     []volumeType // the first is the default
	volumes   []*volume    // oldest first
	snapshots []*snapshot
}

type volumeType struct {
	id, name, description string
	// multiattach allows several attachments of a volume.
	multiattach bool
	// backend is the name of the only back end for volumes of the type. No back
	// end has a name.
	backend string
}

// Microversions from which Cinder shows more fields or requires fewer.
const (
	volumeGroups         = 13
	volumeServiceUUID    = 48
	extendInUse          = 42
	snapshotUser         = 41
	volumeTypeID         = 63
	consumesQuota        = 65
	snapshotWithoutForce = 66
)

// images are the calls to Glance.
type images interface {
	Image(caller api.Caller, id string) (img glance.Image, found bool)
}

// New returns the service with its routes and fixtures.
func New(w *world.World, images images) *Service {
	d := &Service{world: w, images: images}
	d.Frontend = &api.Frontend{
		Name: "volume", Root: "/volume", Version: "/v3/{project_id}",
		Refuse: api.RefuseWSGI,
		UnknownRoute: func(c *api.Call, _ []string) api.Answer {
			return api.WebobError(c, http.StatusNotFound, api.WebobNotFound)
		},
		UnknownField:     unknownField,
		BadType:          badBody,
		RequestIDHeaders: []string{"X-Compute-Request-Id", "X-Openstack-Request-Id"},
		Microversions: &api.Microversions{
			Major: 3, Min: 0, Max: api.Microversion(w.Options.CinderMicroversion), Known: world.NewestCinderMicroversion, Kind: "volume",
		},
	}
	for _, name := range append(slices.Clone(w.Options.VolumeTypes), "__DEFAULT__") {
		d.AddType(name, nil)
	}
	d.addRoutes()
	w.AddInventory(d.listAll)
	return d
}

// AddType adds a volume type. Of the extra specs, multiattach and
// volume_backend_name have an effect.
func (d *Service) AddType(name string, extraSpecs map[string]string) {
	kind := volumeType{
		id: d.world.NewID(), name: name, description: "volume type " + name,
		multiattach: extraSpecs["multiattach"] == multiattachSpec, backend: extraSpecs["volume_backend_name"],
	}
	d.types = append(d.types, kind)
	d.world.Fixtures.VolumeTypes[name] = kind.id
}

// multiattachSpec is the value that Cinder requires.
const multiattachSpec = "<is> True"

func (d *Service) addRoutes() {
	d.on("POST /volumes", d.createVolume)
	d.on("GET /volumes", d.listVolumes, "name", "status", "availability_zone", "bootable", "limit", "marker", "all_tenants")
	d.on("GET /volumes/detail", d.listVolumesDetail, "name", "status", "availability_zone", "bootable", "limit", "marker", "all_tenants")
	d.on("GET /volumes/{id}", d.showVolume)
	d.on("PUT /volumes/{id}", d.updateVolume)
	d.on("DELETE /volumes/{id}", d.deleteVolume, "cascade", "force")
	d.on("POST /volumes/{id}/action", d.volumeAction)
	d.onMetadata("/volumes/{id}", api.VolumeKeys, d.volumeMetadata)
	d.on("POST /snapshots", d.createSnapshot)
	d.on("GET /snapshots", d.listSnapshots, "name", "status", "volume_id", "limit", "marker", "all_tenants")
	d.on("GET /snapshots/detail", d.listSnapshotsDetail, "name", "status", "volume_id", "limit", "marker", "all_tenants")
	d.on("GET /snapshots/{id}", d.showSnapshot)
	d.on("DELETE /snapshots/{id}", d.deleteSnapshot)
	// Since release 2026.1. Older releases accept any key here, but not when
	// the snapshot is created.
	d.onMetadata("/snapshots/{id}", api.ServerKeys, d.snapshotMetadata)
	d.on("GET /types", d.listTypes, "is_public")
	d.on("GET /types/{id}", d.showType)
	d.on("GET /os-availability-zone", d.listZones)
	d.on("GET /limits", d.showLimits)
	for _, path := range []string{"", "/", "/v3", "/v3/"} {
		d.Frontend.HandleRoot("GET "+path, d.versions)
	}
}

// on adds an operation. A project in the path that is not the token's is
// refused.
func (d *Service) on(pattern string, h api.Handler, queries ...string) {
	d.Frontend.Handle(pattern, func(c *api.Call) (api.Answer, error) {
		if c.Path["project_id"] != c.Project {
			return api.Answer{}, api.Refuse(http.StatusBadRequest, "Malformed request url")
		}
		a, err := h(c)
		if a.Body == nil && err == nil {
			a = a.WithHeader("Content-Type", emptyType(c))
		}
		return a, err
	}, queries...)
}

// emptyType returns the Content-Type of an answer without a body.
func emptyType(c *api.Call) string {
	if c.Request.Method == http.MethodDelete {
		return "text/html; charset=UTF-8"
	}
	return "application/json"
}

// overQuota returns Cinder's error for a request beyond the quota, nil when
// there is no problem.
func (d *Service) overQuota(problem string) error {
	if problem == "" {
		return nil
	}
	a := api.Answer{Status: http.StatusRequestEntityTooLarge, Body: api.Object{"overLimit": api.Object{
		"code": http.StatusRequestEntityTooLarge, "message": problem, "retryAfter": "0",
	}}}
	return &api.AnswerError{Answer: a.WithHeader("Retry-After", "0")}
}

// tooManyGigabytes returns the reason why a volume, a snapshot or an extension
// exceeds the quota, "" when it does not.
func (d *Service) tooManyGigabytes(project string, more int) string {
	used := d.usedGigabytes(project)
	if !d.world.Exceeds("gigabytes", used+more) {
		return ""
	}
	return fmt.Sprintf("VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. "+
		"Requested %dG, quota is %dG and %dG has been consumed.", more, d.world.Quota("gigabytes"), used)
}

func (d *Service) usedGigabytes(project string) int {
	used := 0
	for _, v := range api.OfProject(d.volumes, project) {
		used += v.size
	}
	for _, snap := range api.OfProject(d.snapshots, project) {
		used += snap.size
	}
	return used
}

// unknownField answers an unknown field. The schema of a new volume accepts
// them, the others do not.
func unknownField(_ *api.Call, f api.UnknownField) error {
	if f.Path == "volume" {
		return nil
	}
	return api.AdditionalProperty(f)
}

func badBody(_ *api.Call, bad api.BadValue) error {
	if bad.Path == "" && bad.Wanted == "" {
		return api.Refuse(http.StatusBadRequest, "Malformed request body")
	}
	problem := api.PythonRepr(bad.Value) + " is not of type '" + bad.Wanted + "'"
	switch {
	case bad.Path == "":
		return api.Refuse(http.StatusBadRequest, problem)
	case bad.Wanted == "string":
		problem += ", 'null'"
	}
	return api.InvalidField(api.LastSegment(bad.Path), bad.Value, problem)
}

// changed returns the time of the last change, nil before the first.
func changed(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return world.Microseconds(t.Truncate(time.Second))
}

// listAll adds Cinder's part of the inventory.
func (d *Service) listAll(add world.Describe) {
	for _, v := range d.volumes {
		servers := []string{}
		for _, a := range v.attachments {
			servers = append(servers, a.serverID)
			add("attachment", v.ID+" to "+a.serverID, v.title(), api.Object{"device": a.device})
		}
		fields := api.Object{
			"description": v.description, "status": v.status, "size": v.size, "type": v.kind.name, "zone": v.zone,
			"bootable": v.bootable, "multiattach": v.multiattach, "snapshot": v.snapshotID, "source": v.sourceID,
			"metadata": v.metadata, "attachments": servers,
		}
		if v.image != nil {
			fields["image"] = v.image.ID
		}
		add("volume", v.ID, v.title(), fields)
	}
	for _, snap := range d.snapshots {
		add("snapshot", snap.ID, api.Deref(snap.name), api.Object{
			"description": snap.description, "status": snap.status, "size": snap.size, "volume": snap.volumeID,
			"metadata": snap.metadata,
		})
	}
}
