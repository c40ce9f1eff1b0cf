package cinder

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

const cannotRetype = "Invalid volume: Retype needs volume to be in available or in-use state, not be part of an active migration or a " +
	"consistency group, requested type has to be different that the one from the volume, and for in-use volumes front-end qos specs " +
	"cannot change."

// capacity is that of a back end, in GiB, with over-subscription. The scheduler gives
// up the extension of a volume to a larger size, after which the volume is as before.
const capacity = 20_000_000

// volumeAction executes the action that the body names.
func (d *Service) volumeAction(c *api.Call) (api.Answer, error) {
	name, err := c.Action()
	if err != nil {
		return api.Answer{}, err
	}
	switch name {
	case "os-extend":
		return d.extend(c)
	case "os-retype":
		return d.retype(c)
	}
	c.Violate("unknown action " + name)
	return api.Answer{}, api.Refuse(http.StatusBadRequest, "There is no such action: "+name+
		". Verify the request body and Content-Type header and try again.")
}

func (d *Service) extend(c *api.Call) (api.Answer, error) {
	var body struct {
		Extend struct {
			NewSize json.RawMessage `json:"new_size"`
		} `json:"os-extend"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if body.Extend.NewSize == nil {
		return api.Answer{}, api.Required("os-extend", "new_size", json.RawMessage("{}"))
	}
	size, err := api.PositiveInteger("new_size", body.Extend.NewSize)
	if err != nil {
		return api.Answer{}, err
	}
	v, err := d.wanted(c)
	if err != nil {
		return api.Answer{}, err
	}
	if size <= v.size {
		return api.Answer{}, api.Refuse(http.StatusBadRequest, fmt.Sprintf(
			"Invalid input received: New size for extend must be greater than current size. (current: %d, extended: %d).", v.size, size))
	}
	before := v.status
	if before != "available" && (before != "in-use" || c.Microversion < extendInUse) {
		return api.Answer{}, api.Refuse(http.StatusBadRequest, fmt.Sprintf(
			"Invalid volume: Volume %s status must be '{'status': 'available'}' to extend, currently %s.", v.ID, before))
	}
	if err := d.overQuota(d.tooManyGigabytes(v.Project, size-v.size)); err != nil {
		return api.Answer{}, err
	}
	d.set(v, "extending")
	d.world.Progress("volume", "extend", v.zone, d.world.Options.Latencies.VolumeExtend, func() {
		if size <= capacity {
			v.size = size
		}
		d.set(v, before)
	}, func(reason string) {
		if reason == world.NoValidBackend { // of the scheduler, before the back end begins
			d.set(v, before)
			return
		}
		d.set(v, "error_extending")
	})
	return api.Reply(http.StatusAccepted, nil)
}

func (d *Service) retype(c *api.Call) (api.Answer, error) {
	var body struct {
		Retype struct {
			NewType         *string          `json:"new_type"`
			MigrationPolicy *json.RawMessage `json:"migration_policy"`
		} `json:"os-retype"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if body.Retype.NewType == nil {
		return api.Answer{}, api.Required("os-retype", "new_type", json.RawMessage("{}"))
	}
	if policy := body.Retype.MigrationPolicy; policy != nil {
		if text := string(*policy); !slices.Contains([]string{`"on-demand"`, `"never"`, "null"}, text) {
			problem := api.PythonRepr(*policy) + " is not one of ['on-demand', 'never']"
			return api.Answer{}, api.InvalidField("migration_policy", *policy, problem)
		}
	}
	v, err := d.wanted(c)
	if err != nil {
		return api.Answer{}, err
	}
	kind, err := d.chooseType(body.Retype.NewType)
	if err != nil {
		return api.Answer{}, err
	}
	before := v.status
	if before != "available" && before != "in-use" || kind == v.kind {
		return api.Answer{}, api.Refuse(http.StatusBadRequest, cannotRetype)
	}
	d.set(v, "retyping")
	d.world.Progress("volume", "retype", v.zone, d.world.Options.Latencies.VolumeRetype, func() {
		if kind.backend == "" {
			v.kind, v.multiattach = kind, kind.multiattach
		}
		d.set(v, before)
	}, func(string) { d.set(v, before) })
	return api.Reply(http.StatusAccepted, nil)
}
