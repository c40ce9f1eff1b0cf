package doctor

import (
	"context"
	"strings"
)

// checkConfiguration repeats the warnings of the configuration: properties that
// have no effect, such as misspelled ones.
func (d *Doctor) checkConfiguration(_ context.Context, s *sheet) {
	for _, warning := range d.config.Warnings {
		path, text, _ := strings.Cut(warning, ": ")
		s.warning(path, "correct or remove it", "%s", text)
	}
	if len(d.config.Warnings) == 0 {
		s.ok("properties", "all are known")
	}
	o := d.config.OpenStack
	if o.StateTimeout < o.PollInterval {
		s.warning("wait_resource_poll_interval", "choose a pause that is shorter than state_timeout",
			"the pause of %s is longer than the longest wait (state_timeout) of %s", o.PollInterval, o.StateTimeout)
	}
	if o.ConfigDrive != "" {
		s.ok("settings of the agent", "from a config drive and the metadata service")
	} else {
		s.note("settings of the agent", "from the metadata service at 169.254.169.254: whether VMs reach it is seen when one boots; openstack.config_drive does without")
	}
	if !o.UseDHCP && o.ConfigDrive == "" {
		s.warning("use_dhcp", "set openstack.config_drive to disk, or use_dhcp to true",
			"false, without a config drive: a VM without DHCP has no address to read its settings from the metadata service")
	}
}
