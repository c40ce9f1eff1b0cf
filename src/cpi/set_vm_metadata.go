package cpi

import (
	"context"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// registryKey is the server metadata key that holds the name a VM was created
// with. Its presence says that the VM is to be renamed for people to read.
const registryKey = "registry_key"

// SetVMMetadata adds tags to the server and, where names for people are wanted,
// renames it after its job. The director discards a VM whose metadata could not
// be set, so keys that Nova would refuse are made acceptable instead.
func (c *CPI) SetVMMetadata(ctx context.Context, args bosh.SetVMMetadataArgs) (Nothing, error) {
	tags := c.tags(args.Metadata, refusedByNova)
	if len(tags) == 0 {
		return nil, nil
	}
	stored, err := c.compute.SetMetadata(ctx, string(args.VM), tags)
	if err != nil {
		return nil, vmNotFound(err, args.VM)
	}

	_, wanted := stored[registryKey]
	wanted = wanted || c.config.OpenStack.HumanReadableVMNames && c.request.Registryless()
	name := readableName(args.Metadata)
	if name == "" || !wanted {
		return nil, nil
	}
	return nil, vmNotFound(c.compute.Rename(ctx, string(args.VM), name), args.VM)
}

// readableName returns what people shall call the VM, or "" if the metadata
// does not tell.
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
