package simulator

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// volumeDocument is a volume as the API shows it.
func (d *cinder) volumeDocument(c *call, v *volume) object {
	attachments := []object{}
	for _, a := range v.attachments {
		attachments = append(attachments, object{
			"id": v.id, "attachment_id": a.id, "volume_id": v.id, "server_id": a.serverID, "host_name": nil, "device": a.device,
			"attached_at": microseconds(a.at.Truncate(time.Second)),
		})
	}
	document := d.volumeSummary(c, v)
	maps.Copy(document, object{
		"status": v.status, "size": v.size, "availability_zone": v.zone, "created_at": changed(v.created), "updated_at": changed(v.updated),
		"description": v.description, "volume_type": v.kind.name, "snapshot_id": v.snapshotID, "source_volid": v.sourceID,
		"metadata": v.metadata, "user_id": v.userID, "bootable": strconv.FormatBool(v.bootable), "encrypted": false,
		"replication_status": nil, "consistencygroup_id": nil, "multiattach": v.multiattach, "attachments": attachments,
		"os-vol-tenant-attr:tenant_id": v.project,
	})
	if v.imageData != nil && v.bootable {
		document["volume_image_metadata"] = v.imageData
	}
	if c.microversion >= volumeGroups {
		document["group_id"] = nil
	}
	if c.microversion >= volumeServiceUUID {
		document["shared_targets"], document["service_uuid"] = false, d.fixtures.VolumeTypes["__DEFAULT__"]
	}
	if c.microversion >= volumeTypeID {
		document["volume_type_id"] = v.kind.id
	}
	if c.microversion >= consumesQuota {
		document["consumes_quota"] = true
	}
	return document
}

// volumeSummary is a volume as the short list shows it.
func (d *cinder) volumeSummary(c *call, v *volume) object {
	return object{"id": v.id, "name": v.name, "links": []object{
		{"rel": "self", "href": c.base + "/volume/v3/" + v.project + "/volumes/" + v.id},
		{"rel": "bookmark", "href": c.base + "/volume/" + v.project + "/volumes/" + v.id},
	}}
}

func (d *cinder) listVolumes(c *call) (answer, error) { return d.list(c, d.volumeSummary) }

func (d *cinder) listVolumesDetail(c *call) (answer, error) { return d.list(c, d.volumeDocument) }

// list answers a page of the project's volumes, newest first.
func (d *cinder) list(c *call, show func(*call, *volume) object) (answer, error) {
	var matching []*volume
	for _, v := range slices.Backward(d.volumes) {
		if d.matches(c, v) {
			matching = append(matching, v)
		}
	}
	limit, err := d.paging(c)
	if err != nil {
		return answer{}, err
	}
	marker := c.query.Get("marker")
	chosen, _, found := page(matching, func(v *volume) string { return v.id }, marker, limit)
	if !found {
		return answer{}, c.refuse(http.StatusNotFound, "", "Volume "+marker+" could not be found.")
	}
	shown := []object{}
	for _, v := range chosen {
		shown = append(shown, show(c, v))
	}
	document := object{"volumes": shown}
	if len(chosen) == limit && limit > 0 {
		document["volumes_links"] = nextLink(c, chosen[len(chosen)-1].id)
	}
	return ok(document)
}

func (d *cinder) matches(c *call, v *volume) bool {
	if v.project != c.project() && (!c.isAdmin() || c.query.Get("all_tenants") == "") {
		return false
	}
	facts := map[string]string{
		"name": v.title(), "status": v.status, "availability_zone": v.zone, "bootable": strconv.FormatBool(v.bootable),
	}
	for key, value := range facts {
		if c.query.Has(key) && c.query.Get(key) != value {
			return false
		}
	}
	return true
}
