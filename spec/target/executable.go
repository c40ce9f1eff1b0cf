package target

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Build builds the CPI in a folder, as the release does: an executable for
// directors, whose path it returns, and beside it the one with the commands. The
// suite's package must be in a subfolder of spec.
func Build(ctx context.Context, folder string) (string, error) {
	executable := filepath.Join(folder, "openstack_cpi")
	if err := build(ctx, executable, "-tags=nocommands"); err != nil {
		return "", err
	}
	return executable, build(ctx, executable+"_commands", "-tags=")
}

func build(ctx context.Context, executable, tags string) error {
	command := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", tags, "-o", executable, "../../src/cmd/openstack_cpi")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build the executable: %w\n%s", err, output)
	}
	return nil
}

// Properties returns the openstack properties of a cpi.json.
func Properties(config map[string]any) map[string]any {
	cloud, _ := config["cloud"].(object)
	properties, _ := cloud["properties"].(object)
	openstack, _ := properties["openstack"].(object)
	return openstack
}
