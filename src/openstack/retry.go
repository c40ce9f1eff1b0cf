package openstack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The limits of retries: ten tries of one request, none of which begins later
// than 45 seconds after the first, or three minutes if the service itself asks
// for pauses. The pauses are half a second to ten seconds, and five minutes in
// the whole process. After that an error is of more use to the caller than more
// waiting; a restart of a service takes less. A host that has never answered
// gets only one more try, because a wrong URL is more likely than an outage, and
// one that answers with something else than the service, or not in time, gets a
// few.
const (
	maxTries      = 10
	maxConnects   = 5
	maxUnusable   = 4
	maxTimeouts   = 3
	maxUnknown    = 2
	requestBudget = 45 * time.Second
	waitBudget    = 3 * time.Minute
	pauseBudget   = 5 * time.Minute
	firstPause    = 500 * time.Millisecond
	longPause     = 10 * time.Second
)

type repeatableKey struct{}

// Repeatable marks the POSTs made with the context as idempotent, so that they
// are retried like a GET: adding metadata, starting a server, extending a
// volume to a size.
func Repeatable(ctx context.Context) context.Context {
	return context.WithValue(ctx, repeatableKey{}, true)
}

// retrier retries failed requests where that is safe. A GET, PUT or DELETE is
// retried when the service limits the rate (429), fails (500, 502, 503, 504) or
// cannot be reached. A POST is retried only if it certainly had no effect: it
// was rejected by a rate limit, or no connection was established.
type retrier struct {
	next    http.RoundTripper
	meter   *meter
	log     *slog.Logger
	started time.Time    // the zero of start_ms in the log
	spent   atomic.Int64 // nanoseconds of pauseBudget
	// answered holds the hosts that have answered.
	answered sync.Map
}

// RoundTrip implements http.RoundTripper.
func (r *retrier) RoundTrip(req *http.Request) (*http.Response, error) {
	start := time.Now()
	req = ofSamePlace(req)
	for try := 1; ; try++ {
		resp, err := r.next.RoundTrip(req)
		after, retry := shouldRetry(req, resp, err)
		if err == nil {
			r.answered.Store(req.URL.Host, true)
		}
		if !retry || try >= r.triesFor(req, err) {
			return resp, err
		}
		pause := max(after, backoff(try))
		if time.Since(start)+pause > r.budget(req, after, err, try) || time.Duration(r.spent.Add(int64(pause))) > pauseBudget {
			return resp, err
		}
		r.meter.retried(req.URL)
		r.log.LogAttrs(req.Context(), slog.LevelInfo, "retrying OpenStack API call", slog.String("method", req.Method),
			slog.String("path", req.URL.Path), slog.Int("status", statusOf(resp)), slog.Any("error", err),
			slog.Int("try", try), slog.Int64("start_ms", time.Since(r.started).Milliseconds()), slog.Duration("pause", pause))
		if err := Sleep(req.Context(), pause); err != nil {
			return nil, err
		}
		if req, err = replay(req); err != nil {
			return nil, err
		}
	}
}

// budget returns how long after the first try the next one may begin. A host
// that has answered gets one more try after a timeout, however long that was.
func (r *retrier) budget(req *http.Request, after time.Duration, err error, try int) time.Duration {
	if after > 0 || try == 1 && isTimeout(err) && r.hasAnswered(req) {
		return waitBudget
	}
	return requestBudget
}

func (r *retrier) hasAnswered(req *http.Request) bool {
	_, answered := r.answered.Load(req.URL.Host)
	return answered
}

func isTimeout(err error) bool {
	failed, found := errors.AsType[net.Error](err)
	return found && failed.Timeout()
}

// triesFor returns how often a request is sent that fails with the error.
func (r *retrier) triesFor(req *http.Request, err error) int {
	if err == nil {
		return maxTries
	}
	if _, unusable := errors.AsType[*unusableError](err); unusable {
		return maxUnusable
	}
	if !r.hasAnswered(req) {
		return maxUnknown
	}
	if isTimeout(err) {
		return maxTimeouts
	}
	if neverSent(err) {
		return maxConnects
	}
	return maxTries
}

// shouldRetry reports whether the request may be sent again, and the pause that
// the service asks for.
func shouldRetry(req *http.Request, resp *http.Response, err error) (after time.Duration, retry bool) {
	if req.Body != nil && req.GetBody == nil {
		return 0, false // the body is a stream and already consumed
	}
	if req.Context().Err() != nil || isPermanent(err) {
		return 0, false
	}
	if err != nil {
		return 0, isRepeatable(req) || neverSent(err)
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, 498: // Swift's proxies limit the rate with 498
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
	// A token whose response is lost does no harm, and gophercloud requests one
	// in the middle of other requests.
	return marked || isTokenRequest(req.URL.Path)
}

// isTokenRequest reports whether the path is that of Keystone's tokens.
func isTokenRequest(path string) bool { return strings.HasSuffix(path, "/tokens") }

// replay returns the request with its body rewound.
func replay(req *http.Request) (*http.Request, error) {
	if req.GetBody == nil {
		return req, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	clone := req.Clone(req.Context())
	clone.Body = body
	return clone, nil
}

// backoff returns a pause that doubles with every try. Its random part spreads
// the retries of the many processes of one deployment.
func backoff(try int) time.Duration {
	pause := min(firstPause<<(try-1), longPause)
	return pause/2 + rand.N(pause/2)
}

// rateLimit returns the pause that a 413 asks for, 0 if it is not a rate limit.
// Old versions of Nova and Cinder limit the rate with 413. Cinder also reports
// an exhausted quota with it, with a pause of 0 (cinder/api/openstack/wsgi.py,
// Fault and OverLimitFault).
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
		if number, err := limits[kind].RetryAfter.Float64(); err == nil && number > 0 {
			return seconds(number)
		}
	}
	return 0
}

// retryAfter reads the header, which holds seconds or a date. It returns 0 if
// the header is missing, malformed or past.
func retryAfter(resp *http.Response) time.Duration {
	value := resp.Header.Get("Retry-After")
	if number, err := strconv.ParseFloat(value, 64); err == nil {
		return seconds(number)
	}
	if date, err := http.ParseTime(value); err == nil {
		return seconds(time.Until(date).Seconds())
	}
	return 0
}

// seconds returns the pause that a service asks for. One of more than a day is
// cut to a day, which no budget allows, so that sums with it do not overflow.
func seconds(number float64) time.Duration {
	const day = 24 * 60 * 60
	if math.IsNaN(number) || number < 0 {
		return 0
	}
	return time.Duration(min(number, day) * float64(time.Second))
}

func statusOf(resp *http.Response) int {
	if resp == nil {
		return 0
	}
	return resp.StatusCode
}
