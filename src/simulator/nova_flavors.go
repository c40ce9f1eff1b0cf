package simulator

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
)

// flavor is a size of servers: MiB of memory and swap, GiB of disks.
type flavor struct {
	id, name                               string
	vcpus, ram, disk, ephemeral, swap, row int
}

// addFlavors makes flavors with and without ephemeral disk, swap and root disk.
func (n *nova) addFlavors() {
	for row, f := range []flavor{
		{name: "m1.tiny", vcpus: 1, ram: 512, disk: 1},
		{name: "m1.small", vcpus: 1, ram: 2048, disk: 20, ephemeral: 10},
		{name: "m1.medium", vcpus: 2, ram: 4096, disk: 40, ephemeral: 20, swap: 512},
		{name: "m1.large", vcpus: 4, ram: 8192, disk: 80, ephemeral: 40},
		{name: "m1.bfv", vcpus: 1, ram: 2048},
		{name: "m1.bfv-ephemeral", vcpus: 1, ram: 2048, ephemeral: 10},
	} {
		f.id, f.row = n.newID(), row+1
		n.flavors = append(n.flavors, &f)
		n.fixtures.Flavors[f.name] = f.id
	}
	slices.SortFunc(n.flavors, func(a, b *flavor) int { return cmp.Compare(a.id, b.id) })
	queries := []string{"limit", "marker", "minRam", "minDisk", "is_public", "sort_key", "sort_dir"}
	n.handle(n.service, "GET /flavors", n.listFlavors, queries...)
	n.handle(n.service, "GET /flavors/detail", n.listFlavorsDetail, queries...)
	n.handle(n.service, "GET /flavors/{id}", n.showFlavor)
}

func (n *nova) findFlavor(id string) *flavor {
	i := slices.IndexFunc(n.flavors, func(f *flavor) bool { return f.id == id })
	if i < 0 {
		return nil
	}
	return n.flavors[i]
}

func (n *nova) flavorDocument(c *call, f *flavor) object {
	document := object{
		"id": f.id, "name": f.name, "ram": f.ram, "disk": f.disk, "swap": "", "OS-FLV-EXT-DATA:ephemeral": f.ephemeral,
		"OS-FLV-DISABLED:disabled": false, "vcpus": f.vcpus, "os-flavor-access:is_public": true, "rxtx_factor": 1.0,
		"links": n.links(c, "flavors", f.id),
	}
	if f.swap > 0 || c.microversion >= strictQueries {
		document["swap"] = f.swap
	}
	if c.microversion >= 55 {
		document["description"] = nil
	}
	if c.microversion >= flavorExtraSpecs {
		document["extra_specs"] = object{}
	}
	return document
}

func (n *nova) showFlavor(c *call) (answer, error) {
	f := n.findFlavor(c.path["id"])
	if f == nil {
		return answer{}, refuse(http.StatusNotFound, "Flavor "+c.path["id"]+" could not be found.")
	}
	return ok(object{"flavor": n.flavorDocument(c, f)})
}

func (n *nova) listFlavors(c *call) (answer, error) {
	return n.pageOfFlavors(c, func(f *flavor) object {
		return object{"id": f.id, "name": f.name, "links": n.links(c, "flavors", f.id)}
	})
}

func (n *nova) listFlavorsDetail(c *call) (answer, error) {
	return n.pageOfFlavors(c, func(f *flavor) object { return n.flavorDocument(c, f) })
}

func (n *nova) pageOfFlavors(c *call, show func(*flavor) object) (answer, error) {
	minimum := map[string]int{}
	for _, name := range []string{"minRam", "minDisk"} {
		if text := c.query.Get(name); text != "" {
			least, err := strconv.Atoi(text)
			if err != nil {
				return answer{}, refuse(http.StatusBadRequest, "Invalid "+name+" filter ["+text+"]")
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
	return novaPage(c, "flavors", kept, func(f *flavor) string { return f.id }, show)
}
