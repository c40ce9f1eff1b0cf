// Command bench measures openstack_cpi: each method, deployments, projects of
// different sizes and stemcells, on the simulator or on a real OpenStack, beside
// the time of the cloud itself and, if given, other CPIs. It writes
// docs/performance.md with its figures and pictures.
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
	"time"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		_, _ = fmt.Fprintln(os.Stderr, "scripts/bench:", err)
		os.Exit(1)
	}
}

// bench is one run.
type bench struct {
	options    options
	contenders []contender
	folder     string // for temporary files
	out        io.Writer
	began      time.Time
}

// report prints a line about the progress.
func (b *bench) report(format string, arguments ...any) {
	_, _ = fmt.Fprintf(b.out, "%4.0f s  %s\n", time.Since(b.began).Seconds(), fmt.Sprintf(format, arguments...)) //nolint:errcheck // a closed terminal must not end the clean-up
}

// The names of the contenders that are this CPI.
const (
	warmName = "warm"
	coldName = "cold"
)

func run(ctx context.Context, args []string, out, usage io.Writer) (err error) {
	o, err := parseOptions(args, usage)
	if err != nil {
		return err
	}
	if o.render {
		return render(ctx, o)
	}
	folder, err := os.MkdirTemp("", "openstack-cpi-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	own := []string{o.executable, "-config", "{config}"}
	b := &bench{
		options: o, folder: folder, out: out, began: time.Now(),
		contenders: append([]contender{{name: warmName, command: own, cache: true}, {name: coldName, command: own}}, o.against...),
	}
	reportNew, err := b.watchProject(ctx)
	if err != nil {
		return err
	}
	measured, err := b.measure(ctx)
	if err = errors.Join(err, reportNew(context.WithoutCancel(ctx))); err != nil {
		return err
	}
	if err := measured.write(o.results()); err != nil {
		return err
	}
	b.report("wrote %s", o.results())
	return render(ctx, o)
}

// watchProject returns a function that reports which objects of a real cloud are
// new: another CPI can leave some, and so can others who use the project.
func (b *bench) watchProject(ctx context.Context) (reportNew func(context.Context) error, err error) {
	if !b.options.cloud {
		return func(context.Context) error { return nil }, nil
	}
	on, err := cloud.Open(ctx, b.options.config)
	if err != nil {
		return nil, err
	}
	before, err := on.Inventory(ctx)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		now, err := on.Inventory(ctx)
		for _, name := range now.Leftovers(before, nil) {
			b.report("new in the project: %s", name)
		}
		return err
	}, nil
}

// measure runs the chosen parts.
func (b *bench) measure(ctx context.Context) (results, error) {
	o := b.options
	executable, err := os.Stat(o.executable)
	if err != nil {
		return results{}, err
	}
	r := results{
		Date: b.began.UTC().Format(time.DateOnly), Machine: machine(), Commit: o.commit, Parameters: o.parameters(),
		Cloud: o.release, Executable: executable.Size(),
	}
	for _, of := range b.contenders {
		r.Contenders = append(r.Contenders, of.name)
	}
	for _, part := range []struct {
		name      string
		simulated bool // only on the simulator
		measure   func() error
	}{
		{"methods", false, func() (err error) { r.Methods, err = b.measureMethods(ctx); return err }},
		{"boots", true, func() (err error) { r.Boots, err = b.measureBoots(ctx); return err }},
		{"deployments", false, func() (err error) { r.Deployments, err = b.measureDeployments(ctx); return err }},
		{"growth", true, func() (err error) { r.Growth, err = b.measureGrowth(ctx); return err }},
		{"stemcells", false, func() (err error) { r.Stemcells, err = b.measureStemcells(ctx); return err }},
	} {
		if !o.parts[part.name] || part.simulated && o.cloud {
			continue
		}
		b.report("%s", part.name)
		if err := part.measure(); err != nil {
			return r, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	r.Seconds = time.Since(b.began).Seconds()
	return r, nil
}
