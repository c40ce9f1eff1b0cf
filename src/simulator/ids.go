package simulator

import (
	"encoding/binary"
	"encoding/hex"
	"regexp"
	"time"
)

// formatUUID writes 128 random bits as a version 4 UUID.
func formatUUID(high, low uint64) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], high)
	binary.BigEndian.PutUint64(b[8:], low)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[0:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

var uuidPattern = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// isUUID tells whether text has the form in which Nova, Cinder, Glance and Neutron write their ids.
func isUUID(text string) bool { return uuidPattern.MatchString(text) }

// microseconds is the time format of Cinder and Keystone; Keystone appends a Z.
func microseconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000") }

// seconds is the time format of Nova, Neutron and Glance.
func seconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
