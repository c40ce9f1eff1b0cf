package cinder

import (
	"encoding/json"
	"maps"
	"regexp"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// tagged is the metadata of a volume or a snapshot.
type tagged struct {
	kind, id string
	metadata *map[string]string
	updated  *time.Time
}

func (d *Service) volumeMetadata(c *api.Call) (tagged, error) {
	v, err := d.wanted(c)
	if err != nil {
		return tagged{}, err
	}
	return tagged{"Volume", v.ID, &v.metadata, &v.updated}, nil
}

func (d *Service) snapshotMetadata(c *api.Call) (tagged, error) {
	snap, err := d.wantedSnapshot(c)
	if err != nil {
		return tagged{}, err
	}
	return tagged{"Snapshot", snap.ID, &snap.metadata, &snap.updated}, nil
}

// metadata reads the metadata of a new object, or of a change that contains
// other fields too.
func (d *Service) metadata(c *api.Call, value json.RawMessage) (map[string]string, error) {
	if len(value) == 0 || string(value) == "null" {
		return map[string]string{}, nil
	}
	return c.Metadata(value, api.VolumeKeys)
}

// onMetadata adds the operations on the metadata of a volume or a snapshot.
func (d *Service) onMetadata(path string, keys *regexp.Regexp, find func(*api.Call) (tagged, error)) {
	d.on("GET "+path+"/metadata", func(c *api.Call) (api.Answer, error) {
		t, err := find(c)
		if err != nil {
			return api.Answer{}, err
		}
		return api.OK(api.Object{"metadata": *t.metadata})
	})
	d.on("POST "+path+"/metadata", func(c *api.Call) (api.Answer, error) { return d.changeMetadata(c, keys, find, true) })
	d.on("PUT "+path+"/metadata", func(c *api.Call) (api.Answer, error) { return d.changeMetadata(c, keys, find, false) })
}

// changeMetadata merges metadata into the existing ones, or replaces them.
func (d *Service) changeMetadata(c *api.Call, keys *regexp.Regexp, find func(*api.Call) (tagged, error), merge bool) (api.Answer, error) {
	var body struct {
		Metadata json.RawMessage `json:"metadata"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if body.Metadata == nil {
		return api.Answer{}, api.Required("", "metadata", nil)
	}
	metadata, err := c.Metadata(body.Metadata, keys)
	if err != nil {
		return api.Answer{}, err
	}
	t, err := find(c)
	if err != nil {
		return api.Answer{}, err
	}
	if merge {
		merged := maps.Clone(*t.metadata)
		maps.Copy(merged, metadata)
		metadata = merged
	}
	*t.metadata, *t.updated = metadata, d.world.Now()
	return api.OK(api.Object{"metadata": metadata})
}
