package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
)

// vmOptions are the properties of the VM and its disk. Flags override the
// values of a fixtures file.
type vmOptions struct {
	Network          string // id or unique name; it has an IPv4 subnet
	StaticIPs        string // "10.0.0.20" or "10.0.0.20-10.0.0.60", of which the first free one is used
	Flavor           string // name
	AvailabilityZone string // optional, Nova's
	VolumeType       string // optional, Cinder's
}

// simulatorOptions returns objects that the simulator has. Without StaticIPs
// any free address is used.
func simulatorOptions() vmOptions {
	return vmOptions{Network: "private", Flavor: "m1.small", AvailabilityZone: "z1"}
}

// readFixtures takes the network private and the smallest flavor of a fixtures
// file.
func readFixtures(file string) (vmOptions, error) {
	f, err := fixtures.Read(file)
	if err != nil {
		return vmOptions{}, err
	}
	vm := vmOptions{
		Network: f.Networks["private"].ID, StaticIPs: f.Networks["private"].StaticIPs(),
		Flavor: f.PlainFlavor(), VolumeType: f.VolumeType(),
	}
	if len(f.AvailabilityZones.Compute) > 0 {
		vm.AvailabilityZone = f.AvailabilityZones.Compute[0]
	}
	return vm, nil
}

type options struct {
	executable  string // path of openstack_cpi
	simulator   string // path of openstack-simulator
	cloud       string // path of the cpi.json of a real cloud; empty: the simulator
	vm          vmOptions
	apiVersion  int    // the highest that this director supports, 2 or 3
	stemcellMiB int    // size of the root image
	page        string // path of the page of timeline, or ""
}

func (o options) simulated() bool { return o.cloud == "" }

// parseOptions parses the arguments and reports all problems in one error.
func parseOptions(args []string, usage io.Writer) (options, error) {
	var opts options
	var file string
	var override vmOptions
	flags := flag.NewFlagSet("scripts/demo", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.StringVar(&opts.executable, "cpi", "", "`path` of the openstack_cpi executable (scripts/demo builds it)")
	flags.StringVar(&opts.simulator, "simulator", "", "`path` of the openstack-simulator executable (scripts/demo builds it)")
	flags.StringVar(&opts.cloud, "cloud", "", "run on a real OpenStack, with this `cpi.json`; default: the simulator")
	flags.StringVar(&file, "fixtures", "", "JSON `file` that describes the cloud, as scripts/openstack writes it (spec/lifecycle/README.md)")
	flags.StringVar(&override.Network, "network", "", "`id` or name of the VM's network")
	flags.StringVar(&override.StaticIPs, "ip", "", "free `address` of that network, or a range of them: 10.0.0.20-10.0.0.60")
	flags.StringVar(&override.Flavor, "flavor", "", "`name` of the VM's flavor")
	flags.StringVar(&override.AvailabilityZone, "az", "", "availability `zone` of the VM")
	flags.StringVar(&override.VolumeType, "volume-type", "", "Cinder volume `type` of the disk")
	flags.IntVar(&opts.apiVersion, "api-version", 3, "highest CPI API `version` that the director supports, 2 or 3")
	flags.StringVar(&opts.page, "page", "", "`path` for the timeline of the run (scripts/demo: build/demo-timeline.html)")
	flags.IntVar(&opts.stemcellMiB, "stemcell-mib", 16, "size of the stemcell's root image in `MiB`; peak memory does not depend on it")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if opts.simulated() {
		opts.vm = simulatorOptions()
	}
	if file != "" {
		described, err := readFixtures(file)
		if err != nil {
			return options{}, err
		}
		opts.vm.override(described)
	}
	opts.vm.override(override)
	if err := makePathsAbsolute(&opts.executable, &opts.simulator, &opts.cloud, &opts.page); err != nil {
		return options{}, err
	}
	return opts, opts.check(flags.Args())
}

// override replaces values by those of other that are set.
func (w *vmOptions) override(other vmOptions) {
	for _, value := range []struct{ to, from *string }{
		{&w.Network, &other.Network},
		{&w.StaticIPs, &other.StaticIPs},
		{&w.Flavor, &other.Flavor},
		{&w.AvailabilityZone, &other.AvailabilityZone},
		{&w.VolumeType, &other.VolumeType},
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
	problem(o.simulator == "" && o.simulated(), "--simulator is missing: the path of openstack-simulator")
	problem(len(extra) > 0, "unexpected argument %q", strings.Join(extra, " "))
	problem(o.apiVersion != 2 && o.apiVersion != 3, "--api-version is %d, must be 2 or 3", o.apiVersion)
	problem(o.stemcellMiB < 1, "--stemcell-mib is %d, must be 1 or more", o.stemcellMiB)
	problem(o.vm.Network == "", "--network is missing: id or name of the VM's network")
	problem(o.vm.StaticIPs == "" && !o.simulated(), "--ip is missing: a free address of that network, or a range of them")
	problem(o.vm.Flavor == "", "--flavor is missing: the flavor of the VM")
	if len(problems) == 0 {
		return nil
	}
	if !o.simulated() {
		problems = append(problems, "a --fixtures file can provide network, addresses and flavor")
	}
	return errors.New(strings.Join(problems, "\n  "))
}

// makePathsAbsolute makes paths independent of the working directory of the
// CPI's process.
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
