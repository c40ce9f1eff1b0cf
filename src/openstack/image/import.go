package image

import (
	"context"
	"errors"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imageimport"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

const (
	// maxImport is the longest time that an import is given: 3 GiB at 2 MB/s.
	maxImport = 25 * time.Minute
	// maxImportStart is the longest time between the request and its execution.
	maxImportStart = 2 * time.Minute
	// importGrace is the time in which a queued image without a task counts as
	// one whose import has not begun: before Glance API 2.11, images have none of
	// the properties below.
	importGrace = 10 * time.Second
	// importTask is the property of an image that Glance is importing.
	importTask = "os_glance_import_task"
	// failedStores is the property with the stores whose import failed. Images have
	// it from the beginning of an import on, empty at first.
	failedStores = "os_glance_failed_import"
)

// StartImport makes Glance download the data of a queued image from the URL, once
// even if the response is lost. If Glance refuses that, the image is as before.
func (s *Service) StartImport(ctx context.Context, id, url string) error {
	client, err := s.session.Image(ctx)
	if err != nil {
		return err
	}
	_, err = openstack.CreateOnce(ctx, func(ctx context.Context) (images.Image, error) {
		return images.Image{}, imageimport.Create(ctx, client, id, imageimport.CreateOpts{Name: imageimport.WebDownloadMethod, URI: url}).ExtractErr()
	}, func(ctx context.Context) ([]images.Image, error) {
		found, err := s.Image(ctx, id)
		if err != nil || isIdle(found) {
			return nil, err
		}
		return []images.Image{found}, nil
	})
	return openstack.Wrap(err, "import image %s from %s", id, url)
}

// isIdle reports whether an image has no data and Glance is not importing them.
func isIdle(found images.Image) bool {
	return found.Status == images.ImageStatusQueued && found.Properties[importTask] == nil
}

// WaitImported waits until Glance has stored the data that it downloads from the
// URL. The image is queued before and importing meanwhile; after a failure it is
// queued again. IsLost holds for the error if the image does not become active.
func (s *Service) WaitImported(ctx context.Context, id, url string) (images.Image, error) {
	accepted, begun := time.Now(), false
	stored, err := openstack.Wait[images.Image]{
		Kind: "Image", ID: id, Target: []string{"active"}, Action: "import", AtLeast: maxImport,
		Get:   func(ctx context.Context) (images.Image, error) { return s.Image(ctx, id) },
		State: func(image images.Image) string { return string(image.Status) },
		Failed: func(found images.Image) (string, bool) {
			begun = begun || found.Status == images.ImageStatusImporting || found.Properties[failedStores] != nil
			if found.Status != images.ImageStatusQueued {
				return "", isEnded(found)
			}
			waited := time.Since(accepted)
			failed := isIdle(found) && (begun || waited >= importGrace) || waited >= maxImportStart
			return "Glance could not download or store the data", failed
		},
	}.Run(ctx, s.session)
	err = openstack.Wrap(err, "import image %s from %s", id, url)
	if _, failed := errors.AsType[*openstack.WaitError](err); failed {
		err = Lost(err)
	}
	return stored, err
}
