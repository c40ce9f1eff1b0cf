// Package registry is a client of the legacy BOSH agent registry, from which
// agents of API version 1 read their settings.
//
// Older BOSH directors ran the registry as a job. The protocol is PUT, GET and
// DELETE of <endpoint>/instances/<key>/settings with HTTP basic authentication.
// PUT takes the settings as its body; GET returns {"settings": "<the settings,
// as a JSON text inside a JSON string>", "status": "ok"}.
package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// maxResponse limits the length of a response; settings are about ten KB.
const maxResponse = 16 << 20

// Client is a client of one registry. Its errors hold neither the credentials
// nor the settings.
type Client struct {
	config config.Registry
	http   *http.Client
}

// New returns a client. It sends no request.
func New(cfg config.Registry, client *http.Client) *Client {
	return &Client{config: cfg, http: client}
}

// Put stores the settings of an agent, a JSON document, under the key of its
// VM. It replaces existing settings.
func (c *Client) Put(ctx context.Context, key string, settings []byte) error {
	status, _, err := c.do(ctx, http.MethodPut, key, settings)
	if err == nil && (status < 200 || status > 299) {
		err = fmt.Errorf("got HTTP %d", status)
	}
	return wrap(err, "update", key)
}

// Get returns the settings that Put stored under the key.
func (c *Client) Get(ctx context.Context, key string) ([]byte, error) {
	status, body, err := c.do(ctx, http.MethodGet, key, nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("got HTTP %d", status)
	}
	if err != nil {
		return nil, wrap(err, "read", key)
	}
	var stored struct {
		Settings *string `json:"settings"`
	}
	if json.Unmarshal(body, &stored) != nil || stored.Settings == nil {
		return nil, wrap(errors.New("the response has no string \"settings\""), "read", key)
	}
	return []byte(*stored.Settings), nil
}

// Delete deletes the settings. Not found counts as success.
func (c *Client) Delete(ctx context.Context, key string) error {
	status, _, err := c.do(ctx, http.MethodDelete, key, nil)
	if err == nil && status != http.StatusNotFound && (status < 200 || status > 299) {
		err = fmt.Errorf("got HTTP %d", status)
	}
	return wrap(err, "delete", key)
}

func wrap(err error, verb, key string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("Cannot %s settings for '%s', %w", verb, key, err) //nolint:staticcheck // operators search for this text
}

func (c *Client) do(ctx context.Context, method, key string, body []byte) (status int, response []byte, err error) {
	target, err := url.Parse(c.config.Endpoint)
	if err != nil {
		// The error of url.Parse quotes the endpoint, which may hold the
		// agents' password.
		return 0, nil, errors.New("the registry's endpoint is not a URL")
	}
	target.User = nil
	target = target.JoinPath("instances", url.PathEscape(key), "settings")
	req, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.SetBasicAuth(c.config.User, c.config.Password.Reveal())
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	response, err = io.ReadAll(io.LimitReader(resp.Body, maxResponse))
	if err != nil {
		return 0, nil, fmt.Errorf("read the response: %w", err)
	}
	return resp.StatusCode, response, nil
}
