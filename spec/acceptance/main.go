// Command acceptance converts the configuration of OpenStack's own clients, the
// variables OS_… or an entry of clouds.yaml, to that of the test suites: a cpi.json
// and a shell file of exports. scripts/acceptance uses it.
//
//	acceptance FOLDER           writes both files to the folder
//	acceptance --prepare FILE   creates what the suites need, and the fixtures file
//	acceptance --clean FILE     removes what --prepare has created, and the fixtures file
//
// It reads clouds.yaml itself. The Parse function of gophercloud's package
// openstack/config/clouds returns the CA certificate only as part of a
// *tls.Config, from which its text cannot be read back, and cpi.json contains
// that text. In addition, spec shares no code with the executable that it tests.
// Not supported are secure.yaml and the profiles of clouds-public.yaml.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
)

func main() {
	ctx := context.Background() //nolint:forbidigo // this is the program's main
	err := errors.New("usage: acceptance FOLDER | --prepare FILE | --clean FILE")
	switch args := os.Args[1:]; {
	case len(args) == 1:
		err = prepare(ctx, args[0], environment())
	case len(args) == 2 && args[0] == "--prepare":
		err = makeFixtures(ctx, args[1], environment(), os.Stdout) //nolint:forbidigo // progress for people
	case len(args) == 2 && args[0] == "--clean":
		err = removeFixtures(ctx, args[1], environment(), os.Stdout) //nolint:forbidigo // progress for people
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "scripts/acceptance:", err) //nolint:forbidigo // the error of a command
		os.Exit(1)
	}
}

// environment returns the variables that describe the cloud.
func environment() map[string]string {
	found := map[string]string{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "OS_") || strings.HasPrefix(name, "CPI_") {
			found[name] = value
		}
	}
	return found
}

// prepare writes cpi.json and env to the folder, with mode 0600. If settings
// are missing, the error lists all of them.
func prepare(ctx context.Context, folder string, environment map[string]string) error {
	cloud, err := cloudOf(environment)
	if err != nil {
		return err
	}
	problems := cloud.missing()
	var described fixtures.Fixtures
	if file := environment["CPI_FIXTURES"]; file == "" {
		problems = append(problems, "CPI_FIXTURES is not set: the path of a JSON file that describes what the cloud has; scripts/acceptance --prepare creates it (spec/lifecycle/README.md)")
	} else if described, err = fixtures.Read(file); err != nil {
		problems = append(problems, "CPI_FIXTURES: "+err.Error())
	} else if described.KeyPair.Name == "" {
		problems = append(problems, "CPI_FIXTURES has no key_pair.name")
	}
	// A fixtures file of --prepare has both.
	own := map[string]string{
		"CPI_PROJECT": cmp.Or(environment["CPI_PROJECT"], described.Project),
		"CPI_RELEASE": cmp.Or(environment["CPI_RELEASE"], described.Release),
	}
	for name, meaning := range map[string]string{
		"CPI_PROJECT": "the name of the project, as a confirmation",
		"CPI_RELEASE": "the name of the cloud's release in spec/contract/observed",
	} {
		if own[name] == "" {
			problems = append(problems, name+" is not set: "+meaning)
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("the cloud cannot be used:\n  %s", strings.Join(problems, "\n  "))
	}

	config, err := cloud.cpiConfig(described.KeyPair.Name)
	if err != nil {
		return err
	}
	file := filepath.Join(folder, "cpi.json")
	if err := os.WriteFile(file, config, 0o600); err != nil { //nolint:gosec // the folder is an argument
		return err
	}
	exports := cloud.exports()
	maps.Copy(exports, own)
	exports["CPI_TARGET"] = "openstack"
	if environment["CPI_CONFIG"] == "" {
		exports["CPI_CONFIG"] = file
	}
	if wanted := environment["CPI_MICROVERSION"]; wanted != "" {
		if exports["CPI_MICROVERSION"], err = microversions(ctx, cmp.Or(environment["CPI_CONFIG"], file), wanted); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(folder, "env"), []byte(shell(exports)), 0o600) //nolint:gosec // as above
}

// shell formats exports for any shell. A variable without a value is unset,
// since an empty one has another meaning.
func shell(exports map[string]string) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(exports)) {
		if value := exports[name]; value != "" {
			fmt.Fprintf(&text, "export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
		} else {
			fmt.Fprintf(&text, "unset %s\n", name)
		}
	}
	return text.String()
}

// cpiConfig returns a cpi.json as the job renders it.
func (c cloud) cpiConfig(keyPair string) ([]byte, error) {
	openstack := map[string]any{
		"auth_url": c.AuthURL, "region": c.Region, "default_key_name": keyPair, "default_security_groups": []string{"default"},
	}
	optional := map[string]string{
		"username": c.Username, "api_key": c.Password, "project": c.Project, "project_id": c.ProjectID,
		"user_domain_name": c.UserDomain, "project_domain_name": c.ProjectDomain, "endpoint_type": c.Interface,
		"application_credential_id": c.ApplicationCredentialID, "application_credential_secret": c.ApplicationCredentialSecret,
	}
	for key, value := range optional {
		if value != "" {
			openstack[key] = value
		}
	}
	if c.CACert != "" {
		ca, err := os.ReadFile(c.CACert)
		if err != nil {
			return nil, fmt.Errorf("OS_CACERT: %w", err)
		}
		openstack["connection_options"] = map[string]any{"ca_cert": string(ca)}
	}
	return json.MarshalIndent(map[string]any{"cloud": map[string]any{
		"plugin": "openstack", "properties": map[string]any{"openstack": openstack},
	}}, "", "  ")
}
