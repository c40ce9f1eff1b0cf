package simulator

import "net/http"

func (d *cinder) typeDocument(t volumeType) object {
	return object{"id": t.id, "name": t.name, "is_public": true, "description": t.description, "extra_specs": object{}}
}

func (d *cinder) listTypes(*call) (answer, error) {
	shown := []object{}
	for _, t := range d.types {
		document := d.typeDocument(t)
		document["os-volume-type-access:is_public"] = true
		shown = append(shown, document)
	}
	return ok(object{"volume_types": shown})
}

func (d *cinder) listZones(*call) (answer, error) {
	zones := []object{}
	for _, name := range d.options.VolumeZones {
		zones = append(zones, object{"zoneName": name, "zoneState": object{"available": true}})
	}
	return ok(object{"availabilityZoneInfo": zones})
}

// usage counts what a project has.
func (d *cinder) usage(project string) (volumes, snapshots int) {
	for _, v := range d.volumes {
		if v.project == project {
			volumes++
		}
	}
	for _, snap := range d.snapshots {
		if snap.project == project {
			snapshots++
		}
	}
	return volumes, snapshots
}

func (d *cinder) showLimits(c *call) (answer, error) {
	volumes, snapshots := d.usage(c.Project)
	return ok(object{"limits": object{"rate": []object{}, "absolute": object{
		"maxTotalVolumes": d.quota("volumes"), "maxTotalSnapshots": d.quota("snapshots"),
		"maxTotalVolumeGigabytes": d.quota("gigabytes"), "maxTotalBackups": -1, "maxTotalBackupGigabytes": -1,
		"totalVolumesUsed": volumes, "totalGigabytesUsed": d.usedGigabytes(c.Project), "totalSnapshotsUsed": snapshots,
		"totalBackupsUsed": 0, "totalBackupGigabytesUsed": 0,
	}}})
}

func (d *cinder) versions(c *call) (answer, error) {
	status := http.StatusOK
	if len(c.request.URL.Path)-len(c.prefix) <= len("/volume/") {
		status = http.StatusMultipleChoices
	}
	m := d.service.microversions
	return reply(status, object{"versions": []object{{
		"id": "v3.0", "status": "CURRENT", "version": m.text(m.max), "min_version": m.text(m.min), "updated": "2022-08-31T00:00:00Z",
		"links": []object{
			{"rel": "describedby", "type": "text/html", "href": "https://docs.openstack.org/"},
			{"rel": "self", "href": c.base + "/volume/v3/"},
		},
		"media-types": []object{{"base": "application/json", "type": "application/vnd.openstack.volume+json;version=3"}},
	}}})
}
