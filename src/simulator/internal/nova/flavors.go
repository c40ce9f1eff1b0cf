package nova

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// flavor is a size of servers: memory and swap in MiB, disks in GiB.
type flavor struct {
	id, name                               string
	vcpus, ram, disk, ephemeral, swap, row int
}

// addFlavors creates flavors with and without ephemeral disk, swap and root
// disk.
func (n *Service) addFlavors() {
	for _, f := range []flavor{
		{name: "m1.tiny", vcpus: 1, ram: 512, disk: 1},
		{name: "m1.small", vcpus: 1, ram: 2048, disk: 20, ephemeral: 10},
		{name: "m1.medium", vcpus: 2, ram: 4096, disk: 40, ephemeral: 20, swap: 512},
		{name: "m1.large", vcpus: 4, ram: 8192, disk: 80, ephemeral: 40},
		{name: "m1.bfv", vcpus: 1, ram: 2048},
		{name: "m1.bfv-ephemeral", vcpus: 1, ram: 2048, ephemeral: 10},
	} {
		n.add(f)
	}
	queries := []string{"limit", "marker", "minRam", "minDisk", "is_public", "sort_key", "sort_dir"}
	n.Frontend.Handle("GET /flavors", n.listFlavors, queries...)
	n.Frontend.Handle("GET /flavors/detail", n.listFlavorsDetail, queries...)
	n.Frontend.Handle("GET /flavors/{id}", n.showFlavor)
}

// add adds a flavor. Flavors are sorted by id.
func (n *Service) add(f flavor) {
	f.id, f.row = n.world.NewID(), len(n.flavors)+1
	n.flavors = append(n.flavors, &f)
	n.world.Fixtures.Flavors[f.name] = f.id
	slices.SortFunc(n.flavors, func(a, b *flavor) int { return cmp.Compare(a.id, b.id) })
}

// AddFlavor adds a flavor: memory in MiB, the root disk in GiB.
func (n *Service) AddFlavor(name string, vcpus, ram, disk int) {
	n.add(flavor{name: name, vcpus: vcpus, ram: ram, disk: disk})
}

// DeleteFlavor deletes the flavor with the name. Servers keep theirs.
func (n *Service) DeleteFlavor(name string) {
	n.flavors = slices.DeleteFunc(n.flavors, func(f *flavor) bool { return f.name == name })
}

func (n *Service) findFlavor(id string) *flavor {
	i := slices.IndexFunc(n.flavors, func(f *flavor) bool { return f.id == id })
	if i < 0 {
		return nil
	}
	return n.flavors[i]
}

func (n *Service) flavorDocument(c *api.Call, f *flavor) api.Object {
	document := api.Object{
		"id": f.id, "name": f.name, "ram": f.ram, "disk": f.disk, "swap": "", "OS-FLV-EXT-DATA:ephemeral": f.ephemeral,
		"OS-FLV-DISABLED:disabled": false, "vcpus": f.vcpus, "os-flavor-access:is_public": true, "rxtx_factor": 1.0,
		"links": n.links(c, "flavors", f.id),
	}
	if f.swap > 0 || c.Microversion >= strictQueries {
		document["swap"] = f.swap
	}
	if c.Microversion >= 55 {
		document["description"] = nil
	}
	if c.Microversion >= flavorExtraSpecs {
		document["extra_specs"] = api.Object{}
	}
	return document
}

func (n *Service) showFlavor(c *api.Call) (api.Answer, error) {
	f := n.findFlavor(c.Path["id"])
	if f == nil {
		return api.Answer{}, api.Refuse(http.StatusNotFound, "Flavor "+c.Path["id"]+" could not be found.")
	}
	return api.OK(api.Object{"flavor": n.flavorDocument(c, f)})
}

func (n *Service) listFlavors(c *api.Call) (api.Answer, error) {
	return n.pageOfFlavors(c, func(f *flavor) api.Object {
		return api.Object{"id": f.id, "name": f.name, "links": n.links(c, "flavors", f.id)}
	})
}

func (n *Service) listFlavorsDetail(c *api.Call) (api.Answer, error) {
	return n.pageOfFlavors(c, func(f *flavor) api.Object { return n.flavorDocument(c, f) })
}

func (n *Service) pageOfFlavors(c *api.Call, show func(*flavor) api.Object) (api.Answer, error) {
	minimum := map[string]int{}
	for _, name := range []string{"minRam", "minDisk"} {
		if text := c.Query.Get(name); text != "" {
			least, err := strconv.Atoi(text)
			if err != nil {
				return api.Answer{}, api.Refuse(http.StatusBadRequest, "Invalid "+name+" filter ["+text+"]")
			}
			minimum[name] = least
		}
	}
	var kept []*flavor
	for _, f := range n.flavors {
		if f.ram >= minimum["minRam"] && f.disk >= minimum["minDisk"] {
			kept = append(kept, f)
		}
	}
	return pageOf(c, "flavors", kept, func(f *flavor) string { return f.id }, show)
}
