package cpi

import (
	"context"
	"crypto/md5" //nolint:gosec // the only hash of Glance before API 2.7
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/image"
)

const (
	// archiveKey is the property of an image that has the fingerprint of the
	// archive that it was uploaded from.
	archiveKey = "stemcell_archive"
	// uploadKey is the property of an image whose value is unique to the call
	// that created the image.
	uploadKey = "stemcell_upload"
)

const (
	// maxUpload is the longest time that another process is given for its
	// upload or import: 3 GiB at less than 2 MB/s.
	maxUpload = 30 * time.Minute
	// maxQueued is the longest time between the creation of an image and its
	// upload or import.
	maxQueued = 2 * time.Minute
	// maxImageIDs limits the ids that are tried for one stemcell; see imageID.
	maxImageIDs = 16
)

// createImage creates the image with an id of which there can be only one, so
// that of several concurrent calls one uploads the stemcell. If Glance refuses the
// id or the image, the stemcell may exist: then createImage returns the CID of its
// image instead of an id, after the end of its upload by another process.
func (c *CPI) createImage(ctx context.Context, undo *undoStack, plan *stemcellPlan) (id string, existing bosh.StemcellCID, err error) {
	opts := plan.image
	deleteOwn := func(ctx context.Context, id string) error {
		found, err := c.image.Image(ctx, id)
		if err != nil || !ownUpload(found, opts) {
			return openstack.IgnoreNotFound(err)
		}
		return c.image.DeleteImage(ctx, id)
	}
	unfit := map[string]bool{}
	for generation := range maxImageIDs + 1 {
		opts.ID = imageID(opts, generation)
		creation := undo.pushCreation("image", opts.ID, c.image.DeleteImage, deleteOwn)
		created, err := c.image.CreateImage(ctx, opts)
		if err == nil && ownUpload(created, opts) {
			creation.answered(created.ID, nil)
			return created.ID, "", nil
		}
		creation.answered("", err)
		if err != nil && !wasRefused(err) {
			return "", "", err
		}
		existing, findErr := c.sameStemcell(ctx, plan, unfit)
		switch {
		case existing != "":
			return "", existing, nil
		case err != nil && !openstack.IsConflict(err):
			return "", "", err
		case findErr != nil:
			return "", "", findErr
		}
		// Glance does not forget the ids of deleted images.
	}
	return "", "", bosh.Errorf(bosh.CloudError, "create image %s: Glance accepts none of %d ids", opts.Name, maxImageIDs+1)
}

// sameStemcell returns the intact image that this director uploaded from the same
// archive, or "". It does not return those of other directors, which may delete
// their images at any time. Images that are not fit are added to unfit and not
// checked again, because that reads the archive.
func (c *CPI) sameStemcell(ctx context.Context, plan *stemcellPlan, unfit map[string]bool) (bosh.StemcellCID, error) {
	properties := c.owner().Metadata()
	properties[archiveKey] = plan.image.Properties[archiveKey]
	found, err := c.image.FindImages(ctx, plan.image.Name, properties)
	if err != nil {
		return "", err
	}
	for _, candidate := range found {
		if unfit[candidate.ID] {
			continue
		}
		if cid, err := c.reuse(ctx, plan, candidate); cid != "" || err != nil {
			return cid, err
		}
		unfit[candidate.ID] = true
	}
	return "", nil
}

func ownUpload(created images.Image, opts image.CreateOpts) bool {
	return created.Properties[uploadKey] == opts.Properties[uploadKey]
}

