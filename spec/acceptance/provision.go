package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	openstack "github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/provision"
)

// makeFixtures creates what the suites need and writes the fixtures file.
func makeFixtures(ctx context.Context, file string, environment map[string]string, log io.Writer) error {
	provisioner, err := provisionerFor(ctx, environment, log)
	if err != nil {
		return err
	}
	made, err := provisioner.Make(ctx)
	if err != nil {
		return err
	}
	made.Release = cmp.Or(environment["CPI_RELEASE"], "cloud")
	content, err := json.MarshalIndent(made, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil { //nolint:gosec // an argument
		return err
	}
	return os.WriteFile(file, append(content, '\n'), 0o600) //nolint:gosec // an argument
}

// removeFixtures removes what makeFixtures creates, and the fixtures file. It
// does not read the file, so that it also removes what an interrupted run has
// created.
func removeFixtures(ctx context.Context, file string, environment map[string]string, log io.Writer) error {
	provisioner, err := provisionerFor(ctx, environment, log)
	if err != nil {
		return err
	}
	if err := provisioner.Remove(ctx); err != nil {
		return err
	}
	if err := os.Remove(file); err != nil && !os.IsNotExist(err) { //nolint:gosec // an argument
		return err
	}
	return nil
}

// provisionerFor logs in as the user that the environment describes, and as the
// administrator, if there are credentials of one.
func provisionerFor(ctx context.Context, environment map[string]string, log io.Writer) (*provision.Provisioner, error) {
	described, err := cloudOf(environment)
	if err != nil {
		return nil, err
	}
	user, err := described.logIn(ctx)
	if err != nil {
		return nil, err
	}
	admin := user
	if name := environment["CPI_ADMIN_USERNAME"]; name != "" {
		described.Username, described.Password = name, environment["CPI_ADMIN_PASSWORD"]
		described.Project, described.ProjectID = cmp.Or(environment["CPI_ADMIN_PROJECT_NAME"], name), ""
		described.ApplicationCredentialID, described.ApplicationCredentialSecret = "", ""
		if admin, err = described.logIn(ctx); err != nil {
			return nil, fmt.Errorf("CPI_ADMIN_USERNAME: %w", err)
		}
	}
	return &provision.Provisioner{
		User: user, Admin: admin, Log: log, Pause: time.Second, External: environment["CPI_EXTERNAL_NETWORK"],
	}, nil
}

// logIn opens the cloud.
func (c cloud) logIn(ctx context.Context) (*openstack.Cloud, error) {
	if problems := c.missing(); len(problems) > 0 {
		return nil, fmt.Errorf("the cloud cannot be used:\n  %s", strings.Join(problems, "\n  "))
	}
	config, err := c.cpiConfig("")
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "acceptance")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder
	file := filepath.Join(folder, "cpi.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		return nil, err
	}
	return openstack.Open(ctx, file)
}
