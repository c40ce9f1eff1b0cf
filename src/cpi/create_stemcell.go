package cpi

import (
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"log/slog"
	"maps"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/image"
	"github.com/piston/openstack-bosh-cpi/src/stemcell"
)

// CreateStemcell streams the disk image of a stemcell archive to Glance and
// returns its CID. An intact image that this director uploaded from the same
// archive is reused. A light stemcell names an image that already exists. A failed
// call leaves no image.
func (c *CPI) CreateStemcell(ctx context.Context, args bosh.CreateStemcellArgs) (cid bosh.StemcellCID, err error) {
	properties := bosh.Metadata{}
	if err := decode(args.CloudProperties, &properties); err != nil {
		return "", err
	}
	if err := c.reportIgnored(ignoredByStemcell(args.CloudProperties)); err != nil {
		return "", err
	}
	if _, light := properties["image_id"]; light {
		return c.lightStemcell(ctx, properties.Text("image_id"))
	}
	plan, err := c.planStemcell(args, properties)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, plan.archive.Close()) }()

	undo := c.newUndoStack()
	defer undo.onError(ctx, &err)
	for try := 1; ; try++ {
		cid, err = c.newStemcell(ctx, undo, plan)
		if !image.IsLost(err) || try == maxImages || ctx.Err() != nil {
			return cid, err
		}
		c.log.Warn("the upload of the stemcell is repeated with another image", slog.Any("error", err))
	}
}

// maxImages is how many images are created for one stemcell if Glance kills or
// deletes them.
const maxImages = 3

// stemcellPlan is a stemcell to upload: its archive, the size of the disk image in
// it, and the image to create.
type stemcellPlan struct {
	archive *stemcell.Archive
	size    int64
	image   image.CreateOpts
}

func (c *CPI) planStemcell(args bosh.CreateStemcellArgs, properties bosh.Metadata) (*stemcellPlan, error) {
	for _, required := range []string{"name", "version", "disk_format"} {
		if properties.Text(required) == "" {
			return nil, bosh.Errorf(bosh.CPIError, "cloud_properties.%s of the stemcell is missing", required)
		}
	}
	archive, err := stemcell.Open(args.ImagePath)
	if err != nil {
		return nil, bosh.Errorf(bosh.CPIError, "image_path: %w", err)
	}
	size, err := archive.Size()
	if err != nil {
		return nil, errors.Join(extractingFailed(err), archive.Close())
	}
	opts := image.CreateOpts{
		Name:            properties.Text("name") + "/" + properties.Text("version"),
		DiskFormat:      properties.Text("disk_format"),
		ContainerFormat: properties.Text("container_format"),
		Public:          c.config.OpenStack.StemcellPublicVisibility,
		Properties:      imageProperties(properties, args.Env.Tags),
	}
	if opts.ContainerFormat == "" {
		opts.ContainerFormat = "bare"
	}
	maps.Copy(opts.Properties, c.owner().Metadata())
	opts.Properties[archiveKey] = archive.Fingerprint
	opts.Properties[uploadKey] = newName("")
	return &stemcellPlan{archive, size, opts}, nil
}

func extractingFailed(err error) error {
	if errors.Is(err, stemcell.ErrNoRootImage) {
		return bosh.Errorf(bosh.CloudError, "Root image is missing from stemcell archive: %w", err)
	}
	return bosh.Errorf(bosh.CloudError, "Extracting stemcell root image failed: %w", err)
}

// newStemcell creates an image and uploads the stemcell to it, unless another
// process uploads the same. An image that Glance has killed or deleted is deleted.
func (c *CPI) newStemcell(ctx context.Context, undo *undoStack, plan *stemcellPlan) (bosh.StemcellCID, error) {
	id, existing, err := c.createImage(ctx, undo, plan)
	if existing != "" || err != nil {
		return existing, err
	}
	sum, err := c.upload(ctx, id, plan)
	if err != nil {
		return "", c.deleteLostImage(ctx, id, err)
	}
	stored, err := c.image.WaitActive(ctx, id)
	if err != nil {
		return "", c.deleteLostImage(ctx, id, err)
	}
	return bosh.StemcellCID(id), checkData(stored, plan.size, sum)
}

// deleteLostImage deletes the image if it is lost, so that its name can be used by
// another one, and returns the error of its upload. The undo tries again to delete
// what could not be deleted.
func (c *CPI) deleteLostImage(ctx context.Context, id string, failed error) error {
	if !image.IsLost(failed) {
		return failed
	}
	if err := c.image.DeleteImage(ctx, id); err != nil {
		return bosh.Errorf(bosh.CloudError, "%v: %w", failed, err)
	}
	return failed
}

// upload sends the disk image in the archive to Glance and returns the SHA-512 of
// what was sent, in hexadecimal.
func (c *CPI) upload(ctx context.Context, imageID string, plan *stemcellPlan) (string, error) {
	var sum hash.Hash
	err := c.image.UploadFrom(ctx, imageID, func() (io.Reader, error) {
		root, err := plan.archive.Image()
		if err != nil {
			return nil, extractingFailed(err)
		}
		sum = sha512.New()
		return newProgress(io.TeeReader(root, sum), plan.size, c.log.With(slog.String("image", imageID))), nil
	}, plan.size)
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// lightStemcell returns the CID of the operator's image if it is active.
func (c *CPI) lightStemcell(ctx context.Context, imageID string) (bosh.StemcellCID, error) {
	if err := bosh.StemcellCID(imageID).Check(); err != nil {
		return "", bosh.Errorf(bosh.CPIError, "cloud_properties.image_id %w", err)
	}
	found, err := c.image.Image(ctx, imageID)
	if err != nil && !openstack.IsNotFound(err) {
		return "", err
	}
	if err != nil || found.Status != images.ImageStatusActive {
		return "", bosh.Errorf(bosh.CloudError, "No active image with id '%s' referenced by light stemcell found in OpenStack.", imageID)
	}
	return bosh.LightStemcell(found.ID), nil
}

// checkData compares the stored image with the data that was sent. Glance returns
// a hash from API version 2.7 on. The cloud chooses the algorithm; SHA-512 is the
// default.
func checkData(stored images.Image, size int64, sha512 string) error {
	if stored.SizeBytes != size {
		return bosh.Errorf(bosh.CloudError, "image %s has %d bytes after an upload of %d", stored.ID, stored.SizeBytes, size)
	}
	if stored.Properties["os_hash_algo"] == "sha512" && stored.Properties["os_hash_value"] != sha512 {
		return bosh.Errorf(bosh.CloudError, "image %s was damaged during the upload: SHA-512 %v, expected %s", stored.ID, stored.Properties["os_hash_value"], sha512)
	}
	return nil
}
