//go:build !nocommands

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/doctor"
)

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

// runCommand executes a command for people, or says how the program is used, and
// returns the exit code.
func runCommand(ctx context.Context, args []string, s streams) int {
	if len(args) > 0 && args[0] == completeWord {
		return complete(args[1:], s.out)
	}
	if chosen, rest, found := find(args); found {
		return chosen.execute(ctx, rest, s)
	}
	flags := flag.NewFlagSet("openstack_cpi", flag.ContinueOnError)
	flags.SetOutput(s.logs)
	flags.Usage = func() { printUsage(s.logs, flags) }
	(&call{}).options(flags)
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err == nil && flags.NArg() > 0:
		fmt.Fprintf(s.logs, "openstack_cpi: %s\nSee openstack_cpi -help.\n", unknownCommand(flags.Arg(0))) //nolint:errcheck // there is no other place to report it
	case err == nil:
		flags.Usage()
	}
	return 2
}

// unknownCommand returns the error about a word that is no command.
func unknownCommand(word string) error {
	names := []string{}
	for _, c := range commands() {
		names = append(names, c.name)
	}
	if slices.Contains(methodNames(), word) {
		return misuse("%s is a method of the CPI: openstack_cpi call %s", word, word)
	}
	if near, ok := config.Nearest(word, names); ok {
		return misuse("unknown command %s; did you mean %s?", word, near)
	}
	return misuse("unknown command %s; commands: %s", word, strings.Join(names, ", "))
}

// versionCommand prints the version.
type versionCommand struct{ out io.Writer }

func (*versionCommand) options(*flag.FlagSet) {}

func (c *versionCommand) run(_ context.Context, args []string) (int, error) {
	if len(args) > 0 {
		return 0, misuse("unknown argument %q", args[0])
	}
	return 0, printVersion(c.out)
}
