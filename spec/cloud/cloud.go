// Package cloud is a client for OpenStack over plain HTTP. It shares no code
// with the CPI, so that a test does not depend on the program under test.
package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// object is a JSON object.
type object = map[string]any

// Cloud is a session of one user in one project. It is safe for concurrent use.
type Cloud struct {
	// AuthURL is the URL of Keystone, without the API version.
	AuthURL string
	// Token is the session's token.
	Token Token

	services map[string]Service
}

// StatusError reports a response with a status of 300 or more.
type StatusError struct {
	Method, Path string
	Status       int
	Body         string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s %s: HTTP %d: %.300s", e.Method, e.Path, e.Status, e.Body)
}

// IsNotFound reports whether err is a response with status 404.
func IsNotFound(err error) bool {
	refused, ok := errors.AsType[*StatusError](err)
	return ok && refused.Status == http.StatusNotFound
}

// Has reports whether the catalog contains a service: compute, network, volume,
// image or load-balancer.
func (c *Cloud) Has(service string) bool { return c.services[service].URL != "" }

// Service returns a service of the catalog, or identity.
func (c *Cloud) Service(name string) Service { return c.services[name] }

// Get reads a path of a service into a value, which may be nil. A *[]byte
// receives the body unchanged, any other value its JSON.
func (c *Cloud) Get(ctx context.Context, service, path string, into any) error {
	return c.request(ctx, http.MethodGet, service, path, nil, into)
}

// Send posts, puts or patches a document and decodes the response as Get does.
func (c *Cloud) Send(ctx context.Context, method, service, path string, document, into any) error {
	return c.request(ctx, method, service, path, document, into)
}

// Delete removes the object at a path. Not found counts as success.
func (c *Cloud) Delete(ctx context.Context, service, path string) error {
	err := c.request(ctx, http.MethodDelete, service, path, nil, nil)
	if IsNotFound(err) {
		return nil
	}
	return err
}

func (c *Cloud) request(ctx context.Context, method, service, path string, document, into any) error {
	response, err := c.services[service].Do(ctx, method, path, document)
	if err != nil {
		return err
	}
	if response.Status >= http.StatusMultipleChoices {
		return &StatusError{Method: method, Path: service + " " + path, Status: response.Status, Body: string(response.Body)}
	}
	switch into := into.(type) {
	case nil:
		return nil
	case *[]byte:
		*into = response.Body
		return nil
	}
	if err := json.Unmarshal(response.Body, into); err != nil {
		return fmt.Errorf("%s %s %s: %w", method, service, path, err)
	}
	return nil
}
