// Command openstack-simulator serves a simulated OpenStack over HTTP on a
// loopback address until it is interrupted.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

//nolint:dupword // every example begins with the name of the command
const description = `A simulated OpenStack on loopback: Keystone, Glance, Cinder, Nova, Neutron and Octavia.

It prints its URL and a cpi.json, and runs until it is interrupted. Its state is in memory.

Examples:

    openstack-simulator
    openstack-simulator --listen 127.0.0.1:35001 --write-config cpi.json
    openstack-simulator --zone az1 --zone az2 --volume-type fast --quota cores=8 --quota volumes=10
    openstack-simulator --latency server-build=30s --latency-scale 0.1
    openstack-simulator --faults faults.json
    openstack-simulator --servers 200 --volumes 500 --security-groups 50

While it runs, it can be examined and changed below /simulator:

    curl URL/simulator/journal      the requests so far
    curl URL/simulator/leaks        what was created and not deleted
    curl -d @faults.json URL/simulator/faults

docs/simulator.md describes all of them.`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	var flags flags
	parser := kong.Parse(&flags, kong.Name("openstack-simulator"), kong.ShortUsageOnError(), kong.Description(description),
		kong.Vars{
			"quotas": strings.Join(simulator.QuotaNames(), ", "), "latencies": strings.Join(simulator.LatencyNames(), ", "),
		})
	err := flags.run(ctx, os.Stdout)
	stop()
	parser.FatalIfErrorf(err)
}

// run serves until the context ends. The first line that it prints is the URL,
// when everything is ready.
func (f *flags) run(ctx context.Context, out io.Writer) error {
	options, err := f.options()
	if err != nil {
		return err
	}
	cloud := simulator.New(options)
	if err := cloud.Populate(f.Population.counts()); err != nil {
		return err
	}
	if f.Faults != "" {
		document, err := os.ReadFile(f.Faults)
		if err != nil {
			return err
		}
		if err := cloud.InjectJSON(document); err != nil {
			return fmt.Errorf("%s:\n%w", f.Faults, err)
		}
	}
	base, stop, err := simulator.Listen(f.Listen, newHandler(cloud))
	if err != nil {
		return err
	}
	defer stop()
	config := cloud.CPIConfig(base)
	text := base + "\n" + string(config)
	if f.WriteConfig != "" {
		if err := os.WriteFile(f.WriteConfig, config, 0o600); err != nil {
			return err
		}
		text = base + "\n"
	}
	if _, err := io.WriteString(out, text); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
