package openstack

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
)

// globalIDHeader carries the global request id. Services since Pike write it to
// their logs beside their own id of the request, and pass it on to the services
// that they call themselves (oslo.middleware, request_id.py). They ignore an id
// that is not "req-" and a UUID in lower case.
const globalIDHeader = "X-Openstack-Request-Id"

// GlobalRequestID returns the global request id of a call of a director. It is
// derived from the director's UUID and its id of the call, so that it can be
// computed from the director's log. Without the id of the call, as from bosh
// create-env, it is random.
func GlobalRequestID(director, call string) string {
	if call == "" {
		return "req-" + newUUID([]byte(rand.Text()))
	}
	return "req-" + newUUID([]byte(director+"/"+call))
}

// newUUID returns a UUID of version 8, which leaves the way of its making to the
// program: the beginning of the SHA-256 of the name.
func newUUID(name []byte) string {
	sum := sha256.Sum256(name)
	id := sum[:16]
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
