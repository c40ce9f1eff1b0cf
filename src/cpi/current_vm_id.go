package cpi

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

const (
	// metadataURL is the metadata service, which only OpenStack VMs can reach
	// (nova doc/source/user/metadata.rst).
	metadataURL = "http://169.254.169.254/openstack/latest/meta_data.json"
	// metadataTimeout is long enough for a link-local service. A director outside
	// of OpenStack waits for it in vain.
	metadataTimeout = 5 * time.Second
)

// CurrentVMID returns the CID of the VM that this process runs in. Outside of an
// OpenStack VM it returns NotImplemented; the director then does not create
// snapshots of itself.
func (c *CPI) CurrentVMID(ctx context.Context, _ bosh.AnyArgs) (bosh.VMCID, error) {
	ctx, cancel := context.WithTimeout(ctx, metadataTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, metadataURL, nil)
	if err != nil {
		return "", err
	}
	response, err := c.httpClient.Do(request)
	if err != nil {
		return "", bosh.Errorf(bosh.NotImplemented, "this process does not run in an OpenStack VM: %w", err)
	}
	defer func() { _ = response.Body.Close() }()

	var metadata struct {
		UUID bosh.VMCID `json:"uuid"`
	}
	if err := json.NewDecoder(response.Body).Decode(&metadata); err != nil || metadata.UUID == "" {
		return "", bosh.Errorf(bosh.NotImplemented, "the metadata service at %s did not return the VM's uuid (HTTP %d)", metadataURL, response.StatusCode)
	}
	return metadata.UUID, nil
}
