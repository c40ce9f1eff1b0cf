package cinder

import (
	"maps"
	"strconv"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// volumeDocument returns a volume as the API shows it.
func (d *Service) volumeDocument(c *api.Call, v *volume) api.Object {
	attachments := []api.Object{}
	for _, a := range v.attachments {
		attachments = append(attachments, api.Object{
			"id": v.ID, "attachment_id": a.id, "volume_id": v.ID, "server_id": a.serverID, "host_name": nil, "device": a.device,
			"attached_at": world.Microseconds(a.at.Truncate(time.Second)),
		})
	}
	document := d.volumeSummary(c, v)
	maps.Copy(document, api.Object{
		"status": v.status, "size": v.size, "availability_zone": v.zone, "created_at": changed(v.created), "updated_at": changed(v.updated),
		"description": v.description, "volume_type": v.kind.name, "snapshot_id": v.snapshotID, "source_volid": v.sourceID,
		"metadata": v.metadata, "user_id": v.userID, "bootable": strconv.FormatBool(v.bootable), "encrypted": false,
		"replication_status": nil, "consistencygroup_id": nil, "multiattach": v.multiattach, "attachments": attachments,
		"os-vol-tenant-attr:tenant_id": v.Project,
	})
	if v.imageData != nil && v.bootable {
		document["volume_image_metadata"] = v.imageData
	}
	if c.Microversion >= volumeGroups {
		document["group_id"] = nil
	}
	if c.Microversion >= volumeServiceUUID {
		document["shared_targets"], document["service_uuid"] = false, d.world.Fixtures.VolumeTypes["__DEFAULT__"]
	}
	if c.Microversion >= volumeTypeID {
		document["volume_type_id"] = v.kind.id
	}
	if c.Microversion >= consumesQuota {
		document["consumes_quota"] = true
	}
	return document
}

// volumeSummary returns a volume as the short list shows it.
func (d *Service) volumeSummary(c *api.Call, v *volume) api.Object {
	return api.Object{"id": v.ID, "name": v.name, "links": []api.Object{
		{"rel": "self", "href": c.Base + "/volume/v3/" + v.Project + "/volumes/" + v.ID},
		{"rel": "bookmark", "href": c.Base + "/volume/" + v.Project + "/volumes/" + v.ID},
	}}
}
