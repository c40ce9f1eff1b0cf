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

// whereabouts say where on the cloud the VM goes. A fixtures file gives them; flags override it.
type whereabouts struct {
	Network          string // id or unique name; it has an IPv4 subnet
	StaticIPs        string // "10.0.0.20" or "10.0.0.20-10.0.0.60": the first without a port is taken
	Flavor           string // name
	AvailabilityZone string // optional, Nova's
	VolumeType       string // optional, Cinder's
}

// onSimulator names what the simulator starts with. Any free address of the network will do there.
func onSimulator() whereabouts {
	return whereabouts{Network: "private", Flavor: "m1.small", AvailabilityZone: "z1"}
}

// readFixtures takes the tenant network and the smallest flavor of a fixtures file.
func readFixtures(file string) (whereabouts, error) {
	f, err := fixtures.Read(file)
	if err != nil {
		return whereabouts{}, err
	}
	where := whereabouts{
		Network: f.Networks["private"].ID, StaticIPs: f.Networks["private"].StaticIPs(),
		Flavor: f.PlainFlavor(), VolumeType: f.VolumeType(),
	}
	if len(f.AvailabilityZones.Compute) > 0 {
		where.AvailabilityZone = f.AvailabilityZones.Compute[0]
	}
	return where, nil
}

type options struct {
	executable  string // path of openstack_cpi
	simulator   string // path of openstack-simulator
	cloud       string // path of the cpi.json of a real cloud; empty: the simulator
	where       whereabouts
	apiVersion  int // the highest this director speaks, 2 or 3
	stemcellMiB int // size of the root image
}

func (o options) simulated() bool { return o.cloud == "" }

// parseOptions reads the arguments and reports everything that is missing or wrong with them in one error.
func parseOptions(args []string, usage io.Writer) (options, error) {
	var opts options
	var file string
	var override whereabouts
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
	flags.IntVar(&opts.apiVersion, "api-version", 3, "highest CPI API `version` the director speaks, 2 or 3")
	flags.IntVar(&opts.stemcellMiB, "stemcell-mib", 16, "size of the stemcell's root image in `MiB`; the memory column must not follow it")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if opts.simulated() {
		opts.where = onSimulator()
	}
	if file != "" {
		described, err := readFixtures(file)
		if err != nil {
			return options{}, err
		}
		opts.where.override(described)
	}
	opts.where.override(override)
	if err := makePathsAbsolute(&opts.executable, &opts.simulator, &opts.cloud); err != nil {
		return options{}, err
	}
	return opts, opts.check(flags.Args())
}

// override takes every value of other that is set.
func (w *whereabouts) override(other whereabouts) {
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
	problem(o.apiVersion != 2 && o.apiVersion != 3, "--api-version is %d, a director speaks 2 or 3", o.apiVersion)
	problem(o.stemcellMiB < 1, "--stemcell-mib is %d, at least 1 is needed", o.stemcellMiB)
	problem(o.where.Network == "", "--network is missing: id or name of the network the VM goes to")
	problem(o.where.StaticIPs == "" && !o.simulated(), "--ip is missing: a free address of that network, or a range of them")
	problem(o.where.Flavor == "", "--flavor is missing: the flavor of the VM")
	if len(problems) == 0 {
		return nil
	}
	if !o.simulated() {
		problems = append(problems, "a --fixtures file may give network, addresses and flavor")
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
