package cpi

import (
	"context"
	"log/slog"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
)

// SetVMMetadata adds tags to those of the server and, if human-readable names are
// configured, renames the server after its job. The director deletes a VM whose
// metadata could not be set.
func (c *CPI) SetVMMetadata(ctx context.Context, args bosh.SetVMMetadataArgs) (Nothing, error) {
	tags := c.tags(args.Metadata, refusedByNova, slog.String("server", string(args.VM)))
	if len(tags) == 0 {
		return nil, nil
	}
	stored, err := c.compute.SetMetadata(ctx, string(args.VM), tags)
	if err != nil {
		return nil, vmNotFound(err, args.VM)
	}

	_, rename := stored[mark.VMName]
	rename = rename || c.config.OpenStack.HumanReadableVMNames && c.request.Registryless()
	name := readableName(args.Metadata)
	if name == "" || !rename {
		return nil, nil
	}
	return nil, vmNotFound(c.compute.Rename(ctx, string(args.VM), name), args.VM)
}

// readableName returns the display name of the server, or "" if the metadata does
// not contain one.
func readableName(metadata bosh.Metadata) string {
	if name := metadata.Text("name"); name != "" {
		return name
	}
	if job, index := metadata.Text("job"), metadata.Text("index"); job != "" && index != "" {
		return job + "/" + index
	}
	if compiling := metadata.Text("compiling"); compiling != "" {
		return "compiling/" + compiling
	}
	return ""
}
