package cpi

import (
	"context"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// HasVM reports whether the server exists, in any state. It returns an error if
// the cloud does not answer the question: after false, the resurrector would
// create the VM a second time.
func (c *CPI) HasVM(ctx context.Context, args bosh.VMArgs) (bool, error) {
	server, err := openstack.Confirm(ctx, func(ctx context.Context) (servers.Server, error) { return c.compute.Server(ctx, string(args.VM)) })
	if openstack.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	status := strings.ToUpper(server.Status)
	return status != "DELETED" && status != "SOFT_DELETED" && status != "TERMINATED", nil
}
