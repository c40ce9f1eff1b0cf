package doctor

import (
	"encoding/json"

	"github.com/piston/openstack-bosh-cpi/src/jsonkind"
)

// difference is what changes with one property, or with one behaviour. A text is
// empty if nothing changes for deployments of that origin. README.md compares the
// CPIs, with links to the sources.
type difference struct {
	subject string
	// ruby and official say what changes for a deployment of the CPI.
	ruby, official string
	level          Level
	advice         string
	// given restricts the difference to some values.
	given func(value json.RawMessage) bool
	// ofVM says whether a cloud property is one of VM types, and not of networks
	// or disk types.
	ofVM bool
}

// report adds the difference for deployments of the origin.
func (r difference) report(s *sheet, from Origin, subject string) {
	text := r.official
	if from == Ruby {
		text = r.ruby
	}
	if text != "" {
		s.add(r.level, subject, r.advice, "%s", text)
	}
}

func isObject(value json.RawMessage) bool { return jsonkind.Of(value) == jsonkind.Object }

func isNotFalse(value json.RawMessage) bool { return string(value) != "false" }

func isTrue(value json.RawMessage) bool { return string(value) == "true" }

// properties are the properties of the job that the CPIs treat differently.
func properties() []difference {
	const ignored = "the official Go CPI does not use it; here it takes effect"
	return []difference{
		{subject: "use_nova_networking", level: Problem, given: isTrue, advice: "remove it: nova-network no longer exists", ruby: "true is an error", official: "true is an error; the official Go CPI ignores it"},
		{
			subject: "enable_auto_anti_affinity", level: Problem, advice: "remove it, and use scheduler_hints with a server group",
			ruby: "an error, as in the Ruby job", official: "an error, as in the official job",
		},
		{
			subject: "connection_options", level: Note, given: isObject,
			ruby: "CA, client certificate, proxy, time-outs and TLS version have the same names; options of Ruby's HTTP library that have no counterpart are ignored with a warning", official: "every call of the official Go CPI fails with it; here it takes effect",
		},
		{subject: "region", level: Warning, advice: "make sure that the catalog has the region (openstack catalog list)", official: "the official Go CPI takes the region from its environment; here only endpoints of this region are used"},
		{subject: "endpoint_type", level: Warning, advice: "make sure that endpoints of this type can be reached from the director", official: ignored},
		{subject: "user_domain_name", level: Warning, advice: "make sure that it is right: doctor -config tries the login", official: ignored},
		{subject: "project_domain_name", level: Warning, advice: "make sure that it is right: doctor -config tries the login", official: ignored},
		{subject: "project_id", level: Warning, advice: "make sure that it is the same project as project: it replaces the name", official: ignored},
		{
			subject: "tenant", level: Warning, advice: "use project and domain with an auth_url of Keystone v3, tenant with one of v2.0",
			ruby: "with it, the Ruby CPI logs in at Keystone v2; here the auth_url decides, and with v3 the tenant is ignored", official: "the official Go CPI does not use it; here it is the project if the auth_url is that of Keystone v2.0",
		},
		{subject: "config_drive", level: Warning, advice: "nothing: VMs that are created or recreated from now on have one", official: "the official Go CPI does not request it from Nova; here new VMs get a config drive"},
		{subject: "default_volume_type", level: Warning, advice: "make sure that Cinder has the type; existing disks keep theirs", official: ignored + ": new disks get this type"},
		{subject: "wait_resource_poll_interval", level: Note, official: "the official Go CPI checks every 10 s; here it is the longest pause between two checks"},
		{subject: "stemcell_public_visibility", level: Note, given: isTrue, ruby: "unchanged: Glance must allow the user to publish images", official: "unchanged: Glance must allow the user to publish images"},
		{
			subject: "ignore_server_availability_zone", level: Note, given: isTrue,
			ruby: "unchanged: disks are created in Cinder's default zone, and VM types can have availability_zones", official: "unchanged: disks are created in Cinder's default zone, and VM types can have availability_zones",
		},
	}
}

// missing are differences for jobs without a property.
func missing() []difference {
	return []difference{{
		subject: "ignore_server_availability_zone", level: Warning,
		advice:   "if the zones of Nova and Cinder have different names, see docs/disks.md; doctor -config compares them",
		ruby:     "absent: a VM is created where its persistent disks can be attached: in the zone of their name, if it is one of Nova, or by volume_availability_zones; disks in different zones are an error",
		official: "absent: a VM is created where its persistent disks can be attached: in the zone of their name, if it is one of Nova, or by volume_availability_zones, and disks in different zones are an error; the official Go CPI ignores the zones of the disks",
	}, {
		subject: "region", level: Warning, advice: "if the catalog has several regions, name one",
		official: "absent: the official Go CPI takes the region from its environment; here the catalog must have only one",
	}}
}

