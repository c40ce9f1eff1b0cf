package openstack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"slices"
	"strings"
)

// The limits of a response's size, in bytes after decompression. The longest
// valid responses are pages of lists, about 3 MB for 1000 servers.
const (
	maxAnswer = 16 << 20
	maxError  = 64 << 10
)

// unusableError reports a response that cannot be used: a 2xx without the
// requested object, or one that exceeds a limit. It does not say whether the
// service executed the request, so IsAmbiguous holds for it.
type unusableError struct {
	problem   string
	permanent bool // a repeated request would get the same response
}

// Error implements error.
func (e *unusableError) Error() string { return e.problem }

// wantsData reports whether the request is for data of an image.
func wantsData(req *http.Request) bool {
	return req.Method == http.MethodGet && req.Header.Get("Accept") == "application/octet-stream"
}

// readAnswer reads the body of the response. An error page that is too long is
// cut, because its status says enough, and so are data, of which only the
// beginning is ever requested.
func readAnswer(req *http.Request, resp *http.Response, body io.Reader) ([]byte, error) {
	limit := maxAnswer
	if resp.StatusCode >= http.StatusBadRequest || wantsData(req) {
		limit = maxError
	}
	content, err := io.ReadAll(io.LimitReader(body, int64(limit)+1))
	if len(content) <= limit {
		return content, err
	}
	if limit == maxError {
		return content[:limit], nil
	}
	return nil, &unusableError{fmt.Sprintf("the response is longer than %d MiB", maxAnswer>>20), true}
}

// checkAnswer returns an error if a 2xx response is certainly not the
// service's: a web page or damaged JSON, or the response to a read without the
// requested object. Value checks the object itself.
func checkAnswer(req *http.Request, resp *http.Response, body []byte) error {
	if resp.StatusCode < 200 || resp.StatusCode > 299 || wantsData(req) {
		return nil
	}
	body = bytes.TrimSpace(body)
	if req.Method != http.MethodGet && !isTokenRequest(req.URL.Path) && !looksComplex(resp, body) {
		return nil
	}
	var members map[string]json.RawMessage
	err := json.Unmarshal(body, &members)
	if err != nil || len(members) == 0 || listOf(req) != nil && !holdsList(members, req.URL.Path) {
		return withoutObject(resp.StatusCode, body)
	}
	return nil
}

// looksComplex reports whether the body is JSON or a web page. The response to
// an action may be empty, or a short text.
func looksComplex(resp *http.Response, body []byte) bool {
	isJSON := strings.Contains(resp.Header.Get("Content-Type"), "json") || bytes.HasPrefix(body, []byte("{"))
	return len(body) > 0 && (isJSON || bytes.HasPrefix(body, []byte("<")))
}

// holdsList reports whether a member is the list that the path names:
// "volumeAttachments" of /servers/{id}/os-volume_attachments, "servers" of
// /servers/detail.
func holdsList(members map[string]json.RawMessage, address string) bool {
	name := strings.TrimPrefix(path.Base(strings.TrimSuffix(address, "/detail")), "os-")
	name = strings.NewReplacer("-", "", "_", "").Replace(name)
	for key, member := range members {
		if strings.EqualFold(strings.ReplaceAll(key, "_", ""), name) && bytes.HasPrefix(member, []byte("[")) {
			return true
		}
	}
	return false
}

// withoutObject returns the error of a 2xx response without the object. It
// quotes only what a proxy wrote for people: other bodies may hold secrets.
func withoutObject(status int, body []byte) error {
	found := "incomplete JSON"
	switch {
	case len(body) == 0:
		found = "an empty body"
	case bytes.HasPrefix(body, []byte("<")):
		found = fmt.Sprintf("a web page (%q)", shorten(plainText(string(body)), 100))
	case !bytes.HasPrefix(body, []byte("{")):
		found = "a text that is not JSON"
	case json.Valid(body):
		found = "JSON without the requested object"
	}
	return &unusableError{problem: fmt.Sprintf("HTTP %d with %s", status, found)}
}

// Value turns the pointer that gophercloud returns into a value. It fails if
// the response does not contain the object: every object has an id, or a name
// that identifies it.
func Value[T any](pointer *T, err error) (T, error) {
	var zero T
	switch {
	case isDecodingError(err):
		return zero, undecodable(err)
	case err != nil:
		return zero, err
	case pointer == nil || idOf(*pointer) == "":
		return zero, &unusableError{problem: "the response does not contain the requested object"}
	}
	return *pointer, nil
}

// Values returns the objects that one response contains. It fails if the response does not contain
// the list, or if an object has no id and no name.
func Values[T any](objects []T, err error) ([]T, error) {
	switch {
	case isDecodingError(err):
		return nil, undecodable(err)
	case err != nil:
		return nil, err
	case objects == nil:
		return nil, &unusableError{problem: "the response does not contain the requested object"}
	case slices.ContainsFunc(objects, func(object T) bool { return idOf(object) == "" }):
		return nil, &unusableError{problem: "the response contains an object without an id"}
	}
	return objects, nil
}

func undecodable(err error) *unusableError {
	return &unusableError{problem: "the response is not the requested object: " + err.Error()}
}

// idOf returns the field ID of an object, or Name if its type has no ID, as
// key pairs.
func idOf(object any) string {
	fields := reflect.ValueOf(object)
	for _, name := range []string{"ID", "Name"} {
		if field := fields.FieldByName(name); field.IsValid() {
			return field.String()
		}
	}
	return ""
}

// isDecodingError reports whether a response was received but is not the JSON
// that was expected.
func isDecodingError(err error) bool {
	if _, found := errors.AsType[*url.Error](err); found || err == nil {
		return false
	}
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, mismatch := errors.AsType[*json.UnmarshalTypeError](err)
	return syntax || mismatch || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// shorten limits the length of a text, in bytes.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
