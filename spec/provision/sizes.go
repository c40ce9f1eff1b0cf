package provision

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
)

// isForbidden reports whether err is a response with status 403: the user has no
// administrator's rights.
func isForbidden(err error) bool {
	refused, ok := errors.AsType[*cloud.StatusError](err)
	return ok && refused.Status == http.StatusForbidden
}

// flavor is an element of Nova's list. Swap is "" or a number.
type flavor struct {
	ID, Name         string
	RAM, VCPUs, Disk int
	Ephemeral        int `json:"OS-FLV-EXT-DATA:ephemeral"`
	Swap             any
}

func (p *Provisioner) listFlavors(ctx context.Context) ([]flavor, error) {
	var page struct{ Flavors []flavor }
	return page.Flavors, p.User.Get(ctx, "compute", "/flavors/detail", &page)
}

// flavorPlan is a flavor that is created if the cloud has none that fits.
type flavorPlan struct {
	name                  string
	disk, ephemeral, swap int
	fits                  func(fixtures.Flavor) bool
}

// flavorPlans returns the flavors that the suites use.
func flavorPlans() []flavorPlan {
	return []flavorPlan{
		{Mark + "-disk", 1, 0, 0, func(f fixtures.Flavor) bool { return f.Disk > 0 && f.Ephemeral == 0 && f.Swap == 0 }},
		{Mark + "-swap", 1, 0, 64, func(f fixtures.Flavor) bool { return f.Swap > 0 }},
		{Mark + "-ephemeral", 1, 1, 0, func(f fixtures.Flavor) bool { return f.Ephemeral > 0 }},
		{Mark + "-diskless", 0, 0, 0, func(f fixtures.Flavor) bool { return f.Disk == 0 && f.Ephemeral == 0 && f.Swap == 0 }},
	}
}

// makeFlavors describes all flavors, and creates those that the suites use and
// the cloud does not have, if that is permitted.
func (p *Provisioner) makeFlavors(ctx context.Context, made *fixtures.Fixtures) error {
	if err := p.describeFlavors(ctx, made); err != nil {
		return err
	}
	for _, plan := range flavorPlans() {
		if made.SmallestFlavor(plan.fits) != "" {
			continue
		}
		err := p.Admin.Send(ctx, http.MethodPost, "compute", "/flavors", object{"flavor": object{
			"name": plan.name, "ram": 512, "vcpus": 1, "disk": plan.disk, "swap": plan.swap, "OS-FLV-EXT-DATA:ephemeral": plan.ephemeral,
		}}, nil)
		switch {
		case isForbidden(err):
			p.logf("no flavor is like %s, and only an administrator can create it: set CPI_ADMIN_USERNAME, CPI_ADMIN_PASSWORD and CPI_ADMIN_PROJECT_NAME", plan.name)
		case err != nil:
			return err
		default:
			p.logf("created flavor %s", plan.name)
		}
	}
	return p.describeFlavors(ctx, made)
}

func (p *Provisioner) describeFlavors(ctx context.Context, made *fixtures.Fixtures) error {
	found, err := p.listFlavors(ctx)
	if err != nil {
		return err
	}
	made.Flavors = map[string]fixtures.Flavor{}
	for _, f := range found {
		var swap int
		if number, ok := f.Swap.(float64); ok {
			swap = int(number)
		}
		made.Flavors[f.Name] = fixtures.Flavor{RAM: f.RAM, VCPUs: f.VCPUs, Disk: f.Disk, Ephemeral: f.Ephemeral, Swap: swap}
	}
	return nil
}

func (p *Provisioner) removeFlavors(ctx context.Context) error {
	found, err := p.listFlavors(ctx)
	if err != nil {
		return err
	}
	for _, f := range found {
		if !strings.HasPrefix(f.Name, Mark+"-") {
			continue
		}
		if err := p.Admin.Delete(ctx, "compute", "/flavors/"+f.ID); err != nil {
			return err
		}
		p.logf("removed flavor %s", f.Name)
	}
	return nil
}

// defaultType is the volume type of clouds without a configured one. Volumes
// cannot be created with it everywhere.
const defaultType = "__DEFAULT__"

func (p *Provisioner) volumeTypes(ctx context.Context) (map[string]string, error) {
	var page struct {
		Types []struct{ ID, Name string } `json:"volume_types"`
	}
	found := map[string]string{}
	err := p.User.Get(ctx, "volume", "/types", &page)
	for _, kind := range page.Types {
		if kind.Name != defaultType {
			found[kind.Name] = kind.ID
		}
	}
	return found, err
}

// makeVolumeTypes describes all volume types, and creates up to two, if that is
// permitted.
func (p *Provisioner) makeVolumeTypes(ctx context.Context, made *fixtures.Fixtures) error {
	found, err := p.volumeTypes(ctx)
	if err != nil {
		return err
	}
	for number := 1; len(found) < 2; number++ {
		name := fmt.Sprintf("%s-%d", Mark, number)
		if found[name] != "" {
			continue
		}
		err := p.Admin.Send(ctx, http.MethodPost, "volume", "/types", object{"volume_type": object{"name": name, "description": description}}, nil)
		if isForbidden(err) {
			p.logf("there are %d volume types, and only an administrator can create more: tests of disk types will be skipped", len(found))
			break
		}
		if err != nil {
			return err
		}
		p.logf("created volume type %s", name)
		if found, err = p.volumeTypes(ctx); err != nil {
			return err
		}
	}
	made.VolumeTypes = found
	return nil
}

func (p *Provisioner) removeVolumeTypes(ctx context.Context) error {
	found, err := p.volumeTypes(ctx)
	if err != nil {
		return err
	}
	for name, id := range found {
		if !strings.HasPrefix(name, Mark+"-") {
			continue
		}
		if err := p.Admin.Delete(ctx, "volume", "/types/"+id); err != nil {
			return err
		}
		p.logf("removed volume type %s", name)
	}
	return nil
}
