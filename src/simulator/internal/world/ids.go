package world

import (
	"encoding/binary"
	"encoding/hex"
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

// IsUUID reports whether text has the form in which Nova, Cinder, Glance and
// Neutron write their ids.
func IsUUID(text string) bool {
	if len(text) != len("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") {
		return false
	}
	for i, c := range []byte(text) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		digit := '0' <= c && c <= '9' || 'a' <= c && c <= 'f'
		if dash && c != '-' || !dash && !digit {
			return false
		}
	}
	return true
}

// Microseconds is the time format of Cinder and Keystone; Keystone appends a Z.
func Microseconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000") }

// Seconds is the time format of Nova, Neutron and Glance.
func Seconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
