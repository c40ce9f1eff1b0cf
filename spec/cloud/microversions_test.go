package cloud

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMicroversions(t *testing.T) {
	t.Parallel()
	for endpoint, answer := range map[string]string{
		"/v2.1":                  `{"version": {"id": "v2.1", "version": "2.93", "min_version": "2.1"}}`,
		"/compute/v2.1/a1b2":     `{"version": {"id": "v2.1", "version": "2.93", "min_version": "2.1"}}`,
		"/v3/a1b2":               `{"versions": [{"id": "v3.0", "version": "2.93", "min_version": "2.1"}]}`,
		"/vcloud/volume/v3/a1b2": `{"versions": [{"id": "v3.0", "version": "2.93", "min_version": "2.1"}]}`,
	} {
		service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			assert.Regexp(t, `/v(2.1|3)/$`, r.URL.Path)
			w.Write([]byte(answer))
		}))
		t.Cleanup(service.Close)
		c := &Cloud{services: map[string]Service{"compute": {Client: service.Client(), URL: service.URL + endpoint}}}
		lowest, newest, err := c.Microversions(t.Context(), "compute")
		require.NoError(t, err)
		assert.Equal(t, []string{"2.1", "2.93"}, []string{lowest, newest}, endpoint)
	}
}
