// Package bosh holds the words of the contract between BOSH and a cloud
// provider interface: error kinds, content identifiers, method arguments,
// networks, agent settings and results.
//
// It knows nothing of OpenStack and does no input or output. The contract is
// described at https://bosh.io/docs/cpi-api-v2/ and
// https://bosh.io/docs/cpi-api-v3/.
package bosh
