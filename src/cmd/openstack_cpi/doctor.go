//go:build !nocommands

package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/doctor"
	"github.com/piston/openstack-bosh-cpi/src/manifest"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/telemetry"
)

// exitNoExamination is the exit code if nothing was examined.
const exitNoExamination = 3

// doctorCommand checks a cloud.
type doctorCommand struct {
	in  io.Reader
	out io.Writer
	// transport replaces the network in tests.
	transport http.RoundTripper

	configFile, caCertFile        string
	manifestFile, cloudConfigFile string
	cpiConfigFile, cpi            string
	migrateFile, from             string
	skip                          []string
	deep                          bool
	flavor, network               string
	json                          bool

	log *telemetry.Log
}

func newDoctorCommand(s streams) *doctorCommand {
	return &doctorCommand{in: s.in, out: s.out, log: telemetry.New(s.logs)}
}

// options registers the options of the command.
func (c *doctorCommand) options(flags *flag.FlagSet) {
	configOptions(flags, &c.configFile, &c.caCertFile)
	flags.StringVar(&c.manifestFile, "manifest", "", "the manifest of bosh create-env without variables, a `FILE`, or - for stdin; instead of -config")
	flags.StringVar(&c.cloudConfigFile, "cloud-config", "", "a cloud config to compare the cloud with, a `FILE`, or - for stdin")
	flags.StringVar(&c.cpi, "cpi", "", "the `NAME` of one CPI of several, as AZs of the cloud config and the CPI config name it: other AZs and their subnets\nare not compared with this cloud")
	flags.StringVar(&c.cpiConfigFile, "cpi-config", "", "the CPI config that has the credentials of -cpi, a `FILE`, or - for stdin; its properties replace those of -config")
	flags.StringVar(&c.migrateFile, "migrate", "", "instead of looking at a cloud, say what changes for the deployment of a manifest that comes from another\n"+
		"OpenStack CPI, a `FILE`, or - for stdin; with -cloud-config, also for its cloud properties")
	flags.StringVar(&c.from, "from", "", "the `CPI` that -migrate comes from, ruby or official; by default that of the manifest's job")
	flags.Func("skip", "`CHECKS` that are not made, with commas between them; may be repeated", func(names string) error {
		c.skip = append(c.skip, strings.Split(names, ",")...)
		return nil
	})
	flags.BoolVar(&c.deep, "deep", false, "also create, use and delete a VM, a disk and an image")
	flags.StringVar(&c.flavor, "flavor", "", "the `NAME` of the flavor for -deep; by default that of the first VM type, or the smallest")
	flags.StringVar(&c.network, "network", "", "the `ID` of the network for -deep; by default that of the first network, or the only one of the project")
	flags.BoolVar(&c.json, "json", false, "print the findings as JSON")
}

// run executes the command and returns the exit code.
func (c *doctorCommand) run(ctx context.Context, args []string) (int, error) {
	if problem := c.problem(args); problem != "" {
		return 0, misuse("%s", problem)
	}
	examine := c.examine
	if c.migrateFile != "" {
		examine = c.migrate
	}
	report, err := examine(ctx)
	if err != nil {
		return exitNoExamination, c.log.Mask.Error(err)
	}
	if c.json {
		return report.ExitCode(), report.JSON(c.out)
	}
	return report.ExitCode(), report.Text(c.out)
}

// problem returns what is wrong with the options, or "".
func (c *doctorCommand) problem(rest []string) string {
	switch {
	case len(rest) > 0:
		return fmt.Sprintf("unknown argument %q", rest[0])
	case c.cpiConfigFile != "" && c.cpi == "":
		return "-cpi-config needs -cpi, the name of the CPI to look at"
	case c.cpi != "" && c.cpiConfigFile == "" && c.cloudConfigFile == "":
		return "-cpi needs -cpi-config, -cloud-config or both"
	case c.cpiConfigFile != "" && (c.manifestFile != "" || c.migrateFile != ""):
		return "-cpi-config belongs to a director: it takes neither -manifest nor -migrate"
	case c.cpiConfigFile == "-" && c.cloudConfigFile == "-":
		return "-cpi-config and -cloud-config cannot both be stdin"
	case c.migrateFile != "" && (c.configFile != "" || c.manifestFile != "" || len(c.skip) > 0 || c.deep):
		return "-migrate looks at no cloud, so that it takes neither -config, -manifest, -skip nor -deep"
	case !c.deep && (c.flavor != "" || c.network != ""):
		return "-flavor and -network belong to -deep"
	case c.from != "" && (c.migrateFile == "" || c.from != string(doctor.Ruby) && c.from != string(doctor.Official)):
		return "-from belongs to -migrate, and is ruby or official"
	case c.migrateFile == "-" && c.cloudConfigFile == "-":
		return "-migrate and -cloud-config cannot both be stdin"
	case c.migrateFile != "":
		return ""
	case c.configFile == "" && c.manifestFile == "" && c.cpiConfigFile == "" && !namesCloud():
		return "-config, -manifest or -cpi-config is missing, and neither OS_CLOUD nor OS_AUTH_URL is set"
	case c.configFile != "" && c.manifestFile != "":
		return "-manifest replaces -config"
	case strings.HasSuffix(c.configFile, ".yml") || strings.HasSuffix(c.configFile, ".yaml"):
		return "-config is the job's cpi.json; a manifest of bosh create-env belongs to -manifest, a CPI config to -cpi-config"
	case c.manifestFile == "-" && c.cloudConfigFile == "-":
		return "-manifest and -cloud-config cannot both be stdin"
	}
	unknown := slices.DeleteFunc(slices.Clone(c.skip), func(name string) bool { return slices.Contains(doctor.Checks(), name) })
	if len(unknown) > 0 {
		return fmt.Sprintf("-skip: there is no check %q", unknown[0])
	}
	return ""
}

