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

// microversions is a proxy between the CPI and the cloud: to every request that asks for no microversion it adds one. So
// the CPI is tried as it would meet a cloud that has given up the older ones.
type microversions struct {
	asked string // what OpenStack-API-Version says: "compute 2.93,volume 3.70"
	proxy *httptest.Server

	mu       sync.Mutex
	answered map[string]int // how often, by what the services answered
}

const microversionHeader = "OpenStack-API-Version"

// openMicroversions starts the proxy if CPI_MICROVERSION asks for one; nil if not.
func openMicroversions() *microversions {
	asked := os.Getenv("CPI_MICROVERSION")
	if asked == "" {
		return nil
	}
	m := &microversions{asked: asked, answered: map[string]int{}}
	m.proxy = httptest.NewServer(&httputil.ReverseProxy{
		Transport:      &http.Transport{Proxy: nil},
		Rewrite:        m.ask,
		ModifyResponse: m.count,
		// What the cloud does not answer is not answered.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:     slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	})
	return m
}

// ask names both services: each looks for its own name.
func (m *microversions) ask(r *httputil.ProxyRequest) {
	if r.Out.Header.Get(microversionHeader) == "" {
		r.Out.Header.Set(microversionHeader, m.asked)
	}
}

func (m *microversions) count(response *http.Response) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if answered := response.Header.Get(microversionHeader); answered != "" {
		m.answered[answered]++
	}
	return nil
}

// between puts the proxy, if there is one, before the cloud of a cpi.json. It cannot look into TLS.
func (m *microversions) between(openstack object) error {
	if m == nil {
		return nil
	}
	if url, _ := openstack["auth_url"].(string); !strings.HasPrefix(url, "http://") {
		return fmt.Errorf("CPI_MICROVERSION needs a cloud that speaks HTTP without TLS, auth_url is %q", url)
	}
	openstack["connection_options"] = object{"proxy": m.proxy.URL}
	return nil
}

// close tells which microversions were really used.
func (m *microversions) close() error {
	if m == nil {
		return nil
	}
	m.proxy.Close()
	fmt.Fprintf(os.Stderr, "asked for %q; answers by microversion: %v\n", m.asked, m.answered) //nolint:forbidigo // there is no test to log it
	if len(m.answered) == 0 {
		return errors.New("CPI_MICROVERSION: no service has answered with a microversion")
	}
	return nil
}
