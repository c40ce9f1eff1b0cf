package rpc

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/jsonkind"
)

// infoMethod is the method that callers use to learn the API versions. It is
// answered whatever version and context the request has.
const infoMethod = "info"

// parse decodes a request. Its errors name the invalid key but never a value,
// because requests hold credentials.
func parse(input []byte) (bosh.Request, error) {
	var fields map[string]json.RawMessage
	if len(bytes.TrimSpace(input)) == 0 {
		return bosh.Request{}, invalid("Request cannot be deserialized, details: it is empty")
	}
	if err := json.Unmarshal(bytes.ToValidUTF8(input, []byte("\uFFFD")), &fields); err != nil || fields == nil {
		return bosh.Request{}, notAnObject(input, err)
	}

	var req bosh.Request
	if jsonkind.Of(fields["method"]) != jsonkind.String || json.Unmarshal(fields["method"], &req.Method) != nil {
		return req, invalid("Method must be a String, got: %s", jsonkind.Of(fields["method"]))
	}
	if jsonkind.Of(fields["arguments"]) != jsonkind.Array || json.Unmarshal(fields["arguments"], &req.Arguments) != nil {
		return req, invalid("Arguments must be an Array, got: %s", jsonkind.Of(fields["arguments"]))
	}
	version, versionErr := apiVersion(fields)
	about, contextErr := requestContext(fields["context"])
	req.APIVersion, req.Context = version, about
	if req.Method == infoMethod {
		return req, nil
	}
	return req, errors.Join(versionErr, contextErr)
}

// notAnObject returns the error for input that is not a JSON object.
func notAnObject(input []byte, err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return invalid("Request cannot be deserialized, details: %w at byte %d", syntax, syntax.Offset)
	}
	return invalid("Request cannot be deserialized, details: it must be an object, got %s", jsonkind.Of(input))
}

// apiVersion returns the API version of the request: 1 if the key is missing,
// because version 1 did not have it.
func apiVersion(fields map[string]json.RawMessage) (int, error) {
	raw, ok := fields["api_version"]
	if !ok {
		return bosh.OldestAPIVersion, nil
	}
	version, ok := integer(raw)
	if !ok {
		return bosh.OldestAPIVersion, invalid("CPI api_version requested must be an Integer, got: %s", jsonkind.Of(raw))
	}
	if version < bosh.OldestAPIVersion || version > bosh.NewestAPIVersion {
		return bosh.OldestAPIVersion, invalid("CPI api_version %d is not supported, %d to %d are", version, bosh.OldestAPIVersion, bosh.NewestAPIVersion)
	}
	return version, nil
}

// requestContext decodes the context. All keys that are not part of the
// protocol override the configuration.
func requestContext(raw json.RawMessage) (bosh.Context, error) {
	about := bosh.Context{StemcellAPIVersion: bosh.OldestAPIVersion}
	var fields map[string]json.RawMessage
	if jsonkind.Of(raw) != jsonkind.Object || json.Unmarshal(raw, &fields) != nil {
		return about, invalid("Request should include context with director uuid, got: %s", jsonkind.Of(raw))
	}
	if jsonkind.Of(fields["director_uuid"]) != jsonkind.String || json.Unmarshal(fields["director_uuid"], &about.DirectorUUID) != nil {
		return about, invalid("Request should include context with director uuid, director_uuid is %s", jsonkind.Of(fields["director_uuid"]))
	}
	if jsonkind.Of(fields["request_id"]) == jsonkind.String {
		// The id serves the log only: a request with an unusual one is
		// answered, too.
		if err := json.Unmarshal(fields["request_id"], &about.RequestID); err != nil {
			about.RequestID = ""
		}
	}
	version, err := stemcellAPIVersion(fields["vm"])
	about.StemcellAPIVersion = version

	about.Overrides = maps.Clone(fields)
	for _, key := range []string{"director_uuid", "request_id", "vm"} {
		delete(about.Overrides, key)
	}
	return about, err
}

// stemcellAPIVersion returns vm.stemcell.api_version: 1 if it is missing,
// because the caller does not know the stemcell.
func stemcellAPIVersion(vm json.RawMessage) (int, error) {
	raw := vm
	for _, key := range []string{"stemcell", "api_version"} {
		if jsonkind.IsNull(raw) {
			return bosh.OldestAPIVersion, nil
		}
		var fields map[string]json.RawMessage
		if jsonkind.Of(raw) != jsonkind.Object || json.Unmarshal(raw, &fields) != nil {
			return bosh.OldestAPIVersion, invalid("context.vm must be an object with stemcell.api_version, got: %s before %s", jsonkind.Of(raw), key)
		}
		raw = fields[key]
	}
	if jsonkind.IsNull(raw) {
		return bosh.OldestAPIVersion, nil
	}
	version, ok := integer(raw)
	if !ok {
		return bosh.OldestAPIVersion, invalid("context.vm.stemcell.api_version must be an Integer, got: %s", jsonkind.Of(raw))
	}
	return max(version, bosh.OldestAPIVersion), nil
}

// integer returns the value as an integer, or false if it is not one.
func integer(raw json.RawMessage) (int, bool) {
	var n *int
	err := json.Unmarshal(raw, &n)
	if err != nil || n == nil {
		return 0, false
	}
	return *n, true
}

func invalid(format string, args ...any) error {
	return bosh.Errorf(bosh.CPIError, format, args...)
}
