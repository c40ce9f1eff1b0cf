package openstacktest

import (
	"net/http"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// Creation is a fault of a request that makes an object, and what has to be in
// the cloud and in its journal afterwards.
type Creation struct {
	Fault simulator.Fault
	Made  int // objects
	Posts int // requests
	Fails bool
}

// Creations are the ways in which the operation, "POST /servers", goes wrong,
// by name. An object whose creation was not answered is taken over, or surely
// not there.
func Creations(operation string) map[string]Creation {
	all := map[string]Creation{
		"answer lost":             {simulator.Fault{Kind: simulator.LostAnswer}, 1, 1, false},
		"no answer":               {simulator.Fault{Kind: simulator.Unanswered}, 1, 1, false},
		"not executed, no answer": {simulator.Fault{Kind: simulator.Dropped}, 0, 1, true},
		"500":                     {simulator.Fault{Status: http.StatusInternalServerError}, 1, 2, false},
		"503 for ever":            {simulator.Fault{Status: http.StatusServiceUnavailable, Times: -1}, 0, 4, true},
		"connection refused":      {simulator.Fault{Kind: simulator.Refused}, 1, 2, false},
		"too many requests":       {simulator.RateLimited("", time.Second), 1, 2, false},
		"too many, as Cinder says": {simulator.Fault{
			Status: http.StatusRequestEntityTooLarge, Body: `{"overLimit": {"code": 413, "message": "This request was rate-limited.", "retryAfter": "2"}}`,
		}, 1, 2, false},
		"refused for what it is for": {simulator.Fault{Status: http.StatusBadRequest}, 0, 1, true},
	}
	for name, creation := range all {
		creation.Fault.On = operation
		all[name] = creation
	}
	return all
}

// Deletions are the ways in which the operation, "DELETE /servers/{id}", goes
// wrong and deletes all the same, by name. One of them is no fault at all.
func Deletions(operation string) map[string]simulator.Fault {
	all := map[string]simulator.Fault{
		"500":                     {Status: http.StatusInternalServerError},
		"answer lost":             {Kind: simulator.LostAnswer},
		"no answer":               {Kind: simulator.Unanswered},
		"not executed, no answer": {Kind: simulator.Dropped},
		"connection refused":      {Kind: simulator.Refused},
	}
	for name, fault := range all {
		fault.On = operation
		all[name] = fault
	}
	all["at once"] = simulator.Fault{On: "none"}
	return all
}
