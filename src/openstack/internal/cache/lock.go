package cache

import (
	"errors"
	"os"
	"syscall"
)

// ErrLocked reports that another process has the lock.
var ErrLocked = errors.New("another process has the lock")

// TryLock takes the lock of a value, which processes use to not fetch it at the
// same time. It does not wait: the error is ErrLocked if another process has the
// lock. The lock ends with the process.
func (c *Cache) TryLock(name string) (unlock func(), err error) {
	if c == nil {
		return func() {}, nil
	}
	root, err := c.opened()
	if err != nil {
		return nil, err
	}
	file, err := root.OpenFile(c.file(name)+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return func() { _ = file.Close() }, nil //nolint:errcheck // nothing was written
	}
	_ = file.Close() //nolint:errcheck // nothing was written
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, ErrLocked
	}
	return nil, err
}
