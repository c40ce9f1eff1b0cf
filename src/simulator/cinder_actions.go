package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

const cannotRetype = "Invalid volume: Retype needs volume to be in available or in-use state, not be part of an active migration or a " +
	"consistency group, requested type has to be different that the one from the volume, and for in-use volumes front-end qos specs " +
	"cannot change."

// volumeAction runs the one action that the body names.
func (d *cinder) volumeAction(c *call) (answer, error) {
	name, err := c.action()
	if err != nil {
		return answer{}, err
	}
	switch name {
	case "os-extend":
		return d.extend(c)
	case "os-retype":
		return d.retype(c)
	}
	d.violate(c, "unknown action "+name)
	return answer{}, refuse(http.StatusBadRequest, "There is no such action: "+name+
		". Verify the request body and Content-Type header and try again.")
}

func (d *cinder) extend(c *call) (answer, error) {
	var body struct {
		Extend struct {
			NewSize json.RawMessage `json:"new_size"`
		} `json:"os-extend"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	if body.Extend.NewSize == nil {
		return answer{}, required("os-extend", "new_size", json.RawMessage("{}"))
	}
	size, err := positiveInteger("new_size", body.Extend.NewSize)
	if err != nil {
		return answer{}, err
	}
	v, err := d.wanted(c)
	if err != nil {
		return answer{}, err
	}
	if size <= v.size {
		return answer{}, refuse(http.StatusBadRequest, fmt.Sprintf(
			"Invalid input received: New size for extend must be greater than current size. (current: %d, extended: %d).", v.size, size))
	}
	before := v.status
	if before != "available" && (before != "in-use" || c.microversion < extendInUse) {
		return answer{}, refuse(http.StatusBadRequest, fmt.Sprintf(
			"Invalid volume: Volume %s status must be '{'status': 'available'}' to extend, currently %s.", v.id, before))
	}
	if err := d.overQuota(d.tooManyGigabytes(v.project, size-v.size)); err != nil {
		return answer{}, err
	}
	d.set(v, "extending")
	d.progress("volume", "extend", v.zone, d.options.Latencies.VolumeExtend, func() {
		v.size = size
		d.set(v, before)
	}, func(string) { d.set(v, "error_extending") })
	return reply(http.StatusAccepted, nil)
}

func (d *cinder) retype(c *call) (answer, error) {
	var body struct {
		Retype struct {
			NewType         *string          `json:"new_type"`
			MigrationPolicy *json.RawMessage `json:"migration_policy"`
		} `json:"os-retype"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	if body.Retype.NewType == nil {
		return answer{}, required("os-retype", "new_type", json.RawMessage("{}"))
	}
	if policy := body.Retype.MigrationPolicy; policy != nil {
		if text := string(*policy); !slices.Contains([]string{`"on-demand"`, `"never"`, "null"}, text) {
			problem := pythonRepr(*policy) + " is not one of ['on-demand', 'never']"
			return answer{}, invalidField("migration_policy", *policy, problem)
		}
	}
	v, err := d.wanted(c)
	if err != nil {
		return answer{}, err
	}
	kind, err := d.chooseType(body.Retype.NewType)
	if err != nil {
		return answer{}, err
	}
	before := v.status
	if before != "available" && before != "in-use" || kind == v.kind {
		return answer{}, refuse(http.StatusBadRequest, cannotRetype)
	}
	d.set(v, "retyping")
	d.progress("volume", "retype", v.zone, d.options.Latencies.VolumeRetype, func() {
		v.kind = kind
		d.set(v, before)
	}, func(string) { d.set(v, before) })
	return reply(http.StatusAccepted, nil)
}
