package simulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// ServeHTTP answers a request over a real connection. A lost or refused answer cuts the connection.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	out := s.exchange(req)
	if out.fault == Dropped || out.fault == Unanswered {
		// Only once the body is read does the server notice that the client has gone.
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
	if !out.wait(req.Context()) {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), out.wire.header)
	w.WriteHeader(out.wire.status)
	if req.Method != http.MethodHead {
		w.Write(out.wire.body)
	}
}

// wait sits the fault out and tells whether there is an answer to send.
func (o outcome) wait(ctx context.Context) bool {
	switch o.fault {
	case LostAnswer, Refused:
		return false
	case Unanswered, Dropped:
		<-ctx.Done()
		return false
	case Delayed:
		timer := time.NewTimer(o.delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return false
		}
	default:
	}
	return true
}

// Transport is a door without a network: requests to any host are handled in the goroutine of the client. It works inside
// testing/synctest and leaves nothing behind.
func (s *Simulator) Transport() http.RoundTripper { return inProcess{s} }

type inProcess struct{ simulator *Simulator }

// RoundTrip hands the request to the simulator.
func (t inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := t.simulator.exchange(req)
	if !out.wait(ctx) {
		switch out.fault {
		case LostAnswer:
			return nil, io.ErrUnexpectedEOF
		case Refused:
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		default:
			return nil, ctx.Err()
		}
	}
	w := out.wire
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)),
		StatusCode: w.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        w.header,
		Body:          io.NopCloser(bytes.NewReader(w.body)),
		ContentLength: int64(len(w.body)),
		Request:       req,
	}, nil
}

// Listen opens a real door on a loopback address, "127.0.0.1:0" for any free port. closeDoor cuts all connections and returns
// when the door is shut.
func (s *Simulator) Listen(addr string) (baseURL string, closeDoor func(), err error) {
	host, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return "", nil, fmt.Errorf("resolve %s: %w", addr, err)
	}
	if !host.IP.IsLoopback() {
		return "", nil, errors.New("the simulator listens on loopback addresses only")
	}
	listener, err := net.ListenTCP("tcp", host)
	if err != nil {
		return "", nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	var served sync.WaitGroup
	served.Go(func() {
		server.Serve(listener) //nolint:errcheck // it ends when the door is shut, and says so
	})
	return "http://" + listener.Addr().String(), func() {
		server.Close() //nolint:errcheck // it can only say that the listener is closed already
		served.Wait()
	}, nil
}
