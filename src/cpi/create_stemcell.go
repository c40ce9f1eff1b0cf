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

// CreateStemcell makes Glance import the disk image of a stemcell from its source,
// or streams it from the archive to Glance, and returns the CID. An intact image
// that this director created from the same stemcell is reused. A light stemcell
// names an image that already exists. A failed call leaves no image.
func (c *CPI) CreateStemcell(ctx context.Context, args bosh.CreateStemcellArgs) (cid bosh.StemcellCID, err error) {
	properties := bosh.Metadata{}
	if err := decode(args.CloudProperties, &properties); err != nil {
		return "", err
	}
	if err := c.reportIgnored(ignoredByStemcell(args.CloudProperties)); err != nil {
		return "", err
	}
	if _, light := properties["image_id"]; light {
		return c.lightStemcell(ctx, properties)
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
		if !image.IsLost(err) || plan.archive.Empty() || try == maxImages || ctx.Err() != nil {
			return cid, err
		}
		plan.source = stemcellSource{} // it may have been the reason
		c.log.Warn("the stemcell is uploaded to another image", slog.Any("error", err))
	}
}

// maxImages is how many images are created for one stemcell if Glance kills or
// deletes them.
const maxImages = 3

// stemcellPlan is a stemcell to create: where Glance can download it, its archive,
// the size of the disk image in it, and the image to create.
type stemcellPlan struct {
	source  stemcellSource
	archive *stemcell.Archive
	size    int64 // 0 if the archive is empty
	image   image.CreateOpts
}

func (c *CPI) planStemcell(args bosh.CreateStemcellArgs, properties bosh.Metadata) (*stemcellPlan, error) {
	for _, required := range []string{"name", "version", "disk_format"} {
		if properties.Text(required) == "" {
			return nil, bosh.Errorf(bosh.CPIError, "cloud_properties.%s of the stemcell is missing", required)
		}
	}
	source, err := sourceOf(properties)
	if err != nil {
		return nil, err
	}
	archive, size, err := openArchive(args.ImagePath, source)
	if err != nil {
		return nil, err
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
	if archive.Empty() {
		opts.Properties[archiveKey] = source.fingerprint()
	}
	opts.Properties[uploadKey] = newName("")
	return &stemcellPlan{source, archive, size, opts}, nil
}

// openArchive opens the archive and returns the size of its disk image. An archive
// may be empty if the stemcell has a source.
func openArchive(path string, source stemcellSource) (archive *stemcell.Archive, size int64, err error) {
	archive, err = stemcell.Open(path)
	if err != nil {
		return nil, 0, bosh.Errorf(bosh.CPIError, "image_path: %w", err)
	}
	if archive.Empty() && source.url != "" {
		return archive, 0, nil
	}
	if size, err = archive.Size(); err != nil {
		return nil, 0, errors.Join(extractingFailed(err), archive.Close())
	}
	return archive, size, nil
}

func extractingFailed(err error) error {
	if errors.Is(err, stemcell.ErrNoRootImage) {
		return bosh.Errorf(bosh.CloudError, "Root image is missing from stemcell archive: %w", err)
	}
	return bosh.Errorf(bosh.CloudError, "Extracting stemcell root image failed: %w", err)
}

// newStemcell creates an image and gives it the data of the stemcell, unless
// another process does the same. An image that cannot get data any more is deleted.
func (c *CPI) newStemcell(ctx context.Context, undo *undoStack, plan *stemcellPlan) (bosh.StemcellCID, error) {
	id, existing, err := c.createImage(ctx, undo, plan)
	if existing != "" || err != nil {
		return existing, err
	}
	if err := c.fill(ctx, id, plan); err != nil {
		return "", c.deleteLostImage(ctx, id, err)
	}
	return bosh.StemcellCID(id), nil
}

// fill gives the image its data: Glance downloads them, or, if it refuses that, they
// are uploaded from the archive.
func (c *CPI) fill(ctx context.Context, id string, plan *stemcellPlan) error {
	if plan.source.url != "" {
		refused, err := c.importImage(ctx, id, plan)
		if !refused || plan.archive.Empty() {
			return err
		}
		c.log.Warn("Glance does not import the stemcell, uploading it", slog.String("image", id), slog.Any("error", err))
	}
	sum, err := c.upload(ctx, id, plan)
	if err != nil {
		return err
	}
	stored, err := c.image.WaitActive(ctx, id)
	if err != nil {
		return err
	}
	return checkData(stored, plan.size, sum)
}

// deleteLostImage deletes the image if it is lost, so that its name can be used by
// another one, and returns the error of its upload or import. The undo tries again
// to delete what could not be deleted.
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
func (c *CPI) lightStemcell(ctx context.Context, properties bosh.Metadata) (bosh.StemcellCID, error) {
	imageID := properties.Text("image_id")
	if properties.Text("source_url") != "" {
		return "", bosh.Errorf(bosh.CPIError, "cloud_properties of the stemcell have both image_id and source_url")
	}
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
