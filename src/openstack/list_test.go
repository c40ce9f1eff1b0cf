package openstack

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// listed returns the networks of a list with the given pages.
func listed(t *testing.T, pages ...func(*http.Request) (*http.Response, error)) ([]networks.Network, error) {
	t.Helper()
	session := sessionOn(t, &script{answers: pages})
	client := &gophercloud.ServiceClient{ProviderClient: &gophercloud.ProviderClient{HTTPClient: *session.http}, Endpoint: "http://cloud/v2.0/"}
	return List(t.Context(), networks.List(client, nil), networks.ExtractNetworks)
}

func page(text string) func(*http.Request) (*http.Response, error) {
	return func(request *http.Request) (*http.Response, error) {
		answer, err := body(http.StatusOK, text)(request)
		answer.Header.Set("Content-Type", "application/json")
		return answer, err
	}
}

const (
	firstPage = `{"networks":[{"id":"a"}],"networks_links":[{"rel":"next","href":"http://cloud/v2.0/networks?marker=a"}]}`
	lastPage  = `{"networks":[{"id":"b"}]}`
)

// A proxy that ignores the query answers every page with the first one.
func TestEndlessList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, err := listed(t, page(firstPage))
		require.ErrorContains(t, Wrap(err, "list networks"), "list networks: OpenStack API UnusableResponse (the list does not end after 1001 pages with 1001 objects)")
	})
}

// A list with a failed page fails: the pages before it are not the complete
// list.
func TestList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all, err := listed(t, page(firstPage), page(lastPage))
		require.NoError(t, err)
		assert.Len(t, all, 2)

		all, err = listed(t, page(`{"networks":[]}`))
		require.NoError(t, err)
		assert.Empty(t, all)

		for name, last := range map[string]func(*http.Request) (*http.Response, error){
			"503":        status(http.StatusServiceUnavailable),
			"forbidden":  status(http.StatusForbidden),
			"not JSON":   page("<html>maintenance</html>"),
			"cut off":    page(`{"networks":[{"id":"b"`),
			"wrong type": page(`{"networks":"none"}`),
		} {
			all, err = listed(t, page(firstPage), last)
			require.Error(t, err, name)
			assert.Nil(t, all, name)
		}
	})
}

// moves records the hosts and paths of the requests and answers with one page.
func moves(next string, seen *[]string) func(*http.Request) (*http.Response, error) {
	return func(request *http.Request) (*http.Response, error) {
		*seen = append(*seen, request.URL.String())
		return page(`{"networks":[{"id":"a"}],"networks_links":[{"rel":"next","href":"` + next + `"}]}`)(request)
	}
}

// Pages are requested where the list was, whatever their link says.
func TestPagesAreOfTheSamePlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, next := range []string{"http://other/v2.0/networks?marker=a", "https://cloud:9696/networks?marker=a", "/networks?marker=a", "?marker=a"} {
			var seen []string
			all, err := listed(t, moves(next, &seen), page(lastPage))
			require.NoError(t, err)
			assert.Len(t, all, 2)
			all, err = listed(t, moves(next, &seen), moves(next, &seen), page(lastPage))
			require.NoError(t, err)
			assert.Len(t, all, 3)
			assert.Equal(t, []string{"http://cloud/v2.0/networks", "http://cloud/v2.0/networks", "http://cloud/v2.0/networks?marker=a"}, seen)
		}
	})
}

func TestListedObjectsHaveAnID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, objects := range []string{`{}`, `null`, `{"id":"a"},{"name":"b"}`} {
			_, err := listed(t, page(`{"networks":[`+objects+`]}`))
			require.ErrorContains(t, err, "the response contains an object without an id")
		}
	})
}
