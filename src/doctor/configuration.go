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
	if !d.config.OpenStack.UseDHCP && o.ConfigDrive == "" {
		s.warning("use_dhcp", "set openstack.config_drive to disk, or use_dhcp to true",
			"false, without a config drive: a VM without DHCP has no address to read its settings from the metadata service")
	}
}
