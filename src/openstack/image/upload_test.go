package image_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/image"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const uploadCall = "PUT /images/{id}/file"

// An upload is repeated from the beginning of the data, a few times.
func TestUploadIsRepeated(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   simulator.Fault
		state   simulator.StateFault
		uploads int
		says    string
		lost    bool
	}{
		"no fault":      {uploads: 1},
		"503":           {fault: simulator.Fault{Status: http.StatusServiceUnavailable}, uploads: 2},
		"503 twice":     {fault: simulator.Fault{Status: http.StatusServiceUnavailable, Times: 2}, uploads: 3},
		"503 for ever":  {fault: simulator.Fault{Status: http.StatusServiceUnavailable, Times: -1}, uploads: 4, says: "ServiceUnavailable"},
		"429":           {fault: simulator.RateLimited("", time.Second), uploads: 2},
		"401":           {fault: simulator.Fault{Status: http.StatusUnauthorized}, uploads: 2},
		"401 for ever":  {fault: simulator.Fault{Status: http.StatusUnauthorized, Times: -1}, uploads: 4, says: "this service rejects the token"},
		"reset":         {fault: simulator.Fault{Kind: simulator.Refused}, uploads: 2},
		"response lost": {fault: simulator.Fault{Kind: simulator.LostAnswer}, uploads: 1},
		"403":           {fault: simulator.Fault{Status: http.StatusForbidden}, uploads: 1, says: "Forbidden"},
		"quota":         {fault: simulator.Fault{Status: http.StatusRequestEntityTooLarge}, uploads: 1, says: "RequestEntityTooLarge"},
		"no response":   {fault: simulator.Fault{Kind: simulator.Dropped}, uploads: 2},
		"none for ever": {fault: simulator.Fault{Kind: simulator.Dropped, Times: -1}, uploads: 4, says: "Timeout"},
		"504, executed": {fault: simulator.Fault{Kind: simulator.Unanswered}, uploads: 1},
		"404":           {fault: simulator.Fault{Status: http.StatusNotFound}, uploads: 1, says: "NotFound", lost: true},
		"409":           {fault: simulator.Fault{Status: http.StatusConflict}, uploads: 1, says: "Conflict", lost: true},
		"410":           {fault: simulator.Fault{Status: http.StatusGone}, uploads: 1, says: "Gone", lost: true},
		"404 of a proxy": {
			fault: simulator.Fault{Status: http.StatusNotFound, Body: "<html>no such page</html>"}, uploads: 1, says: "NotFound",
		},
		"killed, response lost": {
			fault: simulator.Fault{Kind: simulator.LostAnswer}, state: simulator.StateFault{Resource: "image", Phase: "create"},
			uploads: 1, says: "ConnectionFailed", lost: true,
		},
		"stuck, response lost": {
			fault: simulator.Fault{Kind: simulator.LostAnswer}, state: simulator.StateFault{Resource: "image", Phase: "create", Stuck: true},
			uploads: 1, says: "ConnectionFailed", lost: true,
		},
		"slow, response lost": {
			fault: simulator.Fault{Kind: simulator.LostAnswer}, state: simulator.StateFault{Resource: "image", Phase: "create", Slow: 2 * time.Minute},
			uploads: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, simulator.Options{}, func(g glance) {
				_, err := g.CreateImage(g.Context(), stemcell(ownID))
				require.NoError(g, err)
				if test.fault.Status != 0 || test.fault.Kind != simulator.Answered {
					test.fault.On = uploadCall
					g.Inject(test.fault)
				}
				if test.state.Resource != "" {
					g.InjectStateFault(test.state)
				}
				opened := 0
				begun := time.Now()
				err = g.UploadFrom(g.Context(), ownID, func() (io.Reader, error) {
					opened++
					return strings.NewReader("data"), nil
				}, 4)
				assert.Equal(g, test.uploads, g.Calls(uploadCall))
				assert.Equal(g, test.uploads, opened)
				assert.GreaterOrEqual(g, time.Since(begun), time.Second<<(test.uploads-1)-time.Second, "pauses of 1, 2 and 4 s")
				assert.Equal(g, test.lost, image.IsLost(err))
				if test.says != "" {
					require.ErrorContains(g, err, test.says)
					assert.NotContains(g, err.Error(), "user name and password")
					return
				}
				require.NoError(g, err)
				stored, err := g.Image(g.Context(), ownID)
				require.NoError(g, err)
				assert.EqualValues(g, "active", stored.Status)
				assert.EqualValues(g, 4, stored.SizeBytes)
			})
		})
	}
}

func TestUploadOfDataThatCannotBeRead(t *testing.T) {
	t.Parallel()
	damaged := errors.New("gzip: invalid checksum")
	run(t, simulator.Options{}, func(g glance) {
		_, err := g.CreateImage(g.Context(), stemcell(ownID))
		require.NoError(g, err)
		opened := 0
		err = g.UploadFrom(g.Context(), ownID, func() (io.Reader, error) { opened++; return nil, damaged }, 4)
		require.ErrorIs(g, err, damaged)
		err = g.UploadFrom(g.Context(), ownID, func() (io.Reader, error) {
			opened++
			return io.MultiReader(strings.NewReader("da"), iotest.ErrReader(damaged)), nil
		}, 4)
		require.ErrorContains(g, err, "read the data to upload: gzip: invalid checksum")
		assert.Equal(g, 2, opened)
		assert.False(g, openstack.IsConnectionLost(err))
	})
}
