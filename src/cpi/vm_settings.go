package cpi

import (
	"context"
	"encoding/base64"
	"slices"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// maxUserData is the largest size of base64-encoded user data (MAX_USERDATA_SIZE
// in nova/compute/api.py).
const maxUserData = 65535

// planSettings returns the agent's settings without the MAC addresses, which
// are known once the ports exist. The device is that of the disk for
// /var/vcap/data, or "".
func (c *CPI) planSettings(vmName string, args bosh.CreateVMArgs, dataDevice string) bosh.AgentSettings {
	settings := bosh.AgentSettings{VMName: vmName, AgentID: args.AgentID, Env: args.Env, Agent: c.config.Agent, EphemeralDisk: dataDevice}
	useDHCP := c.useDHCP(args.Networks)
	for _, n := range args.Networks {
		if n.Type != bosh.VIP {
			n = n.With("use_dhcp", useDHCP[n.Name])
		}
		settings.Networks = append(settings.Networks, n)
	}
	if !c.request.Registryless() {
		settings.Registry = c.config.Registry.Endpoint
	}
	return settings
}

// useDHCP returns for each network whether the guest configures it with DHCP: as
// configured, or because several networks share an interface. A prefix is not an
// address of its interface; the agent ignores it if it is said to use DHCP.
func (c *CPI) useDHCP(networks bosh.Networks) map[string]bool {
	use := map[string]bool{}
	for _, group := range groupNICs(networks) {
		for _, n := range group {
			use[n.Name] = c.config.OpenStack.UseDHCP || needsDHCP(group) || len(group) > 1 && !n.WholeAddress()
		}
	}
	return use
}

// settingsWith returns a copy of the planned settings in which each network has
// the MAC address of its port.
func (p vmPlan) settingsWith(created vmPorts) bosh.AgentSettings {
	settings := p.settings
	settings.Networks = slices.Clone(p.settings.Networks)
	for i, n := range settings.Networks {
		for index, port := range created {
			if p.nics[index].serves(n.Name) {
				settings.Networks[i] = n.With("mac", port.MACAddress)
			}
		}
	}
	return settings
}

// checkUserData fails if Nova would refuse the user data for its size. It
// measures with placeholders for the MAC addresses, which all have one length.
func checkUserData(plan vmPlan) error {
	placeholders := vmPorts{}
	for _, n := range plan.nics {
		if n.createPort {
			placeholders[n.index] = ports.Port{MACAddress: "fa:16:3e:00:00:00"}
		}
	}
	userData, err := plan.settingsWith(placeholders).UserData()
	if err != nil {
		return err
	}
	if size := base64.StdEncoding.EncodedLen(len(userData)); size > maxUserData {
		return bosh.Errorf(bosh.VMCreationFailed, "the agent's settings take %d bytes of user data, Nova allows %d: make env smaller", size, maxUserData)
	}
	return nil
}

// publishSettings stores the settings in the registry if the VM's agent reads
// them there.
func (c *CPI) publishSettings(ctx context.Context, undo *undoStack, settings bosh.AgentSettings) error {
	if c.request.Registryless() {
		return nil
	}
	document, err := settings.RegistryDocument()
	if err != nil {
		return err
	}
	entry := c.registryEntry(settings.VMName, nil)
	undo.push("registry settings of "+settings.VMName, entry.delete)
	if err := entry.client.Put(ctx, entry.key, document); err != nil {
		return bosh.Errorf(bosh.VMCreationFailed, "publish agent settings: %w", err)
	}
	return nil
}
