// Package serve offers data to the cloud, which downloads them over HTTP.
package serve

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Possible reports whether the cloud can download from this machine: it is the
// simulator, or CPI_SERVE is an address of this machine that it reaches, with a
// port or port 0 for any.
func Possible() bool { return os.Getenv("CPI_TARGET") != "openstack" || os.Getenv("CPI_SERVE") != "" }

// What names what is missing if it is not possible.
const What = "a way to this machine: set CPI_SERVE to an address that Glance reaches"

// Data offers the data until the test ends and returns their URL. With a channel,
// a download begins when it is closed.
func Data(t *testing.T, data []byte, begin <-chan struct{}) (url string) {
	t.Helper()
	base, err := start()
	require.NoError(t, err)
	path := "/" + rand.Text()
	offered.Store(path, offer{data, begin})
	t.Cleanup(func() { offered.Delete(path) })
	return base + path
}

// offer is what a path has.
type offer struct {
	data  []byte
	begin <-chan struct{}
}

//nolint:gochecknoglobals // one server for all tests of a process: the cloud may allow one port only
var (
	offered sync.Map // offers by path
	start   = sync.OnceValues(func() (string, error) {
		listener, err := net.Listen("tcp", cmp.Or(os.Getenv("CPI_SERVE"), "127.0.0.1:0"))
		if err != nil {
			return "", err
		}
		// It runs as long as the process.
		server := httptest.NewUnstartedServer(http.HandlerFunc(answer))
		if err := server.Listener.Close(); err != nil {
			return "", err
		}
		server.Listener = listener
		server.Start()
		return server.URL, nil
	})
)

// answer answers one download.
func answer(w http.ResponseWriter, r *http.Request) {
	found, known := offered.Load(r.URL.Path)
	if !known {
		http.NotFound(w, r)
		return
	}
	offer, _ := found.(offer)
	if offer.begin != nil {
		select {
		case <-offer.begin:
		case <-r.Context().Done():
			return
		}
	}
	http.ServeContent(w, r, "root.img", time.Time{}, bytes.NewReader(offer.data))
}
