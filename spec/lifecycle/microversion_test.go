package lifecycle_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"strings"
	"sync"
)

// microversions is a proxy between the CPI and the cloud that adds a
// microversion to every request without one. So the CPI is tested as on a cloud
// that no longer supports older microversions.
type microversions struct {
	requested string // value of OpenStack-API-Version: "compute 2.93,volume 3.70"
	proxy     *httptest.Server

	mu   sync.Mutex
	used map[string]int // number of responses by their microversion
}

const microversionHeader = "OpenStack-API-Version"

// startMicroversionProxy starts the proxy if CPI_MICROVERSION is set; otherwise
// it returns nil.
func startMicroversionProxy() *microversions {
	requested := os.Getenv("CPI_MICROVERSION")
	if requested == "" {
		return nil
	}
	m := &microversions{requested: requested, used: map[string]int{}}
	m.proxy = httptest.NewServer(&httputil.ReverseProxy{
		Transport:      &http.Transport{Proxy: nil},
		Rewrite:        m.addHeader,
		ModifyResponse: m.count,
		// Without a response of the cloud the connection is closed.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:     slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	})
	return m
}

// addHeader sets the microversions of both services; each reads its own.
func (m *microversions) addHeader(r *httputil.ProxyRequest) {
	if r.Out.Header.Get(microversionHeader) == "" {
		r.Out.Header.Set(microversionHeader, m.requested)
	}
}

func (m *microversions) count(response *http.Response) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if used := response.Header.Get(microversionHeader); used != "" {
		m.used[used]++
	}
	return nil
}

// insertProxy makes a cpi.json use the proxy, if there is one. The proxy cannot
// change requests over TLS.
func (m *microversions) insertProxy(openstack object) error {
	if m == nil {
		return nil
	}
	if url, _ := openstack["auth_url"].(string); !strings.HasPrefix(url, "http://") {
		return fmt.Errorf("CPI_MICROVERSION needs a cloud without TLS, auth_url is %q", url)
	}
	openstack["connection_options"] = object{"proxy": m.proxy.URL}
	return nil
}

// close prints the microversions of the responses. It fails if there are none.
func (m *microversions) close() error {
	if m == nil {
		return nil
	}
	m.proxy.Close()
	fmt.Fprintf(os.Stderr, "requested %q; responses by microversion: %v\n", m.requested, m.used) //nolint:forbidigo // TestMain has no test to log to
	if len(m.used) == 0 {
		return errors.New("CPI_MICROVERSION: no response had a microversion")
	}
	return nil
}
