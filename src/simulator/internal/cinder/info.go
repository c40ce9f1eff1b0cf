package cinder

import (
	"net/http"
	"slices"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

func (d *Service) typeDocument(t volumeType) api.Object {
	visible := api.Object{} // to users who are not administrators
	if t.multiattach {
		visible["multiattach"] = multiattachSpec
	}
	return api.Object{
		"id": t.id, "name": t.name, "is_public": true, "os-volume-type-access:is_public": true, "description": t.description,
		"extra_specs": visible,
	}
}

func (d *Service) listTypes(*api.Call) (api.Answer, error) {
	shown := []api.Object{}
	for _, t := range d.types {
		shown = append(shown, d.typeDocument(t))
	}
	return api.OK(api.Object{"volume_types": shown})
}

func (d *Service) showType(c *api.Call) (api.Answer, error) {
	i := slices.IndexFunc(d.types, func(t volumeType) bool { return t.id == c.Path["id"] })
	if i < 0 {
		return api.Answer{}, api.Refuse(http.StatusNotFound, "Volume type "+c.Path["id"]+" could not be found.")
	}
	return api.OK(api.Object{"volume_type": d.typeDocument(d.types[i])})
}

func (d *Service) listZones(*api.Call) (api.Answer, error) {
	zones := []api.Object{}
	for _, name := range d.world.Options.VolumeZones {
		zones = append(zones, api.Object{"zoneName": name, "zoneState": api.Object{"available": true}})
	}
	return api.OK(api.Object{"availabilityZoneInfo": zones})
}

// usage counts the volumes and snapshots of a project.
func (d *Service) usage(project string) (volumes, snapshots int) {
	for _, v := range d.volumes {
		if v.Project == project {
			volumes++
		}
	}
	for _, snap := range d.snapshots {
		if snap.Project == project {
			snapshots++
		}
	}
	return volumes, snapshots
}

func (d *Service) showLimits(c *api.Call) (api.Answer, error) {
	volumes, snapshots := d.usage(c.Project)
	return api.OK(api.Object{"limits": api.Object{"rate": []api.Object{}, "absolute": api.Object{
		"maxTotalVolumes": d.world.Quota("volumes"), "maxTotalSnapshots": d.world.Quota("snapshots"),
		"maxTotalVolumeGigabytes": d.world.Quota("gigabytes"), "maxTotalBackups": -1, "maxTotalBackupGigabytes": -1,
		"totalVolumesUsed": volumes, "totalGigabytesUsed": d.usedGigabytes(c.Project), "totalSnapshotsUsed": snapshots,
		"totalBackupsUsed": 0, "totalBackupGigabytesUsed": 0,
	}}})
}

func (d *Service) versions(c *api.Call) (api.Answer, error) {
	status := http.StatusOK
	if len(c.Request.URL.Path)-len(c.Prefix) <= len("/volume/") {
		status = http.StatusMultipleChoices
	}
	m := d.Frontend.Microversions
	return api.Reply(status, api.Object{"versions": []api.Object{{
		"id": "v3.0", "status": "CURRENT", "version": m.Text(m.Max), "min_version": m.Text(m.Min), "updated": "2022-08-31T00:00:00Z",
		"links": []api.Object{
			{"rel": "describedby", "type": "text/html", "href": "https://docs.openstack.org/"},
			{"rel": "self", "href": c.Base + "/volume/v3/"},
		},
		"media-types": []api.Object{{"base": "application/json", "type": "application/vnd.openstack.volume+json;version=3"}},
	}}})
}
