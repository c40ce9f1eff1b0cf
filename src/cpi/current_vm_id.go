package cpi

import (
	"context"
	"encoding/json"
	"fmt"
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

// vmMetadata is what is needed of a VM's meta_data.json.
type vmMetadata struct {
	UUID bosh.VMCID `json:"uuid"`
}

// CurrentVMID returns the CID of the VM that this process runs in, from the
// metadata service or the config drive. Outside of an OpenStack VM it returns
// NotImplemented; the director then does not create snapshots of itself.
func (c *CPI) CurrentVMID(ctx context.Context, _ bosh.AnyArgs) (bosh.VMCID, error) {
	id, err := c.vmIDOfService(ctx)
	if err == nil {
		return id, nil
	}
	id, driveErr := vmIDOnConfigDrive(configDriveDevice)
	if driveErr == nil {
		return id, nil
	}
	return "", bosh.Errorf(bosh.NotImplemented, "this process does not run in an OpenStack VM: %w; %w", err, driveErr)
}

// vmIDOfService returns the VM's id that the metadata service returns.
func (c *CPI) vmIDOfService(ctx context.Context) (bosh.VMCID, error) {
	ctx, cancel := context.WithTimeout(ctx, metadataTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, metadataURL, nil)
	if err != nil {
		return "", err
	}
	response, err := c.httpClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()

	metadata := vmMetadata{}
	if err := json.NewDecoder(response.Body).Decode(&metadata); err != nil || metadata.UUID == "" {
		return "", fmt.Errorf("the metadata service at %s did not return the VM's uuid (HTTP %d)", metadataURL, response.StatusCode)
	}
	return metadata.UUID, nil
}
