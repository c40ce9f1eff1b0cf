package openstack

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// The bounds of repeating: a request is tried ten times within three minutes, with pauses from half a second to half a
// minute, and all pauses of the process together take five minutes. Beyond that the cloud is ill, and the caller is
// better served by the error than by silence. A host that cannot be reached at all is more often a wrong URL than an
// outage, hence fewer tries.
const (
	maxTries      = 10
	maxConnects   = 5
	requestBudget = 3 * time.Minute
	pauseBudget   = 5 * time.Minute
	firstPause    = 500 * time.Millisecond
	longPause     = 30 * time.Second
)

type repeatableKey struct{}

// Repeatable marks the POSTs made with the context as harmless to repeat, so that they are retried like a GET: adding
// metadata, associating a floating IP, growing a volume to a size.
func Repeatable(ctx context.Context) context.Context {
	return context.WithValue(ctx, repeatableKey{}, true)
}

// retrier repeats failed requests where that cannot do harm. A GET, PUT or DELETE is repeated when the service is
// overloaded (429), breaks down (500, 502, 503, 504) or cannot be reached. A POST is repeated only if it provably did
// not take effect: it was turned away for its rate, or no connection came about.
type retrier struct {
	next  http.RoundTripper
	meter *meter
	log   *slog.Logger
	spent atomic.Int64 // nanoseconds of pauseBudget
}

// RoundTrip implements http.RoundTripper.
func (r *retrier) RoundTrip(req *http.Request) (*http.Response, error) {
	start := time.Now()
	for try := 1; ; try++ {
		resp, err := r.next.RoundTrip(req)
		after, again := r.again(req, resp, err)
		if !again || try == maxTries || try == maxConnects && err != nil && neverSent(err) {
			return resp, err
		}
		pause := max(after, backoff(try))
		if time.Since(start)+pause > requestBudget || time.Duration(r.spent.Add(int64(pause))) > pauseBudget {
			return resp, err
		}
		r.meter.retried(req.URL)
		r.log.LogAttrs(req.Context(), slog.LevelInfo, "retrying OpenStack API call", slog.String("method", req.Method),
			slog.String("path", req.URL.Path), slog.Int("status", statusOf(resp)), slog.Any("error", err),
			slog.Int("try", try), slog.Duration("pause", pause))
		if err := Sleep(req.Context(), pause); err != nil {
			return nil, err
		}
		if req, err = replay(req); err != nil {
			return nil, err
		}
	}
}

// again tells whether the request may be repeated, and after which time the service wants it.
func (r *retrier) again(req *http.Request, resp *http.Response, err error) (after time.Duration, again bool) {
	if req.Body != nil && req.GetBody == nil {
		return 0, false // the body is a stream, and gone
	}
	if req.Context().Err() != nil || err != nil && isTLSError(err) {
		return 0, false
	}
	if err != nil {
		return 0, isRepeatable(req) || neverSent(err)
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, 498: // 498 is the rate limit of OpenStack's proxies
		return retryAfter(resp), true
	case http.StatusRequestEntityTooLarge:
		after = rateLimit(resp)
		return after, after > 0
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return retryAfter(resp), isRepeatable(req)
	}
	return 0, false
}

func isRepeatable(req *http.Request) bool {
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodDelete, http.MethodPut:
		return true
	}
	marked, _ := req.Context().Value(repeatableKey{}).(bool)
	// A token that nobody gets to see is harmless, and gophercloud asks for one in the middle of other requests.
	return marked || strings.HasSuffix(req.URL.Path, "/tokens")
}

// replay returns the request with its body from the start.
func replay(req *http.Request) (*http.Request, error) {
	if req.GetBody == nil {
		return req, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	again := req.Clone(req.Context())
	again.Body = body
	return again, nil
}

// backoff doubles with every try; a random part keeps the many processes of one deployment from coming back together.
func backoff(try int) time.Duration {
	pause := min(firstPause<<(try-1), longPause)
	return pause/2 + rand.N(pause/2)
}

// rateLimit returns the time a 413 asks to wait. Old Nova and Cinder limit their rate with it; with the time 0 Cinder
// says that a quota is used up, which no waiting helps (cinder/api/openstack/wsgi.py, Fault and OverLimitFault).
func rateLimit(resp *http.Response) time.Duration {
	if after := retryAfter(resp); after > 0 {
		return after
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return 0
	}
	var limits map[string]struct {
		RetryAfter json.Number `json:"retryAfter"`
	}
	if json.Unmarshal(body, &limits) != nil {
		return 0
	}
	for _, kind := range []string{"overLimit", "overLimitFault"} {
		if seconds, err := limits[kind].RetryAfter.Float64(); err == nil && seconds > 0 {
			return time.Duration(seconds * float64(time.Second))
		}
	}
	return 0
}

// retryAfter reads the header in both its forms, seconds and date; 0 if it is missing, unreadable or past.
func retryAfter(resp *http.Response) time.Duration {
	value := resp.Header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		return time.Duration(max(0, seconds) * float64(time.Second))
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(date))
	}
	return 0
}

func statusOf(resp *http.Response) int {
	if resp == nil {
		return 0
	}
	return resp.StatusCode
}
