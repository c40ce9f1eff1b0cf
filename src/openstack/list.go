package openstack

import (
	"context"
	"fmt"
	"slices"

	"github.com/gophercloud/gophercloud/v2/pagination"
)

// The limits of a list. No project has as many objects. A proxy that ignores the
// query answers every page with the first one.
const (
	maxPages  = 1000
	maxListed = 100_000
)

// List returns the objects on all pages of a list. If one page fails, the whole
// list fails: an incomplete list must not be taken for the complete one.
func List[T any](ctx context.Context, pages pagination.Pager, extract func(pagination.Page) ([]T, error)) ([]T, error) {
	var all []T
	read := 0
	err := pages.EachPage(expectList(ctx), func(_ context.Context, page pagination.Page) (bool, error) {
		items, err := extract(page)
		all = append(all, items...)
		if read++; read > maxPages || len(all) > maxListed {
			return false, &unusableError{fmt.Sprintf("the list does not end after %d pages with %d objects", read, len(all)), true}
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// ListMatching returns the objects of a list that match. It is needed in
// addition to the query of the list: services ignore filters that they do not
// implement, and Nova takes a name for a regular expression.
func ListMatching[T any](ctx context.Context, pages pagination.Pager, extract func(pagination.Page) ([]T, error), matches func(T) bool) ([]T, error) {
	all, err := List(ctx, pages, extract)
	return slices.DeleteFunc(all, func(object T) bool { return !matches(object) }), err
}
