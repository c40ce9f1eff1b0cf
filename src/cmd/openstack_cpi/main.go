// Command openstack_cpi is the BOSH cloud provider interface (CPI) for
// OpenStack. The director, or the bosh command line, starts it once per call:
//
//	openstack_cpi -config cpi.json [-ca-cert cacert.pem] [-cache directory] < request > response
//
// For people it has commands, see commands.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/piston/openstack-bosh-cpi/src/doctor"
)

// version is set by the linker when a release is built.
var version = "dev"

func main() {
	// A director that stops closes our pipes. SIGPIPE would end this process
	// between a write to the cloud and its undo.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), endingSignals()...)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// endingSignals are the signals after which the call undoes what it has created
// and answers. SIGHUP is left alone if the process was started to ignore it, as
// nohup does.
func endingSignals() []os.Signal {
	signals := []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// commands returns the commands for people. Dispatch, help and shell completion
// are made from this table.
func commands() []command {
	return []command{
		{
			name: "call", args: "METHOD [ARG]...", summary: "call one method of the CPI by hand", details: callDetails,
			examples: []string{
				"openstack_cpi call -config cpi.json has_vm 5a2c9d1e-3f00-4a3b-9c1d-0e7b2f6a8d21",
				"openstack_cpi call -config cpi.json -trace create_disk 1024 '{}'",
				"openstack_cpi call -config cpi.json -dry-run create_vm agent-1 STEMCELL_CID '{\"instance_type\":\"m1.small\"}' @networks.json",
			},
			words:  methodNames(),
			create: func(s streams) tool { return newCallCommand(s) },
		},
		{
			name: "completion", args: "SHELL", summary: "print the completion script of bash, zsh or fish",
			examples: []string{
				"source <(openstack_cpi completion bash)",
				"openstack_cpi completion fish > ~/.config/fish/completions/openstack_cpi.fish",
			},
			words:  []string{"bash", "zsh", "fish"},
			create: func(s streams) tool { return &completionCommand{streams: s} },
		},
		{
			name: "doctor", summary: "check whether a cloud is ready for BOSH, and say what to do",
			details: "Without -deep it changes nothing. Exit code 0: ready, 1: with warnings, or something could not be looked at, 2: with problems,\n" +
				"3: nothing was examined. Checks: " + strings.Join(doctor.Checks(), ", ") + ".",
			examples: []string{
				"openstack_cpi doctor -config cpi.json",
				"OS_CLOUD=devstack openstack_cpi doctor -deep",
				"bosh cloud-config | openstack_cpi doctor -config cpi.json -cloud-config -",
				"bosh interpolate bosh.yml -l variables.yml | openstack_cpi doctor -manifest -",
				"openstack_cpi doctor -migrate bosh.yml -cloud-config cloud-config.yml",
			},
			misused: exitNoExamination,
			create:  func(s streams) tool { return newDoctorCommand(s) },
		},
		{
			name: "orphans", summary: "list what this CPI created and no director knows",
			details:  "Exit code 0: none, 3: some, 1: error.",
			examples: []string{"bosh instances --details --json > instances.json && openstack_cpi orphans -config cpi.json -known instances.json"},
			words:    []string{"delete"},
			create:   func(s streams) tool { return newOrphansCommand(s, false) },
		},
		{
			name: "orphans delete", summary: "list what this CPI created and no director knows, ask, and delete it",
			details:  "Exit code 0: done, 1: error.",
			examples: []string{"openstack_cpi orphans delete -config cpi.json -known instances.json -known disks.json"},
			create:   func(s streams) tool { return newOrphansCommand(s, true) },
		},
		{
			name: "timeline", args: "[FILE]...", summary: "draw the CPI calls of a deployment from the logs of its task", details: timelineDetails,
			examples: []string{
				"bosh task 42 --debug > task.debug && openstack_cpi timeline task.debug",
				"bosh task 42 --cpi | openstack_cpi timeline -html none",
			},
			files:  true,
			create: func(s streams) tool { return &timelineCommand{streams: s} },
		},
		{name: "version", summary: "print the version", create: func(s streams) tool { return &versionCommand{out: s.out} }},
	}
}

// run serves one call or executes a command for people, and returns the exit
// code.
func run(ctx context.Context, args []string, s streams) int {
	if len(args) > 0 && args[0] == completeWord {
		return complete(args[1:], s.out)
	}
	if chosen, rest, found := find(args); found {
		return chosen.execute(ctx, rest, s)
	}
	c := &call{}
	flags := flag.NewFlagSet("openstack_cpi", flag.ContinueOnError)
	flags.SetOutput(s.logs)
	flags.Usage = func() { printUsage(s.logs, flags) }
	c.options(flags)
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case len(args) == 0 || flags.NArg() > 0:
		flags.Usage()
		return 2
	}
	if stdout, ok := s.out.(*os.File); ok && isClosed(stdout) {
		fmt.Fprintln(s.logs, "openstack_cpi: stdout is closed: the request is not carried out, because its answer cannot be delivered") //nolint:errcheck // there is no other place to report it
		return 1
	}
	return c.serve(ctx, s.in, s.out, s.logs)
}

// isClosed reports whether the process was started with the file closed. The Go
// runtime then opens /dev/null in its place, for reading and writing
// (runtime.checkfds), and every write seems to succeed. A shell that redirects
// to /dev/null opens it for writing only.
func isClosed(file *os.File) bool {
	opened, err := file.Stat()
	if err != nil {
		return true
	}
	null, err := os.Stat(os.DevNull)
	if err != nil || !os.SameFile(opened, null) {
		return false
	}
	_, err = file.Read(make([]byte, 1))
	return errors.Is(err, io.EOF)
}

// versionCommand prints the version.
type versionCommand struct{ out io.Writer }

func (*versionCommand) options(*flag.FlagSet) {}

func (c *versionCommand) run(_ context.Context, args []string) (int, error) {
	if len(args) > 0 {
		return 0, misuse("unknown argument %q", args[0])
	}
	_, err := fmt.Fprintf(c.out, "openstack_cpi %s (%s %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return 0, err
}
