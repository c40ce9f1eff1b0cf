package cinder

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// listing is one of Cinder's collections.
type listing[P api.Resource[T], T any] struct {
	name, kind string // "volumes", "Volume"
	items      []P    // oldest first
	// facts are the values that the query can filter by.
	facts func(P) map[string]string
}

func (d *Service) listVolumes(c *api.Call) (api.Answer, error) {
	return d.volumeListing().page(c, d.volumeSummary)
}

func (d *Service) listVolumesDetail(c *api.Call) (api.Answer, error) {
	return d.volumeListing().page(c, d.volumeDocument)
}

func (d *Service) listSnapshots(c *api.Call) (api.Answer, error) {
	return d.snapshotListing().page(c, d.snapshotSummary)
}

func (d *Service) listSnapshotsDetail(c *api.Call) (api.Answer, error) {
	return d.snapshotListing().page(c, d.snapshotDocument)
}

func (d *Service) volumeListing() listing[*volume, volume] {
	return listing[*volume, volume]{"volumes", "Volume", d.volumes, func(v *volume) map[string]string {
		return map[string]string{
			"name": v.title(), "status": v.status, "availability_zone": v.zone, "bootable": strconv.FormatBool(v.bootable),
		}
	}}
}

func (d *Service) snapshotListing() listing[*snapshot, snapshot] {
	return listing[*snapshot, snapshot]{"snapshots", "Snapshot", d.snapshots, func(snap *snapshot) map[string]string {
		return map[string]string{"name": api.Deref(snap.name), "status": snap.status, "volume_id": snap.volumeID}
	}}
}

// page answers a page of the project's items that match the query, newest
// first.
func (l listing[P, T]) page(c *api.Call, show func(*api.Call, P) api.Object) (api.Answer, error) {
	items := l.items
	if !c.Admin || c.Query.Get("all_tenants") == "" {
		items = api.OfProject(items, c.Project)
	}
	var matching []P
	for _, item := range slices.Backward(items) {
		if l.matches(c, item) {
			matching = append(matching, item)
		}
	}
	limit, err := pageLimit(c)
	if err != nil {
		return api.Answer{}, err
	}
	marker := c.Query.Get("marker")
	chosen, _, found := api.Page(matching, P.Ident, marker, limit)
	if !found {
		return api.Answer{}, api.Refuse(http.StatusNotFound, l.kind+" "+marker+" could not be found.")
	}
	document := api.Object{l.name: api.Documents(chosen, func(item P) api.Object { return show(c, item) })}
	if len(chosen) == limit && limit > 0 {
		document[l.name+"_links"] = api.NextLink(c, chosen[len(chosen)-1].Ident())
	}
	return api.OK(document)
}

func (l listing[P, T]) matches(c *api.Call, item P) bool {
	for name, value := range l.facts(item) {
		if c.Query.Has(name) && c.Query.Get(name) != value {
			return false
		}
	}
	return true
}

// pageLimit reads the limit of a list. The error is the answer to an invalid
// one.
func pageLimit(c *api.Call) (int, error) {
	limit, valid := c.Limit(1000)
	if valid {
		return limit, nil
	}
	message := "limit param must be an integer"
	if n, err := strconv.Atoi(c.Query.Get("limit")); err == nil && n < 0 {
		message = "limit param must be positive"
	}
	return 0, api.Refuse(http.StatusBadRequest, message)
}
