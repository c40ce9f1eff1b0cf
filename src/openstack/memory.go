package openstack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/openstack/internal/cache"
)

// Memory is what earlier calls have looked up. A caller that has used it and
// fails has to look again without it: the objects may have changed.
type Memory struct {
	// Renewed is whether everything is looked up again and replaces what is kept.
	Renewed bool

	used atomic.Bool
}

// Used reports whether a response was recalled.
func (m *Memory) Used() bool { return m.used.Load() }

// Recall returns a context in which reads are answered with responses that
// earlier calls received, if they are not older than maxAge. Other responses are
// kept for later calls. Without a cache it has no effect.
func (m *Memory) Recall(ctx context.Context, maxAge time.Duration) context.Context {
	if m.Renewed {
		maxAge = 0
	}
	return context.WithValue(ctx, recallKey{}, recall{m, maxAge})
}

// Keep returns a context in which the responses to reads are kept for later calls,
// and none is recalled.
func Keep(ctx context.Context) context.Context {
	return (&Memory{Renewed: true}).Recall(ctx, 0)
}

type recallKey struct{}

type recall struct {
	memory *Memory
	maxAge time.Duration
}

// maxKept is the length of the longest response that is kept.
const maxKept = 1 << 20

// recaller answers the reads of a context of Recall from the cache.
type recaller struct {
	next  http.RoundTripper
	cache *cache.Cache
}

// RoundTrip implements http.RoundTripper.
func (r *recaller) RoundTrip(req *http.Request) (*http.Response, error) {
	wanted, marked := req.Context().Value(recallKey{}).(recall)
	if !marked || r.cache == nil || req.Method != http.MethodGet {
		return r.next.RoundTrip(req)
	}
	name := nameOfAnswer(req)
	var kept []byte
	if age, err := r.cache.Load(name, &kept); err == nil && age < wanted.maxAge {
		wanted.memory.used.Store(true)
		return &http.Response{
			Status: http.StatusText(http.StatusOK), StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(kept)),
			ContentLength: int64(len(kept)), Request: req,
		}, nil
	}
	resp, err := r.next.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err == nil && len(body) <= maxKept {
		_ = r.cache.Save(name, body) //nolint:errcheck // what cannot be kept is looked up again
	}
	return resp, err
}

// nameOfAnswer returns the name of a response in the cache. The response depends
// on the URL and on the microversion.
func nameOfAnswer(req *http.Request) string {
	text := req.URL.String() + "\n" + req.Header.Get("OpenStack-API-Version") + "\n" + req.Header.Get("X-OpenStack-Nova-API-Version")
	sum := sha256.Sum256([]byte(text))
	return "answer-" + hex.EncodeToString(sum[:16])
}
