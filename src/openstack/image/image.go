// Package image makes the calls to Glance: images and their data.
package image

import (
	"context"
	"net/url"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// Service is the Glance of one session.
type Service struct {
	session *openstack.Session
}

// New returns the Glance of the session. It sends no request.
func New(session *openstack.Session) *Service { return &Service{session} }

// Image returns the image.
func (s *Service) Image(ctx context.Context, id string) (images.Image, error) {
	client, err := s.session.Image(ctx)
	if err != nil {
		return images.Image{}, err
	}
	found, err := openstack.Value(images.Get(ctx, client, id).Extract())
	return found, openstack.Wrap(err, "get image %s", id)
}

// FindImages returns the images with the name and all of the properties.
func (s *Service) FindImages(ctx context.Context, name string, properties map[string]string) ([]images.Image, error) {
	client, err := s.session.Image(ctx)
	if err != nil {
		return nil, err
	}
	found, err := openstack.List(ctx, images.List(client, filter{images.ListOpts{Name: name}, properties}), images.ExtractImages)
	return found, openstack.Wrap(err, "list images named %s", name)
}

// ProjectImages returns the images that belong to the project and have all of
// the properties. Images that other projects publish or share are left out.
func (s *Service) ProjectImages(ctx context.Context, properties map[string]string) ([]images.Image, error) {
	client, err := s.session.Image(ctx)
	if err != nil {
		return nil, err
	}
	project, err := s.session.ProjectID(ctx)
	if err != nil {
		return nil, err
	}
	pages := images.List(client, filter{images.ListOpts{Owner: project}, properties})
	found, err := openstack.ListMatching(ctx, pages, images.ExtractImages, func(image images.Image) bool { return image.Owner == project })
	return found, openstack.Wrap(err, "list images of project %s", project)
}

// filter adds properties to the query of a list. Glance takes every unknown
// parameter for a property (API reference: "list images ... filter by
// additional properties").
type filter struct {
	images.ListOpts
	properties map[string]string
}

// ToImageListQuery implements images.ListOptsBuilder.
func (f filter) ToImageListQuery() (string, error) {
	query, err := f.ListOpts.ToImageListQuery()
	if err != nil {
		return "", err
	}
	return withProperties(query, f.properties), nil
}

func withProperties(query string, properties map[string]string) string {
	values := url.Values{}
	for name, value := range properties {
		values.Set(name, value)
	}
	separator := "?"
	if strings.Contains(query, "?") {
		separator = "&"
	}
	return query + separator + values.Encode()
}

// CreateOpts describes an image to create.
type CreateOpts struct {
	// ID is the UUID for the image. The caller chooses it, so that an image
	// whose creation got no response is found.
	ID              string
	Name            string
	DiskFormat      string
	ContainerFormat string
	Public          bool // otherwise private; public needs the policy publicize_image
	Properties      map[string]string
}

// CreateImage creates the image without data, once even if the response is
// lost.
func (s *Service) CreateImage(ctx context.Context, opts CreateOpts) (images.Image, error) {
	client, err := s.session.Image(ctx)
	if err != nil {
		return images.Image{}, err
	}
	visibility := images.ImageVisibilityPrivate
	if opts.Public {
		visibility = images.ImageVisibilityPublic
	}
	request := images.CreateOpts{
		ID: opts.ID, Name: opts.Name, DiskFormat: opts.DiskFormat, ContainerFormat: opts.ContainerFormat,
		Visibility: &visibility, Properties: opts.Properties,
	}
	created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (images.Image, error) {
		return openstack.Value(images.Create(ctx, client, request).Extract())
	}, func(ctx context.Context) ([]images.Image, error) {
		found, err := s.Image(ctx, opts.ID)
		if err != nil {
			return nil, openstack.IgnoreNotFound(err)
		}
		return []images.Image{found}, nil
	})
	return created, openstack.Wrap(err, "create image %s (%s)", opts.ID, opts.Name)
}

// WaitActive waits until the image is active: Glance has stored its data.
func (s *Service) WaitActive(ctx context.Context, id string) (images.Image, error) {
	return openstack.Wait[images.Image]{
		Kind: "Image", ID: id, Target: []string{"active"}, Now: true,
		Get:    func(ctx context.Context) (images.Image, error) { return s.Image(ctx, id) },
		State:  func(image images.Image) string { return string(image.Status) },
		Failed: func(image images.Image) (string, bool) { return "", isEnded(image) },
	}.Run(ctx, s.session)
}

// isEnded reports whether Glance has killed or deleted the image.
func isEnded(image images.Image) bool {
	status := strings.ToLower(string(image.Status))
	return status == "killed" || status == "error" || status == "deleted" || status == "pending_delete"
}

// DeleteImage deletes the image, with or without data. Not found counts as
// success.
func (s *Service) DeleteImage(ctx context.Context, id string) error {
	client, err := s.session.Image(ctx)
	if err != nil {
		return err
	}
	return openstack.IgnoreNotFound(openstack.Delete(ctx, func() error {
		return openstack.Wrap(images.Delete(ctx, client, id).ExtractErr(), "delete image %s", id)
	}))
}
