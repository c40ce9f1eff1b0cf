package main

import (
	"context"
	"fmt"
	"strings"

	openstack "github.com/piston/openstack-bosh-cpi/spec/cloud"
)

// microversions returns the value of the header OpenStack-API-Version: wanted,
// or the newest or lowest microversions of Nova and Cinder.
func microversions(ctx context.Context, config, wanted string) (string, error) {
	if wanted != "newest" && wanted != "lowest" {
		return wanted, nil
	}
	seen, err := openstack.Open(ctx, config)
	if err != nil {
		return "", err
	}
	var found []string
	for _, service := range []string{"compute", "volume"} {
		lowest, newest, err := seen.Microversions(ctx, service)
		if err != nil {
			return "", fmt.Errorf("microversions of %s: %w", service, err)
		}
		found = append(found, service+" "+map[string]string{"lowest": lowest, "newest": newest}[wanted])
	}
	return strings.Join(found, ","), nil
}
