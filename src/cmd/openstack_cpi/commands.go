package main

import (
	"context"
	"fmt"
	"os"
	"runtime"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

type commands struct {
	Simulate simulateCommand `cmd:"" help:"Run the built-in OpenStack simulator on loopback until interrupted."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

type versionCommand struct{}

// Run prints the version of the release and of the Go it was built with.
func (versionCommand) Run() error {
	_, err := fmt.Fprintf(os.Stdout, "openstack_cpi %s (%s %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

type simulateCommand struct {
	Listen      string `default:"127.0.0.1:0" help:"Address to listen on; port 0 takes a free one." placeholder:"HOST:PORT"`
	WriteConfig string `help:"Write a cpi.json for this simulator to FILE, instead of printing it." placeholder:"FILE" type:"path"`
}

// Run serves until the process is told to stop. The first line on stdout is the
// URL, printed when everything is ready.
func (s *simulateCommand) Run(ctx context.Context) error {
	cloud := simulator.New(simulator.Options{})
	base, stop, err := cloud.Listen(s.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.Listen, err)
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
