package cpi

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// progress logs the progress of an upload, which takes minutes, after each tenth
// of the data and at least every 15 seconds. The director stores each line.
type progress struct {
	data  io.Reader
	size  int64
	log   *slog.Logger
	begun time.Time

	sent     int64
	reported int64
	last     time.Time
}

const reportAfter = 15 * time.Second

func newProgress(data io.Reader, size int64, log *slog.Logger) *progress {
	now := time.Now()
	return &progress{data: data, size: size, log: log, begun: now, last: now}
}

// Read implements io.Reader and counts the data.
func (p *progress) Read(into []byte) (int, error) {
	n, err := p.data.Read(into)
	p.sent += int64(n)
	if p.sent > p.reported && (p.sent-p.reported >= p.size/10 || time.Since(p.last) >= reportAfter) {
		p.report()
	}
	return n, err
}

func (p *progress) report() {
	p.reported, p.last = p.sent, time.Now()
	seconds := max(time.Since(p.begun).Seconds(), 0.001)
	p.log.Info("uploading stemcell",
		slog.String("done", fmt.Sprintf("%d%%", 100*p.sent/max(p.size, 1))),
		slog.String("speed", fmt.Sprintf("%.1f MB/s", float64(p.sent)/1e6/seconds)))
}
