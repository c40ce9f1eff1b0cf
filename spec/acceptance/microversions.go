package main

import (
	"context"
	"fmt"
	"strings"

	openstack "github.com/piston/openstack-bosh-cpi/spec/cloud"
)

// microversions is what the header OpenStack-API-Version shall say: the newest or lowest that Nova and Cinder offer, or
// else what is wanted itself.
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
