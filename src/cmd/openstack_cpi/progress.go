//go:build !nocommands

package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The width of the line of a progress, and how often it is drawn.
const (
	progressWidth  = 79
	progressPeriod = 200 * time.Millisecond
)

// progress shows on a terminal what a call is doing, in one line that is drawn
// again and again. It passes log lines on, on any stream.
type progress struct {
	method string
	shown  bool
	start  time.Time
	quit   chan struct{}
	once   sync.Once

	mutex    sync.Mutex
	out      io.Writer
	requests int
	last     string
}

// newProgress returns the progress of a call that begins now.
func newProgress(out io.Writer, method string, shown bool) *progress {
	p := &progress{method: method, shown: shown, start: time.Now(), quit: make(chan struct{}), out: out}
	if shown {
		go p.redraw()
	}
	return p
}

// redraw draws the line until the call ends.
func (p *progress) redraw() {
	ticker := time.NewTicker(progressPeriod)
	defer ticker.Stop()
	for {
		select {
		case <-p.quit:
			return
		case <-ticker.C:
			p.mutex.Lock()
			p.draw()
			p.mutex.Unlock()
		}
	}
}

// draw writes the line over the previous one.
func (p *progress) draw() {
	if !p.shown {
		return
	}
	line := fmt.Sprintf("%s %.1f s, %d requests%s", p.method, time.Since(p.start).Seconds(), p.requests, p.last)
	if len(line) > progressWidth {
		line = strings.ToValidUTF8(line[:progressWidth-3], "") + "..."
	}
	fmt.Fprint(p.out, clearLine+line) //nolint:errcheck // a progress that cannot be shown does not matter
}

// clearLine moves to the beginning of the line and erases it.
const clearLine = "\r\x1b[K"

// Write implements io.Writer for the log.
func (p *progress) Write(line []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.shown {
		fmt.Fprint(p.out, clearLine) //nolint:errcheck // as above
	}
	return p.out.Write(line)
}

// pause erases the line while something else is printed on the terminal.
func (p *progress) pause(output func()) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.shown {
		fmt.Fprint(p.out, clearLine) //nolint:errcheck // as above
	}
	output()
}

// stop erases the line.
func (p *progress) stop() {
	p.once.Do(func() {
		close(p.quit)
		p.mutex.Lock()
		defer p.mutex.Unlock()
		if p.shown {
			fmt.Fprint(p.out, clearLine) //nolint:errcheck // as above
			p.shown = false
		}
	})
}

// mute erases the line and discards what is written from now on.
func (p *progress) mute() {
	p.stop()
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.out = io.Discard
}

// observe returns a transport that counts the requests.
func (p *progress) observe(next http.RoundTripper) http.RoundTripper { return &observed{next, p} }

type observed struct {
	next     http.RoundTripper
	progress *progress
}

// RoundTrip implements http.RoundTripper.
func (o *observed) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := o.next.RoundTrip(req)
	outcome := "no response"
	if err == nil {
		outcome = resp.Status
	}
	o.progress.mutex.Lock()
	defer o.progress.mutex.Unlock()
	o.progress.requests++
	o.progress.last = fmt.Sprintf(", last: %s %s: %s", req.Method, req.URL.Path, outcome)
	return resp, err
}
