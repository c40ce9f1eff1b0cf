package contract_test

import (
	"crypto/rand"
	"strings"
)

// unknownID is an id that no object has.
const unknownID = "00000000-0000-0000-0000-000000000000"

// name returns a unique name for an object of the claim.
func (c *cloud) name(what string) string {
	return c.run + "-" + what + "-" + strings.ToLower(rand.Text()[:8])
}
