package stemcell

import (
	"io"
	"os"
	"sync"
)

const (
	// aheadSize and aheadCount bound the memory for data that are uncompressed
	// before they are sent.
	aheadSize  = 256 << 10
	aheadCount = 8
)

// readAhead reads from another reader in a goroutine, so that uncompressing and
// sending take the time of the slower of both and not the sum.
type readAhead struct {
	free, full chan chunk
	now        chunk // what Read returns next
	done       chan struct{}
	close      sync.Once
	end        sync.WaitGroup
}

// chunk is a part of the data, with the error that ended it.
type chunk struct {
	buffer []byte
	data   []byte
	err    error
}

func newReadAhead(data io.Reader) *readAhead {
	r := &readAhead{free: make(chan chunk, aheadCount), full: make(chan chunk, aheadCount), done: make(chan struct{})}
	for range aheadCount {
		r.free <- chunk{buffer: make([]byte, aheadSize)}
	}
	r.end.Go(func() { r.fill(data) })
	return r
}

func (r *readAhead) fill(data io.Reader) {
	for {
		var next chunk
		select {
		case next = <-r.free:
		case <-r.done:
			return
		}
		n := 0
		for n < aheadSize && next.err == nil {
			var m int
			m, next.err = data.Read(next.buffer[n:])
			n += m
		}
		next.data = next.buffer[:n]
		r.full <- next // it has a place for each buffer
		if next.err != nil {
			return
		}
	}
}

// Read implements io.Reader.
func (r *readAhead) Read(p []byte) (int, error) {
	for len(r.now.data) == 0 {
		if r.now.err != nil {
			return 0, r.now.err
		}
		if r.now.buffer != nil {
			r.free <- chunk{buffer: r.now.buffer}
		}
		select {
		case r.now = <-r.full:
		case <-r.done:
			r.now = chunk{err: os.ErrClosed}
		}
	}
	n := copy(p, r.now.data)
	r.now.data = r.now.data[n:]
	return n, nil
}

// Close ends the goroutine. It may be called during a Read, which then returns
// data that were read before or os.ErrClosed.
func (r *readAhead) Close() {
	r.close.Do(func() { close(r.done) })
	r.end.Wait()
}
