package contract_test

import (
	"maps"
	"net/http"
)

// createVolume asks cinder for a volume of 1 GiB and hands its answer back, whatever it is.
// given replaces or adds fields, and nil removes one.
func (c *cloud) createVolume(given object) answer {
	c.t.Helper()
	spec := object{"name": c.name("volume"), "size": 1}
	maps.Copy(spec, given)
	maps.DeleteFunc(spec, func(_ string, value any) bool { return value == nil })
	made := c.volume.post("/volumes", object{"volume": spec})
	if made.status == http.StatusAccepted {
		c.atTheEnd(c.volume, "/volumes/"+made.text("volume.id"))
	}
	return made
}

// newVolume returns the id of an available volume.
func (c *cloud) newVolume(given object) string {
	c.t.Helper()
	id := c.createVolume(given).wants(http.StatusAccepted).text("volume.id")
	c.volumeIs(id, "available")
	return id
}

// volumeIs waits until the volume has the status.
func (c *cloud) volumeIs(id, status string) answer {
	c.t.Helper()
	return c.becomes(c.volume, "/volumes/"+id, "volume.status", status)
}

// createSnapshot asks cinder for a snapshot and hands its answer back, whatever it is.
func (c *cloud) createSnapshot(volume string, given object) answer {
	c.t.Helper()
	spec := object{"name": c.name("snapshot"), "volume_id": volume, "force": true}
	maps.Copy(spec, given)
	maps.DeleteFunc(spec, func(_ string, value any) bool { return value == nil })
	made := c.volume.post("/snapshots", object{"snapshot": spec})
	if made.status == http.StatusAccepted {
		c.atTheEnd(c.volume, "/snapshots/"+made.text("snapshot.id"))
	}
	return made
}

// newSnapshot returns the id of an available snapshot.
func (c *cloud) newSnapshot(volume string, given object) string {
	c.t.Helper()
	id := c.createSnapshot(volume, given).wants(http.StatusAccepted).text("snapshot.id")
	c.becomes(c.volume, "/snapshots/"+id, "snapshot.status", "available")
	return id
}

// onVolume posts an action to a volume.
func (c *cloud) onVolume(id, action string, argument any) answer {
	c.t.Helper()
	return c.volume.post("/volumes/"+id+"/action", object{action: argument})
}
