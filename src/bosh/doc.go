// Package bosh defines the types of the contract between BOSH and a cloud
// provider interface: error kinds, content identifiers (CIDs), method arguments,
// networks, agent settings and results.
//
// It does no input or output, and does not depend on the clients of OpenStack.
// The contract is described at https://bosh.io/docs/cpi-api-v2/ and
// https://bosh.io/docs/cpi-api-v3/.
package bosh