// imageID returns the id of the stemcell's image. Each id can be used once: after
// the image is deleted, the one of the next generation is tried. The last
// generation is random, so that there is always another one.
func imageID(opts image.CreateOpts, generation int) string {
	if generation == maxImageIDs {
		return newName("")
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %s %d", opts.Properties["director_uuid"], opts.Properties[archiveKey], opts.Name, generation))
	id := sum[:16]
	id[6] = id[6]&0x0f | 0x80 // version 8: defined by the application
	id[8] = id[8]&0x3f | 0x80 // variant of RFC 9562
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// reuse returns the CID of an image of the same stemcell if it is intact, after
// the end of its upload by another process. What a failed upload has left is
// deleted. An image that is not intact is kept, because VMs may use it.
func (c *CPI) reuse(ctx context.Context, plan *stemcellPlan, candidate images.Image) (bosh.StemcellCID, error) {
	uploaded, err := c.waitUploaded(ctx, candidate)
	if openstack.IsNotFound(err) {
		return "", nil // its upload has failed
	}
	if err != nil {
		return "", err
	}
	log := c.log.With(slog.String("image", uploaded.ID))
	switch uploaded.Status {
	case images.ImageStatusActive:
	case images.ImageStatusDeactivated:
		log.Warn("the image of the stemcell exists and is deactivated, creating another one")
		return "", nil
	default:
		return "", c.deleteInterrupted(ctx, uploaded)
	}
	damage, err := c.damageOrLoss(ctx, plan, uploaded)
	if err != nil {
		return "", err
	}
	if damage != "" {
		log.Warn("the image of the stemcell exists and is damaged, creating another one", slog.String("damage", damage))
		return "", nil
	}
	log.Info("the image of the stemcell already exists")
	return bosh.StemcellCID(uploaded.ID), nil
}

// deleteInterrupted deletes an image that never had data. One that Glance does not
// delete does not prevent the creation of another image.
func (c *CPI) deleteInterrupted(ctx context.Context, left images.Image) error {
	log := c.log.With(slog.String("image", left.ID), slog.String("status", string(left.Status)))
	log.Warn("deleting what an interrupted upload of the stemcell left")
	err := c.image.DeleteImage(ctx, left.ID)
	if status := openstack.StatusOf(err); status == http.StatusForbidden || status == http.StatusConflict {
		log.Warn("what an interrupted upload of the stemcell left cannot be deleted, creating another image", slog.Any("error", err))
		return nil
	}
	return err
}

// waitUploaded waits for as long as another process may be uploading the image.
func (c *CPI) waitUploaded(ctx context.Context, found images.Image) (images.Image, error) {
	for logged := false; uploading(found); logged = true {
		if !logged {
			c.log.Info("waiting for the upload of the same stemcell by another process", slog.String("image", found.ID))
		}
		if err := openstack.Sleep(ctx, c.config.OpenStack.PollInterval); err != nil {
			return found, err
		}
		var err error
		if found, err = c.image.Image(ctx, found.ID); err != nil {
			return found, err
		}
	}
	return found, nil
}

// uploading reports whether another process may be uploading the image, or Glance
// importing it.
func uploading(found images.Image) bool {
	age := time.Since(found.UpdatedAt)
	switch found.Status { //nolint:exhaustive // an image in any other state gets no data
	case images.ImageStatusSaving, images.ImageStatusImporting:
		return age < maxUpload
	case images.ImageStatusQueued:
		return age < maxQueued
	}
	return false
}

// damageOrLoss returns what is wrong with an existing image, or "": its data, or
// that Glance has lost them. Such an image is the reason for
// `bosh upload-stemcell --fix`, which calls create_stemcell again.
func (c *CPI) damageOrLoss(ctx context.Context, plan *stemcellPlan, stored images.Image) (string, error) {
	if damage, err := c.damage(plan, stored); damage != "" || err != nil {
		return damage, err
	}
	hasData, err := c.image.HasData(ctx, stored.ID)
	switch {
	case openstack.StatusOf(err) == http.StatusForbidden:
		c.log.Warn("downloading the image is not allowed, so its data are not checked", slog.String("image", stored.ID))
		return "", nil
	case err != nil || hasData:
		return "", err
	}
	return "Glance does not have its data", nil
}

// damage returns what is wrong with the data of an image, or "": their size or
// their hash. An image that Glance has converted cannot be compared.
func (c *CPI) damage(plan *stemcellPlan, stored images.Image) (string, error) {
	if stored.DiskFormat != plan.image.DiskFormat {
		return "", nil
	}
	if !plan.archive.Empty() && stored.SizeBytes != plan.size {
		return fmt.Sprintf("it has %d bytes, expected %d", stored.SizeBytes, plan.size), nil
	}
	sum, value := storedHash(stored)
	if sum == nil {
		return "", nil
	}
	expected, err := plan.hash(sum)
	if err == nil && expected == "" {
		c.log.Warn("the data of the image are not compared, because the stemcell has no SHA-512 of them", slog.String("image", stored.ID))
	}
	if err != nil || expected == "" || value == expected {
		return "", err
	}
	return fmt.Sprintf("its hash is %v, expected %s", value, expected), nil
}

// hash returns the hash of the stemcell's disk image, or "" if it is not known: the
// archive is empty, and the source has a hash of another kind, or none.
func (p *stemcellPlan) hash(sum hash.Hash) (string, error) {
	if p.archive.Empty() {
		if sum.Size() != sha512.Size {
			return "", nil
		}
		return p.source.sha512, nil
	}
	root, err := p.archive.Image()
	if err != nil {
		return "", extractingFailed(err)
	}
	if _, err := io.Copy(sum, root); err != nil {
		return "", bosh.Errorf(bosh.CloudError, "read the stemcell: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// storedHash returns the hash that Glance computed of the data, with its function:
// os_hash_value, or before Glance API 2.7 the MD5 in checksum. The function is nil
// if there is none.
func storedHash(stored images.Image) (hash.Hash, string) {
	algorithm, _ := stored.Properties["os_hash_algo"].(string)
	value, _ := stored.Properties["os_hash_value"].(string)
	switch strings.ToLower(algorithm) {
	case "sha512":
		return sha512.New(), value
	case "sha384":
		return sha512.New384(), value
	case "sha256":
		return sha256.New(), value
	}
	if stored.Checksum != "" {
		return md5.New(), stored.Checksum //nolint:gosec // it is what Glance has
	}
	return nil, ""
}