// beside are differences of properties that are not below openstack.
func beside() []difference {
	return []difference{
		{subject: "ntp", level: Note, official: "the official Go CPI does not send it; here agents of new VMs get the servers"},
		{subject: "registry", level: Note, ruby: "unchanged: used by VMs and directors of CPI API version 1 only", official: "the official Go CPI has no registry; here VMs and directors of CPI API version 1 use it"},
	}
}

// cloudProperties are the cloud properties that the CPIs treat differently.
func cloudProperties() []difference {
	return []difference{
		{subject: "scheduler_hints", ofVM: true, level: Note, given: isObject, official: "create_vm of the official Go CPI fails with it; here Nova gets it"},
		{
			subject: "loadbalancer_pools", ofVM: true, level: Warning, advice: "make sure that the pools exist in Octavia; doctor -config looks for them",
			ruby: "the Ruby CPI uses neutron-lbaas; here pools are those of Octavia, and of neutron-lbaas only if the catalog has no Octavia",
		},
		{
			subject: "vrrp_port_check", ofVM: true, level: Warning, given: isNotFalse, advice: "move it to the cloud properties of the network",
			official: "the official Go CPI reads it here; in this CPI, and in the Ruby one, it is a property of the network",
		},
		{
			subject: "allowed_address_pairs", ofVM: true, level: Warning, advice: "create a port with each of the addresses, or set vrrp_port_check of the network to false",
			official: "the official Go CPI adds the pair to all ports and does not look for a port with the address by default; here the port of the gateway's network gets it, and a port with the address must exist",
		},
		{
			subject: "availability_zones", ofVM: true, level: Note,
			ruby: "the next zone is tried if one has no capacity, not after any failure", official: "the next zone is tried if one has no capacity, not after any failure, and the failed server is deleted first",
		},
		{subject: "root_disk", ofVM: true, level: Note, official: "without boot_from_volume it has no effect, which is a warning here"},
	}
}

// always are differences for all deployments.
func always() []difference {
	const (
		ports  = "an unused port that has the address of a new VM is deleted only if this CPI created it; the error names it. The official CPIs delete any"
		marked = "new objects carry metadata or a description with the owner; openstack_cpi orphans finds them. Existing objects are not changed"
	)
	return []difference{
		{subject: "names", level: OK, ruby: "jobs, properties and cloud properties keep their names", official: "jobs, properties and cloud properties keep their names"},
		{subject: "CIDs", level: OK, ruby: "VMs, disks, snapshots and stemcells keep their CIDs; nothing has to be recreated", official: "VMs, disks, snapshots and stemcells keep their CIDs; nothing has to be recreated"},
		{
			subject: "light stemcells", level: Note,
			ruby: "unchanged: their CIDs are \"UUID light\", and delete_stemcell keeps the image", official: "both forms of CID are accepted, \"UUID\" and \"UUID light\". delete_stemcell keeps images that no CPI uploaded; the official Go CPI deletes them",
		},
		{subject: "ports", level: Note, ruby: ports, official: ports},
		{subject: "owner", level: Note, ruby: marked, official: marked},
		{
			subject: "smaller disks", level: Note,
			official: "the director copies the data to a new disk; with the official Go CPI the deployment fails and the disk stays detached",
		},
		{
			subject: "several clouds", level: Note,
			official: "credentials of a CPI config take effect; the official Go CPI uses those of its job for every cloud",
		},
	}
}

// wayBack are what the way back needs, for all deployments.
func wayBack() []difference {
	return []difference{
		{
			subject: "release", level: Note,
			ruby: "upload the old release and deploy the director with it; VMs and disks stay as they are", official: "upload the old release and deploy the director with it; VMs and disks stay as they are",
		},
		{
			subject: "light stemcells", level: Warning, advice: "upload light stemcells again after going back (bosh upload-stemcell --fix)",
			official: "the CIDs of those uploaded with this CPI are \"UUID light\", which the official Go CPI cannot resolve",
		},
		{
			subject: "orphans", level: Warning, advice: "run openstack_cpi orphans before going back, and delete what it finds",
			ruby: "the official CPIs have no command for what an interrupted call has left", official: "the official CPIs have no command for what an interrupted call has left",
		},
	}
}

// officialKeys returns the cloud properties that an official CPI reads, in a place.
func officialKeys(place keyPlace) []string {
	switch {
	case place.isVM:
		return []string{
			"instance_type", "availability_zone", "availability_zones", "key_name", "security_groups", "scheduler_hints", "root_disk", "boot_from_volume",
			"allowed_address_pairs", "loadbalancer_pools", "vrrp_port_check", "ephemeral_disk",
		}
	case place.isNet:
		return []string{"net_id", "security_groups", "vrrp_port_check"}
	}
	return []string{"type", "name"}
}