// examine returns the report without secrets.
func (c *doctorCommand) examine(ctx context.Context) (doctor.Report, error) {
	cfg, wanted, err := c.read()
	if err != nil {
		return doctor.Report{}, err
	}
	c.log.SetLevel(os.Getenv("BOSH_LOG_LEVEL"), "error")
	session, err := openstack.NewSession(cfg.OpenStack, c.log.Logger, sessionOptions(c.transport, c.log.Mask)...)
	if err != nil {
		return doctor.Report{}, err
	}
	d := doctor.New(cfg, wanted, session)
	if c.deep {
		d = d.WithTrial(doctor.Trial{
			Flavor: c.flavor, Network: c.network, Log: c.log.Logger, Client: &http.Client{Transport: c.transport, Timeout: cfg.OpenStack.Connection.ReadTimeout},
		})
	}
	return d.Examine(ctx, c.skip).Mask(c.log.Mask.Text), nil
}

// migrate returns what changes for a deployment.
func (c *doctorCommand) migrate(ctx context.Context) (doctor.Report, error) {
	wanted, err := c.document(c.migrateFile)
	if err != nil {
		return doctor.Report{}, fmt.Errorf("manifest: %w", err)
	}
	if c.cloudConfigFile != "" {
		cloud, err := c.document(c.cloudConfigFile)
		if err != nil {
			return doctor.Report{}, fmt.Errorf("cloud config: %w", err)
		}
		wanted = wanted.With(cloud)
	}
	from := doctor.Origin(c.from)
	if from == "" {
		if from, err = doctor.OriginOf(wanted); err != nil {
			return doctor.Report{}, err
		}
	}
	return doctor.Migrate(ctx, from, wanted).Mask(c.log.Mask.Text), nil
}

// read returns the configuration, and what the cloud is compared with.
func (c *doctorCommand) read() (cfg config.Config, wanted manifest.Document, err error) {
	if c.cloudConfigFile != "" {
		if wanted, err = c.document(c.cloudConfigFile); err != nil {
			return cfg, wanted, fmt.Errorf("cloud config: %w", err)
		}
		if c.cpi != "" {
			if wanted, err = wanted.OfCPI(c.cpi); err != nil {
				return cfg, wanted, fmt.Errorf("cloud config: %w", err)
			}
		}
	}
	if c.cpiConfigFile != "" {
		cfg, err = c.ofCPIConfig()
		return cfg, wanted, err
	}
	if c.manifestFile == "" && c.configFile == "" {
		var transport http.RoundTripper
		cfg, transport, err = fromEnvironment(c.log.Mask)
		if c.transport == nil {
			c.transport = transport
		}
		return cfg, wanted, err
	}
	if c.manifestFile == "" {
		cfg, err = loadConfig(c.configFile, c.caCertFile, nil, c.log.Mask)
		return cfg, wanted, err
	}
	director, err := c.document(c.manifestFile)
	if err != nil {
		return cfg, wanted, fmt.Errorf("manifest: %w", err)
	}
	text, err := director.CPIConfig()
	if err != nil {
		return cfg, wanted, err
	}
	c.log.Mask.AddDocument(text)
	cfg, err = config.Load(text, nil)
	return cfg, wanted.With(director), err
}

// ofCPIConfig returns the configuration that a director sends with the properties
// of the CPI config. Without -config, these are all there are.
func (c *doctorCommand) ofCPIConfig() (config.Config, error) {
	text, err := c.content(c.cpiConfigFile)
	if err != nil {
		return config.Config{}, fmt.Errorf("CPI config: %w", err)
	}
	properties, err := manifest.ReadCPI(text, c.cpi)
	if err != nil {
		return config.Config{}, fmt.Errorf("CPI config: %w", err)
	}
	encoded, err := json.Marshal(properties)
	if err != nil {
		return config.Config{}, err
	}
	c.log.Mask.AddDocument(encoded)
	if c.configFile == "" {
		return config.Load([]byte(`{"cloud": {"properties": {}}}`), properties)
	}
	return loadConfig(c.configFile, c.caCertFile, properties, c.log.Mask)
}

// document reads a cloud config or a manifest.
func (c *doctorCommand) document(file string) (manifest.Document, error) {
	text, err := c.content(file)
	if err != nil {
		return manifest.Document{}, err
	}
	return manifest.Read(text)
}

// content returns the content of a file, or that of stdin.
func (c *doctorCommand) content(file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(c.in)
	}
	return os.ReadFile(file)
}
