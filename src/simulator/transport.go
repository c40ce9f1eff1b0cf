package simulator

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// Transport returns an in-process transport: requests to any host are handled
// in the goroutine of the client. It works inside testing/synctest and has no
// resources to release.
func (s *Simulator) Transport() http.RoundTripper { return inProcess{s.dispatcher} }

type inProcess struct{ dispatcher *api.Dispatcher }

// RoundTrip handles the request.
func (t inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := t.dispatcher.Handle(req)
	if !out.Wait(ctx) {
		switch out.Fault {
		case world.LostAnswer:
			return nil, io.ErrUnexpectedEOF
		case world.Refused:
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		default:
			return nil, ctx.Err()
		}
	}
	w := out.Response
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", w.Status, http.StatusText(w.Status)),
		StatusCode: w.Status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        w.Header,
		Body:          io.NopCloser(bytes.NewReader(w.Body)),
		ContentLength: int64(len(w.Body)),
		Request:       req,
	}, nil
}
