package simulator

import (
	"net/http"
	"slices"
	"strconv"
)

// listing is one of Cinder's collections.
type listing[P resource[T], T any] struct {
	name, kind string // "volumes", "Volume"
	items      []P    // oldest first
	// facts are what the query can filter by.
	facts func(P) map[string]string
}

func (d *cinder) listVolumes(c *call) (answer, error) {
	return d.volumeListing().page(c, d.volumeSummary)
}

func (d *cinder) listVolumesDetail(c *call) (answer, error) {
	return d.volumeListing().page(c, d.volumeDocument)
}

func (d *cinder) listSnapshots(c *call) (answer, error) {
	return d.snapshotListing().page(c, d.snapshotSummary)
}

func (d *cinder) listSnapshotsDetail(c *call) (answer, error) {
	return d.snapshotListing().page(c, d.snapshotDocument)
}

func (d *cinder) volumeListing() listing[*volume, volume] {
	return listing[*volume, volume]{"volumes", "Volume", d.volumes, func(v *volume) map[string]string {
		return map[string]string{
			"name": v.title(), "status": v.status, "availability_zone": v.zone, "bootable": strconv.FormatBool(v.bootable),
		}
	}}
}

func (d *cinder) snapshotListing() listing[*snapshot, snapshot] {
	return listing[*snapshot, snapshot]{"snapshots", "Snapshot", d.snapshots, func(snap *snapshot) map[string]string {
		return map[string]string{"name": deref(snap.name), "status": snap.status, "volume_id": snap.volumeID}
	}}
}

// page answers a page of what the project has and the query asks for, newest first.
func (l listing[P, T]) page(c *call, show func(*call, P) object) (answer, error) {
	items := l.items
	if !c.Admin || c.query.Get("all_tenants") == "" {
		items = ofProject(items, c.Project)
	}
	var matching []P
	for _, item := range slices.Backward(items) {
		if l.matches(c, item) {
			matching = append(matching, item)
		}
	}
	limit, err := pageLimit(c)
	if err != nil {
		return answer{}, err
	}
	marker := c.query.Get("marker")
	chosen, _, found := page(matching, P.ident, marker, limit)
	if !found {
		return answer{}, refuse(http.StatusNotFound, l.kind+" "+marker+" could not be found.")
	}
	document := object{l.name: documents(chosen, func(item P) object { return show(c, item) })}
	if len(chosen) == limit && limit > 0 {
		document[l.name+"_links"] = nextLink(c, chosen[len(chosen)-1].ident())
	}
	return ok(document)
}

func (l listing[P, T]) matches(c *call, item P) bool {
	for name, value := range l.facts(item) {
		if c.query.Has(name) && c.query.Get(name) != value {
			return false
		}
	}
	return true
}

// pageLimit reads the limit of a list; the error is the answer to one that is no number.
func pageLimit(c *call) (int, error) {
	limit, valid := c.limit(1000)
	if valid {
		return limit, nil
	}
	message := "limit param must be an integer"
	if n, err := strconv.Atoi(c.query.Get("limit")); err == nil && n < 0 {
		message = "limit param must be positive"
	}
	return 0, refuse(http.StatusBadRequest, message)
}
