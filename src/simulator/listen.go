package simulator

import (
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// Listen serves the cloud on a loopback address, "127.0.0.1:0" for any free
// port. stop closes all connections and returns when the server has ended.
func (s *Simulator) Listen(addr string) (baseURL string, stop func(), err error) {
	return Listen(addr, s)
}

// Listen serves a handler that contains a Simulator, like Simulator.Listen.
func Listen(addr string, handler http.Handler) (baseURL string, stop func(), err error) {
	host, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return "", nil, fmt.Errorf("resolve %s: %w", addr, err)
	}
	if !host.IP.IsLoopback() {
		return "", nil, fmt.Errorf("%s is not a loopback address; the simulator listens on loopback only", addr)
	}
	listener, err := net.ListenTCP("tcp", host)
	if err != nil {
		return "", nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	var served sync.WaitGroup
	served.Go(func() {
		server.Serve(listener) //nolint:errcheck // it always returns ErrServerClosed
	})
	return "http://" + listener.Addr().String(), func() {
		server.Close() //nolint:errcheck // only an already closed listener fails
		served.Wait()
	}, nil
}

// ServeHTTP answers a request over a connection. A lost or refused answer
// closes the connection.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	out := s.dispatcher.Handle(req)
	if out.Fault == world.Dropped || out.Fault == world.Unanswered {
		// The server notices that the client has closed the connection only
		// when the body has been read.
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	if !out.Wait(req.Context()) {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), out.Response.Header)
	w.WriteHeader(out.Response.Status)
	if req.Method != http.MethodHead {
		w.Write(out.Response.Body)
	}
}
