package simulator

import (
	"encoding/json"
	"maps"
	"regexp"
	"time"
)

// tagged is a volume or a snapshot as far as its metadata are concerned.
type tagged struct {
	kind, id string
	metadata *map[string]string
	updated  *time.Time
}

func (d *cinder) volumeMetadata(c *call) (tagged, error) {
	v, err := d.wanted(c)
	if err != nil {
		return tagged{}, err
	}
	return tagged{"Volume", v.id, &v.metadata, &v.updated}, nil
}

func (d *cinder) snapshotMetadata(c *call) (tagged, error) {
	snap, err := d.wantedSnapshot(c)
	if err != nil {
		return tagged{}, err
	}
	return tagged{"Snapshot", snap.id, &snap.metadata, &snap.updated}, nil
}

// metadata reads the metadata of something new, or that of a change that is about more than metadata.
func (d *cinder) metadata(c *call, value json.RawMessage) (map[string]string, error) {
	if len(value) == 0 || string(value) == "null" {
		return map[string]string{}, nil
	}
	return c.metadata(value, keysOfVolumes)
}

// onMetadata adds the operations on the metadata of a volume or a snapshot.
func (d *cinder) onMetadata(path string, keys *regexp.Regexp, find func(*call) (tagged, error)) {
	d.on("GET "+path+"/metadata", func(c *call) (answer, error) {
		t, err := find(c)
		if err != nil {
			return answer{}, err
		}
		return ok(object{"metadata": *t.metadata})
	})
	d.on("POST "+path+"/metadata", func(c *call) (answer, error) { return d.changeMetadata(c, keys, find, true) })
	d.on("PUT "+path+"/metadata", func(c *call) (answer, error) { return d.changeMetadata(c, keys, find, false) })
}

// changeMetadata merges metadata into what is there, or replaces it.
func (d *cinder) changeMetadata(c *call, keys *regexp.Regexp, find func(*call) (tagged, error), merge bool) (answer, error) {
	var body struct {
		Metadata json.RawMessage `json:"metadata"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	if body.Metadata == nil {
		return answer{}, required("", "metadata", nil)
	}
	metadata, err := c.metadata(body.Metadata, keys)
	if err != nil {
		return answer{}, err
	}
	t, err := find(c)
	if err != nil {
		return answer{}, err
	}
	if merge {
		merged := maps.Clone(*t.metadata)
		maps.Copy(merged, metadata)
		metadata = merged
	}
	*t.metadata, *t.updated = metadata, d.now
	return ok(object{"metadata": metadata})
}
