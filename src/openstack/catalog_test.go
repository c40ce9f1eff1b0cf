package openstack

import (
	"testing"

	tokens2 "github.com/gophercloud/gophercloud/v2/openstack/identity/v2/tokens"
	tokens3 "github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLocate(t *testing.T) {
	t.Parallel()
	catalog := []endpoint{
		{"volume", "r", "public", "http://c/v1/p"},
		{"volumev2", "r", "public", "http://c/v2/p"},
		{"block-storage", "r", "public", "http://c/official/v3/p"},
		{"volumev3", "r", "internal", "http://inside/v3/p"},
		{"imagev2", "r", "public", "http://g"},
	}
	found, err := locate(catalog, volumeService(), "public", "r")
	require.NoError(t, err)
	assert.Equal(t, "http://c/official/v3/p", found.URL, "the latest version that the interface offers")
	found, err = locate(catalog, volumeService(), "internal", "")
	require.NoError(t, err)
	assert.Equal(t, "http://inside/v3/p", found.URL)
	found, err = locate(catalog, imageService(), "public", "")
	require.NoError(t, err)
	assert.Equal(t, "imagev2", found.Type)

	_, err = locate(catalog, computeService(), "public", "r")
	require.EqualError(t, err, "the service catalog has no public endpoint of the compute service; there are: "+
		"block-storage (public, r), imagev2 (public, r), volume (public, r), volumev2 (public, r), volumev3 (internal, r)")
	_, err = locate(nil, computeService(), "public", "r")
	require.ErrorContains(t, err, "there are: nothing at all; is the user a member of the project?")
}

func TestBase(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		service     service
		entry, base string
	}{
		{computeService(), "http://n:8774/v2.1", "http://n:8774/v2.1/"},
		{computeService(), "http://n:8774/v2.1/", "http://n:8774/v2.1/"},
		{computeService(), "http://n:8774/v2/p", "http://n:8774/v2/p/"},
		{computeService(), "http://cloud/compute", "http://cloud/compute/v2.1/"},
		{imageService(), "http://g:9292", "http://g:9292/v2/"},
		{imageService(), "https://cloud/image/", "https://cloud/image/v2/"},
		{imageService(), "http://g:9292/v2", "http://g:9292/v2/"},
		{networkService(), "http://q:9696/", "http://q:9696/v2.0/"},
		{networkService(), "http://q:9696/v2.0", "http://q:9696/v2.0/"},
		{volumeService(), "http://c:8776/v3/p", "http://c:8776/v3/p/"},
		{volumeService(), "http://c:8776", "http://c:8776/v3/p/"},
		{loadBalancerService(), "http://o:9876", "http://o:9876/v2.0/"},
		{networkService(), "http://vip1.cloud/network", "http://vip1.cloud/network/v2.0/"},
	} {
		base, err := test.service.base(test.entry, "p")
		require.NoError(t, err, test.entry)
		assert.Equal(t, test.base, base.String(), test.entry)
	}
	_, err := computeService().base("nova", "p")
	require.EqualError(t, err, `the compute service's endpoint in the service catalog is not an http or https URL: "nova"`)
}

func TestCatalogOfVersion3(t *testing.T) {
	t.Parallel()
	catalog := catalogV3(&tokens3.ServiceCatalog{Entries: []tokens3.CatalogEntry{{
		Type: "image", Endpoints: []tokens3.Endpoint{
			{Region: "r", RegionID: "id", Interface: "public", URL: "http://out"},
			{RegionID: "id", Interface: "internal", URL: "http://in"},
		},
	}}})
	assert.Equal(t, []endpoint{{"image", "r", "public", "http://out"}, {"image", "id", "internal", "http://in"}}, catalog)
}

func TestCatalogOfVersion2(t *testing.T) {
	t.Parallel()
	catalog := catalogV2(&tokens2.ServiceCatalog{Entries: []tokens2.CatalogEntry{{
		Type: "compute", Endpoints: []tokens2.Endpoint{{Region: "r", PublicURL: "http://out", InternalURL: "http://in"}},
	}}})
	assert.ElementsMatch(t, []endpoint{{"compute", "r", "public", "http://out"}, {"compute", "r", "internal", "http://in"}}, catalog)
}
