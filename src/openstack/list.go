package openstack

import (
	"context"

	"github.com/gophercloud/gophercloud/v2/pagination"
)

// List reads a listing to its end, over all of its pages. A page that fails makes the whole listing fail: what was read
// until then is no answer to the question what there is.
func List[T any](ctx context.Context, pages pagination.Pager, extract func(pagination.Page) ([]T, error)) ([]T, error) {
	var all []T
	err := pages.EachPage(ctx, func(_ context.Context, page pagination.Page) (bool, error) {
		items, err := extract(page)
		all = append(all, items...)
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Value turns gophercloud's pair of a pointer and an error into a value and an error.
func Value[T any](pointer *T, err error) (T, error) {
	if err != nil || pointer == nil {
		var zero T
		return zero, err
	}
	return *pointer, nil
}
