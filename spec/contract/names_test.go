package contract_test

import (
	"crypto/rand"
	"strings"
)

const nobody = "00000000-0000-0000-0000-000000000000" // an id that nothing has

// name returns a name for something of the claim that nothing else in the cloud has.
func (c *cloud) name(what string) string {
	return c.run + "-" + what + "-" + strings.ToLower(rand.Text()[:8])
}
