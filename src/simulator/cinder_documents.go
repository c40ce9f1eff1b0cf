package simulator

import (
	"maps"
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
