package contract_test

import (
	"net/http"
)

// createVolume sends POST /volumes for 1 GiB and returns any response; given
// replaces or adds fields, a nil value removes one.
func (c *cloud) createVolume(given object) response {
	c.t.Helper()
	spec := merge(object{"name": c.name("volume"), "size": 1}, given)
	made := c.volume.post("/volumes", object{"volume": spec})
	if made.status == http.StatusAccepted {
		c.deleteAtEnd(c.volume, "/volumes/"+made.text("volume.id"))
	}
	return made
}

// availableVolume returns the id of an available volume.
func (c *cloud) availableVolume(given object) string {
	c.t.Helper()
	id := c.createVolume(given).expect(http.StatusAccepted).text("volume.id")
	c.waitForVolume(id, "available")
	return id
}

// waitForVolume waits until the volume has the status.
func (c *cloud) waitForVolume(id, status string) response {
	c.t.Helper()
	return c.waitFor(c.volume, "/volumes/"+id, "volume.status", status)
}

// createSnapshot sends POST /snapshots and returns any response.
func (c *cloud) createSnapshot(volume string, given object) response {
	c.t.Helper()
	spec := merge(object{"name": c.name("snapshot"), "volume_id": volume, "force": true}, given)
	made := c.volume.post("/snapshots", object{"snapshot": spec})
	if made.status == http.StatusAccepted {
		c.deleteAtEnd(c.volume, "/snapshots/"+made.text("snapshot.id"))
	}
	return made
}

// availableSnapshot returns the id of an available snapshot.
func (c *cloud) availableSnapshot(volume string, given object) string {
	c.t.Helper()
	id := c.createSnapshot(volume, given).expect(http.StatusAccepted).text("snapshot.id")
	c.waitFor(c.volume, "/snapshots/"+id, "snapshot.status", "available")
	return id
}

// volumeAction posts an action to a volume.
func (c *cloud) volumeAction(id, action string, argument any) response {
	c.t.Helper()
	return c.volume.post("/volumes/"+id+"/action", object{action: argument})
}

// typeOfAdministrator creates a volume type with these extra specs, which only an
// administrator may do, and returns its name.
func (c *cloud) typeOfAdministrator(extraSpecs object) string {
	c.t.Helper()
	if c.admin == nil {
		c.skipWithout("an administrator to create a volume type: set CPI_ADMIN_USERNAME and the related variables")
	}
	admin, name := c.admin(), c.name("type")
	made := admin.volume.post("/types", object{"volume_type": object{"name": name, "extra_specs": extraSpecs}}).expect(http.StatusOK)
	c.deleteAtEnd(admin.volume, "/types/"+made.text("volume_type.id"))
	return name
}
