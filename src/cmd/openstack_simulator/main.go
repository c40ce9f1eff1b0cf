// Command openstack-simulator serves a simulated OpenStack over HTTP on a
// loopback address until it is interrupted.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	var command serveCommand
	parser := kong.Parse(&command, kong.Name("openstack-simulator"), kong.UsageOnError(),
		kong.Description("A simulated OpenStack on loopback: Keystone, Glance, Cinder, Nova, Neutron and Octavia."),
		kong.BindTo(ctx, (*context.Context)(nil)))
	parser.FatalIfErrorf(parser.Run())
}

type serveCommand struct {
	Listen      string `default:"127.0.0.1:0" help:"Loopback address to listen on; port 0 selects a free port." placeholder:"HOST:PORT"`
	WriteConfig string `help:"Write a cpi.json for this simulator to FILE instead of printing it." placeholder:"FILE" type:"path"`
}

// Run serves until the process is interrupted. The first line on stdout is the
// URL, printed when everything is ready.
func (s *serveCommand) Run(ctx context.Context) error {
	cloud := simulator.New(simulator.Options{})
	base, stop, err := cloud.Listen(s.Listen)
	if err != nil {
		return err
	}
	defer stop()
	config := cloud.CPIConfig(base)
	if s.WriteConfig == "" {
		fmt.Printf("%s\n%s\n", base, config)
	} else {
		if err := os.WriteFile(s.WriteConfig, config, 0o600); err != nil {
			return err
		}
		fmt.Printf("%s\n", base)
	}
	<-ctx.Done()
	return nil
}
