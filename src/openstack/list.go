package openstack

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/gophercloud/gophercloud/v2/pagination"
)

// The limits of a list. No project has as many objects. A proxy that ignores the
// query answers every page with the first one.
const (
	maxPages  = 1000
	maxListed = 100_000
)

// listing is the state of one list that is read page by page.
type listing struct {
	first *url.URL // of the first page; nil before its request
}

type listKey struct{}

// expectList marks the requests made with the context as those of one list.
func expectList(ctx context.Context) context.Context {
	return context.WithValue(ctx, listKey{}, &listing{})
}

// listOf returns the list that the request belongs to, nil if it is not for a
// list. A request for a token in the middle of a list does not belong to it.
func listOf(req *http.Request) *listing {
	list, _ := req.Context().Value(listKey{}).(*listing)
	if req.Method != http.MethodGet {
		return nil
	}
	return list
}

// ofSamePlace returns the request for a page of a list at the URL of the first
// page, with its own query. The link to a page that a service returns can name
// another host or scheme: one behind a proxy does not know its own address, and
// a hostile one would get the token.
func ofSamePlace(req *http.Request) *http.Request {
	list := listOf(req)
	if list == nil {
		return req
	}
	if list.first == nil {
		list.first = req.URL
	}
	page := *list.first
	page.RawQuery = req.URL.RawQuery
	moved := req.Clone(req.Context())
	moved.URL, moved.Host = &page, ""
	return moved
}

// List returns the objects on all pages of a list. If one page fails, the whole
// list fails: an incomplete list must not be taken for the complete one. So does
// an object without an id.
func List[T any](ctx context.Context, pages pagination.Pager, extract func(pagination.Page) ([]T, error)) ([]T, error) {
	var all []T
	read := 0
	err := pages.EachPage(expectList(ctx), func(_ context.Context, page pagination.Page) (bool, error) {
		items, err := Values(extract(page))
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
