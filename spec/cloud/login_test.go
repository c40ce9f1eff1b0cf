package cloud

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// catalogOf starts a Keystone whose catalog has the endpoints, by service type,
// and returns its URL.
func catalogOf(t *testing.T, endpoints map[string]string) string {
	t.Helper()
	entries := ""
	for kind, url := range endpoints {
		entries += fmt.Sprintf(`, {"type": %q, "endpoints": [
			{"interface": "admin", "region": "one", "url": "http://admin"},
			{"interface": "public", "region": "two", "url": "http://two"},
			{"interface": "public", "region": "one", "url": %q}]}`, kind, url)
	}
	keystone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/identity/v3/auth/tokens", r.URL.Path)
		w.Header().Set("X-Subject-Token", "token")
		w.Write([]byte(`{"token": {"project": {"id": "p", "name": "bosh"}, "catalog": [` + entries[2:] + `]}}`))
	}))
	t.Cleanup(keystone.Close)
	return keystone.URL + "/identity/v3/"
}

func TestServicesOfTheCatalog(t *testing.T) {
	t.Parallel()
	url := catalogOf(t, map[string]string{
		"compute": "http://c/v2.1", "network": "http://n/", "volumev3": "http://v/v3/p", "image": "http://i/v2", "load-balancer": "http://l/v2.0",
	})
	c, err := LogIn(t.Context(), http.DefaultClient, Properties{AuthURL: url, Region: "one"})
	require.NoError(t, err)
	assert.Equal(t, "bosh", c.Token.Project.Name)
	for name, want := range map[string]string{
		"compute": "http://c/v2.1", "network": "http://n/v2.0", "volume": "http://v/v3/p", "image": "http://i/v2", "load-balancer": "http://l/v2.0/lbaas",
	} {
		assert.Equal(t, want, c.Service(name).URL)
		assert.Equal(t, "token", c.Service(name).Header.Get("X-Auth-Token"))
		assert.True(t, c.Has(name))
	}
}

func TestOctaviaIsOptional(t *testing.T) {
	t.Parallel()
	services := map[string]string{"compute": "http://c", "network": "http://n", "block-storage": "http://v", "image": "http://i"}
	c, err := LogIn(t.Context(), http.DefaultClient, Properties{AuthURL: catalogOf(t, services), Region: "one"})
	require.NoError(t, err)
	assert.False(t, c.Has("load-balancer"))

	delete(services, "image")
	_, err = LogIn(t.Context(), http.DefaultClient, Properties{AuthURL: catalogOf(t, services), Region: "one"})
	require.ErrorContains(t, err, `no public endpoint of service image in region "one"`)
}
