package cpi

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
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
	"github.com/piston/openstack-bosh-cpi/src/stemcell"
)

// uploadKey is the property of an image whose value is unique to the call that
// created the image.
const uploadKey = "stemcell_upload"

const (
	// maxUpload is the longest time that another process is given for its
	// upload: 3 GiB at less than 2 MB/s.
	maxUpload = 30 * time.Minute
	// maxQueued is the longest time between the creation of an image and its
	// upload.
	maxQueued = 2 * time.Minute
	// maxImageIDs limits the ids that are tried for one stemcell; see imageID.
	maxImageIDs = 16
)

// sameStemcell returns the intact image that this director uploaded from the same
// archive, or "". It does not return those of other directors, which may delete
// their images at any time.
func (c *CPI) sameStemcell(ctx context.Context, archive string, opts image.CreateOpts) (bosh.StemcellCID, error) {
	properties := c.owner().Metadata()
	properties["stemcell_sha256"] = opts.Properties["stemcell_sha256"]
	found, err := c.image.FindImages(ctx, opts.Name, properties)
	if err != nil {
		return "", err
	}
	for _, candidate := range found {
		if cid, err := c.reuse(ctx, archive, candidate); cid != "" || err != nil {
			return cid, err
		}
	}
	return "", nil
}

// createImage creates the image with an id of which there can be only one, so
// that of several concurrent calls one uploads the stemcell. The others wait for
// that one, and return the CID of its image instead of an id.
func (c *CPI) createImage(ctx context.Context, undo *undoStack, archive string, opts image.CreateOpts) (id string, existing bosh.StemcellCID, err error) {
	deleteOwn := func(ctx context.Context, id string) error {
		found, err := c.image.Image(ctx, id)
		if err != nil || !ownUpload(found, opts) {
			return openstack.IgnoreNotFound(err)
		}
		return c.image.DeleteImage(ctx, id)
	}
	for generation := range maxImageIDs + 1 {
		opts.ID = imageID(opts, generation)
		creation := undo.pushCreation("image", opts.ID, c.image.DeleteImage, deleteOwn)
		created, err := c.image.CreateImage(ctx, opts)
		if err == nil && ownUpload(created, opts) {
			creation.answered(created.ID, nil)
			return created.ID, "", nil
		}
		creation.answered("", err)
		if err != nil && !openstack.IsConflict(err) {
			return "", "", err
		}
		other, err := c.image.Image(ctx, opts.ID)
		if openstack.IsNotFound(err) {
			continue // Glance does not forget the ids of deleted images
		}
		if err != nil {
			return "", "", err
		}
		if existing, err = c.reuse(ctx, archive, other); existing != "" || err != nil {
			return "", existing, err
		}
	}
	return "", "", bosh.Errorf(bosh.CloudError, "create image %s: Glance accepts none of %d ids", opts.Name, maxImageIDs+1)
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
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %s %d", opts.Properties["director_uuid"], opts.Properties["stemcell_sha256"], opts.Name, generation))
	id := sum[:16]
	id[6] = id[6]&0x0f | 0x80 // version 8: defined by the application
	id[8] = id[8]&0x3f | 0x80 // variant of RFC 9562
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// reuse returns the CID of an image of the same stemcell if it is intact, after
// the end of its upload by another process. What a failed upload has left is
// deleted. An image that is not intact is kept, because VMs may use it.
func (c *CPI) reuse(ctx context.Context, archive string, candidate images.Image) (bosh.StemcellCID, error) {
	uploaded, err := c.waitUploaded(ctx, candidate)
	if openstack.IsNotFound(err) {
		return "", nil // its upload has failed
	}
	if err != nil {
		return "", err
	}
	log := c.log.With(slog.String("image", uploaded.ID))
	if uploaded.Status != images.ImageStatusActive {
		log.Warn("deleting what an interrupted upload of the stemcell left", slog.String("status", string(uploaded.Status)))
		return "", c.image.DeleteImage(ctx, uploaded.ID)
	}
	damage, err := c.damage(ctx, archive, uploaded)
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

func uploading(found images.Image) bool {
	age := time.Since(found.UpdatedAt)
	return found.Status == images.ImageStatusSaving && age < maxUpload || found.Status == images.ImageStatusQueued && age < maxQueued
}

// damage returns what is wrong with the image, or "": its size, its hash, or that
// Glance has lost its data. Such an image is the reason for `bosh upload-stemcell
// --fix`, which calls create_stemcell again.
func (c *CPI) damage(ctx context.Context, archive string, stored images.Image) (damage string, err error) {
	root, err := stemcell.Open(archive)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	if stored.SizeBytes != root.Size {
		return fmt.Sprintf("it has %d bytes, expected %d", stored.SizeBytes, root.Size), nil
	}
	hasData, err := c.image.HasData(ctx, stored.ID)
	switch {
	case openstack.StatusOf(err) == http.StatusForbidden:
		c.log.Warn("downloading the image is not allowed, so its data are not checked", slog.String("image", stored.ID))
	case err != nil:
		return "", err
	case !hasData:
		return "Glance does not have its data", nil
	}
	sum := newHash(stored)
	if sum == nil {
		return "", nil
	}
	if _, err := io.Copy(sum, root); err != nil {
		return "", bosh.Errorf(bosh.CloudError, "read the stemcell: %w", err)
	}
	if expected := hex.EncodeToString(sum.Sum(nil)); stored.Properties["os_hash_value"] != expected {
		return fmt.Sprintf("its hash is %v, expected %s", stored.Properties["os_hash_value"], expected), nil
	}
	return "", nil
}

// newHash returns the hash function of the image's os_hash_value, or nil if there
// is none.
func newHash(stored images.Image) hash.Hash {
	algorithm, _ := stored.Properties["os_hash_algo"].(string)
	switch strings.ToLower(algorithm) {
	case "sha512":
		return sha512.New()
	case "sha384":
		return sha512.New384()
	case "sha256":
		return sha256.New()
	}
	return nil
}
