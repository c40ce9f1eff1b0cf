package doctor

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servergroups"
)

// checkServerGroups looks for the server groups that VM types name.
func (d *Doctor) checkServerGroups(ctx context.Context, s *sheet) {
	wanted := map[string]string{}
	for _, wish := range d.vmWishes() {
		for _, name := range closed(wish.properties.serverGroup(), wish.properties.SchedulerHints.Group) {
			wanted[wish.place] = name
		}
	}
	if len(wanted) == 0 {
		s.note("server groups", "no VM type names any")
		return
	}
	all, err := d.compute.ServerGroups(ctx)
	if err != nil {
		s.failed("server groups", err)
		return
	}
	var names []string
	for _, group := range all {
		names = append(names, group.Name)
	}
	for place, name := range wanted {
		i := slices.IndexFunc(all, func(group servergroups.ServerGroup) bool { return group.ID == name || group.Name == name })
		if i < 0 {
			s.bad(place, "create it, or correct its name"+nearest(name, names), "server group %s does not exist in this project", name)
			continue
		}
		s.ok(place, "server group %s, %s", all[i].Name, strings.Join(all[i].Policies, ", "))
	}
}

// serverGroup returns the name or id of the server group that the properties name.
func (p vmProperties) serverGroup() string {
	if name := readable[string](p.ServerGroup); name != "" {
		return name
	}
	return readable[struct {
		Name string `json:"name"`
	}](p.ServerGroup).Name
}

// wantsServerGroups reports whether the CPI creates server groups.
func (d *Doctor) wantsServerGroups() bool {
	return d.config.OpenStack.DefaultServerGroupPolicy != "" || slices.ContainsFunc(d.vmWishes(), func(wish vmWish) bool {
		policy := wish.properties.groupField("policy")
		return policy != "" && policy != "none"
	})
}

// wantsServersPerHost reports whether a VM type limits the VMs on a host.
func (d *Doctor) wantsServersPerHost() bool {
	return slices.ContainsFunc(d.vmWishes(), func(wish vmWish) bool { return wish.properties.groupField("max_server_per_host") != "" })
}

// groupField returns a field of server_group as it is written, "" if there is none.
func (p vmProperties) groupField(name string) string {
	return strings.Trim(string(readable[map[string]json.RawMessage](p.ServerGroup)[name]), `"`)
}
