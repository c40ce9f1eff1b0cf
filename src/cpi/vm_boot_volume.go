package cpi

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/volume"
)

// CheckEphemeralDisk refuses flavors whose ephemeral disk is too small: the
// agent creates a swap partition as large as the memory on it, and needs the
// same space again.
func CheckEphemeralDisk(flavor flavors.Flavor) error {
	if needed := flavor.RAM / 1024 * 2; flavor.Ephemeral > 0 && flavor.Ephemeral < needed {
		return bosh.Errorf(bosh.CloudError, "Flavor `%s' should have at least %dGb of ephemeral disk", flavor.Name, needed)
	}
	return nil
}

// bootsFromVolume reports whether the VM's root disk is a volume.
func (c *CPI) bootsFromVolume(properties vmProperties) bool {
	if properties.BootFromVolume != nil {
		return *properties.BootFromVolume
	}
	return c.config.OpenStack.BootFromVolume
}

// planBootVolume returns the volume that Nova creates from the image, or nil if
// the server boots from a disk of its flavor.
func (c *CPI) planBootVolume(properties vmProperties, found vmLookups) (*servers.BlockDevice, error) {
	if !c.bootsFromVolume(properties) {
		return nil, nil //nolint:nilnil // a server without a boot volume
	}
	boot := servers.BlockDevice{
		SourceType: servers.SourceImage, DestinationType: servers.DestinationVolume,
		UUID: found.image.ID, VolumeSize: found.flavor.Disk, DeleteOnTermination: true,
	}
	if disk := properties.RootDisk; disk != nil {
		boot.VolumeType = disk.Type
		if disk.Size != nil {
			boot.VolumeSize = *disk.Size
		}
	}
	if boot.VolumeSize == 0 {
		return nil, bosh.Errorf(bosh.CloudError, "Flavor '%s' has a root disk size of 0. Either pick a different flavor or define root_disk.size in your VM cloud_properties", found.flavor.Name)
	}
	return &boot, nil
}

// createBootVolume creates the boot volume in its zone, and returns the plan with
// the server booting from it. Nova, which creates all other boot volumes, cannot
// choose their zone.
func (c *CPI) createBootVolume(ctx context.Context, undo *undoStack, plan vmPlan) (vmPlan, error) {
	if plan.bootZone == "" {
		return plan, nil
	}
	opts := volume.CreateOpts{
		Name: plan.name + "-root", SizeGiB: plan.bootVolume.VolumeSize, VolumeType: plan.bootVolume.VolumeType,
		AvailabilityZone: plan.bootZone, ImageID: plan.imageID, Metadata: plan.owner.Metadata(),
	}
	deleteByID := func(ctx context.Context, _ string) error { return c.volume.DeleteVolumeNamed(ctx, opts.Name) }
	creation := undo.pushCreation("volume", opts.Name, deleteByID, c.volume.DeleteVolumeNamed)
	created, err := c.volume.CreateVolume(ctx, opts)
	creation.answered(created.ID, err)
	if err == nil {
		created, err = c.volume.WaitAvailable(ctx, created.ID)
	}
	if err != nil {
		return plan, bosh.Errorf(bosh.CloudError, "%w (cloud_properties.root_disk)", err)
	}
	if created.AvailabilityZone != plan.bootZone { // with Cinder's allow_availability_zone_fallback
		return plan, bosh.Errorf(bosh.CloudError, "Cinder has created the boot volume in zone '%s' instead of '%s' (cloud_properties.root_disk.availability_zone)", created.AvailabilityZone, plan.bootZone)
	}
	plan.bootVolume = &servers.BlockDevice{
		SourceType: servers.SourceVolume, DestinationType: servers.DestinationVolume, UUID: created.ID, DeleteOnTermination: true,
	}
	return plan, nil
}

// deleteServerAndVolumes undoes the creation of a server for which Nova creates
// volumes. Nova deletes a volume after the server, so the server's disappearance
// does not prove that the volume is deleted. A server that was just created has no
// other volumes.
func (c *CPI) deleteServerAndVolumes(ctx context.Context, id string) error {
	server, err := c.compute.Server(ctx, id)
	if err != nil && !openstack.IsNotFound(err) {
		return err
	}
	if err := c.compute.DeleteServer(ctx, id); err != nil {
		for _, attached := range server.AttachedVolumes {
			err = fmt.Errorf("%w; its volume %s is kept", err, attached.ID)
		}
		return err
	}
	for _, attached := range server.AttachedVolumes {
		if err := c.volume.DeleteVolume(ctx, attached.ID); err != nil {
			return err
		}
	}
	return nil
}

// markVolumes puts the owner and the server's id on the volumes that Nova created
// for the server. delete_vm deletes them if Nova does not. The VM works without the
// mark, so a failure is only logged.
func (c *CPI) markVolumes(ctx context.Context, plan vmPlan, server servers.Server) {
	if !plan.createsVolumes() {
		return
	}
	for _, attached := range server.AttachedVolumes {
		metadata := plan.owner.Metadata()
		metadata[mark.BootVolumeOf] = server.ID
		if err := c.volume.SetMetadata(ctx, attached.ID, metadata); err != nil {
			c.log.Warn("metadata of the boot volume could not be set",
				slog.String("volume", attached.ID), slog.String("server", server.ID), slog.Any("error", err))
		}
	}
}
