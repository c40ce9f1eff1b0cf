package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// fixtures say where on the cloud the VM goes. They are what a fixtures file holds; flags override it.
type fixtures struct {
	Network          string `json:"network"`     // id or unique name; it has an IPv4 subnet
	StaticIPs        string `json:"static_ips"`  // "10.0.0.20" or "10.0.0.20-10.0.0.60": the first without a port is taken
	Flavor           string `json:"flavor"`      // name
	AvailabilityZone string `json:"zone"`        // optional, Nova's
	VolumeType       string `json:"volume_type"` // optional, Cinder's
}

// simulatorFixtures name what the built-in simulator starts with. Any free address of the network will do there.
func simulatorFixtures() fixtures {
	return fixtures{Network: "private", Flavor: "m1.small", AvailabilityZone: "z1"}
}

type options struct {
	executable  string // path of openstack_cpi
	cloud       string // path of the cpi.json of a real cloud; empty: the simulator
	fixtures    fixtures
	apiVersion  int // the highest this director speaks, 2 or 3
	stemcellMiB int // size of the root image
}

func (o options) simulated() bool { return o.cloud == "" }

// parseOptions reads the arguments and reports everything that is missing or wrong with them in one error.
func parseOptions(args []string, usage io.Writer) (options, error) {
	var opts options
	var file string
	var override fixtures
	flags := flag.NewFlagSet("scripts/demo", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.StringVar(&opts.executable, "cpi", "", "`path` of the openstack_cpi executable (scripts/demo builds it)")
	flags.StringVar(&opts.cloud, "cloud", "", "run on a real OpenStack, with this `cpi.json`; default: the built-in simulator")
	flags.StringVar(&file, "fixtures", "", "JSON `file` that names network, static_ips, flavor, zone, volume_type")
	flags.StringVar(&override.Network, "network", "", "`id` or name of the VM's network")
	flags.StringVar(&override.StaticIPs, "ip", "", "free `address` of that network, or a range of them: 10.0.0.20-10.0.0.60")
	flags.StringVar(&override.Flavor, "flavor", "", "`name` of the VM's flavor")
	flags.StringVar(&override.AvailabilityZone, "az", "", "availability `zone` of the VM")
	flags.StringVar(&override.VolumeType, "volume-type", "", "Cinder volume `type` of the disk")
	flags.IntVar(&opts.apiVersion, "api-version", 3, "highest CPI API `version` the director speaks, 2 or 3")
	flags.IntVar(&opts.stemcellMiB, "stemcell-mib", 16, "size of the stemcell's root image in `MiB`; the memory column must not follow it")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if opts.simulated() {
		opts.fixtures = simulatorFixtures()
	}
	if file != "" {
		if err := readJSON(file, &opts.fixtures); err != nil {
			return options{}, err
		}
	}
	opts.fixtures.override(override)
	if err := makePathsAbsolute(&opts.executable, &opts.cloud); err != nil {
		return options{}, err
	}
	return opts, opts.check(flags.Args())
}

// override takes every value of other that is set.
func (f *fixtures) override(other fixtures) {
	for _, value := range []struct{ to, from *string }{
		{&f.Network, &other.Network},
		{&f.StaticIPs, &other.StaticIPs},
		{&f.Flavor, &other.Flavor},
		{&f.AvailabilityZone, &other.AvailabilityZone},
		{&f.VolumeType, &other.VolumeType},
	} {
		if *value.from != "" {
			*value.to = *value.from
		}
	}
}

func (o options) check(extra []string) error {
	var problems []string
	problem := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Sprintf(format, args...))
		}
	}
	problem(o.executable == "", "--cpi is missing: the path of openstack_cpi")
	problem(len(extra) > 0, "unexpected argument %q", strings.Join(extra, " "))
	problem(o.apiVersion != 2 && o.apiVersion != 3, "--api-version is %d, a director speaks 2 or 3", o.apiVersion)
	problem(o.stemcellMiB < 1, "--stemcell-mib is %d, at least 1 is needed", o.stemcellMiB)
	problem(o.fixtures.Network == "", "--network is missing: id or name of the network the VM goes to")
	problem(o.fixtures.StaticIPs == "" && !o.simulated(), "--ip is missing: a free address of that network, or a range of them")
	problem(o.fixtures.Flavor == "", "--flavor is missing: the flavor of the VM")
	if len(problems) == 0 {
		return nil
	}
	if !o.simulated() {
		problems = append(problems, "a --fixtures file may name network, static_ips and flavor")
	}
	return errors.New(strings.Join(problems, "\n  "))
}

// makePathsAbsolute is needed because the CPI's process runs without a caller's environment and, as a director
// starts it, anywhere.
func makePathsAbsolute(paths ...*string) error {
	for _, path := range paths {
		if *path == "" {
			continue
		}
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return err
		}
		*path = absolute
	}
	return nil
}

func readJSON(path string, into any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}
