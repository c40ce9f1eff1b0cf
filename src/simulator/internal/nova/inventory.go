package nova

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// listAll adds Nova's part of the inventory. The attachments of volumes are
// Cinder's.
func (n *Service) listAll(add world.Describe) {
	for _, s := range n.servers {
		add("server", s.ID, s.name, s.inventory())
	}
	for _, g := range n.groups {
		members := []string{}
		for _, s := range g.members {
			members = append(members, s.ID)
		}
		add("server group", g.ID, g.name, api.Object{"policy": g.policy, "servers per host": g.maxPerHost, "members": members})
	}
	for _, k := range n.keyPairs {
		add("key pair", k.name, k.name, api.Object{"fingerprint": k.fingerprint, "user": k.userID})
	}
}

func (s *server) inventory() api.Object {
	volumes, ports := []string{}, []string{}
	for _, d := range s.disks {
		volumes = append(volumes, d.volumeID)
	}
	for _, card := range s.nics {
		if card.port != "" {
			ports = append(ports, card.port)
		}
	}
	fields := api.Object{
		"description": s.description, "status": s.vmState, "boots": s.boots, "flavor": s.flavor.name, "image": s.imageID,
		"key pair": s.keyName, "zone": s.zone, "config drive": s.configDrive, "metadata": s.metadata, "tags": s.tags,
		"security groups": s.requestedGroups, "ports": ports, "volumes": volumes,
	}
	if s.group != nil {
		fields["server group"] = s.group.ID
	}
	if s.userData != "" {
		sum := sha256.Sum256([]byte(s.userData))
		fields["user data"] = hex.EncodeToString(sum[:8])
	}
	return fields
}
