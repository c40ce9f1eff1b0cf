package contract_test

import (
	"crypto/rand"
	"fmt"
	"strings"
)

// unknownID is an id that no object has.
const unknownID = "00000000-0000-0000-0000-000000000000"

// name returns a unique name for an object of the claim.
func (c *cloud) name(what string) string {
	return c.run + "-" + what + "-" + strings.ToLower(rand.Text()[:8])
}

// newUUID returns a random id.
func newUUID() string {
	var id [16]byte
	_, _ = rand.Read(id[:])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
