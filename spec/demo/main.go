// Command demo calls the openstack_cpi executable for the life cycle of a VM
// and a disk, as a BOSH director does, and prints the result, time, API calls
// and memory of each call. It runs on openstack-simulator, or with -cloud on a
// real OpenStack.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
)

func main() {
	// With SIGPIPE (scripts/demo | head) the program would end before its
	// clean-up.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := demonstrate(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errFailed): // the table contains the error
		os.Exit(1)
	default:
		_, _ = fmt.Fprintln(os.Stderr, "scripts/demo:", err)
		os.Exit(1)
	}
}

// errFailed reports that a step failed. The table contains its error.
var errFailed = errors.New("the demonstration failed")

func demonstrate(ctx context.Context, args []string, out, usage io.Writer) (err error) {
	opts, err := parseOptions(args, usage)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "openstack-cpi-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	config, where := opts.cloud, "OpenStack at"
	if opts.simulated() {
		simulator, err := startSimulator(ctx, opts.simulator, dir)
		if err != nil {
			return err
		}
		defer simulator.stop()
		config, where = simulator.config, "the simulator at"
	}
	openstack, err := cloud.Open(ctx, config)
	if err != nil {
		return err
	}
	table := newTable(out)
	table.title("openstack_cpi on %s %s", where, openstack.AuthURL)

	run, err := newRun(ctx, opts, openstack, config, dir)
	if err != nil {
		return err
	}
	return run.perform(ctx, table)
}
