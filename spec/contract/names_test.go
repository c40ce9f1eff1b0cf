package contract_test

import (
	"crypto/rand"
	"fmt"
	"strings"
)

const nobody = "00000000-0000-0000-0000-000000000000" // an id that nothing has

// name returns a name for something of the claim that nothing else in the cloud has.
func (c *cloud) name(what string) string {
	return c.run + "-" + what + "-" + strings.ToLower(rand.Text()[:8])
}

// newUUID returns an id that nothing has yet.
func newUUID() string {
	var id [16]byte
	_, _ = rand.Read(id[:])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
