package cpi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/image"
)

// stemcellSource is where Glance can download the disk image of a stemcell.
type stemcellSource struct {
	url    string
	sha512 string // in hexadecimal; "" if it is not known
}

// sourceOf returns the source in the cloud_properties, which is empty if they have
// none.
func sourceOf(properties bosh.Metadata) (stemcellSource, error) {
	source := stemcellSource{properties.Text("source_url"), strings.ToLower(properties.Text("source_sha512"))}
	if source.url == "" && source.sha512 != "" {
		return source, bosh.Errorf(bosh.CPIError, "cloud_properties.source_sha512 needs source_url")
	}
	if source.url == "" {
		return source, nil
	}
	parsed, err := url.Parse(source.url)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
		return source, bosh.Errorf(bosh.CPIError, "cloud_properties.source_url must be a URL that begins with http:// or https://")
	}
	if parsed.User != nil {
		return source, bosh.Errorf(bosh.CPIError, "cloud_properties.source_url must not contain a user and a password: Glance does not send them")
	}
	if sum, err := hex.DecodeString(source.sha512); err != nil || len(sum) != 0 && len(sum) != 64 {
		return source, bosh.Errorf(bosh.CPIError, "cloud_properties.source_sha512 must be a SHA-512 of 128 hexadecimal digits")
	}
	return source, nil
}

// fingerprint identifies a stemcell whose archive has no disk image.
func (s stemcellSource) fingerprint() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s", s.url, s.sha512))
	return hex.EncodeToString(sum[:])
}

// importImage makes Glance download the stemcell and checks what it has stored. If
// Glance refuses to begin, refused is true and the image is as before.
func (c *CPI) importImage(ctx context.Context, id string, plan *stemcellPlan) (refused bool, err error) {
	if err := c.image.StartImport(ctx, id, plan.source.url); err != nil {
		if refused := wasRefused(err) && !openstack.IsConflict(err); refused || ctx.Err() != nil {
			return refused, err
		}
		return false, image.Lost(err)
	}
	stored, err := c.image.WaitImported(ctx, id, plan.source.url)
	if err != nil {
		return false, err
	}
	damage, err := c.damage(plan, stored)
	if err != nil {
		return false, err
	}
	if damage != "" {
		return false, image.Lost(bosh.Errorf(bosh.CloudError, "image %s, imported from %s, is not the stemcell: %s", id, plan.source.url, damage))
	}
	c.log.Info("Glance has imported the stemcell", slog.String("image", id), slog.String("disk_format", stored.DiskFormat), slog.Int64("bytes", stored.SizeBytes))
	return false, nil
}
