package target

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Build builds the CPI in a folder, without cgo as in the release, and returns the
// path of the executable. The suite's package must be in a subfolder of spec.
func Build(ctx context.Context, folder string) (string, error) {
	executable := filepath.Join(folder, "openstack_cpi")
	command := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", executable, "../../src/cmd/openstack_cpi")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the executable: %w\n%s", err, output)
	}
	return executable, nil
}

// Properties returns the openstack properties of a cpi.json.
func Properties(config map[string]any) map[string]any {
	cloud, _ := config["cloud"].(object)
	properties, _ := cloud["properties"].(object)
	openstack, _ := properties["openstack"].(object)
	return openstack
}
