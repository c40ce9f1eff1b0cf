package simulator

import (
	"net/http"
	"slices"
)

func (d *cinder) listSnapshots(c *call) (answer, error) { return d.snapshotPage(c, d.snapshotSummary) }

func (d *cinder) listSnapshotsDetail(c *call) (answer, error) {
	return d.snapshotPage(c, d.snapshotDocument)
}

// snapshotPage answers a page of the project's snapshots, newest first.
func (d *cinder) snapshotPage(c *call, show func(*call, *snapshot) object) (answer, error) {
	var matching []*snapshot
	for _, snap := range slices.Backward(d.snapshots) {
		if d.snapshotMatches(c, snap) {
			matching = append(matching, snap)
		}
	}
	limit, err := d.paging(c)
	if err != nil {
		return answer{}, err
	}
	marker := c.query.Get("marker")
	chosen, _, found := page(matching, func(snap *snapshot) string { return snap.id }, marker, limit)
	if !found {
		return answer{}, c.refuse(http.StatusNotFound, "", "Snapshot "+marker+" could not be found.")
	}
	shown := []object{}
	for _, snap := range chosen {
		shown = append(shown, show(c, snap))
	}
	document := object{"snapshots": shown}
	if len(chosen) == limit && limit > 0 {
		document["snapshots_links"] = nextLink(c, chosen[len(chosen)-1].id)
	}
	return ok(document)
}

func (d *cinder) snapshotMatches(c *call, snap *snapshot) bool {
	if snap.project != c.project() && (!c.isAdmin() || c.query.Get("all_tenants") == "") {
		return false
	}
	facts := map[string]string{"name": deref(snap.name), "status": snap.status, "volume_id": snap.volumeID}
	for key, value := range facts {
		if c.query.Has(key) && c.query.Get(key) != value {
			return false
		}
	}
	return true
}
