package volume

import (
	"context"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// remove sends a deletion and waits until the object is gone. Not found counts
// as success, and so does a refused deletion of an object that is already being
// deleted: an earlier request had its response lost.
func remove[T any](ctx context.Context, s *Service, wait openstack.Wait[T], send func() error) error {
	attempt := "delete " + strings.ToLower(wait.Kind) + " " + wait.ID
	err := openstack.Delete(ctx, func() error { return openstack.Wrap(send(), "%s", attempt) })
	if openstack.IsBadRequest(err) {
		if found, getErr := wait.Get(ctx); openstack.IsNotFound(getErr) || getErr == nil && wait.State(found) == "deleting" {
			err = nil
		}
	}
	if err != nil {
		return openstack.IgnoreNotFound(err)
	}
	wait.Target, wait.GoneOK = []string{"deleted"}, true
	wait.Failed = func(object T) (string, bool) { return "", strings.HasPrefix(wait.State(object), "error_") }
	_, err = wait.Run(ctx, s.session)
	return openstack.Wrap(err, "%s", attempt)
}

// settle waits until the creation of the object has ended, well or not: Cinder
// refuses to delete it before that.
func settle[T any](ctx context.Context, s *Service, wait openstack.Wait[T]) error {
	wait.Target, wait.Now, wait.GoneOK = []string{"available", "error"}, true, true
	_, err := wait.Run(ctx, s.session)
	return err
}
